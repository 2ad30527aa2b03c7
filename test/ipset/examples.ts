/** ipset commands that the model and the real ipset are asked about. */

/** Types with their options, and elements to add. Names that a resolver would be asked for are not among them. */
export const ELEMENTS: readonly (readonly [create: string, elements: readonly string[]])[] = [
  [
    'bitmap:ip range 10.0.0.0/24',
    [
      '10.0.0.1',
      '10.0.0.1-10.0.0.3',
      '10.0.0.0/30',
      '10.0.1.1',
      '10.0.0.250-10.0.1.2',
      '10.0.0.3-10.0.0.1',
      '10.0.0.1/33',
      '10.0.0.1/0',
      '10.0.0.5/32',
      '10.0.0',
      '10.0.0.1/24',
    ],
  ],
  ['bitmap:ip range 10.0.0.0/16 netmask 24', ['10.0.1.1', '10.0.1.0/24', '10.0.2.0-10.0.4.255', '10.0.7.0/23', '10.1.0.1']],
  [
    'bitmap:ip,mac range 10.0.0.0/24',
    [
      '10.0.0.1',
      '10.0.0.1,00:11:22:33:44:55',
      '10.0.0.2,0:1:2:3:4:5',
      '10.0.0.1-10.0.0.2,00:11:22:33:44:55',
      '10.0.0.9,00:00:00:00:00:00',
      '10.0.0.8,00-11-22-33-44-55',
      '10.0.0.0/30',
    ],
  ],
  [
    'bitmap:port range 0-1024',
    [
      '80',
      'http',
      'tcp:80',
      'udp:53',
      'udp:domain',
      '80-90',
      'http-https',
      '[ftp-data]',
      'ftp-data',
      '[ftp-data]-[ssh]',
      'tcp:[ftp-data]-ssh',
      '1025',
      '65536',
      '90-80',
      'vrrp:0',
      '0x50',
      '080',
      '-1',
      'foo',
      '80,',
      '80:90',
      'sctp:5',
      'tcp:80-90',
    ],
  ],
  [
    'hash:ip',
    [
      '1.2.3.4',
      '0.0.0.0',
      '1.2.3.0/30',
      '1.2.3.4-1.2.3.6',
      '1.2.3.6-1.2.3.4',
      '1.2.3.4/0',
      '1.2.3.4/33',
      '1.2.3',
      '::1',
      '1.2.3.4,80',
      '01.2.3.4',
      '0x1.2.3.4',
      '16909060',
      '1.2.3.4/255.255.255.0',
      '256.1.1.1',
      '1.2.3.4/',
      '1.2.3.4-',
      '1.2.3.4/32',
      ' 1.2.3.4',
      '0.0.0.0/31',
      '1.2.3.4-1.2.3.4',
      '[1.2.3.4]',
      '0.0.0.0/0',
      '1.2.3.4/30-1.2.3.9',
      '010.1.1.1',
      '1.2.772',
      '1.131844',
      '4294967295',
      '4294967296',
      '08.1.1.1',
      '1..2',
      '1.',
      '.1',
      '1.2.3.',
      '+1.2.3.4',
      '1.2.3.4.5',
    ],
  ],
  ['hash:ip netmask 24', ['1.2.3.4', '1.2.3.0/24', '1.2.0.0/22', '1.2.3.9-1.2.5.2', '0.0.0.5']],
  ['hash:ip bitmask 255.0.255.0', ['1.2.3.4', '1.2.3.0/28', '0.0.0.1']],
  [
    'hash:ip family inet6',
    [
      '::1',
      '2001:DB8::1',
      '2001:db8::/64',
      '2001:db8::1-2001:db8::2',
      '1.2.3.4',
      '::',
      '::ffff:1.2.3.4',
      '[2001:db8::5]',
      '2001:db8::9/128',
      '::g',
      '1::2::3',
      '1:2:3:4:5:6:7:8',
      '1:2:3:4:5:6:1.2.3.4',
      '::1.2.3',
      '01::1',
      '12345::',
    ],
  ],
  ['hash:ip family inet6 netmask 64', ['2001:db8::1', '2001:db8::/64', '2001:db8:1::/48']],
  [
    'hash:net',
    [
      '1.2.3.4',
      '1.2.3.4/24',
      '1.2.3.0-1.2.3.255',
      '1.2.3.1-1.2.3.6',
      '0.0.0.0/0',
      '0.0.0.0',
      '0.0.0.0/1',
      '1.2.3.4/32',
      '1.2.3.4/33',
      '0.0.0.0-255.255.255.255',
      '1.2.3.0/24-1.2.4.0',
      '10/8',
      '192.168/16',
      '1.2.3.9-1.2.3.3',
      '0.0.0.0-127.255.255.255',
      '0.0.0.0/2',
    ],
  ],
  ['hash:net family inet6', ['2001:db8::1', '2001:db8::/32', '::/0', '::/1', '2001:db8::1-2001:db8::5', '2001:db8::/129']],
  [
    'hash:ip,port',
    [
      '1.2.3.4,80',
      '1.2.3.4,tcp:80',
      '1.2.3.4,udp:53',
      '1.2.3.4,udplite:53',
      '1.2.3.4,sctp:53',
      '1.2.3.4,80-82',
      '1.2.3.4-1.2.3.5,udp:80-81',
      '1.2.3.4/31,22',
      '1.2.3.4,icmp:ping',
      '1.2.3.4,icmp:8/0',
      '1.2.3.4,icmp:8',
      '1.2.3.4,icmp:echo-request',
      '1.2.3.4,icmp:host-unreachable',
      '1.2.3.4,icmp:0/0',
      '1.2.3.4,icmp:any',
      '1.2.3.4,icmp:3/1-3/3',
      '1.2.3.4,icmpv6:128/0',
      '1.2.3.4,vrrp:0',
      '1.2.3.4,112:0',
      '1.2.3.4,gre:0',
      '1.2.3.4,gre:5',
      '1.2.3.4,47',
      '1.2.3.4,6:80',
      '1.2.3.4,0:80',
      '1.2.3.4,all:0',
      '1.2.3.4,ip:0',
      '1.2.3.4',
      '1.2.3.4,80,5',
      '1.2.3.4,tcp:0',
      '1.2.3.4,0',
      '1.2.3.4,http',
      '1.2.3.4,domain',
      '1.2.3.4,udp:domain',
      '1.2.3.4,tcp:ntp',
      '1.2.3.4,udp:ntp',
      '1.2.3.4,[ftp-data]',
      '1.2.3.4,ftp-data',
      '1.2.3.4,foo:80',
      '1.2.3.4,TCP:80',
      '1.2.3.4,65536',
      '1.2.3.4,80-65536',
      '1.2.3.4,90-89',
      '1.2.3.4,dccp:80',
      '1.2.3.4,dccp:0',
      '0.0.0.0,80',
      '1.2.3.4,tcp:80-http',
      '1.2.3.4,esp:0',
      '1.2.3.4,50:0',
      '1.2.3.4,ipv6-icmp:0',
      '1.2.3.4,256:0',
      '1.2.3.4,icmp:256/0',
      '1.2.3.4,icmp:8/256',
      '1.2.3.4,58:0',
      '1.2.3.4,tcp:',
      '1.2.3.4,:80',
      '1.2.3.4,udp:80,tcp',
      '1.2.3.4,icmp:ttl-exceeded',
      '1.2.3.4,icmp:pong',
      '1.2.3.4,icmp:2048',
      '1.1.1.1,+5',
      '1.1.1.1,005',
      '1.1.1.1,010',
      '1.1.1.1,tcp:0x10',
      '1.1.1.1, 80',
      '1.1.1.1,IP-ENCAP:0',
      '1.1.1.1,255:0',
      '1.1.1.1,254:0',
      '1.1.1.1,icmp:PING',
      '1.1.1.1,icmp:0x8/0',
      '1.1.1.1,icmp:200/3',
    ],
  ],
  [
    'hash:ip,port family inet6',
    [
      '::1,80',
      '::1,icmpv6:ping',
      '::1,icmpv6:128/0',
      '::1,icmpv6:echo-request',
      '::1,icmp:ping',
      '2001:db8::/126,80',
      '2001:db8::1,80-82',
      '::1,ipv6-icmp:128/0',
      '::1,icmpv6:neighbour-solicitation',
      '::1,icmpv6:neighbor-solicitation',
      '::1,icmpv6:router-advertisement',
      '::1,icmpv6:packet-too-big',
      '::1,58:0',
      '::,80',
      '[::1],80',
    ],
  ],
  [
    'hash:net,port',
    ['1.2.3.4/24,80', '1.2.3.4,udp:53', '1.2.3.0-1.2.3.5,80', '0.0.0.0/0,80', '1.2.3.0/24,80-82', '1.2.3.0/24,icmp:8/0', '1.2.3.0/24,tcp:0'],
  ],
  [
    'hash:ip,port,ip',
    [
      '1.2.3.4,80,5.6.7.8',
      '1.2.3.4,80',
      '1.2.3.4,80,5.6.7.0/30',
      '1.2.3.4-1.2.3.5,80,5.6.7.8',
      '0.0.0.0,80,1.2.3.4',
      '1.2.3.4,80,0.0.0.0',
      '1.2.3.4,udp:80-81,5.6.7.8',
      '1.2.3.4,80,5.6.7.8-5.6.7.9',
    ],
  ],
  [
    'hash:ip,port,net',
    ['1.2.3.4,80,5.6.7.8', '1.2.3.4,80,5.6.7.0/24', '1.2.3.4/31,80,5.6.7.0/24', '1.2.3.4,80,5.6.7.0-5.6.7.5', '1.2.3.4,80,0.0.0.0/0'],
  ],
  [
    'hash:net,iface',
    [
      '1.2.3.4/24,eth0',
      '0.0.0.0/0,eth1',
      '1.2.3.4,physdev:eth0',
      '1.2.3.4',
      '1.2.3.0-1.2.3.5,eth0',
      '1.2.3.4,eth+',
      '1.2.3.4,averyveryverylonginterface',
      '1.2.3.4,ab:cd',
      '1.2.3.4,physdev:',
      '1.2.3.4,',
      '1.2.3.4,eth 0',
    ],
  ],
  ['hash:net,port family inet6', ['2001:db8::/32,80', '2001:db8::1,udp:5-6', '::/0,80', '2001:db8::1-2001:db8::5,80']],
  ['hash:ip,port,net family inet6', ['2001:db8::1,80,2001:db8::/32', '2001:db8::1,icmpv6:1/0,::1', '2001:db8::/127,80,::1']],
  ['hash:ip,port netmask 24', ['1.2.3.4,80', '1.2.3.0/30,udp:5', '1.2.3.4,80-81', '0.0.0.5,80']],
  ['hash:ip,port bitmask 255.0.255.0', ['1.2.3.4,80']],
  ['hash:ip family inet6 bitmask ffff::ffff', ['2001:db8::1', '0:1::']],
  ['hash:net,iface family inet6', ['::/0,eth0', '2001:db8::/32,eth1', '2001:db8::1,e']],
  ['bitmap:port range 0-65535', ['0-65535', '65535', 'tcp:0']],
];

const words = (text: string): readonly string[] => [...text.matchAll(/"([^"]*)"|(\S+)/g)].map((found) => found[1] ?? found[2] ?? '');
const list = (text: string): readonly (readonly string[])[] =>
  text
    .trim()
    .split('\n')
    .map((line) => words(line.trim()));

const TYPES = [
  'bitmap:ip range 10.0.0.0/24',
  'bitmap:ip,mac range 10.0.0.0/24',
  'bitmap:port range 0-100',
  'hash:ip',
  'hash:mac',
  'hash:ip,mac',
  'hash:net',
  'hash:net,net',
  'hash:ip,port',
  'hash:net,port',
  'hash:ip,port,ip',
  'hash:ip,port,net',
  'hash:ip,mark',
  'hash:net,port,net',
  'hash:net,iface',
  'list:set',
];

const CREATE_OPTIONS = [
  '',
  'family inet6',
  'family inet',
  'hashsize 64',
  'hashsize 1000',
  'hashsize 0',
  'maxelem 10',
  'netmask 24',
  'netmask 32',
  'netmask 0',
  'bitmask 255.255.0.0',
  'bitmask 24',
  'bitmask 0.0.0.0',
  'timeout 5',
  'timeout 2147483',
  'timeout 2147484',
  'timeout',
  'timeout foo',
  'timeout -1',
  'timeout 5 timeout 6',
  'counters',
  'comment',
  'skbinfo',
  'timeout 0 counters comment skbinfo',
  'size 4',
  'size 1',
  'markmask 0xff',
  'foo',
  '--timeout 5',
  '-timeout 5',
  'netmask 24 bitmask 255.0.0.0',
  'family inet6 netmask 64',
  'family inet6 netmask 129',
  'family inet7',
  'family unspec',
  'family ipv4',
  '-6',
  'initval foo',
  'counters counters',
];

const CREATES = `
create s bitmap:ip
create s bitmap:port
create s foo
create s hash:foo
create s
create
create 1234567890123456789012345678901 hash:ip
create 12345678901234567890123456789012 hash:ip
create "a b" hash:ip
create a:b hash:ip
create s bitmap:ip range 10.0.0.0/8
create s bitmap:ip range 10.0.0.0/16
create s bitmap:ip range 10.0.0.0-10.1.0.0
create s bitmap:ip range 10.0.0.5-10.0.0.1
create s bitmap:ip range 10.0.0.5
create s bitmap:ip range 10.0.0.5/24
create s bitmap:ip range 10.0.0.0/8 netmask 24
create s bitmap:ip range 10.0.0.1-10.0.255.255 netmask 24
create s bitmap:ip range 10.0.0.1-10.0.255.255 netmask 8
create s bitmap:ip range 10.0.0.0/24 netmask 24
create s bitmap:port range 0-65535
create s bitmap:port range 5-1
create s bitmap:port range 5
create s bitmap:port range tcp:1-5
create s iphash
create s nethash --maxelem 5
create s ipporthash
create s ipportiphash
create s ipportnethash
create s setlist
-N s ipmap --from 10.0.0.0 --to 10.0.0.9
-N s ipmap --network 10.0.0.0/24 --netmask 30
-N s iphash --hashsize 64 --probes 3
create s ipmap
create s iptree
cr s hash:ip
new s hash:ip
n s hash:ip
--create s hash:ip
-create s hash:ip
N s hash:ip
`;

export const OPTIONS: readonly (readonly (readonly string[])[])[] = [
  ...TYPES.flatMap((type) => CREATE_OPTIONS.map((option) => [words(`create s ${type} ${option}`)])),
  ...list(CREATES).map((command) => [command]),
];

/** Commands that depend on those before them. */
export const SEQUENCES: readonly (readonly (readonly string[])[])[] = [
  `
  create s hash:ip timeout 100 counters comment skbinfo
  add s 1.1.1.3 timeout 2147484
  add s 1.1.1.5 packets 18446744073709551615 bytes 5
  add s 1.1.1.6 packets -1
  add s 1.1.1.12 skbmark 5
  add s 1.1.1.14 skbprio 1
  add s 1.1.1.15 skbqueue 65536
  add s 1.1.1.16 nomatch
  add s 1.1.1.17 foo
  add s
  add nope 1.1.1.1
  del s 9.9.9.9
  -exist del s 9.9.9.9
  del s 9.9.9.9 timeout 5
  del nope 1.1.1.1
  flush nope
  destroy nope
  rename nope x
  flush s 1.2.3.4
  swap s
  `,
  `
  create s hash:ip timeout 0 counters comment skbinfo
  add s 1.1.1.1 comment "hello world" packets 5 bytes 7
  add s 1.1.1.11 skbmark 0x1111/0xff00ffff skbprio 1:10 skbqueue 10
  add s 1.1.1.13 skbmark 0x5/5
  add s 1.1.1.14 skbprio AB:c
  add s 1.1.1.1
  -exist add s 1.1.1.1
  `,
  `
  create s hash:net comment
  add s 10.0.0.0/8 nomatch
  add s 10.0.0.0/8
  -! add s 10.0.0.0/8
  add s 11.0.0.0/8 nomatch timeout 4
  add s 12.0.0.0/8 comment x nomatch
  add s 13.0.0.0/8 packets 5
  add s 14.0.0.0/8 skbmark 0x5
  del s 10.0.0.0/8 nomatch
  del s 10.0.0.0/9
  del s 10.0.0.0/8
  `,
  `
  create s hash:net counters
  add s 10.0.0.0/8 nomatch
  create t hash:net,port timeout 0
  add t 10.0.0.0/8,80 nomatch
  `,
  `
  create s hash:ip
  create s2 hash:net
  create s3 hash:net family inet6
  create s4 hash:net counters
  rename s s2
  swap s s2
  swap s2 s3
  swap s2 nope
  swap s2 s4
  add s2 10.0.0.0/8
  rename s2 s9
  add s9 11.0.0.0/8
  create s hash:ip
  -exist create s hash:ip
  -exist create s hash:ip maxelem 5
  -exist create s hash:net
  -exist create s hash:ip timeout 5
  -exist create s hash:ip hashsize 64
  `,
  `
  create a hash:ip
  create b hash:ip
  create c hash:ip
  create d hash:net
  create L list:set
  add L a
  add L b before a
  add L c after a
  add L d before nope
  add L a
  -exist add L a
  add L d after b
  del L a before c
  del L a before b
  del L a after c
  add L nope
  add L L
  destroy a
  destroy d
  rename d e
  del L d
  rename d e
  destroy e
  add L d before
  add L a timeout 5
  create L2 list:set timeout 0
  add L2 L
  add L2 a timeout 0
  swap a b
  add a 1.1.1.1
  destroy
  flush
  del L2 b
  `,
  `
  create s hash:ip maxelem 2
  add s 1.1.1.1-1.1.1.5
  `,
  `
  create s hash:ip
  add s 1.1.1.1-1.1.1.4
  add s 1.1.1.2-1.1.1.6
  add s 1.1.1.9
  del s 1.1.1.3-1.1.1.6
  -exist del s 1.1.1.3-1.1.1.6
  `,
  `
  create s bitmap:ip range 1.1.1.0/24
  add s 1.1.1.1-1.1.1.4
  add s 1.1.1.2-1.1.1.6
  create m bitmap:ip,mac range 1.1.1.0/24
  add m 1.1.1.1,00:11:22:33:44:55
  add m 1.1.1.1,00:11:22:33:44:66
  add m 1.1.1.2
  del m 1.1.1.1
  `,
  `
  create s hash:net,iface
  add s 10.0.0.0/8,eth wildcard
  add s 10.0.0.0/8,eth0
  add s 10.0.0.0/8,lan0
  add s 10.0.0.0/8,eth1 nomatch wildcard
  add s 11.0.0.0/8,physdev:eth0 nomatch
  `,
  `
  c s hash:ip
  a s 1.1.1.1
  --add s 1.1.1.2
  -A s 1.1.1.3
  -add s 1.1.1.4
  d s 1.1.1.1
  -D s 1.1.1.2
  delete s 1.1.1.3
  e s t
  -E t u
  w u u
  f u
  x u
  `,
].map(list);

const RANDOM_TYPES = [
  'hash:ip',
  'hash:ip timeout 0',
  'hash:ip netmask 24',
  'hash:ip family inet6',
  'hash:net comment',
  'hash:net counters',
  'hash:ip,port',
  'hash:ip,port maxelem 4',
  'hash:net,port',
  'hash:ip,port,ip',
  'hash:ip,port,net',
  'hash:net,iface',
  'bitmap:ip range 10.0.0.0/24',
  'bitmap:ip,mac range 10.0.0.0/24',
  'bitmap:port range 0-99',
  'list:set',
] as const;

/** A few sets, and commands about them; always the same for a seed. */
export function randomSequence(seed: number): readonly (readonly string[])[] {
  let state = seed * 2654435761;
  const draw = (most: number): number => {
    state = (Math.imul(state, 1_103_515_245) + 12_345) >>> 0;
    return (state >>> 8) % most;
  };
  const pick = (list: readonly string[]): string => list[draw(list.length)] ?? '';
  const name = (): string => pick(['a', 'b', 'c']);
  const address = (): string =>
    pick(['10.0.0.1', '10.0.0.2', '10.0.0.0/30', '10.0.0.1-10.0.0.6', '10.0.1.0/24', '10.0.0.0/25', '0.0.0.0/0', '::1', '2001:db8::/32']);
  const port = (): string => pick(['80', 'udp:53', '80-82', 'icmp:ping', 'gre:0', 'tcp:0', 'sctp:5-4', 'gre:1', 'icmpv6:ping', '70000']);
  const last = (): string => pick(['10.0.0.1', '10.0.0.0/31', 'eth0', 'physdev:eth1', '00:11:22:33:44:55', '10.0.0.3-10.0.0.4']);
  const element = (): string => {
    const parts = [address, port, last].slice(0, 1 + draw(3)).map((make) => make());
    return draw(6) === 0 ? pick(['80', '5-9', 'a', 'b', 'eth0']) : draw(5) === 0 ? `${address()},${last()}` : parts.join(',');
  };
  const options = (): readonly string[] =>
    words(pick(['', '', '', '', 'timeout 0', 'nomatch', 'comment "a b"', 'packets 3', 'wildcard', 'timeout', 'before a', 'foo']));
  const commands: (readonly string[])[] = [
    ['create', 'a', ...pick(RANDOM_TYPES).split(' ')],
    ['create', 'b', ...pick(RANDOM_TYPES).split(' ')],
  ];
  for (let number = 0; number < 14; number += 1) {
    const kind = draw(12);
    if (kind < 7) commands.push([...(draw(4) === 0 ? ['-exist'] : []), 'add', name(), element(), ...options()]);
    else if (kind < 9) commands.push([...(draw(4) === 0 ? ['-!'] : []), 'del', name(), element()]);
    else if (kind === 9) commands.push(words(pick(['flush a', 'swap a b', 'rename a c', 'destroy b', 'flush', 'rename c b', 'destroy c'])));
    else if (kind === 10) commands.push(['create', name(), ...pick(RANDOM_TYPES).split(' ')]);
    else commands.push(['-exist', 'add', name(), element()]);
  }
  return commands;
}
