/** What became of each rule of the input: carried over exactly, approximately, or not. */

import type { Command } from '../iptables/command.js';
import type { Rule } from '../ruleset/model.js';
import type { Span } from '../text/source.js';

export type Carried = 'exact' | 'approximate' | 'unsupported';

/** One rule or command, and why it is not exact. */
export interface ReportItem {
  readonly kind: Carried;
  /** Where the rule stands in the input. */
  readonly at: Span;
  /** The rule as iptables-save prints it, or the command as written. */
  readonly rule: string;
  /** For approximate: how it differs, with bounds. For unsupported: why. */
  readonly reason?: string;
  readonly instead?: string;
  readonly command: Command | undefined;
  /** The command never became part of a ruleset: iptables refuses it, or fwlint cannot read it. */
  readonly refused?: true;
}

/** The report of one translation. */
export interface TranslationReport {
  readonly total: number;
  readonly exact: number;
  readonly approximate: number;
  readonly unsupported: number;
  /** The approximate and unsupported ones, in input order. */
  readonly items: readonly ReportItem[];
  /** Things that changed without changing behaviour: renamed chains, shortened comments. */
  readonly remarks: readonly string[];
}

/** What lowering one rule gave. */
export type RuleOutcome =
  | { readonly kind: 'exact' }
  | { readonly kind: 'approximate'; readonly differs: string }
  | { readonly kind: 'unsupported'; readonly reason: string; readonly instead?: string };

/** The outcome that counts when several parts of a rule have one each. */
export function worse(left: RuleOutcome, right: RuleOutcome): RuleOutcome {
  if (left.kind === 'unsupported') return left;
  if (right.kind === 'unsupported') return right;
  if (left.kind === 'approximate' && right.kind === 'approximate') return { kind: 'approximate', differs: `${left.differs}; ${right.differs}` };
  return left.kind === 'approximate' ? left : right;
}

/** The outcome of each rule of a ruleset. */
export type Outcomes = ReadonlyMap<Rule, RuleOutcome>;
