/** What the simulator says packets meet in iptables rules: cases worked out by hand from the kernel's sources. */

import { describe, expect, test } from 'vitest';
import { createSource, read } from '../../src/api.js';
import type { Target } from '../../src/extensions/define.js';
import { parseIp4, parseIp6 } from '../../src/net/address.js';
import { simulateRuleset } from '../../src/simulate/iptables/ruleset.js';
import type { SimulatedPacket } from '../../src/simulate/packet.js';

type Given = Partial<Omit<SimulatedPacket, 'source' | 'destination'>> & { readonly source?: string; readonly destination?: string };

const address = (text: string): number | bigint => (text.includes(':') ? (parseIp6(text) ?? 0n) : (parseIp4(text)?.address ?? 0));

function packet({ source = '198.51.100.1', destination = '192.0.2.1', ...rest }: Given): SimulatedPacket {
  return {
    time: 0,
    way: 'in',
    source: address(source),
    destination: address(destination),
    protocol: 6,
    sourcePort: 1024,
    destinationPort: 22,
    tcpFlags: 2,
    inInterface: 'eth0',
    state: 'NEW',
    length: 40,
    ttl: 64,
    mark: 0,
    ...rest,
  };
}

/** A letter for each packet: `.` accepted, `x` dropped, `r` refused, `?` unknown. */
function fates(rules: string, packets: readonly Given[], target: Target = {}): string {
  const input = read(createSource('rules.sh', rules.trim().replace(/^\s+/gm, '')));
  const [run, ...others] = [...input.runs.values()];
  if (run === undefined || others.length > 0 || run.refused.size > 0) throw new Error(`not loaded: ${rules}`);
  const letters = { accepted: '.', dropped: 'x', refused: 'r', unknown: '?' } as const;
  return simulateRuleset(run.ruleset, packets.map(packet), { target })
    .map(({ verdict }) => letters[verdict])
    .join('');
}

const at = (...times: readonly number[]): readonly Given[] => times.map((time) => ({ time }));
const every = (step: number, count: number, more: Given = {}): readonly Given[] =>
  Array.from({ length: count }, (_, index) => ({ ...more, time: Math.round(index * step * 1e6) / 1e6 }));

const ssh = 'iptables -A INPUT -p tcp --dport 22';

describe('chains', () => {
  test('policies, user chains, RETURN and goto', () => {
    expect(fates('iptables -P INPUT DROP', at(0))).toBe('x');
    expect(fates('iptables -N A\niptables -A INPUT -j A\niptables -A INPUT -j DROP\niptables -A A -j RETURN\niptables -A A -j ACCEPT', at(0))).toBe(
      'x',
    );
    // A chain entered by goto returns to whoever called the chain before.
    expect(fates('iptables -N A\niptables -A INPUT -g A\niptables -A INPUT -j DROP\niptables -A A -p udp -j DROP', at(0))).toBe('.');
    expect(
      fates(
        'iptables -N A\niptables -N B\niptables -A INPUT -j A\niptables -A INPUT -j DROP\niptables -A A -g B\niptables -A A -j ACCEPT\niptables -A B -p udp -j ACCEPT',
        at(0),
      ),
    ).toBe('x');
    expect(fates(`${ssh} -j REJECT`, [{}, { destinationPort: 23 }, { protocol: 17 }])).toBe('r..');
  });

  test('tables are asked in their order, and marks are seen by later ones', () => {
    const rules = 'iptables -t mangle -A PREROUTING -p tcp --dport 22 -j MARK --set-mark 7\niptables -A INPUT -m mark --mark 7 -j DROP';
    expect(fates(rules, [{}, { destinationPort: 23 }])).toBe('x.');
    expect(fates('iptables -t raw -A PREROUTING -j DROP\niptables -A INPUT -j ACCEPT', at(0))).toBe('x');
    expect(fates('iptables -t raw -A PREROUTING -j NOTRACK\niptables -A INPUT -m state --state UNTRACKED -j DROP', at(0))).toBe('x');
    const nat = 'iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.1:8080';
    expect(fates(`${nat}\niptables -A FORWARD -d 10.0.0.1 -p tcp --dport 8080 -j DROP`, [{ way: 'forward', destinationPort: 80 }])).toBe('x');
  });

  test('plain matches', () => {
    const asks = (words: string, given: Given): string => fates(`iptables -A INPUT ${words} -j DROP`, [given]);
    expect(asks('-s 198.51.100.0/24', {})).toBe('x');
    expect(asks('! -s 198.51.100.0/24', {})).toBe('.');
    expect(asks('-s 10.0.0.3/255.0.0.255', { source: '10.7.7.3' })).toBe('x');
    expect(asks('-i eth+', {})).toBe('x');
    expect(asks('! -i eth0', {})).toBe('.');
    expect(asks('-p tcp --dport 20:22', {})).toBe('x');
    expect(asks('-p tcp ! --dport 20:22', {})).toBe('.');
    expect(asks('-p tcp -m multiport --ports 1024,80', {})).toBe('x');
    expect(asks('-p tcp --syn', {})).toBe('x');
    expect(asks('-p tcp --syn', { tcpFlags: 0x12 })).toBe('.');
    expect(asks('-p icmp --icmp-type echo-request', { protocol: 1, icmp: { type: 8, code: 0 } })).toBe('x');
    expect(asks('-p icmp --icmp-type 3/4', { protocol: 1, icmp: { type: 3, code: 3 } })).toBe('.');
    expect(asks('-m conntrack --ctstate NEW', {})).toBe('x');
    expect(asks('-m conntrack ! --ctstate NEW', {})).toBe('.');
    expect(asks('-m iprange --src-range 198.51.100.0-198.51.100.9', {})).toBe('x');
    expect(asks('-m length --length 41:', {})).toBe('.');
    expect(asks('-m addrtype --dst-type LOCAL', {})).toBe('x');
    expect(asks('-m addrtype --dst-type BROADCAST,MULTICAST', {})).toBe('.');
    expect(asks('-m addrtype --dst-type MULTICAST', { destination: '224.0.0.1' })).toBe('x');
    expect(asks('-m addrtype ! --src-type LOCAL', {})).toBe('x');
    expect(asks('-m pkttype --pkt-type broadcast', {})).toBe('.');
    expect(asks('-m conntrack --ctstate DNAT', {})).toBe('.');
    expect(asks('-m ttl --ttl-lt 64', {})).toBe('.');
  });

  test('what it does not know it does not guess', () => {
    expect(fates('iptables -A INPUT -m mac --mac-source 02:00:00:00:00:01 -j DROP', at(0))).toBe('?');
    // The match may hold or not: the packet is logged or not, and goes on.
    expect(fates(`iptables -A INPUT -m mac --mac-source 02:00:00:00:00:01 -j LOG\n${ssh} -j DROP`, at(0))).toBe('x');
    // Another match of the rule fails.
    expect(fates(`iptables -A INPUT -m mac --mac-source 02:00:00:00:00:01 -m mark --mark 7 -j DROP`, at(0))).toBe('.');
    // Behind a packet that may or may not have been counted, nobody knows what was counted.
    const rules = `iptables -A INPUT -p tcp -m mac --mac-source 02:00:00:00:00:01 --dport 23 -j DROP\n${ssh} -m recent --rcheck --hitcount 2 -j DROP\n${ssh} -m recent --set`;
    expect(fates(rules, [{}, { destinationPort: 23 }, {}, {}])).toBe('.???');
    expect(fates('iptables -A INPUT -j NFQUEUE', at(0))).toBe('?');
  });
});

describe('recent', () => {
  const list = (asks: string, more = ''): string => `${ssh} -m recent --name l ${asks}${more === '' ? '' : ` -j ${more}`}`;
  const seconds = '--seconds 2 --hitcount 3';

  test('the idioms', () => {
    // Measured: three of ten, and none while it hammers.
    expect(fates(`${list(`--update ${seconds}`, 'DROP')}\n${list('--set')}`, every(0.05, 10))).toBe('...xxxxxxx');
    expect(fates(`${list(`--rcheck ${seconds}`, 'DROP')}\n${list('--set')}`, every(0.1, 45))).toBe(`...${'x'.repeat(18)}...${'x'.repeat(18)}...`);
    expect(fates(`${list('--set')}\n${list(`--rcheck ${seconds}`, 'DROP')}`, every(0.05, 10))).toBe('..xxxxxxxx');
    expect(fates(`${list('--set')}\n${list(`--update ${seconds}`, 'DROP')}`, at(0, 0.1, 0.2, 1.7, 3.2, 4.7))).toBe('..xxxx');
    expect(fates(`${list('--set')}\n${list(`--rcheck ${seconds}`, 'DROP')}`, at(0, 0.1, 0.2, 1.7, 3.2, 4.7))).toBe('..xx..');
  });

  test('a stamp of exactly the seconds still counts, one tick more does not', () => {
    const rules = `${list('--rcheck --seconds 1', 'DROP')}\n${list('--set')}`;
    expect(fates(rules, at(0, 1))).toBe('.x');
    expect(fates(rules, at(0, 1.003))).toBe('.x');
    expect(fates(rules, at(0, 1.004))).toBe('..');
    expect(fates(rules, at(0, 1.004), { hz: 100 })).toBe('.x');
    expect(fates(rules, at(0, 1.01), { hz: 100 })).toBe('..');
  });

  test('!, --remove, --rdest, --mask, --rttl', () => {
    expect(fates(`${list('! --rcheck', 'DROP')}\n${list('--set')}`, at(0, 1))).toBe('xx');
    expect(fates(`${list('--rcheck', 'DROP')}\n${list('! --set', 'REJECT')}`, at(0, 1))).toBe('.x');
    expect(fates(`${list('--remove', 'DROP')}\n${list('--set')}`, at(0, 1, 2, 3))).toBe('.x.x');
    // For a known address that does not meet the hits it is true, and stamps.
    expect(fates(`${list('! --update --hitcount 3', 'REJECT')}\n${list('--set')}`, at(0, 1, 2, 3, 4))).toBe('rrrrr');
    expect(fates(`${list('--set')}\n${list('! --update --hitcount 4', 'REJECT')}`, at(0, 1, 2, 3))).toBe('rr..');
    const rdest = `${list('--rcheck --rdest', 'DROP')}\n${list('--set --rdest')}`;
    expect(fates(rdest, [{}, { source: '198.51.100.2' }, { destination: '192.0.2.2' }])).toBe('.x.');
    const mask = `${list('--rcheck --mask 255.255.255.0', 'DROP')}\n${list('--set')}`;
    expect(fates(mask, [{}, { source: '198.51.100.2' }, { source: '198.51.101.2' }])).toBe('.x.');
    const rttl = `${list('--rcheck --rttl', 'DROP')}\n${list('--set')}`;
    // The same packets as measured: 64, 64, 63, 63, 64.
    expect(fates(rttl, [{}, { time: 1 }, { time: 2, ttl: 63 }, { time: 3, ttl: 63 }, { time: 4 }])).toBe('.x.x.');
  });

  test('seconds are multiplied with HZ in 32 bits', () => {
    const rules = `${list('--rcheck --seconds 17179870', 'DROP')}\n${list('--set')}`;
    expect(fates(rules, at(0, 0.5, 5))).toBe('.x.');
  });

  test('a full list forgets the address stamped longest ago', () => {
    const rules = `${list('--rcheck', 'DROP')}\n${list('--set')}`;
    const others = Array.from({ length: 100 }, (_, index): Given => ({ time: 1, source: `10.0.0.${String(index)}` }));
    const again: Given = { time: 2 };
    expect(fates(rules, [{}, ...others.slice(0, 99), again]).at(-1)).toBe('x');
    expect(fates(rules, [{}, ...others, again]).at(-1)).toBe('.');
    expect(fates(rules, [{}, { source: '10.0.0.1' }, { source: '10.0.0.2' }, again], { ipListTot: 2 }).at(-1)).toBe('.');
  });

  test('--reap takes off the address stamped longest ago, and never the one that is asked about', () => {
    const reaps = `${list('--rcheck --seconds 1 --reap', 'DROP')}\n${list('--rcheck', 'REJECT')}\n${list('--set')}`;
    expect(fates(reaps, [{}, { time: 0.5, source: '10.0.0.1' }, { time: 1.4, source: '10.0.0.1' }, { time: 1.5 }])).toBe('..x.');
    const keeps = reaps.replace(' --reap', '');
    expect(fates(keeps, [{}, { time: 0.5, source: '10.0.0.1' }, { time: 1.4, source: '10.0.0.1' }, { time: 1.5 }])).toBe('..xr');
  });

  test('a match that is asked stamps, whatever the rest of the rule says', () => {
    const rules = `iptables -A INPUT -p tcp -m recent --name l --set -m tcp --dport 23 -j ACCEPT\n${list('--rcheck', 'DROP')}`;
    expect(fates(rules, [{}])).toBe('x');
  });
});

describe('limit', () => {
  const limited = (words: string): string => `${ssh} -m limit ${words} -j ACCEPT\n${ssh} -j DROP`;

  test('a burst, then the rate', () => {
    expect(fates(limited('--limit 5/sec --limit-burst 3'), every(0.1, 10))).toBe('.....x.x.x');
    expect(fates(limited('--limit 1/min'), every(1, 6))).toBe('.....x');
    expect(fates(limited('--limit 1/min'), at(0, 0, 0, 0, 0, 59.996, 60))).toBe('.....x.');
  });

  test('bursts that 32 bits do not hold', () => {
    const count = (words: string): number => fates(limited(words), every(0, 200)).replaceAll('x', '').length;
    // As measured.
    expect(count('--limit 1/hour --limit-burst 60')).toBe(22);
    expect(count('--limit 1/hour --limit-burst 100')).toBe(25);
    expect(count('--limit 1/hour --limit-burst 119')).toBe(7);
    expect(count('--limit 2/day --limit-burst 5')).toBe(1);
    expect(count('--limit 1/minute --limit-burst 2300')).toBe(63);
  });

  test('rules of the same words have buckets of their own', () => {
    const rules = `${ssh} -m limit --limit 1/hour --limit-burst 1 -j ACCEPT\n`;
    expect(fates(`${rules}${rules}${ssh} -j DROP`, every(1, 4))).toBe('..xx');
  });
});

describe('hashlimit', () => {
  const hash = (words: string, more = ''): string => `${ssh} -m hashlimit ${words} --hashlimit-name h${more} -j ACCEPT\n${ssh} -j DROP`;

  test('keys by mode and mask', () => {
    const once = '--hashlimit-upto 1/hour --hashlimit-burst 1';
    const packets: readonly Given[] = [{}, { source: '198.51.100.2' }, { sourcePort: 7 }, { destination: '192.0.2.9' }, { source: '203.0.113.1' }];
    expect(fates(hash(once), packets)).toBe('.xxxx');
    expect(fates(hash(`${once} --hashlimit-mode srcip`), packets)).toBe('..xx.');
    expect(fates(hash(`${once} --hashlimit-mode srcip --hashlimit-srcmask 24`), packets)).toBe('.xxx.');
    expect(fates(hash(`${once} --hashlimit-mode dstip`), packets)).toBe('.xx.x');
    expect(fates(hash(`${once} --hashlimit-mode srcip,srcport`), packets)).toBe('...x.');
    expect(
      fates(`${ssh} -m hashlimit --hashlimit-above 1/hour --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name h -j DROP`, every(1, 4)),
    ).toBe('..xx');
  });

  test('a client is forgotten when the table is looked through after it expired', () => {
    const rules = hash('--hashlimit-upto 1/min --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-htable-expire 1500');
    expect(fates(rules, at(0, 0, 0, 1.4, 2.9))).toBe('..xxx');
    // It expires at 1.5 s; the table is looked through at 1 s, 2 s …
    expect(fates(rules, at(0, 0, 0, 1.9, 1.9))).toBe('..xxx');
    expect(fates(rules, at(0, 0, 0, 2, 2, 2))).toBe('..x..x');
  });

  test('rules of one name share the numbers of the first', () => {
    const both = [4, 9].map(
      (burst) => `${ssh} -m hashlimit --hashlimit-upto 1/hour --hashlimit-burst ${String(burst)} --hashlimit-name h -j ACCEPT\n`,
    );
    expect(fates(`${both.join('')}${ssh} -j DROP`, every(1, 8))).toBe('....xxxx');
  });

  test('a full table drops', () => {
    const rules = hash('--hashlimit-upto 1/hour --hashlimit-mode srcip --hashlimit-htable-size 1 --hashlimit-htable-max 2');
    expect(
      fates(
        rules,
        [1, 2, 3, 1].map((client): Given => ({ source: `10.0.0.${String(client)}` })),
      ),
    ).toBe('..x.');
  });

  test('bytes: 16 at a time, and bursts that are there once', () => {
    const rules = hash('--hashlimit-upto 1kb/s --hashlimit-mode srcip');
    // 256 bytes cost 17 chunks: a second holds 64 of them
    expect(fates(rules, every(0, 5, { length: 256 }))).toBe('...xx');
    expect(fates(rules, every(0, 5, { length: 255 }))).toBe('....x');
    const burst = hash('--hashlimit-upto 1kb/s --hashlimit-burst 2kb --hashlimit-mode srcip');
    expect(fates(burst, every(0, 16, { length: 255 }))).toBe('............xxxx');
    expect(
      fates(burst, [...every(0, 13, { length: 255 }), { time: 10, length: 255 }, ...Array.from({ length: 5 }, () => ({ time: 10, length: 255 }))]),
    ).toBe('............x....xx');
  });

  test('rate match: an interval above the rate closes the next one', () => {
    const rules = hash('--hashlimit-upto 3/sec --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-rate-match --hashlimit-htable-expire 60000');
    // five in the first interval; the next is closed, the one after it open again
    expect(fates(rules, at(0, 0.1, 0.2, 0.3, 0.4, 0.5, 1, 1.1, 2.1, 2.2))).toBe('.....xxx..');
  });
});

describe('connlimit', () => {
  const rules = `${ssh} --syn -m connlimit --connlimit-above 2 -j REJECT`;
  test('connections that are open at the same time', () => {
    expect(fates(rules, every(1, 5))).toBe('..rrr');
    expect(fates(rules, every(1, 6, { staysOpen: 2.5 }))).toBe('..r..r');
    expect(fates(`${ssh} -m connlimit --connlimit-upto 2 -j ACCEPT\n${ssh} -j DROP`, every(1, 4))).toBe('..xx');
    expect(fates(rules, [{}, { time: 1, source: '10.0.0.1' }, { time: 2 }, { time: 3, source: '10.0.0.1' }, { time: 4 }])).toBe('....r');
    expect(fates(rules.replace('above 2', 'above 2 --connlimit-mask 0'), [{}, { time: 1, source: '10.0.0.1' }, { time: 2 }])).toBe('..r');
    expect(fates(rules, [{ connection: 1 }, { time: 1, connection: 2 }, { time: 2, connection: 1, state: 'ESTABLISHED' }])).toBe('...');
  });
});

describe('quota and statistic', () => {
  test('bytes until there are none left', () => {
    const rules = `${ssh} -m quota --quota 100 -j ACCEPT\n${ssh} -j DROP`;
    expect(fates(rules, every(1, 4, { length: 50 }))).toBe('..xx');
    // What is too much takes the rest.
    expect(fates(rules, [{ length: 60 }, { length: 50 }, { length: 40 }])).toBe('.xx');
    expect(fates(rules.replace('--quota', '! --quota'), every(1, 4, { length: 50 }))).toBe('xx..');
  });

  test('every n-th packet', () => {
    const rules = `${ssh} -m statistic --mode nth --every 3 --packet 1 -j DROP`;
    expect(fates(rules, every(1, 7))).toBe('.x..x..');
    expect(fates(rules.replace('--every', '! --every'), every(1, 7))).toBe('x.xx.xx');
  });

  test('some packets by chance, and the same ones again', () => {
    const rules = `${ssh} -m statistic --mode random --probability 0.25 -j DROP`;
    const drawn = fates(rules, every(1, 2000));
    const dropped = drawn.replaceAll('.', '').length;
    expect(dropped).toBeGreaterThan(420);
    expect(dropped).toBeLessThan(580);
    expect(fates(rules, every(1, 2000))).toBe(drawn);
    expect(fates(rules.replace('0.25', '1'), every(1, 9))).toBe('xxxxxxxxx');
  });
});
