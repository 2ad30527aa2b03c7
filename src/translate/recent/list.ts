/** A list of xt_recent as the rules of a table use it: who asks, who stamps, and which windows have to be kept. */

import type { RecentUse } from '../../extensions/matches/recent.js';
import type { Family, Target } from '../../extensions/define.js';
import { USUAL_HZ } from '../../extensions/values/rate.js';
import { formatIp4, formatIp6, prefixLength } from '../../net/address.js';
import { binary, payload, symbol } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import { firstLoaded } from '../../ruleset/load-order.js';
import type { RecentPlace } from '../../policy/limiters.js';

/** A list and the rules that use it. */
export interface RecentList {
  readonly name: string;
  readonly family: Family;
  /** The mask of the rule that created the list rules; unsigned 32 or 128 bits. */
  readonly mask: number | bigint;
  readonly places: readonly RecentPlace[];
}

/** Timer ticks a second of the kernel the rules were made for. */
function ticksPerSecond(target: Target): number {
  return target.hz ?? USUAL_HZ;
}

/**
 * How long a stamp counts, in milliseconds. `--seconds S` counts stamps of age S × HZ ticks too; elements of nft live one tick less than that, so
 * a tick is added where that matters. The kernel multiplies in 32 bits. (net/netfilter/xt_recent.c, recent_mt; nft_set_elem_expired)
 */
export function millisecondsOf(seconds: number, target: Target, toTheTick: boolean): number {
  const hz = ticksPerSecond(target);
  const ticks = (seconds * hz) % 2 ** 32;
  if (!toTheTick && ticks === seconds * hz) return seconds * 1000;
  return Math.max(1, Math.round((ticks * 1000) / hz)) + Math.ceil(1000 / hz);
}

/** `ip saddr`, cut to the list's mask. */
export function keyOf(list: RecentList, side: RecentUse['side']): Expr {
  const field = payload(list.family, side);
  const length = prefixLength(list.mask);
  if (length === (list.family === 'ip' ? 32 : 128)) return field;
  return binary(field, '&', symbol(typeof list.mask === 'number' ? formatIp4(list.mask) : formatIp6(list.mask)));
}

/** Groups places by list; the first rule loaded that names a list decides its mask. */
export function groupLists(places: readonly RecentPlace[], family: Family): ReadonlyMap<string, RecentList> {
  const groups = new Map<string, RecentPlace[]>();
  for (const place of places) {
    const group = groups.get(place.use.list);
    if (group === undefined) groups.set(place.use.list, [place]);
    else group.push(place);
  }
  const lists = new Map<string, RecentList>();
  for (const [name, group] of groups) {
    const first = firstLoaded(group);
    if (first !== undefined) lists.set(name, { name, family, mask: first.use.mask, places: group });
  }
  return lists;
}

/** Whether it has to be known if an address is on the list at all: `! --update` asks that, and `--remove` when something depends on its answer. */
export function asksMembership({ use, rule, match }: RecentPlace): boolean {
  if (use.operation === 'update') return use.negated;
  if (use.operation !== 'remove') return false;
  const behind = rule.spec.matches.slice(rule.spec.matches.indexOf(match) + 1);
  return rule.spec.action !== undefined || behind.some(({ extension }) => extension.name !== 'comment');
}
