/** That negated neighbours are said in words no nft puts together. What nft makes of them is judged with packets (test/packets/cases.test.ts). */
import { expect, test } from 'vitest';
import { binary, compare, hex, match, number, payload, range, setOf, symbol } from '../../src/nft/build.js';
import type { Statement } from '../../src/nft/ir.js';
import { keepNegationsApart } from '../../src/nft/negations.js';
import { printRule } from '../../src/nft/print-text.js';

const sport = payload('tcp', 'sport');
const dport = payload('tcp', 'dport');
const print = (...statements: readonly Statement[]): string => printRule({ statements: keepNegationsApart(statements) });

test('the second of two negated neighbours becomes everything else', () => {
  expect(print(match(sport, number(1), true), match(dport, number(2), true))).toBe('tcp sport != 1 tcp dport { 0-1, 3-65535 }');
  expect(print(match(sport, number(1), true), match(dport, number(0), true))).toBe('tcp sport != 1 tcp dport 1-65535');
  expect(print(match(sport, number(1), true), match(dport, number(1), true))).toBe('tcp sport != 1 tcp dport { 0, 2-65535 }');
  expect(print(match(sport, number(1), true), match(dport, number(65535), true))).toBe('tcp sport != 1 tcp dport 0-65534');
});

test('whatever stands between them, in whatever order', () => {
  const mark = compare({ kind: 'meta', key: 'mark' }, '==', hex(1));
  expect(print(match(dport, number(2), true), mark, match(sport, number(1), true))).toBe('tcp dport != 2 meta mark == 0x1 tcp sport { 0, 2-65535 }');
});

test('a name keeps its name', () => {
  const type = match(payload('icmp', 'type'), symbol('echo-request'), true);
  expect(print(match(payload('icmp', 'code'), number(3), true), type)).toBe('icmp code != 3 icmp type & 0xff != echo-request');
});

test.each<readonly [string, readonly Statement[]]>([
  ['one is not negated', [match(sport, number(1)), match(dport, number(2), true)]],
  ['one is a range', [match(sport, range(number(1), number(3)), true), match(dport, number(2), true)]],
  ['one is a list', [match(sport, setOf([number(1), number(3)]), true), match(dport, number(2), true)]],
  ['one is masked', [compare(binary(sport, '&', hex(0xff)), '!=', number(1)), match(dport, number(2), true)]],
  ['they are no neighbours', [match(payload('ip', 'ttl'), number(1), true), match(dport, number(2), true)]],
  ['they are the same field', [match(dport, number(1), true), match(dport, number(2), true)]],
  ['they are too long', [match(payload('ip', 'saddr'), symbol('192.0.2.1'), true), match(payload('ip', 'daddr'), symbol('192.0.2.2'), true)]],
])('left alone where %s', (_why, statements) => {
  expect(keepNegationsApart(statements)).toBe(statements);
});
