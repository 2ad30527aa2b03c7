/**
 * `--rates exact` for pairs of rules: the same packets pass as with xt_recent, to the tick, and never more than the limit when several processors
 * see packets of one address at the same instant.
 */

import type { Expr, NamedSet, NftChain, NftRule, Statement } from '../../nft/ir.js';
import { goTo, limit, returnToCaller } from '../../nft/build.js';
import type { Branches } from './meter.js';
import { add, asRule, createWindow, isIn, isNotIn, paced, remove, renew, slot, update, windowSets, type Window } from './window.js';

/** Where sets and chains of a pair go. */
export interface PairOutput {
  readonly sets: NamedSet[];
  readonly chains: NftChain[];
  readonly freeName: (wanted: string) => string;
}

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
}

/** A week is when a slot would let a second packet through; windows are shorter. */
export const LONGEST_SLOT = 604_800_000;

/** Creates the element or finds it there, in one step: matches for the packet that creates it, and no other until it is too old. */
function take(set: string, key: Expr): Statement {
  return { kind: 'setUpdate', operation: 'add', set, key, statements: [limit(1, 'week', 1)] };
}

/** Sets for the tries let through: as many as may be in a window. */
function placeSets(shape: PairShape, base: string, output: PairOutput, says: string): readonly string[] {
  const names = Array.from({ length: shape.lets }, (_, index) => output.freeName(`${base}_${String(index + 1)}`));
  output.sets.push(
    ...names.map((name, index): NamedSet => ({
      kind: 'set',
      name,
      type: [shape.type],
      flags: ['dynamic', 'timeout'],
      timeout: shape.milliseconds,
      ...(index === 0 ? { comments: [says] } : {}),
    })),
  );
  return names;
}

/** Only tries let through count: each takes one of N places and keeps it for the window. The result is the chain to jump to. */
export function countAdmitted(shape: PairShape, output: PairOutput): string {
  const name = output.freeName(shape.base);
  const places = placeSets(
    shape,
    shape.base,
    output,
    `${shape.says}; each that is let through takes one of ${String(shape.lets)} places for as long`,
  );
  const rules = places.map((place) => asRule(take(place, shape.key), returnToCaller));
  output.chains.push({ name, rules: [...rules, ...shape.action], comments: [`${shape.says}: returns when there is a place`] });
  return name;
}

/**
 * All tries count, blocked ones once or twice: a ring of stamps says whether a try is over the limit. Behind it the tries let through take
 * places, which changes nothing but when several processors see packets of one address at the same instant. The result is the chain to jump to.
 */
export function countAll(shape: PairShape, twice: boolean, output: PairOutput): string {
  const { key, lets, base, admits, says } = shape;
  const { freeName, chains } = output;
  const window = createWindow(base, lets, shape.milliseconds, freeName);
  output.sets.push(...windowSets(window, shape.type, `${says}: a ring of stamps, the set behind the newest is empty`));
  const entry = freeName(base);
  const below = freeName(`${base}_below`);
  const acting = freeName(admits ? `${base}_pass` : `${base}_over`);
  // Below the limit a place is taken; above it the way ends.
  const found = ring(window, key, below, admits ? returnToCaller : goTo(acting), twice, base, output);
  const places = placeSets(shape, `${base}_place`, output, `the ${String(lets)} let through, should several processors see them at once`);
  chains.push({ name: acting, rules: shape.action, comments: [`${says}: ${admits ? 'below' : 'over'} the limit`] });
  chains.push({
    name: below,
    rules: [...places.map((place) => asRule(take(place, key), admits ? goTo(acting) : returnToCaller)), ...(admits ? [] : [asRule(goTo(acting))])],
    comments: ['below the limit'],
  });
  chains.push({ name: entry, rules: found, comments: [`${says}: finds the gap, stamps${admits ? '' : '; returns when below the limit'}`] });
  return entry;
}

/** `below` is a chain, `over` a verdict; both end the search. */
function ring(
  window: Window,
  key: Expr,
  below: string,
  over: Statement,
  twice: boolean,
  base: string,
  { chains, freeName }: PairOutput,
): readonly NftRule[] {
  const { slots: sets, pace } = window;
  const rules: NftRule[] = [];
  for (const [gap, set] of sets.entries()) {
    const at = freeName(`${base}_gap_${String(gap)}`);
    const full = freeName(`${base}_full_${String(gap)}`);
    const next = slot(window, gap + 1);
    // Two stamps: the gap and the one behind it, which is live and only grows younger.
    const second = twice ? [update(next, key)] : [];
    chains.push(
      { name: full, rules: [asRule(...renew(set, key), ...second, remove(slot(window, gap + (twice ? 2 : 1)), key)), asRule(over)] },
      {
        name: at,
        rules: [
          ...(pace === undefined ? [] : [asRule(isIn(key, next), paced(pace, key, sets.length), over)]),
          asRule(isIn(key, next), goTo(full)),
          asRule(...renew(set, key)),
          asRule(goTo(below)),
        ],
      },
    );
    rules.push(asRule(isIn(key, slot(window, gap - 1)), isNotIn(key, set), goTo(at)));
  }
  return [
    ...rules,
    {
      comments: ['no gap: two processors stamped at the same instant; mends itself when the oldest is too old'],
      statements: [...sets.map((name) => isIn(key, name)), over],
    },
    asRule(...renew(slot(window, 0), key)),
    asRule(goTo(below)),
  ];
}

/**
 * One try in a window, all tries count: every try renews the stamp. Should several processors see the first tries of an address at once, one takes
 * the place.
 */
export function countOne(shape: PairShape, output: PairOutput): Branches {
  const { key, type, milliseconds, says, admits } = shape;
  const seen = output.freeName(shape.base);
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
export function renewOne(shape: PairShape, output: PairOutput): Branches {
  const { key, type, milliseconds, says, admits } = shape;
  const seen = output.freeName(shape.base);
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
