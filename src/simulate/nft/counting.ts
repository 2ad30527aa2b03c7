/** Statements that count: limits, quotas and connections, in rules and in elements of sets. (kernel: net/netfilter/nft_limit.c, nft_quota.c, nft_connlimit.c) */

import type { CtCount, Limit, Quota, Statement, TimeUnit } from '../../nft/ir.js';
import { countConnection, createCountedList, type Connections, type CountedList } from '../connections.js';

/** A statement that counts. */
export type CountingStatement = Limit | Quota | CtCount;

/** What one of them has counted. */
export type CountingState =
  | { readonly kind: 'limit'; readonly statement: Limit; tokens: bigint; filled: bigint }
  | { readonly kind: 'quota'; readonly statement: Quota; used: bigint }
  | { readonly kind: 'ctCount'; readonly statement: CtCount; readonly list: CountedList };

/** The packet and the time. */
export interface CountedPacket {
  readonly length: number;
  readonly connection: number;
  readonly connections: Connections;
  /** Seconds. */
  readonly time: number;
  readonly tick: number;
}

const SECONDS: Readonly<Record<TimeUnit, bigint>> = { second: 1n, minute: 60n, hour: 3600n, day: 86_400n, week: 604_800n };
/** What the kernel takes a burst of 0 packets for. (NFT_LIMIT_PKT_BURST_DEFAULT) */
const USUAL_BURST = 5;

export function isCounting(statement: Statement): statement is CountingStatement {
  return statement.kind === 'limit' || statement.kind === 'quota' || statement.kind === 'ctCount';
}

/** Seconds in the nanoseconds the kernel counts in. */
export function nanoseconds(seconds: number): bigint {
  return BigInt(Math.round(seconds * 1e9));
}

/** A fresh state: full buckets, nothing used. `time` in seconds, `tick` the one it lies in. */
export function createCounting(statement: CountingStatement, time: number, tick: number): CountingState {
  switch (statement.kind) {
    case 'limit':
      return { kind: 'limit', statement, tokens: mostTokens(statement), filled: nanoseconds(time) };
    case 'quota':
      return { kind: 'quota', statement, used: 0n };
    case 'ctCount':
      return { kind: 'ctCount', statement, list: createCountedList(tick) };
  }
}

function unitOf({ per }: Limit): bigint {
  return SECONDS[per] * 1_000_000_000n;
}

/** Tokens are nanoseconds. (nft_limit_init) */
function mostTokens(limit: Limit): bigint {
  const rate = BigInt(limit.rate);
  if (limit.unit === 'bytes') return (unitOf(limit) * (rate + BigInt(limit.burst))) / rate;
  return (unitOf(limit) / rate) * BigInt(limit.burst === 0 ? USUAL_BURST : limit.burst);
}

/** Counts a packet; whether the rule goes on. */
export function runCounting(state: CountingState, packet: CountedPacket): boolean {
  switch (state.kind) {
    case 'limit': {
      const { statement } = state;
      const now = nanoseconds(packet.time);
      const most = mostTokens(statement);
      const filled = state.tokens + now - state.filled;
      const tokens = filled > most ? most : filled;
      const cost = (unitOf(statement) * (statement.unit === 'bytes' ? BigInt(packet.length) : 1n)) / BigInt(statement.rate);
      const within = tokens >= cost;
      state.tokens = within ? tokens - cost : tokens;
      state.filled = now;
      return within !== statement.over;
    }
    case 'quota':
      // A packet that uses the quota up is still within it. (Linux 6.7 and stable kernels; before, it was not)
      state.used += BigInt(packet.length);
      return state.used > BigInt(state.statement.bytes) === state.statement.over;
    case 'ctCount':
      return countConnection(state.list, packet) > state.statement.count === state.statement.over;
  }
}
