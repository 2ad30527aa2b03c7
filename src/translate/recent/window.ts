/**
 * The last stamps of each address in nft: sets whose elements are stamps. A stamp of one window is an element of one of its sets, and lives as
 * long as the stamp counts. With several stamps that age, the sets are a ring: the one behind the newest stamp is kept empty (the gap), so that
 * the place of the next stamp is known without remembering it, and "all stamps count" is "only the gap is empty".
 */

import { goTo, limit, match, returnToCaller, setReference } from '../../nft/build.js';
import type { Expr, NamedSet, NftChain, NftRule, Statement } from '../../nft/ir.js';

/** The sets of a window. */
export interface Window {
  readonly count: number;
  readonly milliseconds: number | undefined;
  /** Names of the sets, in the order of the ring. */
  readonly slots: readonly string[];
  /** Set that limits how often a blocked address is stamped; rings only. */
  readonly pace: string | undefined;
}

export const isIn = (key: Expr, set: string): Statement => match(key, setReference(set));
export const isNotIn = (key: Expr, set: string): Statement => match(key, setReference(set), true);
export const add = (set: string, key: Expr): Statement => ({ kind: 'setUpdate', operation: 'add', set, key });
export const update = (set: string, key: Expr): Statement => ({ kind: 'setUpdate', operation: 'update', set, key });
export const remove = (set: string, key: Expr): Statement => ({ kind: 'setUpdate', operation: 'delete', set, key });
/** An expired element may still lie in the set, and a later `delete` would find that one: it is taken out first. */
export const renew = (set: string, key: Expr): readonly Statement[] => [remove(set, key), add(set, key)];
export const asRule = (...statements: readonly Statement[]): NftRule => ({ statements });

/** Whether the window is a ring: several stamps that grow too old. */
export function isRing({ count, milliseconds }: Pick<Window, 'count' | 'milliseconds'>): boolean {
  return count > 1 && milliseconds !== undefined;
}

/** Reserves the names of a window's sets. */
export function createWindow(base: string, count: number, milliseconds: number | undefined, freeName: (wanted: string) => string): Window {
  if (!isRing({ count, milliseconds })) {
    const slots = Array.from({ length: count }, (_, index) => freeName(count === 1 ? base : `${base}_${String(index + 1)}`));
    return { count, milliseconds, slots, pace: undefined };
  }
  const slots = Array.from({ length: count + 1 }, (_, index) => freeName(`${base}_${String(index)}`));
  return { count, milliseconds, slots, pace: freeName(`${base}_pace`) };
}

/** The sets of a window. `says`: what they hold, for the first of them. */
export function windowSets(window: Window, type: string, says: string): readonly NamedSet[] {
  const timed = window.milliseconds === undefined ? {} : { timeout: window.milliseconds };
  const flags = window.milliseconds === undefined ? (['dynamic'] as const) : (['dynamic', 'timeout'] as const);
  const sets = window.slots.map((name, index): NamedSet => ({
    kind: 'set',
    name,
    type: [type],
    flags,
    ...timed,
    ...(index === 0 ? { comments: [says] } : {}),
  }));
  if (window.pace !== undefined)
    sets.push({
      kind: 'set',
      name: window.pace,
      type: [type],
      flags: ['dynamic', 'timeout'],
      timeout: 10_000,
      comments: ['how often addresses over the limit are stamped, so that a flood leaves no heap of dead elements'],
    });
  return sets;
}

/** The set at a place of the ring. */
export function slot({ slots }: Window, index: number): string {
  return slots[(index + slots.length) % slots.length] ?? '';
}

/** All ways in which as many stamps as the window holds count; at most one is so. */
export function whenFull(window: Window, key: Expr): readonly (readonly Statement[])[] {
  const { slots } = window;
  if (!isRing(window)) return [[isIn(key, slot(window, slots.length - 1))]];
  return slots.map((_, gap) => [isIn(key, slot(window, gap + 1)), isNotIn(key, slot(window, gap)), isIn(key, slot(window, gap - 1))]);
}

/** All ways in which fewer count. */
export function whenNotFull(window: Window, key: Expr): readonly (readonly Statement[])[] {
  const { slots } = window;
  if (!isRing(window)) return [[isNotIn(key, slot(window, slots.length - 1))]];
  return [
    ...slots.map((_, gap) => [isIn(key, slot(window, gap - 1)), isNotIn(key, slot(window, gap)), isNotIn(key, slot(window, gap + 1))]),
    slots.map((name) => isNotIn(key, name)),
  ];
}

/** Stamps as a list of statements; undefined when it takes several rules. `removable`: elements are also deleted. */
export function stampInline(window: Window, key: Expr, removable: boolean): readonly Statement[] | undefined {
  if (window.count !== 1) return undefined;
  const only = slot(window, 0);
  // A set without timeout does not take `update` before 6.x, and has nothing to renew.
  if (window.milliseconds === undefined) return [add(only, key)];
  return removable ? undefined : [update(only, key)];
}

/** Tries written down a second of an address over the limit, for each set of the ring. */
const PACE = 10;

/** The rules that stamp, for a chain that is jumped to; further chains are added to `chains`. */
export function stampRules(window: Window, key: Expr, chains: NftChain[], freeName: (wanted: string) => string, base: string): readonly NftRule[] {
  const { slots, pace } = window;
  if (window.count === 1) {
    const only = slot(window, 0);
    if (window.milliseconds === undefined) return [asRule(add(only, key))];
    return [asRule(isIn(key, only), update(only, key), returnToCaller), asRule(...renew(only, key))];
  }
  if (!isRing(window) || pace === undefined)
    return slots.map((name, index) => asRule(isNotIn(key, name), add(name, key), ...(index === slots.length - 1 ? [] : [returnToCaller])));
  const rules = slots.map((_, gap): NftRule => {
    const name = freeName(`${base}_${String(gap)}`);
    chains.push({
      name,
      rules: [
        asRule(isIn(key, slot(window, gap + 1)), paced(pace, key, slots.length), returnToCaller),
        asRule(...renew(slot(window, gap), key), remove(slot(window, gap + 1), key)),
      ],
    });
    return asRule(isIn(key, slot(window, gap - 1)), isNotIn(key, slot(window, gap)), goTo(name));
  });
  return [
    ...rules,
    {
      comments: ['no gap: two processors stamped at the same instant; mends itself when the oldest is too old'],
      statements: [...slots.map((name) => isIn(key, name)), returnToCaller],
    },
    asRule(...renew(slot(window, 0), key)),
  ];
}

/** Matches what comes faster than an address over the limit is stamped. */
export function paced(set: string, key: Expr, slots: number): Statement {
  return { kind: 'setUpdate', operation: 'update', set, key, statements: [limit(PACE * slots, 'second', (PACE / 2) * slots, true)] };
}

/** Takes an address off. */
export function removeAll(window: Window, key: Expr): readonly Statement[] {
  return window.slots.map((name) => remove(name, key));
}
