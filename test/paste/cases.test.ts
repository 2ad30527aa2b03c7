/** The cases of `cases/*.md`, and what must hold for each of them. */

import { describe, expect, test } from 'vitest';
import { repairPaste } from '../../src/paste/repair.js';
import { createSource, positionAt } from '../../src/text/source.js';
import { readCases } from './fixtures.js';
import { brokenLaws, leftAfterFixes } from './laws.js';

const cases = readCases();

describe.each([...new Set(cases.map((one) => one.file))])('%s', (file) => {
  const own = cases.filter((one) => one.file === file);

  test.each(own.map((one) => [one.title, one] as const))('%s', (_, { input, kind, reads, finds }) => {
    const source = createSource('case', input);
    const { text, problems } = repairPaste(source, kind);
    const found = problems.map((problem) => {
      const { line, column } = positionAt(source, problem.at.start);
      return `${String(line)}:${String(column)} ${problem.fixes?.[0]?.applicability ?? 'nofix'} ${problem.check}`;
    });
    expect(text.text).toBe(reads);
    expect(found).toEqual(finds);
    expect(brokenLaws(input, kind)).toEqual([]);
    if (kind !== 'text') expect(leftAfterFixes(input, kind)).toEqual([]);
  });

  test('has three hits and three near misses', () => {
    expect(own.filter(({ finds }) => finds.some((line) => line.endsWith(` ${file}`))).length).toBeGreaterThanOrEqual(3);
    expect(own.filter(({ finds }) => finds.every((line) => !line.endsWith(` ${file}`))).length).toBeGreaterThanOrEqual(3);
  });
});
