/** The simulator of nftables says what the kernel does with what rules are compiled to. FWLINT_PACKETS=all sends many times as many packets. */

import { expect, test } from 'vitest';
import { printNft, translate } from '../../src/api.js';
import { simulateNft } from '../../src/simulate/nft/ruleset.js';
import { dumpOf, readDump, type Kind } from '../simulate/programs.js';
import { describePackets, sendPackets, type PacketJob } from '../support/packets.js';
import { packetOf, sentPackets, storyOf, wrongPackets, type StoryOptions } from './simulate-stories.js';

const all = process.env['FWLINT_PACKETS'] === 'all';

const KINDS: readonly (readonly Kind[])[] = [
  ['recent'],
  ['limit', 'hashlimit'],
  ['connlimit', 'quota', 'nth'],
  ['recent', 'limit', 'hashlimit', 'connlimit', 'quota', 'nth'],
];

describePackets('the simulator of nftables', () => {
  const runs: readonly (StoryOptions & { readonly rates: 'exact' | 'meter' })[] = all
    ? Array.from({ length: 40 }, (_, index) => ({
        family: index % 5 === 4 ? 6 : 4,
        seed: 100 + index,
        kinds: KINDS[index % KINDS.length] ?? [],
        rates: index % 3 === 2 ? 'meter' : 'exact',
        ...(index % 8 === 0 ? { hits: [2, 20, 22, 40] } : {}),
      }))
    : [
        { family: 4, seed: 100, kinds: KINDS[3] ?? [], rates: 'exact' },
        { family: 6, seed: 101, kinds: KINDS[3] ?? [], rates: 'meter' },
      ];
  for (const { rates, ...options } of runs)
    test(`IPv${String(options.family)}, seed ${String(options.seed)}, ${rates}: ${options.kinds.join(', ')}`, async () => {
      const { family } = options;
      const { tick } = await sendPackets({ sides: [], packets: [] });
      const hz = Math.round(1 / tick);
      const translated = (programs: Parameters<typeof dumpOf>[0]): ReturnType<typeof translate> =>
        translate(readDump(dumpOf(programs), family).input, { target: { hz }, rates, replace: 'table', counters: 'drop', partial: false });
      // What cannot be compiled is left out of the story.
      const { programs, packets } = storyOf(
        { ...options, newConnections: options.kinds.includes('connlimit') },
        tick,
        all,
        (program) => translated([program]).report.unsupported === 0,
      );
      const { file } = translated(programs);
      const job: PacketJob = { sides: [{ kind: 'nft', text: printNft(file) }], packets: packets.map((packet) => packetOf(family, packet)), family };
      const outcome = await sendPackets(job);
      expect(outcome.sides[0]?.stderr).toBe('');
      const expected = simulateNft(file, sentPackets(family, outcome, { programs, packets }), hz);
      const wrong = wrongPackets(outcome, expected, { programs, packets });
      // A tick may pass between the look at the clock and the packet.
      expect(wrong.length <= 2 + packets.length / 2000 ? '' : wrong.slice(0, 5).join('\n\n')).toBe('');
      const fates = new Set(outcome.packets.map(({ sides: [fate] }) => `${fate?.verdict ?? ''} ${String(fate?.mark ?? 0)}`));
      expect(fates.size).toBeGreaterThan(5);
      expect(packets.length).toBeGreaterThan(all ? 300 : 100);
    }, 60_000);
});
