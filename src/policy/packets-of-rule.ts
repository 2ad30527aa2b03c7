/** Which packets a rule in its place is asked for. */

import { intersectBoxes, type Box } from '../analysis/packet-set.js';
import { boxOf } from '../analysis/rule-set.js';
import type { PlacedRule } from '../input/intended-ruleset.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { entryConditions } from '../ruleset/flow.js';

export interface PacketsOfRule {
  readonly box: Box;
  /** The rule may take fewer packets than `box` says. */
  readonly uncertain: boolean;
}

/** What a rule asks, with what the one jump to its chain asks; undefined where several jumps, or none, lead there, and where no packet is like that. */
export function packetsOfRule({ rule, chain, context }: PlacedRule): PacketsOfRule | undefined {
  const entry = entryConditions(context, chain);
  if (entry === undefined) return undefined;
  const conditions = conditionsOf(rule.spec, context.family);
  const own = boxOf(conditions);
  const outer = boxOf(entry);
  const box = own === undefined || outer === undefined ? undefined : intersectBoxes(own, outer);
  return box === undefined ? undefined : { box, uncertain: conditions.uncertain || entry.uncertain };
}
