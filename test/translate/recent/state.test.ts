/** Files of /proc/net/xt_recent, and what of them goes into sets. */

import { describe, expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../../src/api.js';
import { readRecentList, timeLeft, type RecentState } from '../../../src/translate/recent/state.js';

const NOW = 4_298_900_100;

/** The text of nft, and the remarks, for rules with a list `a` that holds this. */
function carried(
  rules: string,
  list: string,
  family: 'ip' | 'ip6' = 'ip',
  rates: 'exact' | 'meter' = 'exact',
): { readonly text: string; readonly remarks: readonly string[] } {
  const input = read(createSource('rules.save', `*filter\n${rules}\nCOMMIT\n`), { kind: 'save', family });
  const state: RecentState = { lists: new Map([['a', readRecentList(list).entries]]), clock: { jiffies: NOW, hz: 250 } };
  const { file, report } = translate(input, { target: { hz: 250 }, rates, replace: 'none', counters: 'drop', partial: false, recentState: state });
  return { text: printNft(file), remarks: report.remarks };
}

const line = (address: string, ...ages: readonly number[]): string =>
  `src=${address} ttl: 64 last_seen: ${String(NOW - Math.min(...ages))} oldest_pkt: ${String(ages.length)} ${ages.map((age) => String(NOW - age)).join(', ')}\n`;

describe('reading', () => {
  test('stamps are in the order of the ring', () => {
    const { entries, unread } = readRecentList(`${line('10.0.0.1', 0, 750, 500)}${line('2001:0db8:0000:0000:0000:0000:0000:0001', 5)}`);
    expect(unread).toEqual([]);
    expect(entries.map(({ family, stamps }) => [family, ...stamps])).toEqual([
      ['ip', NOW - 750, NOW - 500, NOW],
      ['ip6', NOW - 5],
    ]);
  });

  test('other lines are said', () => {
    expect(readRecentList('src=10.0.0.1\n+10.0.0.2\n')).toEqual({ entries: [], unread: ['src=10.0.0.1', '+10.0.0.2'] });
  });

  test('the time left ends a tick after the last one that counts', () => {
    expect(timeLeft(NOW, 60, { jiffies: NOW, hz: 250 })).toBe(60_004);
    expect(timeLeft(NOW - 15_000, 60, { jiffies: NOW, hz: 250 })).toBe(4);
    expect(timeLeft(NOW - 15_001, 60, { jiffies: NOW, hz: 250 })).toBe(0);
  });
});

describe('carrying', () => {
  const ssh =
    '-A INPUT -p tcp --dport 22 -m recent --name a --update --seconds 60 --hitcount 3 -j DROP\n-A INPUT -p tcp --dport 22 -m recent --name a --set';

  test('a stamp in each set of the ring, the oldest first, and none that is too old', () => {
    const { text, remarks } = carried(ssh, line('10.0.0.1', 16_000, 250, 500));
    expect(text).toMatch(/set recent_a_0 \{[^}]*elements = \{ 10\.0\.0\.1 expires 58004ms \}/);
    expect(text).toMatch(/set recent_a_1 \{[^}]*elements = \{ 10\.0\.0\.1 expires 59004ms \}/);
    expect(text.match(/expires/g)).toHaveLength(2);
    expect(remarks).toEqual([expect.stringContaining('up to 0.07 s later'), expect.stringContaining('list a: 1 of 1 addresses carried over')]);
  });

  test('numbers and the next of them', () => {
    const many = ssh.replace('--hitcount 3', '--hitcount 25');
    const { text } = carried(many, line('10.0.0.1', 250, 500));
    expect(text).toMatch(/set recent_a_log \{[^}]*10\.0\.0\.1 \. fa11:0 expires 58004ms,\s*10\.0\.0\.1 \. fa11:1 expires 59004ms/);
    expect(text).toMatch(/map recent_a_number_2 \{[^}]*elements = \{ 10\.0\.0\.1 expires 59004ms : fa11:2 \}/);
  });

  test('addresses of the other family are left to it', () => {
    const { text } = carried(ssh, `${line('10.0.0.1', 1)}${line('2001:db8::1', 1)}`, 'ip6');
    expect(text).toContain('2001:db8::1 expires');
    expect(text).not.toContain('10.0.0.1');
  });

  test('as a meter: only who is blocked now', () => {
    const { text, remarks } = carried(ssh, `${line('10.0.0.1', 250, 500)}${line('10.0.0.2', 1, 2, 15_000)}`, 'ip', 'meter');
    expect(text).toMatch(/set recent_a_blocked \{[^}]*elements = \{ 10\.0\.0\.2 expires 4ms \}/);
    expect(text).not.toContain('10.0.0.1');
    expect(remarks[0]).toContain('1 of 2 addresses are blocked');
  });

  test('lists no rule uses', () => {
    expect(carried('-A INPUT -j DROP', line('10.0.0.1', 1)).remarks).toEqual(['list a: no rule uses it; its 1 address is left out']);
  });
});
