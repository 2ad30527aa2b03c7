/** Compiles `-m recent` with the whole ruleset in view. */

import recent from '../../extensions/matches/recent.js';
import type { NftContext, Target } from '../../extensions/define.js';
import { givenTo } from '../../iptables/command.js';
import type { NamedSet, NftChain, NftRule } from '../../nft/ir.js';
import type { Rule, Ruleset, Table } from '../../ruleset/model.js';
import type { RuleOutcome } from '../report.js';
import type { LoweredParts } from '../rule.js';

export interface RecentOptions {
  readonly rates: 'meter' | 'exact';
  readonly target: Target;
  readonly freeName: (wanted: string) => string;
}

/** What a rule with `-m recent` became. */
export interface CompiledRule {
  readonly outcome: RuleOutcome;
  readonly rules: readonly NftRule[];
  readonly chains: readonly NftChain[];
}

export interface RecentPlan {
  /** Whether a rule has a `-m recent`. */
  readonly concerns: (rule: Rule) => boolean;
  readonly compile: (rule: Rule, parts: LoweredParts, context: NftContext) => CompiledRule;
  /** After the last rule was compiled. */
  readonly sets: readonly NamedSet[];
  readonly chains: readonly NftChain[];
}

export function planRecent(_ruleset: Ruleset, _table: Table, _options: RecentOptions): RecentPlan {
  return {
    concerns: (rule) => rule.spec.matches.some((use) => givenTo(use, recent) !== undefined),
    compile: () => ({ outcome: { kind: 'unsupported', reason: 'recent is not compiled yet' }, rules: [], chains: [] }),
    sets: [],
    chains: [],
  };
}
