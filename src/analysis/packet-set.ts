/**
 * Sets of packets: a box is what rules ask for (addresses, ports, states, …), each thing by itself; several boxes together are any set.
 * What is left of a box when others are taken away tells whether a rule is covered by several others.
 */

import { contains, intersect, isNothing, overlap, subtract, type Ranges, type Value } from './ranges.js';

/**
 * What a packet is looked at by. `text:…` is a test that is only known by its words: the same words say the same of a packet wherever
 * they stand. Its values: 0 it fails, 1 it holds, 2 there is nothing to test, so that it fails with a `!` before it, too.
 */
export type Dimension =
  | 'source'
  | 'source6'
  | 'destination'
  | 'destination6'
  | 'in'
  | 'out'
  | 'protocol'
  | 'source port'
  | 'destination port'
  | 'state'
  | 'icmp type'
  | 'tcp flags'
  | 'fragment'
  | `text:${string}`;

/** Behind every name of an interface. */
export const LAST_NAME = '\uffff';

const ADDRESSES: Ranges = [0, 0x1_0000_0000];
const ADDRESSES_6: Ranges = [0n, 1n << 128n];
const NAMES: Ranges = ['', LAST_NAME];
const PORTS: Ranges = [0, 0x1_0000];
const TRUTHS: Ranges = [0, 2];
const TEST_VALUES: Ranges = [0, 3];

/** All values of a dimension. ICMP types count type * 256 + code; flags are the lower six bits of byte 13 of the TCP header. */
const WHOLE: Readonly<Record<string, Ranges>> = {
  source: ADDRESSES,
  source6: ADDRESSES_6,
  destination: ADDRESSES,
  destination6: ADDRESSES_6,
  in: NAMES,
  out: NAMES,
  protocol: [0, 256],
  'source port': PORTS,
  'destination port': PORTS,
  state: [0, 5],
  'icmp type': PORTS,
  'tcp flags': [0, 64],
  fragment: TRUTHS,
};

/** Every value a dimension has. */
export function wholeOf(dimension: Dimension): Ranges {
  return WHOLE[dimension] ?? TEST_VALUES;
}

/** What the complement of a set is in its dimension. */
export function complement(dimension: Dimension, ranges: Ranges): Ranges {
  return subtract(wholeOf(dimension), ranges);
}

/** The packets whose value in each dimension is one of those given; a dimension that is not given does not matter. None is empty. */
export type Box = ReadonlyMap<Dimension, Ranges>;

/** Every packet. */
export const EVERYTHING: Box = new Map();

/** A box with one demand more; undefined when no packet is left. */
export function narrow(box: Box, dimension: Dimension, ranges: Ranges): Box | undefined {
  const before = box.get(dimension);
  const after = before === undefined ? ranges : intersect(before, ranges);
  return isNothing(after) ? undefined : new Map(box).set(dimension, after);
}

/** The packets of both boxes; undefined when there are none. */
export function intersectBoxes(left: Box, right: Box): Box | undefined {
  let common: Box | undefined = left;
  for (const [dimension, ranges] of right) {
    common = narrow(common, dimension, ranges);
    if (common === undefined) return undefined;
  }
  return common;
}

/** Whether some packet is in both boxes. */
export function boxesOverlap(left: Box, right: Box): boolean {
  for (const [dimension, ranges] of right) {
    const own = left.get(dimension);
    if (own !== undefined && !overlap(own, ranges)) return false;
  }
  return true;
}

/** Whether every packet of the inner box is in the outer one. */
export function boxContains(outer: Box, inner: Box): boolean {
  for (const [dimension, ranges] of outer) if (!contains(ranges, inner.get(dimension) ?? wholeOf(dimension))) return false;
  return true;
}

/** The packets of a box that are not in another one, as boxes without common packets. */
export function subtractBox(box: Box, taken: Box): readonly Box[] {
  if (!boxesOverlap(box, taken)) return [box];
  const rest: Box[] = [];
  let inside = box;
  // Most boxes differ in one dimension only, so that nothing is asked of what is inside.
  let narrowing: readonly [Dimension, Ranges] | undefined;
  for (const [dimension, ranges] of taken) {
    const own = inside.get(dimension) ?? wholeOf(dimension);
    const outside = subtract(own, ranges);
    if (isNothing(outside)) continue;
    if (narrowing !== undefined) inside = new Map(inside).set(...narrowing);
    rest.push(new Map(inside).set(dimension, outside));
    narrowing = [dimension, intersect(own, ranges)];
  }
  return rest;
}

/** At most so many boxes are kept of what is left; beyond, whether anything is left counts as not known. */
const MOST_BOXES = 40;

/** Ranges that are compared for one question; a list of addresses is one box with many. */
const MOST_WORK = 20_000;

/**
 * Which of the sets are needed to cover a box, by their places in the list and ascending; undefined when they do not cover it, or when
 * it cannot be told within bounds.
 */
export function coveredBy(box: Box, sets: readonly Box[]): readonly number[] | undefined {
  const single = sets.findIndex((set) => boxContains(set, box));
  if (single !== -1) return [single];
  const used: Taking[] = [];
  let left: readonly Box[] = [box];
  let work = 0;
  for (const [index, set] of sets.entries()) {
    const next: Box[] = [];
    for (const one of left) {
      for (const [, ranges] of one) work += ranges.length;
      next.push(...subtractBox(one, set));
    }
    if (next.length !== left.length || next.some((one, place) => one !== left[place])) used.push({ index, set, left });
    if (next.length > MOST_BOXES || work > MOST_WORK) return undefined;
    left = next;
    if (left.length === 0) return withoutNeedless(used).map((taking) => taking.index);
  }
  return undefined;
}

/** A set that took packets, and what was left before it. */
interface Taking {
  readonly index: number;
  readonly set: Box;
  readonly left: readonly Box[];
}

/** Without those whose packets the ones behind them take, too. */
function withoutNeedless(used: readonly Taking[]): readonly Taking[] {
  let needed: readonly Taking[] = [];
  for (const taking of [...used].reverse()) {
    const taken = taking.left.flatMap((one) => intersectBoxes(one, taking.set) ?? []);
    if (!areCovered(taken, needed)) needed = [taking, ...needed];
  }
  return needed;
}

function areCovered(boxes: readonly Box[], by: readonly Taking[]): boolean {
  let left = boxes;
  for (const { set } of by) {
    if (left.length > MOST_BOXES) return false;
    left = left.flatMap((one) => subtractBox(one, set));
  }
  return left.length === 0;
}

/** One packet: a value in each dimension. */
export interface Packet {
  readonly valueOf: (dimension: Dimension) => Value;
}

/** A packet of a box; `fraction`, from 0 to less than 1, says from where in each set of values it is taken. */
export function samplePacket(box: Box, fraction: number): Packet {
  return { valueOf: (dimension) => sampleValue(box.get(dimension) ?? wholeOf(dimension), fraction) };
}

function sampleValue(ranges: Ranges, fraction: number): Value {
  const place = Math.floor((ranges.length / 2) * fraction) * 2;
  const from = ranges[place] ?? 0;
  const to = ranges[place + 1] ?? 0;
  if (typeof from === 'number') return from + Math.floor((Number(to) - from) * fraction);
  if (typeof from === 'bigint') return from + ((BigInt(to) - from) * BigInt(Math.floor(fraction * 1024))) / 1024n;
  // A name that nobody gives an interface, where there is room for one.
  return `${from}~` < to ? `${from}~` : from;
}

/** Whether a packet is in a box. */
export function holds(box: Box, packet: Packet): boolean {
  for (const [dimension, ranges] of box) if (!holdsValue(ranges, packet.valueOf(dimension))) return false;
  return true;
}

function holdsValue(ranges: Ranges, value: Value): boolean {
  for (let place = 0; place < ranges.length; place += 2) if ((ranges[place] ?? 0) <= value && value < (ranges[place + 1] ?? 0)) return true;
  return false;
}
