/** That the packet runner sees what rules do to packets, and says nothing where there is nothing to see. */
import { execFileSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import {
  answerTo,
  confirmAlone,
  connection,
  describeDifferences,
  describePackets,
  differences,
  lostWithoutRules,
  sendPacketJobs,
  sendPackets,
} from '../support/packets.js';
import type { Fate, Packet, PacketJob, Ruleset } from '../support/packets.js';

/** Whether logs of namespaces go to the machine, asked while no other job may have changed it: under the lock of sender.py's KernelLog. */
function logSetting(): string {
  const ask =
    'import fcntl, os, sys; fcntl.flock(os.open(sys.argv[1], os.O_RDWR | os.O_CREAT, 0o600), fcntl.LOCK_EX); print(open(sys.argv[2]).read())';
  const lock = join(tmpdir(), 'fwlint-kernel-log.lock');
  return execFileSync('python3', ['-c', ask, lock, '/proc/sys/net/netfilter/nf_log_all_netns'], { encoding: 'utf8' });
}

const outside = '192.0.2.1';
const here = '203.0.113.7';
const tcp = (dport: number, more: Partial<Packet> = {}): Packet => ({
  src: outside,
  dst: here,
  sport: 40000,
  dport,
  ...more,
});
const udp = (dport: number, more: Partial<Packet> = {}): Packet => tcp(dport, { proto: 'udp', ...more });
const ping: Packet = { src: outside, dst: here, proto: 'icmp' };

const save = (...lines: readonly string[]): Ruleset => ({ kind: 'iptables-save', text: `${lines.join('\n')}\n` });
const filter = (...rules: readonly string[]): Ruleset => save('*filter', ...rules, 'COMMIT');
const nft = (text: string): Ruleset => ({ kind: 'nft', text });
const inputChain = (...rules: readonly string[]): string =>
  `chain INPUT {\n type filter hook input priority 0; policy accept;\n${rules.join('\n')}\n}\n`;

/** What one ruleset does to each packet that is sent after it was loaded. */
async function fates(side: Ruleset, packets: readonly Packet[], more: Partial<PacketJob> = {}): Promise<readonly Fate[]> {
  const outcome = await sendPackets({ sides: [side], packets, ...more });
  expect(outcome.sides).toEqual([{ loaded: true, stderr: '' }]);
  return outcome.packets.map(({ sides }) => sides[0] as Fate);
}

const verdicts = (all: readonly Fate[]): readonly string[] => all.map(({ verdict }) => verdict);

const firewall = filter(
  ':INPUT DROP [0:0]',
  '-A INPUT -i lo -j ACCEPT',
  '-A INPUT -m conntrack --ctstate RELATED,ESTABLISHED -j ACCEPT',
  '-A INPUT -p tcp -m tcp --dport 22 -j ACCEPT',
  '-A INPUT -p tcp -m tcp --dport 113 -j REJECT --reject-with tcp-reset',
  '-A INPUT -p udp -m udp --dport 53 -j REJECT --reject-with icmp-port-unreachable',
  '-A FORWARD -i eth0 -p tcp -m tcp --dport 25 -j DROP',
  '-A OUTPUT -p tcp -m tcp --dport 25 -j REJECT --reject-with icmp-admin-prohibited',
);

/** The same, but with port 222 for 22. */
const otherFirewall = nft(`flush ruleset
table ip filter {
  chain INPUT {
    type filter hook input priority 0; policy drop;
    iif "lo" accept
    ct state established,related accept
    tcp dport 222 accept
    tcp dport 113 reject with tcp reset
    udp dport 53 reject
  }
  chain FORWARD {
    type filter hook forward priority 0; policy accept;
    iifname "eth0" tcp dport 25 drop
  }
  chain OUTPUT {
    type filter hook output priority 0; policy accept;
    tcp dport 25 reject with icmp type admin-prohibited
  }
}
`);

const everyKind: readonly Packet[] = [
  ...connection(tcp(443)),
  tcp(22),
  tcp(23),
  tcp(113),
  tcp(443, { flags: 'ACK' }),
  udp(53),
  ping,
  ping,
  tcp(25, { path: 'fwd' }),
  tcp(26, { path: 'fwd' }),
  tcp(25, { path: 'out' }),
  { path: 'lo', src: '127.0.0.1', dst: '127.0.0.1', dport: 631 },
];

describePackets('packet runner', () => {
  test('a ruleset does not differ from itself, and every kind of verdict is seen', async () => {
    const job: PacketJob = { sides: [firewall, firewall], packets: everyKind };
    const outcome = await sendPackets(job);
    expect(describeDifferences(differences(job, outcome))).toBe('');
    const first = outcome.packets.map(({ sides }) => sides[0] as Fate);
    expect(first.map(({ verdict, to, rejection }) => [verdict, to ?? rejection].flat())).toEqual([
      ['accepted', 'local'],
      ['dropped', undefined],
      ['rejected', { kind: 'tcp-reset' }],
      ['accepted', 'local'],
      ['rejected', { kind: 'icmp', type: 3, code: 3 }],
      ['dropped', undefined],
      ['dropped', undefined],
      ['dropped', undefined],
      ['accepted', 'eth1'],
      ['rejected', { kind: 'icmp', type: 3, code: 13 }],
      ['accepted', 'local'],
    ]);
    expect(outcome.packets[0]?.index).toBe(3);
    expect(await lostWithoutRules(job)).toEqual([]);
  });

  test('iptables-nft loads a dump as well as iptables-legacy', async () => {
    const job: PacketJob = {
      sides: [firewall, { ...firewall, binary: 'iptables-nft-restore' } as Ruleset],
      packets: everyKind,
    };
    expect(describeDifferences(differences(job, await sendPackets(job)))).toBe('');
  });

  test('a wrong translation is found, with the packet that shows it, also alone', async () => {
    const job: PacketJob = { sides: [firewall, otherFirewall], packets: [...everyKind, tcp(222)] };
    const found = differences(job, await sendPackets(job));
    expect(found.map(({ packet, expected, actual }) => [packet.dport, expected.verdict, actual.verdict])).toEqual([
      [22, 'accepted', 'dropped'],
      [222, 'dropped', 'accepted'],
    ]);
    expect(describeDifferences(found.slice(0, 1))).toBe(
      '#3 in:eth0 tcp 192.0.2.1:40000 > 203.0.113.7:22\n  side 0: accepted > local\n  side 1: dropped',
    );
    expect((await confirmAlone(job, found)).map(({ alone }) => alone)).toEqual([true, true]);
  });

  test('a ruleset that does not load is reported with the words of the tool', async () => {
    const job: PacketJob = { sides: [firewall, nft('table ip x { chain }')], packets: [ping] };
    const outcome = await sendPackets(job);
    expect(outcome.sides.map(({ loaded }) => loaded)).toEqual([true, false]);
    expect(outcome.sides[1]?.stderr).toContain('syntax error');
    expect(outcome.packets).toEqual([]);
    expect(() => differences(job, outcome)).toThrow('side 1 was not loaded');
  });

  test('a job with a misspelt key is refused', async () => {
    const packet = { ...ping, sorce: outside } as Packet;
    await expect(sendPackets({ sides: [firewall], packets: [packet] })).rejects.toThrow('unknown key in packet: sorce');
    await expect(sendPackets({ sides: [firewall], packets: [{ ...ping, src: 'x' }] })).rejects.toThrow('ValueError');
    await expect(sendPackets({ sides: [firewall], packets: [tcp(1, { length: 10 })] })).rejects.toThrow('BadPacket');
  });

  test('connection states', async () => {
    const state = (name: string): Ruleset => filter(`-A INPUT -m conntrack --ctstate ${name} -j DROP`);
    const packets: readonly Packet[] = [
      ...connection(tcp(80)),
      ...connection(udp(80, { path: 'out', src: here, dst: outside })),
      tcp(81, { sport: 40001 }),
      tcp(80, { flags: 'ACK' }),
      answerTo(udp(80, { path: 'out', src: here, dst: outside })),
      // About the connection of this machine to port 80 of the other.
      {
        ...ping,
        icmp: [3, 1],
        quote: { proto: 'udp', src: here, dst: outside, sport: 40000, dport: 80 },
      },
      tcp(82, { flags: 'SYN,FIN' }),
      tcp(83, { untracked: true }),
    ];
    const names = ['NEW', 'ESTABLISHED', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];
    const jobs = [...new Set(names)].map((name) => ({ sides: [state(name)], packets }));
    const outcomes = await sendPacketJobs(jobs);
    const dropped = outcomes.map(({ packets: sent }) => sent.flatMap(({ sides }) => (sides[0]?.verdict === 'dropped' ? 'D' : '.')));
    expect(dropped.map((line) => line.join(''))).toEqual(['D.....', '.DD...', '...D..', '....D.', '.....D']);
  });

  test('addresses, ports and answers through NAT', async () => {
    const rules = save(
      '*nat',
      '-A PREROUTING -p tcp -m tcp --dport 80 -j DNAT --to-destination 10.9.9.9:8080',
      '-A PREROUTING -p tcp -m tcp --dport 81 -j REDIRECT --to-ports 3128',
      '-A POSTROUTING -o eth1 -j MASQUERADE',
      'COMMIT',
    );
    const all = await fates(rules, [tcp(80, { path: 'fwd', reply: true }), tcp(81, { reply: true }), tcp(90, { path: 'fwd', sport: 40001 })]);
    expect(all).toEqual([
      {
        verdict: 'accepted',
        to: 'eth1',
        changed: { src: '100.100.1.1', dst: '10.9.9.9', dport: 8080 },
        reply: { verdict: 'accepted', to: 'eth0', changed: { src: here, dst: outside, sport: 80 } },
      },
      {
        verdict: 'accepted',
        to: 'local',
        changed: { dst: '100.100.0.1', dport: 3128 },
        reply: { verdict: 'accepted', to: 'eth0', changed: { src: here, sport: 81 } },
      },
      { verdict: 'accepted', to: 'eth1', changed: { src: '100.100.1.1' } },
    ]);
  });

  test('marks, mangling, priority', async () => {
    const rules = save(
      '*mangle',
      '-A FORWARD -p udp -j MARK --set-xmark 0x7/0xffffffff',
      '-A FORWARD -p udp -j CONNMARK --set-xmark 0x9/0xffffffff',
      '-A FORWARD -p tcp -j CLASSIFY --set-class 0012:0034',
      '-A FORWARD -p tcp -j TOS --set-tos 0x10/0xff',
      '-A FORWARD -p icmp -m mark --mark 0x5 -j TTL --ttl-set 99',
      'COMMIT',
    );
    const all = await fates(rules, [udp(1, { path: 'fwd' }), tcp(1, { path: 'fwd' }), { ...ping, path: 'fwd', mark: 5 }, { ...ping, path: 'fwd' }]);
    expect(all).toEqual([
      { verdict: 'accepted', to: 'eth1', mark: 7, ctMark: 9 },
      { verdict: 'accepted', to: 'eth1', priority: 0x120034, changed: { tos: 16 } },
      { verdict: 'accepted', to: 'eth1', mark: 5, changed: { ttl: 99 } },
      { verdict: 'accepted', to: 'eth1' },
    ]);
  });

  test('what a rule can ask of a packet reaches it', async () => {
    const matches: readonly (readonly [match: string, hit: Packet, miss: Packet])[] = [
      ['-i ppp0', tcp(1, { iif: 'ppp0' }), tcp(1)],
      ['-m mac --mac-source 02:11:22:33:44:55', tcp(1, { macSource: '02:11:22:33:44:55' }), tcp(1)],
      ['-m pkttype --pkt-type broadcast', udp(67, { macDestination: 'ff:ff:ff:ff:ff:ff' }), udp(67)],
      ['-m length --length 700', udp(1, { length: 700 }), udp(1, { length: 701 })],
      ['-m string --string evil --algo bm', udp(1, { payload: 'so evil' }), udp(1, { payload: 'good' })],
      ['-m ttl --ttl-lt 10', udp(1, { ttl: 9 }), udp(1, { ttl: 10 })],
      ['-m dscp --dscp 0x2e', udp(1, { tos: 0xb8 }), udp(1)],
      ['-p tcp --tcp-flags ALL FIN,PSH,URG', tcp(1, { flags: 'FIN,PSH,URG' }), tcp(1, { flags: 'FIN,PSH' })],
      ['-p tcp -m tcpmss --mss 1400', tcp(1, { options: '02040578' }), tcp(1, { options: '020405b4' })],
      ['-p icmp --icmp-type 13', { ...ping, icmp: [13, 0] }, ping],
      ['-m mark --mark 6', tcp(1, { mark: 6 }), tcp(1, { mark: 7 })],
      ['-m addrtype --dst-type LOCAL', tcp(1), { ...udp(67), dst: '255.255.255.255' }],
      ['-d 224.0.0.251', { ...udp(5353), dst: '224.0.0.251' }, udp(5353)],
      ['-p esp -m esp --espspi 300', { ...ping, proto: 'esp', spi: 300 }, { ...ping, proto: 'esp' }],
      ['-p sctp --dport 5', tcp(5, { proto: 'sctp' }), tcp(6, { proto: 'sctp' })],
    ];
    const jobs = matches.map(([match, hit, miss]) => ({
      sides: [filter(`-A INPUT ${match} -j DROP`)],
      packets: [hit, miss],
    }));
    const outcomes = await sendPacketJobs(jobs);
    const seen = outcomes.map(({ sides, packets }, index) => [
      matches[index]?.[0],
      sides[0]?.stderr,
      packets.map((packet) => packet.sides[0]?.verdict).join(),
    ]);
    expect(seen).toEqual(matches.map(([match]) => [match, '', 'dropped,accepted']));
  });

  test('the owner of the socket, and fragments without conntrack', async () => {
    const owner = filter('-A OUTPUT -m owner --uid-owner 1000 -j DROP');
    expect(verdicts(await fates(owner, [tcp(1, { path: 'out', uid: 1000 }), tcp(1, { path: 'out' })]))).toEqual(['dropped', 'accepted']);
    const packets = [udp(1, { path: 'fwd', fragment: { offset: 1480, more: false } }), udp(1, { path: 'fwd', fragment: { offset: 0, more: true } })];
    expect(verdicts(await fates(filter('-A FORWARD -f -j DROP'), packets, { conntrack: false }))).toEqual(['dropped', 'accepted']);
  });

  test('LOG and NFLOG, with the setting of the machine put back', async () => {
    const before = logSetting();
    const dump = filter(
      '-A INPUT -p tcp -j LOG --log-prefix "tcp: " --log-level info',
      '-A INPUT -p udp -j NFLOG --nflog-group 5 --nflog-prefix five',
    );
    const same = nft(
      `table ip filter {\n${inputChain('meta l4proto tcp log prefix "tcp: " level info', 'meta l4proto udp log prefix "five" group 5')}}\n`,
    );
    const job: PacketJob = { sides: [dump, same], packets: [tcp(1), udp(1)] };
    const outcome = await sendPackets(job);
    expect(describeDifferences(differences(job, outcome))).toBe('');
    expect(outcome.packets[0]?.sides[0]?.log).toEqual([
      {
        level: 6,
        line: expect.stringMatching(/^tcp: IN=eth0 OUT= MAC=\S+ SRC=192\.0\.2\.1 DST=203\.0\.113\.7 LEN=40 /),
      },
    ]);
    expect(outcome.packets[1]?.sides[1]?.nflog).toEqual([{ group: 5, prefix: 'five', length: 28 }]);
    expect(logSetting()).toBe(before);
  });

  test('IPv6', async () => {
    const six = { src: '2001:db8::1', dst: '2001:db8:1::7', sport: 40000 };
    const rules = filter(
      '-A INPUT -p tcp -m tcp --dport 22 -j REJECT --reject-with icmp6-port-unreachable',
      '-A FORWARD -p tcp -m tcp --dport 22 -j REJECT --reject-with tcp-reset',
      '-A OUTPUT -m mark --mark 0x3 -j DROP',
      '-A INPUT -m rt --rt-type 0 -j DROP',
    );
    const packets: readonly Packet[] = [
      { ...six, dport: 22 },
      { ...six, dport: 22, path: 'fwd' },
      { ...six, dport: 23, path: 'out', mark: 3 },
      { ...six, dport: 23, path: 'out' },
      { ...six, dport: 23 },
      { ...six, proto: 'icmpv6', path: 'fwd' },
      { src: 'fe80::1', dst: 'ff02::fb', proto: 'udp', dport: 5353 },
    ];
    const all = await fates(rules, packets, { family: 6 });
    expect(all.map(({ verdict, rejection }) => rejection ?? verdict)).toEqual([
      { kind: 'icmpv6', type: 1, code: 4 },
      { kind: 'tcp-reset' },
      'dropped',
      'accepted',
      'accepted',
      'accepted',
      'accepted',
    ]);
  });

  test('an ipset, commands, and counters afterwards', async () => {
    const sets: Ruleset = { kind: 'ipset', text: `create bad hash:ip\nadd bad ${outside}\n` };
    const commands: Ruleset = {
      kind: 'commands',
      commands: [
        ['iptables-legacy', '-A', 'INPUT', '-m', 'set', '--match-set', 'bad', 'src', '-j', 'DROP'],
        ['iptables-legacy', '-P', 'FORWARD', 'DROP'],
      ],
    };
    const outcome = await sendPackets({
      sides: [[sets, commands]],
      packets: [tcp(1), tcp(1, { src: '192.0.2.2' }), tcp(1, { path: 'fwd' })],
      dump: true,
    });
    expect(verdicts(outcome.packets.map(({ sides }) => sides[0] as Fate))).toEqual(['dropped', 'accepted', 'dropped']);
    expect(outcome.sides[0]?.dump?.[1]).toContain('[1:40] -A INPUT -m set --match-set bad src -j DROP');
    expect(outcome.sides[0]?.dump?.[1]).toContain(':FORWARD DROP [1:40]');
  });

  test('thousands of packets', async () => {
    const packets = Array.from({ length: 4000 }, (_, index) => tcp(index, { src: `198.51.100.${index % 200}` }));
    const drop = filter('-A INPUT -p tcp -m tcp --dport 1000:1999 -j DROP');
    const job: PacketJob = { sides: [drop, drop], packets, timeout: 15 };
    const outcome = await sendPackets(job);
    expect(differences(job, outcome)).toEqual([]);
    expect(outcome.packets.filter(({ sides }) => sides[0]?.verdict === 'dropped')).toHaveLength(1000);
  });
});

/** A small generator of numbers from 0 to 1, the same on every run. */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state * 1664525 + 1013904223) % 4294967296;
    return state / 4294967296;
  };
}

/** `-m recent --update --seconds S --hitcount N -j DROP`, then `--set`, as nft sets that each hold one of the last N stamps. */
function stampRing(hitcount: number, seconds: number, tick: number): Ruleset {
  const count = hitcount + 1;
  const slot = (index: number): string => `@stamp${(index + count) % count}`;
  const slots = Array.from({ length: count }, (_, index) => index);
  // One tick more: a stamp of exactly this age still counts for xt_recent.
  const timeout = seconds * 1000 + Math.round(tick * 1000);
  const write = (index: number): string => `delete ${slot(index)} { ip saddr } add ${slot(index)} { ip saddr }`;
  return nft(`table ip filter {
${slots.map((index) => `set stamp${index} { type ipv4_addr; flags dynamic,timeout; timeout ${timeout}ms; }`).join('\n')}
${slots
  .map(
    (index) => `chain over${index} {
  ${write(index)} delete ${slot(index + 1)} { ip saddr }
  drop
}
chain at${index} {
  ip saddr ${slot(index + 1)} goto over${index}
  ${write(index)}
}`,
  )
  .join('\n')}
chain judge {
${slots.map((index) => `ip saddr ${slot(index - 1)} ip saddr != ${slot(index)} goto at${index}`).join('\n')}
  ${write(0)}
}
${inputChain('tcp dport 22 ct state new jump judge')}}
`);
}

describePackets('timed packets', () => {
  test('-m limit is limit rate', async () => {
    const dump = filter('-A INPUT -p udp -m limit --limit 5/sec --limit-burst 3 -j ACCEPT', '-A INPUT -p udp -j DROP');
    const same = nft(`table ip filter {\n${inputChain('meta l4proto udp limit rate 5/second burst 3 packets accept', 'meta l4proto udp drop')}}\n`);
    const smaller = nft(
      `table ip filter {\n${inputChain('meta l4proto udp limit rate 5/second burst 2 packets accept', 'meta l4proto udp drop')}}\n`,
    );
    // A token is there every 200 ms after the first packet. One ruleset counts in ticks, the other in nanoseconds, so
    // packets keep away from these instants.
    const random = numbers(1);
    const times = [0, ...Array.from({ length: 8 }, (_, period) => [0.05, 0.1, 0.15].map((at) => period * 0.2 + at + random() * 0.02)).flat()];
    const job: PacketJob = { sides: [dump, same, smaller], packets: times.map((t) => udp(1, { t: t + 0.01 })) };
    const outcome = await sendPackets(job);
    const found = differences(job, outcome);
    expect(describeDifferences(found.filter(({ side }) => side === 1))).toBe('');
    expect(found.filter(({ side }) => side === 2)).toHaveLength(1);
    const accepted = outcome.packets.filter(({ sides }) => sides[0]?.verdict === 'accepted').length;
    expect(accepted).toBe(3 + 7);
  });

  test('-m recent is a ring of stamps, to the tick, and not a token bucket', async () => {
    const { tick } = await sendPackets({ sides: [], packets: [] });
    const match = '-A INPUT -p tcp -m tcp --dport 22 -m conntrack --ctstate NEW -m recent --name ssh';
    const dump = filter(`${match} --update --seconds 1 --hitcount 3 -j DROP`, `${match} --set`);
    const bucket = nft(
      `table ip filter {\nset s { type ipv4_addr; flags dynamic,timeout; timeout 2s; }\n${inputChain(
        'tcp dport 22 ct state new update @s { ip saddr limit rate over 3/second burst 3 packets } drop',
      )}}\n`,
    );
    const random = numbers(2);
    const packets: Packet[] = [];
    const gaps = [0.02, 0.1, 0.3, 0.5, 1 - tick, 1, 1 + tick, 1.2];
    for (const client of [1, 2, 3, 4]) {
      let t = 0.01 * client;
      while (t < 4) {
        packets.push(tcp(22, { src: `198.51.100.${client}`, sport: 1024 + packets.length, t }));
        t += random() < 0.5 ? 0.02 + random() * 0.1 : (gaps[Math.floor(random() * gaps.length)] as number);
      }
    }
    packets.sort((first, second) => (first.t as number) - (second.t as number));
    const job: PacketJob = { sides: [dump, stampRing(3, 1, tick), bucket], packets };
    const outcome = await sendPackets(job);
    const found = differences(job, outcome);
    expect(describeDifferences(found.filter(({ side }) => side === 1))).toBe('');
    expect(found.filter(({ side }) => side === 2).length).toBeGreaterThan(5);
    const straddled = outcome.packets.filter((packet) => packet.straddled);
    expect(straddled.length).toBeLessThan(packets.length / 20);
  });
});
