/** Runs the fixture of every check. `FWLINT_UPDATE=1` writes what is found and fixed into them; read the difference before you keep it. */

import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { readFixture, runCase, updateFixture } from '../support/fixtures.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const update = process.env['FWLINT_UPDATE'] === '1';

/** All fixtures, or those named in FWLINT_CHECKS (`FWLINT_CHECKS=unicode-dash,placeholder`). */
const wanted = process.env['FWLINT_CHECKS']?.split(',');
const names = readdirSync(here)
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .map((file) => file.slice(0, -3))
  .filter((name) => wanted?.includes(name) ?? true)
  .sort();

for (const name of names)
  describe(name, () => {
    const path = join(here, `${name}.md`);
    const fixture = readFixture(name, readFileSync(path, 'utf8'));
    if (update)
      test('is written anew', () => {
        const text = updateFixture(fixture);
        writeFileSync(path, text);
        for (const item of readFixture(name, text).cases) expect(runCase(name, item).faults).toEqual([]);
      });
    else
      for (const item of fixture.cases)
        test(item.title, () => {
          const outcome = runCase(name, item);
          expect(outcome.faults).toEqual([]);
          expect(outcome.findings).toBe(item.findings?.body);
          expect(outcome.fixed).toBe(item.fixed?.body);
          expect(outcome.fixedUnsafe).toBe(item.fixedUnsafe?.body);
        });
    test('has two hits and two near misses', () => {
      const { cases } = update ? readFixture(name, readFileSync(path, 'utf8')) : fixture;
      const hits = cases.filter((item) => item.findings?.body.includes(` ${name}: `) === true);
      const misses = cases.filter((item) => item.findings !== undefined && !item.findings.body.includes(` ${name}: `));
      expect({ hits: hits.length >= 2, misses: misses.length >= 2 }).toEqual({ hits: true, misses: true });
    });
  });
