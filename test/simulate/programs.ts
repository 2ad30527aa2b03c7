/** Random rules that limit, and random packets for them: for the simulators, and for the kernel they are held against. */

import fc from 'fast-check';
import { createSource, read, type Input } from '../../src/api.js';
import { parseIp4, parseIp6 } from '../../src/net/address.js';
import type { Ruleset } from '../../src/ruleset/model.js';
import type { SimulatedPacket } from '../../src/simulate/packet.js';

/** Rules of one chain. Each sets a bit of the mark, unless it ends the way. */
export interface Program {
  readonly rules: readonly string[];
}

/** A packet for a program. */
export interface Step {
  /** Milliseconds after the one before. */
  readonly gap: number;
  /** 1 to 3. */
  readonly client: number;
  /** 0 or 1. */
  readonly destination: number;
  readonly sourcePort: number;
  /** Bytes; 40 at least. */
  readonly length: number;
}

/** Which limiters a program is made of. */
export type Kind = 'recent' | 'limit' | 'hashlimit' | 'connlimit' | 'quota' | 'nth';

const MASKS = { 4: '255.255.255.254', 6: 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe' } as const;

function recentUse(list: string, mask: string, hits: readonly number[]): fc.Arbitrary<string> {
  const asks = fc
    .record({
      operation: fc.constantFrom('--rcheck', '--rcheck', '--update', '--update'),
      seconds: fc.constantFrom('', ' --seconds 1', ' --seconds 1', ' --seconds 2'),
      hits: fc.constantFrom('', ...hits.map((count) => ` --hitcount ${String(count)}`)),
    })
    .map(({ operation, seconds, hits: count }) => `${operation}${seconds}${count}`);
  const changes = fc.constantFrom('--set', '--set', '--set', '--remove');
  return fc
    .record({ what: fc.oneof({ weight: 3, arbitrary: asks }, { weight: 2, arbitrary: changes }), bang: rarely('! '), side: rarely(' --rdest') })
    .map(({ what, bang, side }) => `-m recent ${bang}${what} --name ${list}${mask}${side}`);
}

function rarely(text: string): fc.Arbitrary<string> {
  return fc.oneof({ weight: 6, arbitrary: fc.constant('') }, { weight: 1, arbitrary: fc.constant(text) });
}

/** Rates whose time between packets is a whole number of ticks and of nanoseconds, so that both buckets hold the same. */
const RATES = ['1/sec', '2/sec', '4/sec', '5/sec', '10/sec', '60/min', '30/min', '120/min'];
const BURSTS = [1, 2, 3, 5];

function limitUse(any: boolean): fc.Arbitrary<string> {
  return fc
    .record({ rate: fc.constantFrom(...RATES, ...(any ? OTHER_RATES : [])), burst: fc.constantFrom(...BURSTS) })
    .map(({ rate, burst }) => `-m limit --limit ${rate} --limit-burst ${String(burst)}`);
}

const modes = fc.constantFrom('', ...['srcip', 'dstip', 'srcip,dstport', 'srcip,srcport', 'srcip,dstip'].map((mode) => ` --hashlimit-mode ${mode}`));

/** Rates and ways to count that nft does not hold exactly. */
const OTHER_RATES = ['3/sec', '7/sec', '13/min', '150/sec', '400/sec'];
const byteUse = fc.constantFrom('upto 1kb/s', 'upto 3kb/s --hashlimit-burst 6kb', 'above 2kb/s', 'above 512b/s --hashlimit-burst 1kb');
const rateMatch = fc.constantFrom(
  'upto 3/sec --hashlimit-burst 2 --hashlimit-rate-match',
  'above 5/sec --hashlimit-burst 1 --hashlimit-rate-match --hashlimit-rate-interval 2',
  'upto 1kb/s --hashlimit-rate-match',
);

/** Clients are remembered for ten minutes, so that forgetting them makes no difference. */
function hashlimitUse(name: string, family: 4 | 6, any: boolean): fc.Arbitrary<string> {
  const usual = fc
    .record({
      way: fc.constantFrom('upto', 'above'),
      rate: fc.constantFrom(...RATES, ...(any ? OTHER_RATES : [])),
      burst: fc.constantFrom(...BURSTS),
    })
    .map(({ way, rate, burst }) => `${way} ${rate} --hashlimit-burst ${String(burst)}`);
  return fc
    .record({
      limit: any ? fc.oneof({ weight: 3, arbitrary: usual }, byteUse, rateMatch) : usual,
      mode: modes,
      mask: rarely(` --hashlimit-srcmask ${family === 4 ? '31' : '127'}`),
    })
    .map(({ limit, mode, mask }) => `-m hashlimit --hashlimit-${limit}${mode} --hashlimit-name ${name}${mask} --hashlimit-htable-expire 600000`);
}

function connlimitUse(family: 4 | 6): fc.Arbitrary<string> {
  return fc
    .record({
      way: fc.constantFrom('upto', 'above'),
      count: fc.constantFrom(0, 1, 2, 4),
      mask: fc.constantFrom('', '', ` --connlimit-mask ${family === 4 ? '31' : '127'}`, ' --connlimit-mask 0'),
      side: rarely(' --connlimit-daddr'),
    })
    .map(({ way, count, mask, side }) => `-m connlimit --connlimit-${way} ${String(count)}${mask}${side}`);
}

/** What programs are made of. */
export interface ProgramOptions {
  readonly family: 4 | 6;
  readonly kinds: readonly Kind[];
  /** Hits a check may ask for. */
  readonly hits?: readonly number[];
  /** Also limits that nft does not hold exactly. */
  readonly any?: boolean;
}

/** Random programs; `index` keeps the names of their lists apart. */
export function programs(index: number, { family, kinds, hits = [1, 2, 3, 4], any = false }: ProgramOptions): fc.Arbitrary<Program> {
  const uses = (mask: string): readonly fc.Arbitrary<string>[] =>
    kinds.map((kind) => {
      switch (kind) {
        case 'recent':
          return fc.oneof(
            { weight: 3, arbitrary: recentUse(`a${String(index)}`, mask, hits) },
            { weight: 1, arbitrary: recentUse(`b${String(index)}`, '', hits) },
          );
        case 'limit':
          return limitUse(any);
        case 'hashlimit':
          return fc.nat({ max: 99_999 }).chain((number) => hashlimitUse(`h${String(index)}_${String(number)}`, family, any));
        case 'connlimit':
          return connlimitUse(family);
        case 'quota':
          return fc
            .constantFrom('100', '500', '1000', '1020', '3000')
            .chain((bytes) => rarely('! ').map((bang) => `-m quota ${bang}--quota ${bytes}`));
        case 'nth':
          return fc
            .tuple(fc.integer({ min: 1, max: 6 }), fc.nat({ max: 5 }), rarely('! '))
            .map(([every, packet, bang]) => `-m statistic --mode nth ${bang}--every ${String(every)} --packet ${String(packet % every)}`);
      }
    });
  return rarely(` --mask ${MASKS[family]}`).chain((mask) =>
    fc
      .array(
        fc.record({
          before: rarely(' -p tcp -m tcp --sport 20000:65535'),
          uses: fc.oneof(
            { weight: 5, arbitrary: fc.oneof(...uses(mask)) },
            { weight: 1, arbitrary: fc.tuple(fc.oneof(...uses(mask)), fc.oneof(...uses(mask))).map((both) => both.join(' ')) },
          ),
          after: rarely(' -m mark --mark 0x0/0x1'),
          action: fc.constantFrom(
            '',
            'mark',
            'mark',
            'mark',
            'mark',
            'mark',
            '-j ACCEPT',
            '-j DROP',
            '-j RETURN',
            '-j MARKED',
            '-g STOPPED',
            '-g MARKED',
          ),
        }),
        { minLength: 2, maxLength: 6, size: 'max' },
      )
      .map((rules) => ({
        rules: rules.map(({ before, uses: used, after, action }, place) => {
          const bit = `0x${(1 << (place + 1)).toString(16)}`;
          const words = action === 'mark' ? `-j MARK --set-xmark ${bit}/${bit}` : action;
          return `${before} ${used}${after}${words === '' ? '' : ` ${words}`}`.trim();
        }),
      })),
  );
}

/** Packets of some clients: bursts, pauses, and pauses that end within a tick of something growing too old. `tick` in milliseconds. */
export function trains(tick: number, length: number, least = 1): fc.Arbitrary<readonly Step[]> {
  const pause = (ticks: number): number => Math.max(0, ticks) * tick;
  const edges = [50, 62.5, 100, 125, 200, 250, 333, 500, 1000, 2000].flatMap((milliseconds) =>
    [-1, 0, 1, 2].map((more) => pause(Math.round(milliseconds / tick) + more)),
  );
  return fc.array(
    fc.record({
      gap: fc.oneof(
        { weight: 4, arbitrary: fc.nat({ max: 3 }).map(pause) },
        { weight: 4, arbitrary: fc.nat({ max: 40 }).map(pause) },
        { weight: 3, arbitrary: fc.constantFrom(...edges) },
        { weight: 1, arbitrary: fc.nat({ max: 700 }).map(pause) },
      ),
      client: fc.integer({ min: 1, max: 3 }),
      destination: fc.constantFrom(0, 0, 0, 1),
      sourcePort: fc.constantFrom(1024, 1025, 30_000, 30_001),
      length: fc.constantFrom(40, 40, 60, 100, 255, 256, 1000),
    }),
    { minLength: least, maxLength: length, size: 'max' },
  );
}

/**
 * The steps with a connection for each. A connection that was refused stays counted until another one is opened in xt_connlimit, and for a second at most
 * in a set of nft: packets of connections that are open already can tell the two apart.
 */
export function withNewConnections(train: readonly Step[]): readonly Step[] {
  return train.map((step, index) => ({ ...step, sourcePort: (step.sourcePort >= 20_000 ? 20_000 : 1024) + index }));
}

export const DESTINATIONS = { 4: ['203.0.113.7', '203.0.113.8'], 6: ['2001:db8:9::7', '2001:db8:9::8'] } as const;

export function clientAddress(family: 4 | 6, client: number): string {
  return family === 4 ? `198.51.100.${String(client)}` : `2001:db8:1::${String(client)}`;
}

/** The port of a program's packets. */
export function portOf(index: number): number {
  return 2000 + index;
}

/** A dump with a chain for each program. */
export function dumpOf(all: readonly Program[]): string {
  const name = (index: number): string => `PROGRAM${String(index)}`;
  return [
    '*filter',
    ...['MARKED', 'STOPPED', ...all.map((_, index) => name(index))].map((chain) => `:${chain} - [0:0]`),
    ...all.map((_, index) => `-A INPUT -p tcp -m tcp --dport ${String(portOf(index))} --tcp-flags FIN,SYN,RST,ACK SYN -j ${name(index)}`),
    '-A MARKED -j MARK --set-xmark 0x1000/0x1000',
    '-A STOPPED -j DROP',
    ...all.flatMap(({ rules }, index) => rules.map((rule) => `-A ${name(index)} ${rule}`)),
    'COMMIT',
    '',
  ].join('\n');
}

export function readDump(dump: string, family: 4 | 6): { readonly input: Input; readonly ruleset: Ruleset } {
  const input = read(createSource('rules.save', dump), { kind: 'save', family: family === 4 ? 'ip' : 'ip6' });
  const [run] = [...input.runs.values()];
  if (run === undefined || run.refused.size > 0) throw new Error(`not read: ${dump}`);
  return { input, ruleset: run.ruleset };
}

export function addressOf(text: string): number | bigint {
  return text.includes(':') ? (parseIp6(text) ?? 0n) : (parseIp4(text)?.address ?? 0);
}

/** A step as a packet of the simulators, at a time in seconds and, where it is known, in a tick. Packets with the same ends and ports are of one connection. */
export function simulated(family: 4 | 6, program: number, step: Step, time: number, tick?: number): SimulatedPacket {
  const { client, destination, sourcePort, length } = step;
  return {
    time,
    ...(tick === undefined ? {} : { tick }),
    way: 'in',
    source: addressOf(clientAddress(family, client)),
    destination: addressOf(DESTINATIONS[family][destination] ?? ''),
    protocol: 6,
    sourcePort,
    destinationPort: portOf(program),
    tcpFlags: 2,
    inInterface: 'eth0',
    state: 'NEW',
    length: family === 4 ? length : Math.max(length, 60),
    ttl: 64,
    mark: 0,
    connection: ((program * 4 + client) * 2 + destination) * 65_536 + sourcePort,
  };
}
