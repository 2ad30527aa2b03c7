import { expect, test } from 'vitest';

import { createSource, read, translate } from '../../src/api.js';

const CLOSED = '-A INPUT -j REJECT';

function remarks(...rules: readonly string[]): readonly string[] {
  const input = read(createSource('rules.sh', rules.map((rule) => `iptables ${rule}\n`).join('')));
  return translate(input, { rates: 'meter', counters: 'drop', target: {}, replace: 'table', partial: false }).report.remarks;
}

test.each([
  [['-t raw -A OUTPUT -j NOTRACK']],
  [['-t raw -A OUTPUT -p udp -j CT --notrack']],
  [['-t raw -N quiet', '-t raw -A OUTPUT -j quiet', '-t raw -A quiet -p tcp -j NOTRACK']],
])('answers of REJECT are told of with %j', (rules) => {
  expect(remarks(CLOSED, ...rules)).toEqual([expect.stringContaining('what REJECT answers to an untracked packet') as unknown]);
});

test.each([
  [['-t raw -A OUTPUT -j NOTRACK', '-A INPUT -j DROP']],
  [[CLOSED, '-t raw -A PREROUTING -j NOTRACK']],
  [[CLOSED, '-t raw -A OUTPUT -j ACCEPT']],
])('nothing is said with %j', (rules) => {
  expect(remarks(...rules)).toEqual([]);
});
