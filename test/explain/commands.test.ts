/** Whether the rules in a pasted text are found, and what is said of them. */

import { describe, expect, test } from 'vitest';
import { pastedRules, tellingFindings } from '../../src/explain/commands.js';
import { explainError } from '../../src/explain/explain.js';
import { lint } from '../../src/lint/lint.js';
import { createSource } from '../../src/text/source.js';
import fc from '../support/properties.js';

describe('rules in a text', () => {
  test.each([
    ['iptables -A INPUT -j ACCEPT', 'iptables -A INPUT -j ACCEPT\n'],
    ['$ sudo iptables -A input -j ACCEPT\niptables: No chain/target/match by that name.', 'sudo iptables -A input -j ACCEPT\n'],
    ['root@host:~# /sbin/ip6tables -A INPUT \\\n  -j ACCEPT\nBad argument', '/sbin/ip6tables -A INPUT \\\n  -j ACCEPT\n'],
    ['+ iptables -F\n+ iptables -X', 'iptables -F\niptables -X\n'],
    ['iptables –A INPUT', 'iptables –A INPUT\n'],
    [
      'error:\n*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\niptables-restore: line 5 failed',
      '*filter\n:INPUT DROP [0:0]\n-A INPUT -j ACCEPT\nCOMMIT\n',
    ],
  ])('%j', (text, rules) => {
    expect(pastedRules(text)).toBe(rules);
  });

  test.each([
    '',
    'iptables v1.8.7 (legacy): unknown option "--dport"',
    'iptables: Bad rule',
    'iptables is a program',
    "Try `iptables -h' for more information.",
  ])('none in %j', (text) => {
    expect(pastedRules(text)).toBeUndefined();
  });

  test('are looked for in any text without a throw, and in time', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 300, unit: 'grapheme' }), (text) => void pastedRules(text)),
      { numRuns: 300 },
    );
    const started = performance.now();
    for (const word of ['$ ', 'sudo ', '# iptables ', '/sbin/', '*filter\n', 'iptables -\\\n']) pastedRules(word.repeat(20_000));
    expect(performance.now() - started).toBeLessThan(3000);
  });
});

function checksOf(text: string): readonly string[] {
  return tellingFindings(lint(createSource('<pasted>', pastedRules(text) ?? '')).findings, explainError(text)).map(({ check }) => check);
}

describe('what is said of them', () => {
  test('is what is wrong in any case', () => {
    expect(checksOf('# iptables -t raw -A INPUT -j CT --notrack\niptables: No chain/target/match by that name.')).toEqual(['chain-not-in-table']);
    expect(checksOf('iptables -A INPUT --dport 80 -j ACCEPT\nunknown option "--dport"')).toEqual(['ports-without-protocol']);
  });

  test('is not what the rest of the firewall may have, unless the message says that', () => {
    expect(checksOf('iptables -A INPUT -j ban')).toEqual([]);
    expect(checksOf("iptables -A INPUT -j ban\niptables v1.8.9 (legacy): Couldn't load target `ban':No such file or directory")).toEqual([
      'unknown-target-or-chain',
    ]);
  });
});
