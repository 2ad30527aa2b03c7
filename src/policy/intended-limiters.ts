/** The rate limits of the ruleset that an input means, with what every check says about them. */

import type { Input } from '../input/input.js';
import { intendedRulesets } from '../input/intended-ruleset.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { endedAbove, seesOnlyNew } from '../ruleset/flow.js';
import { oncePer } from '../text/once-per.js';
import { findLimiters, type Limiter, type RecentLimiter } from './limiters.js';

/** All limiters of both families. */
export const intendedLimiters = oncePer((input: Input): readonly Limiter[] =>
  intendedRulesets(input).flatMap(({ ruleset }) => findLimiters(ruleset, input.target)),
);

/** Those of `-m recent` that some packet comes to. */
export function intendedRecentLimiters(input: Input): readonly RecentLimiter[] {
  return intendedLimiters(input)
    .filter((limiter) => limiter.kind === 'recent')
    .filter(({ table, family, chain, index, rule }) => {
      const asked = { all: conditionsOf(rule.spec, family).all, uncertain: false };
      return endedAbove({ table, family }, chain, index, asked) === undefined;
    });
}

/** What a limiter of `-m recent` counts: connections if it sees first packets only, else packets. */
export function countedBy(limiter: RecentLimiter): 'connection' | 'packet' {
  if (limiter.cutsOpen) return 'connection';
  const { table, family, chain, index } = limiter;
  const before = conditionsOf(limiter.rule.spec, family, { before: limiter.match });
  const icmp = before.all.some(
    (condition) => condition.kind === 'icmpType' || (condition.kind === 'protocol' && (condition.number === 1 || condition.number === 58)),
  );
  return !icmp && seesOnlyNew({ table, family }, chain, index, before) ? 'connection' : 'packet';
}

/** `26 connections`, `1 packet`. */
export function counted(count: number, limiter: RecentLimiter): string {
  return `${String(count)} ${countedBy(limiter)}${count === 1 ? '' : 's'}`;
}

/** `in 5 s`; `in all` when stamps never grow too old. */
export function windowOf({ use }: RecentLimiter): string {
  return use.seconds === undefined ? 'in all' : `in ${String(use.seconds)} s`;
}

/** `dropped`, `refused`: what happens to those above the limit. */
export function blockedBy({ rule }: RecentLimiter): string {
  const { action } = rule.spec;
  return action?.kind === 'target' && action.use.extension.name === 'REJECT' ? 'refused' : 'dropped';
}
