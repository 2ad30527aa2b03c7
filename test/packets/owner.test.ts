/**
 * Rules that packets pass unless a socket's owner says otherwise, with targets that leave their chain: nft cannot turn such a test round, so these rules
 * become chains of their own, and what follows them as well. The same packets through iptables-legacy and every nft.
 */

import { expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

const DUMPS: readonly (readonly [name: string, dump: string])[] = [
  [
    'verdicts and returns in the filter table',
    `*filter
:INPUT ACCEPT [0:0]
:FORWARD ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:PROXY - [0:0]
:OTHER - [0:0]
-A OUTPUT -p tcp -j PROXY
-A OUTPUT -p udp -m owner ! --uid-owner 5 -j DROP
-A OUTPUT -p icmp -m owner ! --uid-owner 5 -m owner ! --gid-owner 6 -j NFLOG --nflog-group 4
-A OUTPUT -p tcp --dport 80 -j NFLOG --nflog-group 3
-A PROXY -p tcp --dport 22 -j ACCEPT
-A PROXY ! -d 127.0.0.1/32 -p tcp -m tcp ! --dport 53 -m owner ! --uid-owner 7 -j RETURN
-A PROXY -p tcp --dport 443 -m owner ! --gid-owner 6 -m limit --limit 100/second --limit-burst 1000 -j RETURN
-A PROXY -p tcp --dport 53 -j REJECT --reject-with tcp-reset
-A PROXY -p tcp --dport 443 -j DROP
-A PROXY -p tcp --dport 80 -m owner ! --uid-owner 8 -g OTHER
-A PROXY -p tcp --dport 80 -j DROP
-A OTHER -p tcp --sport 1024 -j DROP
COMMIT
`,
  ],
  [
    'a proxy that traffic is redirected to',
    `*nat
:PREROUTING ACCEPT [0:0]
:INPUT ACCEPT [0:0]
:OUTPUT ACCEPT [0:0]
:POSTROUTING ACCEPT [0:0]
:CATCH - [0:0]
-A OUTPUT -p tcp -j CATCH
-A CATCH -p tcp -m tcp --dport 22 -m owner ! --uid-owner 7 -j RETURN
-A CATCH -m owner --uid-owner 8 -j RETURN
-A CATCH -p tcp -m owner ! --gid-owner 6 -j RETURN
-A CATCH -p tcp -j REDIRECT --to-ports 15001
COMMIT
`,
  ],
];

const BASE: Packet = { path: 'out', src: '203.0.113.7', dst: '192.0.2.1' };

/** From every owner to every port, each from a port of its own. */
const PACKETS: readonly Packet[] = [0, 5, 7, 8]
  .flatMap((uid) => [0, 6].map((gid) => ({ uid, gid })))
  .flatMap((owner, place) => [
    ...[22, 53, 80, 443, 8080].map((dport, port): Packet => ({ ...BASE, ...owner, sport: 2000 + 10 * place + port, dport })),
    { ...BASE, ...owner, sport: 1024, dport: 80 },
    { ...BASE, ...owner, proto: 'udp', sport: 1024, dport: 80 },
    { ...BASE, ...owner, proto: 'icmp' },
  ]);

describePackets('-m owner !', () => {
  for (const nft of installedNftVersions())
    test.each(DUMPS)(`%s, nft ${nft.version}`, async (_name, dump) => {
      const { file, report } = translate(read(createSource('rules', dump), {}), {
        target: { nft: nft.version },
        rates: 'meter',
        replace: 'none',
        counters: 'drop',
        partial: false,
      });
      expect(report.items).toEqual([]);
      const text = printNft(file, { nft: nft.version });
      const job: PacketJob = {
        sides: [
          { kind: 'iptables-save', text: dump },
          { kind: 'nft', binary: nft.binary, text },
        ],
        packets: PACKETS,
      };
      expect(describeDifferences(differences(job, await sendPackets(job))), text).toBe('');
    });
});
