/** Finds the boxes, among very many, that a packet is in or that have packets in common with a box, without looking at all of them. */

import { boxesOverlap, holds, type Box, type Dimension, type Packet } from './packet-set.js';
import { overlap, type Ranges, type Value } from './ranges.js';

/** How much may be spent: boxes that are looked at. It goes down as it is spent. */
export interface Effort {
  boxes: number;
}

/** Boxes by what they ask for. The place of a box is how many were added before it. */
export interface BoxIndex {
  readonly add: (box: Box) => void;
  /** The first boxes, at most so many, that a packet is in: their places, ascending. `from` is the box that the packet was taken from. */
  readonly holding: (packet: Packet, from: Box, most: number, effort: Effort) => readonly number[];
  /** The first boxes, at most so many, that have packets in common with a box: their places, ascending. */
  readonly overlapping: (box: Box, most: number, effort: Effort) => readonly number[];
}

/** Places of boxes, ascending. */
type Bucket = number[];

/**
 * Each box stands in one of the dimensions it asks something in, the one in which it meets the fewest others; a packet meets few of them
 * in each.
 */
export function createBoxIndex(): BoxIndex {
  const boxes: Box[] = [];
  const inDimension = new Map<Dimension, Blocks>();
  const tests = createTests();
  const unasked: Bucket = [];

  const firstOf = (buckets: readonly Bucket[] | undefined, most: number, effort: Effort, accept: (box: Box) => boolean): readonly number[] => {
    const found = new Set<number>();
    const look = (places: Iterable<number>): void => {
      let left = most;
      for (const place of places) {
        if (left === 0 || effort.boxes <= 0) return;
        effort.boxes -= 1;
        const box = boxes[place];
        if (box === undefined || !accept(box)) continue;
        found.add(place);
        left -= 1;
      }
    };
    // One list in order can be left when enough is found; of many every one has to be begun.
    if (buckets === undefined) look(boxes.keys());
    else buckets.forEach(look);
    return [...found].sort((one, other) => one - other).slice(0, most);
  };

  return {
    add: (box) => {
      const place = boxes.push(box) - 1;
      let fewest = Infinity;
      let put = (): void => void unasked.push(place);
      for (const [dimension, ranges] of box) {
        const blocks = isTest(dimension) ? undefined : (inDimension.get(dimension) ?? createBlocks());
        const met = blocks === undefined ? tests.met(ranges) : blocks.met(ranges);
        if (met >= fewest) continue;
        fewest = met;
        put = () => {
          if (blocks === undefined) tests.put(dimension, ranges, place);
          else {
            inDimension.set(dimension, blocks);
            blocks.put(ranges, place);
          }
        };
      }
      put();
    },
    holding: (packet, from, most, effort) => {
      const buckets = [unasked, ...tests.holding(packet, from)];
      for (const [dimension, blocks] of inDimension) buckets.push(...blocks.holding(packet.valueOf(dimension)));
      return firstOf(buckets, most, effort, (box) => holds(box, packet));
    },
    overlapping: (box, most, effort) => {
      const asked = [...inDimension].map(([dimension, blocks]) => blocks.overlapping(box.get(dimension)));
      const buckets = asked.includes(undefined) ? undefined : [unasked, ...tests.all(), ...asked.flatMap((some) => some ?? [])];
      return firstOf(buckets, most, effort, (other) => boxesOverlap(other, box));
    },
  };
}

/**
 * Boxes by what they ask for in one dimension: each range stands under the smallest block of values it lies in. A block is all values
 * that are the same when some bits are cut off, and a value is in one block of each length.
 */
interface Blocks {
  /** How many boxes stand where one with these ranges would. */
  readonly met: (ranges: Ranges) => number;
  readonly put: (ranges: Ranges, place: number) => void;
  readonly holding: (value: Value) => Bucket[];
  /** Those that may have a value in common with the ranges, all without ranges; undefined where that would be a long list. */
  readonly overlapping: (ranges: Ranges | undefined) => readonly Bucket[] | undefined;
}

/** A list of more ranges than this stands in the block of all values. */
const MOST_RANGES = 16;

/** So many blocks of one length are listed. */
const MANY = 100;

/** Bits that are cut off, so that nothing is left to tell values apart by. */
const EVERY_BIT = 128;

interface Block {
  /** How many bits are cut off. */
  readonly cut: number;
  /** What is left of the values. */
  readonly start: Value;
}

function createBlocks(): Blocks {
  const byCut = new Map<number, Map<Value, Bucket>>();
  const bucketOf = ({ cut, start }: Block): Bucket | undefined => byCut.get(cut)?.get(start);
  return {
    met: (ranges) => blocksOf(ranges).reduce((met, block) => met + (bucketOf(block)?.length ?? 0), 0),
    put: (ranges, place) => {
      for (const block of blocksOf(ranges)) {
        const bucket = bucketOf(block);
        if (bucket === undefined) byCut.set(block.cut, (byCut.get(block.cut) ?? new Map<Value, Bucket>()).set(block.start, [place]));
        else if (bucket.at(-1) !== place) bucket.push(place);
      }
    },
    holding: (value) => [...byCut].flatMap(([cut, starts]) => listed(starts.get(cutOff(value, cut)))),
    overlapping: (ranges) => {
      const asked = ranges === undefined ? [] : blocksOf(ranges);
      const found: Bucket[] = [];
      for (const [cut, starts] of byCut) {
        // Of two blocks with a value in common the longer one holds the other.
        if (asked.length > 0 && asked.every((block) => block.cut <= cut))
          for (const start of new Set(asked.map((block) => cutOff(block.start, cut - block.cut)))) found.push(...listed(starts.get(start)));
        else if (starts.size > MANY) return undefined;
        else found.push(...starts.values());
      }
      return found;
    },
  };
}

function listed(bucket: Bucket | undefined): Bucket[] {
  return bucket === undefined ? [] : [bucket];
}

function blocksOf(ranges: Ranges): readonly Block[] {
  if (ranges.length > MOST_RANGES * 2) return [{ cut: EVERY_BIT, start: cutOff(ranges[0] ?? 0, EVERY_BIT) }];
  const blocks: Block[] = [];
  for (let at = 0; at < ranges.length; at += 2) blocks.push(blockOf(ranges[at] ?? 0, ranges[at + 1] ?? 0));
  return blocks;
}

/** The smallest block that holds what is at least `from` and less than `to`; nearly the smallest for addresses of IPv6. */
function blockOf(from: Value, to: Value): Block {
  const cut = cutFor(from, to);
  return { cut, start: cutOff(from, cut) };
}

function cutFor(from: Value, to: Value): number {
  if (typeof from === 'number') return 32 - Math.clz32(from ^ (Number(to) - 1));
  if (typeof from === 'string') return to === `${from}\0` ? 0 : EVERY_BIT;
  const differing = from ^ (BigInt(to) - 1n);
  return differing === 0n ? 0 : differing.toString(16).length * 4;
}

/** A value without its last bits; of a name is left all or nothing. */
function cutOff(value: Value, bits: number): Value {
  if (bits === 0) return value;
  if (typeof value === 'number') return Math.floor(value / 2 ** bits);
  return typeof value === 'string' ? '' : value >> BigInt(bits);
}

/** Boxes by tests that are only known by their words: each is a dimension of its own, and there may be thousands. */
interface Tests {
  /** How many boxes ask for a result that one with these results asks for, of whatever test. */
  readonly met: (results: Ranges) => number;
  readonly put: (test: Dimension, results: Ranges, place: number) => void;
  readonly holding: (packet: Packet, from: Box) => readonly Bucket[];
  readonly all: () => readonly Bucket[];
}

/** A test that no box asks for. */
const NO_TEST: Dimension = 'text:';

function isTest(dimension: Dimension): boolean {
  return dimension.startsWith(NO_TEST);
}

function createTests(): Tests {
  const byTest = new Map<Dimension, Bucket>();
  const byResult: readonly Bucket[] = [[], [], []];
  const withResults = (results: Ranges): readonly Bucket[] => byResult.filter((_, result) => overlap(results, [result, result + 1]));
  return {
    met: (results) => withResults(results).reduce((met, bucket) => met + bucket.length, 0),
    put: (test, results, place) => {
      const bucket = byTest.get(test);
      if (bucket === undefined) byTest.set(test, [place]);
      else bucket.push(place);
      for (const other of withResults(results)) other.push(place);
    },
    holding: (packet, from) => {
      // A packet has the same result in all tests that the box does not ask for which it was taken from.
      const result = packet.valueOf(NO_TEST);
      const asked = [...from.keys()].filter(isTest).flatMap((test) => listed(byTest.get(test)));
      return [...withResults([result, Number(result) + 1]), ...asked];
    },
    all: () => byResult,
  };
}
