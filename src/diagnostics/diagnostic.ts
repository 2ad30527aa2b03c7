/** What a finding and a fix are. */

import type { Span } from '../text/source.js';

/** error: refused, lost or surely not what was meant; warning: very likely wrong; info and hint never fail a build. */
export type Severity = 'error' | 'warning' | 'info' | 'hint';

/**
 * safe: the loaded ruleset stays the same, or iptables refused the text and it has one reading.
 * unsafe: changes what the ruleset does, or guesses. suggestion: never applied unasked, shown only.
 */
export type Applicability = 'safe' | 'unsafe' | 'suggestion';

/** Replaces the text of a span; an empty span inserts. */
export interface Edit {
  readonly span: Span;
  readonly text: string;
}

/** A repair, applied whole or not at all. */
export interface Fix {
  /** Imperative, without a final period: `write "--dport"`. */
  readonly title: string;
  readonly applicability: Applicability;
  readonly edits: readonly [Edit, ...Edit[]];
}

/** A second place that matters for a finding, with a few words on why. */
export interface Label {
  readonly span: Span;
  readonly text: string;
}

/** A line below the frame. why: why it matters; do: what to do; note: anything else worth knowing. */
export interface Note {
  readonly kind: 'why' | 'do' | 'note';
  readonly text: string;
}

/** What a stage of reading noticed; the check of that name gives it a severity and an explanation. */
export interface Problem {
  /** Name of the check this is a finding of. */
  readonly check: string;
  /** One sentence, no final period, the user's text in backticks. */
  readonly message: string;
  readonly at: Span;
  /** A few words under the marked place. */
  readonly here?: string;
  readonly labels?: readonly Label[];
  /** More places of the same cause, too many to show; a note says how many. What else is wrong there follows from it. */
  readonly also?: readonly Span[];
  readonly notes?: readonly Note[];
  readonly fixes?: readonly Fix[];
  /** Replaces the check's own severity. */
  readonly severity?: Severity;
}

/** A finding. */
export interface Diagnostic {
  readonly check: string;
  readonly severity: Severity;
  readonly message: string;
  readonly at: Span;
  readonly here?: string;
  readonly labels: readonly Label[];
  readonly notes: readonly Note[];
  readonly fixes: readonly Fix[];
}

const RANK: Readonly<Record<Severity, number>> = { error: 3, warning: 2, info: 1, hint: 0 };

/** Whether `severity` is at or above `level`. */
export function isAtLeast(severity: Severity, level: Severity): boolean {
  return RANK[severity] >= RANK[level];
}

/** Orders findings of one file by place, then the worst first. */
export function compareDiagnostics(left: Diagnostic, right: Diagnostic): number {
  return (
    left.at.start - right.at.start || RANK[right.severity] - RANK[left.severity] || left.at.end - right.at.end || (left.check < right.check ? -1 : 1)
  );
}
