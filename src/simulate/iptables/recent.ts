/** xt_recent: lists of addresses and the ticks at which they were seen. (kernel: net/netfilter/xt_recent.c) */

import type { RecentUse } from '../../extensions/matches/recent.js';
import type { Target } from '../../extensions/define.js';
import { maskedKey, type Address } from '../packet.js';

/** An address on a list. */
interface Entry {
  /** Ticks; a ring in which `next` is written next. */
  readonly stamps: number[];
  next: number;
  /** Hops left in the last packet that stamped. */
  ttl: number;
}

/** A list, shared by all rules that name it. */
export interface RecentTable {
  /** Of the rule that created it. */
  readonly mask: Address;
  /** Stamps kept of an address, a power of two. */
  readonly keeps: number;
  /** Addresses kept. */
  readonly most: number;
  /** By address; the one stamped longest ago comes first. */
  readonly entries: Map<string, Entry>;
}

/** Stamps kept by a list of which some rule has no `--hitcount`. (xt_recent.c, recent_mt_check) */
const USUAL_STAMPS = 32;
/** Addresses a list keeps. (xt_recent.c, ip_list_tot) */
const USUAL_ADDRESSES = 100;

/** The list of rules that name it, in the order in which they are loaded. */
export function createRecentTable(uses: readonly RecentUse[], target: Target): RecentTable {
  const module = target.ipPktListTot ?? 0;
  const keeps = uses.map((use) => {
    const hits = use.hitsGiven ? use.hits : 0;
    if (module > hits) return powerFrom(module);
    return hits > 0 ? powerFrom(hits) : USUAL_STAMPS;
  });
  return { mask: uses[0]?.mask ?? 0, keeps: Math.max(...keeps), most: target.ipListTot ?? USUAL_ADDRESSES, entries: new Map() };
}

function powerFrom(least: number): number {
  let power = 1;
  while (power < least) power *= 2;
  return power;
}

/** What a packet has to do with a list. */
export interface Seen {
  readonly address: Address;
  /** Hops left, as it came in. */
  readonly ttl: number;
  readonly tick: number;
}

/** Asks and changes a list as one `-m recent` does; whether it matches. (recent_mt) */
export function matchRecent(table: RecentTable, use: RecentUse, { address, ttl, tick }: Seen, hz: number): boolean {
  const key = maskedKey(address, table.mask);
  const entry = lookUp(table, key, use.ttl ? ttl : 0);
  if (entry === undefined) {
    if (use.operation !== 'set') return use.negated;
    create(table, key, ttl, tick);
    return !use.negated;
  }
  if (use.operation === 'remove') {
    table.entries.delete(key);
    return !use.negated;
  }
  if (use.operation === 'set') {
    stamp(table, key, entry, ttl, tick);
    return !use.negated;
  }
  // The kernel multiplies in 32 bits.
  const since = use.seconds === undefined ? undefined : tick - ((use.seconds * hz) % 2 ** 32);
  const hits = entry.stamps.reduce((count, at) => (since === undefined || at >= since ? count + 1 : count), 0);
  const matches = hits >= use.hits !== use.negated;
  const updates = use.operation === 'update' && matches;
  if (use.reap && since !== undefined) reap(table, since, updates ? key : undefined);
  if (updates) stamp(table, key, entry, ttl, tick);
  return matches;
}

/** A TTL of 0 stands for any. */
function lookUp(table: RecentTable, key: string, ttl: number): Entry | undefined {
  const entry = table.entries.get(key);
  return entry !== undefined && (ttl === 0 || entry.ttl === 0 || entry.ttl === ttl) ? entry : undefined;
}

function create(table: RecentTable, key: string, ttl: number, tick: number): void {
  if (table.entries.size >= table.most) {
    const [oldest] = table.entries.keys();
    if (oldest !== undefined) table.entries.delete(oldest);
  }
  table.entries.set(key, { stamps: [tick], next: 1, ttl });
}

function stamp(table: RecentTable, key: string, entry: Entry, ttl: number, tick: number): void {
  entry.next %= table.keeps;
  entry.stamps[entry.next] = tick;
  entry.next += 1;
  entry.ttl = ttl;
  table.entries.delete(key);
  table.entries.set(key, entry);
}

/** Takes off the address stamped longest ago when that was too long ago, unless it is about to be stamped. (recent_entry_reap) */
function reap(table: RecentTable, since: number, stamped: string | undefined): void {
  const [oldest] = table.entries;
  if (oldest === undefined || oldest[0] === stamped) return;
  const [key, entry] = oldest;
  if ((entry.stamps[entry.next - 1] ?? 0) < since) table.entries.delete(key);
}

/** The same list, to go on with apart. */
export function copyRecentTable(table: RecentTable): RecentTable {
  return { ...table, entries: new Map([...table.entries].map(([key, entry]) => [key, { ...entry, stamps: [...entry.stamps] }])) };
}
