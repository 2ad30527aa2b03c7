/** Lists of the headers of an IPv6 packet, by the names `-m ipv6header` has for them. */

import { protocolNumber } from '../../net/protocols.js';
import type { ValueResult, ValueType } from '../define.js';

/** In the order iptables-save prints them; `protocol` is anything that is none of the others. */
export const HEADERS = ['hop-by-hop', 'ipv6-opts', 'ipv6-route', 'ipv6-frag', 'ah', 'esp', 'ipv6-nonxt', 'protocol'] as const;
export type HeaderName = (typeof HEADERS)[number];

/** (iptables: extensions/libip6t_ipv6header.c, chain_protos and chain_flags) */
const SPELLINGS: ReadonlyMap<string, HeaderName> = new Map<string, HeaderName>([
  ...HEADERS.map((name): [string, HeaderName] => [name, name]),
  ['hop', 'hop-by-hop'],
  ['dst', 'ipv6-opts'],
  ['route', 'ipv6-route'],
  ['frag', 'ipv6-frag'],
  ['auth', 'ah'],
  ['none', 'ipv6-nonxt'],
  ['prot', 'protocol'],
]);

const BY_NUMBER: ReadonlyMap<number, HeaderName> = new Map<number, HeaderName>([
  [0, 'hop-by-hop'],
  [60, 'ipv6-opts'],
  [43, 'ipv6-route'],
  [44, 'ipv6-frag'],
  [51, 'ah'],
  [50, 'esp'],
  [59, 'ipv6-nonxt'],
  [255, 'protocol'],
]);

/** Names or protocol numbers between commas; empty items are passed over. (iptables: extensions/libip6t_ipv6header.c, parse_header) */
export const headerList: ValueType<readonly HeaderName[]> = {
  name: 'list of IPv6 headers',
  read: (text): ValueResult<readonly HeaderName[]> => {
    const given = new Set<HeaderName>();
    for (const item of text.split(',')) {
      if (item === '') continue;
      const number = /^\d+$/.test(item) ? Number(item) : protocolNumber(item);
      const name = SPELLINGS.get(item) ?? (number === undefined ? undefined : BY_NUMBER.get(number));
      if (name === undefined)
        return {
          kind: 'refused',
          by: 'iptables',
          message: `\`${item}\` is no header; there are ${HEADERS.join(', ')}`,
          says: `unknown header \`${number === undefined ? item : String(number)}' specified`,
        };
      given.add(name);
    }
    if (given.size === 0)
      return { kind: 'refused', by: 'iptables', message: 'no header is named', says: 'ip6t_ipv6header: cannot parse header names' };
    return { kind: 'read', value: HEADERS.filter((name) => given.has(name)) };
  },
  print: (names) => names.join(','),
};
