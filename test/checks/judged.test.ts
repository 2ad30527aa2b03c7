/** Lets the real iptables judge the fixtures: it says the words that findings quote, and loads what the safe fixes leave. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import type { Family } from '../../src/extensions/define.js';
import { readInput } from '../../src/input/read-input.js';
import { dumpRuleset } from '../../src/ruleset/dump.js';
import { createSource } from '../../src/text/source.js';
import { fixText, lintText, readFixture, type FixtureCase } from '../support/fixtures.js';
import { describeKernel, runSessions, stripComments, type Backend, type Step, type StepResult } from '../support/kernel.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const wanted = process.env['FWLINT_CHECKS']?.split(',');

interface Judged {
  readonly name: string;
  readonly item: FixtureCase;
}

/** Fixtures that iptables can be given as they are: nothing is defined from outside, no other version is meant. */
const all: readonly Judged[] = readdirSync(here)
  .filter((file) => file.endsWith('.md') && file !== 'README.md')
  .map((file) => file.slice(0, -3))
  .filter((name) => wanted?.includes(name) ?? true)
  .flatMap((name) => readFixture(name, readFileSync(join(here, `${name}.md`), 'utf8')).cases.map((item) => ({ name, item })))
  .filter(
    ({ item }) =>
      item.options.defines.size === 0 &&
      Object.keys(item.options.target).length === 0 &&
      (item.options.kind === 'script' || item.options.kind === 'save'),
  );

/** Milliseconds; some hundred namespaces on a machine that may be busy. */
const PATIENCE = 300_000;

const BACKENDS: readonly Backend[] = ['legacy', 'nft'];

/** The step that loads a text with one backend. The functions stand for the programs; nothing else of the fixtures leaves the namespace. */
function load(item: FixtureCase, text: string, backend: Backend, family: Family): Step {
  if (item.options.kind === 'save') return { argv: [`${family}tables-${backend}-restore`], stdin: text };
  const programs = (['iptables', 'ip6tables'] as const).map((name) => `${name}() { ${name}-${backend} "$@"; }\n`).join('');
  return { argv: ['bash', '-c', `${programs}${text}`] };
}

function familyOf(item: FixtureCase): Family {
  return item.options.family ?? 'ip';
}

/** What a finding quotes: `iptables says: WORDS`, without what is said of the other backend. */
function quoted(text: string): string | undefined {
  return /^ip6?tables says: (.+?)(?: \(iptables-nft: .*\))?$/s.exec(text)?.[1];
}

const squeezed = (text: string): string => text.replace(/\s+/g, ' ');

describeKernel('fixtures before real iptables', () => {
  test(
    'what findings quote is what iptables says',
    async () => {
      const cases = all.flatMap(({ name, item }) => {
        const { findings } = lintText(item.text, item.options);
        const quotes = findings.flatMap((finding) =>
          finding.notes.flatMap((note) => (note.kind === 'why' ? [{ check: finding.check, words: quoted(note.text) }] : [])),
        );
        const known = quotes.filter((quote) => quote.words !== undefined);
        return known.length === 0 ? [] : [{ name, item, quotes: known }];
      });
      const wrong = new Map(cases.map(({ name, item, quotes }) => [item, { name, quotes }]));
      for (const backend of BACKENDS) {
        const left = [...wrong.keys()];
        const answers = await runSessions(left.map((item) => [load(item, item.text, backend, familyOf(item))]));
        left.forEach((item, index) => {
          const said = squeezed((answers[index] ?? []).map((step) => step.stdout + step.stderr).join(''));
          const { name, quotes } = wrong.get(item) ?? { name: '', quotes: [] };
          // What legacy says need not be what nft says: each quote only has to be true of one of them.
          const open = quotes.filter(({ words }) => !said.includes(squeezed(words ?? '')));
          if (open.length === 0) wrong.delete(item);
          else wrong.set(item, { name, quotes: open });
        });
      }
      const faults = [...wrong].flatMap(([item, { name, quotes }]) =>
        quotes.map(({ check, words }) => `${name}: ${item.title}: ${check} quotes "${words ?? ''}"`),
      );
      expect(cases.length > 0 || wanted !== undefined).toBe(true);
      expect(faults).toEqual([]);
    },
    PATIENCE,
  );

  for (const backend of BACKENDS)
    test(
      `what safe fixes leave is loaded by iptables-${backend} as fwlint says`,
      async () => {
        const cases = all.flatMap(({ name, item }) => {
          const fixed = fixText(item.text, item.options, ['safe']);
          const input = readInput(createSource('fixed', fixed), item.options);
          const [run, ...others] = [...input.runs.values()];
          // What is refused all the same, and what only a run knows, is not for this test.
          if (
            fixed === item.text ||
            run === undefined ||
            others.length > 0 ||
            run.refused.size > 0 ||
            input.commands.some((command) => command.problems.some((problem) => problem.fatal))
          )
            return [];
          if (backend === 'nft' && /-j (?:QUEUE|TCPMSS)/.test(fixed)) return [];
          return [{ name, item, fixed, ruleset: run.ruleset }];
        });
        const answers = await runSessions(
          cases.map(({ item, fixed, ruleset }) => [
            load(item, fixed, backend, ruleset.family),
            ...[...ruleset.tables.keys()].map((table) => ({ argv: [`${ruleset.family}tables-${backend}-save`, '-t', table] })),
          ]),
        );
        const wrong: string[] = [];
        cases.forEach(({ name, item, fixed, ruleset }, index) => {
          const [loaded, ...dumps] = answers[index] ?? [];
          const dump = stripComments(dumps.map((step) => step.stdout).join(''));
          const expected = dumpRuleset(ruleset);
          if (loaded === undefined || loaded.status !== 0) wrong.push(`${name}: ${item.title}: ${loaded?.stderr ?? ''}\n${fixed}`);
          else if (normal(dump) !== normal(expected)) wrong.push(`${name}: ${item.title}\n--- iptables\n${dump}--- fwlint\n${expected}`);
        });
        expect(cases.length > 0 || wanted !== undefined).toBe(true);
        expect(wrong).toEqual([]);
      },
      PATIENCE,
    );
});

/** iptables-save prints the tables in an order of its own, and counters that traffic may have moved. */
function normal(dump: string): string {
  return dump
    .replace(/\[\d+:\d+\]/g, '[0:0]')
    .split(/(?=^\*)/m)
    .sort()
    .join('');
}
