/** Baselines: findings that were there before fwlint was, so that only new ones count. */

import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { lineOfFinding } from '../diagnostics/identity.js';

/** Findings of one check on lines of one text, in one file. Moved lines change nothing. */
interface Entry {
  readonly check: string;
  /** The text of the line, without blanks at its ends. */
  readonly line: string;
  readonly count: number;
}

/** What a baseline holds, by the path of the file from the folder of the baseline, with `/`. */
export type Baseline = ReadonlyMap<string, readonly Entry[]>;

export type BaselineResult = { readonly kind: 'baseline'; readonly baseline: Baseline } | { readonly kind: 'problem'; readonly reason: string };

const NO_BASELINE = 'is no baseline; fwlint writes one with --update-baseline';

/** Reads the text of a baseline. */
export function parseBaseline(text: string): BaselineResult {
  let data: unknown;
  try {
    data = JSON.parse(text);
  } catch {
    return { kind: 'problem', reason: NO_BASELINE };
  }
  if (!isObject(data) || !isObject(data['files'])) return { kind: 'problem', reason: NO_BASELINE };
  if (data['version'] !== 1) return { kind: 'problem', reason: 'is a baseline of another version of fwlint; --update-baseline writes it anew' };
  const baseline = new Map<string, readonly Entry[]>();
  for (const [path, list] of Object.entries(data['files'])) {
    if (!Array.isArray(list)) return { kind: 'problem', reason: NO_BASELINE };
    const entries: Entry[] = [];
    for (const item of list as readonly unknown[]) {
      if (!isObject(item)) return { kind: 'problem', reason: NO_BASELINE };
      const { check, line, count } = item;
      if (typeof check !== 'string' || typeof line !== 'string' || !Number.isInteger(count)) return { kind: 'problem', reason: NO_BASELINE };
      entries.push({ check, line, count: count as number });
    }
    baseline.set(path, entries);
  }
  return { kind: 'baseline', baseline };
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The text of a baseline: sorted, an entry a line, so that versions of it are easily compared and merged. */
export function printBaseline(baseline: Baseline): string {
  const files = [...baseline]
    .filter(([, entries]) => entries.length > 0)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([path, entries]) => {
      const sorted = [...entries].sort((left, right) => (keyOf(left.check, left.line) < keyOf(right.check, right.line) ? -1 : 1));
      const lines = sorted.map(({ check, line, count }) => `      ${JSON.stringify({ check, line, count })}`);
      return `    ${JSON.stringify(path)}: [\n${lines.join(',\n')}\n    ]`;
    });
  return `{\n  "version": 1,\n  "files": {${files.length === 0 ? '' : `\n${files.join(',\n')}\n  `}}\n}\n`;
}

/** What a baseline has to hold so that these findings of one file are left out. */
export function entriesOf(findings: readonly Diagnostic[]): readonly Entry[] {
  const entries = new Map<string, Entry>();
  for (const finding of findings) {
    const line = lineOfFinding(finding);
    const key = keyOf(finding.check, line);
    entries.set(key, { check: finding.check, line, count: (entries.get(key)?.count ?? 0) + 1 });
  }
  return [...entries.values()];
}

const keyOf = (check: string, line: string): string => `${check}\0${line}`;

/** The findings of one file, apart: those that are new, those that the baseline holds, and how many it holds that are gone. */
export interface Compared {
  readonly added: readonly Diagnostic[];
  readonly known: readonly Diagnostic[];
  readonly gone: number;
}

/** Compares the findings of a file with what a baseline holds of it. Of more findings of one kind than it holds, the last are new. */
export function compareWithBaseline(findings: readonly Diagnostic[], entries: readonly Entry[]): Compared {
  const left = new Map(entries.map(({ check, line, count }) => [keyOf(check, line), count]));
  const added: Diagnostic[] = [];
  const known: Diagnostic[] = [];
  for (const finding of findings) {
    const key = keyOf(finding.check, lineOfFinding(finding));
    const count = left.get(key) ?? 0;
    if (count > 0) left.set(key, count - 1);
    (count > 0 ? known : added).push(finding);
  }
  return { added, known, gone: [...left.values()].reduce((sum, count) => sum + count, 0) };
}
