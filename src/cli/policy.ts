/** `fwlint policy FILE…`: what the rate limits and defaults amount to. */

import { read } from '../api.js';
import { describeRuleset, printDescription } from '../policy/describe.js';
import { readSource } from './files.js';
import { filesOf, readingOptions, type InputOptions } from './shared.js';
import { widthOf } from './terminal.js';

export interface PolicyOptions extends InputOptions {
  readonly format: 'human' | 'json';
}

/** Runs the command; the result is the exit status. */
export function runPolicy(names: readonly string[], options: PolicyOptions): number {
  let status = 0;
  const documents: unknown[] = [];
  for (const { name, shown } of filesOf(names, options)) {
    const result = readSource(name, shown);
    if (result.kind === 'problem') {
      process.stderr.write(`fwlint: ${result.problem.name}: ${result.problem.reason}\n`);
      status = 2;
      continue;
    }
    const input = read(result.source, readingOptions(options, name));
    for (const run of input.runs.values()) {
      const description = describeRuleset(run.ruleset, options.target);
      if (options.format === 'json') documents.push({ file: shown, family: run.ruleset.family, ...description });
      else process.stdout.write(printDescription(description, widthOf(process.stdout)));
    }
    const refused = [...input.runs.values()].reduce((count, run) => count + run.refused.size, 0);
    if (refused > 0) {
      process.stderr.write(
        `fwlint: ${shown}: ${String(refused)} command${refused === 1 ? '' : 's'} left out because iptables refuses them; \`fwlint ${shown}\` says why\n`,
      );
      status = Math.max(status, 1);
    }
  }
  if (options.format === 'json') process.stdout.write(`${JSON.stringify({ version: 1, rulesets: documents }, undefined, 2)}\n`);
  return status;
}
