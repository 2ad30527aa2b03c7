/**
 * What `--fix` and `--fix --unsafe-fixes` promise, held against one input: they end, a second round changes nothing, every repair by
 * itself and all of them together bring no new error, safe ones keep the dump, and what was taken before still is.
 */

import { CHECKS, createSource, fix, lint, type Input, type LintResult, type Span } from '../../src/api.js';
import { applyFixes } from '../../src/diagnostics/apply-fixes.js';
import type { Applicability, Diagnostic, Edit, Fix } from '../../src/diagnostics/diagnostic.js';
import type { Command } from '../../src/iptables/command.js';
import type { DamagedInput } from './damaged-inputs.js';
import { faultsOfFixes } from './fixtures.js';

/** Passes after which a repair that has not come to rest is one that never does and is not made; `fix` itself takes as many. */
const MAX_PASSES = 20;

const SAFE: readonly Applicability[] = ['safe'];
const ALL: readonly Applicability[] = ['safe', 'unsafe'];

/** Checks of what one command says, without those around it. */
const OF_COMMANDS: ReadonlySet<string> = new Set(
  CHECKS.filter(({ category }) => ['lexical', 'syntax', 'validity', 'values'].includes(category)).map(({ name }) => name),
);

/** Checks of rules that are not compared with others: a name in them is not known (`--dport htttp`), or no packet is as they ask. */
const DOES_NOTHING: ReadonlySet<string> = new Set(['unresolved-name', 'wrong-icmp-protocol']);

/** What is wrong with the repairs of an input, in words, and the checks whose repairs were made in it, as by name. */
export interface JudgedFixes {
  readonly faults: readonly string[];
  readonly repaired: ReadonlySet<string>;
}

export function judgeFixes({ text, options }: DamagedInput): JudgedFixes {
  const source = createSource('input', text);
  const first = lint(source, options);
  const settled = { ...options, kind: first.input.kind };
  const faults = [...faultsOfFixes(text, first.input, first.findings, options)];
  const repaired = new Set<string>();
  for (const allowed of [SAFE, ALL]) {
    const fault = (what: string, shown: string): void => void faults.push(`${allowed.join(' and ')}: ${what}\n--- text\n${shown}`);
    const passes: (readonly Edit[])[] = [];
    /** Checks whose repairs `fix` does not make, because they never come to rest. */
    const restless = new Set<string>();
    let result = first;
    let current = source;
    for (;;) {
      const { applied, text: next } = applyFixes(
        current,
        result.findings.filter(({ check }) => !restless.has(check)),
        allowed,
      );
      if (applied.length === 0 || next === current.text) break;
      if (passes.length === MAX_PASSES) {
        for (const { diagnostic } of applied) restless.add(diagnostic.check);
        passes.length = 0;
        result = first;
        current = source;
        continue;
      }
      for (const { diagnostic } of applied) repaired.add(diagnostic.check);
      const edits = editsOf(applied);
      passes.push(edits);
      current = createSource(source.name, next);
      const after = lint(current, settled);
      if (allowed === SAFE && countTaken(after.input) + countInTheWay(result, after, edits) < countTaken(result.input))
        fault('fewer commands are taken', next);
      result = after;
    }
    for (const { check, message } of newErrors(first, result, passes)) fault(`a repair brings an error: ${check}: ${message}`, current.text);
    const again = fix(current, allowed, settled).source.text;
    if (again !== current.text) fault('a second round changes the text', again);
    if (fix(source, allowed, options).source.text !== current.text) fault('fix makes another text', current.text);
  }
  return { faults, repaired };
}

/** Commands that iptables would take. */
function countTaken(input: Input): number {
  const refused = refusedOf(input);
  return input.commands.filter((command) => isTaken(command, refused)).length;
}

/**
 * Commands that are refused for a command that is only now taken, which a label of the error shows: a chain is not deleted while a rule
 * is in it that had a misspelt target.
 */
function countInTheWay(before: LintResult, after: LintResult, edits: readonly Edit[]): number {
  const refused = refusedOf(before.input);
  const broken = before.input.commands.filter((command) => command.at.source === before.input.source && !isTaken(command, refused));
  const isOfBroken = (span: Span): boolean => {
    const [start, end] = rangeBefore([edits], span.start, span.end);
    return span.source === after.input.source && broken.some(({ at }) => at.start < end && start < at.end);
  };
  const errors = after.findings.filter(({ severity, labels }) => severity === 'error' && labels.some(({ span }) => isOfBroken(span)));
  return [...refusedOf(after.input)].filter(({ at: command }) =>
    errors.some(({ at }) => at.source === command.source && command.start <= at.start && at.end <= command.end),
  ).length;
}

function refusedOf(input: Input): ReadonlySet<Command> {
  return new Set([...input.runs.values()].flatMap((run) => [...run.refused]));
}

function isTaken(command: Command, refused: ReadonlySet<Command>): boolean {
  return command.kind !== 'malformed' && !command.refused && !refused.has(command);
}

function editsOf(applied: readonly { readonly fix: Fix }[]): readonly Edit[] {
  return applied.flatMap(({ fix: made }) => made.edits).sort((left, right) => left.span.start - right.span.start || left.span.end - right.span.end);
}

/** The range of the text before all passes that became `start` to `end`. */
function rangeBefore(passes: readonly (readonly Edit[])[], start: number, end: number): readonly [number, number] {
  const through = (offset: number, atEnd: boolean): number => passes.reduceRight((place, edits) => offsetBefore(edits, place, atEnd), offset);
  return [through(start, false), through(end, true)];
}

/** Where the text before some edits, in order, holds what stands at `offset` behind them; all of an edit's text is one place. */
function offsetBefore(edits: readonly Edit[], offset: number, atEnd: boolean): number {
  let shift = 0;
  for (const { span, text } of edits) {
    const from = span.start + shift;
    if (from > offset || (from === offset && atEnd && text !== '')) break;
    if (offset < from + text.length || (atEnd && offset === from + text.length)) return atEnd ? span.end : span.start;
    shift += text.length - (span.end - span.start);
  }
  return offset - shift;
}

/**
 * The errors that repairs brought. Of each check the errors are counted; where there are more than before, one that stood at the same
 * place before is none of them, and one is excused: an error of a command that was not taken before, because iptables reports one mistake
 * of a command at a time and the next one is seen when that is mended, or one that speaks of such a command by a label (`-N` twice: the
 * first of them is only now one). An error of commands that were all taken before, or of lines that no repair has touched and that no
 * command stands on, was made by the repairs. What one pass brings and the next one mends was never seen by anybody.
 */
function newErrors(before: LintResult, after: LintResult, passes: readonly (readonly Edit[])[]): readonly Diagnostic[] {
  const earlier = errorsByCheck(before);
  const { source } = before.input;
  // In a file that is only read the same words may be wrong by the name of another check: a list that is not filled, and one that never was.
  const elsewhere = before.findings.filter(({ at, severity }) => severity === 'error' && at.source !== source);
  const refused = refusedOf(before.input);
  // What has one reading is read on, though iptables refuses it: `-dport`.
  const broken = before.findings.filter(({ check, severity }) => (severity === 'error' && OF_COMMANDS.has(check)) || DOES_NOTHING.has(check));
  const own = before.input.commands.filter(({ at }) => at.source === source);
  const taken = new Set(
    own.filter(
      (command) =>
        isTaken(command, refused) && !broken.some(({ at }) => at.source === source && at.start < command.at.end && command.at.start < at.end),
    ),
  );
  // A repair that writes several commands anew is one place: one of them that was not taken is enough.
  const isOfTaken = ([start, end]: readonly [number, number]): boolean => {
    const there = own.filter(({ at }) => at.start < end && start < at.end);
    return there.length > 0 && there.every((command) => taken.has(command));
  };
  const isUncovered = (span: Span): boolean => {
    const [from, to] = linesAround(after.input.source.text, [span.start, span.end]);
    const commands = after.input.commands.filter(({ at }) => at.source === span.source && at.start <= to && from <= at.end);
    if (commands.length > 0) return commands.some(({ at }) => !isOfTaken(rangeBefore(passes, at.start, at.end)));
    const lines = linesAround(source.text, rangeBefore(passes, span.start, span.end));
    return source.text.slice(...lines) !== after.input.source.text.slice(from, to) && !isOfTaken(lines);
  };
  const found: Diagnostic[] = [];
  for (const [check, errors] of errorsByCheck(after)) {
    const old = earlier.get(check) ?? [];
    if (errors.length <= old.length) continue;
    for (const error of errors) {
      const [start, end] = rangeBefore(passes, error.at.start, error.at.end);
      if (old.some(({ at }) => at.source.name === error.at.source.name && at.start <= end && start <= at.end)) continue;
      if (elsewhere.some(({ at }) => at.source === error.at.source && at.start === error.at.start && at.end === error.at.end)) continue;
      const spans = [error.at, ...error.labels.map(({ span }) => span)].filter((span) => span.source === after.input.source);
      if (!spans.some(isUncovered)) found.push(error);
    }
  }
  return found;
}

function linesAround(text: string, [start, end]: readonly [number, number]): readonly [number, number] {
  const close = text.indexOf('\n', end);
  return [text.lastIndexOf('\n', start - 1) + 1, close === -1 ? text.length : close];
}

function errorsByCheck({ findings }: LintResult): ReadonlyMap<string, readonly Diagnostic[]> {
  const errors = new Map<string, Diagnostic[]>();
  for (const finding of findings) {
    if (finding.severity !== 'error') continue;
    const same = errors.get(finding.check);
    if (same === undefined) errors.set(finding.check, [finding]);
    else same.push(finding);
  }
  return errors;
}
