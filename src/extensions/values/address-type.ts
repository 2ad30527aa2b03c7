/** `-m addrtype`: what routing makes of an address. */

import { match, number, payload, setOf, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import type { LoweredItem } from '../define.js';
import { nameList } from './name-list.js';

/** In the order of the kernel's route types. (kernel: include/uapi/linux/netfilter/xt_addrtype.h; include/uapi/linux/rtnetlink.h) */
const TYPES = [
  'UNSPEC',
  'UNICAST',
  'LOCAL',
  'BROADCAST',
  'ANYCAST',
  'MULTICAST',
  'BLACKHOLE',
  'UNREACHABLE',
  'PROHIBIT',
  'THROW',
  'NAT',
  'XRESOLVE',
] as const;

export type AddressType = (typeof TYPES)[number];

/** The value type of `--src-type` and `--dst-type`. (iptables: extensions/libxt_addrtype.c, parse_types) */
export const addressTypes = nameList<AddressType>({
  name: 'address type',
  names: TYPES,
  check: 'invalid-value',
  says: (rest) => (rest.includes(',') ? `addrtype: bad type \`${rest}'` : `addrtype: bad type "${rest}"`),
});

/** Types the kernel refuses for IPv6. (kernel: net/netfilter/xt_addrtype.c, addrtype_mt_checkentry_v1) */
export const NOT_IN_IPV6: readonly AddressType[] = ['BROADCAST', 'BLACKHOLE', 'PROHIBIT', 'THROW', 'NAT', 'XRESOLVE'];

/** One side of the match. */
export interface AddressTypeTest {
  readonly field: 'saddr' | 'daddr';
  readonly types: readonly AddressType[];
  readonly negated: boolean;
  /** Only addresses of this interface count. */
  readonly limit?: 'iif' | 'oif';
}

/** nft has no names for the last three. */
function typeExpr(type: AddressType): Expr {
  const place = TYPES.indexOf(type);
  return place > TYPES.indexOf('PROHIBIT') ? number(place) : symbol(type.toLowerCase());
}

function fibType({ field, limit }: AddressTypeTest): Expr {
  return { kind: 'fib', flags: limit === undefined ? [field] : [field, limit], result: 'type' };
}

/** IPv4: one of the types is the address's. (kernel: xt_addrtype.c and nft_fib_ipv4.c both ask inet_dev_addr_type) */
export function lowerTypes4(test: AddressTypeTest): readonly LoweredItem[] {
  return [match(fibType(test), setOf(test.types.map(typeExpr)), test.negated)];
}

/** Addresses that IPv6 does not call unicast: unspecified, IPv4-mapped, multicast. (kernel: net/ipv6/addrconf_core.c, __ipv6_addr_type) */
const NOT_UNICAST: Expr = {
  kind: 'set',
  elements: [symbol('::'), { kind: 'prefix', address: '::ffff:0.0.0.0', length: 96 }, { kind: 'prefix', address: 'ff00::', length: 8 }],
};

/** What becomes of the test of one IPv6 address. */
export interface LoweredTypes6 {
  /** Absent when no address passes. */
  readonly items?: readonly LoweredItem[];
  /** How routing may give nft another answer than iptables. */
  readonly differs: readonly string[];
}

/** nft asks for the route of a link-local address on the interface of the packet; iptables asks for any. (kernel: nft_fib_ipv6.c, nft_fib6_flowi_init) */
const LINK_LOCAL = 'a link-local address of this host counts as local only in packets of the interface that has it, not on `lo` for instance';
const POLICY_ROUTING =
  'where `ip -6 rule` chooses routes by the other address or the protocol of a packet, nft takes that into account and iptables does not';

/**
 * IPv6: unlike in IPv4, UNICAST, MULTICAST and UNSPEC must each be true of the address as it is written, and of LOCAL, ANYCAST and UNREACHABLE
 * one must be what routing says. (kernel: net/netfilter/xt_addrtype.c, match_type6 and match_lookup_rt6; net/ipv6/netfilter/nft_fib_ipv6.c)
 */
export function lowerTypes6(test: AddressTypeTest): LoweredTypes6 {
  const { types, negated } = test;
  const address = payload('ip6', test.field);
  const has = (type: AddressType): boolean => types.includes(type);
  const differs = [
    ...(has('LOCAL') && test.limit === undefined ? [LINK_LOCAL] : []),
    ...(has('ANYCAST') || has('UNREACHABLE') ? [POLICY_ROUTING] : []),
  ];
  const conflict = Number(has('UNICAST')) + Number(has('MULTICAST')) + Number(has('UNSPEC')) > 1;
  if (conflict) return negated ? { items: [], differs: [] } : { differs: [] };
  const tests: { readonly holds: Statement; readonly fails: Statement }[] = [];
  if (has('UNICAST')) tests.push({ holds: match(address, NOT_UNICAST, true), fails: match(address, NOT_UNICAST) });
  if (has('MULTICAST')) {
    const multicast: Expr = { kind: 'prefix', address: 'ff00::', length: 8 };
    tests.push({ holds: match(address, multicast), fails: match(address, multicast, true) });
  }
  if (has('UNSPEC')) tests.push({ holds: match(address, symbol('::')), fails: match(address, symbol('::'), true) });
  const routed: Expr[] = [];
  if (has('LOCAL')) routed.push(symbol('local'));
  if (has('ANYCAST')) routed.push(symbol('anycast'));
  if (has('UNREACHABLE')) routed.push(symbol('unreachable'), symbol('blackhole'), symbol('prohibit'));
  if (routed.length > 0) {
    const fib = fibType(test);
    tests.push({ holds: match(fib, setOf(routed)), fails: match(fib, setOf(routed), true) });
  }
  if (!negated) return { items: tests.map(({ holds }) => holds), differs };
  const [only] = tests;
  if (only !== undefined && tests.length === 1) return { items: [only.fails], differs };
  const alternatives = tests.map(({ fails }, index) => [...tests.slice(0, index).map(({ holds }) => holds), fails]);
  return { items: [{ kind: 'anyOf', alternatives }], differs };
}
