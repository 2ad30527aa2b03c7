/**
 * `--rates exact` for pairs of rules: the same packets pass as with xt_recent, to the tick, and never more than the limit when several processors
 * see packets of one address at the same instant.
 */

import type { Expr, NamedSet, NftChain, NftRule, Statement } from '../../nft/ir.js';
import { goTo, jump, limit, returnToCaller } from '../../nft/build.js';
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
  /** What happens to packets over the limit. */
  readonly over: readonly NftRule[];
}

/** A week is when a slot would let a second packet through; windows are shorter. */
export const LONGEST_SLOT = 604_800_000;

/** Creates the element or finds it there, in one step: matches for the packet that creates it, and no other until it is too old. */
function take(set: string, key: Expr): Statement {
  return { kind: 'setUpdate', operation: 'add', set, key, statements: [limit(1, 'week', 1)] };
}

function slots(shape: PairShape, base: string, output: PairOutput, says: string): readonly NftRule[] {
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
  return names.map((name) => asRule(take(name, shape.key), returnToCaller));
}

/** Only tries let through count: each takes one of N places and keeps it for the window. The result is the chain to jump to. */
export function countAdmitted(shape: PairShape, output: PairOutput): string {
  const name = output.freeName(shape.base);
  const rules = slots(shape, shape.base, output, `${shape.says}; each that is let through takes one of ${String(shape.lets)} places for as long`);
  output.chains.push({ name, rules: [...rules, ...shape.over], comments: [`${shape.says}: returns when there is a place`] });
  return name;
}

/**
 * All tries count, blocked ones once or twice: a ring of stamps says whether a try is over the limit. Behind it the tries let through take
 * places, which changes nothing but when several processors see packets of one address at the same instant. The result is the chain to jump to.
 */
export function countAll(shape: PairShape, twice: boolean, output: PairOutput): string {
  const { key, lets, base } = shape;
  const { freeName, chains } = output;
  const window = createWindow(base, lets, shape.milliseconds, freeName);
  output.sets.push(...windowSets(window, shape.type, `${shape.says}: a ring of stamps, the set behind the newest is empty`));
  const over = freeName(`${base}_over`);
  const judge = freeName(`${base}_judge`);
  const entry = freeName(base);
  chains.push({ name: over, rules: shape.over, comments: [`${shape.says}: over the limit`] });
  const found = ring(window, key, over, twice, base, output);
  chains.push({ name: judge, rules: found, comments: ['finds the gap, stamps; returns when under the limit'] });
  const places = slots(shape, `${base}_place`, output, `the ${String(lets)} let through, should several processors see them at once`);
  chains.push({ name: entry, rules: [asRule(jump(judge)), ...places, asRule(goTo(over))], comments: [`${shape.says}: returns when under the limit`] });
  return entry;
}

function ring(window: Window, key: Expr, over: string, twice: boolean, base: string, { chains, freeName }: PairOutput): readonly NftRule[] {
  const { slots: sets, pace } = window;
  const rules: NftRule[] = [];
  for (const [gap, set] of sets.entries()) {
    const at = freeName(`${base}_gap_${String(gap)}`);
    const full = freeName(`${base}_full_${String(gap)}`);
    const next = slot(window, gap + 1);
    // Two stamps: the gap and the one behind it, which is live and only grows younger.
    const second = twice ? [update(next, key)] : [];
    chains.push(
      {
        name: full,
        rules: [asRule(...renew(set, key), ...second, remove(slot(window, gap + (twice ? 2 : 1)), key)), asRule(goTo(over))],
      },
      {
        name: at,
        rules: [
          ...(pace === undefined ? [] : [asRule(isIn(key, next), paced(pace, key, sets.length), goTo(over))]),
          asRule(isIn(key, next), goTo(full)),
          asRule(...renew(set, key)),
        ],
      },
    );
    rules.push(asRule(isIn(key, slot(window, gap - 1)), isNotIn(key, set), goTo(at)));
  }
  return [
    ...rules,
    {
      comments: ['no gap: two processors stamped at the same instant; mends itself when the oldest is too old'],
      statements: [...sets.map((name) => isIn(key, name)), goTo(over)],
    },
    asRule(...renew(slot(window, 0), key)),
  ];
}

/** One try in a window, all tries count: the element is renewed by every try. The result is the chain to jump to. */
export function countOne(shape: PairShape, output: PairOutput): readonly (readonly Statement[])[] {
  const name = output.freeName(shape.base);
  output.sets.push({ kind: 'set', name, type: [shape.type], flags: ['dynamic', 'timeout'], timeout: shape.milliseconds, comments: [shape.says] });
  return [[isIn(shape.key, name), update(shape.key === undefined ? name : name, shape.key)], [add(name, shape.key)]];
}
