/** The sentences of `fwlint policy`. */

import { expect, test } from 'vitest';
import { createSource, read } from '../../src/api.js';
import { describeRuleset, printDescription } from '../../src/policy/describe.js';

function policy(commands: string, width = 200): string {
  const input = read(createSource('rules.sh', commands.trim().replace(/^\s+/gm, '')));
  return [...input.runs.values()].map((run) => printDescription({ ...describeRuleset(run.ruleset), defaults: [] }, width)).join('');
}

test('the web server rules with hitcount 26', () => {
  expect(
    policy(`
      iptables -I INPUT -p tcp --dport 80 -i eth0 -m state --state NEW -m recent --set
      iptables -I INPUT -p tcp --dport 80 -i eth0 -m state --state NEW -m recent --update --seconds 5 --hitcount 26 -j DROP`),
  ).toBe(
    [
      'INPUT tcp/80 on eth0, new connections, per source address (list DEFAULT, shared by every nameless `recent`)',
      '  lets 26 through, then drops; a blocked client gets in again after fewer than 26 tries in the last 5 s; tries while blocked count',
      '  remembers 100 addresses; the 101st pushes the oldest out, and its count with it: 100 forged addresses make it forget everybody',
      '  26 packets with the forged address of somebody lock them out, for as long as more of them come',
      '',
    ].join('\n'),
  );
});

test('other orders, other sentences', () => {
  const ssh = 'iptables -A INPUT -p tcp --dport 22 -m recent --name ssh';
  expect(policy(`${ssh} --rcheck --seconds 60 --hitcount 3 -j REJECT\n${ssh} --set`)).toContain(
    'lets 3 through in any 60 s, then refuses; a blocked client gets in again as soon as fewer than 3 of those let through lie in the last 60 s; tries while blocked do not count',
  );
  expect(policy(`${ssh} --set\n${ssh} --update --seconds 60 --hitcount 3 -j DROP`)).toContain(
    'lets 2 through, then drops; a blocked client gets in again after fewer than 2 tries in the last 60 s; tries while blocked count twice',
  );
  expect(policy(`${ssh} --set\n${ssh} --rcheck --seconds 60 --hitcount 2 -j DROP`)).toContain(
    'lets 1 through, then drops; a blocked client gets in again after 60 s without a try; tries while blocked count',
  );
  expect(policy(`${ssh} --set\n${ssh} --rcheck --seconds 60 --hitcount 1 -j DROP`)).toContain('lets nothing through');
  expect(policy(`${ssh} --rcheck --hitcount 3 -j DROP\n${ssh} --set`)).toContain('lets 3 through, then drops for good');
  expect(policy(`${ssh} --rcheck --seconds 60 -j DROP`)).toContain('never blocks: no rule puts an address on list ssh');
  expect(policy(`${ssh} --set -j ACCEPT\n${ssh} --rcheck --seconds 60 -j DROP`)).toContain(
    'never blocks: the rule that counts (rules.sh:1) decides about the packet',
  );
  expect(policy(`iptables -A INPUT -p tcp --dport 7000 -m recent --name ssh --set -j DROP\n${ssh} --rcheck --seconds 30 -j ACCEPT`)).toContain(
    'accepts sources seen in the last 30 s',
  );
});

test('keys', () => {
  expect(policy('iptables -A FORWARD -m recent --rcheck --rdest --mask 255.255.255.0 -j DROP')).toContain(
    'FORWARD every packet, per destination /24 (list DEFAULT',
  );
  expect(policy('ip6tables -A INPUT -p tcp --dport 1:1024 -m connlimit --connlimit-above 3 --connlimit-mask 64 -j REJECT')).toContain(
    'INPUT tcp/1:1024, per source /64 (connlimit)',
  );
  expect(
    policy('iptables -A INPUT -s 10.0.0.0/8 ! -i eth0 -m hashlimit --hashlimit-upto 5/s --hashlimit-name x --hashlimit-mode srcip,dstport'),
  ).toContain('INPUT every packet from 10.0.0.0/8 not on eth0, per source address, per destination port (hashlimit x)');
});

test('limit', () => {
  const text = policy('iptables -A INPUT -p icmp --icmp-type echo-request -m limit --limit 7/min -j ACCEPT');
  expect(text).toContain('INPUT icmp echo-request, all together (-m limit)');
  expect(text).toContain('accepts 5 packets at once, then 7 a minute; the rest is accepted as well');
  expect(text).toContain('iptables-legacy computes with 32 bits and makes 4 of the burst of 5');
});

test('quota and statistic', () => {
  expect(policy('iptables -A INPUT -p udp -m quota --quota 1000 -j ACCEPT\niptables -A INPUT -j DROP')).toContain(
    'accepts the first 1000 bytes that come to this rule, whole packets only; the rest is dropped',
  );
  expect(policy('iptables -A INPUT -m quota ! --quota 1000 -j DROP')).toContain('drops everything once 1000 bytes came to this rule');
  expect(policy('iptables -A INPUT -m statistic --mode nth --every 3 --packet 1 -j DROP')).toContain(
    'drops one packet in 3: the 2nd, the 5th and so on',
  );
  expect(policy('iptables -A INPUT -m statistic --mode random --probability 0.25 -j DROP')).toContain('drops 25 % of the packets, drawn at random');
});

test('who can lock out whom, and what is shared, in numbers', () => {
  const input = read(
    createSource(
      'rules.sh',
      [
        'iptables -A INPUT -p tcp --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 3 -j DROP',
        'iptables -A INPUT -p tcp --dport 22 -m recent --name ssh --set',
        'iptables -A INPUT -p udp -m hashlimit --hashlimit-name u --hashlimit-above 2/s --hashlimit-burst 4 --hashlimit-mode srcip --hashlimit-htable-size 16 --hashlimit-htable-max 64 -j DROP',
      ].join('\n'),
    ),
  );
  const [ssh, udp] = [...input.runs.values()].flatMap(({ ruleset }) => describeRuleset(ruleset).limiters);
  expect(ssh).toMatchObject({
    key: 'per source address',
    lets: 3,
    perSeconds: 60,
    steady: { count: 3, seconds: 60 },
    capacity: 100,
    lockout: '3 packets with the forged address of somebody lock them out, again in every 60 s',
    shares: [{ source: 'rules.sh', line: 2 }],
  });
  expect(udp).toMatchObject({
    key: 'per source address',
    lets: 4,
    steady: { count: 2, seconds: 1 },
    recovery: 'a blocked client gets one more in every 500 ms, whether it goes on trying or not',
    capacity: 64,
    lockout: '4 packets with the forged address of somebody use up their tokens',
  });
});

test('the mask of a list is that of its first rule', () => {
  const text = policy(
    'iptables -A INPUT -m recent --name a --set --mask 255.255.255.0\niptables -A INPUT -m recent --name a --rcheck --seconds 9 --hitcount 5 -j DROP',
  );
  expect(text).toContain('per source /24 (list a)');
  expect(text).toContain('the one written here is not looked at');
});

test('defaults, and lines no longer than the terminal', () => {
  const input = read(
    createSource(
      'rules.sh',
      'iptables -P INPUT DROP\niptables -A INPUT -i lo -j ACCEPT\niptables -A INPUT -p tcp -m recent --set --name a -m recent --rcheck --seconds 9 --hitcount 9 --name a -j DROP\n',
    ),
  );
  const [run] = [...input.runs.values()];
  expect(run).toBeDefined();
  if (run === undefined) return;
  const description = describeRuleset(run.ruleset);
  expect(description.defaults.map(({ text }) => text)).toEqual([
    'INPUT: what no rule decides is dropped',
    'FORWARD: everything is accepted (no rules)',
    'OUTPUT: everything is accepted (no rules)',
  ]);
  const printed = printDescription(description, 60);
  expect(Math.max(...printed.split('\n').map((line) => line.length))).toBeLessThanOrEqual(60);
  expect(JSON.parse(JSON.stringify(description))).toEqual(description);
});
