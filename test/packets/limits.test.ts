/** That limit, hashlimit and connlimit do the same to packets in nft as in iptables-legacy, and that what they are said to let through is what they do. */

import { expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';
import { findLimiters } from '../../src/policy/limiters.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';

interface Translated {
  readonly text: string;
  readonly reasons: readonly string[];
}

function nftOf(dump: string, family: 4 | 6 = 4, backend?: 'legacy'): Translated {
  const input = read(createSource('rules.save', dump), { kind: 'save', family: family === 4 ? 'ip' : 'ip6' });
  const { file, report } = translate(input, {
    target: backend === undefined ? {} : { backend },
    rates: 'exact',
    replace: 'table',
    counters: 'drop',
    partial: false,
  });
  expect(report.unsupported).toBe(0);
  return { text: printNft(file), reasons: report.items.map(({ reason }) => reason ?? '') };
}

const save = (...rules: readonly string[]): string => ['*filter', ...rules, 'COMMIT', ''].join('\n');

function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/** A limiter on a port of its own, and the seconds between two of its tokens. */
interface Limited {
  readonly rule: string;
  readonly period: number;
  readonly clients: number;
}

const limited: readonly Limited[] = [
  { rule: '-m limit --limit 5/sec --limit-burst 3 -j ACCEPT', period: 0.2, clients: 1 },
  { rule: '-m limit --limit 120/min -j ACCEPT', period: 0.5, clients: 1 },
  { rule: '-m hashlimit --hashlimit-upto 4/sec --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name h2 -j ACCEPT', period: 0.25, clients: 3 },
  {
    rule: '-m hashlimit --hashlimit-upto 4/sec --hashlimit-burst 3 --hashlimit-mode srcip,dstport --hashlimit-name h3 -j ACCEPT',
    period: 0.25,
    clients: 2,
  },
  {
    rule: '-m hashlimit --hashlimit-upto 2/sec --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-srcmask 24 --hashlimit-name h4 -j ACCEPT',
    period: 0.5,
    clients: 2,
  },
  { rule: '-m hashlimit --hashlimit-upto 2/sec --hashlimit-burst 2 --hashlimit-name h5 -j ACCEPT', period: 0.5, clients: 2 },
  { rule: '-m hashlimit --hashlimit-upto 60/min --hashlimit-burst 2 --hashlimit-mode dstip --hashlimit-name h6 -j ACCEPT', period: 1, clients: 2 },
];
/** Matches above the rate: the other way round. */
const above: readonly Limited[] = [
  { rule: '-m hashlimit --hashlimit-above 4/sec --hashlimit-burst 2 --hashlimit-mode srcip --hashlimit-name a1 -j DROP', period: 0.25, clients: 3 },
  { rule: '-m hashlimit --hashlimit-above 5/sec --hashlimit-mode srcip,srcport,dstip,dstport --hashlimit-name a2 -j DROP', period: 0.2, clients: 2 },
];

const addresses = {
  4: { from: (client: number) => `198.51.100.${client}`, to: '203.0.113.7' },
  6: { from: (client: number) => `2001:db8:1::${client}`, to: '2001:db8:9::7' },
};

/** Random packets of several clients, about twice as many as there are tokens. */
function train(family: 4 | 6, port: number, { period, clients }: Limited, random: () => number, length: number): readonly Packet[] {
  const packets: Packet[] = [];
  for (let client = 1; client <= clients; client += 1)
    for (let t = 0.02 + random() * 0.1; t < length; t += random() < 0.7 ? period * random() * 0.4 : period * random() * 3)
      packets.push({ src: addresses[family].from(client), dst: addresses[family].to, proto: 'udp', sport: 5000, dport: port, t });
  return packets;
}

describePackets('limit and hashlimit', () => {
  for (const family of [4, 6] as const)
    test(`packet by packet, IPv${family}`, async () => {
      const random = numbers(family);
      const rules: string[] = [];
      const packets: Packet[] = [];
      for (const [index, item] of [...limited, ...above].entries()) {
        const port = 10 + index;
        const rule = family === 6 ? item.rule.replace('--hashlimit-srcmask 24', '--hashlimit-srcmask 64') : item.rule;
        rules.push(
          `-A INPUT -p udp -m udp --dport ${port} ${rule}`,
          `-A INPUT -p udp -m udp --dport ${port} -j ${item.rule.endsWith('DROP') ? 'ACCEPT' : 'DROP'}`,
        );
        packets.push(...train(family, port, item, random, 3.4));
      }
      packets.sort((a, b) => (a.t ?? 0) - (b.t ?? 0));
      const dump = save(...rules);
      const nft = nftOf(dump, family);
      expect(nft.reasons).toEqual([]);
      const job: PacketJob = {
        sides: [
          { kind: 'iptables-save', text: dump, family },
          { kind: 'nft', text: nft.text },
        ],
        packets,
        family,
      };
      const outcome = await sendPackets(job);
      const found = differences(job, outcome);
      // iptables refills its buckets once a tick, nft all the time: a packet that comes just then may find a token here and none there.
      expect(found.length <= packets.length * 0.03 ? '' : describeDifferences(found)).toBe('');
      const passed = (side: number, dport: number, src: string): number =>
        outcome.packets.filter(
          ({ index, sides }) => packets[index]?.dport === dport && packets[index]?.src === src && sides[side]?.verdict === 'accepted',
        ).length;
      for (const [index, item] of [...limited, ...above].entries())
        for (let client = 1; client <= item.clients; client += 1) {
          const [before, after] = [0, 1].map((side) => passed(side, 10 + index, addresses[family].from(client))) as [number, number];
          expect(Math.abs(before - after), item.rule).toBeLessThanOrEqual(1);
        }
      const stopped = outcome.packets.filter(({ sides }) => sides[0]?.verdict === 'dropped').length;
      expect(stopped).toBeGreaterThan(packets.length / 6);
      expect(stopped).toBeLessThan(packets.length / 1.2);
    }, 30_000);

  test('ports without -p, and rules that share a name', async () => {
    const dump = save(
      '-A INPUT -p icmp -j ACCEPT',
      '-A INPUT -m hashlimit --hashlimit-upto 1/min --hashlimit-burst 2 --hashlimit-mode srcip,dstport --hashlimit-name p -j ACCEPT',
      '-A INPUT -j DROP',
      '-A FORWARD -p udp -m udp --dport 53 -m hashlimit --hashlimit-above 1/min --hashlimit-burst 3 --hashlimit-mode srcip --hashlimit-name s -j DROP',
      '-A FORWARD -p udp -m udp --dport 54 -m hashlimit --hashlimit-above 1/min --hashlimit-burst 9 --hashlimit-mode srcip --hashlimit-name s -j DROP',
    );
    const from = addresses[4].from(1);
    const to = addresses[4].to;
    const packets: Packet[] = [];
    for (let round = 0; round < 4; round += 1)
      packets.push(
        { src: from, dst: to, proto: 'tcp', sport: 1000 + round, dport: 80 },
        { src: from, dst: to, proto: 'udp', sport: 1000 + round, dport: 80 },
        { src: from, dst: to, proto: 'udp', sport: 1000 + round, dport: 81 },
        { src: from, dst: to, proto: 'gre' },
        { src: from, dst: to, proto: 'udp', sport: 1000 + round, dport: 53, path: 'fwd' },
        { src: from, dst: to, proto: 'udp', sport: 1000 + round, dport: 54, path: 'fwd' },
      );
    const nft = nftOf(dump);
    const job: PacketJob = {
      sides: [
        { kind: 'iptables-save', text: dump },
        { kind: 'nft', text: nft.text },
      ],
      packets,
    };
    const outcome = await sendPackets(job);
    expect(describeDifferences(differences(job, outcome))).toBe('');
    const accepted = (path: string | undefined): number =>
      outcome.packets.filter(({ index, sides }) => packets[index]?.path === path && sides[0]?.verdict === 'accepted').length;
    expect(accepted(undefined)).toBe(6);
    expect(accepted('fwd')).toBe(3);
  });

  test('a client is forgotten after the unit of its rate', async () => {
    const dump = save(
      '-A INPUT -p udp -m hashlimit --hashlimit-upto 1/sec --hashlimit-burst 4 --hashlimit-mode srcip --hashlimit-name f -j ACCEPT',
      '-A INPUT -j DROP',
    );
    const nft = nftOf(dump);
    expect(nft.reasons.join()).toContain('after 1 s without a packet a client starts with a full burst again');
    // iptables looks for forgotten clients once a second.
    const times = [0, 0, 0, 0, 0, 2.6, 2.6, 2.6, 2.6, 2.6];
    const packets = times.map((t): Packet => ({ src: addresses[4].from(1), dst: addresses[4].to, proto: 'udp', sport: 1, dport: 1, t: t + 0.01 }));
    const outcome = await sendPackets({
      sides: [
        { kind: 'iptables-save', text: dump },
        { kind: 'nft', text: nft.text },
      ],
      packets,
    });
    for (const side of [0, 1])
      expect(outcome.packets.map(({ sides }) => sides[side]?.verdict === 'accepted')).toEqual([
        true,
        true,
        true,
        true,
        false,
        true,
        true,
        true,
        true,
        false,
      ]);
  });

  test('bursts are what the kernel makes of them', async () => {
    const rates = ['7/min', '3/sec --limit-burst 100', '1/hour --limit-burst 60', '2/day', '10/min', '90/min --limit-burst 23'];
    const rules = rates.flatMap((rate, index) => [
      `-A INPUT -p udp -m udp --dport ${index} -m limit --limit ${rate} -j ACCEPT`,
      `-A INPUT -p udp -m udp --dport ${index} -j DROP`,
    ]);
    const dump = save(...rules);
    const packets = rates.flatMap((_, dport) =>
      Array.from({ length: 120 }, (): Packet => ({ src: addresses[4].from(1), dst: addresses[4].to, proto: 'udp', sport: 1, dport })),
    );
    const outcome = await sendPackets({
      sides: [
        { kind: 'iptables-save', text: dump },
        { kind: 'iptables-save', text: dump, binary: 'iptables-nft-restore' },
        { kind: 'nft', text: nftOf(dump).text },
        { kind: 'nft', text: nftOf(dump, 4, 'legacy').text },
      ],
      packets,
    });
    const counts = (side: number): readonly number[] =>
      rates.map(
        (_, dport) => outcome.packets.filter(({ index, sides }) => packets[index]?.dport === dport && sides[side]?.verdict === 'accepted').length,
      );
    const input = read(createSource('rules.save', dump), { kind: 'save' });
    const found = [...input.runs.values()].flatMap((run) => findLimiters(run.ruleset));
    const buckets = found.flatMap((limiter) => (limiter.kind === 'limit' ? [limiter.bucket] : []));
    expect(counts(0)).toEqual(buckets.map(({ legacy }) => legacy));
    expect(counts(1)).toEqual(buckets.map(({ nft }) => nft));
    expect(counts(2)).toEqual(counts(1));
    expect(counts(3)).toEqual(counts(0));
  });

  test('what a flood gets through in iptables and in nft is what the report says', async () => {
    const [seconds, perSecond] = [1.5, 1000];
    const rates = ['70/s --limit-burst 3', '60/s --limit-burst 1', '2000/s --limit-burst 2', '110/s'];
    const dump = save(
      ...rates.flatMap((rate, index) => [
        `-A INPUT -p udp -m udp --dport ${index} -m limit --limit ${rate} -j ACCEPT`,
        `-A INPUT -p udp -m udp --dport ${index} -j DROP`,
      ]),
    );
    const packets = Array.from({ length: seconds * perSecond * rates.length }, (_, number): Packet => ({
      src: addresses[4].from(1),
      dst: addresses[4].to,
      proto: 'udp',
      sport: 1,
      dport: number % rates.length,
      t: 0.01 + number / (perSecond * rates.length),
    }));
    const { tick } = await sendPackets({ sides: [], packets: [] });
    const input = read(createSource('rules.save', dump), { kind: 'save' });
    const options = { rates: 'exact', replace: 'table', counters: 'drop', partial: false } as const;
    const { file, report } = translate(input, { ...options, target: { hz: Math.round(1 / tick) } });
    const said = report.items.map(({ reason = '' }) =>
      /a flood ([\d.]+) packets per second get through in iptables, (\d+) in nft/.exec(reason)?.slice(1),
    );
    const outcome = await sendPackets({
      sides: [
        { kind: 'iptables-save', text: dump },
        { kind: 'nft', text: printNft(file) },
      ],
      packets,
    });
    for (const [dport, numbers] of said.entries())
      for (const side of [0, 1]) {
        const passed = outcome.packets.filter(({ index, sides }) => packets[index]?.dport === dport && sides[side]?.verdict === 'accepted').length;
        // What is sent bounds it; the burst, and the packets of one tick at either end, come on top.
        const expected = Math.min(Number(numbers?.[side]), perSecond) * seconds;
        expect(Math.abs(passed - expected), `${rates[dport] ?? ''} side ${side}`).toBeLessThanOrEqual(6 + expected / 20);
      }
  }, 30_000);

  test('bytes: within the bounds that are stated', async () => {
    const dump = save('-A INPUT -p udp -m hashlimit --hashlimit-upto 10kb/s --hashlimit-mode srcip --hashlimit-name b -j ACCEPT', '-A INPUT -j DROP');
    const nft = nftOf(dump);
    expect(nft.reasons.join()).toContain('up to 16 bytes a packet more');
    const length = 500;
    const packets = Array.from({ length: 100 }, (_, index): Packet => ({
      src: addresses[4].from(1),
      dst: addresses[4].to,
      proto: 'udp',
      sport: 1,
      dport: 1,
      length,
      t: 0.01 + index * 0.02,
    }));
    const outcome = await sendPackets({
      sides: [
        { kind: 'iptables-save', text: dump },
        { kind: 'nft', text: nft.text },
      ],
      packets,
    });
    const [before, after] = [0, 1].map((side) => outcome.packets.filter(({ sides }) => sides[side]?.verdict === 'accepted').length) as [
      number,
      number,
    ];
    expect(before).toBeGreaterThan(40);
    expect(after).toBeGreaterThanOrEqual(before - 1);
    expect(after).toBeLessThanOrEqual(Math.ceil(before * (1 + 16 / length)) + 1);
  });
});

describePackets('connlimit', () => {
  for (const family of [4, 6] as const)
    test(`packet by packet, IPv${family}`, async () => {
      const wide = family === 4 ? 24 : 64;
      const reject = family === 4 ? '-j REJECT --reject-with tcp-reset' : '-j DROP';
      const rules = [
        `-m connlimit --connlimit-above 2 ${reject}`,
        `-m connlimit --connlimit-upto 3 --connlimit-mask ${wide} -j ACCEPT`,
        '-m connlimit --connlimit-above 4 --connlimit-mask 0 -j DROP',
        '-m connlimit --connlimit-above 3 --connlimit-daddr -j DROP',
        '-m connlimit ! --connlimit-above 1 -j ACCEPT',
        '-m connlimit --connlimit-above 0 -j DROP',
      ].flatMap((rule, index) => {
        const match = `-A INPUT -p tcp -m tcp --dport ${80 + index} --tcp-flags FIN,SYN,RST,ACK SYN`;
        return rule.endsWith('ACCEPT') ? [`${match} ${rule}`, `${match} -j DROP`] : [`${match} ${rule}`];
      });
      const dump = save(...rules);
      const nft = nftOf(dump, family);
      expect(nft.reasons).toEqual([]);
      const random = numbers(40 + family);
      const packets: Packet[] = [];
      const open: Packet[] = [];
      for (let index = 0; index < 300; index += 1) {
        const at = random();
        // A tick apart: within one the kernel does not look whether it counted a connection already.
        const t = 0.01 + index * 0.006;
        const known = open[Math.floor(random() * open.length)];
        if (known !== undefined && at < 0.15) packets.push({ ...known, flags: 'RST', t });
        else if (known !== undefined && at < 0.35) packets.push({ ...known, flags: 'ACK', seq: 1001, ack: 5001, t });
        else {
          const first: Packet = {
            src: addresses[family].from(1 + Math.floor(random() * 4)),
            dst: random() < 0.7 ? addresses[family].to : addresses[family].to.replace(/7$/, '8'),
            sport: 20000 + index,
            dport: 80 + Math.floor(random() * 6),
            flags: 'SYN',
            t,
          };
          open.push(first);
          packets.push(first);
        }
      }
      const job: PacketJob = {
        sides: [
          { kind: 'iptables-save', text: dump, family },
          { kind: 'nft', text: nft.text },
        ],
        packets,
        family,
      };
      const outcome = await sendPackets(job);
      const found = differences(job, outcome);
      // When two packets share a tick on one side only, the kernel counts a connection twice there, for a moment.
      expect(found.length <= 2 ? '' : describeDifferences(found)).toBe('');
      const stopped = outcome.packets.filter(({ sides }) => sides[0]?.verdict !== 'accepted').length;
      expect(stopped).toBeGreaterThan(60);
      expect(stopped).toBeLessThan(280);
    });
});
