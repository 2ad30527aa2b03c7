/** Timelines: which packets clients of a limit send, what becomes of them, and how that is drawn. */

import { describe, expect, test } from 'vitest';
import { createSource, read } from '../../src/api.js';
import { drawPicture } from '../../src/cli/timeline-svg.js';
import { printTimelines } from '../../src/cli/timeline-text.js';
import { readPattern } from '../../src/simulate/pattern.js';
import { drawUp, readAddress, type Timeline } from '../../src/simulate/timeline.js';

function timelines(rules: string, pattern: string, addresses: readonly string[] = []): readonly Timeline[] {
  const input = read(createSource('rules.sh', rules.trim().replace(/^\s+/gm, '')));
  const wanted = readPattern(pattern);
  if (wanted.kind === 'problem') throw new Error(wanted.message);
  return [...input.runs.values()].flatMap(({ ruleset }) =>
    drawUp(
      ruleset,
      wanted.sources,
      addresses.flatMap((text) => readAddress(text, ruleset.family) ?? []),
    ),
  );
}

const outcomes = (timeline: Timeline | undefined, source = 0): string =>
  (timeline?.sources[source]?.tries ?? [])
    .map(({ outcome }) => ({ admitted: '.', dropped: 'x', refused: 'r', matched: 'm', 'not matched': '-', unknown: '?' })[outcome])
    .join('');

const text = (drawn: readonly Timeline[], width = 80): string => printTimelines(drawn, { width, paint: (_, shown) => shown });

const ssh = 'iptables -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh';
const b1 = `${ssh} --update --seconds 60 --hitcount 4 -j DROP\n${ssh} --set`;
const b1r = `${ssh} --rcheck --seconds 60 --hitcount 4 -j DROP\n${ssh} --set`;

describe('what is sent', () => {
  const sent = (rules: string): string => {
    const [timeline] = timelines(rules, '0');
    return `${timeline?.packets ?? ''} (${timeline?.sources[0]?.address ?? ''})${timeline?.remarks.length === 0 ? '' : ' !'}`;
  };
  const limited = (words: string, chain = 'INPUT'): string => `iptables -A ${chain} ${words} -m limit --limit 1/min -j ACCEPT`;

  test.each([
    [limited('-p tcp --dport 8000:8010'), 'tcp/8000 to 192.0.2.1, in by eth0 (198.51.100.1)'],
    [limited('-p udp -m multiport --dports 5060,5061 -i wan0'), 'udp/5060 to 192.0.2.1, in by wan0 (198.51.100.1)'],
    [limited('-p tcp ! --dport 80'), 'tcp/22 to 192.0.2.1, in by eth0 (198.51.100.1)'],
    [limited('-p icmp --icmp-type echo-request'), 'icmp type 8 to 192.0.2.1, in by eth0 (198.51.100.1)'],
    [limited('-s 10.0.0.0/8 -d 10.9.9.9'), 'tcp/80 to 10.9.9.9, in by eth0 (10.0.0.1)'],
    [limited('! -i lo -m conntrack --ctstate ESTABLISHED'), 'tcp/80 to 192.0.2.1, in by eth0, state ESTABLISHED (198.51.100.1)'],
    [limited('-p tcp --tcp-flags ALL ACK'), 'tcp/80 to 192.0.2.1, in by eth0 (198.51.100.1)'],
    [limited('-i ppp+ -o lan0 -p tcp --dport 25', 'FORWARD'), 'tcp/25 to 192.0.2.1, in by ppp0, out by lan0 (198.51.100.1)'],
    [limited('-p tcp --dport 25', 'OUTPUT'), 'tcp/25 to 192.0.2.1, out by eth0 (198.51.100.1)'],
    [
      `iptables -N SSH\niptables -A INPUT -p tcp --dport 2222 -i wan1 -j SSH\n${limited('', 'SSH')}`,
      'tcp/2222 to 192.0.2.1, in by wan1 (198.51.100.1)',
    ],
    // Another port, where the first one thought of is taken by a rule above.
    [`iptables -A INPUT -p tcp -m multiport --dports 80,22 -j ACCEPT\n${limited('')}`, 'tcp/443 to 192.0.2.1, in by eth0 (198.51.100.1)'],
    [`iptables -A INPUT -p tcp -j ACCEPT\n${limited('')}`, 'udp/80 to 192.0.2.1, in by eth0 (198.51.100.1)'],
    [`iptables -A INPUT -p tcp -j ACCEPT\n${limited('-p tcp --dport 22')}`, 'tcp/22 to 192.0.2.1, in by eth0 (198.51.100.1) !'],
    ['ip6tables -A INPUT -p tcp --dport 22 -m limit --limit 1/min -j ACCEPT', 'tcp/22 to 2001:db8::1, in by eth0 (2001:db8:1::1)'],
    [
      'iptables -A INPUT -m hashlimit --hashlimit-upto 10kb/s --hashlimit-mode srcip --hashlimit-name x -j ACCEPT',
      'tcp/80 to 192.0.2.1, in by eth0, 1000 bytes each (198.51.100.1)',
    ],
  ])('%s', (rules, expected) => {
    expect(sent(rules)).toBe(expected);
  });

  test('addresses: given, named, and found', () => {
    const addressesOf = (pattern: string, given: readonly string[], rules = b1): readonly string[] =>
      timelines(rules, pattern, given)[0]?.sources.map(({ address }) => address) ?? [];
    expect(addressesOf('A: 0; B: 0', [])).toEqual(['198.51.100.1', '198.51.100.2']);
    expect(addressesOf('A: 0; B: 0', ['10.0.0.9', '10.0.0.8'])).toEqual(['10.0.0.9', '10.0.0.8']);
    expect(addressesOf('10.0.0.7: 0; B: 0', ['10.0.0.9'])).toEqual(['10.0.0.7', '10.0.0.9']);
    expect(addressesOf('0; B: 0', ['10.0.0.9'])).toEqual(['10.0.0.9', '198.51.100.1']);
    const one = timelines(b1.replaceAll('-p tcp', '-s 10.1.1.1 -p tcp'), 'A: 0; B: 0')[0];
    expect(one?.remarks).toEqual(['the rule takes fewer addresses than there are sources: some of them share one']);
  });
});

test('a rule that no packet comes to: who decides before', () => {
  const [timeline] = timelines(`iptables -A INPUT -p tcp --dport 22 -j ACCEPT\n${b1}`, '0');
  expect(timeline?.remarks).toEqual(['no packet was found that comes to rules.sh:2: rules.sh:1 decides about those it asks for']);
  expect(outcomes(timeline)).toBe('.');
});

describe('what becomes of it', () => {
  test('tries that count, and tries that do not', () => {
    const [update] = timelines(b1, 'every 1s for 90s');
    expect(outcomes(update)).toBe(`....${'x'.repeat(86)}`);
    expect(update?.sources[0]?.returns).toEqual({ kind: 'after', silence: 57.004, time: 146.004 });
    const [rcheck] = timelines(b1r, 'every 1s for 90s');
    expect(outcomes(rcheck)).toBe(`....${'x'.repeat(57)}....${'x'.repeat(25)}`);
    expect(rcheck?.sources[0]?.returns).toEqual({ kind: 'after', silence: 32.004, time: 121.004 });
    expect(timelines(b1, '0 20 40')[0]?.sources[0]?.returns).toBeUndefined();
    expect(timelines(`${ssh} --rcheck --hitcount 2 -j DROP\n${ssh} --set`, '0 0 0')[0]?.sources[0]?.returns).toMatchObject({ kind: 'not within' });
  });

  test('clients of their own, and clients that share a bucket', () => {
    const [list] = timelines(b1, 'A: 5 at 0; B: 5 at 0');
    expect([outcomes(list, 0), outcomes(list, 1)]).toEqual(['....x', '....x']);
    const [bucket] = timelines('iptables -P INPUT DROP\niptables -A INPUT -p icmp -m limit --limit 1/min -j ACCEPT', 'A: 5 at 0; B: 5 at 1');
    expect([outcomes(bucket, 0), outcomes(bucket, 1)]).toEqual(['.....', 'xxxxx']);
  });

  test('waiting makes no difference where packets are counted', () => {
    const rules =
      'iptables -A INPUT -p udp --dport 53 -m statistic --mode nth --every 3 --packet 0 -j ACCEPT\niptables -A INPUT -p udp --dport 53 -j DROP';
    const [counted] = timelines(rules, '0 1 2 3 4');
    expect(outcomes(counted)).toBe('.xx.x');
    expect(counted?.sources[0]).not.toHaveProperty('returns');
  });

  test('a client that waits while others go on', () => {
    const rules = 'iptables -P INPUT DROP\niptables -A INPUT -p icmp -m limit --limit 1/sec --limit-burst 1 -j ACCEPT';
    // B takes every token as it comes until 10 s.
    const [shared] = timelines(rules, 'A: 0.5; B: every 1s for 11s');
    expect([outcomes(shared, 0), outcomes(shared, 1)]).toEqual(['x', '.'.repeat(11)]);
    expect(shared?.sources[0]?.returns).toEqual({ kind: 'after', silence: 0.5, time: 1 });
    const [later] = timelines(rules, 'A: 0.5; B: every 0.5s for 11s');
    expect(later?.sources[0]?.returns).toMatchObject({ kind: 'after', time: 1 });
  });

  test('a timeline for each kind of traffic; limits of the same traffic share one', () => {
    const rules = `${b1}\niptables -A INPUT -p tcp --dport 80 -m connlimit --connlimit-above 2 -j REJECT\n${ssh} --update --seconds 600 --hitcount 10 -j DROP`;
    const drawn = timelines(rules, '0 0 0 20 holding 10s');
    expect(drawn.map(({ limiters }) => limiters.map(({ kind }) => kind))).toEqual([['recent', 'recent'], ['connlimit']]);
    expect(outcomes(drawn[1])).toBe('..r.');
  });

  test('rules that only look on', () => {
    const [logged] = timelines('iptables -A INPUT -m limit --limit 1/sec --limit-burst 2 -j LOG\niptables -A INPUT -j DROP', '0 0 0 1 1');
    expect(logged?.observes).toBe(true);
    expect(outcomes(logged)).toBe('mm-m-');
  });

  test('what depends on more than the rules', () => {
    const [unknown] = timelines(`iptables -A INPUT -m mac --mac-source 02:00:00:00:00:01 -j DROP\n${b1}`, '0 1');
    expect(outcomes(unknown)).toBe('??');
    expect(text([unknown as Timeline])).toContain('-m mac --mac-source 02:00:00:00:00:01');
  });
});

describe('as text', () => {
  test('rows, axis and sentence', () => {
    expect(text(timelines(b1, 'every 0.5s for 30s'))).toBe(
      [
        'INPUT tcp/22, new connections, per source address (list ssh)',
        '  tries: tcp/22 to 192.0.2.1, in by eth0',
        '',
        '  admitted ++++',
        `  dropped      ${'x'.repeat(56)}`,
        `           ${'|---------'.repeat(6)}`,
        '           0 s       5 s       10 s      15 s      20 s      25 s',
        '',
        '  60 tries: 4 admitted (0 s to 1.5 s), 56 dropped by rules.sh:1 (2 s to 29.5 s);',
        '    after the last try it gets in again after 58.504 s of silence, at 88.004 s',
        '',
      ].join('\n'),
    );
  });

  test('never wider than the terminal, whatever the pattern', () => {
    const patterns = ['0', 'every 1ms for 2s', 'every 7s for 3m', 'every 1h for 20d', 'A: 400 at 0; B: every 3m for 9h', '0 86400'];
    for (const pattern of patterns)
      for (const width of [60, 80, 120]) {
        const lines = text(timelines(b1r, pattern), width).split('\n');
        expect(Math.max(...lines.map((line) => line.length)), pattern).toBeLessThanOrEqual(width);
      }
  });

  test('every try is in a row, under its time', () => {
    const drawn = text(timelines(b1, '12 at 0, 3 at 9s'));
    expect(drawn).toContain('  admitted 4\n');
    expect(drawn).toMatch(/ {2}dropped {2}8 {40,}3\n/);
    expect(drawn).toContain('a digit is a number of tries, # more than nine');
  });
});

describe('as a picture', () => {
  const picture = drawPicture(timelines(b1.replaceAll('ssh', '"a<b&c"'), 'A: every 1s for 9s; B: 20 at 4'));
  test('well-formed, described in words, and with nothing from outside', () => {
    const open: string[] = [];
    for (const [, close, name, self] of picture.matchAll(/<(\/?)([a-z]+)[^>]*?(\/?)>/g)) {
      if (close === '/') expect(open.pop()).toBe(name);
      else if (self !== '/') open.push(name ?? '');
    }
    expect(open).toEqual([]);
    expect(picture).toContain('(list a&lt;b&amp;c)');
    expect(picture).toContain('prefers-color-scheme: dark');
    expect(picture).toMatch(/<desc[^>]*>A \(198\.51\.100\.1\): 9 tries: 4 admitted/);
    expect(picture.replace('xmlns="http://www.w3.org/2000/svg"', '')).not.toMatch(/href|https?:|url\(|<script/);
  });

  test('a stroke for each column, upwards for those that got in', () => {
    expect(picture.match(/<rect class="in"/g)).toHaveLength(4 + 1);
    expect(picture.match(/<rect class="out"/g)).toHaveLength(5 + 1);
  });
});
