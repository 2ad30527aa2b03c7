/** Runs checks over an input: problems noticed while reading plus what each check finds, one finding for one cause. */

import { compareDiagnostics, type Diagnostic, type Problem, type Severity } from '../diagnostics/diagnostic.js';
import { findIgnores, isIgnoredBy } from '../diagnostics/ignores.js';
import type { Input } from '../input/input.js';
import { nearest } from '../text/distance.js';
import { lineIndexAt, type Span } from '../text/source.js';
import type { Check } from './define.js';

export interface CheckSelection {
  /** Only these, when given. */
  readonly select?: ReadonlySet<string>;
  readonly ignore?: ReadonlySet<string>;
  readonly severities?: ReadonlyMap<string, Severity>;
  /** Comments that silence nothing are findings whatever the rest says, also those about checks that are not run. */
  readonly reportUnusedIgnores?: boolean;
}

/** Whether a check of this name is run. */
export function isRun(name: string, { select, ignore }: CheckSelection): boolean {
  return (select?.has(name) ?? true) && !(ignore?.has(name) ?? false);
}

/** A finding that a comment silences, with the reason the comment gives (empty when it gives none). */
export interface Silenced {
  readonly finding: Diagnostic;
  readonly reason: string;
}

/** What checks say of an input, each list in the order of places. */
export interface Judgement {
  readonly findings: readonly Diagnostic[];
  readonly silenced: readonly Silenced[];
}

/** Every finding of an input, those apart that a comment silences. */
export function judge(input: Input, checks: readonly Check[], selection: CheckSelection = {}): Judgement {
  const byName = new Map(checks.map((check) => [check.name, check]));
  const findings: Diagnostic[] = [];
  const wanted = (name: string): boolean => isRun(name, selection);
  const runs = (name: string): boolean => wanted(name) || (name === 'ignore-comment' && selection.reportUnusedIgnores === true);
  const add = (problem: Problem): void => {
    if (!runs(problem.check)) return;
    const check = byName.get(problem.check);
    findings.push({
      check: problem.check,
      severity: selection.severities?.get(problem.check) ?? problem.severity ?? check?.severity ?? 'error',
      message: problem.message,
      at: problem.at,
      labels: problem.labels ?? [],
      notes: problem.notes ?? [],
      fixes: input.fromXml === true ? [] : (problem.fixes ?? []),
      ...(problem.here === undefined ? {} : { here: problem.here }),
    });
  };
  for (const { problem } of input.problems) add(problem);
  for (const check of checks) if (check.find !== undefined && wanted(check.name)) for (const problem of check.find(input)) add(problem);
  const { kept, silenced } = separateIgnored(input, findings, byName, add, (name) => {
    if (wanted(name)) return `nothing here is a finding of \`${name}\`: the comment silences nothing`;
    return selection.reportUnusedIgnores === true ? `\`${name}\` is not run: the comment silences nothing` : undefined;
  });
  const files = new Map(input.sources.map((source, index) => [source, index]));
  const place = ({ at }: Diagnostic): number => files.get(at.source) ?? 0;
  const compare = (left: Diagnostic, right: Diagnostic): number => place(left) - place(right) || compareDiagnostics(left, right);
  kept.sort(compare);
  silenced.sort((left, right) => compare(left.finding, right.finding));
  return { findings: withoutRepeats(kept, (finding) => finding), silenced: withoutRepeats(silenced, ({ finding }) => finding) };
}

/**
 * Separates what a comment silences; a comment that silences nothing, gives no reason or names no check is a finding itself.
 * `unused` says what is wrong with a comment that silences nothing of a check, undefined when that is nothing to report.
 */
function separateIgnored(
  input: Input,
  findings: Diagnostic[],
  checks: ReadonlyMap<string, Check>,
  add: (problem: Problem) => void,
  unused: (check: string) => string | undefined,
): { readonly kept: Diagnostic[]; readonly silenced: Silenced[] } {
  const ignores = input.sources.flatMap(findIgnores);
  if (ignores.length === 0) return { kept: findings, silenced: [] };
  const used = new Set<string>();
  const silenced: Silenced[] = [];
  const longCommands = commandsOfSeveralLines(input);
  const kept = findings.filter((finding) => {
    const [first, last] = linesOf(longCommands, finding);
    const silencing = [...ignores.entries()].filter(
      ([, ignore]) => ignore.span.source === finding.at.source && isIgnoredBy(ignore, finding.check, first, last),
    );
    for (const [index] of silencing) used.add(`${String(index)} ${finding.check}`);
    if (silencing.length > 0) silenced.push({ finding, reason: silencing.find(([, { reason }]) => reason !== '')?.[1].reason ?? '' });
    return silencing.length === 0;
  });
  const before = findings.length;
  ignores.forEach((ignore, index) => {
    if (ignore.names.length === 0) {
      add({
        check: 'ignore-comment',
        at: ignore.span,
        message: 'the comment does not say which check to ignore',
        notes: [{ kind: 'do', text: 'write `# fwlint-ignore NAME: reason`' }],
      });
      return;
    }
    for (const name of ignore.names) {
      if (!checks.has(name)) {
        const close = nearest(name, checks.keys());
        const advice = close === undefined ? '' : `; did you mean \`${close}\`?`;
        add({ check: 'ignore-comment', at: ignore.span, message: `there is no check \`${name}\` to ignore${advice}` });
      } else if (!used.has(`${String(index)} ${name}`)) {
        const message = unused(name);
        if (message !== undefined) add({ check: 'ignore-comment', at: ignore.span, message });
      }
    }
    if (ignore.reason === '')
      add({
        check: 'ignore-comment',
        at: ignore.span,
        message: 'the comment gives no reason',
        notes: [{ kind: 'do', text: `write why: \`# fwlint-ignore ${ignore.names.join(', ')}: reason\`` }],
      });
  });
  return { kept: [...kept, ...findings.slice(before)], silenced };
}

/** Zero-based lines a span is on, the first and the last. */
function linesOfSpan({ source, start, end }: Span): readonly [number, number] {
  return [lineIndexAt(source, start), lineIndexAt(source, Math.max(start, end - 1))];
}

/** The spans of commands that go on over a line end: in dumps hardly any, so that to look through them for each finding takes no time. */
function commandsOfSeveralLines(input: Input): readonly Span[] {
  return input.commands.flatMap(({ at }) => {
    const [first, last] = linesOfSpan(at);
    return first === last ? [] : [at];
  });
}

/** The lines of a finding: those of its command, when it stands in one that is longer. */
function linesOf(longCommands: readonly Span[], { at }: Diagnostic): readonly [number, number] {
  let [first, last] = linesOfSpan(at);
  for (const command of longCommands) {
    if (command.source !== at.source || command.start > at.start || command.end < at.start) continue;
    const [from, to] = linesOfSpan(command);
    first = Math.min(first, from);
    last = Math.max(last, to);
  }
  return [first, last];
}

/** A loop or a variable makes many rules of one place: the same finding at the same place is one finding. */
function withoutRepeats<T>(items: readonly T[], findingOf: (item: T) => Diagnostic): readonly T[] {
  const seen = new Set<string>();
  return items.filter((item) => {
    const { check, at, message } = findingOf(item);
    const key = `${check}\u0000${at.source.name}\u0000${String(at.start)}\u0000${String(at.end)}\u0000${message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
