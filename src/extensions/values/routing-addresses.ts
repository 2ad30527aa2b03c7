/** Lists of IPv6 addresses in a routing header. */

import { formatIp6, parseIp6 } from '../../net/address.js';
import type { ValueResult, ValueType } from '../define.js';

/** The most addresses of a list. (iptables: include/linux/netfilter_ipv6/ip6t_rt.h, IP6T_RT_HOPS) */
const MOST = 16;

/** Addresses between commas, as numbers of 128 bits. (iptables: extensions/libip6t_rt.c, parse_addresses) */
export const routingAddresses: ValueType<readonly bigint[]> = {
  name: 'list of IPv6 addresses',
  read: (text): ValueResult<readonly bigint[]> => {
    const items = text.split(',');
    const addresses: bigint[] = [];
    for (const item of items.slice(0, MOST)) {
      const address = parseIp6(item);
      if (address === undefined)
        return {
          kind: 'refused',
          by: 'iptables',
          check: 'invalid-address-or-mask',
          message: item === '' ? 'an address is empty' : `\`${item}\` is no IPv6 address`,
          says: `bad address: ${item}`,
        };
      addresses.push(address);
    }
    if (items.length > MOST)
      return {
        kind: 'refused',
        by: 'iptables',
        message: `the list takes ${String(MOST)} addresses, not ${String(items.length)}`,
        says: 'too many addresses specified',
      };
    return { kind: 'read', value: addresses };
  },
  print: (addresses) => addresses.map(formatIp6).join(','),
};
