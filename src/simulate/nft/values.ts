/** What expressions of nftables are worth for a packet, and what constants are worth beside them. */

import type { Expr } from '../../nft/ir.js';
import { parseIp4, parseIp6 } from '../../net/address.js';
import { protocolNumber } from '../../net/protocols.js';
import type { SimulatedPacket } from '../packet.js';

/** Numbers, addresses, marks, flags; names of interfaces and states; concatenations as texts joined by blanks. */
export type Value = bigint | string;

/** What a value is, which decides how constants beside it are read. Names of sets' types, and two of our own. */
export type ValueKind = string;

/** `break`: the packet does not have it, which ends the rule; `unknown`: this simulator does not know. */
export type Evaluated =
  { readonly kind: 'value'; readonly value: Value } | { readonly kind: 'break' } | { readonly kind: 'unknown'; readonly why: string };

/** A packet with what rules changed about it. */
export interface PacketInChains extends Omit<SimulatedPacket, 'mark' | 'state'> {
  readonly mark: number;
  readonly state: SimulatedPacket['state'];
  /** The queueing priority, which some rulesets keep numbers in. */
  readonly priority: number;
}

const BREAK: Evaluated = { kind: 'break' };

export function worth(value: Value): Evaluated {
  return { kind: 'value', value };
}

export function unknownExpr(expr: Expr): Evaluated {
  return { kind: 'unknown', why: `the simulator does not know \`${describe(expr)}\`` };
}

function describe(expr: Expr): string {
  switch (expr.kind) {
    case 'payload':
      return `${expr.protocol} ${expr.field}`;
    case 'meta':
    case 'ct':
    case 'rt':
    case 'socket':
      return `${expr.kind} ${expr.key}`;
    case 'symbol':
      return expr.name;
    default:
      return expr.kind;
  }
}

/** Which kind of value an expression has; undefined where the simulator does not know it. */
export function kindOf(expr: Expr): ValueKind | undefined {
  switch (expr.kind) {
    case 'payload':
      return PAYLOADS.get(`${expr.protocol} ${expr.field}`);
    case 'meta':
      return METAS.get(expr.key);
    case 'ct':
      return expr.key === 'state' && expr.direction === undefined ? 'ct_state' : expr.key === 'direction' ? 'ct_dir' : undefined;
    case 'numgen':
      return 'integer';
    case 'concatenation': {
      const parts = expr.parts.map(kindOf);
      return parts.includes(undefined) ? undefined : parts.join(' . ');
    }
    case 'binary':
      return kindOf(expr.left);
    default:
      return undefined;
  }
}

const PAYLOADS: ReadonlyMap<string, ValueKind> = new Map([
  ['ip saddr', 'ipv4_addr'],
  ['ip daddr', 'ipv4_addr'],
  ['ip6 saddr', 'ipv6_addr'],
  ['ip6 daddr', 'ipv6_addr'],
  ['ip protocol', 'inet_proto'],
  ['ip length', 'integer'],
  ['ip frag-off', 'integer'],
  ['ip ttl', 'integer'],
  ['ip6 hoplimit', 'integer'],
  ['tcp flags', 'tcp_flag'],
  ['icmp type', 'icmp_type'],
  ['icmp code', 'integer'],
  ['icmpv6 type', 'icmpv6_type'],
  ['icmpv6 code', 'integer'],
  ...['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'th'].flatMap((protocol) =>
    ['sport', 'dport'].map((field): [string, string] => [`${protocol} ${field}`, 'inet_service']),
  ),
]);

const METAS: ReadonlyMap<string, ValueKind> = new Map([
  ['mark', 'mark'],
  ['priority', 'classid'],
  ['iifname', 'ifname'],
  ['oifname', 'ifname'],
  ['l4proto', 'inet_proto'],
  ['length', 'integer'],
  ['protocol', 'ether_type'],
  ['nfproto', 'nf_proto'],
]);

const PROTOCOLS: Readonly<Record<string, number>> = { tcp: 6, udp: 17, udplite: 136, sctp: 132, dccp: 33, icmp: 1, icmpv6: 58 };

/** A field of a header. The header's protocol is asked for as well; where it is another one, the rule ends. */
export function payloadOf(expr: Extract<Expr, { kind: 'payload' }>, packet: PacketInChains): Evaluated {
  const { protocol, field } = expr;
  const isIp6 = typeof packet.source === 'bigint';
  if ((protocol === 'ip' && isIp6) || (protocol === 'ip6' && !isIp6)) return BREAK;
  const wanted = PROTOCOLS[protocol];
  if (wanted !== undefined && wanted !== packet.protocol) return BREAK;
  switch (`${protocol} ${field}`) {
    case 'ip saddr':
    case 'ip6 saddr':
      return worth(BigInt(packet.source));
    case 'ip daddr':
    case 'ip6 daddr':
      return worth(BigInt(packet.destination));
    case 'ip protocol':
      return worth(BigInt(packet.protocol));
    case 'ip length':
      return worth(BigInt(packet.length));
    case 'ip frag-off':
      // Simulated packets are no fragments.
      return worth(0n);
    case 'ip ttl':
    case 'ip6 hoplimit':
      return worth(BigInt(packet.ttl));
    case 'tcp flags':
      return worth(BigInt(packet.tcpFlags ?? 0));
    case 'icmp type':
    case 'icmpv6 type':
      return packet.icmp === undefined ? unknownExpr(expr) : worth(BigInt(packet.icmp.type));
    case 'icmp code':
    case 'icmpv6 code':
      return packet.icmp === undefined ? unknownExpr(expr) : worth(BigInt(packet.icmp.code));
    default:
      if (field !== 'sport' && field !== 'dport') return unknownExpr(expr);
      return portOf(field === 'sport' ? packet.sourcePort : packet.destinationPort, expr);
  }
}

/** A field of an extension header, which simulated packets do not have. */
export function extensionHeaderOf(expr: Extract<Expr, { kind: 'exthdr' }>): Evaluated {
  return expr.field === undefined ? unknownExpr(expr) : BREAK;
}

function portOf(port: number | undefined, expr: Expr): Evaluated {
  return port === undefined ? unknownExpr(expr) : worth(BigInt(port));
}

/** (ETH_P_IP and ETH_P_IPV6; NFPROTO_IPV4 and NFPROTO_IPV6) */
export function metaOf(key: string, expr: Expr, packet: PacketInChains): Evaluated {
  const isIp6 = typeof packet.source === 'bigint';
  switch (key) {
    case 'mark':
      return worth(BigInt(packet.mark));
    case 'priority':
      return worth(BigInt(packet.priority));
    case 'iifname':
      return worth(packet.inInterface ?? '');
    case 'oifname':
      return worth(packet.outInterface ?? '');
    case 'l4proto':
      return worth(BigInt(packet.protocol));
    case 'length':
      return worth(BigInt(packet.length));
    case 'protocol':
      return worth(isIp6 ? 0x86ddn : 0x0800n);
    case 'nfproto':
      return worth(isIp6 ? 10n : 2n);
    default:
      return unknownExpr(expr);
  }
}

export function ctOf(expr: Extract<Expr, { kind: 'ct' }>, packet: PacketInChains): Evaluated {
  if (expr.key === 'state') return worth(packet.state.toLowerCase());
  if (expr.key === 'direction' && packet.state === 'NEW') return worth('original');
  return unknownExpr(expr);
}

/** A constant beside a value of some kind. */
export function constantOf(expr: Expr, kind: ValueKind): Evaluated {
  switch (expr.kind) {
    case 'number':
      return worth(BigInt(expr.value));
    case 'string':
      return worth(expr.text);
    case 'symbol':
      return symbolOf(expr.name, kind, expr);
    case 'binary': {
      const left = constantOf(expr.left, kind);
      const right = constantOf(expr.right, kind);
      return compute(expr, left, right);
    }
    case 'concatenation': {
      const kinds = kind.split(' . ');
      return concatenate(expr.parts.map((part, index) => constantOf(part, kinds[index] ?? 'integer')));
    }
    default:
      return unknownExpr(expr);
  }
}

const TCP_FLAGS: Readonly<Record<string, bigint>> = { fin: 1n, syn: 2n, rst: 4n, psh: 8n, ack: 16n, urg: 32n, ecn: 64n, cwr: 128n };
const ICMP_TYPES: Readonly<Record<string, bigint>> = { 'echo-reply': 0n, 'destination-unreachable': 3n, 'echo-request': 8n, 'time-exceeded': 11n };
const ICMPV6_TYPES: Readonly<Record<string, bigint>> = {
  'destination-unreachable': 1n,
  'time-exceeded': 3n,
  'echo-request': 128n,
  'echo-reply': 129n,
};

function symbolOf(name: string, kind: ValueKind, expr: Expr): Evaluated {
  const known = (value: bigint | undefined): Evaluated => (value === undefined ? unknownExpr(expr) : worth(value));
  switch (kind) {
    case 'ipv4_addr': {
      const address = parseIp4(name)?.address;
      return known(address === undefined ? undefined : BigInt(address));
    }
    case 'ipv6_addr':
      return known(parseIp6(name));
    case 'inet_proto': {
      const number = name === 'comp' ? 108 : protocolNumber(name);
      return known(number === undefined ? undefined : BigInt(number));
    }
    case 'classid': {
      const found = /^([\da-f]+):([\da-f]+)$/.exec(name);
      return known(found === null ? undefined : (BigInt(`0x${found[1] ?? ''}`) << 16n) | BigInt(`0x${found[2] ?? ''}`));
    }
    case 'tcp_flag':
      return known(TCP_FLAGS[name]);
    case 'icmp_type':
      return known(ICMP_TYPES[name]);
    case 'icmpv6_type':
      return known(ICMPV6_TYPES[name]);
    case 'ct_state':
    case 'ct_dir':
    case 'ifname':
      return worth(name);
    default:
      return /^\d+$/.test(name) ? worth(BigInt(name)) : unknownExpr(expr);
  }
}

/** `a & b`, `a | b` … of numbers. */
export function compute(expr: Extract<Expr, { kind: 'binary' }>, left: Evaluated, right: Evaluated): Evaluated {
  if (left.kind !== 'value') return left;
  if (right.kind !== 'value') return right;
  if (typeof left.value === 'string' || typeof right.value === 'string') return unknownExpr(expr);
  switch (expr.operator) {
    case '&':
      return worth(left.value & right.value);
    case '|':
      return worth(left.value | right.value);
    case '^':
      return worth(left.value ^ right.value);
    case '<<':
      return worth(BigInt.asUintN(32, left.value << right.value));
    case '>>':
      return worth(left.value >> right.value);
  }
}

export function concatenate(parts: readonly Evaluated[]): Evaluated {
  const texts: string[] = [];
  for (const part of parts) {
    if (part.kind !== 'value') return part;
    texts.push(String(part.value));
  }
  return worth(texts.join(' '));
}
