/** Dumps with thousands of lists of ports: few sets in nft, loaded in little time, and the same packets pass. */
import { expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';
import type { NftFile } from '../../src/nft/ir.js';
import { describeKernel, nftCheck } from '../support/kernel.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

/** `count` rules, each with ports of its own; then some of every kind behind those that use the sets up. */
function dump(count: number): string {
  const rules = Array.from({ length: count }, (_, index) => {
    const [first, second] = [10_000 + index, 40_000 + ((index * 7) % 20_000)];
    return `-A FORWARD -s 10.${String(index >> 8)}.${String(index & 255)}.0/24 -p tcp -m multiport --dports ${String(first)},${String(second)} -j ACCEPT`;
  });
  return `*filter\n:FORWARD ACCEPT [0:0]\n${rules.join('\n')}\n${BEHIND.join('\n')}\nCOMMIT\n`;
}

const BEHIND = [
  '-A FORWARD -p tcp -m multiport --dports 22,80 -j NFLOG --nflog-prefix "a"',
  '-A FORWARD -p tcp -m multiport ! --dports 22,80,443 -j NFLOG --nflog-prefix "b"',
  '-A FORWARD -p tcp -m multiport ! --dports 22,80 -m multiport ! --sports 1005,1020 -j NFLOG --nflog-prefix "f"',
  '-A FORWARD -p tcp -m multiport --ports 22,1000:1010 -j NFLOG --nflog-prefix "c"',
  '[3:180] -A FORWARD -p udp -m multiport --dports 53,123 -m comment --comment "names" -j MARK --set-xmark 0x1/0xffffffff',
  '-A FORWARD -m conntrack --ctstate NEW,INVALID -m addrtype --dst-type LOCAL,MULTICAST -j NFLOG --nflog-prefix "d"',
  '-A FORWARD -p tcp -m multiport --dports 22,80 -m limit --limit 10/hour --limit-burst 3 -j NFLOG --nflog-prefix "e"',
  '-A FORWARD -p udp -m multiport --dports 53,123 -j DROP',
];

function translated(text: string, counters: 'keep' | 'drop' = 'drop'): NftFile {
  const { file, report } = translate(read(createSource('rules.v4', text), { kind: 'save' }), {
    target: {},
    rates: 'exact',
    replace: 'none',
    counters,
    partial: false,
  });
  expect(report.exact).toBe(report.total);
  return file;
}

const anonymousSets = (text: string): number => (text.match(/[^=] \{ [^}\n]*, [^}\n]* \}/g) ?? []).length;

test('few rules have a set each', () => {
  const text = printNft(translated(dump(5)));
  expect(text).toContain('tcp dport { 10003, 40021 } accept');
  expect(text).not.toContain('set ports');
});

test('beyond 1,000 sets, rules share named ones, and then have none', () => {
  const text = printNft(translated(dump(3000), 'keep'));
  expect(anonymousSets(text)).toBeLessThanOrEqual(1010);
  expect(text.match(/^\tset ports/gm)).toHaveLength(1000);
  expect(text).toContain('ip saddr 10.11.183.0/24 tcp dport 12999 counter accept\n\t\tip saddr 10.11.183.0/24 tcp dport 40993 counter accept');
  expect(text).toContain('udp dport 53 counter packets 3 bytes 180 meta mark set 0x1 comment "names"\n');
  expect(text).toContain('udp dport 123 counter meta mark set 0x1 comment "names"\n');
});

describeKernel('many lists of ports', () => {
  test.each(installedNftVersions())('nft $version loads them', async ({ binary, version }) => {
    expect(await nftCheck(printNft(translated(dump(2500)), { nft: version }), binary)).toMatchObject({ status: 0 });
  });
});

describePackets('many lists of ports', () => {
  test.each([1001, 2101])('%d rules before: packets fare the same', async (count) => {
    const text = dump(count);
    const packets: Packet[] = [];
    for (const [proto, ports] of [
      ['tcp', [22, 23, 80, 443, 999, 1000, 1010, 1011, 10_000, 12_100, 40_000, 22, 80, 22]],
      ['udp', [53, 54, 123]],
    ] as const)
      for (const dport of ports)
        for (const src of ['10.0.0.7', '10.8.52.7', '192.0.2.1'])
          packets.push({ path: 'fwd', src, dst: '203.0.113.7', proto, dport, sport: 1005 + packets.length });
    const job: PacketJob = {
      sides: [
        { kind: 'iptables-save', text },
        { kind: 'nft', text: printNft(translated(text)) },
      ],
      packets,
    };
    const outcome = await sendPackets(job);
    expect(outcome.sides.map(({ stderr }) => stderr).join('')).toBe('');
    expect(describeDifferences(differences(job, outcome))).toBe('');
    expect(outcome.packets.some(({ sides: [fate] }) => (fate?.nflog?.length ?? 0) > 1)).toBe(true);
  });
});
