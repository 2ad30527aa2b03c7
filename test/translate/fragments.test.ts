import { expect, test } from 'vitest';

import { createSource, read, translate } from '../../src/api.js';

function remarks(...rules: readonly string[]): readonly string[] {
  const input = read(createSource('rules.sh', rules.map((rule) => `iptables ${rule}\n`).join('')));
  return translate(input, { rates: 'meter', counters: 'drop', target: {}, replace: 'table', partial: false }).report.remarks;
}

test('a rule that asks for another port sees later fragments where nothing tracks connections', () => {
  expect(remarks('-A FORWARD -p tcp ! --dport 80 -j DROP')).toEqual([expect.stringContaining('1 rule asks with `!`') as unknown]);
  expect(remarks('-A FORWARD -p tcp ! --syn -j DROP', '-A FORWARD -p udp ! --sport 53 -j DROP')).toEqual([
    expect.stringContaining('2 rules ask with `!`') as unknown,
  ]);
});

test('nothing is said where fragments are put together, or nothing is asked with !', () => {
  expect(remarks('-A FORWARD -p tcp --dport 80 -j DROP')).toEqual([]);
  expect(remarks('-A FORWARD ! -s 192.0.2.0/24 -j DROP')).toEqual([]);
  expect(remarks('-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT', '-A FORWARD -p tcp ! --dport 80 -j DROP')).toEqual([]);
  expect(remarks('-t nat -A POSTROUTING -j MASQUERADE', '-A FORWARD -p tcp ! --dport 80 -j DROP')).toEqual([]);
});
