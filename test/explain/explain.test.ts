/** Whether error messages are explained: our own table of them, what the tools were measured to say, and any text at all. */

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';
import { CHECKS } from '../../src/checks/index.js';
import { FORM_ERRORS } from '../../src/explain/forms.js';
import { IPTABLES_ERRORS } from '../../src/explain/iptables.js';
import { KERNEL_MESSAGES, OTHER_KERNEL_MESSAGES } from '../../src/explain/kernel.js';
import { NFT_LANGUAGE } from '../../src/explain/nft-language.js';
import { NFT_ERRORS } from '../../src/explain/nft.js';
import { MANAGER_ERRORS } from '../../src/explain/managers.js';
import { IPSET_ERRORS, SHELL_ERRORS, SIBLING_ERRORS } from '../../src/explain/others.js';
import { RESTORE_ERRORS } from '../../src/explain/restore.js';
import { explainCheck, explainError, printExplanation } from '../../src/explain/explain.js';

const here = fileURLToPath(new URL('.', import.meta.url));
const ALL = [
  ...KERNEL_MESSAGES,
  ...MANAGER_ERRORS,
  ...RESTORE_ERRORS,
  ...IPTABLES_ERRORS,
  ...FORM_ERRORS,
  ...IPSET_ERRORS,
  ...SIBLING_ERRORS,
  ...SHELL_ERRORS,
  ...NFT_LANGUAGE,
  ...NFT_ERRORS,
  ...OTHER_KERNEL_MESSAGES,
];

/** A line that says what is expected; all others are the text. A line of a text may be indented as well, as the one where nft marks a place. */
const EXPECTATION = /^ {2}(line|also|cause|cure|checks|nothing)(?: +(.*))?$/;

/** A text and what must be said of it. A block that expects nothing must be a comment, all lines with `#`. */
interface ExplainCase {
  readonly line: number;
  readonly text: string;
  readonly expected: ReadonlyMap<string, string>;
}

function readCases(file: string): readonly ExplainCase[] {
  const cases: ExplainCase[] = [];
  const blocks = readFileSync(join(here, file), 'utf8').split(/\n\n+/);
  let at = 1;
  for (const block of blocks) {
    const lines = block.split('\n').filter((line) => line !== '');
    const text = lines.filter((line) => !EXPECTATION.test(line));
    const expected = new Map(
      lines
        .map((line) => EXPECTATION.exec(line))
        .filter((found) => found !== null)
        .map(([, key = '', wanted = '']) => [key, wanted]),
    );
    if (expected.size > 0) cases.push({ line: at, text: text.join('\n'), expected });
    else if (!text.every((line) => line.startsWith('#'))) throw new Error(`${file}:${String(at)}: nothing is said of this text`);
    at += block.split('\n').length + 1;
  }
  return cases;
}

for (const file of readdirSync(here).filter((name) => name.endsWith('.cases')))
  describe(file, () => {
    for (const { line, text, expected } of readCases(file))
      test(`${String(line)} ${text.slice(0, 120)}`, () => {
        const explanation = explainError(text);
        if (expected.has('nothing')) {
          expect(explanation).toBeUndefined();
          return;
        }
        expect(explanation).toBeDefined();
        const printed = printExplanation(explanation ?? { line: '', cause: '', cure: '', checks: [] });
        for (const [key, wanted] of expected) {
          if (key === 'line' || key === 'also') expect(explanation?.[key]).toBe(wanted);
          else if (key === 'cause' || key === 'cure') expect(explanation?.[key]).toContain(wanted);
          else expect(explanation?.checks.join(' ')).toBe(wanted);
        }
        expect(printed).not.toMatch(/\{\d\}/);
      });
  });

describe('the table', () => {
  test('names checks that exist', () => {
    const known = new Set(CHECKS.map((check) => check.name));
    expect([...new Set(ALL.flatMap((entry) => entry.checks ?? []))].filter((name) => !known.has(name))).toEqual([]);
  });

  test('speaks in sentences', () => {
    for (const { pattern, cause, cure } of ALL) {
      expect(`${String(pattern)}: ${cause.slice(-1)}`).toMatch(/: [.)]$/);
      expect(`${String(pattern)}: ${cure.slice(-1)}`).toMatch(/: [.)]$/);
    }
  });

  test('uses no group its pattern lacks', () => {
    for (const { pattern, cause, cure } of ALL) {
      const groups = (new RegExp(`${pattern.source}|`).exec('')?.length ?? 1) - 1;
      for (const [, group] of `${cause} ${cure}`.matchAll(/\{(\d)\}/g)) expect(Number(group)).toBeLessThanOrEqual(groups);
    }
  });
});

interface Measured {
  readonly label: string;
  readonly out: Readonly<Record<'legacy' | 'nft', { readonly text: string; readonly rc: number; readonly dmesg: readonly string[] }>>;
}

const research = join(process.env['FWLINT_RESEARCH'] ?? join(here, '../../../shared/research'), 'tool-errors.json');
const measured = existsSync(research) ? (JSON.parse(readFileSync(research, 'utf8')) as readonly Measured[]) : undefined;
if (measured === undefined) console.warn(`skipped: no measured messages at ${research} (set FWLINT_RESEARCH)`);

describe.skipIf(measured === undefined)('what the tools were measured to say', () => {
  test('is explained, every message of it', () => {
    const unexplained: string[] = [];
    let messages = 0;
    for (const { label, out } of measured ?? [])
      for (const { text, rc, dmesg } of [out.legacy, out.nft])
        for (const message of [...(rc === 0 ? [] : [text]), ...dmesg]) {
          messages += 1;
          if (explainError(message) === undefined) unexplained.push(`${label}: ${message}`);
        }
    expect(messages).toBeGreaterThan(600);
    expect(unexplained).toEqual([]);
  });

  test('is explained by more than its last line', () => {
    const echoes = (measured ?? []).flatMap(({ label, out }) =>
      [out.legacy, out.nft].flatMap(({ text, rc }) => (rc !== 0 && explainError(text)?.line.startsWith('Try `') === true ? [label] : [])),
    );
    // `-6` in iptables and `-4` in ip6tables: there is no other line.
    expect(echoes.filter((label) => !/^-[46] in /.test(label))).toEqual([]);
  });
});

describe('any text', () => {
  test('neither throws nor takes long', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'grapheme' }), (text) => {
        const explanation = explainError(text);
        if (explanation !== undefined) printExplanation(explanation);
      }),
      { numRuns: 300 },
    );
    const words = ['Bad argument `', 'host/network `', 'Error: ', "Chain '", 'xt_', '-', '.', ':', ' ', '`', '"', '1', 'a', ','];
    const started = performance.now();
    for (const word of words) explainError(word.repeat(20_000));
    explainError('Bad argument `a\n'.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(5000);
  });

  test('cannot send control characters to a terminal', () => {
    const explanation = explainError("Bad argument `\u001b[31mred'");
    expect(explanation).toBeDefined();
    expect(printExplanation(explanation ?? { line: '', cause: '', cure: '', checks: [] })).not.toContain('\u001b');
  });
});

describe('pages of checks', () => {
  for (const check of CHECKS)
    test(check.name, () => {
      const page = explainCheck(check.name) ?? '';
      expect(page.startsWith(`${check.name}  (${check.severity}, `)).toBe(true);
      expect(page).toContain(check.source.split(' ')[0]);
      for (const line of page.split('\n')) if (line.length > 80) expect(line.startsWith('    ') || !line.includes(' ')).toBe(true);
    });

  test('of an unknown name are not there', () => {
    for (const name of ['', 'nosuch', '__proto__', 'toString', 'constructor']) expect(explainCheck(name)).toBeUndefined();
  });
});
