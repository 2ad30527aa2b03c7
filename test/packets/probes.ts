/** Packets for matches that look at headers which few packets have. */

import { fileURLToPath } from 'node:url';
import type { Packet, Path } from '../support/packets.js';

/** What the packets of one match need. */
export interface Probes {
  readonly packets: (family: 4 | 6, path: Path) => readonly Packet[];
  /** Whether connections are tracked; fragments are put together then. */
  readonly conntrack?: false;
  /** Whether the packets are none of those that approximate translations differ about. */
  readonly alike?: true;
  /** Programs that run in the namespace of each side before the rules are loaded. */
  readonly before?: readonly (readonly string[])[];
}

const OUTSIDE = { 4: '192.0.2.1', 6: '2001:db8::1' };
const HERE = { 4: '203.0.113.7', 6: '2001:db8:7::7' };

const base = (family: 4 | 6, path: Path): Packet =>
  path === 'out' ? { path, src: HERE[family], dst: OUTSIDE[family] } : { path, src: OUTSIDE[family], dst: HERE[family] };

/** Numbers of extension headers. (IANA, IPv6 extension header types) */
const HOP_BY_HOP = 0;
const ROUTING = 43;
const FRAGMENT = 44;
const ESP = 50;
const AH = 51;
const NONE = 59;
const DESTINATION = 60;
const MOBILITY = 135;

type Extension = readonly [header: number, rest: string];

const bytes = (values: readonly number[]): string => values.map((value) => value.toString(16).padStart(2, '0')).join('');

/** A hop-by-hop or destination options header of so many bytes, a multiple of 8, with padding in it. */
const options = (header: number, length = 8): Extension => {
  const padding = length - 4;
  const parts: number[] = [];
  for (let left = padding; left >= 0; left -= 257) parts.push(1, Math.min(left, 255), ...Array<number>(Math.min(left, 255)).fill(0));
  return [header, bytes([length / 8 - 1, ...parts.slice(0, length - 2)])];
};

/** A fragment header; `offset` in units of 8 bytes, `reserved` and `reserved2` bits that have to be 0. */
const fragment = (id: number, { offset = 0, more = 0, reserved = 0, reserved2 = 0 } = {}): Extension => [
  FRAGMENT,
  bytes([reserved, offset >> 5, ((offset << 3) & 0xff) | (reserved2 << 1) | more, id >>> 24, (id >> 16) & 0xff, (id >> 8) & 0xff, id & 0xff]),
];

/** A routing header: 4 bytes after the type and segments left, and addresses as hex. */
const routing = (type: number, left: number, rest = '00000000', addresses: readonly string[] = []): Extension => [
  ROUTING,
  bytes([addresses.length * 2, type, left]) + rest + addresses.join(''),
];

const address = (last: number): string => `20010db8${'0'.repeat(22)}${last.toString(16).padStart(2, '0')}`;

/** An authentication header with so many bytes, a multiple of 4. */
const authentication = (spi: number, length = 24, reserved = 0): Extension => [
  AH,
  bytes([length / 4 - 2, reserved >> 8, reserved & 0xff, spi >>> 24, (spi >> 16) & 0xff, (spi >> 8) & 0xff, spi & 0xff]) +
    '0'.repeat((length - 8) * 2),
];

const PLAIN = ['tcp', 'udp', 'icmp'] as const;
const SPIS = [0, 1, 3, 4, 5, 6, 15, 16, 17, 32, 33, 255, 256, 257, 258, 299, 300, 301, 4294967294, 4294967295];

function withSpis(proto: 'esp' | 'ah'): (family: 4 | 6, path: Path) => readonly Packet[] {
  return (family, path) => [
    ...SPIS.map((spi): Packet => ({ ...base(family, path), proto, spi })),
    // A later fragment has no header, whatever its bytes look like. (In IPv6 nft takes bytes of the IP header for it.)
    ...(family === 6 ? [] : [{ ...base(family, path), proto, fragment: { offset: 64, more: false }, payload: '\0\0\x01\0\0\0\0\x01'.repeat(4) }]),
  ];
}

const mobility = (type: number, next = NONE): string => String.fromCharCode(next, 1, type, 0, 0, 0, 0, 0) + '\0'.repeat(8);

/** An SCTP chunk of four bytes and what fills it up. */
const chunk = (type: number, flags = 0, length = 4): string =>
  String.fromCharCode(type, flags, length >> 8, length & 0xff) + '\0'.repeat(Math.ceil(length / 4) * 4 - 4);

const six = (make: (start: Packet) => readonly Packet[], alike = false): Probes => ({
  packets: (family, path) => (family === 6 ? make(base(6, path)) : []),
  conntrack: false,
  ...(alike ? { alike } : {}),
});

const spread = (start: Packet, headers: readonly (readonly Extension[])[]): readonly Packet[] =>
  headers.flatMap((extensions, place) => PLAIN.map((proto): Packet => ({ ...start, proto, sport: 6000 + place, dport: 53, extensions })));

const LENGTHS = [8, 16, 24, 2048];

/** By the name of the match. */
export const PROBES: ReadonlyMap<string, Probes> = new Map<string, Probes>([
  ['esp', { packets: withSpis('esp'), conntrack: false }],
  [
    'ah',
    {
      packets: (family, path) => [
        ...withSpis('ah')(family, path),
        ...(family === 4
          ? []
          : spread(base(6, path), [
              ...SPIS.map((spi) => [authentication(spi)]),
              ...[12, 16, 20, 24, 28, 32, 1028].map((length) => [authentication(256, length)]),
              ...[1, 0x100, 0xffff].map((reserved) => [authentication(256, 24, reserved)]),
              [options(HOP_BY_HOP), authentication(256)],
              [authentication(256), options(DESTINATION)],
              [fragment(7), authentication(256)],
            ])),
      ],
      conntrack: false,
    },
  ],
  [
    'frag',
    six((start) =>
      spread(start, [
        ...[0, 1, 2, 3, 4, 5, 6, 15, 16, 17, 41, 42, 43, 4294967295].map((id) => [fragment(id)]),
        ...[0, 1].flatMap((more) => [0, 1, 32, 8191].map((offset) => [fragment(5, { offset, more })])),
        ...[1, 128].map((reserved) => [fragment(5, { reserved })]),
        ...[1, 2, 3].flatMap((reserved2) => [[fragment(5, { reserved2 })], [fragment(5, { reserved2, offset: 3, more: 1 })]]),
        [options(HOP_BY_HOP), fragment(5, { more: 1 })],
        [fragment(5), options(DESTINATION)],
        [options(DESTINATION)],
      ]),
    ),
  ],
  [
    'rt',
    six((start) =>
      spread(start, [
        ...[0, 1, 2, 3, 4, 255].map((type) => [routing(type, 1, '00000000', [address(1)])]),
        ...[0, 1, 2, 11, 12, 22, 23, 24, 254, 255].map((left) => [routing(0, left, '00000000', [address(1)])]),
        ...['00000001', '01000000', '00010000', '00000100', 'ffffffff'].map((rest) => [routing(0, 0, rest, [address(1)])]),
        [routing(0, 0)],
        [routing(0, 0, '00000001')],
        [routing(0, 0, '00000000', [address(2)])],
        [routing(0, 0, '00000000', [address(1), address(2)])],
        [routing(0, 0, '00000000', [address(2), address(1)])],
        [routing(0, 0, '00000000', [address(1), address(2), address(3)])],
        [routing(0, 0, '00000000', Array<string>(127).fill(address(1)))],
        [[ROUTING, `010000${'00'.repeat(12)}`]],
        [[ROUTING, `03000000000000${address(1)}${'00'.repeat(8)}`]],
        [options(HOP_BY_HOP), routing(0, 1, '00000000', [address(1)])],
        [options(DESTINATION), routing(4, 1)],
        [fragment(9, { offset: 3 }), routing(0, 1)],
        [options(DESTINATION)],
      ]),
    ),
  ],
  [
    'srh',
    six((start) => {
      const two = [address(1), address(2)];
      const tag = (value: number): string => `0100${value.toString(16).padStart(4, '0')}`;
      return spread(start, [
        ...[0, 1].flatMap((left) => [0, 16, 0x1000, 65535].map((value) => [routing(4, left, tag(value), two)])),
        [routing(4, 0, '00000000', [address(1)])],
        [routing(4, 0, '00000000', [address(2)])],
        [routing(4, 0, '00000000')],
        [routing(4, 2, '02000000', [...two, address(3)])],
        [routing(4, 1, '02000000', [...two, address(3)])],
        [routing(4, 4, '04000000', [...two, ...two, address(3)])],
        [routing(4, 0, '01000000', ['20010db8000000010000000000000001', address(2)])],
        [routing(0, 1, '01000000', two)],
        [options(HOP_BY_HOP), routing(4, 1, '01000000', two)],
        [fragment(9, { offset: 3 }), routing(4, 1, '01000000', two)],
        [routing(4, 0, '00000000', Array<string>(127).fill(address(1)))],
      ]);
    }, true),
  ],
  [
    'hbh',
    six((start) =>
      spread(start, [...LENGTHS.map((length) => [options(HOP_BY_HOP, length)]), [options(HOP_BY_HOP), options(DESTINATION)], [options(DESTINATION)]]),
    ),
  ],
  [
    'dst',
    six((start) =>
      spread(start, [
        ...LENGTHS.map((length) => [options(DESTINATION, length)]),
        [options(HOP_BY_HOP), options(DESTINATION, 16)],
        [options(DESTINATION), routing(0, 0), options(DESTINATION, 16)],
        [fragment(3), options(DESTINATION)],
        [fragment(3, { offset: 1 }), options(DESTINATION)],
        [authentication(3), options(DESTINATION, 24)],
        [options(HOP_BY_HOP)],
      ]),
    ),
  ],
  [
    'ipv6header',
    six((start) => {
      const four = [options(HOP_BY_HOP), options(DESTINATION), routing(0, 0), fragment(3)];
      return [
        ...spread(start, [
          ...four.map((header) => [header]),
          ...four.flatMap((first, place) => four.slice(place + 1).map((second) => [first, second])),
          four,
          [options(HOP_BY_HOP), options(DESTINATION), routing(0, 0), options(DESTINATION)],
          [authentication(3)],
          [options(HOP_BY_HOP), authentication(3)],
          [fragment(3, { offset: 5 })],
        ]),
        ...[ESP, NONE].flatMap((proto): readonly Packet[] => [
          { ...start, proto },
          ...four.map((header): Packet => ({ ...start, proto, extensions: [header] })),
        ]),
      ];
    }),
  ],
  [
    'sctp',
    {
      packets: (family, path) => [
        ...[0, 1, 79, 80, 81, 89, 90, 91, 65535].flatMap((port): readonly Packet[] => [
          { ...base(family, path), proto: 'sctp', sport: port, dport: 7 },
          { ...base(family, path), proto: 'sctp', sport: 7, dport: port },
        ]),
        ...[...Array<unknown>(15).keys(), 128, 192, 193].map((type): Packet => ({
          ...base(family, path),
          proto: 'sctp',
          sport: 9,
          dport: 9,
          payload: chunk(type),
        })),
        ...[...Array<unknown>(16).keys()].flatMap((flags): readonly Packet[] => [
          { ...base(family, path), proto: 'sctp', sport: 9, dport: 9, payload: chunk(0, flags) },
          { ...base(family, path), proto: 'sctp', sport: 9, dport: 9, payload: chunk(6, flags) + chunk(1) },
        ]),
        ...[
          [0, 1],
          [0, 0],
          [1, 6],
          [6, 1],
          [3, 0, 0],
          [2, 3, 4],
          [0, 3, 6],
        ].map((types): Packet => ({
          ...base(family, path),
          proto: 'sctp',
          sport: 9,
          dport: 9,
          payload: types.map((type) => chunk(type, 0, 17)).join(''),
        })),
        ...(family === 6
          ? []
          : [{ ...base(family, path), proto: 'sctp' as const, fragment: { offset: 64, more: false }, payload: chunk(1).repeat(6) }]),
      ],
      conntrack: false,
      // All of types that nft has a name for, and no two of a type with other flags.
      alike: true,
    },
  ],
  [
    'dccp',
    {
      packets: (family, path) => [
        ...[0, 1, 3, 4, 5, 6, 79, 80, 1023, 1024, 65535].flatMap((port): readonly Packet[] => [
          { ...base(family, path), proto: 'dccp', sport: port, dport: 7 },
          { ...base(family, path), proto: 'dccp', sport: 7, dport: port },
        ]),
        ...[...Array<unknown>(16).keys()].map((dccpType): Packet => ({ ...base(family, path), proto: 'dccp', sport: 9, dport: 9, dccpType })),
        ...(family === 6
          ? []
          : [
              {
                ...base(family, path),
                proto: 'dccp' as const,
                fragment: { offset: 64, more: false },
                payload: '\0\x09\0\x09\x05\0\0\0\x01'.repeat(6),
              },
            ]),
      ],
      conntrack: false,
    },
  ],
  [
    'owner',
    {
      packets: (family, path) =>
        path === 'fwd' || path === 'in'
          ? []
          : [
              // Forwarded, it has no socket.
              { path: 'fwd' as const, src: OUTSIDE[family], dst: HERE[family] },
              ...[0, 1, 4, 5, 6, 7, 8, 33, 65534].flatMap((number): readonly Packet[] => [
                { ...base(family, path), proto: 'udp', sport: 10, dport: 10, uid: number },
                { ...base(family, path), proto: 'udp', sport: 10, dport: 10, gid: number },
                { ...base(family, path), proto: 'udp', sport: 10, dport: 10, uid: number, gid: number },
              ]),
            ],
      alike: true,
    },
  ],
  [
    'mh',
    six((start) => [
      ...[0, 1, 2, 3, 4, 5, 6, 7, 8, 122, 123, 124, 255].map((type): Packet => ({ ...start, proto: MOBILITY, payload: mobility(type) })),
      ...[1, 4].flatMap((type) => [6, ESP, DESTINATION].map((next): Packet => ({ ...start, proto: MOBILITY, payload: mobility(type, next) }))),
      { ...start, proto: MOBILITY, payload: mobility(1), extensions: [options(DESTINATION)] },
      { ...start, proto: MOBILITY, payload: mobility(1), extensions: [fragment(4)] },
      { ...start, proto: MOBILITY, payload: mobility(1), extensions: [fragment(4, { offset: 2 })] },
    ]),
  ],
  [
    'rpfilter',
    {
      packets: (family) =>
        (family === 4
          ? ['100.100.1.77', '100.100.2.77', '100.100.1.1', '100.100.2.1', '100.100.1.255', '0.0.0.0', '10.5.0.1', '10.6.0.1', '10.9.0.1']
          : ['fd66:77:1::77', 'fd66:77:2::77', 'fd66:77:1::1', 'fd66:77:2::1', 'fe80::77', '::', '2001:db8:5::1', '2001:db8:6::1', '2001:db8:9::1']
        ).flatMap((src): readonly Packet[] =>
          [HERE[family], family === 4 ? '255.255.255.255' : 'ff02::1'].flatMap((dst): readonly Packet[] =>
            ['eth0', 'eth1'].flatMap((iif) => [0, 1].map((mark): Packet => ({ src, dst, iif, mark, proto: 'udp', sport: 68, dport: 67 }))),
          ),
        ),
      before: [
        ['ip', 'route', 'add', '10.5.0.0/16', 'dev', 'eth0'],
        ['ip', 'route', 'add', 'unreachable', '10.6.0.0/16'],
        ['ip', 'rule', 'add', 'fwmark', '1', 'lookup', '50'],
        ['ip', 'route', 'add', '10.9.0.0/16', 'dev', 'eth0', 'table', '50'],
        ['ip', '-6', 'route', 'add', '2001:db8:5::/48', 'dev', 'eth0'],
        ['ip', '-6', 'route', 'add', 'unreachable', '2001:db8:6::/48'],
        ['ip', '-6', 'rule', 'add', 'fwmark', '1', 'lookup', '50'],
        ['ip', '-6', 'route', 'add', '2001:db8:9::/48', 'dev', 'eth0', 'table', '50'],
      ],
      alike: true,
    },
  ],
  [
    'socket',
    {
      packets: (family) =>
        [family === 4 ? '100.100.1.1' : 'fd66:77:1::1', HERE[family]].flatMap((dst): readonly Packet[] =>
          (['tcp', 'udp'] as const).flatMap((proto) =>
            [79, 80, 81, 82, 83].map((dport): Packet => ({ src: OUTSIDE[family], dst, proto, sport: 1000, dport, mark: 3 })),
          ),
        ),
      before: [['python3', '-B', fileURLToPath(new URL('listeners.py', import.meta.url)), '100.100.1.1', 'fd66:77:1::1']],
      alike: true,
    },
  ],
  [
    'u32',
    {
      packets: (family, path) => [
        ...[0, 4, 5, 17, 64, 255].map((ttl): Packet => ({ ...base(family, path), proto: 'udp', sport: 53, dport: 80, ttl })),
        ...['GET ', 'AB', '', 'A'.repeat(300)].map((payload): Packet => ({ ...base(family, path), dport: 80, options: '020405b4', payload })),
        ...(family === 6
          ? []
          : [
              { ...base(family, path), dport: 80, ipOptions: '01010101', payload: 'GET /' },
              { ...base(family, path), proto: 'udp' as const, sport: 53, dport: 1, fragment: { offset: 0, more: true }, payload: 'A'.repeat(16) },
              {
                ...base(family, path),
                proto: 'udp' as const,
                sport: 53,
                dport: 1,
                fragment: { offset: 16, more: false },
                payload: '\0\x35'.repeat(8),
              },
            ]),
      ],
      conntrack: false,
    },
  ],
  [
    'ipcomp',
    { packets: (family, path) => [0, 1, 3, 4, 5, 17, 18, 19, 65534, 65535].map((spi): Packet => ({ ...base(family, path), proto: 'ipcomp', spi })) },
  ],
  ['connlabel', { packets: () => [] }],
  [
    'cluster',
    {
      packets: (family, path) =>
        [...Array<unknown>(24).keys()].flatMap((number): readonly Packet[] => {
          const src = family === 4 ? `198.51.${String(number * 7)}.9` : `20${String(10 + number)}:db8::9`;
          const packet: Packet = { ...base(family, path), src, proto: 'udp', sport: 9, dport: 9, untracked: number % 8 === 7 };
          return [packet, { ...packet, macDestination: '01:00:5e:00:00:05' }, { ...packet, dst: family === 4 ? '224.0.0.5' : 'ff02::5' }];
        }),
      alike: true,
    },
  ],
  [
    'devgroup',
    {
      packets: (family, path) =>
        ['eth0', 'eth1', 'eth2'].flatMap((iif) =>
          ['eth0', 'eth1', 'eth2']
            .filter((oif) => path !== 'fwd' || oif !== iif)
            .map((oif): Packet => ({ ...base(family, path), ...(path === 'out' ? {} : { iif }), ...(path === 'in' ? {} : { oif }) })),
        ),
      before: ['2', '12', '3'].map((group, number) => ['ip', 'link', 'set', `eth${String(number)}`, 'group', group]),
    },
  ],
  [
    'realm',
    {
      packets: (family, path) =>
        path === 'out' ? ['10.5.0.1', '10.6.0.1', '10.7.0.1'].map((dst): Packet => ({ ...base(family, path), dst, proto: 'udp' })) : [],
      before: [1, 42, 0x12a].map((realm, number) => ['ip', 'route', 'add', `10.${String(5 + number)}.0.0/16`, 'dev', 'eth0', 'realm', String(realm)]),
    },
  ],
]);
