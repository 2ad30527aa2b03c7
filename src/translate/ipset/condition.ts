/** What it takes to be in an ipset, or not to be in it, as alternatives of nft statements that exclude each other. */

import type { Family } from '../../extensions/define.js';
import { compare, match, meta, setOf, setReference, symbol } from '../../nft/build.js';
import { protocolExpr } from '../../extensions/base.js';
import type { Statement } from '../../nft/ir.js';
import { holds, isIn, isLaterFragment, protocolGuard, type Ends, type SetClass } from './classes.js';

export type Alternatives = readonly (readonly Statement[])[];

/** Both answers; exactly one alternative of one of them holds for any packet. */
export interface Condition {
  readonly inside: Alternatives;
  readonly outside: Alternatives;
}

/** What no packet fulfils. */
export const NEVER: Condition = { inside: [], outside: [[]] };

/** More alternatives than this of one rule are not written. */
const LIMIT = 64;

/** A class of elements together with the nft set it became. */
export interface NamedClass {
  readonly own: SetClass;
  readonly name: string;
}

/** Being in one of the nft sets of an ipset. `protocol`: the only one the rule is for, where it says so. */
export function conditionOf(all: readonly NamedClass[], ends: Ends, family: Family, protocol: number | undefined): Condition {
  const classes = all.filter(({ own }) => holds(own, protocol));
  const inside = classes.map(({ own, name }) => isIn(own, name, ends, family, protocol !== undefined));
  if (all.some(({ own }) => own.protocols !== undefined)) return { inside, outside: outsideOfPorts(classes, ends, family, protocol !== undefined) };
  let outside: Alternatives = [[]];
  for (const { own, name } of classes) {
    const notFound = match(own.key(ends), setReference(name), true);
    const guard = own.guard(ends);
    let alternatives: Alternatives = [[notFound]];
    if (guard?.kind === 'match') alternatives = [[{ ...guard, operator: '!=' }], [guard, notFound]];
    // A packet that did not come in over Ethernet has no address to compare. nft asks for that by itself, and does not turn it round.
    else if (own.type.includes('ether_addr')) alternatives = [[compare(meta('iiftype'), '!=', symbol('ether'))], [notFound]];
    outside = product(outside, alternatives);
  }
  return { inside, outside };
}

/** Packets of other protocols, fragments without ports, and those whose ports are not found. `known`: all packets are of these classes. */
function outsideOfPorts(classes: readonly NamedClass[], ends: Ends, family: Family, known: boolean): Alternatives {
  if (known && classes.length === 0) return [[]];
  const alternatives: (readonly Statement[])[] = [];
  const named: number[] = [];
  let everything = false;
  for (const { own, name } of classes) {
    const guard = known ? undefined : protocolGuard(own, family, true);
    const lead = guard === undefined ? [] : [guard];
    alternatives.push([...lead, match(own.key(ends), setReference(name), true)]);
    if (own.suffix !== '_other') alternatives.push([...lead, isLaterFragment(family)]);
    named.push(...(own.protocols ?? []));
    if (own.protocols?.length === 0) everything = true;
  }
  if (!everything && !known) alternatives.push([match(meta('l4proto'), setOf(named.map(protocolExpr)), true)]);
  return alternatives;
}

/** Being in any of several sets; undefined when it takes too many alternatives. */
export function anyOf(conditions: readonly Condition[]): Condition | undefined {
  const inside: (readonly Statement[])[] = [];
  let outside: Alternatives = [[]];
  for (const condition of conditions) {
    for (const alternative of product(outside, condition.inside)) inside.push(alternative);
    outside = product(outside, condition.outside);
    if (inside.length > LIMIT || outside.length > LIMIT) return undefined;
  }
  return { inside, outside };
}

/** Both together; what contradicts itself is left out, and what is said twice is said once. */
function product(left: Alternatives, right: Alternatives): Alternatives {
  return left.flatMap((before) =>
    right.flatMap((after) => {
      const joined = [...before, ...after.filter((statement) => !before.some((other) => isSame(statement, other)))];
      return hasProtocol(joined) ? [joined] : [];
    }),
  );
}

function isSame(left: Statement, right: Statement): boolean {
  return left === right || JSON.stringify(left) === JSON.stringify(right);
}

/** Whether some protocol is left that all comparisons of the protocol agree to. */
function hasProtocol(statements: readonly Statement[]): boolean {
  let only: ReadonlySet<string> | undefined;
  const barred = new Set<string>();
  for (const statement of statements) {
    if (statement.kind !== 'match' || statement.left.kind !== 'meta' || statement.left.key !== 'l4proto') continue;
    const { right, operator } = statement;
    const named = (right.kind === 'set' ? right.elements : [right]).map((expr) => JSON.stringify(expr));
    if (operator === '!=') for (const name of named) barred.add(name);
    else {
      const before: ReadonlySet<string> = only ?? new Set(named);
      only = new Set(named.filter((name) => before.has(name)));
    }
  }
  return only === undefined || [...only].some((name) => !barred.has(name));
}
