// Sets of packets held against counting: every packet of a small world is in what is left exactly when it should be.
import { describe, expect, test } from 'vitest';
import {
  boxContains,
  boxesOverlap,
  complement,
  coveredBy,
  intersectBoxes,
  subtractBox,
  type Box,
  type Dimension,
} from '../../src/analysis/packet-set.js';
import { contains, intersect, overlap, rangesOf, subtract, type Ranges } from '../../src/analysis/ranges.js';
import { createRandom } from '../support/random.js';

/** Values 0 to 2 of three tests: 27 packets. */
const TESTS: readonly Dimension[] = ['text:one', 'text:two', 'text:three'];
type Packet = readonly [number, number, number];
const PACKETS: readonly Packet[] = Array.from({ length: 27 }, (_, index) => [index % 3, Math.floor(index / 3) % 3, Math.floor(index / 9)]);

function isIn(box: Box, packet: Packet): boolean {
  return TESTS.every((dimension, index) => {
    const ranges = box.get(dimension);
    return ranges === undefined || contains(ranges, [packet[index] ?? 0, (packet[index] ?? 0) + 1]);
  });
}

const random = createRandom(7);

function someRanges(): Ranges {
  const values = [0, 1, 2].filter(() => random() < 0.6);
  return values.length === 0 ? [1, 2] : rangesOf(values.map((value) => [value, value + 1]));
}

function someBox(): Box {
  return new Map(TESTS.filter(() => random() < 0.7).map((dimension) => [dimension, someRanges()]));
}

describe('boxes', () => {
  test('what is left, common and contained is what counting says', () => {
    for (let round = 0; round < 2000; round += 1) {
      const left = someBox();
      const right = someBox();
      const rest = subtractBox(left, right);
      const common = intersectBoxes(left, right);
      for (const packet of PACKETS) {
        expect(rest.filter((box) => isIn(box, packet)).length).toBe(isIn(left, packet) && !isIn(right, packet) ? 1 : 0);
        expect(common !== undefined && isIn(common, packet)).toBe(isIn(left, packet) && isIn(right, packet));
      }
      expect(boxesOverlap(left, right)).toBe(PACKETS.some((packet) => isIn(left, packet) && isIn(right, packet)));
      expect(boxContains(left, right)).toBe(PACKETS.every((packet) => !isIn(right, packet) || isIn(left, packet)));
    }
  });

  test('a box is covered when each of its packets is in one of the sets, and no set that is named can be spared', () => {
    let covered = 0;
    for (let round = 0; round < 2000; round += 1) {
      const box = someBox();
      const sets = Array.from({ length: 6 }, someBox);
      const isCovered = (places: readonly number[]): boolean =>
        PACKETS.every((packet) => !isIn(box, packet) || places.some((place) => isIn(sets[place] ?? new Map(), packet)));
      const places = coveredBy(box, sets);
      expect(places !== undefined).toBe(isCovered([0, 1, 2, 3, 4, 5]));
      if (places === undefined) continue;
      covered += 1;
      expect(isCovered(places)).toBe(true);
      for (const place of places) expect(isCovered(places.filter((other) => other !== place))).toBe(false);
    }
    expect(covered).toBeGreaterThan(100);
  });

  test('too many pieces are not followed', () => {
    const dimension = (index: number): Dimension => `text:${String(index)}`;
    const sets = Array.from({ length: 60 }, (_, index): Box => new Map([0, 1, 2].map((step) => [dimension((index * 7 + step * 11) % 60), [1, 2]])));
    expect(coveredBy(new Map(), sets)).toBeUndefined();
  });
});

describe('ranges', () => {
  test('of numbers, big numbers and names', () => {
    expect(subtract([0, 65536], [22, 23, 80, 443])).toEqual([0, 22, 23, 80, 443, 65536]);
    expect(intersect([0n, 10n, 20n, 30n], [5n, 25n])).toEqual([5n, 10n, 20n, 25n]);
    expect(overlap(['eth', 'eth\uffff'], ['eth0', 'eth0\0'])).toBe(true);
    expect(contains(['eth0', 'eth0\0'], ['eth', 'eth\uffff'])).toBe(false);
    expect(complement('in', ['lo', 'lo\0'])).toEqual(['', 'lo', 'lo\0', '\uffff']);
    expect(
      rangesOf([
        [5, 9],
        [1, 3],
        [3, 6],
      ]),
    ).toEqual([1, 9]);
  });
});
