// Frames around source, line breaking and the summary line, for people.
import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';

import type { Diagnostic, Fix } from '../../src/diagnostics/diagnostic.js';
import { visibleText, widthOfText, wrapText } from '../../src/report/columns.js';
import { drawFrame, type Mark } from '../../src/report/frame.js';
import { printFinding, printSummary } from '../../src/report/human.js';
import { createSource, spanOf } from '../../src/text/source.js';

const plain = { width: 80, paint: (_: string, text: string): string => text };
const mark = (text: string, start: number, end: number, label = '', main = true): Mark => ({
  span: spanOf(createSource('a.sh', text), start, end),
  text: label,
  main,
});
const draw = (marks: readonly Mark[], width = 80): string => drawFrame(marks, 'error', { ...plain, width }).join('\n');

describe('a frame', () => {
  test('of one place', () => {
    expect(draw([mark('iptables -A INPUT\n', 9, 11, 'here')])).toBe('  ┌─ a.sh:1:10\n1 │ iptables -A INPUT\n  │          ^^ here');
  });

  test('of several places in several lines, with the lines between left out', () => {
    const source = createSource('a.sh', 'one\ntwo\nthree\nfour\n');
    const at = (start: number, end: number, text: string, main: boolean): Mark => ({ span: spanOf(source, start, end), text, main });
    expect(draw([at(8, 13, 'this', true), at(0, 3, 'first', false), at(4, 7, 'second', false)])).toBe(
      ['  ┌─ a.sh:3:1', '1 │ one', '  │ --- first', '2 │ two', '  │ --- second', '3 │ three', '  │ ^^^^^ this'].join('\n'),
    );
    expect(draw([at(14, 18, 'this', true), at(0, 3, '', false)])).toContain('┆');
  });

  test('the main place is always drawn, however many others there are', () => {
    const text = 'x\n'.repeat(400);
    const source = createSource('a.sh', text);
    const marks = [
      { span: spanOf(source, 700, 701), text: 'this one', main: true },
      ...Array.from({ length: 300 }, (_, index) => ({ span: spanOf(source, index * 2, index * 2 + 1), text: '', main: false })),
    ];
    const lines = draw(marks).split('\n');
    expect(lines.some((line) => line.includes('^ this one'))).toBe(true);
    expect(lines.length).toBeLessThan(25);
    expect(lines.at(-1)).toMatch(/┆ and \d+ more places$/);
  });

  test('tabs, wide and invisible characters: the mark stands under its place', () => {
    for (const before of ['\t', '漢字', '\u200b\u200b', 'e\u0301', '\u{1f600}', '\u00a0', '\u001b[31m']) {
      const text = `iptables ${before}XY`;
      const [, line = '', marks = ''] = draw([mark(text, text.length - 2, text.length)]).split('\n');
      expect(widthOfText(marks.slice(0, marks.indexOf('^')))).toBe(widthOfText(line.slice(0, line.indexOf('XY'))));
    }
  });

  test('of a long line: the part around the place, no wider than the terminal', () => {
    const text = `${'a'.repeat(500)} MARK ${'b'.repeat(500)}`;
    for (const width of [60, 80, 120]) {
      const lines = draw([mark(text, 501, 505, 'here')], width).split('\n');
      expect(lines[1]).toContain('MARK');
      expect(lines[1]).toMatch(/│ … .* …$/);
      expect((lines[2] ?? '').indexOf('^^^^')).toBe((lines[1] ?? '').indexOf('MARK'));
      for (const line of lines) expect(widthOfText(line)).toBeLessThanOrEqual(width);
    }
  });

  test('a long remark stands below its mark', () => {
    const lines = draw([
      mark(`${'a'.repeat(60)} MARK`, 61, 65, 'the words of this remark do not fit beside it, and there are so many that they take two lines'),
    ]).split('\n');
    expect(lines[2]).toMatch(/\^\^\^\^$/);
    expect(lines.length).toBeGreaterThan(4);
    for (const line of lines) expect(widthOfText(line)).toBeLessThanOrEqual(80);
  });

  test('a place at the end of the text, empty, or over the end of its line', () => {
    expect(draw([mark('', 0, 0, 'empty')])).toContain('^ empty');
    expect(draw([mark('ab', 2, 2, 'end')])).toMatch(/│ {3}\^ end$/);
    expect(draw([mark('ab\ncd\n', 0, 5, 'both')])).toContain('^^ both');
  });

  test('a mark that is drawn where another one is has a row of its own', () => {
    const source = createSource('a.sh', 'aaa\u{1f600}aa\r');
    const at = (offset: number, main: boolean): Mark => ({ span: spanOf(source, offset, offset), text: '', main });
    const lines = drawFrame([at(8, true), at(0, false), at(7, false)], 'error', plain);
    expect(lines.slice(2)).toEqual(['  │ -      ^', '  │        -']);
  });

  test('of any text at any place draws without wide lines or control characters', () => {
    const character = fc.constantFrom('a', ' ', '\t', '漢', '\u{1f600}', '\u200b', '\u001b', '\r', '\n', '\ud800', '\u00a0', '-');
    fc.assert(
      fc.property(
        fc.string({ unit: character, maxLength: 300 }),
        fc.array(fc.tuple(fc.nat(300), fc.nat(20)), { minLength: 1, maxLength: 8 }),
        (text, spans) => {
          const source = createSource('a.sh', text);
          const marks = spans.map(([start, length], index) => {
            const from = Math.min(start, text.length);
            return { span: spanOf(source, from, Math.min(from + length, text.length)), text: index % 2 === 0 ? 'label' : '', main: index === 0 };
          });
          const frame = drawFrame(marks, 'error', plain);
          expect(frame.some((line) => line.includes('^'))).toBe(true);
          for (const line of frame) {
            expect(widthOfText(line)).toBeLessThanOrEqual(80);
            // eslint-disable-next-line no-control-regex
            expect(line).not.toMatch(/[\u0000-\u001f\u007f-\u009f]/);
          }
        },
      ),
    );
  });
});

describe('text', () => {
  test('breaks at blanks; a word that is too long stays whole', () => {
    expect(wrapText('one two three four', 9, '  ')).toEqual(['one two', '  three', '  four']);
    expect(wrapText('a very-very-very-long word', 8, '')).toEqual(['a', 'very-very-very-long', 'word']);
    expect(wrapText('', 8, '')).toEqual(['']);
    expect(wrapText('漢字 漢字', 8, '')).toEqual(['漢字', '漢字']);
  });

  test('loses no word', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: fc.constantFrom('a', 'b', '漢'), minLength: 1 }), { minLength: 1 }),
        fc.integer({ min: 1, max: 60 }),
        (words, width) => {
          expect(wrapText(words.join(' '), width, '').join(' ')).toBe(words.join(' '));
        },
      ),
    );
  });

  test('control characters become visible', () => {
    expect(visibleText('a\u001b[31m\u0007b\u009b\u202e\nc')).toBe('a␛[31m␇b·· c');
    expect(visibleText('für 漢字')).toBe('für 漢字');
  });
});

const finding = (severity: Diagnostic['severity'], ...fixes: Fix['applicability'][]): Diagnostic => {
  const source = createSource('a.sh', 'iptables');
  return {
    check: 'some-check',
    severity,
    message: 'something is wrong',
    at: spanOf(source, 0, 8),
    labels: [],
    notes: [],
    fixes: fixes.map((applicability) => ({ title: `a ${applicability} fix`, applicability, edits: [{ span: spanOf(source, 0, 8), text: 'x' }] })),
  };
};

describe('a finding', () => {
  test('head, frame, notes, fixes', () => {
    const text = printFinding(
      {
        ...finding('warning', 'safe', 'unsafe'),
        here: 'this',
        notes: [
          { kind: 'why', text: 'because' },
          { kind: 'do', text: 'something else' },
          { kind: 'note', text: 'and so on' },
        ],
      },
      plain,
    );
    expect(text).toBe(
      [
        'warning some-check: something is wrong',
        '  ┌─ a.sh:1:1',
        '1 │ iptables',
        '  │ ^^^^^^^^ this',
        '  │',
        '  = why: because',
        '  = do:  something else',
        '  = and so on',
        '  = fix: a safe fix',
        '  = fix (unsafe): a unsafe fix',
        '',
      ].join('\n'),
    );
  });

  test('long messages and notes are broken at 80 columns', () => {
    const long = 'word '.repeat(60).trim();
    const text = printFinding({ ...finding('error'), message: long, notes: [{ kind: 'why', text: long }] }, plain);
    for (const line of text.split('\n')) expect(line.length).toBeLessThanOrEqual(80);
  });

  test('what a message quotes does not steer the terminal', () => {
    // eslint-disable-next-line no-control-regex
    expect(printFinding({ ...finding('error'), message: '`\u001b[2J` is no port' }, plain)).not.toMatch(/\u001b/);
  });
});

describe('the summary', () => {
  test.each([
    [[], '1 file, 0 errors, 0 warnings\n'],
    [[finding('error')], '1 file, 1 error, 0 warnings\n'],
    [
      [finding('error', 'safe'), finding('warning', 'unsafe'), finding('info'), finding('hint')],
      '1 file, 1 error, 1 warning, 1 info, 1 hint (1 repairable with --fix, 1 more with --unsafe-fixes)\n',
    ],
    [[finding('error', 'unsafe', 'safe')], '1 file, 1 error, 0 warnings (1 repairable with --fix)\n'],
    [[finding('error', 'unsafe')], '1 file, 1 error, 0 warnings (1 repairable with --fix --unsafe-fixes)\n'],
    [[finding('error', 'suggestion')], '1 file, 1 error, 0 warnings\n'],
  ])('%#', (findings, expected) => {
    expect(printSummary(1, findings)).toBe(expected);
  });

  test('counts files', () => {
    expect(printSummary(2, [])).toBe('2 files, 0 errors, 0 warnings\n');
  });
});
