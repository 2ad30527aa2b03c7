/** Rulesets of both families as tables of `inet`: packets of IPv4 and IPv6 through iptables and ip6tables together, and through the one file of nft. */
import { expect, test } from 'vitest';
import { createSource, joinFamilies, printNft, read, translateAll, type JoinedFile, type Target } from '../../src/api.js';
import { nftCheck } from '../support/kernel.js';
import {
  connection,
  describeDifferences,
  describePackets,
  differences,
  sendPacketJobs,
  sendPackets,
  type Packet,
  type PacketJob,
} from '../support/packets.js';
import { installedNftVersions } from '../support/versions.js';

function join(four: string, six: string, target: Target = {}): JoinedFile {
  const inputs = [createSource('rules.v4', four), createSource('rules.v6', six)].map((source, index) =>
    read(source, { kind: 'save', family: index === 0 ? 'ip' : 'ip6' }),
  );
  const { file, report } = translateAll(inputs, { target, rates: 'exact', replace: 'none', counters: 'drop', partial: false });
  expect(report.items.filter(({ kind }) => kind === 'unsupported')).toEqual([]);
  return joinFamilies(file, target);
}

const CLIENTS = { 4: ['192.0.2.1', '198.51.100.9'], 6: ['2001:db8::1', '2001:db8:9::9'] } as const;
const SERVERS = { 4: '203.0.113.7', 6: '2001:db8:7::7' } as const;

/** Every family, way, client and kind of packet, some of them twice, and two connections that were open before. */
function packets(): readonly Packet[] {
  const kinds: readonly Partial<Packet>[] = [
    ...[22, 80, 81, 443, 2222].map((dport): Partial<Packet> => ({ proto: 'tcp', dport })),
    ...[53, 80, 123].map((dport): Partial<Packet> => ({ proto: 'udp', dport })),
    { proto: 'icmp' },
    { proto: 'icmpv6' },
    { proto: 'gre' },
    { proto: 'tcp', dport: 22, mark: 7 },
  ];
  const made: Packet[] = [];
  let sport = 1024;
  for (const family of [4, 6] as const)
    for (const path of ['in', 'fwd', 'out'] as const)
      for (const client of CLIENTS[family])
        for (const kind of [...kinds, ...kinds.slice(0, 3)]) {
          sport += 1;
          const [src, dst] = path === 'out' ? [SERVERS[family], client] : [client, SERVERS[family]];
          made.push({ path, src, dst, ...(kind.dport === undefined ? {} : { sport }), ...kind });
        }
  const open = ([4, 6] as const).flatMap((family) =>
    connection({ path: 'in', src: CLIENTS[family][0], dst: SERVERS[family], sport: 999, dport: 5000 }),
  );
  const later = ([4, 6] as const).map((family): Packet => ({
    path: 'in',
    src: CLIENTS[family][0],
    dst: SERVERS[family],
    sport: 999,
    dport: 5000,
    flags: 'ACK',
  }));
  return [...open, ...made, ...later];
}

const table = (name: string, lines: readonly string[]): string => `*${name}\n${lines.join('\n')}\nCOMMIT\n`;
const policies = (input: string, forward: string, output: string): readonly string[] => [
  `:INPUT ${input} [0:0]`,
  `:FORWARD ${forward} [0:0]`,
  `:OUTPUT ${output} [0:0]`,
];

const RULESETS: readonly (readonly [name: string, four: string, six: string])[] = [
  [
    'the same rules',
    table('filter', [
      ...policies('DROP', 'DROP', 'ACCEPT'),
      '-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
      '-A INPUT -p tcp --dport 22 -j ACCEPT',
      '-A FORWARD -j REJECT',
    ]),
    table('filter', [
      ...policies('DROP', 'DROP', 'ACCEPT'),
      '-A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT',
      '-A INPUT -p tcp --dport 22 -j ACCEPT',
      '-A FORWARD -j REJECT',
    ]),
  ],
  [
    'policies that differ, and RETURN to them',
    table('filter', [
      ...policies('DROP', 'ACCEPT', 'DROP'),
      '-A INPUT -p tcp --dport 22 -j RETURN',
      '-A INPUT -p tcp -j ACCEPT',
      '-A OUTPUT -p udp -j ACCEPT',
    ]),
    table('filter', [
      ...policies('ACCEPT', 'DROP', 'ACCEPT'),
      '-A INPUT -p tcp --dport 22 -j RETURN',
      '-A INPUT -p tcp -j DROP',
      '-A FORWARD -p udp -j ACCEPT',
    ]),
  ],
  [
    'one family only has a chain with a policy',
    table('filter', [...policies('DROP', 'DROP', 'DROP'), '-A INPUT -p tcp --dport 80 -j ACCEPT']),
    table('filter', [...policies('ACCEPT', 'ACCEPT', 'ACCEPT'), '-A OUTPUT -p tcp --dport 80 -j DROP']),
  ],
  [
    'the same rules in another order',
    table('filter', [
      ...policies('ACCEPT', 'ACCEPT', 'ACCEPT'),
      '-A INPUT -p tcp -m mark --mark 7 -j ACCEPT',
      '-A INPUT -p tcp --dport 80 -j ACCEPT',
      '-A INPUT -m mark --mark 1 -j DROP',
      '-A INPUT -p tcp --dport 80 -j REJECT',
    ]),
    table('filter', [
      ...policies('ACCEPT', 'ACCEPT', 'ACCEPT'),
      '-A INPUT -p tcp --dport 80 -j REJECT',
      '-A INPUT -p tcp --dport 80 -j ACCEPT',
      '-A INPUT -m mark --mark 7 -j DROP',
      '-A INPUT -p tcp -j DROP',
    ]),
  ],
  [
    'kinds of rejection',
    table('filter', [
      ...policies('ACCEPT', 'ACCEPT', 'ACCEPT'),
      '-A FORWARD -p tcp --dport 22 -j REJECT --reject-with tcp-reset',
      '-A FORWARD -p tcp --dport 80 -j REJECT --reject-with icmp-net-unreachable',
      '-A FORWARD -p tcp --dport 81 -j REJECT --reject-with icmp-host-unreachable',
      '-A FORWARD -p tcp --dport 443 -j REJECT --reject-with icmp-admin-prohibited',
      '-A FORWARD -p udp --dport 53 -j REJECT --reject-with icmp-port-unreachable',
      '-A FORWARD -p udp --dport 80 -j REJECT --reject-with icmp-host-prohibited',
      '-A FORWARD -j REJECT',
    ]),
    table('filter', [
      ...policies('ACCEPT', 'ACCEPT', 'ACCEPT'),
      '-A FORWARD -p tcp --dport 22 -j REJECT --reject-with tcp-reset',
      '-A FORWARD -p tcp --dport 80 -j REJECT --reject-with icmp6-no-route',
      '-A FORWARD -p tcp --dport 81 -j REJECT --reject-with icmp6-addr-unreachable',
      '-A FORWARD -p tcp --dport 443 -j REJECT --reject-with icmp6-adm-prohibited',
      '-A FORWARD -p udp --dport 53 -j REJECT --reject-with icmp6-port-unreachable',
      '-A FORWARD -p udp --dport 80 -j REJECT --reject-with icmp6-policy-fail',
      '-A FORWARD -j REJECT',
    ]),
  ],
  [
    'ICMP of each family, and the number of the other',
    table('filter', [
      ...policies('ACCEPT', 'ACCEPT', 'ACCEPT'),
      '-A INPUT -p icmp --icmp-type echo-request -j DROP',
      '-A FORWARD -p icmp -j DROP',
      '-A OUTPUT -p 58 -j DROP',
    ]),
    table('filter', [
      ...policies('ACCEPT', 'ACCEPT', 'ACCEPT'),
      '-A INPUT -p icmpv6 --icmpv6-type echo-request -j DROP',
      '-A FORWARD -p icmp -j DROP',
      '-A OUTPUT -p 58 -j DROP',
    ]),
  ],
  [
    'what counts packets counts those of its family',
    table('filter', [
      ...policies('DROP', 'ACCEPT', 'ACCEPT'),
      '-A INPUT -m limit --limit 10/hour --limit-burst 3 -j ACCEPT',
      '-A INPUT -m statistic --mode nth --every 3 --packet 0 -j ACCEPT',
      '-A FORWARD -p tcp -m recent --name seen --update --seconds 600 --hitcount 3 -j DROP',
      '-A FORWARD -p tcp -m recent --name seen --set',
    ]),
    table('filter', [
      ...policies('DROP', 'ACCEPT', 'ACCEPT'),
      '-A INPUT -m limit --limit 10/hour --limit-burst 3 -j ACCEPT',
      '-A INPUT -m statistic --mode nth --every 3 --packet 0 -j ACCEPT',
      '-A FORWARD -p tcp -m recent --name seen --update --seconds 600 --hitcount 3 -j DROP',
      '-A FORWARD -p tcp -m recent --name seen --set',
    ]),
  ],
  [
    'chains of the same name, partly the same',
    table('filter', [
      ...policies('ACCEPT', 'ACCEPT', 'ACCEPT'),
      ':allowed - [0:0]',
      ':only4 - [0:0]',
      '-A INPUT -j allowed',
      '-A INPUT -p udp -j only4',
      '-A INPUT -g allowed',
      '-A only4 -p udp --dport 123 -j DROP',
      '-A allowed -p tcp --dport 22 -j ACCEPT',
      '-A allowed -s 198.51.100.9 -j RETURN',
      '-A allowed -p tcp --dport 80 -j DROP',
    ]),
    table('filter', [
      ...policies('ACCEPT', 'ACCEPT', 'ACCEPT'),
      ':allowed - [0:0]',
      '-A INPUT -j allowed',
      '-A INPUT -p udp -j DROP',
      '-A INPUT -g allowed',
      '-A allowed -p tcp --dport 22 -j ACCEPT',
      '-A allowed -s 2001:db8::1 -j DROP',
      '-A allowed -p tcp --dport 80 -j DROP',
    ]),
  ],
  [
    'jumps that would be a loop together',
    table('filter', [
      ...policies('ACCEPT', 'ACCEPT', 'ACCEPT'),
      ':a - [0:0]',
      ':b - [0:0]',
      '-A INPUT -j a',
      '-A INPUT -j b',
      '-A a -p tcp -j b',
      '-A b -p tcp --dport 80 -j DROP',
    ]),
    table('filter', [
      ...policies('ACCEPT', 'ACCEPT', 'ACCEPT'),
      ':a - [0:0]',
      ':b - [0:0]',
      '-A INPUT -j a',
      '-A INPUT -j b',
      '-A b -p udp -j a',
      '-A a -p udp --dport 53 -j DROP',
    ]),
  ],
  [
    'NAT, and a chain reached from different hooks',
    table('nat', [
      ':PREROUTING ACCEPT [0:0]',
      ':INPUT ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ':POSTROUTING ACCEPT [0:0]',
      ':own - [0:0]',
      '-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 203.0.113.80:8080',
      '-A PREROUTING -p tcp --dport 81 -j REDIRECT --to-ports 8081',
      '-A POSTROUTING -j own',
      '-A own -p udp -j MASQUERADE',
      '-A own -p tcp --dport 443 -j SNAT --to-source 192.0.2.99',
    ]),
    table('nat', [
      ':PREROUTING ACCEPT [0:0]',
      ':INPUT ACCEPT [0:0]',
      ':OUTPUT ACCEPT [0:0]',
      ':POSTROUTING ACCEPT [0:0]',
      ':own - [0:0]',
      '-A PREROUTING -p tcp --dport 80 -j DNAT --to-destination [2001:db8:7::80]:8080',
      '-A PREROUTING -p tcp --dport 81 -j REDIRECT --to-ports 8081',
      '-A PREROUTING -j own',
      '-A own -p tcp --dport 443 -j DNAT --to-destination 2001:db8:7::99',
      '-A POSTROUTING -p udp -j MASQUERADE',
    ]),
  ],
  [
    'marks, connections and addresses of this host',
    table('mangle', [
      '-A PREROUTING -p tcp -j CONNMARK --set-mark 3',
      '-A PREROUTING -m addrtype --dst-type LOCAL -j MARK --set-mark 9',
      '-A OUTPUT -p tcp --dport 22 -j MARK --set-mark 4',
      '-A FORWARD -m conntrack --ctorigsrc 192.0.2.1 -j MARK --set-mark 5',
      '-A FORWARD -m conntrack --ctproto udp --ctorigdstport 53 -j MARK --set-mark 8',
      '-A INPUT -m conntrack --ctproto tcp --ctorigdstport 80 -j MARK --set-mark 8',
    ]) + table('raw', ['-A PREROUTING -p udp --dport 53 -j CT --notrack']),
    table('mangle', [
      '-A PREROUTING -p tcp -j CONNMARK --set-mark 3',
      '-A PREROUTING -m addrtype --dst-type LOCAL -j MARK --set-mark 9',
      '-A OUTPUT -p tcp --dport 22 -j MARK --set-mark 4',
      '-A FORWARD -m conntrack --ctorigsrc 2001:db8::1 -j MARK --set-mark 6',
      '-A FORWARD -m conntrack --ctproto udp --ctorigdstport 53 -j MARK --set-mark 8',
    ]) + table('raw', ['-A PREROUTING -p udp --dport 53 -j CT --notrack', '-A PREROUTING -p udp --dport 123 -j DROP']),
  ],
  [
    'IPv4 alone',
    table('filter', [
      ...policies('DROP', 'ACCEPT', 'ACCEPT'),
      '-A INPUT -p tcp -j ACCEPT',
      '-A FORWARD -s 192.0.2.1 -j DROP',
      '-A FORWARD -m conntrack --ctproto udp --ctorigdstport 53 -j DROP',
    ]),
    '',
  ],
];

describePackets('families in one table', () => {
  for (const nft of installedNftVersions())
    test.each(RULESETS)(`nft ${nft.version}: %s`, async (_name, four, six) => {
      const { file } = join(four, six, { nft: nft.version });
      expect(file.tables.map(({ family }) => family)).toEqual(file.tables.map(() => 'inet'));
      const text = printNft(file, { nft: nft.version });
      const sides: PacketJob['sides'] = [
        [
          { kind: 'iptables-save', text: four, family: 4 },
          { kind: 'iptables-save', text: six, family: 6 },
        ],
        { kind: 'nft', text, binary: nft.binary },
      ];
      const job: PacketJob = { sides, packets: packets() };
      const outcome = await sendPackets(job);
      expect(outcome.sides.map(({ stderr }) => stderr).join(''), text).toBe('');
      expect(describeDifferences(differences(job, outcome)), text).toBe('');
      expect(new Set(outcome.packets.map(({ sides: [fate] }) => JSON.stringify([fate?.verdict, fate?.changed, fate?.mark]))).size).toBeGreaterThan(1);
    });
});

/** A rule of each family that says the same, or one that the other family does not have. */
const POOL: readonly (readonly [four: string, six: string])[] = [
  ...[
    '-p tcp --dport 22 -j ACCEPT',
    '-p tcp --dport 80 -j DROP',
    '-p udp -j RETURN',
    '-m conntrack --ctstate ESTABLISHED -j ACCEPT',
    '-j one',
    '-g two',
    '-p tcp -j two',
    '-m mark --mark 7 -j ACCEPT',
    '-p tcp -m multiport --dports 80,443 -j REJECT',
    '-m limit --limit 10/hour --limit-burst 4 -j ACCEPT',
    '-p udp --dport 123 -j REJECT',
  ].map((rule) => [rule, rule] as const),
  ['-s 192.0.2.1 -j ACCEPT', '-s 2001:db8::1 -j ACCEPT'],
  ['! -s 192.0.2.1 -p tcp -j DROP', '! -s 2001:db8::1 -p tcp -j DROP'],
  ['-p icmp -j ACCEPT', '-p icmpv6 -j ACCEPT'],
  ['-p tcp -j REJECT --reject-with icmp-net-unreachable', '-p tcp -j REJECT --reject-with icmp6-no-route'],
];

/** Two rulesets that have much in common, from a seed. */
function random(seed: number): readonly [string, string] {
  let state = seed;
  const below = (count: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) & 0x7fffffff;
    return (state >>> 8) % count;
  };
  const drop = (): string => (below(3) === 0 ? 'DROP' : 'ACCEPT');
  const common = policies(drop(), drop(), 'ACCEPT');
  const own = [common, below(3) === 0 ? policies(drop(), drop(), 'ACCEPT') : common].map((head) => [...head, ':one - [0:0]', ':two - [0:0]']);
  for (let rule = 0; rule < 14; rule++) {
    const chain = ['INPUT', 'INPUT', 'FORWARD', 'one', 'two'][below(5)] ?? '';
    const [four, six] = POOL[below(POOL.length)] ?? ['', ''];
    // A jump backwards would be a loop.
    if ((chain === 'one' && four.includes(' one')) || (chain === 'two' && / (?:one|two)$/.test(four))) continue;
    const which = below(5);
    if (which !== 0) own[0]?.push(`-A ${chain} ${four}`);
    if (which !== 1) own[1]?.push(`-A ${chain} ${six}`);
  }
  return [table('filter', own[0] ?? []), table('filter', own[1] ?? [])];
}

/** Pairs of one test: with everything else that runs, as many as are done within the time of a test. */
const PAIRS_OF_A_TEST = 20;

describePackets('rulesets made at random', () => {
  const count = process.env['FWLINT_PACKETS'] === 'all' ? 200 : 12;
  const firsts = Array.from({ length: Math.ceil(count / PAIRS_OF_A_TEST) }, (_, part) => part * PAIRS_OF_A_TEST + 1);
  test.each(firsts.map((first) => [first, Math.min(first + PAIRS_OF_A_TEST - 1, count)] as const))(
    'pairs %i to %i',
    async (first, last) => {
      const pairs = Array.from({ length: last - first + 1 }, (_, index) => random((first + index) * 7919));
      const texts = pairs.map(([four, six]) => printNft(join(four, six).file));
      const jobs = pairs.map(([four, six], index): PacketJob => ({
        sides: [
          [
            { kind: 'iptables-save', text: four, family: 4 },
            { kind: 'iptables-save', text: six, family: 6 },
          ],
          { kind: 'nft', text: texts[index] ?? '' },
        ],
        packets: packets(),
      }));
      for (const [index, outcome] of (await sendPacketJobs(jobs)).entries()) {
        const shown = `${pairs[index]?.join('') ?? ''}${texts[index] ?? ''}`;
        expect(outcome.sides.map(({ stderr }) => stderr).join(''), shown).toBe('');
        expect(describeDifferences(differences(jobs[index] as PacketJob, outcome)), shown).toBe('');
      }
    },
    300_000,
  );

  test('what inet does not have stays in tables of its own', async () => {
    const tee = (gateway: string): string => table('mangle', [`-A PREROUTING -p udp -j TEE --gateway ${gateway}`]);
    const { file, remarks } = join(
      tee('192.0.2.5') + table('filter', ['-A INPUT -j DROP']),
      tee('2001:db8::5') + table('filter', ['-A INPUT -j DROP']),
    );
    expect(file.tables.map(({ family, name }) => `${family} ${name}`)).toEqual(['ip mangle', 'ip6 mangle', 'inet filter']);
    expect(remarks).toContain('table mangle is not one of inet: nft has no `dup` (TEE) in inet');
    expect(await nftCheck(printNft(file))).toMatchObject({ status: 0 });
  });
});
