/**
 * The exact translations among the cases of test/extensions/matches, packet by packet: each rule logs its number, through iptables-legacy and
 * through nft, and every packet must have the same numbers in both.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { lowerCommand, readCases, readRule, type Case } from '../support/cases.js';
import { loggingSides } from '../support/logging-rules.js';
import {
  answerTo,
  connection,
  describeDifferences,
  describePackets,
  differences,
  sendPackets,
  type Packet,
  type PacketJob,
  type Path,
  type Side,
} from '../support/packets.js';
import { installedNftVersions, type NftVersion } from '../support/versions.js';
import { PROBES } from './probes.js';

/** Matches that judge a packet by itself, and how many of their rules some packet below must pass. */
const MATCHES: readonly (readonly [name: string, hit: number])[] = [
  ['tcp', 92],
  ['udp', 42],
  ['icmp', 46],
  ['icmp6', 37],
  ['state', 22],
  ['conntrack', 110],
  ['multiport', 62],
  ['mark', 22],
  ['addrtype', 16],
  ['iprange', 15],
  ['mac', 12],
  ['pkttype', 16],
  ['length', 14],
  ['ttl', 9],
  ['hl', 9],
  ['dscp', 12],
  ['tos', 20],
  ['tcpmss', 20],
  ['ecn', 14],
  ['connmark', 6],
  ['esp', 30],
  ['ah', 31],
  ['frag', 24],
  ['rt', 26],
  ['srh', 28],
  ['hbh', 5],
  ['dst', 9],
  ['mh', 23],
  ['ipv6header', 32],
  ['sctp', 102],
  ['dccp', 44],
  ['owner', 52],
  ['rpfilter', 17],
  ['socket', 18],
  ['u32', 15],
  ['ipcomp', 18],
  ['connlabel', 6],
  ['cluster', 5],
  ['devgroup', 10],
  ['realm', 6],
  ['cpu', 3],
];

const folder = fileURLToPath(new URL('../extensions/matches/', import.meta.url));

/** Where rules can be tried, and the way a packet takes there. */
const PATHS: Readonly<Record<string, Path>> = { PREROUTING: 'in', INPUT: 'in', FORWARD: 'fwd', OUTPUT: 'out', POSTROUTING: 'out' };

interface Group {
  readonly family: 4 | 6;
  readonly table: string;
  readonly chain: string;
  readonly cases: readonly Case[];
}

/** The rules to try, by the chain they stand in. */
function groupsOf(name: string): readonly Group[] {
  const groups = new Map<string, Group & { cases: Case[] }>();
  for (const item of readCases(name, readFileSync(`${folder}${name}.cases`, 'utf8'))) {
    const { table, chain, target, before } = item.header;
    const translated = (item.nft.length > 0 && (item.approximate === undefined || PROBES.get(name)?.alike === true)) || item.never !== undefined;
    const plain = item.verdict.kind === 'accepted' && item.but.length === 0 && item.unjudged === undefined && !/(^| )-[jg] /.test(item.text);
    if (!translated || !plain || before.length > 0 || Object.keys(target).length > 0 || PATHS[chain] === undefined) continue;
    const key = `${item.family} ${table} ${chain}`;
    const group = groups.get(key) ?? { family: item.family === 'ip' ? 4 : 6, table, chain, cases: [] };
    group.cases.push(item);
    groups.set(key, group);
  }
  return [...groups.values()];
}

/** The rules of a group that one nft can say. */
function sayableWith({ version }: NftVersion, group: Group): Group {
  const cases = group.cases.filter((item) => {
    const { outcome } = lowerCommand(readRule(item.save[0] ?? '', { ...item.header, family: item.family }), {
      ...item.header,
      target: { nft: version },
    });
    return outcome !== 'unsupported';
  });
  return { ...group, cases };
}

/** Both sides of a group: every rule logs its place in the list. */
function sidesOf({ family, table, chain, cases }: Group, nft: NftVersion): PacketJob['sides'] {
  return loggingSides(
    cases.map(({ save }) => save[0] ?? ''),
    { table, chain, family: family === 4 ? 'ip' : 'ip6' },
    nft,
  );
}

/** The sides, each after some programs. */
function prepared(sides: readonly Side[], commands: readonly (readonly string[])[]): readonly Side[] {
  if (commands.length === 0) return sides;
  return sides.map((side): Side => [{ kind: 'commands', commands }, ...('kind' in side ? [side] : side)]);
}

const ADDRESSES = {
  4: {
    outside: '192.0.2.1',
    here: '203.0.113.7',
    sources: [
      '10.0.0.1',
      '10.0.0.5',
      '10.0.0.9',
      '10.0.0.10',
      '10.1.0.0',
      '10.5.0.1',
      '9.0.0.1',
      '8.0.0.1',
      '100.100.1.1',
      '100.100.1.77',
      '198.51.100.9',
    ],
    destinations: ['10.0.0.1', '10.0.0.9', '1.0.0.1', '224.0.0.1', '255.255.255.255', '100.100.1.1', '100.100.1.255', '100.100.2.1', '127.0.0.1'],
    icmp: [0, 3, 4, 5, 8, 9, 10, 11, 12, 13, 14, 17, 18, 42, 255],
    echo: 8,
  },
  6: {
    outside: '2001:db8::1',
    here: '2001:db8:7::7',
    sources: ['2001:db8::5', '2001:db8::9', '2001:db8::a', '2001:db9::1', '::1.2.3.4', '::ffff:1.2.3.4', 'fc00::1', 'fd66:77:1::1', 'fd66:77:1::99'],
    destinations: ['2001:db8::5', 'ff02::1', 'ff05::5', 'fd66:77:1::1', 'fd66:77:2::1', 'fc00::1'],
    icmp: [1, 2, 3, 4, 128, 129, 130, 133, 134, 135, 136, 137, 143, 200, 255],
    echo: 128,
  },
} as const;

const PORTS = [0, 1, 2, 3, 5, 8, 9, 22, 53, 80, 85, 90, 95, 123, 443, 1023, 1024, 1500, 2047, 2048, 8080, 34463, 65534, 65535];
const FLAGS = ['SYN', 'SYN,ACK', 'ACK', 'RST', 'RST,ACK', 'FIN,ACK', 'FIN,PSH,URG', 'PSH,ACK', 'URG', 'NONE', 'FIN,SYN', 0x3f, 0xc2];
const OPTIONS = [
  '',
  '020405b4',
  '020405b401030307',
  '0402080a0000000000000000',
  '10040000',
  'ff040000',
  '01010101',
  '05020101',
  '02030000',
  '0205002a00',
  '0203',
];

/** Packets that have something of everything the matches look at. */
function packets(family: 4 | 6, path: Path): readonly Packet[] {
  const { outside, here, sources, destinations, icmp, echo } = ADDRESSES[family];
  const base: Packet = path === 'out' ? { path, src: here, dst: outside } : { path, src: outside, dst: here };
  const open = (['tcp', 'udp', 'icmp'] as const).map((proto, place): Packet => ({
    ...base,
    proto,
    ...(proto === 'icmp' ? {} : { sport: 4000 + place, dport: 80 }),
  }));
  return [
    ...open.flatMap(connection),
    ...open.flatMap((packet): readonly Packet[] => [
      { ...packet, ...(packet.proto === 'tcp' ? { flags: 'ACK', seq: 1001, ack: 5001 } : {}) },
      ...(path === 'fwd' ? [{ ...answerTo(packet), ...(packet.proto === 'tcp' ? { flags: 'ACK', seq: 5001, ack: 1001 } : {}) }] : []),
    ]),
    ...PORTS.flatMap((port, place): readonly Packet[] => [
      { ...base, sport: port, dport: 7000 + place },
      { ...base, sport: 7000 + place, dport: port },
      { ...base, sport: port, dport: PORTS[(place * 5 + 1) % PORTS.length] ?? 0 },
      { ...base, proto: 'udp', sport: port, dport: PORTS[(place * 7 + 2) % PORTS.length] ?? 0 },
      { ...base, proto: 'udp', sport: 7000 + place, dport: port },
    ]),
    ...(['udplite', 'sctp', 'dccp'] as const).flatMap((proto): readonly Packet[] => [
      { ...base, proto, sport: 80, dport: 53 },
      { ...base, proto, sport: 7, dport: 80 },
    ]),
    ...FLAGS.map((flags, place): Packet => ({ ...base, sport: 5000 + place, dport: 443, flags })),
    ...OPTIONS.map((options, place): Packet => ({ ...base, sport: 5100 + place, dport: 443, options })),
    ...icmp.flatMap((type): readonly Packet[] => [0, 1, 4, 13].map((code) => ({ ...base, proto: 'icmp', icmp: [type, code] }))),
    ...([0, 1, 0x10, 0x11, 0x100, 0x101, 0xffffffff] as const).map((mark, place): Packet => ({ ...base, sport: 5200 + place, mark })),
    ...[40, 60, 99, 100, 101, 150, 200, 201, 1000].map((length): Packet => ({
      ...base,
      proto: 'udp',
      sport: 5300,
      dport: 5301,
      length: family === 6 ? Math.max(48, length) : length,
    })),
    ...(path === 'out' ? [] : sources.map((src, place): Packet => ({ ...base, src, sport: 5400 + place }))),
    ...destinations.map((dst, place): Packet => ({ ...base, proto: 'udp', dst, sport: 5500 + place, dport: 9 })),
    ...(path === 'out'
      ? []
      : [
          { ...base, sport: 5600, macSource: '00:11:22:33:44:55' },
          { ...base, sport: 5601, macSource: '00:11:22:aa:bb:cc' },
          { ...base, sport: 5602, macSource: '00:01:02:03:04:05' },
          { ...base, proto: 'udp' as const, sport: 5603, macDestination: 'ff:ff:ff:ff:ff:ff' },
          { ...base, proto: 'udp' as const, sport: 5604, macDestination: '01:00:5e:00:00:05' },
        ]),
    ...[1, 4, 5, 6, 16, 63, 254, 255].map((ttl, place): Packet => ({ ...base, sport: 5610 + place, ttl })),
    ...[0, 1, 2, 3, 4, 8, 9, 0x0b, 0x10, 0x11, 0x20, 0x28, 0x50, 0xb8, 0xba, 0xfc, 0xff].map((tos, place): Packet => ({
      ...base,
      sport: 5630 + place,
      tos,
    })),
    ...[42, 43, 256, 535, 536, 1400, 1500, 12345, 65535].map((size, place): Packet => ({
      ...base,
      sport: 5650 + place,
      options: `0204${size.toString(16).padStart(4, '0')}`,
    })),
    ...[0x40, 0x80, 0xc0, 0x42, 0xd2, 0x52, 0x92].map((flags, place): Packet => ({ ...base, sport: 5670 + place, flags })),
    ...[0, 1].map((place): Packet => ({ ...base, sport: 5700 + place, untracked: true })),
    { ...base, proto: 'icmp', icmp: [echo, 0], untracked: true },
    { ...base, sport: 5702, flags: 'SYN,RST' },
    { ...base, proto: 'gre' },
    { ...base, proto: 'esp' },
  ];
}

describePackets('exact cases, packet by packet', () => {
  test.each(MATCHES)(
    '%s',
    async (name, enough) => {
      const hit = new Set<Case>();
      const own = PROBES.get(name);
      const groups = groupsOf(name);
      for (const nft of installedNftVersions())
        for (const group of groups.map((whole) => sayableWith(nft, whole)).filter(({ cases }) => cases.length > 0)) {
          const { family, table, chain, cases } = group;
          const path = PATHS[chain] ?? 'in';
          const job: PacketJob = {
            sides: prepared(sidesOf(group, nft), own?.before ?? []),
            packets: [
              ...packets(family, path).filter((packet) => own?.conntrack !== false || packet.untracked !== true),
              ...(own?.packets(family, path) ?? []),
            ],
            family,
            ...(own?.conntrack === false ? { conntrack: false } : {}),
          };
          const outcome = await sendPackets(job);
          expect(
            describeDifferences(differences(job, outcome)),
            `nft ${nft.version}, IPv${family} ${table} ${chain}\n${cases.map(({ text }, place) => `${place} ${text}`).join('\n')}`,
          ).toBe('');
          for (const { sides } of outcome.packets)
            for (const { prefix } of sides[0]?.nflog ?? []) {
              const item = cases[Number(prefix)];
              if (item !== undefined) hit.add(item);
            }
        }
      expect(hit.size).toBeGreaterThanOrEqual(enough);
    },
    60_000,
  );
});
