/** Matches that look at the packet alone, and count nothing. */

import { base } from '../../extensions/base.js';
import addrtype from '../../extensions/matches/addrtype.js';
import conntrack from '../../extensions/matches/conntrack.js';
import icmp from '../../extensions/matches/icmp.js';
import icmp6 from '../../extensions/matches/icmp6.js';
import hl from '../../extensions/matches/hl.js';
import iprange from '../../extensions/matches/iprange.js';
import length from '../../extensions/matches/length.js';
import mark from '../../extensions/matches/mark.js';
import multiport from '../../extensions/matches/multiport.js';
import pkttype from '../../extensions/matches/pkttype.js';
import state from '../../extensions/matches/state.js';
import tcp from '../../extensions/matches/tcp.js';
import ttl from '../../extensions/matches/ttl.js';
import udp from '../../extensions/matches/udp.js';
import type { Given, GivenOf, MatchDefinition } from '../../extensions/define.js';
import type { AddressType } from '../../extensions/values/address-type.js';
import type { State } from '../../extensions/values/connection-state.js';
import type { HopTest } from '../../extensions/values/hop-count.js';
import type { IcmpType } from '../../extensions/values/icmp-type.js';
import type { InterfaceName } from '../../extensions/values/interface.js';
import { SYN } from '../../extensions/values/tcp-flags.js';
import { givenTo, type Use } from '../../iptables/command.js';
import type { Network } from '../../net/address.js';
import type { Address, SimulatedPacket } from '../packet.js';

/** Whether a match holds; `unknown` when this simulator cannot tell. */
export type Answer = boolean | 'unknown';

/** A packet with what targets changed about it; what is no longer known is absent. */
export interface PacketInRules extends Omit<SimulatedPacket, 'source' | 'destination' | 'inInterface' | 'outInterface' | 'mark' | 'ttl'> {
  readonly source: Address | undefined;
  readonly destination: Address | undefined;
  /** Absent where the hook does not know it. */
  readonly inInterface: string | undefined;
  readonly outInterface: string | undefined;
  /** NAT changed an address or a port. */
  readonly isTranslated: boolean;
  /** NAT changed the ports, nobody knows to which. */
  readonly portsUnknown: boolean;
  readonly mark: number | undefined;
  readonly ttl: number | undefined;
}

/** An answer turned round by `!`. */
function turned(answer: Answer, negated: boolean): Answer {
  return answer === 'unknown' ? answer : answer !== negated;
}

/** All of several answers. */
function every(answers: readonly Answer[]): Answer {
  if (answers.includes(false)) return false;
  return answers.includes('unknown') ? 'unknown' : true;
}

/** What is asked, if it is; true when nothing is. */
function asked<V>(given: Given<V> | undefined, holds: (value: V) => Answer): Answer {
  return given === undefined ? true : turned(holds(given.value), given.negated);
}

function isInNetwork(address: Address | undefined, network: Network): Answer {
  if (address === undefined) return network.kind === 'ip' ? network.mask === 0 || 'unknown' : network.mask === 0n || 'unknown';
  if (network.kind === 'ip') return typeof address === 'number' && ((address ^ network.address) & network.mask) === 0;
  return typeof address === 'bigint' && ((address ^ network.address) & network.mask) === 0n;
}

function some(answers: readonly Answer[]): Answer {
  if (answers.includes(true)) return true;
  return answers.includes('unknown') ? 'unknown' : false;
}

/** A packet that comes in has no name of an interface it leaves by, which then is the empty one. */
function isInterface(name: string | undefined, { name: wanted, wildcard }: InterfaceName): boolean {
  return wildcard ? (name ?? '').startsWith(wanted) : (name ?? '') === wanted;
}

interface Range {
  readonly from: number;
  readonly to: number;
}

function isInRange(value: number | undefined, { from, to }: Range): boolean {
  return value !== undefined && from <= value && value <= to;
}

/** One of the ports in one of the ranges. */
function hasPort(packet: PacketInRules, ports: readonly (number | undefined)[], ranges: readonly Range[]): Answer {
  if (packet.portsUnknown) return 'unknown';
  return ports.some((port) => ranges.some((range) => isInRange(port, range)));
}

function isType(packet: PacketInRules, { type, code }: IcmpType): Answer {
  if (type === 'any') return true;
  return packet.icmp?.type === type && (code === undefined || isInRange(packet.icmp.code, code));
}

function isInState(packet: PacketInRules, states: readonly State[]): Answer {
  if (states.some((name) => name === packet.state)) return true;
  // Of the connections of later packets it is not known whether they are translated.
  return (states.includes('SNAT') || states.includes('DNAT')) && (packet.isTranslated || packet.state !== 'NEW') ? 'unknown' : false;
}

/** The options of a match and what they ask of a packet. */
interface PlainMatch {
  readonly name: string;
  readonly asks: (use: Use, packet: PacketInRules) => Answer | undefined;
}

function plain<O>(extension: MatchDefinition<O>, asks: (given: GivenOf<O>, packet: PacketInRules) => Answer): PlainMatch {
  return {
    name: extension.name,
    asks: (use, packet) => {
      const given = givenTo(use, extension);
      return given === undefined ? undefined : asks(given, packet);
    },
  };
}

const PLAIN: ReadonlyMap<string, PlainMatch> = new Map(
  [
    plain(base, (given, packet) =>
      every([
        asked(given.source, (networks) => some(networks.map((network) => isInNetwork(packet.source, network)))),
        asked(given.destination, (networks) => some(networks.map((network) => isInNetwork(packet.destination, network)))),
        asked(given['in-interface'], (name) => isInterface(packet.inInterface, name)),
        asked(given['out-interface'], (name) => isInterface(packet.outInterface, name)),
        asked(given.protocol, (protocol) => protocol === 0 || packet.protocol === protocol),
        // Fragments are put together before they come to rules, where connections are tracked.
        asked(given.fragment, () => false),
      ]),
    ),
    plain(tcp, (given, packet) =>
      every([
        asked(given['source-port'], (range) => hasPort(packet, [packet.sourcePort], [range])),
        asked(given['destination-port'], (range) => hasPort(packet, [packet.destinationPort], [range])),
        asked(given['tcp-flags'], ({ mask, set }) => ((packet.tcpFlags ?? 0) & mask) === set),
        asked(given.syn, () => ((packet.tcpFlags ?? 0) & SYN.mask) === SYN.set),
        given['tcp-option'] === undefined ? true : 'unknown',
      ]),
    ),
    plain(udp, (given, packet) =>
      every([
        asked(given['source-port'], (range) => hasPort(packet, [packet.sourcePort], [range])),
        asked(given['destination-port'], (range) => hasPort(packet, [packet.destinationPort], [range])),
      ]),
    ),
    plain(multiport, (given, packet) =>
      every([
        asked(given['source-ports'], (ranges) => hasPort(packet, [packet.sourcePort], ranges)),
        asked(given['destination-ports'], (ranges) => hasPort(packet, [packet.destinationPort], ranges)),
        asked(given.ports, (ranges) => hasPort(packet, [packet.sourcePort, packet.destinationPort], ranges)),
      ]),
    ),
    plain(icmp, (given, packet) => asked(given['icmp-type'], (type) => isType(packet, type))),
    plain(icmp6, (given, packet) => asked(given['icmpv6-type'], (type) => isType(packet, type))),
    plain(state, (given, packet) => asked(given.state, (states) => isInState(packet, states))),
    plain(conntrack, ({ ctstate, ...others }, packet) =>
      every([asked(ctstate, (states) => isInState(packet, states)), Object.keys(others).length === 0 ? true : 'unknown']),
    ),
    plain(mark, (given, packet) =>
      asked(given.mark, ({ value, mask }) => (packet.mark === undefined ? 'unknown' : (packet.mark & mask) >>> 0 === value)),
    ),
    plain(iprange, (given, packet) =>
      every([
        asked(given['src-range'], ({ from, to }) => (packet.source === undefined ? 'unknown' : isBetween(packet.source, from, to))),
        asked(given['dst-range'], ({ from, to }) => (packet.destination === undefined ? 'unknown' : isBetween(packet.destination, from, to))),
      ]),
    ),
    plain(addrtype, (given, packet) =>
      given['limit-iface-in'] !== undefined || given['limit-iface-out'] !== undefined || packet.isTranslated
        ? 'unknown'
        : every([
            asked(given['src-type'], (types) => types.includes(packet.way === 'out' ? 'LOCAL' : 'UNICAST')),
            asked(given['dst-type'], (types) => types.includes(destinationType(packet))),
          ]),
    ),
    // A packet that is sent by this host is of no type a rule can ask for, but over the loopback interface.
    plain(pkttype, (given, packet) => asked(given['pkt-type'], (type) => (packet.way === 'out' ? 'unknown' : type === 'unicast'))),
    plain(ttl, (given, packet) => hasHops(packet, { equal: given['ttl-eq'], below: given['ttl-lt'], above: given['ttl-gt'] })),
    plain(hl, (given, packet) => hasHops(packet, { equal: given['hl-eq'], below: given['hl-lt'], above: given['hl-gt'] })),
    plain(length, (given, packet) => asked(given.length, (range) => isInRange(packet.length, range))),
  ].map((match) => [match.name, match]),
);

/** What routing makes of a destination: a packet to this host has one of its addresses, unless it is for many. (RFC 5771, RFC 4291 section 2.7) */
function destinationType({ destination, way }: PacketInRules): AddressType {
  if (destination === 0xffffffff) return 'BROADCAST';
  if (destination !== undefined && (typeof destination === 'number' ? destination >>> 28 === 14 : destination >> 120n === 0xffn)) return 'MULTICAST';
  return way === 'in' ? 'LOCAL' : 'UNICAST';
}

/** Forwarded packets have lost a hop where they leave, which is not followed here. */
function hasHops({ ttl: hops, way }: PacketInRules, { equal, below, above }: HopTest): Answer {
  if (hops === undefined || way === 'forward') return 'unknown';
  return every([asked(equal, (wanted) => hops === wanted), asked(below, (limit) => hops < limit), asked(above, (limit) => hops > limit)]);
}

function isBetween(address: Address, from: bigint, to: bigint): boolean {
  return from <= BigInt(address) && BigInt(address) <= to;
}

/** Whether a match without a state of its own holds for a packet; `undefined` for the others, and those this simulator does not know. */
export function answerPlainly(use: Use, packet: PacketInRules): Answer | undefined {
  if (use.extension.name === 'comment') return true;
  if (use.unsettled.length > 0) return 'unknown';
  return PLAIN.get(use.extension.name)?.asks(use, packet);
}
