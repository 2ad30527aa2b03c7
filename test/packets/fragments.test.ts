/** Later fragments that nothing puts together: rules that ask for what most bytes look like match them in neither. */

import { expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';

const rules = (family: 4 | 6): readonly string[] => [
  '-p udp -m udp ! --dport 546',
  '-p tcp -m tcp ! --tcp-flags SYN,RST,ACK,FIN SYN',
  '-p tcp -m tcp --tcp-flags SYN NONE',
  '-p udp -m udp --sport 0:60000',
  '-p udp -m multiport ! --dports 1,2',
  '-p tcp -m multiport --ports 5,100:65535',
  family === 4 ? '-p icmp -m icmp ! --icmp-type 8' : '-p ipv6-icmp -m icmp6 ! --icmpv6-type 128',
];

const addresses = { 4: { src: '198.51.100.1', dst: '203.0.113.7' }, 6: { src: '2001:db8:1::1', dst: '2001:db8:9::7' } };

describePackets('later fragments', () => {
  for (const family of [4, 6] as const)
    for (const chain of ['INPUT', 'FORWARD'])
      test(`IPv${String(family)}, ${chain}`, async () => {
        const log = rules(family).map((rule, index) => `-A ${chain} ${rule} -j NFLOG --nflog-prefix "${String(index)}"`);
        const text = ['*filter', ...log, 'COMMIT', ''].join('\n');
        const input = read(createSource('rules.save', text), { kind: 'save', family: family === 4 ? 'ip' : 'ip6' });
        const { file, report } = translate(input, { target: {}, rates: 'meter', replace: 'table', counters: 'drop', partial: false });
        expect(report).toMatchObject({ exact: report.total, remarks: [] });
        const fragments = [undefined, { offset: 0, more: true }, { offset: 80, more: true }, { offset: 80, more: false }];
        const packets = (['udp', 'tcp', family === 4 ? 'icmp' : 'icmpv6'] as const).flatMap((proto) =>
          fragments.map((fragment, index): Packet => ({
            ...addresses[family],
            path: chain === 'INPUT' ? 'in' : 'fwd',
            proto,
            ...(proto.startsWith('icmp')
              ? { icmp: [0, 0] as const }
              : { sport: 5000 + index, dport: 7000, ...(proto === 'tcp' ? { flags: 'ACK' } : {}) }),
            payload: 'some more bytes!',
            ...(fragment === undefined ? {} : { fragment }),
          })),
        );
        const job: PacketJob = {
          sides: [
            { kind: 'iptables-save', text, family },
            { kind: 'nft', text: printNft(file) },
          ],
          packets,
          family,
          conntrack: false,
        };
        const outcome = await sendPackets(job);
        expect(describeDifferences(differences(job, outcome))).toBe('');
        const found = outcome.packets.flatMap(({ sides: [fate] }) => fate?.nflog?.map(({ prefix }) => prefix) ?? []);
        expect(new Set(found).size).toBe(rules(family).length);
      });
});
