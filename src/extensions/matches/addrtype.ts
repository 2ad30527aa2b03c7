/** `-m addrtype`: whether an address is this host's own, broadcast, multicast … */

import { defineMatch, exact, flag, value, type GivenOf, type LoweredItem } from '../define.js';
import { addressTypes, lowerTypes4, lowerTypes6, NOT_IN_IPV6, type AddressTypeTest } from '../values/address-type.js';

const options = {
  'src-type': value(addressTypes, { invertible: true }),
  'dst-type': value(addressTypes, { invertible: true }),
  'limit-iface-in': flag(),
  'limit-iface-out': flag(),
};

type AddrtypeGiven = GivenOf<typeof options>;

function usesOutsideIpv6(given: AddrtypeGiven): boolean {
  return [given['src-type'], given['dst-type']].some((side) => side?.value.some((type) => NOT_IN_IPV6.includes(type)) === true);
}

export default defineMatch({
  name: 'addrtype',
  summary: 'what routing makes of an address: its own, broadcast, multicast, unreachable …',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    { kind: 'atLeastOne', of: ['src-type', 'dst-type'], says: 'addrtype: you must specify --src-type or --dst-type' },
    { kind: 'excludes', option: 'limit-iface-in', others: ['limit-iface-out'] },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given, { chain }) =>
        given['limit-iface-out'] !== undefined && given['limit-iface-in'] === undefined && (chain === 'PREROUTING' || chain === 'INPUT'),
      message: 'packets in PREROUTING and INPUT have no outgoing interface yet: `--limit-iface-out` cannot be used there',
      at: 'limit-iface-out',
      check: 'match-not-in-hook',
      says: 'xt_addrtype: output interface limitation not valid in PREROUTING and INPUT',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given, { chain }) =>
        given['limit-iface-in'] !== undefined && given['limit-iface-out'] === undefined && (chain === 'POSTROUTING' || chain === 'OUTPUT'),
      message: 'packets in POSTROUTING and OUTPUT have no incoming interface: `--limit-iface-in` cannot be used there',
      at: 'limit-iface-in',
      check: 'match-not-in-hook',
      says: 'xt_addrtype: input interface limitation not valid in POSTROUTING and OUTPUT',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given, { family }) => family === 'ip6' && usesOutsideIpv6(given),
      message: `IPv6 has no addresses of type ${NOT_IN_IPV6.join(', ')}`,
      check: 'family-mismatch',
    },
  ],
  toNft: (given, { family }) => {
    const limit = given['limit-iface-in'] !== undefined ? 'iif' : given['limit-iface-out'] !== undefined ? 'oif' : undefined;
    const items: LoweredItem[] = [];
    const differs = new Set<string>();
    for (const [option, field] of [
      ['src-type', 'saddr'],
      ['dst-type', 'daddr'],
    ] as const) {
      const side = given[option];
      if (side === undefined) continue;
      const test: AddressTypeTest = { field, types: side.value, negated: side.negated, ...(limit === undefined ? {} : { limit }) };
      if (family === 'ip') {
        items.push(...lowerTypes4(test));
        continue;
      }
      const lowered = lowerTypes6(test);
      if (lowered.items === undefined)
        return { kind: 'never', why: 'in IPv6 an address must be of all the types UNICAST, MULTICAST and UNSPEC that are listed, and is of one' };
      items.push(...lowered.items);
      for (const difference of lowered.differs) differs.add(difference);
    }
    return differs.size === 0 ? exact(items) : { kind: 'approximate', items, differs: [...differs].join('; ') };
  },
});
