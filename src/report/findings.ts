/** What the formats print: the findings of files, and what they share in printing them. */

import type { Diagnostic, Severity } from '../diagnostics/diagnostic.js';
import type { Source } from '../text/source.js';

/** A finding that is not shown: a comment in the source silences it, or it stands in the baseline. */
export interface Suppressed {
  readonly finding: Diagnostic;
  readonly by: 'comment' | 'baseline';
  /** What the comment says; empty when it says nothing. */
  readonly reason: string;
}

/** The findings of one file. */
export interface FileFindings {
  readonly source: Source;
  readonly findings: readonly Diagnostic[];
  readonly suppressed?: readonly Suppressed[];
}

/** What printing for programs needs to know beside the findings. */
export interface Surroundings {
  /** Version of fwlint. */
  readonly version: string;
  /** The path other programs know a file by, from the name it has in findings: from the current folder where it is in it, with `/`. */
  readonly pathOf: (name: string) => string;
  /** Files that could not be read or written. */
  readonly unreadable: readonly { readonly name: string; readonly reason: string }[];
}

/** How many findings of each severity there are. */
export type Summary = Readonly<Record<Severity, number>>;

/** Counts findings. */
export function summarize(findings: readonly Diagnostic[]): Summary {
  const counts = { error: 0, warning: 0, info: 0, hint: 0 };
  for (const finding of findings) counts[finding.severity] += 1;
  return counts;
}

/** The message of a finding with its notes and repairs below it, for formats that have one text for all. */
export function fullMessage(finding: Diagnostic): string {
  const notes = finding.notes.map(({ kind, text }) => (kind === 'note' ? text : `${kind}: ${text}`));
  const fixes = finding.fixes.map(({ title, applicability }) => `fix${applicability === 'safe' ? '' : ` (${applicability})`}: ${title}`);
  return [finding.message, ...notes, ...fixes].join('\n');
}
