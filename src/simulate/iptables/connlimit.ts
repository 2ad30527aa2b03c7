/** xt_connlimit: connections a host or network has open. (kernel: net/netfilter/xt_connlimit.c, nf_conncount.c) */

import type { ConnectionCount } from '../../extensions/matches/connlimit.js';
import { maskOf4, maskOf6 } from '../../net/address.js';
import { maskedKey, type Keyed } from '../packet.js';
import { countConnection, createCountedList, type CountedList, type Counting } from '../connections.js';

/** The connections one rule has counted, by address. */
export type ConnlimitState = Map<string, CountedList>;

/** Counts the packet's connection; whether the rule matches. (connlimit_mt) */
export function matchConnlimit(state: ConnlimitState, { above, count, prefix, side }: ConnectionCount, packet: Keyed, counting: Counting): boolean {
  const address = side === 'saddr' ? packet.source : packet.destination;
  const key = maskedKey(address, typeof address === 'number' ? maskOf4(prefix) : maskOf6(prefix));
  let list = state.get(key);
  if (list === undefined) {
    list = createCountedList(counting.tick);
    state.set(key, list);
  }
  return countConnection(list, counting) > count === above;
}

/** The same lists, to go on with apart. */
export function copyConnlimit(state: ConnlimitState): ConnlimitState {
  return new Map([...state].map(([key, list]) => [key, { ...list }]));
}
