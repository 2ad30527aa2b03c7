/** Named sets and maps whose elements come and go. (kernel: net/netfilter/nft_set_hash.c, nft_dynset.c) */

import type { Expr, NamedSet, SetElement, Verdict } from '../../nft/ir.js';
import { cleanConnections, type Connections } from '../connections.js';
import { createCounting, type CountingState, type CountingStatement } from './counting.js';
import { constantOf, type Value } from './values.js';

/** An element. */
export interface Element {
  /** The tick it is too old from; never without. */
  expires: number | undefined;
  /** What counts in it, made with it. */
  readonly counting: readonly CountingState[];
  readonly value: Value | undefined;
  readonly verdict: Verdict | undefined;
}

/** Elements that take in more than one value. */
interface Interval {
  readonly from: bigint;
  readonly to: bigint;
  readonly element: Element;
}

/** A set while packets pass. */
export interface LiveSet {
  readonly definition: NamedSet;
  readonly hz: number;
  readonly elements: Map<string, Element>;
  readonly intervals: readonly Interval[];
  /** Elements that were deleted, or are too old and were replaced, and still take room. */
  garbage: number;
  /** The tick the room is cleared at. */
  clears: number;
}

/** Elements a set that rules write to holds unless it says otherwise; milliseconds between two looks for old ones. (NFT_SET_… in nf_tables_api.c; measured) */
const USUAL_SIZE = 65_535;
const USUAL_GC = 1000;

/** Milliseconds in whole ticks. (kernel: net/netfilter/nf_tables_api.c, nf_msecs_to_jiffies64) */
function ticks(milliseconds: number, hz: number): number {
  return Math.floor((milliseconds * hz) / 1000);
}

/** The set with the elements it was written with, or what of them the simulator does not know. */
export function createSet(definition: NamedSet, hz: number): LiveSet | string {
  const elements = new Map<string, Element>();
  const intervals: Interval[] = [];
  for (const given of definition.elements ?? []) {
    const element = elementOf(given, definition, hz);
    if (typeof element === 'string') return element;
    const ends = rangeOf(given.key, definition.type.join(' . '));
    if (typeof ends === 'string') return ends;
    if (ends.to === undefined) elements.set(String(ends.from), element);
    else if (typeof ends.from === 'bigint') intervals.push({ from: ends.from, to: ends.to, element });
  }
  return { definition, hz, elements, intervals, garbage: 0, clears: gcTicks(definition, hz) };
}

function gcTicks({ gcInterval }: NamedSet, hz: number): number {
  return Math.max(1, ticks(gcInterval ?? USUAL_GC, hz));
}

function elementOf(given: SetElement, { timeout, valueType }: NamedSet, hz: number): Element | string {
  const life = given.expires ?? given.timeout ?? timeout;
  const value = given.value === undefined ? undefined : constantOf(given.value, valueType ?? 'integer');
  if (value !== undefined && value.kind !== 'value') return 'a value of a map is not known to the simulator';
  return { expires: life === undefined ? undefined : ticks(life, hz), counting: [], value: value?.value, verdict: given.verdict };
}

/** One value, or a range of numbers both ends of which are in it; or what is not known. */
export function rangeOf(key: Expr, kind: string): { readonly from: Value; readonly to: bigint | undefined } | string {
  if (key.kind === 'prefix') {
    const address = constantOf({ kind: 'symbol', name: key.address }, kind);
    const bits = BigInt((kind === 'ipv6_addr' ? 128 : 32) - key.length);
    if (address.kind !== 'value' || typeof address.value !== 'bigint') return 'a prefix is not known to the simulator';
    const from = (address.value >> bits) << bits;
    return { from, to: from + (1n << bits) - 1n };
  }
  if (key.kind === 'range') {
    const from = constantOf(key.from, kind);
    const to = constantOf(key.to, kind);
    if (from.kind !== 'value' || to.kind !== 'value' || typeof from.value !== 'bigint' || typeof to.value !== 'bigint')
      return 'a range is not known to the simulator';
    return { from: from.value, to: to.value };
  }
  const value = constantOf(key, kind);
  if (value.kind !== 'value') return 'an element of a set is not known to the simulator';
  return { from: value.value, to: undefined };
}

function isLive({ expires }: Element, tick: number): boolean {
  return expires === undefined || tick < expires;
}

/** The element of a value, if it has one that is not too old. */
export function lookUp(set: LiveSet, value: Value, tick: number): Element | undefined {
  const element = set.elements.get(String(value));
  if (element !== undefined && isLive(element, tick)) return element;
  if (typeof value !== 'bigint') return undefined;
  return set.intervals.find(({ from, to }) => from <= value && value <= to)?.element;
}

/** What an element is made with. */
export interface Making {
  readonly tick: number;
  /** Seconds. */
  readonly time: number;
  /** Milliseconds; the set's own without. */
  readonly timeout: number | undefined;
  readonly statements: readonly CountingStatement[];
  readonly value: Value | undefined;
  readonly connections: Connections;
}

/** The element of a value, made if there is none; undefined when the set is full. `renews`: one that is there begins its life anew. */
export function addElement(
  set: LiveSet,
  value: Value,
  { tick, time, timeout, statements, value: data, connections }: Making,
  renews: boolean,
): Element | undefined {
  clear(set, tick, connections);
  const key = String(value);
  const life = timeout ?? set.definition.timeout;
  const expires = life === undefined ? undefined : tick + ticks(life, set.hz);
  const known = set.elements.get(key);
  if (known !== undefined && isLive(known, tick)) {
    if (renews && known.expires !== undefined) known.expires = expires;
    return known;
  }
  if (set.elements.size + set.garbage >= (set.definition.size ?? USUAL_SIZE)) return undefined;
  // One that is too old lies beside the new one until it is cleared.
  if (known !== undefined) set.garbage += 1;
  const element: Element = {
    expires,
    counting: statements.map((statement) => createCounting(statement, time, tick)),
    value: data,
    verdict: undefined,
  };
  set.elements.set(key, element);
  return element;
}

/** Deletes an element; that there is none is no error. */
export function deleteElement(set: LiveSet, value: Value, tick: number, connections: Connections): void {
  clear(set, tick, connections);
  if (set.elements.delete(String(value))) set.garbage += 1;
}

/** Takes out what is too old, and connections that are closed, when it is time. (nft_rhash_gc) */
function clear(set: LiveSet, tick: number, connections: Connections): void {
  if (tick < set.clears) return;
  const every = gcTicks(set.definition, set.hz);
  const last = set.clears + Math.floor((tick - set.clears) / every) * every;
  for (const [key, element] of set.elements) {
    const counting = element.counting.find((state) => state.kind === 'ctCount');
    const isEmpty = counting !== undefined && !cleanConnections(counting.list, connections, last / set.hz);
    if (isEmpty || !isLive(element, last)) set.elements.delete(key);
  }
  set.garbage = 0;
  set.clears = last + every;
}
