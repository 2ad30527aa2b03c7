/** Sends packets at the edges of ipsets through the real ipset and iptables and through fwlint's translation of both. */

import { expect } from 'vitest';
import { createSource, printNft, read, translateAll } from '../../src/api.js';
import { describeDifferences, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';
import type { IpsetCase } from './ipset-cases.js';

/** The nft file for a case. */
export function translated({ sets, rules, family = 4 }: IpsetCase, nft?: string): string {
  const target = nft === undefined ? {} : { nft };
  const inputs = [
    read(createSource('rules', dumpOf(rules)), { kind: 'save', family: family === 6 ? 'ip6' : 'ip', target }),
    read(createSource('sets', sets.replaceAll(/^/gm, '-exist ').replace(/-exist $/, '')), { kind: 'ipset', target }),
  ];
  const { file, report } = translateAll(inputs, { target, rates: 'meter', replace: 'none', counters: 'drop', partial: false });
  expect(report.items.map((item) => `${item.kind}: ${item.rule}: ${item.reason ?? ''}`)).toEqual([]);
  return printNft(file, target);
}

/** A dump of rules of several tables: `-t TABLE -A CHAIN …`, filter without. */
function dumpOf(rules: string): string {
  const tables = new Map<string, string[]>();
  for (const line of rules.trim().split('\n')) {
    const found = /^\s*(?:-t (\S+) )?(.*)$/.exec(line);
    const table = found?.[1] ?? 'filter';
    tables.set(table, [...(tables.get(table) ?? []), found?.[2] ?? '']);
  }
  return [...tables].map(([table, lines]) => `*${table}\n${lines.join('\n')}\nCOMMIT\n`).join('');
}

/** Numbers that look drawn, the same each time. */
export function drawFrom(seed: number): (most: number) => number {
  let state = seed;
  return (most) => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % most;
  };
}

/** Addresses just inside and just outside of every address, network and range that a text names. */
function edges(text: string, version6: boolean): readonly string[] {
  return version6 ? edges6(text) : edges4(text);
}

function edges4(text: string): readonly string[] {
  const found = new Set<number>();
  for (const [, address = '', length, end] of text.matchAll(/\b(\d+\.\d+\.\d+\.\d+)(?:\/(\d+)|-(\d+\.\d+\.\d+\.\d+))?/g)) {
    const first = number4(address);
    const size = 2 ** (32 - Number(length ?? 32));
    const low = Math.floor(first / size) * size;
    const high = end === undefined ? low + size - 1 : number4(end);
    for (const edge of [low - 1, low, high, high + 1, Math.floor((low + high) / 2)]) if (edge >= 0 && edge < 2 ** 32) found.add(edge);
  }
  const addresses = [...found].map((value) => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.'));
  return addresses.filter((address) => !/^(?:0|127|22[4-9]|2[3-5]\d)\./.test(address));
}

const number4 = (address: string): number => address.split('.').reduce((sum, part) => sum * 256 + Number(part), 0);

function edges6(text: string): readonly string[] {
  const found = new Set<string>();
  for (const [, address = '', length] of text.matchAll(/(?<=[\s,])([0-9a-f]+:[0-9a-f:]*)(?:\/(\d+))?/g)) {
    found.add(address.endsWith('::') ? `${address}1` : address);
    const groups = address.replace(/::.*/, '').split(':');
    if (length !== undefined)
      found.add(`${groups.slice(0, -1).join(':') || '2001'}:${(Number.parseInt(groups.at(-1) ?? '0', 16) + 1).toString(16)}::1`);
    else found.add(`${address.replace(/[0-9a-f]*$/, '')}ffff`).add(`3fff${address.replace(/^[0-9a-f]+/, '').replace(/::$/, '::9')}`);
  }
  return [...found];
}

/** A packet that an element is about, as far as addresses and ports go: `ends` says which of the packet's are which part. */
function packetOf(element: string, ends: readonly string[], version6: boolean): Partial<Packet> {
  let packet: Partial<Packet> = {};
  element.split(',').forEach((part, index) => {
    const source = ends[index] === 'src';
    const port = /^(?:(\w+):)?(\d+)(?:-\d+)?$/.exec(part);
    if (index > 0 && port !== null && !isAddress(part, version6)) {
      const value = Number(port[2]);
      const proto = (port[1] ?? 'tcp') as 'tcp';
      packet = { ...packet, proto, ...(['gre', 'dccp'].includes(proto) ? {} : source ? { sport: value, dport: 7 } : { dport: value, sport: 7 }) };
    } else if (/^icmp/.test(part)) packet = { ...packet, proto: version6 ? 'icmpv6' : 'icmp' };
    else if (isAddress(part, version6)) {
      const address = part.replace(/[-/].*/, '');
      const within = address.endsWith('::') ? `${address}1` : address.replace(/\.0$/, '.1');
      packet = { ...packet, ...(source ? { src: within } : { dst: within }) };
    }
  });
  return packet;
}

const isAddress = (part: string, version6: boolean): boolean =>
  (version6 ? /^(?!\w\w:\w\w:\w\w:)[0-9a-f]+:[0-9a-f:]*:/ : /^\d+\.\d+\.\d+\.\d+/).test(part);

function packetsFor({ sets, rules, family = 4, packets = 160, probes = [] }: IpsetCase): readonly Packet[] {
  const draw = drawFrom(sets.length * 31 + rules.length);
  const version6 = family === 6;
  const known = edges(sets, version6);
  const addresses = known.length > 0 ? known : version6 ? ['2001:db8::1', '2001:db8::2'] : ['192.0.2.1', '192.0.2.2'];
  const ports = [
    ...new Set([...sets.matchAll(/(?:[:,]|add \S+ |-)(\d{1,5})\b/g)].flatMap(([, port]) => [Number(port) - 1, Number(port), Number(port) + 1])),
  ];
  const interfaces = [...new Set([...sets.matchAll(/,((?:eth|lan|tun)\w*)/g)].map(([, name]) => name ?? 'eth0')), 'eth0', 'eth1'];
  const elements = [...sets.matchAll(/^add \S+ (\S+)/gm)].map(([, element]) => element ?? '');
  const ends = (/--(?:match|map)-set \S+ (\S+)/.exec(rules)?.[1] ?? 'src').split(',');
  const pick = <T>(list: readonly T[], otherwise: T): T => list[draw(list.length)] ?? otherwise;
  const forwards = /-A (?:FORWARD|POSTROUTING)/.test(rules);
  const made = Array.from({ length: packets }, (): Packet => {
    const proto = pick(['tcp', 'tcp', 'udp', version6 ? 'icmpv6' : 'icmp', 'sctp', 'gre', 'udplite', 'dccp'] as const, 'tcp');
    const port = (): number => Math.min(65535, Math.max(0, ports.length === 0 || draw(4) === 0 ? draw(65536) : pick(ports, 80)));
    const drawn: Packet = { src: pick(addresses, '192.0.2.1'), dst: pick(addresses, '192.0.2.2'), proto, sport: port(), dport: port() };
    // Most packets are what some element is about, all but one thing of it.
    const meant = draw(4) === 0 ? {} : packetOf(pick(elements, ''), ends, version6);
    const spared = pick(['src', 'dst', 'proto', 'sport', 'dport', 'none', 'none'], 'none');
    const packet: Packet = { ...drawn, ...Object.fromEntries(Object.entries(meant).filter(([key]) => key !== spared)) };
    return {
      ...packet,
      ...(packet.proto === 'icmp'
        ? {
            icmp: pick(
              [
                [8, 0],
                [8, 0],
                [0, 0],
                [3, 1],
                [13, 0],
              ] as const,
              [8, 0] as const,
            ),
          }
        : {}),
      ...(packet.proto === 'icmpv6'
        ? {
            icmp: pick(
              [
                [128, 0],
                [128, 0],
                [129, 0],
                [1, 1],
              ] as const,
              [128, 0] as const,
            ),
          }
        : {}),
      ...(forwards && draw(3) > 0
        ? { path: 'fwd' as const, iif: pick(interfaces, 'eth0'), oif: pick(interfaces, 'eth1') }
        : { iif: pick(interfaces, 'eth0') }),
      mark: /,0x/.test(sets) ? draw(4) : 0,
      macSource: draw(2) === 0 ? '02:00:00:00:00:01' : '02:00:00:00:00:02',
    };
  });
  return [...made.map(withoutForeignPorts).filter(({ src, dst, path, iif, oif }) => src !== dst && !(path === 'fwd' && iif === oif)), ...probes];
}

/** Protocols without ports are sent without. */
function withoutForeignPorts(packet: Packet): Packet {
  if (['tcp', 'udp', 'sctp', 'udplite', 'dccp'].includes(String(packet.proto))) return packet;
  const { sport: _source, dport: _destination, ...rest } = packet;
  return rest;
}

/** Fails where a packet fares otherwise. `varied`: the packets have to fare differently among each other, or nothing is proved. */
export async function compare(one: IpsetCase, varied = true): Promise<void> {
  const { sets, rules, family = 4 } = one;
  const text = translated(one);
  const job: PacketJob = {
    family,
    sides: [
      [
        {
          kind: 'commands',
          commands: sets
            .trim()
            .split('\n')
            .map((line) => ['ipset', '-exist', ...line.split(/ (?=(?:[^"]*"[^"]*")*[^"]*$)/).map((word) => word.replaceAll('"', ''))]),
        },
        { kind: 'iptables-save', text: dumpOf(rules) },
      ],
      { kind: 'nft', text },
    ],
    packets: packetsFor(one),
  };
  const outcome = await sendPackets(job);
  const found = differences(job, outcome, { log: 'prefix' });
  expect(found.length === 0 ? '' : `${describeDifferences(found.slice(0, 5))}\n${text}`).toBe('');
  // A comparison in which the rules never make a difference proves nothing.
  const fates = new Set(
    outcome.packets.map(({ sides }) => JSON.stringify([sides[0]?.verdict, sides[0]?.mark, sides[0]?.nflog?.length, sides[0]?.priority])),
  );
  if (varied) expect(fates.size).toBeGreaterThan(1);
}
