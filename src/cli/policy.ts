/** `fwlint policy FILE…`: what the rate limits and defaults amount to, and with `--timeline` what becomes of clients that try. */

import { writeFileSync } from 'node:fs';

import { read } from '../lint/lint.js';
import { describeRuleset, printDescription } from '../policy/describe.js';
import { drawUp, type Timeline } from '../simulate/timeline.js';
import { readNamed, reasonOf } from './files.js';
import { filesOf, type InputOptions } from './input-options.js';
import { UsageProblem } from './options.js';
import { readingOptions } from './reading.js';
import { createPaint, usesColor, widthOf } from './terminal.js';
import { addressesFor, readTimeline } from './timeline.js';
import { drawPicture } from './timeline-svg.js';
import { printTimelines } from './timeline-text.js';
import { standardError, standardOutput } from './output.js';

export interface PolicyOptions extends InputOptions {
  readonly format: 'human' | 'json';
  /** When clients try. */
  readonly timeline?: string;
  /** Their addresses. */
  readonly source?: readonly string[];
  /** The file a picture goes to. */
  readonly svg?: string;
}

/** Runs the command; the result is the exit status. */
export function runPolicy(names: readonly string[], options: PolicyOptions): number {
  let status = 0;
  const documents: unknown[] = [];
  const sections: { readonly title: string; readonly text: string }[] = [];
  const drawn: Timeline[] = [];
  const { timeline, source = [], svg } = options;
  if (timeline === undefined && (svg !== undefined || source.length > 0))
    throw new UsageProblem(`--${svg === undefined ? 'source' : 'svg'} goes with --timeline, such as --timeline 'every 0.5s for 30s'`);
  const request = timeline === undefined ? undefined : readTimeline(timeline, source);
  const width = widthOf(standardOutput);
  const paint = createPaint(usesColor(options.color, standardOutput));
  const tasks = filesOf(names, options).map((file) => ({ ...file, reading: readingOptions(options, file.name) }));
  for (const { name, shown, reading } of tasks) {
    const result = readNamed(name, shown);
    if (result === undefined) {
      status = 2;
      continue;
    }
    const input = read(result.source, reading);
    if (input.runs.size === 0) standardError.write(`fwlint: ${shown}: there are no iptables rules in it\n`);
    for (const { ruleset } of input.runs.values()) {
      const description = describeRuleset(ruleset, input.target);
      const timelines = request === undefined ? undefined : drawUp(ruleset, request.sources, addressesFor(request, ruleset), input.target);
      const program = ruleset.family === 'ip' ? 'iptables' : 'ip6tables';
      if (timelines?.length === 0) standardError.write(`fwlint: ${shown}: the rules of ${program} limit nothing: there is no timeline\n`);
      drawn.push(...(timelines ?? []));
      documents.push({ file: shown, family: ruleset.family, ...description, ...(timelines === undefined ? {} : { timelines }) });
      sections.push({
        title: `${shown}, ${program}:`,
        text: timelines === undefined ? printDescription(description, width) : printTimelines(timelines, { width, paint }),
      });
    }
    const refused = [...input.runs.values()].reduce((count, run) => count + run.refused.size, 0);
    if (refused > 0) {
      const lint = name === '-' ? 'fwlint' : `fwlint ${shown}`;
      standardError.write(
        `fwlint: ${shown}: ${String(refused)} command${refused === 1 ? '' : 's'} left out because iptables refuses ${refused === 1 ? 'it' : 'them'}; \`${lint}\` says why\n`,
      );
      status = Math.max(status, 1);
    }
  }
  if (options.format === 'json') standardOutput.write(`${JSON.stringify({ version: 1, rulesets: documents }, undefined, 2)}\n`);
  else if (sections.length === 1) standardOutput.write(sections.map(({ text }) => text).join(''));
  else standardOutput.write(sections.map(({ title, text }) => `${title}\n\n${text}`).join('\n'));
  if (svg !== undefined && !writePicture(svg, drawn)) status = 2;
  return status;
}

/** Whether it could be written; why not is on standard error. */
function writePicture(name: string, timelines: readonly Timeline[]): boolean {
  try {
    writeFileSync(name, drawPicture(timelines));
    return true;
  } catch (error) {
    standardError.write(`fwlint: ${name}: ${reasonOf(error)}\n`);
    return false;
  }
}
