/** Which matches and targets of an input nft has no equal for, taken by themselves; the translator looks at whole rulesets. */

import type { Lowering, NftContext } from '../extensions/define.js';
import { placedRules, type PlacedRule } from '../input/intended-ruleset.js';
import type { Input } from '../input/input.js';
import { usesOf, type Use } from '../iptables/command.js';
import { withFirstPackets } from '../ruleset/first-packets.js';
import { reachingHooks } from '../ruleset/jumps.js';
import { oncePer } from '../text/once-per.js';
import type { Span } from '../text/source.js';
import { wordsSpan } from '../text/word.js';

/** Uses of one match or target that fare alike. */
export interface CarriedUses {
  readonly kind: 'approximate' | 'unsupported';
  /** `-m u32`, `-j HMARK`. */
  readonly name: string;
  /** What differs, or why it cannot be said; one clause. */
  readonly reason: string;
  readonly places: readonly [Span, ...Span[]];
}

/** What nearly every ruleset uses, and nft says just the same; and sets, whose elements decide. */
const CARRIED: ReadonlySet<string> = new Set([
  ...['tcp', 'udp', 'icmp', 'icmp6', 'state', 'conntrack', 'multiport', 'comment', 'mark', 'addrtype', 'set', 'recent', 'hashlimit'],
  ...['ACCEPT', 'DROP', 'RETURN', 'REJECT', 'LOG', 'MARK', 'MASQUERADE', 'DNAT', 'SNAT', 'REDIRECT', 'SET'],
]);

/** The uses of an input that are not carried over as they are, the first place of each first. */
export const carriedUses = oncePer(find);

function find(input: Input): readonly CarriedUses[] {
  const uses = new Map<string, Omit<CarriedUses, 'places'> & { readonly places: [Span, ...Span[]] }>();
  for (const place of placedRules(input)) {
    for (const use of usesOf(place.rule.spec)) {
      if (CARRIED.has(use.extension.name) || use.unsettled.length > 0) continue;
      const lowering = lower(input, place, use);
      if (lowering.kind !== 'approximate' && lowering.kind !== 'unsupported') continue;
      const name = `${use.extension.kind === 'match' ? '-m' : '-j'} ${use.extension.name}`;
      const reason = lowering.kind === 'approximate' ? lowering.differs : lowering.reason;
      const at = wordsSpan(place.rule.command.words, use.first, use.last);
      const key = `${lowering.kind} ${name}`;
      const known = uses.get(key);
      if (known === undefined) uses.set(key, { kind: lowering.kind, name, reason, places: [at] });
      else known.places.push(at);
    }
  }
  return [...uses.values()];
}

function lower(input: Input, { rule, chain, index, context }: PlacedRule, use: Use): Lowering {
  const { protocol } = rule.spec.base.given as { readonly protocol?: { readonly value: number; readonly negated: boolean } };
  const asked: NftContext = {
    family: context.family,
    table: context.table.name,
    hooks: chain.hook === undefined ? (reachingHooks(context.table).get(chain) ?? []) : [chain.hook],
    target: input.target,
    freeName: (wanted) => wanted,
    chainName: (name) => name,
    ...(protocol === undefined ? {} : protocol.negated ? { protocolNegated: true } : { protocol: protocol.value }),
  };
  return use.extension.toNft(use.given, withFirstPackets(asked, context, chain, index, rule));
}
