// What the index finds, held against looking at every box; and how many boxes it looks at.
import { describe, expect, test } from 'vitest';
import { createBoxIndex, type Effort } from '../../src/analysis/box-index.js';
import { boxesOverlap, complement, holds, samplePacket, type Box, type Dimension } from '../../src/analysis/packet-set.js';
import { isNothing, rangesOf, type Ranges, type Value } from '../../src/analysis/ranges.js';
import { createRandom } from '../support/random.js';

const random = createRandom(5);

const below = (limit: number): number => Math.floor(random() * limit);

function someBlock(bits: number): readonly [Value, Value] {
  const length = 2 ** below(bits);
  const from = Math.floor(below(2 ** bits) / length) * length;
  return [from, from + length];
}

function someRanges(dimension: Dimension): Ranges {
  if (dimension === 'source6') {
    const [from, to] = someBlock(32);
    return [BigInt(from) << 64n, BigInt(to) << 64n];
  }
  if (dimension === 'in') {
    const name = `eth${String(below(9))}`;
    return random() < 0.3 ? ['eth', 'eth\uffff'] : [name, `${name}\0`];
  }
  if (dimension.startsWith('text:')) return random() < 0.5 ? [1, 2] : [0, 1];
  const bits = dimension === 'source' || dimension === 'destination' ? 32 : 16;
  return rangesOf(Array.from({ length: 1 + below(random() < 0.05 ? 40 : 3) }, () => someBlock(bits)));
}

const DIMENSIONS: readonly Dimension[] = ['source', 'source6', 'destination', 'destination port', 'in', 'text:a', 'text:b', 'text:c'];

function someBox(): Box {
  const asked = DIMENSIONS.filter(() => random() < 0.3);
  return new Map(
    asked.map((dimension) => {
      const ranges = someRanges(dimension);
      const others = complement(dimension, ranges);
      return [dimension, random() < 0.2 && !isNothing(others) ? others : ranges];
    }),
  );
}

const endless = (): Effort => ({ boxes: Infinity });

describe('the index of boxes', () => {
  test('finds the first boxes that hold a packet or overlap with a box, as looking at all of them does', () => {
    const boxes = Array.from({ length: 1500 }, someBox);
    const index = createBoxIndex();
    boxes.forEach(index.add);
    const placesWhere = (accept: (box: Box) => boolean): readonly number[] => boxes.flatMap((box, place) => (accept(box) ? [place] : []));
    for (let round = 0; round < 300; round += 1) {
      const box = someBox();
      const packet = samplePacket(box, random());
      const most = round % 3 === 0 ? Infinity : 1 + below(20);
      expect(index.holding(packet, box, most, endless())).toEqual(placesWhere((other) => holds(other, packet)).slice(0, most));
      expect(index.overlapping(box, most, endless())).toEqual(placesWhere((other) => boxesOverlap(other, box)).slice(0, most));
    }
  });

  test.each<readonly [string, (place: number) => Box]>([
    ['addresses', (place) => new Map([['source', [place * 7, place * 7 + 1]]])],
    ['networks', (place) => new Map([['destination', [place * 256, place * 256 + 256]]])],
    ['IPv6', (place) => new Map([['source6', [BigInt(place) << 64n, BigInt(place + 1) << 64n]]])],
    ['ports of one address', (place) => new Map<Dimension, Ranges>([['destination', [9, 10]]]).set('destination port', [place, place + 1])],
    ['interfaces', (place) => new Map([['in', [`veth${String(place)}`, `veth${String(place)}\0`]]])],
    ['tests of their own', (place) => new Map<Dimension, Ranges>([[`text:mac ${String(place)}`, [1, 2]]])],
  ])('looks at few of 5,000 that differ in %s', (_, boxOf) => {
    const index = createBoxIndex();
    for (let place = 0; place < 5000; place += 1) index.add(boxOf(place));
    const effort = { boxes: 5000 };
    const box = boxOf(4321);
    expect(index.holding(samplePacket(box, 0.17), box, 8, effort)).toEqual([4321]);
    expect(5000 - effort.boxes).toBeLessThan(20);
  });

  test('stops when the effort is spent', () => {
    const index = createBoxIndex();
    for (let place = 0; place < 100; place += 1) index.add(new Map());
    const effort = { boxes: 30 };
    expect(index.overlapping(new Map(), Infinity, effort)).toHaveLength(30);
    expect(effort.boxes).toBe(0);
  });
});
