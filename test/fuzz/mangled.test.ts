// Mangled inputs: flipped bytes, cut and joined lines, random words. Nothing may throw, hang, or lose a command in silence.
import { readdirSync, readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, expect, test } from 'vitest';

import { createSource, fix, lint, printNft, read, translateAll } from '../../src/api.js';
import { VOCABULARY } from '../support/words.js';

const corpus = resolve(import.meta.dirname, '../../corpus');
const seeds = ['snippets', 'scripts', 'dumps'].flatMap((folder) =>
  readdirSync(join(corpus, folder)).map((name) => ({ name, text: readFileSync(join(corpus, folder, name), 'utf8') })),
);
const count = Number(process.env['FWLINT_MANGLED'] ?? 600);

/** A small random generator (mulberry32): the same inputs every time, and any one of them again by its number. */
function createRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296;
  };
}

function mangle(text: string, random: () => number): string {
  const below = (limit: number): number => Math.floor(random() * limit);
  const word = (): string => VOCABULARY[below(VOCABULARY.length)] ?? '';
  let mangled = text;
  for (let round = 1 + below(4); round > 0; round -= 1) {
    const at = below(mangled.length + 1);
    switch (below(9)) {
      case 0: {
        const bytes = Buffer.from(mangled, 'utf8');
        for (let flips = 1 + below(8); flips > 0 && bytes.length > 0; flips -= 1) bytes[below(bytes.length)] = below(256);
        mangled = bytes.toString('utf8');
        break;
      }
      case 1:
        mangled = mangled.slice(0, at) + mangled.slice(at + below(40));
        break;
      case 2:
        mangled = `${mangled.slice(0, at)} ${word()} ${mangled.slice(at)}`;
        break;
      case 3:
        mangled = mangled.replace(/\n/g, () => (random() < 0.3 ? ' ' : '\n'));
        break;
      case 4:
        mangled = mangled.replace(/ /g, () => (random() < 0.05 ? '\n' : random() < 0.05 ? '\u00a0' : ' '));
        break;
      case 5:
        mangled = mangled.slice(0, at);
        break;
      case 6:
        mangled = mangled.replace(/-/g, () => (random() < 0.1 ? '–' : '-'));
        break;
      case 7:
        mangled =
          mangled.slice(0, at) +
          ['"', "'", '\\', '`', '$(', '${', '<<EOF\n', '!', '#', ';', '|', '&gt;', '{', ')', '\r', '\0'][below(16)] +
          mangled.slice(at);
        break;
      default:
        mangled = Array.from({ length: below(30) }, word).join(' ') + '\n' + mangled;
    }
  }
  return mangled;
}

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
