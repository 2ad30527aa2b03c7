/** Programs with packets for each of them, mixed together in time, and what simulators are asked about them. */

import fc from 'fast-check';
import type { SimulatedOutcome, SimulatedPacket } from '../../src/simulate/packet.js';
import {
  clientAddress,
  DESTINATIONS,
  portOf,
  programs,
  simulated,
  trains,
  withNewConnections,
  type Program,
  type ProgramOptions,
  type Step,
} from '../simulate/programs.js';
import type { Outcome, Packet } from '../support/packets.js';

/** Which story. */
export interface StoryOptions extends ProgramOptions {
  readonly seed: number;
  /** A connection for each packet. */
  readonly newConnections?: boolean;
}

/** A packet of a story. */
export interface Timed {
  readonly program: number;
  readonly step: Step;
  /** Seconds. */
  readonly t: number;
}

export interface Story {
  readonly programs: readonly Program[];
  readonly packets: readonly Timed[];
}

/** The story of a seed. `tick` in seconds; `long`: more and longer; `isWanted`: programs that are of use. */
export function storyOf(
  { seed, newConnections, ...options }: StoryOptions,
  tick: number,
  long: boolean,
  isWanted: (program: Program) => boolean = () => true,
): Story {
  const [count, length, seconds] = long ? [20, 120, 8] : [12, 60, 5];
  const chosen: Program[] = [];
  for (let attempt = 0; chosen.length < count && attempt < 4 * count; attempt += 1)
    chosen.push(...fc.sample(programs(chosen.length, { ...options, any: true }), { numRuns: 1, seed: seed * 1000 + attempt }).filter(isWanted));
  const packets: Timed[] = [];
  for (const program of chosen.keys()) {
    const [train = []] = fc.sample(trains(tick * 1000, length, length), { numRuns: 1, seed: seed * 1000 + 500 + program });
    let t = 0.02;
    for (const step of newConnections === true ? withNewConnections(train) : train) {
      t += step.gap / 1000;
      if (t < seconds) packets.push({ program, step, t });
    }
  }
  return { programs: chosen, packets: packets.sort((left, right) => left.t - right.t) };
}

/** A packet of a story as the runner sends it. */
export function packetOf(family: 4 | 6, { program, step, t }: Timed): Packet {
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

/** The packets of a story as they were sent, for the simulators. */
export function sentPackets(family: 4 | 6, { packets: outcomes }: Outcome, { packets }: Story): readonly SimulatedPacket[] {
  return packets.map(({ program, step, t }, index) => {
    const at = outcomes[index]?.at;
    return simulated(family, program, step, at?.seconds ?? t, at?.tick);
  });
}

/** What a simulator and the kernel say about the same packets and do not agree on; packets during which the tick moved on are left out. */
export function wrongPackets(outcome: Outcome, expected: readonly SimulatedOutcome[], { programs: chosen, packets }: Story): readonly string[] {
  const describe = (verdict: string, mark: number): string => `${verdict}${verdict === 'accepted' ? ` ${mark.toString(16)}` : ''}`;
  return outcome.packets.flatMap(({ index, sides: [fate], straddled }) => {
    const { verdict, mark, why = '' } = expected[index] ?? { verdict: 'unknown', mark: 0 };
    const kernel = describe(fate?.verdict ?? '', fate?.mark ?? 0);
    const simulator = describe(verdict, mark);
    if (straddled === true || kernel === simulator) return [];
    const { program = 0, step } = packets[index] ?? {};
    const rules = chosen[program]?.rules.join('\n') ?? '';
    return [`#${String(index)} at ${String(packets[index]?.t)}: kernel ${kernel}, simulator ${simulator} ${why}\n${JSON.stringify(step)}\n${rules}`];
  });
}
