/** How often each check has found something. */

import type { Diagnostic, Severity } from '../diagnostics/diagnostic.js';

/** The findings of one check, counted. */
export interface CheckCount {
  readonly check: string;
  /** The worst of them. */
  readonly severity: Severity;
  readonly count: number;
  /** How many of them have a fix that --fix makes, and how many of the rest one that --unsafe-fixes makes. */
  readonly safe: number;
  readonly unsafe: number;
}

const WORST_FIRST: readonly Severity[] = ['error', 'warning', 'info', 'hint'];

/** Counts by check: the most frequent first, then by name. */
export function countByCheck(findings: readonly Diagnostic[]): readonly CheckCount[] {
  const groups = new Map<string, Diagnostic[]>();
  for (const finding of findings) {
    const group = groups.get(finding.check);
    if (group === undefined) groups.set(finding.check, [finding]);
    else group.push(finding);
  }
  return [...groups]
    .map(([check, group]): CheckCount => {
      const hasFix = (finding: Diagnostic, applicability: string): boolean => finding.fixes.some((fix) => fix.applicability === applicability);
      const safe = group.filter((finding) => hasFix(finding, 'safe')).length;
      const unsafe = group.filter((finding) => !hasFix(finding, 'safe') && hasFix(finding, 'unsafe')).length;
      const severity = WORST_FIRST.find((candidate) => group.some((finding) => finding.severity === candidate)) ?? 'hint';
      return { check, severity, count: group.length, safe, unsafe };
    })
    .sort((left, right) => right.count - left.count || (left.check < right.check ? -1 : 1));
}

/** A line for each check: how many, how bad, which, and how many --fix would repair. */
export function printStatistics(counts: readonly CheckCount[]): string {
  const width = Math.max(0, ...counts.map(({ count }) => String(count).length));
  const name = Math.max(0, ...counts.map(({ check }) => check.length));
  return counts
    .map(({ check, severity, count, safe, unsafe }) => {
      const repairs = [...(safe > 0 ? [`${String(safe)} with --fix`] : []), ...(unsafe > 0 ? [`${String(unsafe)} with --unsafe-fixes`] : [])];
      return `${`${String(count).padStart(width)}  ${severity.padEnd(7)}  ${check.padEnd(name)}  ${repairs.join(', ')}`.trimEnd()}\n`;
    })
    .join('');
}
