// What corpus/README.md tells about the stories is so: each has a section, and the checks a section names find something there.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { CHECKS, createSource, fix, lint } from '../../src/api.js';

const corpus = resolve(import.meta.dirname, '../../corpus');
const stories = readdirSync(corpus, { withFileTypes: true })
  .filter((entry) => entry.isDirectory())
  .flatMap(({ name }) => readdirSync(join(corpus, name)).map((file) => `${name}/${file}`))
  .sort();
const checks = new Set(CHECKS.map(({ name }) => name));

/** The sections below `## NAME`. */
const sections = new Map(
  readFileSync(join(corpus, 'README.md'), 'utf8')
    .split(/^## /m)
    .slice(1)
    .map((section): [string, string] => [section.slice(0, section.indexOf('\n')), section.slice(section.indexOf('\n'))]),
);

describe('corpus/README.md', () => {
  test('tells every story and no other', () => {
    expect([...sections.keys()].sort()).toEqual(stories);
  });

  test.each(stories)('%s: what it says is found', (name) => {
    const text = sections.get(name) ?? '';
    const source = createSource(name, readFileSync(join(corpus, name), 'utf8'));
    const first = lint(source);
    // Some mistakes only show when those in front of them are mended.
    const mended = fix(source, ['safe', 'unsafe'], { kind: first.input.kind });
    const found = new Set([...first.findings, ...mended.repaired.map(({ finding }) => finding), ...mended.findings].map(({ check }) => check));
    const named = [...text.matchAll(/`([a-z]+(?:-[a-z]+)+)(?:`|:)/g)].map((match) => match[1] ?? '').filter((word) => checks.has(word));
    expect(named.filter((check) => !found.has(check))).toEqual([]);
  });
});
