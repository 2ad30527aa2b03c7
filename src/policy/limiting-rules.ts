/** Which rules limit, or count for a limit, and what keeps packets from them. */

import recent, { readRecent } from '../extensions/matches/recent.js';
import type { PlacedRule } from '../input/intended-ruleset.js';
import { givenTo, type Use } from '../iptables/command.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { effectOf, endedAbove, endsChain, type FlowContext } from '../ruleset/flow.js';
import type { Rule } from '../ruleset/model.js';

/** Names of the matches that limit. */
export const LIMITING_MATCHES: readonly string[] = ['recent', 'limit', 'hashlimit', 'connlimit'];

/** The match of a rule that limits, or counts for a limit. Rules that only log are none. */
export function limitOf({
  rule,
  context,
}: {
  readonly rule: Rule;
  readonly context: FlowContext;
}): { readonly use: Use; readonly list?: string } | undefined {
  for (const use of rule.spec.matches) {
    const given = givenTo(use, recent);
    const read = given === undefined ? undefined : readRecent(given, context.family);
    if (read !== undefined && (read.operation === 'set' || endsChain(context, rule))) return { use, list: read.list };
    if (LIMITING_MATCHES.includes(use.extension.name) && read === undefined && (endsChain(context, rule) || effectOf(context, rule) === 'unknown'))
      return { use };
  }
  return undefined;
}

/** The rule that accepts all packets of another before they come to it. */
export function acceptingAbove({ rule, chain, index, context }: PlacedRule): Rule | undefined {
  const end = endedAbove(context, chain, index, { all: conditionsOf(rule.spec, context.family).all, uncertain: false });
  return end !== undefined && effectOf(context, end.rule) === 'accepts' ? end.rule : undefined;
}
