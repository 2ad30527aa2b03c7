/** Which rules limit, or count for a limit, and what keeps packets from them. */

import recent, { readRecent } from '../extensions/matches/recent.js';
import type { PlacedRule } from '../input/intended-ruleset.js';
import { givenTo, type Use } from '../iptables/command.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { effectOf, endedAbove, type FlowContext } from '../ruleset/flow.js';
import type { Rule } from '../ruleset/model.js';

/** Names of the matches that limit. */
export const LIMITING_MATCHES: readonly string[] = ['recent', 'limit', 'hashlimit', 'connlimit'];

/** The match that makes a rule part of a limit. */
export interface LimitingUse {
  readonly use: Use;
  /** The list of a `-m recent`. */
  readonly list?: string;
  /** It counts for a check elsewhere. */
  readonly counts: boolean;
}

/** What makes a rule part of a limit. Rules that only log, or that let in who knocked, are none. */
export function limitOf({ rule, context }: { readonly rule: Rule; readonly context: FlowContext }): LimitingUse | undefined {
  for (const use of rule.spec.matches) {
    if (!LIMITING_MATCHES.includes(use.extension.name)) continue;
    const effect = effectOf(context, rule);
    const given = givenTo(use, recent);
    if (given === undefined) {
      if (effect !== 'passes') return { use, counts: false };
      continue;
    }
    const read = readRecent(given, context.family);
    if (read?.operation === 'set') return { use, list: read.list, counts: true };
    if (read !== undefined && read.operation !== 'remove' && (effect === 'drops' || effect === 'decides' || effect === 'unknown'))
      return { use, list: read.list, counts: false };
  }
  return undefined;
}

/** The rule that accepts all packets of another before they come to it. */
export function acceptingAbove({ rule, chain, index, context }: PlacedRule): Rule | undefined {
  const end = endedAbove(context, chain, index, { all: conditionsOf(rule.spec, context.family).all, uncertain: false });
  return end !== undefined && effectOf(context, end.rule) === 'accepts' ? end.rule : undefined;
}
