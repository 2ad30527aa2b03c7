/** The simulator of iptables rules says what the kernel does: random programs of all limiters, and random packets. FWLINT_PACKETS=all sends many times as many. */

import { expect, test } from 'vitest';
import { simulateRuleset } from '../../src/simulate/iptables/ruleset.js';
import { clientAddress, DESTINATIONS, dumpOf, portOf, readDump, simulated, type Kind } from '../simulate/programs.js';
import { describePackets, sendPackets, type Packet, type PacketJob } from '../support/packets.js';
import { packetOf, sentPackets, storyOf, wrongPackets, type StoryOptions } from './simulate-stories.js';

const all = process.env['FWLINT_PACKETS'] === 'all';

const KINDS: readonly (readonly Kind[])[] = [
  ['recent'],
  ['limit', 'hashlimit'],
  ['connlimit', 'quota', 'nth'],
  ['recent', 'limit', 'hashlimit', 'connlimit', 'quota', 'nth'],
];

describePackets('the simulator of iptables rules', () => {
  const runs: readonly StoryOptions[] = all
    ? Array.from({ length: 40 }, (_, index) => ({
        family: index % 5 === 4 ? 6 : 4,
        seed: index + 1,
        kinds: KINDS[index % KINDS.length] ?? [],
        ...(index % 8 === 0 ? { hits: [2, 20, 22, 40] } : {}),
      }))
    : [
        { family: 4, seed: 1, kinds: KINDS[3] ?? [] },
        { family: 6, seed: 2, kinds: KINDS[3] ?? [] },
      ];
  for (const options of runs)
    test(`IPv${String(options.family)}, seed ${String(options.seed)}: ${options.kinds.join(', ')}`, async () => {
      const { family } = options;
      const { tick } = await sendPackets({ sides: [], packets: [] });
      const hz = Math.round(1 / tick);
      const { programs, packets } = storyOf(options, tick, all);
      const dump = dumpOf(programs);
      const job: PacketJob = {
        sides: [{ kind: 'iptables-save', text: dump, family }],
        packets: packets.map((packet) => packetOf(family, packet)),
        family,
      };
      const outcome = await sendPackets(job);
      expect(outcome.sides[0]?.stderr).toBe('');
      const expected = simulateRuleset(readDump(dump, family).ruleset, sentPackets(family, outcome, { programs, packets }), { target: { hz } });
      const wrong = wrongPackets(outcome, expected, { programs, packets });
      // A tick may pass between the look at the clock and the packet.
      expect(wrong.length <= 2 + packets.length / 2000 ? '' : wrong.slice(0, 5).join('\n\n')).toBe('');
      const fates = new Set(outcome.packets.map(({ sides: [fate] }) => `${fate?.verdict ?? ''} ${String(fate?.mark ?? 0)}`));
      expect(fates.size).toBeGreaterThan(5);
      expect(packets.length).toBeGreaterThan(all ? 500 : 200);
    }, 60_000);

  test('connections that end make room for others', async () => {
    const dump = '*filter\n-A INPUT -p tcp -m tcp --tcp-flags RST RST -j ACCEPT\n-A INPUT -p tcp -m connlimit --connlimit-above 2 -j DROP\nCOMMIT\n';
    /** Opened at a time by a port, and ended after so many seconds. */
    const opened: readonly (readonly [port: number, time: number, lasts?: number])[] = [
      [1, 0.05, 0.5],
      [2, 0.1],
      [3, 0.2],
      [4, 0.3],
      [5, 0.6],
      [6, 0.7],
      [1, 0.8],
    ];
    const syns = opened.map(([port, t]): Packet => ({
      src: clientAddress(4, 1),
      dst: DESTINATIONS[4][0],
      sport: port,
      dport: portOf(0),
      flags: 'SYN',
      t,
    }));
    const ends = opened.flatMap(([port, t, lasts]): readonly Packet[] =>
      lasts === undefined
        ? []
        : [{ src: clientAddress(4, 1), dst: DESTINATIONS[4][0], sport: port, dport: portOf(0), flags: 'RST', seq: 1001, t: t + lasts }],
    );
    const packets = [...syns, ...ends].sort((left, right) => (left.t ?? 0) - (right.t ?? 0));
    const outcome = await sendPackets({ sides: [{ kind: 'iptables-save', text: dump }], packets });
    const kernel = outcome.packets.flatMap(({ index, sides: [fate] }) => (packets[index]?.flags === 'SYN' ? [fate?.verdict] : []));
    const simulator = simulateRuleset(
      readDump(dump, 4).ruleset,
      opened.map(([port, time, lasts]) => ({
        ...simulated(4, 0, { gap: 0, client: 1, destination: 0, sourcePort: port, length: 40 }, time),
        ...(lasts === undefined ? {} : { staysOpen: lasts }),
      })),
    ).map(({ verdict }) => verdict);
    expect(kernel).toEqual(simulator);
    expect(simulator).toEqual(['accepted', 'accepted', 'dropped', 'dropped', 'accepted', 'dropped', 'dropped']);
  });
});
