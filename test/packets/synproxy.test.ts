/** SYNPROXY answers the same SYNs in the same way through iptables-legacy and every nft, and lets the same other packets go on. */

import { expect, test } from 'vitest';
import { printNft } from '../../src/nft/print-text.js';
import { lowerCommand, readRule } from '../support/cases.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

const RULES = [
  '-p tcp -j SYNPROXY',
  '-p tcp -j SYNPROXY --mss 1460 --wscale 7',
  '-p tcp -j SYNPROXY --sack-perm --timestamp --wscale 14 --mss 536',
  '-p tcp -m tcp --dport 42 -m state --state INVALID,UNTRACKED -j SYNPROXY --timestamp --mss 65535',
];

/** An MSS; MSS and window scale; SACK, timestamp, MSS and window scale. */
const OPTIONS = ['', '020405b4', '020405b401030307', '0402080a0000000100000000020405b401030303'];

/** Every mixture of FIN, SYN, RST, PSH and ACK, and those that ask for congestion notification. */
const FLAGS = [...Array<unknown>(32).keys(), 0x42, 0xc2, 0xd2];

const packets = (path: 'in' | 'fwd'): readonly Packet[] =>
  FLAGS.flatMap((flags) =>
    OPTIONS.flatMap((options) =>
      [true, false].map((untracked, place): Packet => ({
        path,
        src: '192.0.2.1',
        dst: '203.0.113.7',
        sport: 1000 + flags * 2 + place,
        dport: 42,
        flags,
        ack: 77,
        options,
        untracked,
      })),
    ),
  );

describePackets('SYNPROXY, packet by packet', () => {
  test.each(RULES)(
    '%s',
    async (rule) => {
      for (const { version, binary } of installedNftVersions())
        for (const [chain, path] of [
          ['INPUT', 'in'],
          ['FORWARD', 'fwd'],
        ] as const) {
          const place = { table: 'filter', chain, family: 'ip' as const };
          const header = { ...place, from: [], families: ['ip' as const], target: { nft: version }, before: [] };
          const { file } = lowerCommand(readRule(rule, place), header);
          if (file === undefined) throw new Error('not translated');
          const job: PacketJob = {
            sides: [
              { kind: 'iptables-save', text: `*filter\n-A ${chain} ${rule}\nCOMMIT\n` },
              { kind: 'nft', binary, text: printNft(file, { nft: version }) },
            ],
            packets: packets(path),
          };
          const outcome = await sendPackets(job);
          expect(describeDifferences(differences(job, outcome)), `nft ${version}, ${chain}`).toBe('');
          const answered = outcome.packets.filter(({ sides }) => sides[0]?.generated?.[0]?.flags === 'SYN,ACK');
          // SYN alone, with PSH, and with what asks for congestion notification.
          expect(answered.length).toBeGreaterThanOrEqual(4 * OPTIONS.length);
        }
    },
    60_000,
  );
});
