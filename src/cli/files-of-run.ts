/** What a run found in each file: a script and the files it sources come apart, and a file that several scripts source comes together. */

import { resolve } from 'node:path';

import type { LintResult } from '../lint/lint.js';
import { compareDiagnostics, type Diagnostic } from '../diagnostics/diagnostic.js';
import type { Suppressed } from '../report/findings.js';
import type { Linted } from './baseline.js';

export interface FileOfRun extends Linted {
  /** Nobody named it: a script sources it. */
  readonly sourced: boolean;
}

/** The findings of one input, each with its file. `runs`: which checks were run. */
export function findingsByFile({ input, findings, silenced }: LintResult, runs: Linted['runs']): readonly FileOfRun[] {
  const suppressed = silenced.map(({ finding, reason }): Suppressed => ({ finding, by: 'comment', reason }));
  if (input.sources.length === 1) return [{ source: input.source, findings, suppressed, runs, sourced: false }];
  return input.sources.map((source) => ({
    source,
    findings: findings.filter(({ at }) => at.source === source),
    suppressed: suppressed.filter(({ finding }) => finding.at.source === source),
    runs,
    sourced: source !== input.source,
  }));
}

/** One entry for each file. Where a file was repaired after a script that sources it was looked at, only what is said of the repaired text counts. */
export function joinFiles(files: readonly FileOfRun[]): readonly FileOfRun[] {
  if (!files.some(({ sourced }) => sourced)) return files;
  const groups = new Map<string, FileOfRun[]>();
  for (const file of files) {
    const path = resolve(file.source.name);
    groups.set(path, [...(groups.get(path) ?? []), file]);
  }
  return [...groups.values()].flatMap((group) => {
    const main = group.find(({ sourced }) => !sourced) ?? group[0];
    if (main === undefined || group.length === 1) return group;
    const same = [main, ...group.filter((file) => file !== main && file.source.text === main.source.text)];
    const findings = withoutRepeats(
      same.flatMap((file) => file.findings),
      (finding) => finding,
    );
    const suppressed = withoutRepeats(
      same.flatMap((file) => file.suppressed ?? []),
      ({ finding }) => finding,
    );
    return [{ ...main, findings, suppressed }];
  });
}

function withoutRepeats<T>(items: readonly T[], findingOf: (item: T) => Diagnostic): readonly T[] {
  const unique = new Map<string, T>();
  for (const item of items) {
    const { check, at, message } = findingOf(item);
    const key = [check, String(at.start), String(at.end), message].join('\0');
    if (!unique.has(key)) unique.set(key, item);
  }
  return [...unique.values()].sort((left, right) => compareDiagnostics(findingOf(left), findingOf(right)));
}
