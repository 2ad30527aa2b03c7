/** Where the rules of a table lead: which chains jump or go to which, from which hooks each is reached, which chains it is reached from. */

import type { Hook } from '../extensions/define.js';
import { oncePer } from '../text/once-per.js';
import type { Chain, Table } from './model.js';
import { surveyOf, type Jump } from './survey.js';

/** The chains of the table that a chain leads to, each with the first rule that does; chains that lead nowhere are absent. */
export function jumpsOf(table: Table): ReadonlyMap<Chain, readonly Jump[]> {
  return surveyOf(table).jumps;
}

/** The hooks from which each chain of a table can be reached, following jumps and gotos; chains that none leads to are absent. Found once for each table. */
export const reachingHooks = oncePer(followJumps);

function followJumps(table: Table): ReadonlyMap<Chain, readonly Hook[]> {
  const jumps = jumpsOf(table);
  const hooks: Hook[] = [];
  // A bit for each hook: most chains of a large table are reached from the same ones, and share one list.
  const reached = new Map<Chain, number>();
  for (const chain of table.chains.values()) {
    if (chain.hook === undefined) continue;
    const bit = 1 << hooks.length;
    hooks.push(chain.hook);
    const open = [chain];
    for (let next = open.pop(); next !== undefined; next = open.pop()) {
      const known = reached.get(next) ?? 0;
      if ((known & bit) !== 0) continue;
      reached.set(next, known | bit);
      for (const { to } of jumps.get(next) ?? []) open.push(to);
    }
  }
  const lists = new Map<number, readonly Hook[]>();
  const listOf = (bits: number): readonly Hook[] => {
    let list = lists.get(bits);
    if (list === undefined) {
      list = hooks.filter((_, index) => (bits & (1 << index)) !== 0);
      lists.set(bits, list);
    }
    return list;
  };
  const result = new Map<Chain, readonly Hook[]>();
  for (const [chain, bits] of reached) result.set(chain, listOf(bits));
  return result;
}

/** The chains that a chain leads to, itself among them, each with the jump that leads there first. */
export type Ways = ReadonlyMap<Chain, Jump | undefined>;

/** Where a chain of the table leads. */
export function waysFrom(table: Table, start: Chain): Ways {
  const jumps = jumpsOf(table);
  const ways = new Map<Chain, Jump | undefined>([[start, undefined]]);
  // What is found on the way is gone through as well.
  for (const from of ways.keys()) for (const jump of jumps.get(from) ?? []) if (!ways.has(jump.to)) ways.set(jump.to, jump);
  return ways;
}

/** The jumps that lead to a chain, the first one first; empty when none do. */
export function pathTo(chain: Chain, ways: Ways): readonly Jump[] {
  const path: Jump[] = [];
  for (let jump = ways.get(chain); jump !== undefined; jump = ways.get(jump.from)) path.push(jump);
  return path.reverse();
}

/** The names of `chains` and of all chains of the table that lead to one of them. */
export function leadingTo(table: Table, chains: Iterable<Chain>): ReadonlySet<string> {
  const callers = new Map<Chain, Chain[]>();
  for (const [from, jumps] of jumpsOf(table))
    for (const { to } of jumps) {
      const known = callers.get(to);
      if (known === undefined) callers.set(to, [from]);
      else known.push(from);
    }
  const found = new Set<Chain>(chains);
  for (const chain of found) for (const caller of callers.get(chain) ?? []) found.add(caller);
  return new Set([...found].map(({ name }) => name));
}
