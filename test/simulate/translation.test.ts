/** Rules and what they are compiled to do the same to packets, in both simulators: random programs, random packets to the tick. */

import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';
import { translate } from '../../src/api.js';
import { simulateRuleset } from '../../src/simulate/iptables/ruleset.js';
import { simulateNft } from '../../src/simulate/nft/ruleset.js';
import type { SimulatedOutcome } from '../../src/simulate/packet.js';
import { dumpOf, programs, readDump, simulated, trains, withNewConnections, type Kind, type Program, type Step } from './programs.js';

const all = process.env['FWLINT_PACKETS'] === 'all';
/** Ticks a second of kernels people run. */
const HZ = [100, 250, 1000];

/** Undefined when the translator says that it is not the same. */
function outcomes(
  program: Program,
  train: readonly Step[],
  family: 4 | 6,
  hz: number,
): { readonly before: readonly SimulatedOutcome[]; readonly after: readonly SimulatedOutcome[] } | undefined {
  const { input, ruleset } = readDump(dumpOf([program]), family);
  const { file, report } = translate(input, { target: { hz }, rates: 'exact', replace: 'table', counters: 'drop', partial: false });
  if (report.exact < report.total) return undefined;
  let milliseconds = 10;
  const packets = train.map((step) => {
    milliseconds += step.gap;
    return simulated(family, 0, step, milliseconds / 1000);
  });
  return { before: simulateRuleset(ruleset, packets, { target: { hz } }), after: simulateNft(file, packets, hz) };
}

const text = ({ verdict, mark, why }: SimulatedOutcome): string => `${verdict} ${verdict === 'accepted' ? mark.toString(16) : ''}${why ?? ''}`;

describe('exact translations', () => {
  const kinds: readonly { readonly name: string; readonly of: readonly Kind[]; readonly hits?: readonly number[] }[] = [
    { name: 'recent', of: ['recent'] },
    { name: 'recent with many stamps', of: ['recent'], hits: [2, 9, 12, 20, 21, 24] },
    { name: 'limit and hashlimit', of: ['limit', 'hashlimit'] },
    { name: 'connlimit', of: ['connlimit'] },
    { name: 'quota and nth', of: ['quota', 'nth'] },
    { name: 'all of them', of: ['recent', 'limit', 'hashlimit', 'connlimit', 'quota', 'nth'] },
  ];
  for (const { name, of, hits } of kinds)
    for (const family of [4, 6] as const)
      test(`${name}, IPv${String(family)}`, () => {
        let compared = 0;
        const fates = new Set<string>();
        fc.assert(
          fc.property(
            programs(0, { family, kinds: of, ...(hits === undefined ? {} : { hits }) }),
            fc.constantFrom(...HZ).chain((hz) => fc.tuple(fc.constant(hz), trains(1000 / hz, hits === undefined ? 60 : 120))),
            (program, [hz, train]) => {
              const both = outcomes(program, of.includes('connlimit') ? withNewConnections(train) : train, family, hz);
              if (both === undefined) return;
              compared += 1;
              for (const outcome of both.before) fates.add(text(outcome));
              expect(both.after.map(text)).toEqual(both.before.map(text));
            },
          ),
          { numRuns: all ? 3000 : 150 },
        );
        // Most programs are exact, and they do all kinds of things.
        expect(compared).toBeGreaterThan(all ? 1000 : 50);
        expect(fates.size).toBeGreaterThan(5);
      }, 300_000);
});
