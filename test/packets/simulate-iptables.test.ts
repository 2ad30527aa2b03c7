/** The simulator of iptables rules says what the kernel does: random programs of all limiters, and random packets. FWLINT_PACKETS=all sends many times as many. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { simulateRuleset } from '../../src/simulate/iptables/ruleset.js';
import {
  clientAddress,
  DESTINATIONS,
  dumpOf,
  portOf,
  programs,
  readDump,
  simulated,
  trains,
  type Kind,
  type Program,
  type Step,
} from '../simulate/programs.js';
import { describePackets, sendPackets, type Packet, type PacketJob } from '../support/packets.js';

const all = process.env['FWLINT_PACKETS'] === 'all';

interface Timed {
  readonly program: number;
  readonly step: Step;
  readonly t: number;
}

/** The programs of a seed, and packets for each of them mixed together. */
function story({ seed, ...options }: Run, tick: number): { readonly programs: readonly Program[]; readonly packets: readonly Timed[] } {
  const [count, length, seconds] = all ? [20, 120, 8] : [12, 60, 5];
  const made = Array.from(
    { length: count },
    (_, index) => fc.sample(programs(index, { ...options, any: true }), { numRuns: 1, seed: seed * 1000 + index })[0],
  );
  const chosen = made.flatMap((program) => program ?? []);
  const timed: Timed[] = [];
  for (const index of chosen.keys()) {
    const [train = []] = fc.sample(trains(tick * 1000, length, length), { numRuns: 1, seed: seed * 1000 + 500 + index });
    let t = 0.02;
    for (const step of train) {
      t += step.gap / 1000;
      if (t < seconds) timed.push({ program: index, step, t });
    }
  }
  return { programs: chosen, packets: timed.sort((left, right) => left.t - right.t) };
}

function sent(family: 4 | 6, { program, step, t }: Timed): Packet {
  return {
    src: clientAddress(family, step.client),
    dst: DESTINATIONS[family][step.destination] ?? '',
    sport: step.sourcePort,
    dport: portOf(program),
    flags: 'SYN',
    length: family === 4 ? step.length : Math.max(step.length, 60),
    t,
  };
}

interface Run {
  readonly family: 4 | 6;
  readonly seed: number;
  readonly kinds: readonly Kind[];
  readonly hits?: readonly number[];
}

const KINDS: readonly (readonly Kind[])[] = [['recent'], ['limit', 'hashlimit'], ['connlimit'], ['recent', 'limit', 'hashlimit', 'connlimit']];

describePackets('the simulator of iptables rules', () => {
  const runs: readonly Run[] = all
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
  for (const run of runs) {
    const { family, seed, kinds } = run;
    test(`IPv${String(family)}, seed ${String(seed)}: ${kinds.join(', ')}`, async () => {
      const { tick } = await sendPackets({ sides: [], packets: [] });
      const hz = Math.round(1 / tick);
      const { programs: chosen, packets } = story(run, tick);
      const dump = dumpOf(chosen);
      const job: PacketJob = {
        sides: [{ kind: 'iptables-save', text: dump, family }],
        packets: packets.map((packet) => sent(family, packet)),
        family,
      };
      const outcome = await sendPackets(job);
      expect(outcome.sides[0]?.stderr).toBe('');
      const times = outcome.packets.map(({ at }) => ((at?.tick ?? 0) + Math.min(0.99, (at?.seconds ?? 0) / tick)) / hz);
      const { ruleset } = readDump(dump, family);
      const expected = simulateRuleset(
        ruleset,
        packets.map(({ program, step }, index) => simulated(family, program, step, times[index] ?? 0)),
        { target: { hz } },
      );
      const wrong = outcome.packets.flatMap(({ index, sides: [fate] }) => {
        const { verdict, mark } = expected[index] ?? { verdict: 'unknown', mark: 0 };
        const kernel = `${fate?.verdict ?? ''} ${fate?.verdict === 'accepted' ? String(fate.mark ?? 0) : ''}`;
        const simulator = `${verdict} ${verdict === 'accepted' ? String(mark) : ''}`;
        const { program = 0, step } = packets[index] ?? {};
        return kernel === simulator
          ? []
          : [
              `#${String(index)} at ${String(times[index])}: kernel ${kernel}, simulator ${simulator}\n${JSON.stringify(step)}\n${chosen[program]?.rules.join('\n') ?? ''}`,
            ];
      });
      // A tick may pass between the look at the clock and the packet.
      expect(wrong.length <= packets.length / 1000 ? '' : wrong.slice(0, 5).join('\n\n')).toBe('');
      const fates = new Set(outcome.packets.map(({ sides: [fate] }) => `${fate?.verdict ?? ''} ${String(fate?.mark ?? 0)}`));
      expect(fates.size).toBeGreaterThan(5);
      expect(packets.length).toBeGreaterThan(all ? 500 : 200);
    }, 60_000);
  }
});
