/** Rules of the raw table that speak for a packet one after another: the first decides, through iptables-legacy and every nft. */

import { expect, test } from 'vitest';
import { read } from '../../src/api.js';
import { printNft } from '../../src/nft/print-text.js';
import { createSource } from '../../src/text/source.js';
import { translate } from '../../src/translate/translate.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

const DUMP = `*raw
:PREROUTING ACCEPT [0:0]
-A PREROUTING -p udp --dport 53 -j NOTRACK
-A PREROUTING -p tcp --dport 21 -j CT --helper ftp
-A PREROUTING -p icmp -j CT --ctevents new
-A PREROUTING ! -p icmp -j CT --zone 5
-A PREROUTING -p udp --dport 123 -j CT --notrack
-A PREROUTING -p icmp -j NOTRACK
COMMIT
*filter
:INPUT ACCEPT [0:0]
-A INPUT -m conntrack --ctstate UNTRACKED -j NFLOG --nflog-group 7 --nflog-prefix untracked
COMMIT
`;

const packet = { src: '192.0.2.1', dst: '203.0.113.7', sport: 1500 } as const;
const PACKETS: readonly Packet[] = [
  { ...packet, proto: 'udp', dport: 53 },
  { ...packet, proto: 'udp', dport: 123 },
  { ...packet, dport: 21 },
  { ...packet, dport: 80 },
  { ...packet, dport: 80, sport: 1501, untracked: true },
  { ...packet, proto: 'icmp' },
];

describePackets('CT and NOTRACK, one after the other', () => {
  for (const { version, binary } of installedNftVersions())
    test(`nft ${version}`, async () => {
      const { file, report } = translate(read(createSource('rules', DUMP), {}), {
        target: { nft: version },
        rates: 'meter',
        replace: 'table',
        counters: 'drop',
        partial: false,
      });
      expect(report.unsupported).toBe(0);
      const job: PacketJob = {
        sides: [
          { kind: 'iptables-save', text: DUMP },
          { kind: 'nft', binary, text: printNft(file, { nft: version }) },
        ],
        packets: PACKETS,
      };
      const outcome = await sendPackets(job);
      expect(describeDifferences(differences(job, outcome))).toBe('');
      expect(outcome.packets.map(({ sides }) => sides.map(({ nflog }) => nflog?.length ?? 0))).toEqual(
        [1, 0, 0, 0, 1, 0].map((logged) => [logged, logged]),
      );
    });
});
