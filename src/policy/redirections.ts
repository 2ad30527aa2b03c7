/** Rules that give connections another destination, and what their packets look like before and after. */

import { isCertain, type Outcomes } from '../analysis/outcomes.js';
import { boxContains, type Box, type Dimension } from '../analysis/packet-set.js';
import type { Ranges } from '../analysis/ranges.js';
import { boxOf } from '../analysis/rule-set.js';
import type { NatPorts, NatRange } from '../extensions/values/nat-range.js';
import { placedRules, type PlacedRule } from '../input/intended-ruleset.js';
import type { Input } from '../input/input.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { effectOf } from '../ruleset/flow.js';
import type { Rule } from '../ruleset/model.js';
import { oncePer } from '../text/once-per.js';
import { FROM_OUTSIDE, fromFarAway, IS_NEW, IS_SYN, outcomesOf, type FilterTable } from './filter-tables.js';
import { packetsOfRule } from './packets-of-rule.js';
import { unreachedRuleSet } from './unreached-rules.js';

/** A DNAT or REDIRECT in PREROUTING, or in a chain that one jump from there leads to. */
export interface Redirection {
  readonly place: PlacedRule;
  /** Packets it takes, as they come in. */
  readonly before: Box;
  /** The same packets as the filter table sees them. */
  readonly after: Box;
  /** They go to another host, not to this one. */
  readonly toHost: boolean;
  /** The rule may take fewer packets than `before` says. */
  readonly uncertain: boolean;
}

/** The rules of an input that change destinations of packets from outside. */
export const redirections = oncePer((input: Input): readonly Redirection[] => {
  const unreached = unreachedRuleSet(input);
  return placedRules(input).flatMap((place) => (unreached.has(place.rule) ? [] : readRedirection(place)));
});

function readRedirection(place: PlacedRule): readonly Redirection[] {
  const { rule, chain, context } = place;
  const { action } = rule.spec;
  if (context.table.name !== 'nat' || action?.kind !== 'target' || chain.hook === 'OUTPUT' || action.use.unsettled.length > 0) return [];
  const { name } = action.use.extension;
  if (name !== 'DNAT' && name !== 'REDIRECT') return [];
  const packets = packetsOfRule(place);
  if (packets === undefined) return [];
  const { box: before, uncertain } = packets;
  const range: NatRange =
    name === 'DNAT'
      ? ((action.use.given['to-destination']?.value as NatRange | undefined) ?? {})
      : ({ ports: action.use.given['to-ports']?.value as NatPorts | undefined } as NatRange);
  const after = new Map<Dimension, Ranges>(before);
  const address: Dimension = context.family === 'ip' ? 'destination' : 'destination6';
  after.delete(address);
  // What is known about the packet by words only may not be true any more.
  for (const dimension of before.keys()) if (dimension.startsWith('text:')) after.delete(dimension);
  const { addresses, ports } = range;
  if (addresses !== undefined)
    after.set(address, context.family === 'ip' ? [Number(addresses.from), Number(addresses.to) + 1] : [addresses.from, addresses.to + 1n]);
  if (ports !== undefined) after.set('destination port', [ports.from, ports.to + 1]);
  const toHost = name === 'DNAT' && addresses !== undefined && !isLoopback(addresses.from, context.family);
  return [{ place, before, after, toHost, uncertain }];
}

function isLoopback(address: bigint, family: 'ip' | 'ip6'): boolean {
  return family === 'ip' ? address >> 24n === 127n : address === 1n;
}

/** What becomes of the first packets of redirected connections in the filter table. */
export function outcomesAfter(table: FilterTable, { before, after, toHost }: Redirection): Outcomes | undefined {
  const chain = table.chainOf(toHost ? 'FORWARD' : 'INPUT');
  if (chain === undefined) return undefined;
  // Behind a named interface may be a network of the author's own.
  const far = before.has('source') || before.has('source6') || before.has('in') ? [] : fromFarAway(table.family);
  return outcomesOf(table, chain, before.has('in') ? [] : FROM_OUTSIDE, far, IS_NEW, IS_SYN, [...after]);
}

/** The rule of the filter table that accepts what the client asked for, where what it has become is dropped. */
export function ruleForOldDestination(table: FilterTable, redirection: Redirection): Rule | undefined {
  if (redirection.uncertain) return undefined;
  const outcomes = outcomesAfter(table, redirection);
  if (outcomes === undefined || !isCertain(outcomes, 'dropped')) return undefined;
  return table.chainOf(redirection.toHost ? 'FORWARD' : 'INPUT')?.rules.find((rule) => {
    const own = boxOf(conditionsOf(rule.spec, table.family));
    return own !== undefined && effectOf(table.context, rule) === 'accepts' && asksForOld(own, redirection.before);
  });
}

const DESTINATION: readonly Dimension[] = ['destination', 'destination6', 'destination port'];

/** Whether a rule asks for a destination that the packets had before, and for no other. */
function asksForOld(own: Box, before: Box): boolean {
  const asked = DESTINATION.filter((dimension) => own.has(dimension));
  const only = (box: Box): Box => new Map(asked.flatMap((dimension) => (box.has(dimension) ? [[dimension, box.get(dimension) ?? []] as const] : [])));
  return asked.length > 0 && asked.every((dimension) => before.has(dimension)) && boxContains(only(before), only(own));
}
