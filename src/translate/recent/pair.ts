/**
 * The two-rule limits everybody writes: one rule asks how often an address was seen and stops it, the other stamps, both for the same packets.
 * Only these can be said in nft in a simpler way than stamp by stamp.
 */

import { conditionsOf, areDisjoint, covers } from '../../ruleset/conditions.js';
import { effectOf, type FlowContext } from '../../ruleset/flow.js';
import { printUse } from '../../iptables/print.js';
import type { Use } from '../../iptables/command.js';
import type { Family } from '../../extensions/define.js';
import type { Rule } from '../../ruleset/model.js';
import type { RecentLimiter, RecentPlace } from '../../policy/limiters.js';

/** A check and the set it counts with. */
export interface Pair {
  readonly check: RecentLimiter;
  readonly set: RecentPlace;
  /** Tries let through at once, and in any `seconds`. */
  readonly lets: number;
  readonly seconds: number;
  /** Stamps a blocked try leaves. 0: a sliding window over the tries let through; 1: over all tries; 2: as with 1, blocked ones twice. */
  readonly stampsWhenBlocked: 0 | 1 | 2;
  /** The target takes the tries below the limit, not those above it. */
  readonly admits: boolean;
}

/** Reads a check as one half of a pair. Undefined when anything else uses the list, or the rules are not for the same packets. */
export function pairOf(check: RecentLimiter, placesOfList: number, family: Family): Pair | undefined {
  const { use, lets } = check;
  const [set, ...more] = check.others;
  if (set === undefined || more.length > 0 || placesOfList !== 2) return undefined;
  if (use.seconds === undefined || lets === undefined) return undefined;
  // `! --rcheck … -j ACCEPT` behind a set: lets through what is below the limit.
  const admits = check.effect === 'admits' && use.negated && use.operation === 'rcheck' && set.when === 'before';
  if (!admits && (check.effect !== 'blocks' || use.negated)) return undefined;
  if (set.use.operation !== 'set' || set.use.negated || set.counts !== 'all' || set.use.side !== use.side) return undefined;
  if (set.table !== check.table || set.chain !== check.chain || (set.ends && set.when === 'before')) return undefined;
  if (!isLastMatch(check, set) || !isLastMatch(set, check)) return undefined;
  // RETURN has to leave the chain the rule stands in, which a pair jumps from.
  const { action } = check.rule.spec;
  if (action?.kind === 'target' && action.use.extension.flow === 'returns') return undefined;
  const stamps = check.stampsWhenBlocked;
  if (stamps !== 0 && stamps !== 1 && stamps !== 2) return undefined;
  const pair: Pair = { check, set, lets, seconds: use.seconds, stampsWhenBlocked: stamps, admits };
  if (set.rule === check.rule) return set.when === 'before' ? pair : undefined;
  if (!samePackets(check.rule, set.rule, check.match, set.match, family)) return undefined;
  return nothingBetween(check, set, family) ? pair : undefined;
}

/** Whether nothing but comments, and the other half, stands behind a match in its rule. */
function isLastMatch(place: RecentPlace, other: RecentPlace): boolean {
  const { matches } = place.rule.spec;
  const behind = matches.slice(matches.indexOf(place.match) + 1);
  return behind.every((match) => match.extension.name === 'comment' || match === other.match);
}

function samePackets(left: Rule, right: Rule, leftMatch: Use, rightMatch: Use, family: Family): boolean {
  const one = conditionsOf(left.spec, family, { without: leftMatch });
  const other = conditionsOf(right.spec, family, { without: rightMatch });
  if (covers(one, other) && covers(other, one)) return true;
  // What fwlint does not understand still is the same when it is said in the same words, and counts nothing.
  const words = (rule: Rule, without: Use): string | undefined => {
    const uses = [rule.spec.base, ...rule.spec.matches.filter((match) => match !== without && match.extension.name !== 'comment')];
    if (uses.some((match) => match.extension.stateful === true || match.unsettled.length > 0)) return undefined;
    return uses.map((match) => [match.extension.name, ...printUse(match, family)].join(' ')).join('\\n');
  };
  const leftWords = words(left, leftMatch);
  return leftWords !== undefined && leftWords === words(right, rightMatch);
}

/** Whether every packet that passes the first of two rules of a chain comes to the second. */
function nothingBetween(check: RecentPlace, set: RecentPlace, family: Family): boolean {
  const context: FlowContext = { table: check.table, family };
  const asked = conditionsOf(check.rule.spec, family, { without: check.match });
  const certain = { all: asked.all, uncertain: false };
  const [from, to] = [Math.min(check.index, set.index), Math.max(check.index, set.index)];
  return check.chain.rules
    .slice(from + 1, to)
    .every((rule) => effectOf(context, rule) === 'passes' || areDisjoint(conditionsOf(rule.spec, family), certain));
}
