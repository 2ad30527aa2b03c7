/** The language in which clients are described. */

import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';
import { MOST_TRIES, readPattern } from '../../src/simulate/pattern.js';

/** The times of each source, by name; or what is wrong and with which part of the text. */
function timesOf(text: string): unknown {
  const result = readPattern(text);
  if (result.kind === 'problem') return `${text.slice(result.start, result.end)}: ${result.message}`;
  return Object.fromEntries(result.sources.map(({ name, times }, index) => [name ?? String(index), times]));
}

describe('what is understood', () => {
  test.each([
    ['every 0.5s for 2s', { 0: [0, 0.5, 1, 1.5] }],
    ['every 100ms for 0.3', { 0: [0, 0.1, 0.2] }],
    ['every 1m for 2m from 10s', { 0: [10, 70] }],
    ['every 1 s for 3 s', { 0: [0, 1, 2] }],
    ['every 60s for 1s', { 0: [0] }],
    ['burst 2 every 60s for 2m', { 0: [0, 0, 60, 60] }],
    ['3 at 0s, 2 at 1h', { 0: [0, 0, 0, 3600, 3600] }],
    ['0 0 0 1.5', { 0: [0, 0, 0, 1.5] }],
    ['5', { 0: [5] }],
    ['2 at 1, every 1s for 2s', { 0: [0, 1, 1, 1] }],
    ['A: every 1s for 2s; B: 0 .5', { A: [0, 1], B: [0, 0.5] }],
    ['A:0 1;B:2', { A: [0, 1], B: [2] }],
    ['198.51.100.7: 1 2', { '198.51.100.7': [1, 2] }],
    ['2001:db8::7: 1 2; 2', { '2001:db8::7': [1, 2], 1: [2] }],
  ])('%s', (text, expected) => {
    expect(timesOf(text)).toEqual(expected);
  });

  test('how long connections stay open', () => {
    const result = readPattern('A: 0 1 holding 5s; B: 0 1');
    expect(result.kind === 'pattern' ? result.sources.map(({ holds, text }) => [holds, text]) : result).toEqual([
      [5, '0 1 holding 5s'],
      [undefined, '0 1'],
    ]);
  });
});

test.each([
  ['', /^: .* does nothing; write `every 0.5s for 30s`/],
  ['A: ; B: 0', /A does nothing/],
  ['evry 1s for 3s', /^evry: `evry` is not understood/],
  ['every 1s', /here is missing `for` and how long/],
  ['every 1s during 3s', /^during: `during` stands where `for`/],
  ['every 0s for 3s', /the time between tries is 0/],
  ['every 1x for 3s', /^1x: `x` is no unit of time/],
  ['every -1 for 3s', /^-1: `-1` is not understood/],
  ['every 1s for 3s at 5', /^at: `at` is not understood here/],
  ['burst 0 every 1s for 3s', /^0: `0` is no number of tries of 1 to 10000/],
  ['1.5 at 3', /^1\.5: `1.5` is no number of tries/],
  ['0 1,', /nothing stands between two commas/],
  ['0 1 holding', /here is missing a time such as `5s` behind `holding`/],
  ['0 holding 5s 3', /^3: `holding` and its time stand at the end/],
  ['A: 0; A: 1', /two sources are called A/],
  ['every 1ms for 1h', /more than 10000/],
  ['9999 at 0, 2 at 1', /more than 10000/],
  ['999d', /more than 100 days/],
])('what is wrong with `%s`, and where', (text, expected) => {
  expect(timesOf(text)).toMatch(expected);
});

test('any text is a pattern or has a problem in it', () => {
  const word = fc.constantFrom('every', 'burst', 'for', 'at', 'from', 'holding', '1s', '0.5', '10', 'A:', ';', ',', ':', '2m', 'x', '1e9', '\t');
  fc.assert(
    fc.property(
      fc.oneof(
        fc.string(),
        fc.array(word, { maxLength: 12 }).map((words) => words.join(' ')),
      ),
      (text) => {
        const result = readPattern(text);
        if (result.kind === 'problem') {
          expect(result.start).toBeGreaterThanOrEqual(0);
          expect(result.end).toBeGreaterThan(result.start);
          expect(result.start).toBeLessThanOrEqual(text.length);
          return;
        }
        const times = result.sources.flatMap((source) => source.times);
        expect(times.length).toBeLessThanOrEqual(MOST_TRIES);
        expect(times.every((time) => Number.isFinite(time) && time >= 0)).toBe(true);
        for (const source of result.sources) expect([...source.times].sort((left, right) => left - right)).toEqual(source.times);
      },
    ),
    { numRuns: 2000 },
  );
});
