// The unified diff: any two texts, applied by a small model of patch(1).
import fc from '../support/properties.js';
import { expect, test } from 'vitest';

import { unifiedDiff } from '../../src/cli/unified-diff.js';

/** Applies a unified diff strictly: every context and removed line must be where it says. */
function applyDiff(before: string, diff: string): string {
  const old = before === '' ? [] : before.split(/(?<=\n)/);
  const result: string[] = [];
  let at = 0;
  const lines = diff.split(/(?<=\n)/);
  expect(lines.slice(0, 2)).toEqual(['--- a/x\n', '+++ b/x\n']);
  let index = 2;
  while (index < lines.length) {
    const head = /^@@ -(\d+),(\d+) \+(\d+),(\d+) @@\n$/.exec(lines[index] ?? '');
    if (head === null) throw new Error(`no hunk: ${lines[index] ?? ''}`);
    const [oldStart, oldCount, newStart, newCount] = head.slice(1).map(Number) as [number, number, number, number];
    const start = oldCount === 0 ? oldStart : oldStart - 1;
    if (start < at) throw new Error('hunks overlap');
    result.push(...old.slice(at, start));
    at = start;
    expect(newCount === 0 ? newStart : newStart - 1).toBe(result.length);
    index += 1;
    let removed = 0;
    let added = 0;
    while (index < lines.length && !(lines[index] ?? '').startsWith('@@')) {
      const line = lines[index] ?? '';
      const bare = lines[index + 1]?.startsWith('\\') === true;
      const text = bare ? line.slice(1, -1) : line.slice(1);
      index += bare ? 2 : 1;
      if (line.startsWith('+')) {
        result.push(text);
        added += 1;
        continue;
      }
      expect(old[at]).toBe(text);
      at += 1;
      removed += 1;
      if (line.startsWith(' ')) {
        result.push(text);
        added += 1;
      }
    }
    expect([removed, added]).toEqual([oldCount, newCount]);
  }
  result.push(...old.slice(at));
  return result.join('');
}

const lines = fc
  .array(fc.constantFrom('a\n', 'b\n', 'c\n', '\n', 'a\r\n', '@@\n', '-- a\n', '++ b\n'), { maxLength: 30 })
  .map((list) => list.join(''));
const text = fc.tuple(lines, fc.constantFrom('', 'end', 'a')).map(([body, end]) => body + end);

test('turns the one text into the other', () => {
  fc.assert(
    fc.property(text, text, (before, after) => {
      const diff = unifiedDiff('x', before, after);
      if (before === after) expect(diff).toBe('');
      else expect(applyDiff(before, diff)).toBe(after);
    }),
    { numRuns: 2000 },
  );
});

test('many changed lines do not take minutes', () => {
  const before = Array.from({ length: 100_000 }, (_, index) => `line ${String(index)}\r\n`).join('');
  const started = performance.now();
  for (const after of [before.replaceAll('\r', ''), `first\n${before.replaceAll('\r', '')}`, before.replaceAll('7\r', '7')]) {
    expect(applyDiff(before, unifiedDiff('x', before, after))).toBe(after);
  }
  expect(performance.now() - started).toBeLessThan(15_000);
});
