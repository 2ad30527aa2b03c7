/** That whom xt_recent blocks stays blocked for the time left when fwlint translate --recent-state takes its lists along. */

import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { describePackets, sendPackets, type Packet } from '../support/packets.js';

const fwlint = fileURLToPath(new URL('../../dist/fwlint.cjs', import.meta.url));
/** Seconds an address is remembered. */
const WINDOW = 6;

const lists: readonly { readonly name: string; readonly port: number; readonly rules: readonly string[] }[] = [
  ['rcheck', '--rcheck --seconds 6 --hitcount 3'],
  ['update', '--update --seconds 6 --hitcount 3'],
  ['many', '--rcheck --seconds 6 --hitcount 21'],
  ['always', '--rcheck --hitcount 3'],
  ['once', '--rcheck --seconds 6'],
].map(([name = '', check = ''], index) => ({
  name,
  port: 22 + index,
  rules: [`-m recent --name ${name} ${check} -j DROP`, `-m recent --name ${name} --set`],
}));

const dump = [
  '*filter',
  ...lists.flatMap(({ port, rules }) => rules.map((rule) => `-A INPUT -p tcp -m tcp --dport ${port} ${rule}`)),
  'COMMIT',
  '',
].join('\n');

const client = (number: number): string => `198.51.100.${number}`;

/** Loads the rules, has clients seen at several moments, and copies the lists with the clock. */
function banning(folder: string, hz: number): string {
  const seen = (name: string, number: number, times: number): string =>
    Array.from({ length: times }, () => `echo +${client(number)} > /proc/net/xt_recent/${name}`).join('\n');
  return [
    `iptables-legacy-restore <<'END'\n${dump}END`,
    ...lists.flatMap(({ name }) => [seen(name, 1, name === 'many' ? 21 : 3), seen(name, 2, 2)]),
    'sleep 1.5',
    ...lists.map(({ name }) => seen(name, 3, name === 'many' ? 21 : 3)),
    `mkdir ${folder}/lists`,
    `cp /proc/net/xt_recent/* ${folder}/lists/`,
    `sed -n 's/^jiffies: //p' /proc/timer_list | head -n 1 > ${folder}/lists/jiffies`,
    `echo ${hz} > ${folder}/lists/hz`,
  ].join('\n');
}

const ask = (number: number, port: number, t: number): Packet => ({ src: client(number), dst: '203.0.113.7', sport: 5000 + t * 10, dport: port, t });

describePackets('lists carried over', () => {
  for (const rates of ['exact', 'meter'] as const)
    test(
      rates,
      async () => {
        const folder = mkdtempSync(join(tmpdir(), 'fwlint-recent-'));
        try {
          const { tick } = await sendPackets({ sides: [], packets: [] });
          const rules = join(folder, 'rules.save');
          writeFileSync(rules, dump);
          // The window of client 1 ends about 3.5 s after the packets begin, that of client 3 about 5 s; reading and loading takes up to a second.
          const packets = lists
            .flatMap(({ port }) => [
              ask(1, port, 0.2),
              ask(3, port, 0.2),
              ...(port === 23 ? [] : [ask(1, port, 2.2)]),
              ...(port === 23 ? [ask(1, port, 9), ask(3, port, 9.1)] : [ask(1, port, 6), ask(3, port, 6.1)]),
              ask(2, port, 0.3),
              ask(2, port, 0.4),
              ask(9, port, 0.5),
            ])
            .sort((left, right) => (left.t ?? 0) - (right.t ?? 0));
          const outcome = await sendPackets({
            sides: [
              { kind: 'commands', commands: [['sh', '-e', '-c', banning(folder, Math.round(1 / tick))]] },
              {
                kind: 'commands',
                commands: [
                  [
                    'sh',
                    '-e',
                    '-c',
                    `node ${fwlint} translate --rates ${rates} --recent-state ${folder}/lists ${rules} > ${folder}/rules.nft; nft -f ${folder}/rules.nft`,
                  ],
                ],
              },
            ],
            packets,
          });
          expect(outcome.sides.map(({ loaded }) => loaded)).toEqual([true, true]);
          const fates = (side: number, number: number): readonly string[] =>
            outcome.packets
              .filter(({ index }) => packets[index]?.src === client(number))
              .map(({ index, sides }) => `${packets[index]?.dport ?? ''} at ${packets[index]?.t ?? ''}: ${sides[side]?.verdict ?? ''}`);
          for (const number of [1, 3, 9]) expect(fates(1, number)).toEqual(fates(0, number));
          // What is left of a limit is only carried over exactly.
          if (rates === 'exact') expect(fates(1, 2)).toEqual(fates(0, 2));
          expect(fates(0, 1).filter((fate) => fate.endsWith('accepted')).length).toBeGreaterThanOrEqual(3);
          expect(fates(0, 1).filter((fate) => fate.endsWith('dropped')).length).toBeGreaterThanOrEqual(lists.length * 2 - 1);
          expect(outcome.late).toBeLessThan(WINDOW);
        } finally {
          rmSync(folder, { recursive: true });
        }
      },
      60_000,
    );
});
