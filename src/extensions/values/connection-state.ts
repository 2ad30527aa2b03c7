/** What conntrack knows about a packet: states and statuses, in iptables and in nft. */

import { binary, compare, ct, list, match, number, setOf, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { nameList } from './name-list.js';

/** The states of a packet, and the two of its connection that stand in the same list. */
export type State = 'INVALID' | 'NEW' | 'RELATED' | 'ESTABLISHED' | 'UNTRACKED' | 'SNAT' | 'DNAT';

const PACKET_STATES = ['INVALID', 'NEW', 'RELATED', 'ESTABLISHED', 'UNTRACKED'] as const;

/** States of packets that belong to no connection. */
const WITHOUT_CONNECTION = ['INVALID', 'UNTRACKED'] as const;
const WITH_CONNECTION = ['NEW', 'RELATED', 'ESTABLISHED'] as const;

/** The value type of `--state`. (iptables: extensions/libxt_conntrack.c, state_parse_states) */
export const states = nameList<State>({
  name: 'connection state',
  names: PACKET_STATES,
  check: 'bad-state',
  says: (rest) => (rest === '' ? '"--state" requires a list of states with no spaces, e.g. ESTABLISHED,RELATED' : `Bad state "${rest}"`),
});

/** The value type of `--ctstate`. (iptables: extensions/libxt_conntrack.c, conntrack_ps_states) */
export const ctStates = nameList<State>({
  name: 'connection state',
  names: [...PACKET_STATES, 'SNAT', 'DNAT'],
  check: 'bad-state',
  says: (rest) => `Bad ctstate "${rest}"`,
});

export type Status = 'NONE' | 'EXPECTED' | 'SEEN_REPLY' | 'ASSURED' | 'CONFIRMED';

/** The value type of `--ctstatus`. (iptables: extensions/libxt_conntrack.c, conntrack_ps_statuses) */
export const statuses = nameList<Status>({
  name: 'connection status',
  names: ['NONE', 'EXPECTED', 'SEEN_REPLY', 'ASSURED', 'CONFIRMED'],
  check: 'bad-state',
  says: (rest) => `Bad ctstatus "${rest}"`,
  nothing: 'NONE',
});

const lowerCaseName = (name: string): Expr => symbol(name.toLowerCase().replace('_', '-'));

/** `ct state a,b`, or `ct state != { a, b }`: a packet has exactly one state, so the set says the same as the list. */
function stateTest(among: readonly State[], negated: boolean): Statement {
  return negated ? match(ct('state'), setOf(among.map(lowerCaseName)), true) : match(ct('state'), list(among.map(lowerCaseName)));
}

/** `ct status a,b`: some of the flags is set. Negated: none is. Packets without a connection pass neither. */
export function statusTest(among: readonly string[], negated: boolean): Statement {
  const flags = among.map(lowerCaseName);
  if (!negated) return match(ct('status'), list(flags));
  return compare(
    binary(
      ct('status'),
      '&',
      flags.reduce((left, right) => binary(left, '|', right)),
    ),
    '==',
    number(0),
  );
}

/**
 * The alternatives, of which at most one holds, for a list of states together with `others`, the tests of the same `-m conntrack` that ask
 * the connection; undefined when no connection passes them. A packet without connection is only asked for its state: the kernel skips the rest.
 * (kernel: net/netfilter/xt_conntrack.c, conntrack_mt)
 */
export function lowerStates(given: readonly State[], negated: boolean, others: readonly Statement[] | undefined): readonly (readonly Statement[])[] {
  const nat = given.filter((state) => state === 'SNAT' || state === 'DNAT');
  const listed = given.filter((state) => state !== 'SNAT' && state !== 'DNAT');
  const connected = WITH_CONNECTION.filter((state) => listed.includes(state));
  const unconnected = WITHOUT_CONNECTION.filter((state) => listed.includes(state) !== negated);
  const everyConnected = connected.length === WITH_CONNECTION.length;
  if (others?.length === 0) {
    if (nat.length === 0) return [[stateTest(listed, negated)]];
    if (!negated && listed.length === 0) return [[statusTest(nat, false)]];
    if (!negated)
      return everyConnected ? [[stateTest(listed, false)]] : [[stateTest(listed, false)], [stateTest(listed, true), statusTest(nat, false)]];
  }
  const alternatives: (readonly Statement[])[] = [];
  const butConnected = connected.length === 0 ? [] : [stateTest(connected, true)];
  if (others !== undefined && negated && !everyConnected)
    alternatives.push([...butConnected, ...(nat.length === 0 ? [] : [statusTest(nat, true)]), ...others]);
  if (others !== undefined && !negated && connected.length > 0) alternatives.push([stateTest(connected, false), ...others]);
  if (others !== undefined && !negated && nat.length > 0 && !everyConnected) alternatives.push([...butConnected, statusTest(nat, false), ...others]);
  if (unconnected.length > 0) alternatives.push([stateTest(unconnected, false)]);
  return alternatives;
}
