/** Names of interfaces that nft has no plain words for: the same packets pass `-i` in iptables and in the translation. */

import { expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

/** Names of interfaces, and what `-i` asks for. */
const NAMES = ['veth-very-long', 'veth-very-long)', 'veth-very-long*', 'veth-very-long+', 'veth-very-longx', 'veth-very-lonf*', 'eth*', 'eth0'];
const ASKED = ['veth-very-long*', 'veth-very-long+', 'eth*', 'eth+', 'eth*+'];

describePackets('interfaces with a star in their name', () => {
  for (const { version, binary } of installedNftVersions())
    test(`nft ${version}`, async () => {
      const rules = ASKED.map((name, index) => `-A INPUT -i ${name} -j NFLOG --nflog-prefix ${String(index)}\n`).join('');
      const text = `*filter\n:INPUT ACCEPT [0:0]\n${version === '0.9.8' ? rules.slice(rules.indexOf('\n') + 1) : rules}COMMIT\n`;
      const { file, report } = translate(read(createSource('rules', text), {}), {
        target: { nft: version },
        rates: 'meter',
        replace: 'none',
        counters: 'drop',
        partial: false,
      });
      expect(report.items).toEqual([]);
      const packets = NAMES.map((iif, index): Packet => ({ iif, src: '192.0.2.1', dst: '203.0.113.7', proto: 'udp', sport: 1000 + index, dport: 9 }));
      const sides: PacketJob['sides'] = [
        { kind: 'iptables-save', text },
        { kind: 'nft', text: printNft(file, { nft: version }), binary },
      ];
      const job: PacketJob = { sides, packets };
      const outcome = await sendPackets(job);
      expect(describeDifferences(differences(job, outcome))).toBe('');
      expect(outcome.packets[7]?.sides[0]?.nflog?.map(({ prefix }) => prefix)).toEqual(['3']);
    });
});
