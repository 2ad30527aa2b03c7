/** A packet as the simulators see it, and what becomes of it. */

import type { Rule } from '../ruleset/model.js';

/** An IPv4 address as an unsigned 32-bit number, an IPv6 address as an unsigned 128-bit one. */
export type Address = number | bigint;

/** The states of connection tracking. */
export type ConnectionState = 'NEW' | 'ESTABLISHED' | 'RELATED' | 'INVALID' | 'UNTRACKED';

/** A packet. Packets are given in the order of their times. */
export interface SimulatedPacket {
  /** Seconds since the rules were loaded. */
  readonly time: number;
  /** The number of the kernel's tick it comes in; the one its time lies in without, with ticks at whole multiples of 1/HZ. */
  readonly tick?: number;
  /** Its way through the host: to it, through it, from it. */
  readonly way: 'in' | 'forward' | 'out';
  readonly source: Address;
  readonly destination: Address;
  /** Number of the protocol above IP. */
  readonly protocol: number;
  /** Ports, of protocols that have them. */
  readonly sourcePort?: number;
  readonly destinationPort?: number;
  /** Type and code of an ICMP message. */
  readonly icmp?: { readonly type: number; readonly code: number };
  /** Byte 13 of the TCP header: SYN is 2. (RFC 9293, section 3.1) */
  readonly tcpFlags?: number;
  readonly inInterface?: string;
  readonly outInterface?: string;
  readonly state: ConnectionState;
  /** Bytes from the IP header on. */
  readonly length: number;
  /** Hops left as it came in. */
  readonly ttl: number;
  /** The packet mark it starts with. */
  readonly mark: number;
  /** The connection it belongs to; one of its own without. */
  readonly connection?: number;
  /** Seconds its connection stays open from now on, if it gets through; for good without. */
  readonly staysOpen?: number;
}

/** What packets are counted by. */
export type Keyed = Pick<SimulatedPacket, 'source' | 'destination' | 'sourcePort' | 'destinationPort'>;

/** What became of a packet. `refused`: stopped, and the sender was told. */
export type SimulatedVerdict = 'accepted' | 'dropped' | 'refused' | 'unknown';

/** What became of a packet, and how. */
export interface SimulatedOutcome {
  readonly verdict: SimulatedVerdict;
  /** The packet mark at the end. */
  readonly mark: number;
  /** Of an `unknown` one: what cannot be told. */
  readonly why?: string;
}

/** The same, with the rules of iptables. */
export interface RulesetOutcome extends SimulatedOutcome {
  /** The rule that decided, or that cannot be judged; none when a policy decided. */
  readonly by?: Rule;
  /** Rules whose counters of packets it raised, and rules that were asked: all their matches before a stateful one held. In order. */
  readonly matched: readonly Rule[];
  readonly reached: readonly Rule[];
}

/** How many hops a packet counts in one simulation of a ruleset before it is given up: chains that lead to each other would go on for ever. */
export const MOST_STEPS = 100_000;

/** The number of the tick a packet comes in. Times are rounded to a millionth of a tick, as multiples of 1/HZ seldom are exact. */
export function tickOf({ time, tick }: Pick<SimulatedPacket, 'time' | 'tick'>, hz: number): number {
  return tick ?? Math.floor(time * hz + 1e-6);
}

/** Ticks a number of milliseconds is, rounded up as the kernel does. (kernel: include/linux/jiffies.h, msecs_to_jiffies) */
export function ticksIn(milliseconds: number, hz: number): number {
  return Math.ceil((milliseconds * hz) / 1000);
}

/** An address cut to a mask, as text that two packets share when they share an entry. */
export function maskedKey(address: Address, mask: Address): string {
  if (typeof address === 'number' && typeof mask === 'number') return String((address & mask) >>> 0);
  return String(BigInt(address) & BigInt(mask));
}
