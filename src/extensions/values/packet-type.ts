/** `--pkt-type`: for whom a packet was on the link. */

import type { ValueType } from '../define.js';
import { shown } from './number.js';

export type PacketType = 'unicast' | 'broadcast' | 'multicast' | 'otherhost';

const SPELLINGS: ReadonlyMap<string, PacketType> = new Map([
  ['unicast', 'unicast'],
  ['host', 'unicast'],
  ['broadcast', 'broadcast'],
  ['bcast', 'broadcast'],
  ['multicast', 'multicast'],
  ['mcast', 'multicast'],
  ['otherhost', 'otherhost'],
]);

/** Whatever the case of its letters, but never cut short. (iptables: extensions/libxt_pkttype.c) */
export const packetType: ValueType<PacketType> = {
  name: 'packet type',
  read: (text) => {
    const value = SPELLINGS.get(text.toLowerCase());
    if (value !== undefined) return { kind: 'read', value };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no packet type; there are ${[...SPELLINGS.keys()].join(', ')}`,
      says: `Bad packet type '${text}'`,
    };
  },
  print: (value) => value,
};
