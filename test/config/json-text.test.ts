// Reading JSON that people write: the same values as JSON.parse, and for mistakes the place and words.
import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';

import { parseConfig } from '../../src/config/config.js';
import { placeInText, readJson } from '../../src/config/json-text.js';

describe('reading', () => {
  test('what JSON.parse reads is read the same', () => {
    fc.assert(
      fc.property(fc.json(), fc.constantFrom(undefined, 1, '\t'), (text, indent) => {
        const written = JSON.stringify(JSON.parse(text), undefined, indent);
        const result = readJson(written);
        expect(result.kind === 'value' && result.value).toEqual(JSON.parse(text));
      }),
    );
  });

  test('what JSON.parse refuses is a mistake with a place in the text, and nothing throws', () => {
    const piece = fc.constantFrom(
      '{',
      '}',
      '[',
      ']',
      ',',
      ':',
      '"',
      'a',
      '"b"',
      '1',
      '-',
      '0',
      '.5',
      'e3',
      'true',
      'null',
      ' ',
      '\n',
      '\\',
      '\\u00e9',
      '/',
      '#',
      '\u0007',
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 20 }), (pieces) => {
        const text = pieces.join('');
        let parsed: unknown;
        try {
          parsed = { value: JSON.parse(text) as unknown };
        } catch {
          parsed = undefined;
        }
        const result = readJson(text);
        if (result.kind === 'value') expect({ value: result.value }).toEqual(parsed);
        else {
          expect(result.offset).toBeLessThanOrEqual(text.length);
          expect(result.message).not.toBe('');
          if (parsed !== undefined) expect(result.message).toMatch(/stands here twice/);
        }
      }),
      { numRuns: 2000 },
    );
  });

  test('a key that every object has is a key', () => {
    const result = readJson('{"__proto__": 1, "constructor": 2}');
    expect(result.kind === 'value' && Object.entries(result.value as object)).toEqual([
      ['__proto__', 1],
      ['constructor', 2],
    ]);
  });

  test('any depth ends', () => {
    expect(readJson('['.repeat(100_000))).toMatchObject({ kind: 'mistake', message: 'this is nested too deeply' });
  });
});

describe('mistakes', () => {
  test.each([
    ['', 'a value must stand here, but there is the end', 'line 1, column 1'],
    ['{\n  "root": true,\n}', 'no comma may stand before the end of a list or object', 'line 3, column 1'],
    ['{"ignore": ["a",]}', 'no comma may stand before the end of a list or object', 'line 1, column 17'],
    ['{\n  "root": true\n  "ignore": []\n}', 'a comma is missing before `"`', 'line 3, column 3'],
    ['{"root" true}', 'a colon is missing behind "root"', 'line 1, column 9'],
    ["{'root': true}", "a key in double quotes must stand here, but there is `'`", 'line 1, column 2'],
    ['{"root": yes}', '`yes` is no value; texts need double quotes', 'line 1, column 10'],
    ['{\n  // all of them\n  "root": true}', 'there are no comments in JSON', 'line 2, column 3'],
    ['{"root": true, # no\n}', 'there are no comments in JSON', 'line 1, column 16'],
    ['{"root": true', 'this `{` has no `}`', 'line 1, column 1'],
    ['{"ignore": ["a"', 'this `[` has no `]`', 'line 1, column 12'],
    ['{"root: true}', 'this text has no `"` at its end', 'line 1, column 2'],
    ['{"a": "C:\\dir"}', '`\\d` means nothing; a backslash is written `\\\\`', 'line 1, column 10'],
    ['{"root": true, "root": false}', 'the key "root" stands here twice', 'line 1, column 16'],
    ['{} x', 'nothing may stand behind the end, but there is `x`', 'line 1, column 4'],
    ['{"a": 01}', '`01` is no value; texts need double quotes', 'line 1, column 7'],
  ])('%j', (text, message, place) => {
    const result = readJson(text);
    if (result.kind === 'value') throw new Error('it was read');
    expect([result.message, placeInText(text, result.offset)]).toEqual([message, place]);
  });
});

describe('mistakes in a configuration have the place of their key', () => {
  const checks = new Set(['unicode-dash', 'host-bits-set']);
  test.each([
    ['{\n  "targets": {}\n}', '`targets` is not a setting; did you mean `target`? (line 2, column 3)'],
    ['{"target": {"kernal": "6.1"}}', '`target.kernal` is not a setting; did you mean `kernel`? (line 1, column 13)'],
    [
      '{"target": {"zzz": 1}}',
      '`target.zzz` is not a setting; there are kernel, nft, iptables, backend, ip_pkt_list_tot, ip_list_tot and hz (line 1, column 13)',
    ],
    [
      '{\n"ignore": ["host-bits-set",\n  "unicode-das"]}',
      '`ignore`: there is no check `unicode-das`; did you mean `unicode-dash`? (line 3, column 3)',
    ],
    ['{"severity": {"nope": "error"}}', '`severity`: there is no check `nope`; `fwlint checks` lists them (line 1, column 15)'],
    ['{"overrides": [\n {"files": ["*"], "ignor": []}]}', '`overrides.0.ignor` is not a setting; did you mean `ignore`? (line 2, column 19)'],
    ['{"overrides": [\n {"ignore": []}]}', '`overrides.0.files` is missing (line 2, column 2)'],
    ['{"defines": []}', '`defines` must be an object (line 1, column 2)'],
  ])('%j', (text, reason) => {
    expect(parseConfig(text, checks)).toEqual({ kind: 'problem', reason });
  });
});
