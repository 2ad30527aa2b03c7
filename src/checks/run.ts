/** Runs checks over an input: problems noticed while reading plus what each check finds, one finding for one cause. */

import { compareDiagnostics, type Diagnostic, type Problem, type Severity } from '../diagnostics/diagnostic.js';
import { findIgnores, isIgnoredBy } from '../diagnostics/ignores.js';
import type { Input } from '../input/input.js';
import { lineIndexAt } from '../text/source.js';
import type { Check } from './define.js';

export interface CheckSelection {
  /** Only these, when given. */
  readonly select?: ReadonlySet<string>;
  readonly ignore?: ReadonlySet<string>;
  readonly severities?: ReadonlyMap<string, Severity>;
}

/** Every finding of an input, in the order of their places. */
export function runChecks(input: Input, checks: readonly Check[], selection: CheckSelection = {}): readonly Diagnostic[] {
  const byName = new Map(checks.map((check) => [check.name, check]));
  const findings: Diagnostic[] = [];
  const wanted = (name: string): boolean => (selection.select?.has(name) ?? true) && !(selection.ignore?.has(name) ?? false);
  const add = (problem: Problem): void => {
    if (!wanted(problem.check)) return;
    const check = byName.get(problem.check);
    findings.push({
      check: problem.check,
      severity: selection.severities?.get(problem.check) ?? problem.severity ?? check?.severity ?? 'error',
      message: problem.message,
      at: problem.at,
      labels: problem.labels ?? [],
      notes: problem.notes ?? [],
      fixes: problem.fixes ?? [],
      ...(problem.here === undefined ? {} : { here: problem.here }),
    });
  };
  for (const { problem } of input.problems) add(problem);
  for (const check of checks) if (check.find !== undefined && wanted(check.name)) for (const problem of check.find(input)) add(problem);
  const kept = withoutIgnored(input, findings, byName, wanted, add);
  kept.sort(compareDiagnostics);
  return withoutRepeats(kept);
}

/** Leaves out what a comment silences; a comment that silences nothing, gives no reason or names no check is a finding itself. */
function withoutIgnored(
  input: Input,
  findings: Diagnostic[],
  checks: ReadonlyMap<string, Check>,
  wanted: (name: string) => boolean,
  add: (problem: Problem) => void,
): Diagnostic[] {
  const ignores = findIgnores(input.source);
  if (ignores.length === 0) return findings;
  const used = new Set<string>();
  const kept = findings.filter((finding) => {
    const [first, last] = linesOf(input, finding);
    const silencing = [...ignores.keys()].filter((index) => {
      const ignore = ignores[index];
      return ignore !== undefined && isIgnoredBy(ignore, finding.check, first, last);
    });
    for (const index of silencing) used.add(`${String(index)} ${finding.check}`);
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
      if (!checks.has(name)) add({ check: 'ignore-comment', at: ignore.span, message: `there is no check \`${name}\` to ignore` });
      else if (wanted(name) && !used.has(`${String(index)} ${name}`))
        add({ check: 'ignore-comment', at: ignore.span, message: `nothing here is a finding of \`${name}\`: the comment silences nothing` });
    }
    if (ignore.reason === '')
      add({
        check: 'ignore-comment',
        at: ignore.span,
        message: 'the comment gives no reason',
        notes: [{ kind: 'do', text: `write why: \`# fwlint-ignore ${ignore.names.join(', ')}: reason\`` }],
      });
  });
  return [...kept, ...findings.slice(before)];
}

/** The lines of a finding: those of its command, when it stands in one. */
function linesOf(input: Input, finding: Diagnostic): readonly [number, number] {
  const { source } = input;
  let first = lineIndexAt(source, finding.at.start);
  let last = lineIndexAt(source, Math.max(finding.at.start, finding.at.end - 1));
  for (const command of input.commands) {
    if (command.at.source !== source || command.at.start > finding.at.start || command.at.end < finding.at.start) continue;
    first = Math.min(first, lineIndexAt(source, command.at.start));
    last = Math.max(last, lineIndexAt(source, Math.max(command.at.start, command.at.end - 1)));
  }
  return [first, last];
}

/** A loop or a variable makes many rules of one place: the same finding at the same place is one finding. */
function withoutRepeats(findings: readonly Diagnostic[]): readonly Diagnostic[] {
  const seen = new Set<string>();
  return findings.filter((finding) => {
    const key = `${finding.check}\u0000${String(finding.at.start)}\u0000${String(finding.at.end)}\u0000${finding.message}`;
    if (seen.has(key)) return false;
    seen.add(key);
    return true;
  });
}
