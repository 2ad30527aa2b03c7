/** Sets, and rules that use them. Every type of set, each with its edges, and both answers. */

import type { Packet } from '../support/packets.js';

export interface IpsetCase {
  readonly title: string;
  /** For `ipset restore`. */
  readonly sets: string;
  /** `-A CHAIN …` or `-t TABLE -A CHAIN …`, a line each. */
  readonly rules: string;
  /** [4] */
  readonly family?: 4 | 6;
  /** How many packets are drawn. */
  readonly packets?: number;
  /** Further packets, in order. */
  readonly probes?: readonly Packet[];
}

const counted = (rule: string): string => `${rule} -j NFLOG --nflog-group 5`;

/** Asks in both ways, by a rule that ends and by one that goes on. */
function both(ends: string, chain = 'INPUT', set = 's'): string {
  return [
    counted(`-A ${chain} -m set --match-set ${set} ${ends}`),
    `-A ${chain} -m set ! --match-set ${set} ${ends} -j NFLOG --nflog-group 6`,
    `-A ${chain} -m set --match-set ${set} ${ends} -j DROP`,
  ].join('\n');
}

export const STATIC: readonly IpsetCase[] = [
  { title: 'hash:ip', sets: 'create s hash:ip\nadd s 192.0.2.1\nadd s 192.0.2.8-192.0.2.11\n', rules: both('src') },
  { title: 'hash:ip by destination', sets: 'create s hash:ip\nadd s 192.0.2.1\nadd s 198.51.100.7\n', rules: both('dst') },
  { title: 'hash:ip with a netmask', sets: 'create s hash:ip netmask 24\nadd s 192.0.2.1\nadd s 10.1.0.0/22\n', rules: both('src') },
  { title: 'hash:ip with a mask of holes', sets: 'create s hash:ip bitmask 255.0.255.0\nadd s 192.0.2.1\nadd s 10.9.3.0\n', rules: both('src') },
  { title: 'hash:ip, more directions than it has parts', sets: 'create s hash:ip\nadd s 192.0.2.1\n', rules: both('src,dst') },
  {
    title: 'fewer directions than parts: never in it',
    sets: 'create s hash:ip,port\nadd s 192.0.2.1,80\n',
    rules: `${both('src')}\n-A INPUT -s 192.0.2.1 -j DROP`,
  },
  {
    title: 'hash:net with holes in holes',
    sets: 'create s hash:net\nadd s 10.0.0.0/8\nadd s 10.1.0.0/16 nomatch\nadd s 10.1.2.0/24\nadd s 10.1.2.128/25 nomatch\nadd s 192.0.2.4/30\nadd s 192.0.2.6 nomatch\n',
    rules: both('src'),
  },
  {
    title: 'what nomatch catches',
    sets: 'create s hash:net\nadd s 10.0.0.0/8\nadd s 10.1.0.0/16 nomatch\nadd s 10.1.2.0/24\nadd s 172.16.0.0/12 nomatch\n',
    rules: `${counted('-A INPUT -m set --match-set s src --return-nomatch')}\n-A INPUT -m set ! --match-set s src --return-nomatch -j NFLOG --nflog-group 6\n-A INPUT -m set --match-set s src -j DROP`,
  },
  { title: 'hash:net of halves', sets: 'create s hash:net\nadd s 0.0.0.0/1\nadd s 128.0.0.0/2\n', rules: `${both('src')}\n` },
  {
    title: 'hash:net, two networks that touch',
    sets: 'create s hash:net comment\nadd s 10.0.0.0/25 comment "low"\nadd s 10.0.0.128/25 comment "high"\n',
    rules: both('dst'),
  },
  { title: 'bitmap:ip', sets: 'create s bitmap:ip range 192.0.2.0/24\nadd s 192.0.2.1\nadd s 192.0.2.9-192.0.2.12\n', rules: both('src') },
  {
    title: 'bitmap:ip of networks',
    sets: 'create s bitmap:ip range 10.0.0.0/8 netmask 16\nadd s 10.1.0.0\nadd s 10.5.0.0-10.7.255.255\n',
    rules: both('src'),
  },
  {
    title: 'bitmap:ip,mac',
    sets: 'create s bitmap:ip,mac range 192.0.2.0/24\nadd s 192.0.2.1,02:00:00:00:00:01\nadd s 192.0.2.2,02:00:00:00:00:02\n',
    rules: both('src,src'),
  },
  { title: 'bitmap:port', sets: 'create s bitmap:port range 0-1024\nadd s 80\nadd s 100-110\n', rules: both('dst') },
  { title: 'bitmap:port by source', sets: 'create s bitmap:port range 0-65535\nadd s 80\nadd s 65535\nadd s 0\n', rules: both('src') },
  {
    title: 'hash:ip,port of tcp',
    sets: 'create s hash:ip,port\nadd s 192.0.2.1,80\nadd s 192.0.2.1,443\nadd s 198.51.100.7,25\n',
    rules: both('dst,dst'),
  },
  {
    title: 'hash:ip,port of every protocol',
    sets: 'create s hash:ip,port\nadd s 192.0.2.1,80\nadd s 192.0.2.1,udp:53-55\nadd s 192.0.2.1,icmp:ping\nadd s 192.0.2.2,gre:0\nadd s 192.0.2.2,sctp:80\nadd s 192.0.2.3,udplite:80\nadd s 192.0.2.3,dccp:0\nadd s 192.0.2.1,icmp:3/1\n',
    rules: both('src,dst'),
    packets: 300,
  },
  {
    title: 'hash:ip,port by source port',
    sets: 'create s hash:ip,port\nadd s 192.0.2.1,80\nadd s 192.0.2.1,udp:53\nadd s 192.0.2.1,icmp:ping\n',
    rules: both('src,src'),
  },
  { title: 'hash:ip,port of ICMP alone', sets: 'create s hash:ip,port\nadd s 192.0.2.1,icmp:ping\n', rules: both('src,dst') },
  {
    title: 'hash:ip,port with a netmask',
    sets: 'create s hash:ip,port netmask 24\nadd s 192.0.2.1,80\nadd s 192.0.4.0,udp:53\n',
    rules: both('src,dst'),
  },
  {
    title: 'hash:net,port',
    sets: 'create s hash:net,port\nadd s 10.0.0.0/8,80\nadd s 10.1.0.0/16,80 nomatch\nadd s 10.1.2.0/24,80-81\nadd s 192.0.2.0/24,udp:53\nadd s 192.0.2.0/24,icmp:ping\n',
    rules: both('src,dst'),
    packets: 300,
  },
  {
    title: 'hash:ip,port,ip',
    sets: 'create s hash:ip,port,ip\nadd s 192.0.2.1,80,198.51.100.7\nadd s 192.0.2.1,udp:53,198.51.100.7\nadd s 192.0.2.2,80,198.51.100.8\nadd s 198.51.100.7,80,192.0.2.1\n',
    rules: both('src,dst,dst'),
    packets: 300,
  },
  {
    title: 'hash:ip,port,net',
    sets: 'create s hash:ip,port,net\nadd s 192.0.2.1,80,198.51.100.0/24\nadd s 192.0.2.1,80,198.51.100.8/30 nomatch\nadd s 192.0.2.2,udp:53,198.51.0.0/16\n',
    rules: both('src,dst,dst'),
    packets: 300,
  },
  {
    title: 'hash:net,iface',
    sets: 'create s hash:net,iface\nadd s 10.0.0.0/8,eth0\nadd s 10.1.0.0/16,eth1\nadd s 10.1.2.0/24,eth0 nomatch\nadd s 10.1.2.0/24,lan0\nadd s 0.0.0.0/0,lan0\nadd s 192.0.2.0/24,eth wildcard\n',
    rules: both('src,src'),
    packets: 300,
  },
  {
    title: 'hash:net,iface on the way out',
    sets: 'create s hash:net,iface\nadd s 10.0.0.0/8,eth0\nadd s 10.1.0.0/16,eth1\nadd s 192.0.2.0/24,eth wildcard\n',
    rules: both('dst,dst', 'FORWARD'),
    packets: 300,
  },
  {
    title: 'list:set of addresses',
    sets: 'create a hash:ip\nadd a 192.0.2.1\nadd a 10.1.0.5\ncreate b hash:net\nadd b 10.0.0.0/8\nadd b 10.1.0.0/16 nomatch\ncreate c bitmap:ip range 192.0.2.0/24\nadd c 192.0.2.2\ncreate s list:set\nadd s a\nadd s b\nadd s c\n',
    rules: both('src'),
  },
  {
    title: 'list:set of different kinds',
    sets: 'create a hash:ip\nadd a 192.0.2.1\ncreate b hash:ip,port\nadd b 192.0.2.2,80\nadd b 192.0.2.1,udp:53\ncreate c hash:net family inet6\nadd c 2001:db8::/32\ncreate d bitmap:port range 0-100\nadd d 80\ncreate s list:set\nadd s a\nadd s b\nadd s c\nadd s d\n',
    rules: `${both('src,dst')}\n${counted('-A INPUT -m set --match-set s dst')}`,
    packets: 300,
  },
  {
    title: 'an empty list:set',
    sets: 'create s list:set\ncreate t hash:ip\nadd t 192.0.2.1\n',
    rules: `${both('src')}\n-A INPUT -m set --match-set t src -j DROP`,
  },
  {
    title: 'an empty set',
    sets: 'create s hash:ip,port\ncreate t hash:ip\nadd t 192.0.2.1\n',
    rules: `${both('src,dst')}\n-A INPUT -m set --match-set t src -j DROP`,
  },
  {
    title: 'elements that time out later',
    sets: 'create s hash:net timeout 300\nadd s 10.0.0.0/8\nadd s 10.1.0.0/16 timeout 600\nadd s 192.0.2.1 timeout 0\n',
    rules: both('src'),
  },
  {
    title: 'several sets in a rule, and several rules for a set',
    sets: 'create s hash:ip\nadd s 192.0.2.1\ncreate t hash:net\nadd t 198.51.100.0/24\ncreate p bitmap:port range 0-100\nadd p 80\n',
    rules:
      '-A INPUT -m set --match-set s src -m set --match-set t dst -m set ! --match-set p dst -j DROP\n-A INPUT -m set ! --match-set s src -m set ! --match-set t src -p tcp -j NFLOG --nflog-group 7\n-t raw -A PREROUTING -m set --match-set s dst -j DROP',
    packets: 300,
  },
  {
    title: 'RETURN and a user chain',
    sets: 'create s hash:ip,port\nadd s 192.0.2.1,80\nadd s 192.0.2.2,udp:53\nadd s 192.0.2.2,icmp:ping\n',
    rules:
      ':check - [0:0]\n-A INPUT -j check\n-A INPUT -j NFLOG --nflog-group 5\n-A check -m set ! --match-set s src,dst -j RETURN\n-A check -j DROP',
    packets: 300,
  },
  {
    title: 'names nft cannot take',
    sets: 'create 22net hash:ip\nadd 22net 192.0.2.1\ncreate a:b hash:ip\nadd a:b 192.0.2.2\ncreate drop hash:ip\nadd drop 192.0.2.3\n',
    rules:
      '-A INPUT -m set --match-set 22net src -j DROP\n-A INPUT -m set --match-set a:b src -j DROP\n-A INPUT -m set --match-set drop src -j DROP\n',
  },
  {
    title: 'marks of elements',
    sets: 'create s hash:net skbinfo\nadd s 192.0.2.0/24 skbmark 0x11 skbprio 1:10\nadd s 198.51.100.7 skbprio 2:3\nadd s 10.0.0.0/8 skbmark 0x5\n',
    rules: '-t mangle -A FORWARD -j SET --map-set s src --map-mark --map-prio\n-t mangle -A INPUT -j SET --map-set s src --map-mark',
  },
  { title: 'IPv6 hash:ip', family: 6, sets: 'create s hash:ip family inet6\nadd s 2001:db8::1\nadd s fd00::7\n', rules: both('src') },
  {
    title: 'IPv6 hash:net',
    family: 6,
    sets: 'create s hash:net family inet6\nadd s 2001:db8::/32\nadd s 2001:db8:1::/48 nomatch\nadd s 2001:db8:1:2::/64\nadd s fd00::/8\n',
    rules: both('dst'),
  },
  {
    title: 'IPv6 hash:ip,port',
    family: 6,
    sets: 'create s hash:ip,port family inet6\nadd s 2001:db8::1,80\nadd s 2001:db8::1,udp:53\nadd s 2001:db8::1,icmpv6:ping\nadd s 2001:db8::2,gre:0\n',
    rules: both('src,dst'),
    packets: 300,
  },
  {
    title: 'IPv6 hash:ip,port,net',
    family: 6,
    sets: 'create s hash:ip,port,net family inet6\nadd s 2001:db8::1,80,fd00::/16\nadd s 2001:db8::1,80,fd00:1::/32 nomatch\nadd s 2001:db8::2,udp:53,fd01::/16\n',
    rules: both('src,dst,dst'),
    packets: 300,
  },
  {
    title: 'IPv6 with a netmask',
    family: 6,
    sets: 'create s hash:ip family inet6 netmask 64\nadd s 2001:db8::1\nadd s fd00:1:2:3::\n',
    rules: both('src'),
  },
];

const from = (src: string, dport: number, more: Partial<Packet> = {}): Packet => ({ src, dst: '203.0.113.9', dport, sport: 1234, ...more });

export const CHANGING: readonly IpsetCase[] = [
  {
    title: 'a rule adds addresses, another drops them',
    sets: 'create s hash:ip\nadd s 192.0.2.200\n',
    rules: '-A INPUT -m set --match-set s src -j DROP\n-A INPUT -p tcp --dport 23 -j SET --add-set s src\n',
    packets: 0,
    probes: [
      from('192.0.2.1', 22),
      from('192.0.2.1', 23),
      from('192.0.2.1', 22),
      from('192.0.2.2', 22),
      from('192.0.2.200', 22),
      from('192.0.2.1', 23),
    ],
  },
  {
    title: 'added and deleted again',
    sets: 'create s hash:ip timeout 100\nadd s 192.0.2.200 timeout 0\n',
    rules:
      '-A INPUT -p tcp --dport 80 -m set --match-set s src -j DROP\n-A INPUT -p tcp --dport 23 -j SET --add-set s src\n-A INPUT -p tcp --dport 24 -j SET --del-set s src\n',
    packets: 0,
    probes: [
      from('192.0.2.1', 80),
      from('192.0.2.1', 23),
      from('192.0.2.1', 80),
      from('192.0.2.1', 24),
      from('192.0.2.1', 80),
      from('192.0.2.200', 80),
      from('192.0.2.200', 24),
      from('192.0.2.200', 80),
    ],
  },
  {
    title: 'networks by a netmask',
    sets: 'create s hash:ip netmask 24\n',
    rules: '-A INPUT -m set --match-set s src -j DROP\n-A INPUT -p tcp --dport 23 -j SET --add-set s src\n',
    packets: 0,
    probes: [from('192.0.2.1', 23), from('192.0.2.77', 22), from('192.0.3.1', 22)],
  },
  {
    title: 'an empty hash:net takes addresses',
    sets: 'create s hash:net\n',
    rules: '-A INPUT -m set --match-set s src -j DROP\n-A INPUT -p tcp --dport 23 -j SET --add-set s src\n',
    packets: 0,
    probes: [from('192.0.2.1', 23), from('192.0.2.1', 22), from('192.0.2.2', 22)],
  },
  {
    title: 'a hash:net of one length takes networks of it',
    sets: 'create s hash:net\nadd s 10.0.0.0/24\n',
    rules: '-A INPUT -m set --match-set s src -j DROP\n-A INPUT -p tcp --dport 23 -j SET --add-set s src\n',
    packets: 0,
    probes: [from('192.0.2.1', 23), from('192.0.2.99', 22), from('192.0.3.2', 22), from('10.0.0.9', 1)],
  },
  {
    title: 'ports of every protocol',
    sets: 'create s hash:ip,port\nadd s 192.0.2.9,udp:53\n',
    rules: '-A INPUT -m set --match-set s src,dst -j DROP\n-A INPUT -s 192.0.2.0/29 -j SET --add-set s src,dst\n',
    packets: 0,
    probes: ['tcp', 'udp', 'icmp', 'gre', 'sctp', 'dccp'].flatMap((proto): readonly Packet[] => {
      const packet = (port: number): Packet => ({
        src: '192.0.2.1',
        dst: '203.0.113.9',
        proto: proto as 'tcp',
        ...(proto === 'icmp' ? { icmp: [port === 80 ? 8 : 13, 0] as const } : proto === 'gre' ? {} : { dport: port, sport: 999 }),
      });
      return [packet(80), packet(80), packet(81), packet(81), { ...packet(80), src: '192.0.2.9' }];
    }),
  },
  {
    title: 'a bitmap takes what lies in its range',
    sets: 'create s bitmap:ip range 192.0.2.0/28\ncreate p bitmap:port range 20-30\n',
    rules:
      '-A INPUT -m set --match-set s src -j DROP\n-A INPUT -m set --match-set p dst -j NFLOG --nflog-group 5\n-A INPUT -p tcp --dport 99 -j SET --add-set s src\n-A INPUT -j SET --add-set p dst\n',
    packets: 0,
    probes: [
      from('192.0.2.1', 99),
      from('192.0.2.1', 1),
      from('192.0.2.16', 99),
      from('192.0.2.16', 1),
      from('192.0.2.17', 25),
      from('192.0.2.17', 25),
      from('192.0.2.17', 31),
      from('192.0.2.17', 31),
    ],
  },
  {
    title: 'a set that tables share',
    sets: 'create s hash:ip\n',
    rules: '-t raw -A PREROUTING -m set --match-set s src -j DROP\n-A INPUT -p tcp --dport 23 -j SET --add-set s src\n',
    packets: 0,
    probes: [from('192.0.2.1', 22), from('192.0.2.1', 23), from('192.0.2.1', 22)],
  },
  {
    title: 'a time that is not renewed, and one that is',
    sets: 'create s hash:ip timeout 1\ncreate t hash:ip timeout 1\n',
    rules:
      '-A INPUT -p tcp --dport 80 -m set --match-set s src -j DROP\n-A INPUT -p tcp --dport 81 -m set --match-set t src -j DROP\n-A INPUT -p tcp --dport 23 -j SET --add-set s src\n-A INPUT -p tcp --dport 23 -j SET --add-set t src --exist --timeout 1\n',
    packets: 0,
    probes: [
      from('192.0.2.1', 23, { t: 0.1 }),
      from('192.0.2.1', 80, { t: 0.2 }),
      from('192.0.2.1', 23, { t: 0.6 }),
      from('192.0.2.1', 80, { t: 1 }),
      from('192.0.2.1', 80, { t: 1.2 }),
      from('192.0.2.1', 81, { t: 1.25 }),
      from('192.0.2.1', 81, { t: 1.5 }),
      from('192.0.2.1', 81, { t: 1.75 }),
    ],
  },
];

/** Types this test's kernels may lack: that every nft loads what becomes of them. */
export const LOADED: readonly IpsetCase[] = [
  { title: 'hash:mac', sets: 'create s hash:mac\nadd s 02:00:00:00:00:01\n', rules: both('src') },
  { title: 'hash:ip,mac', sets: 'create s hash:ip,mac\nadd s 192.0.2.1,02:00:00:00:00:01\n', rules: both('src,src') },
  { title: 'hash:ip,mark', sets: 'create s hash:ip,mark\nadd s 192.0.2.1,0x7\nadd s 192.0.2.0/30,0x8\n', rules: both('src,src') },
  { title: 'hash:ip,mark with a mask', sets: 'create s hash:ip,mark markmask 0xff\nadd s 192.0.2.1,0x107\n', rules: both('src,src') },
  {
    title: 'hash:net,net',
    sets: 'create s hash:net,net\nadd s 10.0.0.0/8,192.0.2.0/24\nadd s 10.1.0.0/16,192.0.2.0/25 nomatch\n',
    rules: both('src,dst'),
  },
  {
    title: 'hash:net,port,net',
    sets: 'create s hash:net,port,net\nadd s 10.0.0.0/8,80,192.0.2.0/24\nadd s 10.1.0.0/16,udp:53,0.0.0.0/0\nadd s 10.1.2.0/24,80,192.0.2.0/25 nomatch\n',
    rules: both('src,dst,dst'),
  },
  {
    title: 'rules that add hardware addresses and marks',
    sets: 'create s hash:mac timeout 60\ncreate t hash:ip,mark\n',
    rules:
      '-A INPUT -j SET --add-set s src --exist\n-A INPUT -m set --match-set s src -j DROP\n-A FORWARD -j SET --add-set t src,src\n-A FORWARD -m set ! --match-set t src,src -j DROP\n',
  },
];
