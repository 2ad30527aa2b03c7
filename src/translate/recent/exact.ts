/**
 * `--rates exact` for pairs of rules: the same packets pass as with xt_recent, to the tick, and never more than the limit when several processors
 * see packets of one address at the same instant.
 */

import type { Expr, NamedSet, NftRule, Statement } from '../../nft/ir.js';
import { goTo, jump, limit, returnToCaller } from '../../nft/build.js';
import type { Branches } from './meter.js';
import {
  add,
  advance,
  asRule,
  createPlaces,
  createWindow,
  finder,
  isIn,
  isNotIn,
  keepNext,
  noGap,
  recordNumber,
  remove,
  renew,
  slot,
  take,
  tooFast,
  update,
  withNumber,
  type Output,
  type Ring,
  type Wheel,
  type Window,
} from './window.js';

/** A pair as it is to be written. */
export interface PairShape {
  readonly base: string;
  /** Packets let through in any window. */
  readonly lets: number;
  readonly milliseconds: number;
  readonly key: Expr;
  readonly type: string;
  /** For the comments: `list ssh: 4 new connections per 60 s and source address`. */
  readonly says: string;
  /** The rules of the target. */
  readonly action: readonly NftRule[];
  /** The target takes packets below the limit; else those above it. The others go on behind the rule. */
  readonly admits: boolean;
  /** Places are found by number, which the priority of the packet holds meanwhile; else each is a set. */
  readonly byNumber: boolean;
  /** Fills the window with what was seen before. */
  readonly carry?: (window: Window) => void;
}

/** A week is when a place would let a second packet through; windows are shorter. */
export const LONGEST_PLACE = 604_800_000;

/**
 * The rules that take a place for a try let through, a place for each that may be let through in a window: `passed` when there is one, `over` when all are
 * taken. That all are taken cannot be asked of the places: a look-up runs the limit of the element it finds, and the rule ends when that is used up. So
 * whoever asks is noted in a set of its own before. When that is full (65535 elements) the try passes, as with a list of xt_recent that is full.
 */
function takePlace(shape: PairShape, base: string, says: string, passed: Statement, over: Statement, output: Output): PlaceTaking {
  const { key, lets, milliseconds, type, byNumber } = shape;
  const { freeName, chains, sets } = output;
  const set = { kind: 'set', flags: ['dynamic', 'timeout'], timeout: milliseconds } as const;
  const asked = freeName(`${base}_asked`);
  const askedText = 'who asked for a place: an address that is not here found no room';
  if (!byNumber) {
    const names = Array.from({ length: lets }, (_, index) => freeName(`${base}_${String(index + 1)}`));
    sets.push(...names.map((name, index): NamedSet => ({ ...set, name, type: [type], ...(index === 0 ? { comments: [says] } : {}) })));
    sets.push({ ...set, name: asked, type: [type], comments: [askedText] });
    return {
      look: [],
      free: names.map((name) => [isNotIn(key, name)]),
      rules: [asRule(update(asked, key)), ...names.map((name) => asRule(take(name, key), passed)), asRule(isIn(key, asked), over), asRule(passed)],
    };
  }
  const places = createPlaces(base, lets, milliseconds, type, says, output);
  sets.push({ ...set, name: asked, type: [type, 'classid'], comments: [askedText] });
  const taken = freeName(`${base}_taken`);
  const number = withNumber(key);
  chains.push({
    name: taken,
    rules: [...keepNext(places.pointers, key), asRule(passed)],
    comments: ['a place was free: the next one is the next to be asked for'],
  });
  const isFree = isNotIn(number, places.log);
  const attempt = [asRule(update(asked, number)), asRule(take(places.log, number), goTo(taken))];
  return {
    look: [asRule(jump(finder(places.pointers, key, output)))],
    // Two processors that took places at the same instant may have left a number that is taken, with a free one behind it.
    free: [[isFree], [advance(places.pointers), isFree], [advance(places.pointers), isFree]],
    rules: [
      ...attempt,
      // Another processor may have been faster.
      asRule(advance(places.pointers)),
      ...attempt,
      asRule(advance(places.pointers)),
      ...attempt,
      asRule(isIn(number, asked), over),
      asRule(passed),
    ],
  };
}

/** How a place is taken. */
interface PlaceTaking {
  /** What has to run before the rest. */
  readonly look: readonly NftRule[];
  /** Each says that a place is free, without taking it: a flood that finds none is stopped at little cost. */
  readonly free: readonly (readonly Statement[])[];
  readonly rules: readonly NftRule[];
}

/** Only tries let through count: each takes one of N places and keeps it for the window. The result is the chain to jump to. */
export function countAdmitted(shape: PairShape, output: Output): string {
  const { base, says, lets, action } = shape;
  const name = output.freeName(base);
  const over = output.freeName(`${base}_over`);
  const text = `${says}; each that is let through takes one of ${String(lets)} places for as long`;
  const { look, free, rules } = takePlace(shape, base, text, returnToCaller, goTo(over), output);
  const place = output.freeName(`${base}_place`);
  output.chains.push({ name: over, rules: action, comments: [`${says}: over the limit`] });
  output.chains.push({ name: place, rules, comments: ['takes a place, and returns'] });
  output.chains.push({
    name,
    rules: [...look, ...free.map((way) => asRule(...way, goTo(place))), asRule(goTo(over))],
    comments: [`${says}: returns when there is a place`],
  });
  return name;
}

/**
 * All tries count, blocked ones once or twice: the stamps of a window say whether a try is over the limit. Behind it the tries let through take
 * places, which changes nothing but when several processors see packets of one address at the same instant. The result is the chain to jump to.
 */
export function countAll(shape: PairShape, twice: boolean, output: Output): string {
  const { key, lets, base, admits, says, milliseconds, type } = shape;
  const { freeName, chains } = output;
  const window = createWindow(base, lets, milliseconds, type, says, output);
  shape.carry?.(window);
  const entry = freeName(base);
  const below = freeName(`${base}_below`);
  const acting = freeName(admits ? `${base}_pass` : `${base}_over`);
  const over = admits ? returnToCaller : goTo(acting);
  const { look, rules: places } = takePlace(
    shape,
    `${base}_place`,
    `the ${String(lets)} let through, should several processors see them at once`,
    admits ? goTo(acting) : returnToCaller,
    over,
    output,
  );
  const judged =
    window.shape === 'ring'
      ? judgeRing(window, key, below, over, twice, base, output)
      : window.shape === 'wheel'
        ? judgeWheel(window, key, below, over, twice, base, output)
        : [];
  chains.push({ name: acting, rules: shape.action, comments: [`${says}: ${admits ? 'below' : 'over'} the limit`] });
  chains.push({ name: below, rules: [...look, ...places], comments: ['below the limit'] });
  chains.push({
    name: entry,
    rules: judged,
    comments: [`${says}: judges a try and stamps it${admits ? '' : '; returns when it is below the limit'}`],
  });
  return entry;
}

/** From so many sets on it pays to look for the gap in one way where most have the address, and in another where few have. */
const MANY_SETS = 8;

/** `below` is a chain, `over` a verdict; both end the search. */
function judgeRing(
  window: Ring,
  key: Expr,
  below: string,
  over: Statement,
  twice: boolean,
  base: string,
  { chains, freeName }: Output,
): readonly NftRule[] {
  const { sets, flood } = window;
  const rules: NftRule[] = [];
  const rulesOfMany: NftRule[] = [];
  for (const [gap, set] of sets.entries()) {
    const at = freeName(`${base}_gap_${String(gap)}`);
    const full = freeName(`${base}_full_${String(gap)}`);
    const next = slot(window, gap + 1);
    // Two stamps: the gap and the one behind it, which is live and only grows younger.
    const second = twice ? [update(next, key)] : [];
    chains.push(
      {
        name: full,
        rules: [
          asRule(...tooFast(flood, key), over),
          asRule(...renew(set, key), ...second, remove(slot(window, gap + (twice ? 2 : 1)), key)),
          asRule(over),
        ],
      },
      {
        name: at,
        rules: [asRule(isIn(key, next), goTo(full)), asRule(...renew(set, key)), asRule(isIn(key, flood.set), over), asRule(goTo(below))],
      },
    );
    const [dead, live] = [isNotIn(key, set), isIn(key, slot(window, gap - 1))];
    rules.push(asRule(live, dead, goTo(at)));
    rulesOfMany.push(asRule(dead, live, goTo(at)));
  }
  const flooding = asRule(isIn(key, flood.set), ...tooFast(flood, key), over);
  const none = [noGap(sets, key, over), asRule(...renew(slot(window, 0), key)), asRule(isIn(key, flood.set), over), asRule(goTo(below))];
  if (sets.length < MANY_SETS) return [flooding, ...rules, ...none];
  const many = freeName(`${base}_many`);
  chains.push({
    name: many,
    rules: [...rulesOfMany, ...none],
    comments: ['where most sets have the address: the one that has not is asked for first'],
  });
  const looksFull = [isIn(key, slot(window, 0)), isIn(key, slot(window, Math.floor(sets.length / 2)))];
  return [flooding, asRule(...looksFull, goTo(many)), ...rules, ...none];
}

function judgeWheel(window: Wheel, key: Expr, below: string, over: Statement, twice: boolean, base: string, output: Output): readonly NftRule[] {
  const { log, flood, pointers } = window;
  if (log === undefined || flood === undefined) return [];
  const { chains, freeName } = output;
  const record = freeName(`${base}_record`);
  const full = freeName(`${base}_full`);
  chains.push({ name: record, rules: recordNumber(log, pointers, key), comments: ['stamps under the number found, and goes on to the next'] });
  chains.push({
    name: full,
    rules: [asRule(...tooFast(flood, key), over), asRule(jump(record)), ...(twice ? [asRule(jump(record))] : []), asRule(over)],
    comments: ['as many stamps as the limit'],
  });
  return [
    asRule(isIn(key, flood.set), ...tooFast(flood, key), over),
    asRule(jump(finder(pointers, key, output))),
    asRule(isIn(withNumber(key), log), goTo(full)),
    asRule(isIn(key, flood.set), goTo(full)),
    asRule(jump(record)),
    asRule(goTo(below)),
  ];
}

/**
 * One try in a window, all tries count: every try renews the stamp. Should several processors see the first tries of an address at once, one takes
 * the place.
 */
export function countOne(shape: PairShape, output: Output): Branches {
  const { key, type, milliseconds, says, admits } = shape;
  const seen = output.freeName(shape.base);
  shape.carry?.({ shape: 'slots', count: 1, milliseconds, sets: [seen] });
  const place = output.freeName(`${shape.base}_place`);
  const set = { kind: 'set', type: [type], flags: ['dynamic', 'timeout'], timeout: milliseconds } as const;
  output.sets.push(
    { ...set, name: seen, comments: [`${says}: every try renews it`] },
    { ...set, name: place, comments: ['the one let through, should several processors see more of them at once'] },
  );
  if (admits) return { acting: [[isNotIn(key, seen), add(seen, key), take(place, key)]], counting: [[update(seen, key)]] };
  return {
    acting: [
      [isIn(key, seen), update(seen, key)],
      [add(seen, key), { kind: 'setUpdate', operation: 'add', set: place, key, statements: [limit(1, 'week', 1, true)] }],
    ],
    counting: [],
  };
}

/** The same without the place: as simple, and as exact, for packets that come one after the other. */
export function renewOne(shape: PairShape, output: Output): Branches {
  const { key, type, milliseconds, says, admits } = shape;
  const seen = output.freeName(shape.base);
  shape.carry?.({ shape: 'slots', count: 1, milliseconds, sets: [seen] });
  output.sets.push({
    kind: 'set',
    name: seen,
    type: [type],
    flags: ['dynamic', 'timeout'],
    timeout: milliseconds,
    comments: [`${says}: every try renews it`],
  });
  const renewed = update(seen, key);
  return { acting: [[admits ? isNotIn(key, seen) : isIn(key, seen), renewed]], counting: [[renewed]] };
}
