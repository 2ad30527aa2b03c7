/** `fwlint policy FILE…`: what the rate limits and defaults amount to. */

import { read } from '../api.js';
import { describeRuleset, printDescription } from '../policy/describe.js';
import { readNamed } from './files.js';
import { filesOf, type InputOptions } from './input-options.js';
import { readingOptions } from './reading.js';
import { widthOf } from './terminal.js';

export interface PolicyOptions extends InputOptions {
  readonly format: 'human' | 'json';
}

/** Runs the command; the result is the exit status. */
export function runPolicy(names: readonly string[], options: PolicyOptions): number {
  let status = 0;
  const documents: unknown[] = [];
  const sections: { readonly title: string; readonly text: string }[] = [];
  const tasks = filesOf(names, options).map((file) => ({ ...file, reading: readingOptions(options, file.name) }));
  for (const { name, shown, reading } of tasks) {
    const result = readNamed(name, shown);
    if (result === undefined) {
      status = 2;
      continue;
    }
    const input = read(result.source, reading);
    if (input.runs.size === 0) process.stderr.write(`fwlint: ${shown}: there are no iptables rules in it\n`);
    for (const { ruleset } of input.runs.values()) {
      const description = describeRuleset(ruleset, input.target);
      documents.push({ file: shown, family: ruleset.family, ...description });
      sections.push({
        title: `${shown}, ${ruleset.family === 'ip' ? 'iptables' : 'ip6tables'}:`,
        text: printDescription(description, widthOf(process.stdout)),
      });
    }
    const refused = [...input.runs.values()].reduce((count, run) => count + run.refused.size, 0);
    if (refused > 0) {
      const lint = name === '-' ? 'fwlint' : `fwlint ${shown}`;
      process.stderr.write(
        `fwlint: ${shown}: ${String(refused)} command${refused === 1 ? '' : 's'} left out because iptables refuses ${refused === 1 ? 'it' : 'them'}; \`${lint}\` says why\n`,
      );
      status = Math.max(status, 1);
    }
  }
  if (options.format === 'json') process.stdout.write(`${JSON.stringify({ version: 1, rulesets: documents }, undefined, 2)}\n`);
  else if (sections.length === 1) process.stdout.write(sections.map(({ text }) => text).join(''));
  else process.stdout.write(sections.map(({ title, text }) => `${title}\n\n${text}`).join('\n'));
  return status;
}
