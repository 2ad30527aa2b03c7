/** What xt_recent remembers, read from /proc/net/xt_recent and carried into the sets of nft: who is blocked stays blocked for the time that is left. */

import type { Family } from '../../extensions/define.js';
import { formatIp4, formatIp6, parseIp4, parseIp6 } from '../../net/address.js';
import { concatenation, symbol } from '../../nft/build.js';
import type { Expr, SetElement } from '../../nft/ir.js';
import { numbered, slot, type Window } from './window.js';

/** An address on a list. */
export interface RecentEntry {
  /** Cut to the mask of the list already; unsigned 32 or 128 bits. */
  readonly address: number | bigint;
  readonly family: Family;
  /** When it was seen, in ticks, the oldest first; at most as many as the list keeps. */
  readonly stamps: readonly number[];
}

/** The clock of the kernel the lists come from, when they were copied. */
export interface RecentClock {
  /** Ticks since it started, as /proc/timer_list says. */
  readonly jiffies: number;
  /** Ticks a second. */
  readonly hz: number;
}

/** Copies of the files in /proc/net/xt_recent, by the names of the lists. */
export interface RecentState {
  readonly lists: ReadonlyMap<string, readonly RecentEntry[]>;
  readonly clock: RecentClock;
}

/** What reading the text of one list gave: entries, and the lines that are none. */
export interface RecentReading {
  readonly entries: readonly RecentEntry[];
  readonly unread: readonly string[];
}

/** Reads a file of /proc/net/xt_recent. (kernel: net/netfilter/xt_recent.c, recent_seq_show: the stamps stand in the order of the ring, not of time) */
export function readRecentList(text: string): RecentReading {
  const entries: RecentEntry[] = [];
  const unread: string[] = [];
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    const found = /^src=([0-9a-fA-F.:]+) ttl: \d+ last_seen: (\d+) oldest_pkt: \d+((?:,? \d+)*)\s*$/.exec(line);
    const address = found?.[1]?.includes(':') === true ? parseIp6(found[1]) : parseIp4(found?.[1] ?? '')?.address;
    if (found === null || address === undefined) {
      unread.push(line);
      continue;
    }
    const stamps = (found[3] ?? '').split(/[ ,]+/).filter((word) => word !== '');
    entries.push({
      address,
      family: typeof address === 'number' ? 'ip' : 'ip6',
      stamps: stamps.map(Number).sort((left, right) => left - right),
    });
  }
  return { entries, unread };
}

/** What is carried over of one list. */
export interface Carrying {
  readonly entries: readonly RecentEntry[];
  readonly clock: RecentClock;
  /** The elements of each set, by its name. */
  readonly elements: Map<string, SetElement[]>;
}

/** Milliseconds a stamp still counts in a window of so many seconds: one tick longer than its age is allowed to be. Not above 0: it is too old. */
export function timeLeft(stamp: number, seconds: number, { jiffies, hz }: RecentClock): number {
  return Math.ceil(((stamp + ((seconds * hz) % 2 ** 32) + 1 - jiffies) * 1000) / hz);
}

/** An address as a key. */
export function addressExpr({ address }: RecentEntry): Expr {
  return symbol(typeof address === 'number' ? formatIp4(address) : formatIp6(address));
}

function put({ elements }: Carrying, set: string, element: SetElement): void {
  const known = elements.get(set);
  if (known === undefined) elements.set(set, [element]);
  else known.push(element);
}

/** Puts the stamps that still count into the sets of a window; `seconds` is how long they do, undefined for ever. */
export function carryWindow(window: Window, seconds: number | undefined, carrying: Carrying): void {
  const { entries, clock } = carrying;
  for (const entry of entries) {
    const key = addressExpr(entry);
    // Not more than the set gives a new element, which may be a tick less.
    const most = window.milliseconds ?? Infinity;
    const left = entry.stamps.map((stamp) => (seconds === undefined ? undefined : Math.min(most, timeLeft(stamp, seconds, clock))));
    const live = left.filter((time) => time === undefined || time > 0).slice(-window.count);
    const element = (expires: number | undefined, value?: Expr, of = key): SetElement => ({
      key: of,
      ...(expires === undefined ? {} : { expires }),
      ...(value === undefined ? {} : { value }),
    });
    const newest = live.at(-1);
    if (live.length === 0) continue;
    switch (window.shape) {
      case 'slots':
        // One stamp that ages is the newest; of those that never do, each has a set.
        if (window.count === 1) put(carrying, slot(window, 0), element(newest));
        else
          live.forEach((time, index) => {
            put(carrying, slot(window, index), element(time));
          });
        break;
      case 'ring':
        live.forEach((time, index) => {
          put(carrying, slot(window, index), element(time));
        });
        break;
      case 'wheel': {
        const { log, pointers, count } = window;
        if (log !== undefined)
          live.forEach((time, index) => {
            put(carrying, log, element(time, undefined, concatenation([key, numbered(index)])));
          });
        const next = log === undefined ? live.length : live.length % count;
        put(carrying, pointers.maps[next % pointers.maps.length] ?? '', element(newest, numbered(next)));
      }
    }
  }
}

/**
 * Puts addresses with as many stamps as the limit into a set whose elements live `milliseconds`, until the oldest of these does not count any more. The
 * result: how many.
 */
export function carryBlocked(set: string, count: number, seconds: number, milliseconds: number, carrying: Carrying): number {
  const { entries, clock } = carrying;
  let blocked = 0;
  for (const entry of entries) {
    const decisive = entry.stamps.at(-count);
    const expires = decisive === undefined ? 0 : Math.min(milliseconds, timeLeft(decisive, seconds, clock));
    if (expires <= 0) continue;
    put(carrying, set, { key: addressExpr(entry), expires });
    blocked += 1;
  }
  return blocked;
}

/** What is said of lists no rule uses. */
export function remarkUnused({ lists }: RecentState, used: ReadonlySet<string>): readonly string[] {
  return [...lists]
    .filter(([name, entries]) => entries.length > 0 && !used.has(name))
    .map(
      ([name, entries]) => `list ${name}: no rule uses it; its ${String(entries.length)} address${entries.length === 1 ? ' is' : 'es are'} left out`,
    );
}
