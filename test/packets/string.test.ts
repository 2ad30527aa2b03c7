/** `-m string` where there are few places for the pattern: the same packets are found by iptables and by the comparison of nft. */
import { expect, test } from 'vitest';
import { createSource, printNft, read, translate } from '../../src/api.js';
import { describeDifferences, describePackets, differences, sendPackets, type Packet, type PacketJob } from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

const PAYLOADS = [
  'abc',
  'abcd',
  'xabc',
  'aBC',
  'ABCD1',
  'abcd1',
  'ABCD',
  'ab',
  'xxabc',
  'aaaaa',
  'a',
  '',
  'za',
  '\xff\xff\xff\xffT',
  '\xff\xff\xff\xffTS',
  '\xff\xff\xff',
  '\x41\x62\x03',
];

describePackets('-m string at few places', () => {
  for (const { version, binary } of installedNftVersions())
    test.each([4, 6] as const)(`nft ${version}, IPv%d`, async (family) => {
      // Behind the IP and UDP headers.
      const start = family === 4 ? 28 : 48;
      const rules = ['bm', 'kmp'].flatMap((algorithm) =>
        [
          ['', '--string abc', 3],
          ['! ', '--string abc', 3],
          ['', '--string a', 1],
          ['', '--string abcd1', 5],
          ['', '--icase --string aBcD1', 5],
          ['! ', '--icase --string ABC', 3],
          ['', '--hex-string "|ffffffff54|"', 5],
          ['', '--hex-string "|416203|"', 3],
        ].map(([not, pattern, length]) => {
          const words = String(pattern)
            .replace('--string', `${String(not)}--string`)
            .replace('--hex', `${String(not)}--hex`);
          return `-m string --algo ${algorithm} --from ${String(start)} --to ${String(start + Number(length))} ${words}`;
        }),
      );
      // The length, the last byte of an IPv4 header, and the very first bytes.
      rules.push('-m string --algo bm --from 3 --to 4 --hex-string "|1f|"', '-m string --algo bm --from 0 --to 1 --hex-string "|45|"');
      // Several places: what the pattern is found at first and last, and just behind them; several at once.
      for (const [not, pattern, from, to] of [
        ['', '--string abc', 0, 4],
        ['! ', '--string abc', 0, 4],
        ['', '--string bc', 0, 5],
        ['', '--string a', 0, 5],
        ['', '--icase --string D1', 2, 6],
        ['', '--hex-string "|ff|"', 1, 4],
      ] as const) {
        const words = pattern.replace('--string', `${not}--string`);
        rules.push(`-m string --algo bm --from ${String(start + from)} --to ${String(start + to)} ${words}`);
      }
      const text = `*filter\n${rules.map((rule, index) => `-A INPUT ${rule} -j NFLOG --nflog-prefix "${String(index)}"\n`).join('')}COMMIT\n`;
      const source = createSource('rules', text);
      const { file, report } = translate(read(source, { kind: 'save', family: family === 4 ? 'ip' : 'ip6' }), {
        target: { kernel: '6.18', nft: version },
        rates: 'meter',
        replace: 'none',
        counters: 'drop',
        partial: false,
      });
      expect(report).toMatchObject({ total: rules.length, exact: rules.length });
      const [src, dst] = family === 4 ? ['192.0.2.1', '203.0.113.7'] : ['2001:db8::1', '2001:db8:7::7'];
      const packets = PAYLOADS.map((payload, index): Packet => ({ path: 'in', src, dst, proto: 'udp', sport: 1000 + index, dport: 9, payload }));
      const sides: PacketJob['sides'] = [
        { kind: 'iptables-save', text },
        { kind: 'nft', text: printNft(file, { nft: version }), binary },
      ];
      const job: PacketJob = { sides, packets, family };
      const outcome = await sendPackets(job);
      expect(outcome.sides.map(({ stderr }) => stderr).join('')).toBe('');
      expect(describeDifferences(differences(job, outcome))).toBe('');
      const found = new Set(outcome.packets.flatMap(({ sides: [fate] }) => fate?.nflog?.map(({ prefix }) => prefix) ?? []));
      expect(found.size).toBeGreaterThan(15);
    });
});
