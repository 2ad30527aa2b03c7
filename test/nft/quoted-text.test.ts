/** Log prefixes, comments and interface names: what nft carries, asked of nft. */
import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';
import { match, meta, string } from '../../src/nft/build.js';
import { printNft } from '../../src/nft/print-text.js';
import { carriedText, interfaceText, isQuotable, utf8Length } from '../../src/nft/quoted-text.js';
import { describeKernel, nftCheckBatch, runSessions } from '../support/kernel.js';
import { installedNftVersions } from '../support/versions.js';
import { fileOfRules } from './kernel-forms.js';

describe('carriedText', () => {
  test.each([
    ['log prefix', 'IN: ', 'IN: ', []],
    ['log prefix', "a\\b'c\t#{};", "a\\b'c\t#{};", []],
    ['log prefix', 'say "hi"', "say 'hi'", ['quote']],
    ['log prefix', 'cost $5', 'cost S5', ['dollar']],
    ['comment', 'cost $5', 'cost $5', []],
    ['comment', 'a\n\nb\0', 'a b ', ['control character']],
    ['log prefix', 'x'.repeat(128), 'x'.repeat(127), ['length']],
    ['comment', 'x'.repeat(128), 'x'.repeat(128), []],
    ['comment', 'ä'.repeat(65), 'ä'.repeat(64), ['length']],
    ['log prefix', 'x' + '😀'.repeat(32), 'x' + '😀'.repeat(31), ['length']],
    ['log prefix', '"$\n' + 'x'.repeat(128), "'S " + 'x'.repeat(124), ['quote', 'dollar', 'control character', 'length']],
  ] as const)('%s %j', (place, text, carried, losses) => {
    expect(carriedText(place, text)).toEqual({ text: carried, losses });
    expect(isQuotable(place, text)).toBe(losses.length === 0);
  });

  test('what it gives is carried, and the same again', () => {
    const text = fc.string({ unit: 'binary', maxLength: 200 });
    fc.assert(
      fc.property(fc.constantFrom('log prefix', 'comment'), text, (place, before) => {
        const after = carriedText(place, before);
        expect(isQuotable(place, after.text)).toBe(true);
        expect(carriedText(place, after.text)).toEqual({ text: after.text, losses: [] });
        expect(after.text === before).toBe(after.losses.length === 0);
      }),
    );
  });

  test('bytes', () => {
    expect(utf8Length('aä€😀')).toBe(Buffer.byteLength('aä€😀'));
    expect(utf8Length('\ud800')).toBe(Buffer.byteLength('\ud800'));
  });
});

describe('interfaceText', () => {
  test.each([
    ['eth0', false, 'eth0'],
    ['eth', true, 'eth*'],
    ['eth*', false, 'eth\\*'],
    ['e*h', false, 'e*h'],
    ['e*', true, 'e**'],
    ['', true, undefined],
    ['', false, undefined],
    ['abcdefghijklmno', false, 'abcdefghijklmno'],
    ['abcdefghijklmnop', false, undefined],
    ['abcdefghijklmno', true, undefined],
    ['abcdefghijklm*', false, 'abcdefghijklm\\*'],
    ['abcdefghijklmn*', false, undefined],
    ['a"b', false, undefined],
    ['a\\', true, undefined],
    ['a\\b*', false, undefined],
  ] as const)('%j, wildcard %j', (name, wildcard, text) => {
    expect(interfaceText(name, wildcard)).toBe(text);
  });
});

/** The bytes nft compares with, in `--debug=netlink` output: words of up to 32 bits, up to 1.1.3 with the lowest byte first. */
function comparedBytes(line: string, lowestFirst: boolean): Buffer {
  const words = [...line.matchAll(/0x([0-9a-f]{2,8})/g)].map(([, word]) => Buffer.from(word ?? '', 'hex'));
  return Buffer.concat(lowestFirst ? words.map((word) => word.reverse()) : words);
}

describeKernel('quoted text in nft', () => {
  test('log prefixes and comments arrive as they are', async () => {
    const texts = fc.sample(fc.oneof(fc.string({ minLength: 1, maxLength: 150 }), fc.string({ unit: 'binary', minLength: 1, maxLength: 150 })), {
      numRuns: 200,
      seed: 7,
    });
    const file = fileOfRules(texts.map((text) => ({ statements: [{ kind: 'log', prefix: text }], comment: text })));
    const [load, list] =
      (await runSessions([[{ argv: ['nft', '-f', '-'], stdin: printNft(file) }, { argv: ['nft', '-j', 'list', 'ruleset'] }]]))[0] ?? [];
    expect(load?.stderr).toBe('');
    const listed = JSON.parse(list?.stdout ?? '') as { nftables: { rule?: { comment: string; expr: { log: { prefix: string } }[] } }[] };
    const rules = listed.nftables.flatMap(({ rule }) => (rule === undefined ? [] : [rule]));
    // A lone surrogate becomes U+FFFD on its way through UTF-8.
    const written = (text: string): string => Buffer.from(text).toString();
    expect(rules.map((rule) => rule.expr[0]?.log.prefix)).toEqual(texts.map((text) => written(carriedText('log prefix', text).text)));
    expect(rules.map((rule) => rule.comment)).toEqual(texts.map((text) => written(carriedText('comment', text).text)));
  });

  test('every nft takes them', async () => {
    const texts = fc.sample(fc.string({ minLength: 1, maxLength: 150 }), { numRuns: 200, seed: 8 });
    const file = printNft(fileOfRules(texts.map((text) => ({ statements: [{ kind: 'log', prefix: text }], comment: text }))));
    for (const { binary } of installedNftVersions()) expect(await nftCheckBatch([file], binary)).toEqual([{ status: 0, stderr: '' }]);
  });

  test('nft compares the bytes of the interface name', async () => {
    const character = fc.constantFrom(..."eth0*\\+-.@:'# a$ä".split(''));
    const name = fc.tuple(fc.string({ unit: character, minLength: 1, maxLength: 15 }), fc.boolean());
    const names = [['eth0', false], ['eth*', false], ['eth', true], ...fc.sample(name, { numRuns: 150, seed: 9 })] as const;
    const sayable = names.flatMap(([text, wildcard]) => {
      const quoted = interfaceText(text, wildcard);
      return quoted === undefined ? [] : [{ text, wildcard, quoted }];
    });
    expect(sayable.length).toBeGreaterThan(100);
    const file = printNft(fileOfRules(sayable.map(({ quoted }) => ({ statements: [match(meta('iifname'), string(quoted))] }))));
    for (const { binary } of installedNftVersions()) {
      const [result] = (await runSessions([[{ argv: [binary, '--debug=netlink', '-f', '-'], stdin: file }]]))[0] ?? [];
      expect(result?.status, result?.stderr).toBe(0);
      const lines = (result?.stdout ?? '').split('\n').filter((line) => line.includes('cmp eq reg 1'));
      expect(lines).toHaveLength(sayable.length);
      const lowestFirst = comparedBytes(lines[0] ?? '', true)
        .toString()
        .startsWith('eth0');
      const compared = lines.map((line, index) => {
        const length = sayable[index]?.wildcard === true ? Buffer.byteLength(sayable[index].text) : 16;
        return comparedBytes(line, lowestFirst).subarray(0, length).toString('latin1');
      });
      expect(compared).toEqual(
        sayable.map(({ text, wildcard }) => {
          const bytes = Buffer.from(text).toString('latin1');
          return wildcard ? bytes : bytes.padEnd(16, '\0');
        }),
      );
    }
  });
});
