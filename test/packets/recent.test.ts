/**
 * That what `-m recent` becomes does the same to packets as xt_recent: `--rates exact` packet by packet, `--rates meter` within the bounds it
 * states. FWLINT_PACKETS=all sends many times as many packets.
 */

import { expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';
import { findRecentLimiters } from '../../src/policy/limiters.js';
import {
  describeDifferences,
  describePackets,
  differences,
  sendPackets,
  type Outcome,
  type Packet,
  type PacketJob,
  type Path,
} from '../support/packets.js';

const all = process.env['FWLINT_PACKETS'] === 'all';

/** Translates a dump; everything in it has to be carried over. */
function nftOf(dump: string, family: 4 | 6, rates: 'meter' | 'exact', hz: number): { readonly text: string; readonly reasons: readonly string[] } {
  const input = read(createSource('rules.save', dump), { kind: 'save', family: family === 4 ? 'ip' : 'ip6' });
  const { file, report } = translate(input, { target: { hz }, rates, replace: 'table', counters: 'drop', partial: false });
  expect(report.items.filter(({ kind }) => kind === 'unsupported').map(({ rule, reason }) => `${rule}: ${reason ?? ''}`)).toEqual([]);
  return { text: printNft(file), reasons: report.items.map(({ reason }) => reason ?? '') };
}

/** What the report says of many stamps of blocked tries; slower tries than that do not show it. */
const FLOODS = /tries more than 96 times a second is let in up to/;

function save(rules: readonly string[], chains: readonly string[] = []): string {
  return ['*filter', ...chains.map((chain) => `:${chain} - [0:0]`), ...rules, 'COMMIT', ''].join('\n');
}

/** A small generator of numbers from 0 to 1, the same on every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/** An idiom on a port of its own, with a list of its own. */
interface Idiom {
  readonly name: string;
  readonly hits: number;
  readonly seconds: number;
  readonly rules: (match: string, list: string, hits: number, seconds: number) => readonly string[];
  /** What a simple rule in C would let through at once. */
  readonly lets: number;
}

const check = (seconds: number, hits: number): string => `--seconds ${seconds} --hitcount ${hits}`;

const B1: Idiom['rules'] = (match, list, hits, seconds) => [
  `${match} -m recent --name ${list} --update ${check(seconds, hits)} -j DROP`,
  `${match} -m recent --name ${list} --set`,
];
const B1r: Idiom['rules'] = (match, list, hits, seconds) => [
  `${match} -m recent --name ${list} --rcheck ${check(seconds, hits)} -j REJECT`,
  `${match} -m recent --name ${list} --set -j ACCEPT`,
];
const B2: Idiom['rules'] = (match, list, hits, seconds) => [
  `${match} -m recent --name ${list} --set`,
  `${match} -m recent --name ${list} --rcheck ${check(seconds, hits)} -j DROP`,
];
const B2u: Idiom['rules'] = (match, list, hits, seconds) => [
  `${match} -m recent --name ${list} --set`,
  `${match} -m recent --name ${list} --update ${check(seconds, hits)} -j BLOCK`,
];
const B3: Idiom['rules'] = (match, list, hits, seconds) => [
  `${match} -m recent --name ${list} --set -m recent --name ${list} --rcheck ${check(seconds, hits)} -g BLOCK`,
];
const admits: Idiom['rules'] = (match, list, hits, seconds) => [
  `${match} -m recent --name ${list} --set`,
  `${match} -m recent --name ${list} ! --rcheck ${check(seconds, hits)} -j ACCEPT`,
  `${match} -j DROP`,
];

const idioms: readonly Idiom[] = [
  { name: 'update, set', rules: B1, hits: 4, seconds: 2, lets: 4 },
  { name: 'update, set', rules: B1, hits: 2, seconds: 1, lets: 2 },
  { name: 'update, set', rules: B1, hits: 1, seconds: 1, lets: 1 },
  { name: 'rcheck, set', rules: B1r, hits: 3, seconds: 2, lets: 3 },
  { name: 'rcheck, set', rules: B1r, hits: 5, seconds: 1, lets: 5 },
  { name: 'rcheck, set', rules: B1r, hits: 1, seconds: 1, lets: 1 },
  { name: 'set, rcheck', rules: B2, hits: 4, seconds: 2, lets: 3 },
  { name: 'set, rcheck', rules: B2, hits: 2, seconds: 1, lets: 1 },
  { name: 'set, update', rules: B2u, hits: 4, seconds: 1, lets: 3 },
  { name: 'set, update', rules: B2u, hits: 3, seconds: 2, lets: 2 },
  { name: 'set, update', rules: B2u, hits: 2, seconds: 1, lets: 1 },
  { name: 'set and rcheck in one rule', rules: B3, hits: 4, seconds: 1, lets: 3 },
  { name: 'set, accepted below', rules: admits, hits: 4, seconds: 1, lets: 3 },
  { name: 'set, accepted below', rules: admits, hits: 2, seconds: 2, lets: 1 },
];

/** So many stamps that they are looked up by number. */
const many: readonly Idiom[] = [
  { name: 'update, set', rules: B1, hits: 24, seconds: 1, lets: 24 },
  { name: 'rcheck, set', rules: B1r, hits: 20, seconds: 1, lets: 20 },
  { name: 'set, rcheck', rules: B2, hits: 25, seconds: 1, lets: 24 },
  { name: 'set, update', rules: B2u, hits: 22, seconds: 1, lets: 21 },
  { name: 'set, accepted below', rules: admits, hits: 24, seconds: 1, lets: 23 },
  { name: 'update, set', rules: B1, hits: 100, seconds: 2, lets: 100 },
  // A ring that is searched in two ways; places found by number, stamps not.
  { name: 'update, set', rules: B1, hits: 12, seconds: 1, lets: 12 },
  { name: 'set, update', rules: B2u, hits: 10, seconds: 1, lets: 9 },
  { name: 'set, rcheck', rules: B2, hits: 8, seconds: 1, lets: 7 },
  { name: 'rcheck, set', rules: B1r, hits: 10, seconds: 1, lets: 10 },
  { name: 'rcheck, set', rules: B1r, hits: 19, seconds: 2, lets: 19 },
  { name: 'rcheck, set', rules: B1r, hits: 9, seconds: 1, lets: 9 },
];

const portOf = (index: number): number => 1000 + index;

function idiomRules(items: readonly Idiom[] = idioms): string {
  const rules = items.flatMap(({ rules: make, hits, seconds }, index) =>
    make(`-A INPUT -p tcp -m tcp --dport ${portOf(index)} -m conntrack --ctstate NEW`, `list${index}`, hits, seconds),
  );
  return save([...rules, '-A BLOCK -j DROP'], ['BLOCK']);
}

const destination = { 4: '203.0.113.7', 6: '2001:db8:9::7' } as const;
const source = (family: 4 | 6, client: number): string => (family === 4 ? `198.51.100.${client}` : `2001:db8:1::${client}`);

/**
 * Tries of several clients at each port: bursts and pauses. `edges`: pauses end within a few ticks of a stamp growing too old.
 */
function tries(
  items: readonly Idiom[],
  family: 4 | 6,
  seed: number,
  clients: number,
  length: number,
  tick: number,
  edges: boolean,
): readonly Packet[] {
  const random = numbers(seed);
  const packets: Packet[] = [];
  for (const [index, { seconds, hits }] of items.entries())
    for (let client = 1; client <= clients; client += 1) {
      let t = random() * 0.3;
      const gap = seconds / hits;
      while (t < length) {
        packets.push({ src: source(family, client), dst: destination[family], sport: 1024 + packets.length, dport: portOf(index), t });
        const at = random();
        if (hits >= 8) t += at < 0.7 ? gap * (0.3 + random() * 0.8) : at < 0.99 ? gap * (0.8 + random() * 0.6) : random() * 1.3 * seconds;
        else if (at < 0.45) t += 0.01 + random() * 0.08;
        else if (edges && at < 0.8) t += [seconds, seconds / Math.max(1, hits), seconds / Math.max(1, hits - 1)][Math.floor(random() * 3)] ?? seconds;
        else if (at < 0.8) t += 0.05 + (random() * 1.5 * seconds) / hits;
        else t += random() * 1.3 * seconds;
        if (edges) t += (Math.floor(random() * 5) - 2) * tick;
      }
    }
  return packets.sort((a, b) => (a.t ?? 0) - (b.t ?? 0));
}

function admitted(outcome: Outcome, packets: readonly Packet[], side: number, index: number, src: string): readonly number[] {
  return outcome.packets
    .filter(
      (packet) => packets[packet.index]?.dport === portOf(index) && packets[packet.index]?.src === src && packet.sides[side]?.verdict === 'accepted',
    )
    .map((packet) => packets[packet.index]?.t ?? 0);
}

function mostIn(times: readonly number[], seconds: number): number {
  let most = 0;
  for (const [from, start] of times.entries()) {
    let count = 0;
    while (from + count < times.length && (times[from + count] ?? 0) <= start + seconds) count += 1;
    most = Math.max(most, count);
  }
  return most;
}

describePackets('the idioms of two rules', () => {
  const runs: readonly { readonly family: 4 | 6; readonly seed: number; readonly length: number; readonly edges: boolean }[] = all
    ? [
        { family: 4, seed: 1, length: 20, edges: false },
        { family: 4, seed: 2, length: 20, edges: true },
        { family: 6, seed: 3, length: 15, edges: false },
        { family: 4, seed: 4, length: 20, edges: false },
      ]
    : [
        { family: 4, seed: 1, length: 5, edges: false },
        { family: 6, seed: 2, length: 3, edges: true },
      ];
  for (const { family, seed, length, edges } of runs)
    test(`IPv${family}, ${edges ? 'tries aimed at the edges of windows' : 'random tries'}, seed ${seed}`, async () => {
      const { tick } = await sendPackets({ sides: [], packets: [] });
      const hz = Math.round(1 / tick);
      const rules = idiomRules();
      const dump = { kind: 'iptables-save', text: rules, family } as const;
      const exact = nftOf(rules, family, 'exact', hz);
      const meter = nftOf(rules, family, 'meter', hz);
      expect(exact.reasons).toEqual([]);
      const packets = tries(idioms, family, seed, all ? 4 : 2, length, tick, edges);
      const job: PacketJob = { sides: [dump, { kind: 'nft', text: exact.text }, { kind: 'nft', text: meter.text }], packets, family };
      const outcome = await sendPackets(job);
      const found = differences(job, outcome);
      const wrong = found.filter(({ side }) => side === 1);
      // Where packets are aimed at the edge, a tick may pass between the two kernels' looks at the clock.
      const allowed = edges ? packets.length / 1000 : 0;
      expect(wrong.length <= allowed ? '' : describeDifferences(wrong)).toBe('');
      // The test would notice: the token bucket does differ, and enough packets were stopped.
      expect(found.filter(({ side }) => side === 2).length).toBeGreaterThan(0);
      expect(outcome.packets.filter(({ sides }) => sides[0]?.verdict !== 'accepted').length).toBeGreaterThan(packets.length / 5);
      for (const [index, { lets, seconds, name }] of idioms.entries())
        for (let client = 1; client <= (all ? 4 : 2); client += 1) {
          const times = (side: number): readonly number[] => admitted(outcome, packets, side, index, source(family, client));
          expect(mostIn(times(0), seconds - 0.01 - outcome.late), name).toBeLessThanOrEqual(lets);
          expect(mostIn(times(2), seconds - 0.01 - outcome.late), name).toBeLessThanOrEqual(lets === 1 ? 1 : 2 * lets);
        }
    }, 60_000);

  for (const family of [4, 6] as const)
    test(`many stamps, IPv${family}`, async () => {
      const { tick } = await sendPackets({ sides: [], packets: [] });
      const hz = Math.round(1 / tick);
      const rules = idiomRules(many);
      const exact = nftOf(rules, family, 'exact', hz);
      expect(exact.reasons.filter((reason) => !FLOODS.test(reason))).toEqual([]);
      const clients = all ? 4 : 1;
      const packets = tries(many, family, 7 + family, clients, all ? 15 : 3.5, tick, false);
      const job: PacketJob = {
        sides: [
          { kind: 'iptables-save', text: rules, family },
          { kind: 'nft', text: exact.text },
        ],
        packets,
        family,
      };
      const outcome = await sendPackets(job);
      const wrong = differences(job, outcome);
      expect(wrong.length <= packets.length / 2000 + 1 ? '' : describeDifferences(wrong)).toBe('');
      for (const [index, { lets, seconds, name }] of many.entries())
        for (let client = 1; client <= clients; client += 1) {
          const times = admitted(outcome, packets, 1, index, source(family, client));
          expect(mostIn(times, seconds - 0.01 - outcome.late), name).toBeLessThanOrEqual(lets);
          expect(times.length, name).toBeGreaterThan(lets / 3);
        }
      expect(outcome.packets.filter(({ sides }) => sides[0]?.verdict !== 'accepted').length).toBeGreaterThan(packets.length / 10);
    }, 60_000);

  test('numbers in sentences are what packets show', async () => {
    const rules = idiomRules();
    const input = read(createSource('rules.save', rules), { kind: 'save' });
    const limiters = [...input.runs.values()].flatMap((run) => findRecentLimiters(run.ruleset));
    expect(limiters.map(({ lets }) => lets)).toEqual(idioms.map(({ lets }) => lets));
    const packets = idioms.flatMap((_, index) =>
      Array.from({ length: 8 }, (__, sport): Packet => ({ src: source(4, 1), dst: destination[4], sport: 1024 + sport, dport: portOf(index) })),
    );
    const outcome = await sendPackets({ sides: [{ kind: 'iptables-save', text: rules }], packets });
    expect(idioms.map((_, index) => admitted(outcome, packets, 0, index, source(4, 1)).length)).toEqual(idioms.map(({ lets }) => lets));
  });

  test('a client that keeps hammering gets no more than from iptables', async () => {
    const { tick } = await sendPackets({ sides: [], packets: [] });
    const rules = idiomRules();
    const meter = nftOf(rules, 4, 'meter', Math.round(1 / tick));
    const packets: Packet[] = [];
    for (let t = 0; t < 4; t += 0.04)
      for (const index of idioms.keys())
        packets.push({ src: source(4, 9), dst: destination[4], sport: 1024 + packets.length, dport: portOf(index), t });
    const job: PacketJob = {
      sides: [
        { kind: 'iptables-save', text: rules },
        { kind: 'nft', text: meter.text },
      ],
      packets,
    };
    const outcome = await sendPackets(job);
    for (const [index, { rules: make, lets, seconds, name }] of idioms.entries()) {
      const [before, after] = [0, 1].map((side) => admitted(outcome, packets, side, index, source(4, 9)).length) as [number, number];
      if (make === B1r) {
        // Both let a window's worth through in every window.
        expect(after, name).toBeLessThanOrEqual(lets * (1 + Math.ceil((4 + outcome.late) / seconds)));
      } else {
        expect(before, name).toBe(lets);
        // The bucket refills while it is emptied.
        expect(after, name).toBeLessThanOrEqual(lets === 1 ? 1 : lets + Math.ceil(lets * (0.04 * lets * 2)) + 1);
      }
    }
  }, 30_000);
});

describePackets('many stamps', () => {
  test('as many at once as the limit, and some more', async () => {
    const forever: Idiom['rules'] = (match, list, hits) => [
      `${match} -m recent --name ${list} --rcheck --hitcount ${hits} -j DROP`,
      `${match} -m recent --name ${list} --set`,
    ];
    const two: Idiom['rules'] = (match, list, hits, seconds) => [
      `${match} -m recent --name ${list} --update --seconds 1 --hitcount 20 -m mark --mark 0x1 -j DROP`,
      ...B1(match, list, hits, seconds),
    ];
    const bursts = [B1, B1r, B2, B2u, forever, two].flatMap((rules) =>
      [19, 50, 100, 255].map((hits): Idiom => ({ name: '', rules, hits, seconds: 60, lets: hits })),
    );
    const dump = idiomRules(bursts);
    const exact = nftOf(dump, 4, 'exact', 250);
    expect(exact.reasons.filter((reason) => !FLOODS.test(reason))).toEqual([]);
    const packets = bursts.flatMap(({ hits }, index) =>
      Array.from({ length: hits + 20 }, (_, number): Packet => ({
        src: source(4, 1),
        dst: destination[4],
        sport: 1024 + number,
        dport: portOf(index),
      })),
    );
    const job: PacketJob = {
      sides: [
        { kind: 'iptables-save', text: dump },
        { kind: 'nft', text: exact.text },
      ],
      packets,
    };
    const outcome = await sendPackets(job);
    expect(describeDifferences(differences(job, outcome))).toBe(describeDifferences([]));
    expect(outcome.packets.filter(({ sides }) => sides[0]?.verdict !== 'accepted').length).toBeGreaterThan(20 * bursts.length - 1);
  }, 60_000);

  test('of a flood end later than in iptables, by no more than the report says', async () => {
    const [hits, seconds, perSecond, tries] = [40, 1, 500, 200];
    const rules = save(B1('-A INPUT -p tcp --dport 22', 'flood', hits, seconds));
    const exact = nftOf(rules, 4, 'exact', 250);
    expect(exact.reasons).toEqual([expect.stringContaining('up to 0.42 s later'), expect.stringContaining('up to 0.42 s later')]);
    // Seconds behind the last try of a flood: before the oldest of its last 40 is too old, then before the last one is, then behind both.
    const probes = [0.8, seconds - hits / perSecond / 2, seconds + 0.42];
    const packets = probes.flatMap((later, client) =>
      Array.from({ length: tries + 1 }, (_, number): Packet => ({
        src: source(4, 1 + client),
        dst: destination[4],
        sport: 1024 + number,
        dport: 22,
        t: client * 0.5 + (number < tries ? number / perSecond : (tries - 1) / perSecond + later),
      })),
    );
    const inOrder = [...packets].sort((left, right) => (left.t ?? 0) - (right.t ?? 0));
    const outcome = await sendPackets({
      sides: [
        { kind: 'iptables-save', text: rules },
        { kind: 'nft', text: exact.text },
      ],
      packets: inOrder,
    });
    const verdicts = probes.map((_, client) => {
      const probe = packets[client * (tries + 1) + tries];
      return outcome.packets.find(({ index }) => inOrder[index] === probe)?.sides.map(({ verdict }) => verdict);
    });
    expect(verdicts).toEqual([
      ['dropped', 'dropped'],
      ['accepted', 'dropped'],
      ['accepted', 'accepted'],
    ]);
  }, 30_000);

  const rules = (chain: string): string =>
    ['--update --seconds 60 --hitcount 20 --name l -j DROP', '--set --name l'].map((use) => `-A ${chain} -p udp -m recent ${use}\n`).join('');
  const ways: readonly { readonly table: string; readonly chain: string; readonly path: Path; readonly family: 4 | 6 }[] = [
    { table: 'filter', chain: 'INPUT', path: 'in', family: 4 },
    { table: 'filter', chain: 'INPUT', path: 'in', family: 6 },
    { table: 'filter', chain: 'FORWARD', path: 'fwd', family: 4 },
    { table: 'mangle', chain: 'FORWARD', path: 'fwd', family: 4 },
    { table: 'mangle', chain: 'PREROUTING', path: 'fwd', family: 4 },
    { table: 'mangle', chain: 'PREROUTING', path: 'in', family: 4 },
    // Reported as approximate: what priority the packets had before is not known. These had none.
    { table: 'filter', chain: 'FORWARD', path: 'fwd', family: 6 },
    { table: 'mangle', chain: 'PREROUTING', path: 'fwd', family: 6 },
    { table: 'mangle', chain: 'POSTROUTING', path: 'fwd', family: 4 },
  ];
  for (const { table, chain, path, family } of ways)
    test(`leave the priority of packets as it was: ${table} ${chain}, ${path}, IPv${String(family)}`, async () => {
      const dump = `*${table}\n${rules(chain)}COMMIT\n`;
      const input = read(createSource('rules.save', dump), { kind: 'save', family: family === 4 ? 'ip' : 'ip6' });
      const { file, report } = translate(input, { target: {}, rates: 'exact', replace: 'table', counters: 'drop', partial: false });
      const isKept = report.items.every(({ reason = '' }) => !reason.includes('priority'));
      expect(isKept).toBe(chain !== 'POSTROUTING' && (family === 4 || chain === 'INPUT'));
      const packets = Array.from({ length: 72 }, (_, index): Packet => ({
        src: source(family, 1 + (index % 3)),
        dst: destination[family],
        path,
        proto: 'udp',
        sport: 1024 + index,
        dport: 9,
        // Every type of service, with the bits that do not count.
        tos: (index * 4 + (index % 3)) % 256,
      }));
      const job: PacketJob = {
        sides: [
          { kind: 'iptables-save', text: dump, family },
          { kind: 'nft', text: printNft(file) },
        ],
        packets,
        family,
      };
      const outcome = await sendPackets(job);
      expect(describeDifferences(differences(job, outcome))).toBe(describeDifferences([]));
      expect(new Set(outcome.packets.map(({ sides }) => sides[0]?.priority ?? 0)).size).toBe(path === 'fwd' && family === 4 ? 4 : 1);
      expect(outcome.packets.filter(({ sides }) => sides[0]?.verdict === 'dropped').length).toBe(12);
    });
});
