/** Where NAT maps to: addresses, ports, and how SNAT, DNAT, MASQUERADE and REDIRECT write, check and compile them. */

import { formatIp4, formatIp6, parseIp6, parsePlainIp4 } from '../../net/address.js';
import { servicePort } from '../../net/services.js';
import { match, meta, number, payload, range, setOf, symbol } from '../../nft/build.js';
import type { Expr, NamedSet, SetElement, Statement } from '../../nft/ir.js';
import {
  exact,
  unsupported,
  type Changed,
  type Family,
  type Lowering,
  type NftContext,
  type Refused,
  type RuleContext,
  type ValueContext,
  type ValueResult,
  type ValueType,
} from '../define.js';
import { leadingNumber, shown } from './number.js';

/** Both ends are included. With `base`, ports map one to one: base becomes `from`, base + 1 the next … (0 to 65535). */
export interface NatPorts {
  readonly from: number;
  readonly to: number;
  readonly base?: number;
}

/** Both ends are included; `from` may be above `to`, iptables takes that. Unsigned numbers of 32 or 128 bits. */
export interface NatAddresses {
  readonly from: bigint;
  readonly to: bigint;
}

export interface NatRange {
  readonly addresses?: NatAddresses;
  readonly ports?: NatPorts;
}

function refused(message: string, says: string, more: Partial<Refused> = {}): Refused {
  return { kind: 'refused', by: 'iptables', message, says, ...more };
}

/** What is odd about ports that iptables takes. */
type PortsResult = { readonly kind: 'read'; readonly ports: NatPorts; readonly odd?: string } | Refused;

/**
 * `PORT`, `PORT-PORT`, `PORT-PORT/BASE`; a single port and BASE also by service name. `shift` says what the target does with BASE.
 * (iptables: extensions/libxt_NAT.c, parse_ports)
 */
function readPorts(text: string, shift: 'used' | 'lost' | 'refused'): PortsResult {
  const bad = (
    part: string,
    message = part === '' ? `there is no port at the end of \`${text === '' ? ':' : text}\`` : `\`${part}\` is no port`,
  ): Refused => refused(message, `Port \`${part}' not valid`, { check: 'port-range' });
  const first = leadingNumber(text, 0, 65535);
  if (first === undefined) {
    const port = servicePort(text);
    return port === undefined ? bad(text) : { kind: 'read', ports: { from: port, to: port } };
  }
  const from = first.value;
  if (first.rest === '') return { kind: 'read', ports: { from, to: from } };
  if (first.rest.startsWith(':'))
    return refused(`a range of ports is written with \`-\` here, not \`:\``, 'Invalid port:port syntax - use dash', {
      check: 'dash-range',
      repair: { text: text.replace(':', '-'), title: `write ${text.replace(':', '-')}`, applicability: 'safe' },
    });
  if (!first.rest.startsWith('-'))
    return refused(`${shown(text)} is no port or range of ports`, `Garbage after port value: \`${first.rest}'`, { check: 'port-range' });
  const afterDash = first.rest.slice(1);
  const second = leadingNumber(afterDash, 0, 65535);
  if (second === undefined)
    return bad(
      afterDash,
      servicePort(afterDash) === undefined ? `${shown(afterDash)} is no port` : `the ends of a range are numbers, not names such as \`${afterDash}\``,
    );
  const to = second.value;
  if (to < from)
    return refused(`the range \`${text}\` ends before it begins`, `Port range \`${afterDash}' funky`, {
      check: 'port-range',
      ...(second.rest === ''
        ? { repair: { text: `${String(to)}-${String(from)}`, title: `write ${String(to)}-${String(from)}`, applicability: 'safe' as const } }
        : {}),
    });
  if (second.rest === '') return { kind: 'read', ports: { from, to } };
  if (!second.rest.startsWith('/'))
    return refused(`${shown(text)} is no range of ports`, `Garbage after port range: \`${second.rest}'`, { check: 'port-range' });
  const baseText = second.rest.slice(1);
  const number = leadingNumber(baseText, 1, 65535);
  const base = number?.value ?? servicePort(baseText);
  if (base === undefined) return bad(baseText);
  if (shift === 'refused')
    return refused(`only DNAT can shift ports: take the \`/${baseText}\` out`, 'Shifted portmap ranges not supported with this kernel', {
      check: 'port-range',
    });
  if (shift === 'lost')
    return {
      kind: 'read',
      ports: { from, to, base: 0 },
      odd: `only DNAT can shift ports: the \`/${baseText}\` is not kept, and the kernel shifts by the port itself instead`,
    };
  const odd = number !== undefined && number.rest !== '' ? `\`${number.rest}\` behind the base port is ignored` : undefined;
  return { kind: 'read', ports: { from, to, base }, ...(odd === undefined ? {} : { odd }) };
}

/** Reads an address as inet_pton() does: four decimal parts without leading zeros, or IPv6. */
function readAddress(text: string, family: Family): bigint | undefined {
  if (family === 'ip6') return parseIp6(text);
  const address = parsePlainIp4(text);
  return address === undefined ? undefined : BigInt(address);
}

const formatAddress = (address: bigint, family: Family): string => (family === 'ip' ? formatIp4(Number(address)) : formatIp6(address));

function badAddress(text: string, whole: string, family: Family): Refused {
  const colons = /^([^:]*):(\d+):(\d+)$/.exec(text);
  if (family === 'ip' && colons !== null) {
    const meant = `${colons[1] ?? ''}:${colons[2] ?? ''}-${colons[3] ?? ''}`;
    return refused('a range of ports is written with `-` here, not `:`', `Bad IP address "${text}"`, {
      check: 'dash-range',
      repair: { text: meant, title: `write ${meant}`, applicability: 'safe' },
    });
  }
  const more: { check: string; do?: string } = { check: 'invalid-address-or-mask' };
  if (text.includes('/')) more.do = 'for a whole network write its first and last address with `-` between, or use -j NETMAP to keep the host part';
  else if (readAddress(text, family === 'ip' ? 'ip6' : 'ip') !== undefined) {
    more.check = 'family-mismatch';
    more.do = family === 'ip' ? 'put the rule into ip6tables' : 'put the rule into iptables';
  } else if (whole.includes(',')) more.do = 'give one address or a range with `-`';
  else if (/^[a-zA-Z]/.test(text) && !text.includes(':')) more.do = 'give the address: NAT takes no host names';
  return refused(`${shown(text)} is no ${family === 'ip' ? 'IPv4' : 'IPv6'} address`, `Bad IP address "${text}"`, more);
}

/** Reads `[ADDRESS[-ADDRESS]][:PORTS]`, in IPv6 with the addresses in brackets before ports. (iptables: extensions/libxt_NAT.c, parse_to) */
function readRange(text: string, { family, protocol }: ValueContext, shift: 'used' | 'lost'): ValueResult<NatRange> {
  const opening = text.indexOf('[');
  let addressText = text;
  let portText: string | undefined;
  let ignored = '';
  let noAddress = false;
  if (opening === -1) {
    const colon = text.indexOf(':');
    if (colon !== -1 && !text.includes(':', colon + 1)) {
      addressText = text.slice(0, colon);
      portText = text.slice(colon + 1);
      noAddress = colon === 0;
    }
  } else {
    const closing = text.indexOf(']', opening);
    if (closing === -1 || family === 'ip')
      return refused(family === 'ip' ? 'brackets are for IPv6 addresses' : `\`${text}\` has no closing bracket`, 'Invalid address format', {
        check: family === 'ip' ? 'invalid-address-or-mask' : 'dnat-ipv6-brackets',
      });
    addressText = text.slice(opening + 1, closing);
    const colon = text.indexOf(':', closing + 1);
    if (colon !== -1) portText = text.slice(colon + 1);
    ignored = text.slice(0, opening) + text.slice(closing + 1, colon === -1 ? text.length : colon);
    noAddress = colon === 2;
  }
  let ports: NatPorts | undefined;
  let odd: string | undefined;
  if (portText !== undefined) {
    const result = readPorts(portText, shift);
    if (result.kind === 'refused') {
      const dashed = /^\[([^\]]*)\]-\[([^\]]*)\](:.*)?$/.exec(text);
      if (dashed === null) return result;
      const whole = `[${dashed[1] ?? ''}-${dashed[2] ?? ''}]${dashed[3] ?? ''}`;
      return {
        ...result,
        check: 'dnat-ipv6-brackets',
        message: 'both addresses of a range stand in one pair of brackets',
        ...(hasPorts(protocol) ? {} : { says: PORTS_NEED_PROTOCOL.says }),
        repair: { text: whole, title: `write ${whole}`, applicability: 'safe' },
      };
    }
    ports = result.ports;
    odd = result.odd;
  }
  if (noAddress && ports !== undefined) return finish({ ports }, odd, family);
  const dash = addressText.indexOf('-');
  const fromText = dash === -1 ? addressText : addressText.slice(0, dash);
  const toText = dash === -1 ? addressText : addressText.slice(dash + 1);
  const from = readAddress(fromText, family);
  if (from === undefined) return badAddress(fromText, text, family);
  const to = dash === -1 ? from : readAddress(toText, family);
  if (to === undefined) return badAddress(toText, text, family);
  if (ignored !== '') odd ??= `\`${ignored}\` outside the brackets is ignored`;
  const value: NatRange = ports === undefined ? { addresses: { from, to } } : { addresses: { from, to }, ports };
  if (from > to)
    return {
      kind: 'read',
      value,
      changed: {
        check: 'contradictory-match',
        message: `the range \`${addressText}\` ends before it begins; the kernel takes almost any address then`,
        becomes: printRange(value, family),
        repair: {
          text: printRange({ ...value, addresses: { from: to, to: from } }, family),
          title: 'swap the addresses',
          applicability: 'unsafe',
        },
      },
    };
  const last = family === 'ip6' && opening === -1 && dash === -1 ? /^(.*[^:]):(\d{2,5})$/.exec(text) : null;
  if (last !== null && ports === undefined && odd === undefined && looksLikePort(last[1] ?? '', last[2] ?? '', protocol)) {
    const brackets = `[${last[1] ?? ''}]:${last[2] ?? ''}`;
    return {
      kind: 'read',
      value,
      changed: {
        check: 'dnat-ipv6-brackets',
        message: `\`:${last[2] ?? ''}\` is part of the address ${formatAddress(from, family)}, not a port; a port needs brackets`,
        becomes: printRange(value, family),
        // Without a protocol that has ports iptables would refuse the port.
        repair: { text: brackets, title: `write ${brackets}`, applicability: hasPorts(protocol) ? 'unsafe' : 'suggestion' },
      },
    };
  }
  return finish(value, odd, family);
}

function hasPorts(protocol: number | undefined): boolean {
  return protocol !== undefined && WITH_PORTS.includes(protocol);
}

/**
 * Whether the last group of an IPv6 address was meant as a port: decimal digits behind something that is an address by itself.
 * Short numbers only where `-p` makes a port likely.
 */
function looksLikePort(address: string, port: string, protocol: number | undefined): boolean {
  if (parseIp6(address) === undefined || Number(port) > 65535 || port.startsWith('0')) return false;
  if (!hasPorts(protocol)) return port.length >= 4;
  return port.length >= 3 || ['21', '22', '25', '53', '80'].includes(port);
}

function finish(value: NatRange, odd: string | undefined, family: Family): ValueResult<NatRange> {
  if (odd === undefined) return { kind: 'read', value };
  const becomes = printRange(value, family);
  const changed: Changed = {
    check: 'port-range',
    message: odd,
    becomes,
    repair: { text: becomes, title: `write ${becomes}`, applicability: 'safe' },
  };
  return { kind: 'read', value, changed: value.ports?.base === 0 ? { check: 'port-range', message: odd, becomes } : changed };
}

function printPorts(ports: NatPorts): string {
  return `${String(ports.from)}${ports.to === ports.from ? '' : `-${String(ports.to)}`}${ports.base === undefined ? '' : `/${String(ports.base)}`}`;
}

function printRange(value: NatRange, family: Family): string {
  let text = '';
  if (value.addresses !== undefined) {
    const { from, to } = value.addresses;
    text = formatAddress(from, family) + (from === to ? '' : `-${formatAddress(to, family)}`);
    if (family === 'ip6' && value.ports !== undefined) text = `[${text}]`;
  }
  return value.ports === undefined ? text : `${text}:${printPorts(value.ports)}`;
}

/** The argument of `--to-source` (shift `lost`) and `--to-destination` (shift `used`). */
export function natRange(shift: 'used' | 'lost'): ValueType<NatRange> {
  return { name: 'address, range of addresses, or port', read: (text, context) => readRange(text, context, shift), print: printRange };
}

/** The argument of `--to-ports`. */
export function natPorts(shift: 'lost' | 'refused'): ValueType<NatPorts> {
  return {
    name: 'port or range of ports',
    read: (text): ValueResult<NatPorts> => {
      const result = readPorts(text, shift);
      if (result.kind === 'refused') return result;
      if (result.odd === undefined) return { kind: 'read', value: result.ports };
      return { kind: 'read', value: result.ports, changed: { check: 'port-range', message: result.odd, becomes: printPorts(result.ports) } };
    },
    print: printPorts,
  };
}

/** Protocols `-p` must name before ports can be given: TCP, UDP, SCTP, DCCP, and ICMP, whose query id takes the place of a port. */
const WITH_PORTS: readonly number[] = [6, 17, 132, 33, 1];

/**
 * Whether ports can be given here: `-p`, inverted or not, must name a protocol that has them, and stand before.
 * `word` is the place of the option with the ports. (iptables: extensions/libxt_NAT.c, __NAT_parse)
 */
export function takesPorts(context: RuleContext, word: number): boolean {
  return context.protocol !== undefined && WITH_PORTS.includes(context.protocol) && (context.protocolWord ?? word) <= word;
}

/** What the constraint of a NAT target says when ports are given without such a protocol. */
export const PORTS_NEED_PROTOCOL = {
  kind: 'refuses',
  by: 'iptables',
  check: 'nat-port-without-protocol',
  message: 'a port to map to needs a protocol that has ports before it',
  says: 'Need TCP, UDP, SCTP or DCCP with port specification',
  do: 'write `-p tcp` or `-p udp` before `-j` (one rule for each if both are meant), or take the port out',
} as const;

type NatStatement = Extract<Statement, { kind: 'nat' }>;

function addressExpr({ from, to }: NatAddresses, family: Family): Expr {
  const first = symbol(formatAddress(from, family));
  return from === to ? first : range(first, symbol(formatAddress(to, family)));
}

const portExpr = (ports: NatPorts): Expr => (ports.from === ports.to ? number(ports.from) : range(number(ports.from), number(ports.to)));

/** Protocols whose ports (or query ids) NAT maps. (kernel: net/netfilter/nf_nat_core.c, nf_nat_l4proto_unique_tuple) */
const MAPPED = ['icmp', 'tcp', 'udp', 'dccp', 'sctp', 'udplite'];

/** The NAT statement of a rule. */
export function lowerNat(
  type: NatStatement['type'],
  value: NatRange,
  flags: readonly ('random' | 'fully-random' | 'persistent')[],
  context: NftContext,
): Lowering {
  const { addresses, ports } = value;
  if (addresses !== undefined && addresses.from > addresses.to)
    return unsupported('a range of addresses that ends before it begins means almost any address; nft refuses it', 'swap the two addresses');
  const plain: NatStatement = {
    kind: 'nat',
    type,
    ...(addresses === undefined ? {} : { address: addressExpr(addresses, context.family) }),
    ...(flags.length === 0 ? {} : { flags }),
  };
  if (ports === undefined) return exact([plain]);
  if (ports.base !== undefined && ports.from !== ports.to) return lowerShift(plain, ports, context);
  const mapped: NatStatement = { ...plain, port: portExpr(ports) };
  if (context.protocolNegated !== true) return exact([mapped]);
  // `! -p tcp` and a port: only protocols that have ports get one, and nft wants to know them.
  const withPorts = setOf(MAPPED.map(symbol));
  return exact([
    {
      kind: 'anyOf',
      alternatives: [
        [match(meta('l4proto'), withPorts), mapped],
        [match(meta('l4proto'), withPorts, true), plain],
      ],
    },
  ]);
}

/**
 * Ports shifted by a map with one element for each port the rule can meet. The kernel computes
 * `from + (port - base) mod (to - from + 1)`, and the difference in 16 bits. (kernel: net/netfilter/nf_nat_core.c, nf_nat_l4proto_unique_tuple)
 */
function lowerShift(statement: NatStatement, { from, to, base = 0 }: NatPorts, context: NftContext): Lowering {
  const protocol = PORT_HEADERS.get(context.protocolNegated === true ? undefined : context.protocol);
  if (statement.type !== 'dnat' || protocol === undefined)
    return unsupported('the base behind the ports is not kept, and shifts the ports in a way nobody means', 'take the `/` and what follows it out');
  const elements: SetElement[] = [];
  for (const ports of context.destinationPorts ?? [{ from: 0, to: 65535 }])
    for (let port = ports.from; port <= ports.to; port += 1)
      elements.push({ key: number(port), value: number(from + (((port - base) & 0xffff) % (to - from + 1))) });
  const name = context.freeName('shifted_ports');
  const map: NamedSet = { kind: 'map', name, type: ['inet_service'], valueType: 'inet_service', flags: [], elements };
  return exact([{ ...statement, port: { kind: 'map', key: payload(protocol, 'dport'), to: { kind: 'setReference', name } } }], { sets: [map] });
}

const PORT_HEADERS: ReadonlyMap<number | undefined, 'tcp' | 'udp' | 'dccp' | 'sctp'> = new Map([
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [132, 'sctp'],
]);
