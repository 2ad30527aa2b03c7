/** That any mixture of rules with `-m recent` does the same to packets after translation: random programs, random packets. */

import { expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';

const all = process.env['FWLINT_PACKETS'] === 'all';

function numbers(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return state / 4294967296;
  };
}

/** A chain of rules that use lists of their own. */
interface Program {
  readonly chain: string;
  readonly rules: readonly string[];
}

const destinations = { 4: ['203.0.113.7', '203.0.113.8'], 6: ['2001:db8:9::7', '2001:db8:9::8'] } as const;

function program(family: 4 | 6, index: number, random: () => number, many: boolean): Program {
  const pick = <T>(items: readonly T[]): T => items[Math.floor(random() * items.length)] as T;
  const chain = `PROGRAM${index}`;
  const lists = ['a', 'b'].map((name) => `${name}${index}`);
  const masks = lists.map(() => (random() < 0.2 ? (family === 4 ? '255.255.255.254' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:fffe') : undefined));
  const use = (): string => {
    const which = random() < 0.75 ? 0 : 1;
    const operation = pick(['set', 'set', 'rcheck', 'rcheck', 'update', 'update', 'remove']);
    const asks = operation === 'rcheck' || operation === 'update';
    const seconds = asks && random() < 0.8 ? ` --seconds ${many ? 1 : pick([1, 1, 2])}` : '';
    const hits = asks && random() < 0.75 ? ` --hitcount ${pick(many ? [2, 20, 22, 25] : [1, 2, 3, 4])}` : '';
    const mask = masks[which] === undefined ? '' : ` --mask ${masks[which]}`;
    const bang = random() < 0.15 ? '! ' : '';
    const side = random() < 0.12 ? ' --rdest' : '';
    return `-m recent ${bang}--${operation}${seconds}${hits} --name ${lists[which]}${mask}${side}`;
  };
  const rules: string[] = [];
  const count = 4 + Math.floor(random() * 4);
  for (let rule = 0; rule < count; rule += 1) {
    const before = random() < 0.25 ? ` -p tcp -m tcp --sport ${pick(['1024:30000', '20000:65535'])}` : '';
    const after = random() < 0.15 ? ' -m mark --mark 0x0/0x1' : '';
    const uses = random() < 0.15 ? `${use()} ${use()}` : use();
    const bit = `0x${(1 << (rule + 1)).toString(16)}`;
    const mark = ` -j MARK --set-xmark ${bit}/${bit}`;
    const action = pick(['', mark, mark, mark, mark, mark, ' -j ACCEPT', ' -j DROP', ' -j RETURN', ' -j MARKED', ' -g STOPPED', ' -g MARKED']);
    rules.push(`-A ${chain}${before} ${uses}${after}${action}`);
  }
  return { chain, rules };
}

function dumpOf(programs: readonly Program[]): string {
  const chains = ['MARKED', 'STOPPED', ...programs.map(({ chain }) => chain)];
  return [
    '*filter',
    ...chains.map((chain) => `:${chain} - [0:0]`),
    ...programs.map(({ chain }, index) => `-A INPUT -p tcp -m tcp --dport ${2000 + index} -j ${chain}`),
    '-A MARKED -j MARK --set-xmark 0x1000/0x1000',
    '-A STOPPED -j DROP',
    ...programs.flatMap(({ rules }) => rules),
    'COMMIT',
    '',
  ].join('\n');
}

/** What the report says of many stamps; slower tries than that do not show it. */
const FLOODS = /^an address over the limit that tries more than 96 times a second is let in up to [\d.]+ s later/;

function translated(
  dump: string,
  family: 4 | 6,
  hz: number,
  rates: 'meter' | 'exact',
): { readonly text: string; readonly carried: boolean; readonly exact: boolean } {
  const input = read(createSource('rules.save', dump), { kind: 'save', family: family === 4 ? 'ip' : 'ip6' });
  const { file, report } = translate(input, { target: { hz }, rates, replace: 'table', counters: 'drop', partial: false });
  const exact = report.items.every(({ kind, reason = '' }) => kind === 'approximate' && reason.split('; ').every((each) => FLOODS.test(each)));
  return { text: printNft(file), carried: report.unsupported === 0, exact };
}

/** Programs that are carried over; those that are not are counted. */
function programs(
  family: 4 | 6,
  seed: number,
  count: number,
  hz: number,
  many: boolean,
): { readonly carried: readonly Program[]; readonly refused: number } {
  const random = numbers(seed);
  const carried: Program[] = [];
  let refused = 0;
  while (carried.length < count) {
    const made = program(family, carried.length, random, many);
    if (translated(dumpOf([made]), family, hz, 'exact').carried) carried.push(made);
    else refused += 1;
  }
  return { carried, refused };
}

function packetsFor(family: 4 | 6, count: number, seed: number, length: number, many: boolean): readonly Packet[] {
  const random = numbers(seed + 1000);
  const packets: Packet[] = [];
  for (let index = 0; index < count; index += 1)
    for (let client = 1; client <= (many ? 2 : 3); client += 1) {
      let t = random() * 0.3;
      while (t < length) {
        packets.push({
          src: family === 4 ? `198.51.100.${client}` : `2001:db8:1::${client}`,
          dst: destinations[family][random() < 0.8 ? 0 : 1],
          sport: 1024 + Math.floor(random() * 60000),
          dport: 2000 + index,
          t,
        });
        if (many) t += random() < 0.97 ? 0.015 + random() * 0.05 : random() * 1.3;
        else t += random() < 0.6 ? 0.02 + random() * 0.15 : 0.2 + random() * 1.4;
      }
    }
  return packets.sort((a, b) => (a.t ?? 0) - (b.t ?? 0));
}

describePackets('random programs of recent', () => {
  const runs: readonly { readonly family: 4 | 6; readonly seed: number; readonly many?: true }[] = all
    ? Array.from({ length: 36 }, (_, seed) => ({ family: seed % 4 === 3 ? 6 : 4, seed: seed + 1, ...(seed % 3 === 2 ? { many: true } : {}) }))
    : [
        { family: 4, seed: 1 },
        { family: 4, seed: 2, many: true },
      ];
  for (const { family, seed, many = false } of runs)
    test(`IPv${family}, seed ${seed}${many ? ', many stamps' : ''}`, async () => {
      const { tick } = await sendPackets({ sides: [], packets: [] });
      const hz = Math.round(1 / tick);
      const count = many ? (all ? 12 : 6) : all ? 25 : 20;
      const { carried, refused } = programs(family, seed, count, hz, many);
      expect(refused).toBe(0);
      const dump = dumpOf(carried);
      const exact = translated(dump, family, hz, 'exact');
      const meter = translated(dump, family, hz, 'meter');
      expect([exact.carried, exact.exact]).toEqual([true, true]);
      const packets = packetsFor(family, count, seed, all ? 8 : many ? 3 : 4.5, many);
      const job: PacketJob = {
        sides: [
          { kind: 'iptables-save', text: dump, family },
          { kind: 'nft', text: exact.text },
          ...(meter.exact ? [{ kind: 'nft', text: meter.text } as const] : []),
        ],
        packets,
        family,
      };
      const outcome = await sendPackets(job);
      const found = differences(job, outcome).filter(({ side }) => side === 1);
      const about = found.map(({ packet }) => carried[(packet.dport ?? 0) - 2000]?.rules.join('\n') ?? '');
      // A tick may pass between the two looks at the clock.
      expect(found.length <= 1 ? '' : `${describeDifferences(found)}\n${[...new Set(about)].join('\n\n')}`).toBe('');
      const fates = outcome.packets.map(({ sides }) => `${sides[0]?.verdict ?? ''} ${String(sides[0]?.mark ?? 0)}`);
      // The programs do all kinds of things.
      expect(new Set(fates).size).toBeGreaterThan(many ? 3 : 7);
      expect(fates.filter((fate) => fate.startsWith('dropped')).length).toBeGreaterThan(packets.length / 50);
    }, 60_000);
});
