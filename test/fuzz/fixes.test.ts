// Repairs of damaged inputs: they end, a second round changes nothing, safe ones keep the ruleset, and what was taken before still is.
// FWLINT_FIXED says how many inputs, FWLINT_FIXED_FROM the number of the first one.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { createSource, fix, lint, type Input } from '../../src/api.js';
import { faultsOfFixes, readFixture, type FixtureOptions } from '../support/fixtures.js';
import { mangle } from '../support/mangle.js';
import { createRandom } from '../support/random.js';

interface Seed {
  readonly text: string;
  readonly options: FixtureOptions;
}

const plain = (folder: string): FixtureOptions => ({ kind: folder === 'dumps' ? 'save' : 'script', target: {}, defines: new Map(), escapes: false });
const root = resolve(import.meta.dirname, '../..');
const checks = join(root, 'test/checks');
const seeds: readonly Seed[] = [
  ...['snippets', 'scripts', 'dumps'].flatMap((folder) =>
    readdirSync(join(root, 'corpus', folder)).map((name) => ({
      text: readFileSync(join(root, 'corpus', folder, name), 'utf8'),
      options: plain(folder),
    })),
  ),
  ...readdirSync(checks)
    .filter((name) => name.endsWith('.md') && name !== 'README.md')
    .flatMap((name) => readFixture(name.slice(0, -3), readFileSync(join(checks, name), 'utf8')).cases)
    .map(({ text, options }) => ({ text, options })),
];
const count = Number(process.env['FWLINT_FIXED'] ?? 300);
const first = Number(process.env['FWLINT_FIXED_FROM'] ?? 1);

/** What happens to text on its way through pages and word processors. */
const DAMAGES: readonly (readonly [RegExp, string])[] = [
  [/--/g, '–'],
  [/-/g, '−'],
  [/ /g, '\u00a0'],
  [/"/g, '”'],
  [/'/g, '’'],
  [/&/g, '&amp;'],
  [/\\\n/g, '\\ \n'],
  [/\n/g, '\r\n'],
  [/ -/g, '\u200b -'],
  [/,/g, ', '],
  [/--/g, '-'],
  [/! /g, '!'],
  [/ACCEPT/g, 'accept'],
  [/ -m (?:tcp|udp|conntrack|recent|limit)/g, ''],
  [/ -p tcp/g, ''],
  [/^(?=iptables)/gm, '# '],
  [/^(?=iptables)/gm, 'root@host:~# '],
  [/\n(?=iptables)/g, ' '],
];

/** A fixture's text or two, damaged. */
function generate(number: number): Seed {
  const random = createRandom(number);
  const oneOf = <T>(items: readonly T[]): T | undefined => items[Math.floor(random() * items.length)];
  const seed = oneOf(seeds) ?? { text: '', options: plain('') };
  let { text } = seed;
  const other = oneOf(seeds);
  // A dump within a script is a listing of what the script made, and is read as one where commands do not tell otherwise.
  if (other?.options.kind === seed.options.kind && !(seed.text + other.text).includes('*filter')) text = `${text}\n${other.text}`;
  for (let round = Math.floor(random() * 3); round > 0; round -= 1) {
    const [pattern, damaged] = oneOf(DAMAGES) ?? [/^$/g, ''];
    const chance = random();
    text = text.replace(pattern, (whole: string) => (random() < chance ? damaged : whole));
  }
  return { text: random() < 0.3 ? mangle(text, random) : text, options: seed.options };
}

/** Commands that iptables would take. */
function countTaken(input: Input): number {
  const refused = new Set([...input.runs.values()].flatMap((run) => [...run.refused]));
  return input.commands.filter((command) => command.kind !== 'malformed' && !refused.has(command)).length;
}

function faultsOf({ text, options }: Seed): readonly string[] {
  const source = createSource('input', text);
  const { input, findings } = lint(source, options);
  const fixed = fix(source, ['safe'], options);
  const faults = [...faultsOfFixes(text, input, findings, options)];
  const again = fix(fixed.source, ['safe'], { ...options, kind: fixed.input.kind });
  if (again.source.text !== fixed.source.text)
    faults.push(`a second round changes the text\n--- once\n${fixed.source.text}\n--- twice\n${again.source.text}`);
  if (countTaken(fixed.input) < countTaken(input)) faults.push(`fewer commands are taken\n--- fixed\n${fixed.source.text}`);
  fix(source, ['safe', 'unsafe'], options);
  return faults;
}

describe('fixes of damaged inputs', () => {
  test(`${String(count)} of them, from number ${String(first)}`, { timeout: 500_000 }, () => {
    const failed: string[] = [];
    for (let number = first; number < first + count && failed.length < 20; number += 1) {
      const seed = generate(number);
      const faults = faultsOf(seed);
      if (faults.length > 0) failed.push([`input ${String(number)} ${JSON.stringify(seed.options)}`, seed.text, ...faults].join('\n'));
    }
    expect(failed).toEqual([]);
  });

  test.each([
    ['an invisible character between `!` and an option with one dash', 'iptables -A FORWARD -p tcp !\u200b-syn -j DROP', '! --syn  -j'],
    ['a NUL there', 'iptables -A FORWARD -p tcp !\u0000-syn -j DROP', '! --syn  -j'],
  ])('%s', (_what, text, becomes) => {
    const seed: Seed = { text, options: plain('') };
    expect(faultsOf(seed)).toEqual([]);
    expect(fix(createSource('input', text), ['safe'], seed.options).source.text).toContain(becomes);
  });
});
