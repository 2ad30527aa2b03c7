/** Every form of statement and expression, what it prints as, and how nft 1.0.6 lists it after loading where that differs. */
import {
  accept,
  binary,
  compare,
  concatenation,
  ct,
  drop,
  goTo,
  hex,
  jump,
  limit,
  list,
  match,
  meta,
  number,
  payload,
  range,
  returnToCaller,
  setOf,
  setReference,
  string,
  symbol,
} from '../../src/nft/build.js';
import type { BaseHook, Expr, NamedObject, NamedSet, NftFamily, Statement } from '../../src/nft/ir.js';

/** One rule and its text. */
export interface Form {
  readonly statements: readonly Statement[];
  readonly text: string;
  /** How nft 1.0.6 lists it, if not as it is written. */
  readonly listed?: string;
  readonly family?: NftFamily;
  readonly base?: BaseHook;
  /** The first nft that takes it. */
  readonly since?: string;
  /** The first nft whose JSON can say it. */
  readonly jsonSince?: string;
  /** JSON has no parts of a second. */
  readonly roundedInJson?: boolean;
}

const nat = (hook: 'prerouting' | 'postrouting'): BaseHook => ({
  type: 'nat',
  hook,
  priority: hook === 'prerouting' ? -100 : 100,
  policy: 'accept',
});

export const filterInput: BaseHook = { type: 'filter', hook: 'input', priority: 0, policy: 'accept' };
const mangle: BaseHook = { type: 'filter', hook: 'prerouting', priority: -150, policy: 'accept' };
const raw: BaseHook = { type: 'filter', hook: 'prerouting', priority: -300, policy: 'accept' };

const prefix = (address: string, length: number): Expr => ({ kind: 'prefix', address, length });
const assign = (to: Expr, value: Expr): Statement => ({ kind: 'assign', to, value });
const counter = (packets = 0, bytes = 0) => ({ kind: 'counter', packets, bytes }) as const;
const flags = (...names: string[]): Expr => names.map(symbol).reduce((left, right) => binary(left, '|', right));
const tcp = (field: string): Expr => payload('tcp', field);
const saddr = payload('ip', 'saddr');
const mark = meta('mark');
const port80 = match(tcp('dport'), number(80));
const numgen = (mode: 'inc' | 'random', modulus: number, offset?: number): Expr => ({
  kind: 'numgen',
  mode,
  modulus,
  ...(offset === undefined ? {} : { offset }),
});
const mapping = (key: Expr, entries: readonly (readonly [Expr, Expr])[]): Expr => ({
  kind: 'map',
  key,
  to: { kind: 'mapping', entries: entries.map(([from, to]) => ({ key: from, value: to })) },
});

/** What the forms refer to. */
export const fixtureSets = (family: NftFamily): readonly NamedSet[] => {
  const address = family === 'ip6' ? 'ipv6_addr' : 'ipv4_addr';
  return [
    { kind: 'set', name: 'addresses', type: [address], flags: ['interval'] },
    { kind: 'set', name: 'seen', type: [address], flags: ['dynamic', 'timeout'], timeout: 60_000 },
    { kind: 'set', name: 'connections', type: [address], flags: ['dynamic'] },
    { kind: 'set', name: 'pairs', type: [address, 'inet_service'], flags: ['dynamic'] },
    { kind: 'map', name: 'marks', type: [address], valueType: 'mark', flags: ['dynamic', 'timeout'], timeout: 60_000 },
    { kind: 'map', name: 'verdicts', type: ['inet_service'], valueType: 'verdict', flags: [] },
    { kind: 'map', name: 'hosts', type: ['inet_service'], valueType: address, flags: [] },
  ];
};

/** Named after nothing nft knows. */
export const fixtureObjects: readonly NamedObject[] = [{ kind: 'ct helper', name: 'ftp-standard', helper: 'ftp', protocol: 'tcp' }];

/** A chain the forms jump to. */
export const fixtureChain = 'elsewhere';

export const forms: readonly Form[] = [
  // interfaces and other meta keys
  { statements: [match(meta('iifname'), string('eth0'))], text: 'iifname "eth0"' },
  { statements: [match(meta('oifname'), string('eth*'), true)], text: 'oifname != "eth*"', base: { ...filterInput, hook: 'output' } },
  { statements: [match(meta('iifname'), string('eth\\*'))], text: 'iifname "eth\\*"' },
  { statements: [match(meta('iifname'), symbol('"tun*"'))], text: 'iifname "tun*"' },
  { statements: [match(meta('iifname'), symbol('"t*x*"'))], text: 'iifname "t*x*"' },
  { statements: [match(meta('iifname'), string('a b#;{'))], text: 'iifname "a b#;{"' },
  {
    statements: [match(meta('iifname'), setOf([string('eth0'), string('ppp*')]))],
    text: 'iifname { "eth0", "ppp*" }',
    since: '1.0.6',
  },
  { statements: [match(meta('iif'), string('lo'))], text: 'iif "lo"' },
  { statements: [match(meta('iifgroup'), number(5))], text: 'iifgroup 5' },
  { statements: [match(meta('l4proto'), symbol('tcp'))], text: 'meta l4proto tcp' },
  { statements: [match(meta('l4proto'), number(47))], text: 'meta l4proto 47', listed: 'meta l4proto gre' },
  {
    statements: [match(meta('l4proto'), setOf([symbol('tcp'), symbol('udp')])), match(payload('th', 'dport'), number(53))],
    text: 'meta l4proto { tcp, udp } th dport 53',
  },
  { statements: [match(mark, hex(255))], text: 'meta mark 0xff', listed: 'meta mark 0x000000ff' },
  { statements: [match(mark, hex(1), true)], text: 'meta mark != 0x1', listed: 'meta mark != 0x00000001' },
  {
    statements: [compare(binary(mark, '&', hex(0xff)), '==', hex(1))],
    text: 'meta mark & 0xff == 0x1',
    listed: 'meta mark & 0x000000ff == 0x00000001',
  },
  { statements: [match(meta('length'), range(number(100), number(200)))], text: 'meta length 100-200' },
  { statements: [match(meta('pkttype'), symbol('broadcast'))], text: 'meta pkttype broadcast' },
  { statements: [match(meta('skuid'), number(0), true)], text: 'meta skuid != 0' },
  { statements: [match(meta('cpu'), number(1))], text: 'meta cpu 1' },
  {
    statements: [match(meta('hour'), range(string('08:00'), string('17:00')))],
    text: 'meta hour "08:00"-"17:00"',
  },
  {
    statements: [match(meta('day'), setOf([string('Monday'), string('Tuesday')]))],
    text: 'meta day { "Monday", "Tuesday" }',
  },
  {
    statements: [compare(binary(meta('random'), '&', number(2147483647)), '<', number(1073741824))],
    text: 'meta random & 2147483647 < 1073741824',
  },
  // addresses
  { statements: [match(saddr, symbol('192.0.2.1'))], text: 'ip saddr 192.0.2.1' },
  { statements: [match(saddr, prefix('192.0.2.0', 24), true)], text: 'ip saddr != 192.0.2.0/24' },
  { statements: [match(saddr, range(symbol('192.0.2.1'), symbol('192.0.2.9')))], text: 'ip saddr 192.0.2.1-192.0.2.9' },
  {
    statements: [compare(binary(saddr, '&', symbol('255.0.255.0')), '==', symbol('10.0.1.0'))],
    text: 'ip saddr & 255.0.255.0 == 10.0.1.0',
  },
  {
    statements: [match(saddr, setOf([symbol('192.0.2.1'), prefix('198.51.100.0', 24)]))],
    text: 'ip saddr { 192.0.2.1, 198.51.100.0/24 }',
  },
  { statements: [match(saddr, setReference('addresses'), true)], text: 'ip saddr != @addresses' },
  { family: 'ip6', statements: [match(payload('ip6', 'saddr'), prefix('2001:db8::', 32))], text: 'ip6 saddr 2001:db8::/32' },
  {
    family: 'ip6',
    statements: [match(payload('ip6', 'saddr'), range(symbol('2001:db8::1'), symbol('2001:db8::9')))],
    text: 'ip6 saddr 2001:db8::1-2001:db8::9',
  },
  { family: 'inet', statements: [match(saddr, symbol('192.0.2.1'))], text: 'ip saddr 192.0.2.1' },
  // ports and flags
  { statements: [match(tcp('dport'), range(number(1024), number(65535)))], text: 'tcp dport 1024-65535' },
  {
    statements: [match(payload('udp', 'sport'), setOf([number(53), range(number(67), number(68))]), true)],
    text: 'udp sport != { 53, 67-68 }',
  },
  {
    statements: [compare(binary(tcp('flags'), '&', flags('fin', 'syn', 'rst', 'ack')), '==', symbol('syn'))],
    text: 'tcp flags & (fin | syn | rst | ack) == syn',
    listed: 'tcp flags syn / fin,syn,rst,ack',
  },
  {
    statements: [compare(binary(tcp('flags'), '&', symbol('rst')), '==', symbol('rst'))],
    text: 'tcp flags & rst == rst',
  },
  {
    statements: [compare(binary(tcp('flags'), '&', flags('syn', 'ack')), '!=', flags('syn', 'ack'))],
    text: 'tcp flags & (syn | ack) != syn | ack',
    listed: 'tcp flags != syn,ack / syn,ack',
  },
  {
    statements: [compare(binary(tcp('flags'), '&', flags('fin', 'syn')), '==', hex(0))],
    text: 'tcp flags & (fin | syn) == 0x0',
    listed: 'tcp flags ! fin,syn',
  },
  { statements: [match(tcp('flags'), list([symbol('syn'), symbol('ack')]))], text: 'tcp flags syn,ack' },
  { statements: [match({ kind: 'tcpOption', name: 'maxseg', field: 'size' }, range(number(1), number(500)))], text: 'tcp option maxseg size 1-500' },
  { statements: [match({ kind: 'tcpOption', name: 'timestamp' }, symbol('exists'))], text: 'tcp option timestamp exists' },
  { statements: [match({ kind: 'tcpOption', name: 'maxseg' }, symbol('missing'))], text: 'tcp option maxseg missing' },
  { statements: [match({ kind: 'tcpOption', name: '253' }, symbol('exists'))], text: 'tcp option 253 exists' },
  { statements: [match({ kind: 'sctpChunk', name: 'init-ack' }, symbol('exists'))], text: 'sctp chunk init-ack exists', since: '1.0.6' },
  { statements: [match({ kind: 'sctpChunk', name: 'data', field: 'flags' }, number(2), true)], text: 'sctp chunk data flags != 2', since: '1.0.6' },
  { statements: [match(payload('icmp', 'type'), symbol('echo-request'))], text: 'icmp type echo-request' },
  {
    statements: [match(payload('icmp', 'type'), symbol('destination-unreachable')), match(payload('icmp', 'code'), number(3))],
    text: 'icmp type destination-unreachable icmp code 3',
    listed: 'icmp type destination-unreachable icmp code port-unreachable',
  },
  { family: 'ip6', statements: [match(payload('icmpv6', 'type'), symbol('nd-router-advert'))], text: 'icmpv6 type nd-router-advert' },
  { statements: [match(payload('sctp', 'dport'), number(5))], text: 'sctp dport 5' },
  { statements: [match(payload('dccp', 'dport'), number(5))], text: 'dccp dport 5' },
  { statements: [match(payload('udplite', 'dport'), number(5))], text: 'udplite dport 5' },
  { statements: [match(payload('ah', 'spi'), range(number(1), number(5)))], text: 'ah spi 1-5' },
  { statements: [match(payload('esp', 'spi'), number(5))], text: 'esp spi 5' },
  { statements: [match(payload('comp', 'cpi'), number(5))], text: 'comp cpi 5' },
  { statements: [match(payload('ether', 'saddr'), symbol('02:00:00:00:00:01'))], text: 'ether saddr 02:00:00:00:00:01' },
  // header bits
  {
    statements: [compare(binary(payload('ip', 'frag-off'), '&', hex(0x1fff)), '!=', number(0))],
    text: 'ip frag-off & 0x1fff != 0',
    listed: 'ip frag-off & 8191 != 0',
  },
  { statements: [match(payload('ip', 'dscp'), symbol('cs2'))], text: 'ip dscp cs2' },
  { statements: [match(payload('ip', 'ecn'), symbol('ce'))], text: 'ip ecn ce' },
  { statements: [compare(payload('ip', 'ttl'), '<', number(5))], text: 'ip ttl < 5' },
  { statements: [match(payload('ip', 'protocol'), symbol('tcp'))], text: 'ip protocol tcp' },
  { statements: [match({ kind: 'rawPayload', base: 'nh', offset: 96, length: 32 }, hex(1))], text: '@nh,96,32 0x1', listed: 'ip saddr 0.0.0.1' },
  {
    statements: [compare(binary({ kind: 'rawPayload', base: 'th', offset: 32, length: 32 }, '&', hex(0xff00)), '==', hex(0x1200))],
    text: '@th,32,32 & 0xff00 == 0x1200',
  },
  { family: 'ip6', statements: [match({ kind: 'exthdr', header: 'frag' }, symbol('exists'))], text: 'exthdr frag exists' },
  { family: 'ip6', statements: [match({ kind: 'exthdr', header: 'hbh' }, symbol('missing'))], text: 'exthdr hbh missing' },
  { family: 'ip6', statements: [match({ kind: 'exthdr', header: 'frag', field: 'more-fragments' }, number(1))], text: 'frag more-fragments 1' },
  { family: 'ip6', statements: [match({ kind: 'exthdr', header: 'rt', field: 'seg-left' }, range(number(3), number(9)))], text: 'rt seg-left 3-9' },
  { family: 'ip6', statements: [match(payload('ip6', 'hoplimit'), number(64))], text: 'ip6 hoplimit 64' },
  // connection tracking
  { statements: [match(ct('state'), symbol('new'))], text: 'ct state new' },
  { statements: [match(ct('state'), list([symbol('established'), symbol('related')]))], text: 'ct state established,related' },
  {
    statements: [match(ct('state'), setOf([symbol('established'), symbol('related')]), true)],
    text: 'ct state != { established, related }',
  },
  { statements: [match(ct('status'), list([symbol('snat'), symbol('dnat')]))], text: 'ct status snat,dnat' },
  { statements: [match(ct('direction'), symbol('original'))], text: 'ct direction original' },
  { statements: [match(ct('mark'), hex(5))], text: 'ct mark 0x5', listed: 'ct mark 0x00000005' },
  {
    statements: [match(ct('saddr', 'original', 'ip'), prefix('10.0.0.0', 8))],
    text: 'ct original ip saddr 10.0.0.0/8',
  },
  {
    statements: [match(meta('l4proto'), symbol('tcp')), match(ct('proto-dst', 'original'), number(80))],
    text: 'meta l4proto tcp ct original proto-dst 80',
  },
  { statements: [compare(ct('bytes', 'original'), '>', number(1000))], text: 'ct original bytes > 1000' },
  { statements: [match(ct('packets'), range(number(5), number(9)))], text: 'ct packets 5-9' },
  { statements: [match(ct('expiration'), range(symbol('1m'), symbol('2m')))], text: 'ct expiration 1m-2m', listed: 'ct expiration 60s-120s' },
  { statements: [match(ct('helper'), string('ftp'))], text: 'ct helper "ftp"' },
  { statements: [match(ct('label'), number(1))], text: 'ct label 1' },
  { statements: [match(ct('zone'), number(5))], text: 'ct zone 5' },
  // route, fib, socket
  {
    statements: [match({ kind: 'fib', flags: ['daddr'], result: 'type' }, symbol('local'))],
    text: 'fib daddr type local',
  },
  {
    statements: [match({ kind: 'fib', flags: ['saddr', 'iif'], result: 'oif' }, symbol('missing'))],
    text: 'fib saddr . iif oif missing',
  },
  {
    statements: [match({ kind: 'fib', flags: ['saddr', 'mark', 'iif'], result: 'oif' }, symbol('exists'))],
    text: 'fib saddr . mark . iif oif exists',
  },
  { statements: [match({ kind: 'rt', key: 'classid' }, number(16))], text: 'rt classid 16' },
  { statements: [match({ kind: 'rt', key: 'ipsec' }, symbol('exists'))], text: 'rt ipsec exists' },
  { statements: [match({ kind: 'socket', key: 'transparent' }, number(1))], text: 'socket transparent 1' },
  // numbers made by nft
  { statements: [match(numgen('inc', 2), number(0))], text: 'numgen inc mod 2 0' },
  { statements: [compare(numgen('random', 1000), '<', number(10))], text: 'numgen random mod 1000 < 10' },
  {
    statements: [compare(numgen('inc', 2, 3), '==', number(4))],
    text: 'numgen inc mod 2 offset 3 == 4',
    since: '1.0.6',
    listed: 'numgen inc mod 2 offset 3 4',
  },
  {
    statements: [compare({ kind: 'jhash', of: ct('saddr', 'original', 'ip'), modulus: 3, seed: 0xdeadbeef }, '==', number(1))],
    text: 'jhash ct original ip saddr mod 3 seed 0xdeadbeef == 1',
    listed: 'jhash ct original ip saddr mod 3 seed 0xdeadbeef 1',
  },
  {
    statements: [compare({ kind: 'jhash', of: concatenation([saddr, payload('ip', 'daddr')]), modulus: 4, offset: 10 }, '==', number(11))],
    text: 'jhash ip saddr . ip daddr mod 4 offset 10 == 11',
    since: '1.0.6',
    listed: 'jhash ip saddr . ip daddr mod 4 offset 10 11',
  },
  // concatenations and maps
  {
    statements: [
      match(
        concatenation([saddr, tcp('dport')]),
        setOf([concatenation([symbol('192.0.2.1'), number(80)]), concatenation([prefix('198.51.100.0', 24), range(number(90), number(99))])]),
      ),
    ],
    text: 'ip saddr . tcp dport { 192.0.2.1 . 80, 198.51.100.0/24 . 90-99 }',
  },
  { statements: [match(concatenation([saddr, tcp('dport')]), setReference('pairs'))], text: 'ip saddr . tcp dport @pairs' },
  {
    statements: [match(concatenation([binary(saddr, '&', symbol('255.255.255.0')), tcp('dport')]), setReference('pairs'))],
    text: 'ip saddr & 255.255.255.0 . tcp dport @pairs',
    since: '1.0.6',
  },
  {
    statements: [
      {
        kind: 'verdictMap',
        key: tcp('dport'),
        to: {
          kind: 'mapping',
          entries: [
            { key: number(22), verdict: { kind: 'accept' } },
            { key: range(number(80), number(89)), verdict: { kind: 'jump', chain: fixtureChain } },
          ],
        },
      },
    ],
    text: 'tcp dport vmap { 22 : accept, 80-89 : jump elsewhere }',
  },
  { statements: [{ kind: 'verdictMap', key: tcp('dport'), to: { kind: 'setReference', name: 'verdicts' } }], text: 'tcp dport vmap @verdicts' },
  {
    statements: [
      assign(
        mark,
        mapping(saddr, [
          [symbol('192.0.2.1'), hex(1)],
          [prefix('198.51.100.0', 24), hex(2)],
        ]),
      ),
    ],
    text: 'meta mark set ip saddr map { 192.0.2.1 : 0x1, 198.51.100.0/24 : 0x2 }',
    listed: 'meta mark set ip saddr map { 192.0.2.1 : 0x00000001, 198.51.100.0/24 : 0x00000002 }',
  },
  {
    statements: [assign(mark, { kind: 'map', key: saddr, to: { kind: 'setReference', name: 'marks' } })],
    text: 'meta mark set ip saddr map @marks',
  },
  // limits and counters
  { statements: [limit(10, 'second', 5)], text: 'limit rate 10/second burst 5 packets', listed: 'limit rate 10/second' },
  { statements: [limit(312, 'minute', 26, true)], text: 'limit rate over 312/minute burst 26 packets' },
  { statements: [limit(1, 'week', 1)], text: 'limit rate 1/week burst 1 packets' },
  {
    statements: [{ kind: 'limit', over: false, rate: 1025, per: 'second', unit: 'bytes', burst: 0 }],
    text: 'limit rate 1025 bytes/second',
  },
  {
    statements: [{ kind: 'limit', over: true, rate: 10240, per: 'second', unit: 'bytes', burst: 3001 }],
    text: 'limit rate over 10240 bytes/second burst 3001 bytes',
    listed: 'limit rate over 10 kbytes/second burst 3001 bytes',
  },
  { statements: [{ kind: 'quota', over: false, bytes: 1000 }], text: 'quota 1000 bytes' },
  { statements: [{ kind: 'quota', over: true, bytes: 2 ** 53 }], text: 'quota over 9007199254740992 bytes', listed: 'quota over 8589934592 mbytes' },
  { statements: [{ kind: 'ctCount', over: true, count: 3 }], text: 'ct count over 3' },
  { statements: [{ kind: 'ctCount', over: false, count: 3 }], text: 'ct count 3' },
  { statements: [counter()], text: 'counter', listed: 'counter packets 0 bytes 0' },
  { statements: [counter(5, 600)], text: 'counter packets 5 bytes 600' },
  // sets fed by rules
  { statements: [{ kind: 'setUpdate', operation: 'add', set: 'seen', key: saddr }], text: 'add @seen { ip saddr }' },
  {
    statements: [{ kind: 'setUpdate', operation: 'update', set: 'seen', key: saddr, timeout: 60_004 }],
    text: 'update @seen { ip saddr timeout 60004ms }',
    listed: 'update @seen { ip saddr timeout 1m4ms }',
    roundedInJson: true,
  },
  {
    statements: [{ kind: 'setUpdate', operation: 'update', set: 'seen', key: saddr, timeout: 90_000 }],
    text: 'update @seen { ip saddr timeout 90s }',
    listed: 'update @seen { ip saddr timeout 1m30s }',
  },
  {
    statements: [
      { kind: 'setUpdate', operation: 'update', set: 'seen', key: saddr, timeout: 60_000, statements: [limit(312, 'minute', 26, true)] },
      drop,
    ],
    text: 'update @seen { ip saddr timeout 1m limit rate over 312/minute burst 26 packets } drop',
    listed: 'update @seen { ip saddr timeout 1m limit rate over 312/minute burst 26 packets } drop',
  },
  {
    statements: [
      { kind: 'setUpdate', operation: 'add', set: 'connections', key: saddr, statements: [{ kind: 'ctCount', over: true, count: 3 }] },
      drop,
    ],
    text: 'add @connections { ip saddr ct count over 3 } drop',
  },
  {
    statements: [{ kind: 'setUpdate', operation: 'add', set: 'seen', key: saddr, statements: [limit(1, 'week', 1), counter()] }],
    text: 'add @seen { ip saddr limit rate 1/week burst 1 packets counter }',
    since: '1.0.6',
  },
  { statements: [{ kind: 'setUpdate', operation: 'delete', set: 'seen', key: saddr }], text: 'delete @seen { ip saddr }' },
  {
    statements: [{ kind: 'setUpdate', operation: 'add', set: 'pairs', key: concatenation([saddr, tcp('dport')]) }],
    text: 'add @pairs { ip saddr . tcp dport }',
  },
  {
    statements: [{ kind: 'setUpdate', operation: 'add', set: 'marks', key: saddr, timeout: 5000, data: hex(5) }],
    text: 'add @marks { ip saddr timeout 5s : 0x5 }',
    listed: 'add @marks { ip saddr timeout 5s : 0x00000005 }',
    jsonSince: '1.1.3',
  },
  {
    statements: [{ kind: 'setUpdate', operation: 'delete', set: 'marks', key: saddr, data: mark }],
    text: 'delete @marks { ip saddr : meta mark }',
    jsonSince: '1.1.3',
  },
  // log
  { statements: [{ kind: 'log' }], text: 'log' },
  { statements: [{ kind: 'log', prefix: 'IN: ', level: 'info' }], text: 'log prefix "IN: " level info' },
  { statements: [{ kind: 'log', prefix: "a\\b'c#{};%*" }], text: 'log prefix "a\\b\'c#{};%*"' },
  {
    statements: [{ kind: 'log', prefix: 'say "hi" for $5' }],
    text: 'log prefix "say \'hi\' for S5"',
  },
  {
    statements: [{ kind: 'log', level: 'debug', flags: ['tcp sequence', 'ip options'] }],
    text: 'log level debug flags tcp sequence flags ip options',
    listed: 'log level debug flags tcp sequence flags ip options',
  },
  {
    statements: [{ kind: 'log', flags: ['tcp sequence', 'tcp options', 'skuid'] }],
    text: 'log flags tcp sequence flags tcp options flags skuid',
    listed: 'log flags tcp sequence,options flags skuid',
  },
  { statements: [{ kind: 'log', flags: ['tcp sequence,options', 'ip options'] }], text: 'log flags tcp sequence,options flags ip options' },
  { statements: [{ kind: 'log', flags: ['all'] }], text: 'log flags all' },
  {
    statements: [{ kind: 'log', prefix: 'x', group: 3, snapLength: 80, queueThreshold: 5 }],
    text: 'log prefix "x" group 3 snaplen 80 queue-threshold 5',
  },
  // verdicts
  { statements: [accept], text: 'accept' },
  { statements: [returnToCaller], text: 'return' },
  { statements: [{ kind: 'verdict', verdict: { kind: 'continue' } }], text: 'continue' },
  { statements: [jump(fixtureChain)], text: 'jump elsewhere' },
  { statements: [port80, counter(1, 60), goTo(fixtureChain)], text: 'tcp dport 80 counter packets 1 bytes 60 goto elsewhere' },
  // reject
  { statements: [{ kind: 'reject' }], text: 'reject' },
  {
    statements: [{ kind: 'reject', with: { kind: 'icmp', code: 'admin-prohibited' } }],
    text: 'reject with icmp type admin-prohibited',
    listed: 'reject with icmp admin-prohibited',
  },
  {
    family: 'ip6',
    statements: [{ kind: 'reject', with: { kind: 'icmpv6', code: 'no-route' } }],
    text: 'reject with icmpv6 type no-route',
    listed: 'reject with icmpv6 no-route',
  },
  {
    family: 'inet',
    statements: [{ kind: 'reject', with: { kind: 'icmpx', code: 'admin-prohibited' } }],
    text: 'reject with icmpx type admin-prohibited',
    listed: 'reject with icmpx admin-prohibited',
  },
  { statements: [port80, { kind: 'reject', with: { kind: 'tcpReset' } }], text: 'tcp dport 80 reject with tcp reset' },
  // address translation
  {
    base: nat('prerouting'),
    statements: [port80, { kind: 'nat', type: 'dnat', address: symbol('192.0.2.1'), port: number(8080) }],
    text: 'tcp dport 80 dnat to 192.0.2.1:8080',
  },
  {
    base: nat('prerouting'),
    statements: [{ kind: 'nat', type: 'dnat', address: symbol('192.0.2.1'), flags: ['persistent'] }],
    text: 'dnat to 192.0.2.1 persistent',
  },
  {
    base: nat('prerouting'),
    statements: [
      port80,
      {
        kind: 'nat',
        type: 'dnat',
        address: range(symbol('192.0.2.1'), symbol('192.0.2.9')),
        port: range(number(80), number(89)),
        flags: ['random', 'persistent'],
      },
    ],
    text: 'tcp dport 80 dnat to 192.0.2.1-192.0.2.9:80-89 random,persistent',
  },
  {
    base: nat('prerouting'),
    statements: [port80, { kind: 'nat', type: 'dnat', port: number(8080), family: 'ip' }],
    text: 'tcp dport 80 dnat to :8080',
  },
  { base: nat('prerouting'), statements: [port80, { kind: 'nat', type: 'redirect', port: number(8080) }], text: 'tcp dport 80 redirect to :8080' },
  { base: nat('prerouting'), statements: [{ kind: 'nat', type: 'redirect' }], text: 'redirect' },
  { base: nat('prerouting'), statements: [{ kind: 'nat', type: 'dnat', address: prefix('192.0.2.0', 24) }], text: 'dnat prefix to 192.0.2.0/24' },
  {
    base: nat('prerouting'),
    statements: [{ kind: 'nat', type: 'dnat', address: mapping(payload('ip', 'daddr'), [[prefix('198.51.100.0', 24), prefix('192.0.2.0', 24)]]) }],
    text: 'dnat prefix to ip daddr map { 198.51.100.0/24 : 192.0.2.0/24 }',
    listed: 'dnat ip prefix to ip daddr map { 198.51.100.0/24 : 192.0.2.0/24 }',
  },
  {
    base: nat('prerouting'),
    statements: [
      {
        kind: 'nat',
        type: 'dnat',
        address: mapping(numgen('inc', 2), [
          [number(0), symbol('192.0.2.1')],
          [number(1), symbol('192.0.2.2')],
        ]),
      },
    ],
    text: 'dnat to numgen inc mod 2 map { 0 : 192.0.2.1, 1 : 192.0.2.2 }',
  },
  {
    base: nat('prerouting'),
    statements: [{ kind: 'nat', type: 'dnat', address: { kind: 'map', key: tcp('dport'), to: { kind: 'setReference', name: 'hosts' } } }],
    text: 'dnat to tcp dport map @hosts',
  },
  {
    family: 'inet',
    base: nat('prerouting'),
    statements: [port80, { kind: 'nat', type: 'dnat', family: 'ip', address: symbol('192.0.2.1'), port: number(8080) }],
    text: 'tcp dport 80 dnat ip to 192.0.2.1:8080',
  },
  {
    family: 'ip6',
    base: nat('prerouting'),
    statements: [port80, { kind: 'nat', type: 'dnat', address: symbol('2001:db8::1'), port: number(8080) }],
    text: 'tcp dport 80 dnat to [2001:db8::1]:8080',
  },
  {
    family: 'ip6',
    base: nat('prerouting'),
    statements: [
      port80,
      { kind: 'nat', type: 'dnat', address: range(symbol('2001:db8::1'), symbol('2001:db8::9')), port: range(number(1025), number(65535)) },
    ],
    text: 'tcp dport 80 dnat to [2001:db8::1]-[2001:db8::9]:1025-65535',
  },
  {
    family: 'ip6',
    base: nat('prerouting'),
    statements: [{ kind: 'nat', type: 'dnat', address: symbol('2001:db8::1') }],
    text: 'dnat to 2001:db8::1',
  },
  {
    base: nat('postrouting'),
    statements: [{ kind: 'nat', type: 'snat', address: symbol('192.0.2.1'), flags: ['fully-random'] }],
    text: 'snat to 192.0.2.1 fully-random',
  },
  { base: nat('postrouting'), statements: [{ kind: 'nat', type: 'masquerade' }], text: 'masquerade' },
  {
    base: nat('postrouting'),
    statements: [port80, { kind: 'nat', type: 'masquerade', port: range(number(1024), number(2048)), flags: ['random'] }],
    text: 'tcp dport 80 masquerade to :1024-2048 random',
  },
  // changing packets and marks
  { base: mangle, statements: [assign(mark, hex(1))], text: 'meta mark set 0x1', listed: 'meta mark set 0x00000001' },
  { base: mangle, statements: [assign(mark, ct('mark'))], text: 'meta mark set ct mark' },
  { base: mangle, statements: [assign(ct('mark'), mark)], text: 'ct mark set meta mark' },
  {
    base: mangle,
    statements: [assign(mark, binary(binary(mark, '&', hex(0xffffff00)), '^', hex(0x12)))],
    text: 'meta mark set meta mark & 0xffffff00 ^ 0x12',
    listed: 'meta mark set meta mark & 0xffffff12 | 0x00000012',
  },
  {
    base: mangle,
    statements: [assign(mark, binary(mark, '&', binary(hex(0xf0), '|', hex(0x0f))))],
    text: 'meta mark set meta mark & (0xf0 | 0xf)',
    listed: 'meta mark set meta mark & 0x000000ff',
  },
  {
    base: mangle,
    statements: [assign(mark, binary(binary(mark, '|', hex(0x10)), '&', hex(0xfe)))],
    text: 'meta mark set (meta mark | 0x10) & 0xfe',
    listed: 'meta mark set meta mark & 0x000000fe | 0x00000010',
  },
  { base: mangle, statements: [assign(payload('ip', 'dscp'), symbol('cs1'))], text: 'ip dscp set cs1' },
  { base: mangle, statements: [assign(payload('ip', 'ttl'), number(64))], text: 'ip ttl set 64' },
  { family: 'ip6', base: mangle, statements: [assign(payload('ip6', 'hoplimit'), number(64))], text: 'ip6 hoplimit set 64' },
  { base: mangle, statements: [assign(meta('priority'), symbol('1:10'))], text: 'meta priority set 1:10' },
  { base: mangle, statements: [assign(meta('nftrace'), number(1))], text: 'meta nftrace set 1' },
  {
    base: { ...mangle, hook: 'forward' },
    statements: [assign({ kind: 'tcpOption', name: 'maxseg', field: 'size' }, { kind: 'rt', key: 'mtu' })],
    text: 'tcp option maxseg size set rt mtu',
  },
  { base: mangle, statements: [assign({ kind: 'tcpOption', name: 'maxseg', field: 'size' }, number(1400))], text: 'tcp option maxseg size set 1400' },
  { base: mangle, statements: [{ kind: 'resetTcpOption', name: 'sack-perm' }], text: 'reset tcp option sack-perm', since: '1.0.6' },
  { base: raw, statements: [assign(ct('zone'), number(5))], text: 'ct zone set 5' },
  { base: raw, statements: [assign(ct('event'), list([symbol('new'), symbol('destroy')]))], text: 'ct event set new,destroy' },
  { base: raw, statements: [{ kind: 'notrack' }], text: 'notrack' },
  // the rest
  { statements: [{ kind: 'objectReference', type: 'ct helper', name: 'ftp-standard' }], text: 'ct helper set "ftp-standard"' },
  { statements: [{ kind: 'dup', address: symbol('192.0.2.1'), device: 'lo' }], text: 'dup to 192.0.2.1 device "lo"' },
  {
    statements: [port80, { kind: 'synproxy', mss: 1460, wscale: 7, flags: ['timestamp', 'sack-perm'] }],
    text: 'tcp dport 80 synproxy mss 1460 wscale 7 timestamp sack-perm',
  },
  { statements: [port80, { kind: 'synproxy' }], text: 'tcp dport 80 synproxy' },
  {
    base: mangle,
    statements: [port80, { kind: 'tproxy', address: symbol('127.0.0.1'), port: number(8080) }],
    text: 'tcp dport 80 tproxy to 127.0.0.1:8080',
  },
  { base: mangle, statements: [port80, { kind: 'tproxy', port: number(8080) }], text: 'tcp dport 80 tproxy to :8080' },
  {
    family: 'ip6',
    base: mangle,
    statements: [port80, { kind: 'tproxy', address: symbol('::1'), port: number(8080) }],
    text: 'tcp dport 80 tproxy to [::1]:8080',
  },
  {
    family: 'inet',
    base: mangle,
    statements: [port80, { kind: 'tproxy', family: 'ip6', address: symbol('::1'), port: number(8080) }],
    text: 'tcp dport 80 tproxy ip6 to [::1]:8080',
  },
];

/** The same without a kernel: kernels are built without some of these. */
export const unloadableForms: readonly Form[] = [
  { statements: [{ kind: 'queue', from: 3 }], text: 'queue num 3' },
  { statements: [{ kind: 'queue', from: 3, flags: ['bypass'] }], text: 'queue num 3 bypass' },
  { statements: [{ kind: 'queue', from: 0, to: 3, flags: ['bypass', 'fanout'] }], text: 'queue num 0-3 bypass,fanout' },
  { statements: [{ kind: 'objectReference', type: 'counter', name: 'web' }], text: 'counter name "web"' },
  { statements: [{ kind: 'objectReference', type: 'quota', name: 'web' }], text: 'quota name "web"' },
  { statements: [{ kind: 'objectReference', type: 'limit', name: 'web' }], text: 'limit name "web"' },
  { statements: [{ kind: 'objectReference', type: 'ct timeout', name: 'web' }], text: 'ct timeout set "web"' },
];
