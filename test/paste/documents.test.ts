/** The pages the classic rules come from: every command is got out of them, and nothing else. See documents.md. */

import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { detectInput } from '../../src/paste/detect.js';
import { repairPaste } from '../../src/paste/repair.js';
import { createSource, positionAt } from '../../src/text/source.js';
import { brokenLaws } from './laws.js';

const FOLDER = process.env['FWLINT_DOCUMENTS'] ?? '../shared/documents';
const present = existsSync(FOLDER);
if (!present) console.warn(`skipped: the documents are not at ${FOLDER} (set FWLINT_DOCUMENTS)`);

const expected = readFileSync(new URL('./documents.md', import.meta.url), 'utf8')
  .split(/^## /m)
  .slice(1)
  .map((section) => {
    const block = (name: string): string[] => {
      const found = new RegExp(`^\`\`\`${name}\\n((?:.*\\n)*?)\`\`\`$`, 'm').exec(section)?.[1] ?? '';
      return found.split('\n').filter((line) => line !== '');
    };
    return { name: section.split('\n', 1)[0] ?? '', reads: block('reads'), finds: block('finds') };
  });

describe.skipIf(!present)('documents', () => {
  test.each(expected)('$name', ({ name, reads, finds }) => {
    const text = readFileSync(join(FOLDER, name), 'utf8');
    const source = createSource(name, text);
    expect(detectInput(source)).toBe('text');
    const repaired = repairPaste(source, 'text');
    const commands = repaired.text.text
      .replace(/\\\n\s*/g, '')
      .split('\n')
      .map((line) => line.replace(/ {2,}/g, ' ').trim())
      .filter((line) => line !== '');
    expect(commands).toEqual(reads);
    expect(repaired.problems.map((problem) => `${String(positionAt(source, problem.at.start).line)} ${problem.check}`)).toEqual(finds);
    expect(brokenLaws(text, 'text')).toEqual([]);
  });

  test('commands stand on their own lines', () => {
    // One of the pages; only where a command was split or a comment moved may lines shift.
    const text = readFileSync(join(FOLDER, '004_abd169d8b8f41871.txt'), 'utf8');
    const { text: mapped } = repairPaste(createSource('page', text), 'text');
    const before = text.split('\n');
    for (const [index, line] of mapped.text.split('\n').entries()) if (line !== '') expect(before[index]).toContain(line.trim());
  });
});
