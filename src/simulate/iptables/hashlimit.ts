/** xt_hashlimit, revision 3: a token bucket, or an interval counter, for each key. (kernel: net/netfilter/xt_hashlimit.c) */

import type { Hashlimit } from '../../extensions/matches/hashlimit.js';
import { hashlimitCredits, type ByteRate, type Credits } from '../../extensions/values/rate.js';
import { maskOf4, maskOf6 } from '../../net/address.js';
import { maskedKey, ticksIn, type Address, type Keyed } from '../packet.js';

/** What is kept of one key. */
interface Entry {
  /** The tick it is forgotten at, when the table is looked through next. */
  expires: number;
  /** The tick its credit, or its interval, was last brought up to date. */
  updated: number;
  /** Credits; unused when rates are compared. */
  credit: bigint;
  /** Bursts of a byte rate that are left. */
  bursts: number;
  /** With `--hashlimit-rate-match`: packets or bytes in this interval, and whether the one before had too many. */
  counted: number;
  wasOver: boolean;
}

/** The table of a `--hashlimit-name`, with the numbers of the rule that created it. */
export interface HashlimitTable {
  readonly limit: Hashlimit;
  readonly hz: number;
  /** The tick after which expired entries go, and the ticks until the next time. */
  collects: number;
  readonly collectEvery: number;
  readonly entries: Map<string, Entry>;
}

/** Buckets when `--hashlimit-htable-size` is not given, on a host of a gigabyte of memory or more. (htable_create) */
const USUAL_SIZE = 8192;
/** Bytes are counted in chunks of 16. (XT_HASHLIMIT_BYTE_SHIFT) */
const CHUNK_SHIFT = 4;
const ALL_ONES = 0xffffffff;

/** The table that the first rule of a name creates. */
export function createHashlimit(limit: Hashlimit, tick: number, hz: number): HashlimitTable {
  const collectEvery = Math.max(1, ticksIn(limit.gcInterval, hz));
  return { limit, hz, collects: tick + collectEvery, collectEvery, entries: new Map() };
}

/** Credits that come in a tick when bytes are counted. (CREDITS_PER_JIFFY_BYTES) */
function creditsOfBytes(hz: number): bigint {
  let perTick = 1n;
  while (perTick * 2n <= BigInt(Math.floor(ALL_ONES / hz))) perTick *= 2n;
  return perTick;
}

/** (user2credits_byte) */
function byteBucket(rate: ByteRate, hz: number): Credits {
  const perTick = creditsOfBytes(hz);
  const most = perTick * BigInt(hz);
  return { perTick, most, cost: (BigInt(rate.cost) * most) >> 32n };
}

/** The bucket of the table; of a byte rate a full second's worth, and what 16 bytes cost. */
function bucketOf({ rate, burst }: Hashlimit, hz: number): Credits {
  return rate.kind === 'bytes' ? byteBucket(rate, hz) : hashlimitCredits(rate, burst, hz);
}

/** What comes of a packet: whether the rule matches, or the packet is dropped at once. */
export type HashlimitAnswer = boolean | 'drop';

/**
 * Charges a packet to its key; whether the rule matches. `own` are the numbers of the rule that asks: above or up to the rate, and how it
 * counts, are its own; all else is the table's. (hashlimit_mt_common)
 */
export function matchHashlimit(table: HashlimitTable, own: Hashlimit, packet: Keyed & { readonly length: number }, tick: number): HashlimitAnswer {
  const { limit, hz, entries } = table;
  collect(table, tick);
  const key = keyOf(limit, packet);
  let entry = entries.get(key);
  if (entry === undefined) {
    if (entries.size >= mostEntries(limit)) return 'drop';
    entry = createEntry(limit, tick, hz);
    entries.set(key, entry);
  } else refill(limit, entry, tick, hz);
  entry.expires = tick + ticksIn(limit.expire, hz);
  return takes(limit, own, entry, packet.length, hz) !== own.above;
}

/** Whether the packet is within the rate; it is charged then. */
function takes(limit: Hashlimit, own: Hashlimit, entry: Entry, length: number, hz: number): boolean {
  if (own.interval !== undefined) {
    entry.counted += own.rate.kind === 'bytes' ? length : 1;
    return !entry.wasOver && entry.counted <= intervalOf(limit).burst;
  }
  const cost = own.rate.kind === 'bytes' ? chargeOfBytes(limit, entry, length, hz) : bucketOf(limit, hz).cost;
  if (entry.credit < cost) return false;
  entry.credit -= cost;
  return true;
}

/** (htable_create) */
function mostEntries({ size, max }: Hashlimit): number {
  const buckets = size === 0 ? USUAL_SIZE : size;
  return max === 0 ? 8 * buckets : Math.max(max, buckets);
}

/** Forgets keys that were not seen for long enough, each time the table is looked through. (htable_gc) */
function collect(table: HashlimitTable, tick: number): void {
  if (tick < table.collects) return;
  const last = table.collects + Math.floor((tick - table.collects) / table.collectEvery) * table.collectEvery;
  for (const [key, { expires }] of table.entries) if (last >= expires) table.entries.delete(key);
  table.collects = last + table.collectEvery;
}

/** (hashlimit_init_dst) */
function keyOf(limit: Hashlimit, packet: Keyed): string {
  return limit.modes
    .map((mode) => {
      if (mode === 'srcip') return maskedKey(packet.source, prefixMask(packet.source, limit.sourcePrefix));
      if (mode === 'dstip') return maskedKey(packet.destination, prefixMask(packet.destination, limit.destinationPrefix));
      return String((mode === 'srcport' ? packet.sourcePort : packet.destinationPort) ?? 0);
    })
    .join(' ');
}

function prefixMask(address: Address, length: number): Address {
  return typeof address === 'number' ? maskOf4(length) : maskOf6(length);
}

/** (rateinfo_init) */
function createEntry(limit: Hashlimit, tick: number, hz: number): Entry {
  const { rate } = limit;
  const credit = limit.interval === undefined ? bucketOf(limit, hz).most : 0n;
  return { expires: 0, updated: tick, credit, bursts: rate.kind === 'bytes' ? limit.burst : 0, counted: 0, wasOver: false };
}

/** (rateinfo_recalc) */
function refill(limit: Hashlimit, entry: Entry, tick: number, hz: number): void {
  const passed = tick - entry.updated;
  if (passed === 0) return;
  if (limit.interval !== undefined) {
    const ticks = limit.interval * hz;
    if (passed < ticks) return;
    entry.updated = tick;
    entry.wasOver = entry.counted * ticks > passed * intervalOf(limit).rate;
    entry.counted = 0;
    return;
  }
  entry.updated = tick;
  const { perTick, most } = bucketOf(limit, hz);
  entry.credit += BigInt(passed) * perTick;
  if (entry.credit > most) entry.credit = most;
}

/** What an interval may hold: the rate, and the most when the one before was quiet. Packets or bytes. (rateinfo_init, user2rate, user2rate_bytes) */
function intervalOf({ rate, burst }: Hashlimit): { readonly rate: number; readonly burst: number } {
  if (rate.kind === 'packets') {
    const packets = Math.floor(rate.scale / rate.period);
    return { rate: packets, burst: burst + packets };
  }
  const bytes = (Math.floor(ALL_ONES / rate.cost) - 1) * 2 ** CHUNK_SHIFT;
  return { rate: bytes, burst: burst === 0 ? bytes : burst * bytes };
}

/** What a packet of so many bytes costs; a burst fills the bucket when it does not suffice. (hashlimit_byte_cost) */
function chargeOfBytes(limit: Hashlimit, entry: Entry, length: number, hz: number): bigint {
  const most = creditsOfBytes(hz) * BigInt(hz);
  const asked = BigInt((length >> CHUNK_SHIFT) + 1) * bucketOf(limit, hz).cost;
  const charge = asked > most ? most : asked;
  if (entry.credit < charge && entry.bursts > 0) {
    entry.bursts -= 1;
    entry.credit = most;
  }
  return charge;
}

/** The same table, to go on with apart. */
export function copyHashlimit(table: HashlimitTable): HashlimitTable {
  return { ...table, entries: new Map([...table.entries].map(([key, entry]) => [key, { ...entry }])) };
}
