/** `-m helper`: packets of a data connection that the FTP helper expected, and others, through iptables-legacy and every nft. */

import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { readCases } from '../support/cases.js';
import { loggingSides } from '../support/logging-rules.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob, type Ruleset } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

const CLIENT = { 4: '192.0.2.1', 6: '2001:db8::1' };
const SERVER = { 4: '203.0.113.7', 6: '2001:db8:7::7' };
/** Port 2000 of the client, in the words of FTP. (RFC 959, RFC 2428) */
const ASKS = { 4: 'PORT 192,0,2,1,7,208\r\n', 6: 'EPRT |2|2001:db8::1|2000|\r\n' };

/** An FTP client asks for data on its port 2000, the server opens that connection; then one that nobody asked for. */
function packets(family: 4 | 6): readonly Packet[] {
  const asks: Packet = { path: 'in', src: CLIENT[family], dst: SERVER[family], sport: 1500, dport: 21 };
  const answers: Packet = { path: 'out', src: SERVER[family], dst: CLIENT[family], sport: 21, dport: 1500 };
  return [
    { ...asks, seq: 1000 },
    { ...answers, flags: 'SYN,ACK', seq: 5000, ack: 1001 },
    { ...asks, flags: 'ACK', seq: 1001, ack: 5001 },
    // The helper reads from the end of a line on.
    { ...asks, flags: 'PSH,ACK', seq: 1001, ack: 5001, payload: 'NOOP\r\n' },
    { ...asks, flags: 'PSH,ACK', seq: 1007, ack: 5001, payload: ASKS[family] },
    { ...answers, sport: 20, dport: 2000 },
    { ...answers, sport: 20, dport: 2001 },
    { ...answers, proto: 'udp', sport: 20, dport: 2000 },
    { ...answers, sport: 23, dport: 2002, untracked: true },
  ];
}

/** Gives connections to port 21 the helper, under both rulesets. */
const watches = (family: 4 | 6): Ruleset => ({
  kind: 'iptables-save',
  text: '*raw\n-A PREROUTING -p tcp --dport 21 -j CT --helper ftp\nCOMMIT\n',
  family,
});

const rules = readCases('helper.cases', readFileSync(new URL('../extensions/matches/helper.cases', import.meta.url), 'utf8'))
  .filter(({ family, text, nft, never }) => family === 'ip' && (nft.length > 0 || never !== undefined) && !text.includes(' -j '))
  .map(({ save }) => save[0] ?? '');

describePackets('-m helper', () => {
  for (const nft of installedNftVersions())
    test.each([4, 6] as const)(`nft ${nft.version}, IPv%d`, async (family) => {
      const [iptables, translated] = loggingSides(rules, { table: 'filter', chain: 'OUTPUT', family: family === 4 ? 'ip' : 'ip6' }, nft);
      const job: PacketJob = {
        sides: [
          [watches(family), iptables],
          [watches(family), translated],
        ],
        packets: packets(family),
        family,
      };
      const outcome = await sendPackets(job);
      expect(describeDifferences(differences(job, outcome)), rules.map((rule, place) => `${String(place)} ${rule}`).join('\n')).toBe('');
      const passedBy = (index: number): readonly string[] =>
        outcome.packets[index]?.sides[0]?.nflog?.map(({ prefix }) => rules[Number(prefix)] ?? '') ?? [];
      expect(passedBy(5)).toContain('-m helper --helper ftp');
      expect(passedBy(6)).toContain('-m helper ! --helper ftp');
    });
});
