/**
 * The last stamps of each address in nft: elements of sets are stamps, and live as long as a stamp counts. What forms there are:
 * slots (one stamp, or stamps that never grow too old: a set for each), a ring (a few stamps that age: the set behind the newest one is kept empty, the
 * gap, so that the place of the next stamp is known without remembering it), and a wheel (many stamps: one set, and for each address the number of the next
 * stamp).
 */

import { concatenation, goTo, jump, limit, match, meta, returnToCaller, setOf, setReference, symbol } from '../../nft/build.js';
import type { Expr, NamedSet, NftChain, NftRule, Statement } from '../../nft/ir.js';

/** Where sets and chains go. */
export interface Output {
  readonly sets: NamedSet[];
  readonly chains: NftChain[];
  readonly freeName: (wanted: string) => string;
}

/** A set for each stamp; one stamp that ages, or any number of them that do not. */
export interface Slots {
  readonly shape: 'slots';
  readonly count: number;
  readonly milliseconds: number | undefined;
  readonly sets: readonly string[];
}

/** A few stamps that age: one set more than stamps, in a circle. */
export interface Ring {
  readonly shape: 'ring';
  readonly count: number;
  readonly milliseconds: number;
  readonly sets: readonly string[];
  readonly flood: Flood;
}

/** Many stamps. The packet's priority holds the number of the next stamp while it is looked for. */
export interface Wheel {
  readonly shape: 'wheel';
  readonly count: number;
  /** Undefined: stamps are only counted, up to `count`. */
  readonly milliseconds: number | undefined;
  /** Address and number of each stamp; undefined when they are only counted. */
  readonly log: string | undefined;
  readonly pointers: Pointers;
  readonly flood: Flood | undefined;
  /** When addresses are taken off the list. */
  readonly restart: Restart | undefined;
}

/**
 * How an address begins anew while its old stamps still lie in the log: it is `fresh`, which says that the log does not count, until the numbers have gone
 * round once from where they `start`; then every number was stamped again.
 */
interface Restart {
  readonly fresh: string;
  /** Addresses with the number they began anew at. */
  readonly start: string;
  /** The same as maps, so that the old one can be taken out. */
  readonly startOf: Pointers;
}

export type Window = Slots | Ring | Wheel;

/**
 * What bounds the work a flood makes: an address over the limit is stamped so many times a second at most, and what comes faster only renews its
 * element of `set`, which says "over the limit" as well. (Deleted elements stay in their hash chain until they are collected, once a second; from 16 on
 * every insert rebuilds the table. kernel: lib/rhashtable.c, RHT_ELASTICITY)
 */
interface Flood {
  readonly pace: string;
  readonly set: string;
  /** Stamps a second. */
  readonly perSecond: number;
}

/** The number of the next stamp of an address, in one of several maps in turn, so that no key is deleted too often in any of them. */
interface Pointers {
  readonly maps: readonly string[];
  /** A constant map: each number to the next. */
  readonly next: string;
  readonly count: number;
  readonly closed: boolean;
  /** Chains that look the number up, by key. */
  readonly finders: Map<string, string>;
  readonly base: string;
}

/** From so many stamps on a wheel is smaller than a ring. */
export const WHEEL_FROM = 20;
/** More stamps of one address than this would leave no room for others: a set holds 65535 elements. */
export const MOST_STAMPS = 8192;
/**
 * How often the number of an address may change in one map before the map is cleaned: each time a dead element is left, and the hash table takes no
 * more of one key than 16. (kernel: lib/rhashtable.c, RHT_ELASTICITY)
 */
const CHANGES = 14;
/** Maps are cleaned once a second, or somewhat later. (kernel: net/netfilter/nft_set_hash.c, nft_rhash_gc) */
const CLEANED_AFTER = 2000;
const FEWEST_MAPS = 2;
const MOST_MAPS = 64;
/** How often an address over the limit is stamped, where stamps have numbers: so many a second, and half as many at once. */
const NUMBERED_PER_SECOND = 96;
const MAPS_FOR_FLOODS = 8;

/** Changes of one number before the maps are cleaned, at most: `count` tries in each window, all of them at once. */
function changesOf(count: number, milliseconds: number): number {
  return count * (1 + CLEANED_AFTER / milliseconds);
}

/** Whether as many tries of one address as `count`, all at once, are more than the maps bear. `milliseconds` of the window; undefined: for ever. */
export function isTooManyAtOnce(count: number, milliseconds: number | undefined): boolean {
  return (milliseconds === undefined ? count : changesOf(count, milliseconds) + NUMBERED_PER_SECOND / 2) > CHANGES * MOST_MAPS;
}

/** How often an address over the limit is stamped in a window of `count` stamps that age, in stamps a second: what comes faster only renews the ban. */
export function pacedStamps(count: number): number {
  return count < WHEEL_FROM ? 10 * (count + 1) : NUMBERED_PER_SECOND;
}

/** How many maps bear so many changes of one number while none of them is cleaned. */
function mapsFor(changes: number, fewest: number): number {
  return Math.min(MOST_MAPS, Math.max(fewest, Math.ceil(changes / CHANGES)));
}

export const isIn = (key: Expr, set: string): Statement => match(key, setReference(set));
export const isNotIn = (key: Expr, set: string): Statement => match(key, setReference(set), true);
export const add = (set: string, key: Expr): Statement => ({ kind: 'setUpdate', operation: 'add', set, key });
export const update = (set: string, key: Expr): Statement => ({ kind: 'setUpdate', operation: 'update', set, key });
export const remove = (set: string, key: Expr): Statement => ({ kind: 'setUpdate', operation: 'delete', set, key });
/** An expired element may still lie in the set, and a later `delete` would find that one: it is taken out first. */
export const renew = (set: string, key: Expr): readonly Statement[] => [remove(set, key), add(set, key)];
export const asRule = (...statements: readonly Statement[]): NftRule => ({ statements });
/** Creates the element or finds it there, in one step: matches for the packet that creates it, and no other until it is too old. */
export const take = (set: string, key: Expr): Statement => ({ kind: 'setUpdate', operation: 'add', set, key, statements: [limit(1, 'week', 1)] });

export const PRIORITY = meta('priority');
/** Numbers as the priority of the packet holds them: classes of a queueing discipline that hardly anybody has. */
export const numbered = (index: number): Expr => symbol(`fa11:${index.toString(16)}`);
export const withNumber = (key: Expr): Expr => concatenation([key, PRIORITY]);

/** Makes the sets of a window. `says`: what they hold. `removable`: addresses are taken off, too. */
export function createWindow(
  base: string,
  count: number,
  milliseconds: number | undefined,
  type: string,
  says: string,
  output: Output,
  removable = false,
): Window {
  const { freeName, sets } = output;
  const timed = milliseconds === undefined ? {} : { timeout: milliseconds };
  const flags = milliseconds === undefined ? (['dynamic'] as const) : (['dynamic', 'timeout'] as const);
  const plain = (name: string, comment?: string): NamedSet => ({
    kind: 'set',
    name,
    type: [type],
    flags,
    ...timed,
    ...(comment === undefined ? {} : { comments: [comment] }),
  });
  if (count === 1 || (milliseconds === undefined && count < WHEEL_FROM)) {
    const names = Array.from({ length: count }, (_, index) => freeName(count === 1 ? base : `${base}_${String(index + 1)}`));
    sets.push(...names.map((name, index) => plain(name, index === 0 ? (count === 1 ? says : `${says}, a set for each`) : undefined)));
    return { shape: 'slots', count, milliseconds, sets: names };
  }
  if (milliseconds !== undefined && count < WHEEL_FROM) {
    const names = Array.from({ length: count + 1 }, (_, index) => freeName(`${base}_${String(index)}`));
    sets.push(
      ...names.map((name, index) => plain(name, index === 0 ? `${says}: a set for each stamp and an empty one behind the newest` : undefined)),
    );
    return { shape: 'ring', count, milliseconds, sets: names, flood: createFlood(base, count, milliseconds, type, output) };
  }
  const log = milliseconds === undefined ? undefined : freeName(`${base}_log`);
  if (log !== undefined)
    sets.push({
      kind: 'set',
      name: log,
      type: [type, 'classid'],
      flags,
      ...timed,
      comments: [`${says}: addresses and the numbers of their stamps, up to ${String(count)}`],
    });
  // As many tries as the limit, all at once, and what a flood is stamped with on top.
  const maps = mapsFor(
    count + (milliseconds === undefined ? 0 : NUMBERED_PER_SECOND / 2),
    milliseconds === undefined ? FEWEST_MAPS : MAPS_FOR_FLOODS,
  );
  const pointers = createPointers(base, log === undefined ? count + 1 : count, milliseconds, type, maps, log !== undefined, output);
  const flood = milliseconds === undefined ? undefined : createFlood(base, count, milliseconds, type, output);
  const restart = milliseconds === undefined || !removable ? undefined : createRestart(base, pointers, milliseconds, type, output);
  return { shape: 'wheel', count, milliseconds, log, pointers, flood, restart };
}

function createRestart(base: string, pointers: Pointers, milliseconds: number, type: string, output: Output): Restart {
  const { sets, freeName } = output;
  const [fresh, start] = [freeName(`${base}_fresh`), freeName(`${base}_start`)];
  const timed = { flags: ['dynamic', 'timeout'], timeout: milliseconds } as const;
  sets.push(
    {
      kind: 'set',
      name: fresh,
      type: [type],
      ...timed,
      comments: ['addresses taken off and not stamped in every number again since: their log does not count'],
    },
    { kind: 'set', name: start, type: [type, 'classid'], ...timed, comments: ['the number they begin anew at'] },
  );
  const maps = createNumberMaps(`${base}_start`, pointers.maps.length, milliseconds, type, 'the same number, in these maps in turn', output);
  return { fresh, start, startOf: { ...pointers, maps, finders: new Map(), base: `${base}_start` } };
}

function createFlood(base: string, count: number, milliseconds: number, type: string, { sets, freeName }: Output): Flood {
  const flood: Flood = { pace: freeName(`${base}_pace`), set: freeName(`${base}_flood`), perSecond: pacedStamps(count) };
  sets.push(
    {
      kind: 'set',
      name: flood.pace,
      type: [type],
      flags: ['dynamic', 'timeout'],
      timeout: 10_000,
      comments: ['how often addresses over the limit are stamped'],
    },
    {
      kind: 'set',
      name: flood.set,
      type: [type],
      flags: ['dynamic', 'timeout'],
      timeout: milliseconds,
      comments: ['addresses over the limit that came faster than that'],
    },
  );
  return flood;
}

/** `closed`: the last number is followed by the first; else it is followed by itself. */
function createPointers(
  base: string,
  count: number,
  milliseconds: number | undefined,
  type: string,
  maps: number,
  closed: boolean,
  output: Output,
): Pointers {
  const { sets, freeName } = output;
  const next = freeName(`${base}_next`);
  sets.push({
    kind: 'map',
    name: next,
    type: ['classid'],
    valueType: 'classid',
    flags: [],
    elements: Array.from({ length: count }, (_, index) => ({
      key: numbered(index),
      value: numbered(index + 1 < count ? index + 1 : closed ? 0 : index),
    })),
    comments: ['each number to the one after it'],
  });
  const names = createNumberMaps(base, maps, milliseconds, type, 'the number of the next stamp of an address, in these maps in turn', output);
  return { maps: names, next, count, closed, finders: new Map(), base };
}

function createNumberMaps(
  base: string,
  count: number,
  milliseconds: number | undefined,
  type: string,
  says: string,
  { sets, freeName }: Output,
): readonly string[] {
  const names = Array.from({ length: count }, (_, index) => freeName(`${base}_number_${String(index)}`));
  sets.push(
    ...names.map((name, index): NamedSet => ({
      kind: 'map',
      name,
      type: [type],
      valueType: 'classid',
      flags: milliseconds === undefined ? ['dynamic'] : ['dynamic', 'timeout'],
      ...(milliseconds === undefined ? {} : { timeout: milliseconds }),
      ...(index === 0 ? { comments: [says] } : {}),
    })),
  );
  return names;
}

/** Matches what comes faster than an address over the limit is stamped, and notes it. */
export function tooFast({ pace, set, perSecond }: Flood, key: Expr): readonly Statement[] {
  return [
    { kind: 'setUpdate', operation: 'update', set: pace, key, statements: [limit(perSecond, 'second', perSecond / 2, true)] },
    update(set, key),
  ];
}

/** The set at a place of the ring. */
export function slot({ sets }: Slots | Ring, index: number): string {
  return sets[(index + sets.length) % sets.length] ?? '';
}

/** The chain that looks up the number of the next stamp of an address: afterwards the packet's priority is that number. */
export function finder(pointers: Pointers, key: Expr, { chains, freeName }: Output): string {
  const text = JSON.stringify(key);
  const known = pointers.finders.get(text);
  if (known !== undefined) return known;
  const name = freeName(`${pointers.base}_find`);
  pointers.finders.set(text, name);
  const rules = [
    asRule({ kind: 'assign', to: PRIORITY, value: numbered(0) }),
    ...pointers.maps.map((map) => asRule({ kind: 'assign', to: PRIORITY, value: { kind: 'map', key, to: { kind: 'setReference', name: map } } })),
  ];
  chains.push({ name, rules, comments: ['the number of the next stamp becomes the priority of the packet'] });
  return name;
}

export function advance({ next }: Pointers): Statement {
  return { kind: 'assign', to: PRIORITY, value: { kind: 'map', key: PRIORITY, to: { kind: 'setReference', name: next } } };
}

/** Deletions in one rule: a rule has 128 expressions at most, of which each may take five. (kernel: net/netfilter/nf_tables_api.c, NFT_RULE_MAXEXPRS) */
const FORGOTTEN_AT_ONCE = 16;

function forget({ maps }: Pointers, key: Expr): readonly NftRule[] {
  const deletions = maps.map((set): Statement => ({ kind: 'setUpdate', operation: 'delete', set, key, data: PRIORITY }));
  return Array.from({ length: Math.ceil(maps.length / FORGOTTEN_AT_ONCE) }, (_, index) =>
    asRule(...deletions.slice(index * FORGOTTEN_AT_ONCE, (index + 1) * FORGOTTEN_AT_ONCE)),
  );
}

/** Goes on to the next number and keeps it. */
export function keepNext(pointers: Pointers, key: Expr): readonly NftRule[] {
  return [...forget(pointers, key), asRule(advance(pointers)), ...keepNumber(pointers, key)];
}

function keepNumber({ maps, count }: Pointers, key: Expr): readonly NftRule[] {
  return maps.map((set, turn) => {
    const mine = Array.from({ length: count }, (_, index) => index).filter((index) => index % maps.length === turn);
    return asRule(match(PRIORITY, setOf(mine.map(numbered))), { kind: 'setUpdate', operation: 'add', set, key, data: PRIORITY });
  });
}

/** What has to run before the ways of a window are asked. */
export function prepare(window: Window, key: Expr, output: Output): readonly Statement[] {
  return window.shape === 'wheel' ? [jump(finder(window.pointers, key, output))] : [];
}

/** All ways in which as many stamps count as the window holds. */
export function whenFull(window: Window, key: Expr): readonly (readonly Statement[])[] {
  switch (window.shape) {
    case 'slots':
      return [[isIn(key, slot(window, window.sets.length - 1))]];
    case 'ring':
      return [
        [isIn(key, window.flood.set)],
        ...window.sets.map((_, gap) => [isIn(key, slot(window, gap + 1)), isNotIn(key, slot(window, gap)), isIn(key, slot(window, gap - 1))]),
      ];
    case 'wheel':
      if (window.log === undefined || window.flood === undefined) return [[match(PRIORITY, numbered(window.count))]];
      return [[isIn(key, window.flood.set)], isStamped(window.log, window.restart, key)];
  }
}

/** All ways in which fewer count; at most one is so. */
export function whenNotFull(window: Window, key: Expr): readonly (readonly Statement[])[] {
  switch (window.shape) {
    case 'slots':
      return [[isNotIn(key, slot(window, window.sets.length - 1))]];
    case 'ring':
      return [
        ...window.sets.map((_, gap) => [
          isIn(key, slot(window, gap - 1)),
          isNotIn(key, slot(window, gap)),
          isNotIn(key, slot(window, gap + 1)),
          isNotIn(key, window.flood.set),
        ]),
        [...window.sets.map((name) => isNotIn(key, name)), isNotIn(key, window.flood.set)],
      ];
    case 'wheel':
      if (window.log === undefined || window.flood === undefined) return [[match(PRIORITY, numbered(window.count), true)]];
      return [
        [isNotIn(key, window.flood.set), isNotIn(withNumber(key), window.log)],
        ...(window.restart === undefined
          ? []
          : [[isNotIn(key, window.flood.set), isIn(withNumber(key), window.log), isIn(key, window.restart.fresh)]]),
      ];
  }
}

/** Whether the number found has a stamp that counts. */
function isStamped(log: string, restart: Restart | undefined, key: Expr): readonly Statement[] {
  return [isIn(withNumber(key), log), ...(restart === undefined ? [] : [isNotIn(key, restart.fresh)])];
}

/** Stamps as a list of statements; undefined when it takes several rules. `removable`: elements are also deleted. */
export function stampInline(window: Window, key: Expr, removable: boolean): readonly Statement[] | undefined {
  if (window.shape !== 'slots' || window.count !== 1) return undefined;
  const only = slot(window, 0);
  // A set without timeout does not take `update` on older kernels, and has nothing to renew.
  if (window.milliseconds === undefined) return [add(only, key)];
  return removable ? undefined : [update(only, key)];
}

/** The rules that stamp, for a chain that is jumped to. */
export function stampRules(window: Window, key: Expr, output: Output, base: string): readonly NftRule[] {
  switch (window.shape) {
    case 'slots':
      return stampSlots(window, key);
    case 'ring':
      return stampRing(window, key, output, base);
    case 'wheel':
      return stampWheel(window, key, output);
  }
}

function stampSlots(window: Slots, key: Expr): readonly NftRule[] {
  const { sets, count, milliseconds } = window;
  if (count > 1 || milliseconds === undefined)
    return sets.map((name, index) => asRule(isNotIn(key, name), add(name, key), ...(index === sets.length - 1 ? [] : [returnToCaller])));
  const only = slot(window, 0);
  return [asRule(isIn(key, only), update(only, key), returnToCaller), asRule(...renew(only, key))];
}

function stampRing(window: Ring, key: Expr, { chains, freeName }: Output, base: string): readonly NftRule[] {
  const { sets, flood } = window;
  const rules = sets.map((_, gap): NftRule => {
    const name = freeName(`${base}_${String(gap)}`);
    chains.push({
      name,
      rules: [
        asRule(isIn(key, slot(window, gap + 1)), ...tooFast(flood, key), returnToCaller),
        asRule(...renew(slot(window, gap), key), remove(slot(window, gap + 1), key)),
      ],
    });
    return asRule(isIn(key, slot(window, gap - 1)), isNotIn(key, slot(window, gap)), goTo(name));
  });
  return [...rules, noGap(sets, key, returnToCaller), asRule(...renew(slot(window, 0), key))];
}

/** Every set has the address: two processors stamped at the same instant. */
export function noGap(sets: readonly string[], key: Expr, then: Statement): NftRule {
  return {
    comments: ['no gap: two processors stamped at the same instant; mends itself when the oldest is too old'],
    statements: [...sets.map((name) => isIn(key, name)), then],
  };
}

function stampWheel(window: Wheel, key: Expr, output: Output): readonly NftRule[] {
  const { log, flood, pointers, count, restart } = window;
  const find = asRule(jump(finder(pointers, key, output)));
  if (log === undefined || flood === undefined) return [find, asRule(match(PRIORITY, numbered(count)), returnToCaller), ...keepNext(pointers, key)];
  const round =
    restart === undefined
      ? []
      : [
          {
            statements: [isIn(withNumber(key), restart.start), remove(restart.fresh, key), remove(restart.start, withNumber(key))],
            comments: ['gone round once since it was taken off'],
          },
        ];
  return [find, asRule(...isStamped(log, restart, key), ...tooFast(flood, key), returnToCaller), ...recordNumber(log, pointers, key), ...round];
}

/** Stamps under the number that was found. */
export function recordNumber(log: string, pointers: Pointers, key: Expr): readonly NftRule[] {
  return [asRule(update(log, withNumber(key))), ...keepNext(pointers, key)];
}

/** Takes an address off: statements, or a chain to jump to. */
export function removal(window: Window, key: Expr, output: Output): { readonly inline: readonly Statement[] } | { readonly chain: string } {
  const { chains, freeName } = output;
  if (window.shape === 'slots') return { inline: window.sets.map((name) => remove(name, key)) };
  if (window.shape === 'ring') return { inline: [...window.sets, window.flood.set].map((name) => remove(name, key)) };
  const { pointers, flood, restart } = window;
  const name = freeName(`${pointers.base}_remove`);
  const rules =
    restart === undefined
      ? [...forget(pointers, key), ...(flood === undefined ? [] : [asRule(remove(flood.set, key))])]
      : [
          ...(flood === undefined ? [] : [asRule(remove(flood.set, key))]),
          asRule(jump(finder(restart.startOf, key, output))),
          asRule(remove(restart.start, withNumber(key))),
          ...forget(restart.startOf, key),
          asRule(jump(finder(pointers, key, output))),
          asRule(...renew(restart.start, withNumber(key))),
          ...keepNumber(restart.startOf, key),
          asRule(isNotIn(key, restart.fresh), ...renew(restart.fresh, key), returnToCaller),
          asRule(update(restart.fresh, key)),
        ];
  chains.push({ name, rules, comments: ['takes the address off, with all its stamps'] });
  return { chain: name };
}

/** Places for tries let through, and a pointer to the next of them. */
export interface Places {
  readonly log: string;
  readonly pointers: Pointers;
}

/** Places for `count` tries in a window. All of them may be taken at once, and again when the window is over. */
export function createPlaces(base: string, count: number, milliseconds: number, type: string, says: string, output: Output): Places {
  const maps = mapsFor(changesOf(count, milliseconds), FEWEST_MAPS);
  const log = output.freeName(`${base}_log`);
  output.sets.push({ kind: 'set', name: log, type: [type, 'classid'], flags: ['dynamic', 'timeout'], timeout: milliseconds, comments: [says] });
  return { log, pointers: createPointers(base, count, milliseconds, type, maps, true, output) };
}
