// Mangled inputs: flipped bytes, cut and joined lines, random words. Nothing may throw, hang, or lose a command in silence.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { createSource, fix, lint, printNft, read, translateAll } from '../../src/api.js';
import { mangle } from '../support/mangle.js';
import { createRandom } from '../support/random.js';

const corpus = resolve(import.meta.dirname, '../../corpus');
const seeds = ['snippets', 'scripts', 'dumps'].flatMap((folder) =>
  readdirSync(join(corpus, folder)).map((name) => ({ name, text: readFileSync(join(corpus, folder, name), 'utf8') })),
);
const count = Number(process.env['FWLINT_MANGLED'] ?? 600);

describe('mangled inputs', () => {
  test(`${String(count)} of them are read, linted, fixed and translated without a throw or a hang`, { timeout: 300_000 }, () => {
    let slowest = 0;
    for (let number = 0; number < count; number += 1) {
      const random = createRandom(number + 1);
      const seed = seeds[Math.floor(random() * seeds.length)];
      const text = mangle(seed?.text ?? '', random);
      const source = createSource(`mangled-${String(number)}`, text);
      const start = performance.now();
      try {
        const { input, findings } = lint(source);
        for (const finding of findings) {
          expect(finding.at.start).toBeGreaterThanOrEqual(0);
          expect(finding.at.end).toBeLessThanOrEqual(finding.at.source.text.length);
        }
        fix(source, ['safe', 'unsafe']);
        const { file, report } = translateAll([input], {
          target: {},
          rates: number % 2 === 0 ? 'meter' : 'exact',
          replace: 'table',
          counters: 'drop',
          partial: true,
        });
        printNft(file, {});
        expect(report.exact + report.approximate + report.unsupported).toBe(report.total);
        // Every command that would have put a rule somewhere is counted.
        const carrying = input.commands.filter((command) => ['append', 'insert', 'malformed'].includes(command.kind) && !input.notRun.has(command));
        const removing = input.commands.some((command) => ['flush', 'delete', 'deleteNumber', 'replace'].includes(command.kind));
        if (!removing) expect(report.total).toBeGreaterThanOrEqual(carrying.length);
      } catch (error) {
        throw new Error(`input ${String(number)}:\n${text}`, { cause: error });
      }
      slowest = Math.max(slowest, performance.now() - start);
    }
    expect(slowest).toBeLessThan(20_000);
  });

  test('a text of one kind of character repeated is no trap', () => {
    for (const piece of [
      '-',
      '!',
      '"',
      "'",
      '\\',
      '`',
      '$(',
      '${',
      '(',
      '{',
      '–',
      '&',
      '<',
      '|',
      ' ',
      '\n',
      '\\\n',
      '#',
      'iptables ',
      'iptables -A INPUT ',
      '-A INPUT -m ',
      '*filter\n',
      ':',
      '[0:0] ',
    ])
      expect(() => read(createSource('repeated', piece.repeat(3000)))).not.toThrow();
  });
});
