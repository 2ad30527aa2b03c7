/** `fwlint policy FILE…`: what the rate limits and defaults amount to, and with `--timeline` what becomes of clients that try. */

import { writeFileSync } from 'node:fs';

import { read } from '../lint/lint.js';
import { describeRuleset, printDescription, type RulesetDescription } from '../policy/describe.js';
import { drawUp, type Timeline } from '../simulate/timeline.js';
import { programOfFamily, type Family } from '../extensions/define.js';
import type { Input } from '../input/input.js';
import { readNamed, reasonOf } from './files.js';
import { filesOf, type InputOptions } from './input-options.js';
import { UsageProblem } from './options.js';
import { startProgress } from './progress.js';
import { readingOptions } from './reading.js';
import { createPaint, usesColor, widthOf } from './terminal.js';
import { addressesFor, readTimeline, type TimelineRequest } from './timeline.js';
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
export async function runPolicy(names: readonly string[], options: PolicyOptions): Promise<number> {
  const { timeline, source = [], svg } = options;
  if (timeline === undefined && (svg !== undefined || source.length > 0))
    throw new UsageProblem(`--${svg === undefined ? 'source' : 'svg'} goes with --timeline, such as --timeline 'every 0.5s for 30s'`);
  const request = timeline === undefined ? undefined : readTimeline(timeline, source);
  const tasks = filesOf(names, options).map((file) => ({ ...file, reading: readingOptions(options, file.name) }));
  const rulesets: DescribedRuleset[] = [];
  let status = 0;
  const progress = await startProgress(tasks.map(({ name }) => name));
  try {
    for (const { name, shown, reading } of tasks) {
      const result = readNamed(name, shown);
      if (result === undefined) status = 2;
      else {
        const input = read(result.source, reading);
        rulesets.push(...describeInput(input, shown, request));
        if (tellRefused(input, name, shown)) status = Math.max(status, 1);
      }
      progress.step();
    }
  } finally {
    progress.end();
  }
  standardOutput.write(options.format === 'json' ? printJson(rulesets) : printForPeople(rulesets, options));
  const drawn = rulesets.flatMap(({ timelines = [] }) => timelines);
  return svg !== undefined && !writePicture(svg, drawn) ? 2 : status;
}

/** What the rules of one family in one file amount to. */
interface DescribedRuleset {
  /** The name of the file for people. */
  readonly shown: string;
  readonly family: Family;
  readonly description: RulesetDescription;
  /** With --timeline: one for each limit. */
  readonly timelines?: readonly Timeline[];
}

/** Describes the rulesets of an input, and says on standard error where there is nothing to describe. */
function describeInput(input: Input, shown: string, request: TimelineRequest | undefined): readonly DescribedRuleset[] {
  if (input.runs.size === 0) standardError.write(`fwlint: ${shown}: there are no iptables rules in it\n`);
  return [...input.runs.values()].map(({ ruleset }) => {
    const { family } = ruleset;
    const described = { shown, family, description: describeRuleset(ruleset, input.target) };
    if (request === undefined) return described;
    const timelines = drawUp(ruleset, request.sources, addressesFor(request, ruleset), input.target);
    if (timelines.length === 0)
      standardError.write(`fwlint: ${shown}: the rules of ${programOfFamily(family)} limit nothing: there is no timeline\n`);
    return { ...described, timelines };
  });
}

/** Whether commands of an input are left out because iptables refuses them, which is said. */
function tellRefused(input: Input, name: string, shown: string): boolean {
  const refused = [...input.runs.values()].reduce((count, run) => count + run.refused.size, 0);
  if (refused === 0) return false;
  const lint = name === '-' ? 'fwlint' : `fwlint ${shown}`;
  const [commands, them] = refused === 1 ? ['command', 'it'] : ['commands', 'them'];
  standardError.write(`fwlint: ${shown}: ${String(refused)} ${commands} left out because iptables refuses ${them}; \`${lint}\` says why\n`);
  return true;
}

/** The form is described in docs/json-format.md. */
function printJson(rulesets: readonly DescribedRuleset[]): string {
  const documents = rulesets.map(({ shown, family, description, timelines }) => ({
    file: shown,
    family,
    ...description,
    ...(timelines === undefined ? {} : { timelines }),
  }));
  return `${JSON.stringify({ version: 1, rulesets: documents }, undefined, 2)}\n`;
}

/** One ruleset stands alone, several have titles. */
function printForPeople(rulesets: readonly DescribedRuleset[], options: PolicyOptions): string {
  const width = widthOf(standardOutput);
  const paint = createPaint(usesColor(options.color, standardOutput));
  const texts = rulesets.map(({ description, timelines }) =>
    timelines === undefined ? printDescription(description, width) : printTimelines(timelines, { width, paint }),
  );
  if (texts.length === 1) return texts.join('');
  return rulesets.map(({ shown, family }, index) => `${shown}, ${programOfFamily(family)}:\n\n${texts[index] ?? ''}`).join('\n');
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
