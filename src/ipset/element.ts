/** Reads and prints elements of sets, such as `192.0.2.0/24,udp:53,198.51.100.1`. */

import { formatIp4, formatIp6, parseIp6 } from '../net/address.js';
import { protocolName, protocolNumber } from '../net/protocols.js';
import { servicePort } from '../net/services.js';
import { icmpName, icmpValue } from './icmp-names.js';
import { read, readNumber, refused, type Result } from './refusal.js';
import type { Dimension, SetType } from './types.js';

export type AddressFamily = 'inet' | 'inet6';

/** One part of an element as it is written: ranges and networks are not taken apart yet. */
export type WrittenPart =
  /**
   * Addresses from `from` to `to`, both included. `length`: of the prefix, when written as a network; `written`: its address with the host
   * bits, or the lower end. `short`: fewer numbers than an address has.
   */
  | {
      readonly kind: 'address';
      readonly from: bigint;
      readonly to: bigint;
      readonly written: bigint;
      readonly length: number | undefined;
      readonly short: boolean;
    }
  /** `from`, `to`: ports, or type times 256 plus code of ICMP, or 0. */
  | { readonly kind: 'port'; readonly protocol: number; readonly from: number; readonly to: number }
  /** Lower case, two digits a byte; absent in bitmap:ip,mac where the first packet fills it in. */
  | { readonly kind: 'mac'; readonly address: string | undefined }
  | { readonly kind: 'mark'; readonly value: number }
  | { readonly kind: 'iface'; readonly name: string; readonly physdev: boolean }
  | { readonly kind: 'set'; readonly name: string };

/** One part of an element as it is stored. */
export type Part =
  | { readonly kind: 'address'; readonly address: bigint; readonly length: number }
  | { readonly kind: 'port'; readonly protocol: number; readonly port: number }
  | Exclude<WrittenPart, { kind: 'address' | 'port' }>;

/** Protocols whose ports are looked at. (kernel: include/linux/netfilter/ipset/ip_set_getport.h, ip_set_proto_with_ports) */
export const PORT_PROTOCOLS: readonly number[] = [6, 17, 132, 136];
const ICMP = 1;
const ICMPV6 = 58;

/** IFNAMSIZ without the closing NUL. */
const IFACE_LIMIT = 15;
/** IPSET_MAXNAMELEN without the closing NUL. (kernel: include/uapi/linux/netfilter/ipset/ip_set.h) */
export const NAME_LIMIT = 31;

export const bitsOf = (family: AddressFamily): number => (family === 'inet' ? 32 : 128);

/** Reads the element of an `add`, `del` or `test`. */
export function readElement(text: string, type: SetType, family: AddressFamily): Result<readonly WrittenPart[]> {
  const { dimensions } = type;
  if (type.method === 'list') return readSetName(text);
  // A comma at an end separates nothing.
  const texts = text.startsWith(',') || text.endsWith(',') ? [text] : text.split(',');
  if (texts.length > dimensions.length) {
    const separators = ['Elem separator', 'Two elem separators', 'Three elem separators'][dimensions.length - 1] ?? 'Elem separators';
    const supported = ['none', 'one', 'two'][dimensions.length - 1] ?? 'none';
    return refused(
      `\`${text}\` has ${String(texts.length)} parts; elements of ${type.name} have ${String(dimensions.length)}`,
      `Syntax error: ${separators} in ${text}, but settype ${type.name} supports ${supported}.`,
    );
  }
  const missing = texts.findIndex((part, index) => index > 0 && part === '');
  const lacks = missing === -1 ? texts.length : missing;
  if (lacks < dimensions.length && !(type.name === 'bitmap:ip,mac' && missing === -1)) {
    const which = lacks === 1 ? 'Second' : 'Third';
    return refused(
      `\`${text}\` has no ${which.toLowerCase()} part; elements of ${type.name} have ${String(dimensions.length)}`,
      `Syntax error: ${which} element is missing from ${text}.`,
    );
  }
  const parts: WrittenPart[] = [];
  for (const [index, dimension] of dimensions.entries()) {
    const part = texts[index];
    const found: Result<WrittenPart> =
      part === undefined ? read({ kind: 'mac', address: undefined }) : readPart(part, dimension, index, type, family);
    if (found.kind !== 'read') return found;
    parts.push(found.value);
  }
  return read(parts);
}

/** `NAME`, or `NAME,before,OTHER`; where it goes is for `placementIn`. */
function readSetName(text: string): Result<readonly WrittenPart[]> {
  const [name = '', side, ...others] = text.split(',');
  if (side !== undefined && (others.length !== 1 || (side !== 'before' && side !== 'after')))
    return refused(
      'an element of a list:set is the name of a set, or `NAME,before,OTHER`',
      'you must specify elements as setname,[before|after],setname',
    );
  if (name.length > NAME_LIMIT)
    return refused(
      `the name of a set has at most ${String(NAME_LIMIT)} characters`,
      `Syntax error: setname '${name}' is longer than ${String(NAME_LIMIT)} characters`,
    );
  return read([{ kind: 'set', name }]);
}

/** Where `NAME,before,OTHER` puts an element of a list:set; undefined for a name alone. */
export function placementIn(text: string): { readonly side: 'before' | 'after'; readonly set: string } | undefined {
  const [, side, set] = text.split(',');
  return set !== undefined && (side === 'before' || side === 'after') ? { side, set } : undefined;
}

function readPart(text: string, dimension: Dimension, index: number, type: SetType, family: AddressFamily): Result<WrittenPart> {
  switch (dimension) {
    case 'ip': {
      const plain = index > 0 || type.dimensions[1] === 'mac' || (family === 'inet6' && !text.endsWith('/128'));
      return readAddress(text, family, plain ? 'plain' : 'any');
    }
    case 'net':
      return readAddress(text, family, family === 'inet6' ? 'network' : 'any');
    case 'port':
      return readPort(text, type, family);
    case 'mac':
      return readMac(text);
    case 'mark': {
      const number = readNumber(text, 0n, 0xffffffffn);
      return number.kind === 'read' ? read({ kind: 'mark', value: Number(number.value) }) : number;
    }
    case 'iface':
      return readInterface(text);
    case 'set':
      return read({ kind: 'set', name: text });
  }
}

/**
 * Where `separator` cuts a text in two; not at its first or last character, nor inside of brackets.
 * (ipset: lib/parse.c, ipset_strchr and the separators beside it)
 */
function separatorAt(text: string, separator: string): number {
  const from = text.startsWith('[') ? text.indexOf(']') + 1 : 0;
  const at = text.indexOf(separator, from);
  return text.startsWith(separator) || text.endsWith(separator) ? -1 : at;
}

function unbracketed(text: string): string {
  return text.startsWith('[') && text.endsWith(']') ? text.slice(1, -1) : text;
}

/** An address, a network, or a range of addresses. */
export function readAddress(
  text: string,
  family: AddressFamily,
  form: 'plain' | 'network' | 'any',
): Result<WrittenPart & { readonly kind: 'address' }> {
  const slash = separatorAt(text, '/');
  const dash = separatorAt(text, '-');
  if (form === 'plain' && (slash !== -1 || (dash !== -1 && isAddressRange(text, dash, family))))
    return refused(`a plain address is needed here, not \`${text}\``, `Syntax error: plain IP address must be supplied: ${text}`);
  if (form === 'network' && dash !== -1 && isAddressRange(text, dash, family))
    return refused(
      `an address or a network is needed here, not the range \`${text}\``,
      `Syntax error: IP address or IP/cidr must be specified: ${text}`,
    );
  if (slash !== -1) {
    const bits = bitsOf(family);
    const length = readNumber(text.slice(slash + 1), 0n, BigInt(bits));
    if (length.kind !== 'read') return length;
    const base = readSingleAddress(text.slice(0, slash), family);
    if (base.kind !== 'read') return base;
    const prefix = Number(length.value);
    const first = (base.value.address >> BigInt(bits - prefix)) << BigInt(bits - prefix);
    return read({
      kind: 'address',
      from: first,
      to: first | ((1n << BigInt(bits - prefix)) - 1n),
      written: base.value.address,
      length: prefix,
      short: base.value.short,
    });
  }
  if (dash !== -1 && isAddressRange(text, dash, family)) {
    const from = readSingleAddress(text.slice(0, dash), family);
    if (from.kind !== 'read') return from;
    const to = readSingleAddress(text.slice(dash + 1), family);
    if (to.kind !== 'read') return to;
    const ends = [from.value.address, to.value.address] as const;
    const [low, high] = ends[0] > ends[1] ? [ends[1], ends[0]] : ends;
    return read({ kind: 'address', from: low, to: high, written: low, length: undefined, short: from.value.short || to.value.short });
  }
  const found = readSingleAddress(text, family);
  if (found.kind !== 'read') return found;
  const { address, short } = found.value;
  return read({ kind: 'address', from: address, to: address, written: address, length: undefined, short });
}

/** A dash may also stand in a host name. */
function isAddressRange(text: string, dash: number, family: AddressFamily): boolean {
  return readSingleAddress(text.slice(0, dash), family).kind === 'read' || readSingleAddress(text.slice(dash + 1), family).kind === 'read';
}

/** One address. `short`: fewer than four numbers, the last of which fills the rest: `10.1` is 10.0.0.1. */
function readSingleAddress(written: string, family: AddressFamily): Result<{ readonly address: bigint; readonly short: boolean }> {
  const text = unbracketed(written);
  if (family === 'inet6') {
    const address = parseIp6(text);
    if (address !== undefined) return read({ address, short: false });
  } else {
    const found = parseShortIp4(text);
    if (found !== undefined) return read(found);
  }
  const version = family === 'inet' ? 'IPv4' : 'IPv6';
  if (isHostName(text))
    return { kind: 'unresolved', message: `\`${text}\` is a host name: ipset asks the host for its ${version} address, and takes the first answer` };
  return refused(`\`${text}\` is no ${version} address`, `Syntax error: cannot parse ${text}: resolving to ${version} address failed`);
}

/** As inet_aton() reads it, hexadecimal left out: up to four numbers, the last of which fills what is left. (measured with ipset 7.17) */
function parseShortIp4(text: string): { readonly address: bigint; readonly short: boolean } | undefined {
  const parts = text.split('.');
  if (parts.length > 4 || !parts.every((part) => /^(?:0[0-7]*|[1-9][0-9]{0,9})$/.test(part))) return undefined;
  const numbers = parts.map((part) => (/^0[0-7]/.test(part) ? Number.parseInt(part, 8) : Number(part)));
  const last = numbers.pop() ?? 0;
  if (numbers.some((number) => number > 255) || last >= 256 ** (4 - numbers.length)) return undefined;
  let address = BigInt(last);
  for (const [index, number] of numbers.entries()) address += BigInt(number) << BigInt(8 * (3 - index));
  return { address, short: parts.length < 4 };
}

/** A name somebody may have given a host: a letter somewhere in the last label. (RFC 1123, 2.1) */
function isHostName(text: string): boolean {
  return text.length <= 253 && /^(?:[A-Za-z0-9_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.)*[A-Za-z_](?:[A-Za-z0-9_-]*[A-Za-z0-9_])?\.?$/.test(text);
}

function readMac(text: string): Result<WrittenPart> {
  const bytes = text.split(':');
  if (bytes.length !== 6 || !bytes.every((byte) => /^[0-9a-fA-F]{1,2}$/.test(byte)))
    return refused(
      `\`${text}\` is no MAC address: six bytes in hexadecimal with \`:\` between them`,
      `Syntax error: cannot parse '${text}' as ethernet address`,
    );
  return read({ kind: 'mac', address: bytes.map((byte) => byte.toLowerCase().padStart(2, '0')).join(':') });
}

function readInterface(text: string): Result<WrittenPart> {
  const physdev = text.startsWith('physdev:');
  const name = physdev ? text.slice('physdev:'.length) : text;
  if (name.length > IFACE_LIMIT)
    return refused(
      `the name of an interface has at most ${String(IFACE_LIMIT)} characters`,
      `Syntax error: interface name '${name}' is longer than ${String(IFACE_LIMIT)} characters`,
    );
  return read({ kind: 'iface', name, physdev });
}

/** `[protocol:]port[-port]`, `icmp:name`, `protocol:0`. (ipset: lib/parse.c, ipset_parse_proto_port) */
function readPort(text: string, type: SetType, family: AddressFamily): Result<WrittenPart> {
  const colon = separatorAt(text, ':');
  const name = colon === -1 ? 'tcp' : text.slice(0, colon);
  const rest = text.slice(colon + 1);
  const protocol = protocolOf(name);
  if (protocol === undefined) return refused(`\`${name}\` is no protocol`, `Syntax error: cannot parse '${name}' as a protocol`);
  if (type.name === 'bitmap:port') {
    if (!PORT_PROTOCOLS.includes(protocol) && !/^[+-]?0+$/.test(rest)) return withoutPorts(name);
    if (protocol !== 6 && protocol !== 17)
      return refused('only tcp and udp can be named in a bitmap:port', 'Syntax error: Only protocols TCP and UDP are valid');
    return readPortRange(rest, protocol === 6 ? 'tcp' : 'udp', protocol);
  }
  if (PORT_PROTOCOLS.includes(protocol)) return readPortRange(rest, protocolName(protocol) ?? 'tcp', protocol);
  if (protocol === ICMP || protocol === ICMPV6) return readIcmp(rest, protocol, family);
  if (!/^[+-]?0+$/.test(rest)) return withoutPorts(name);
  if (protocol === 0) return refused(`\`${name}\` is no protocol of its own`, `Syntax error: Unsupported protocol '${name}'`);
  return read({ kind: 'port', protocol, from: 0, to: 0 });
}

function withoutPorts(protocol: string): Result<never> {
  return refused(
    `${protocol} has no ports: write \`${protocol}:0\``,
    `Syntax error: Protocol ${protocol} can be used with pseudo port value 0 only.`,
  );
}

function protocolOf(name: string): number | undefined {
  const known = name === 'all' || name === 'mh' ? undefined : protocolNumber(name);
  if (known !== undefined) return known;
  const number = readNumber(name, 0n, 255n);
  return number.kind === 'read' ? Number(number.value) : undefined;
}

function readPortRange(text: string, protocol: string, number: number): Result<WrittenPart> {
  const dash = separatorAt(text, '-');
  const high = dash === -1 ? undefined : readSinglePort(text.slice(dash + 1), protocol);
  if (high !== undefined && high.kind !== 'read') return high;
  const low = readSinglePort(dash === -1 ? text : text.slice(0, dash), protocol);
  if (low.kind !== 'read') return low;
  const ends = [low.value, high?.value ?? low.value] as const;
  return read({ kind: 'port', protocol: number, from: Math.min(...ends), to: Math.max(...ends) });
}

function readSinglePort(written: string, protocol: string): Result<number> {
  const text = unbracketed(written);
  const named = servicePort(`${text}/${protocol}`) ?? (protocol === 'tcp' || protocol === 'udp' ? portOfEvery(text) : undefined);
  if (named !== undefined) return read(named);
  const number = readNumber(text, 0n, 65535n);
  return number.kind === 'read' ? read(Number(number.value)) : number;
}

/** The port of a service that is listed for every protocol alike. */
function portOfEvery(name: string): number | undefined {
  return ['tcp', 'udp', 'sctp', 'ddp'].some((protocol) => servicePort(`${name}/${protocol}`) !== undefined) ? undefined : servicePort(name);
}

function readIcmp(text: string, protocol: number, family: AddressFamily): Result<WrittenPart> {
  const version6 = protocol === ICMPV6;
  if (version6 !== (family === 'inet6'))
    return version6
      ? refused('ICMPv6 belongs to sets of IPv6 addresses', 'Syntax error: Protocol ICMPv6 can be used with family inet6 only')
      : refused('ICMP belongs to sets of IPv4 addresses', 'Syntax error: Protocol ICMP can be used with family inet only');
  const name = version6 ? 'ICMPv6' : 'ICMP';
  const known = icmpValue(text, version6);
  if (known !== undefined) return read({ kind: 'port', protocol, from: known, to: known });
  const slash = text.indexOf('/');
  if (slash === -1)
    return refused(`\`${text}\` is neither an ${name} name of ipset nor \`type/code\``, `Cannot parse ${text} as an ${name} type/code.`);
  const type = readNumber(text.slice(0, slash), 0n, 255n);
  if (type.kind !== 'read') return type;
  const code = readNumber(text.slice(slash + 1), 0n, 255n);
  if (code.kind !== 'read') return code;
  const value = Number(type.value) * 256 + Number(code.value);
  return read({ kind: 'port', protocol, from: value, to: value });
}

/** An address as `ipset save` prints it. */
export function printAddress(address: bigint, family: AddressFamily): string {
  return family === 'inet' ? formatIp4(Number(address)) : formatIp6(address);
}

/** A stored part as `ipset save` prints it. `bare`: ports without protocol, as in bitmap:port. */
export function printPart(part: Part, family: AddressFamily, bare: boolean): string {
  switch (part.kind) {
    case 'address': {
      const text = printAddress(part.address, family);
      return part.length === bitsOf(family) ? text : `${text}/${String(part.length)}`;
    }
    case 'port': {
      if (bare) return String(part.port);
      const icmp = part.protocol === ICMP || part.protocol === ICMPV6;
      const name = protocolName(part.protocol) ?? String(part.protocol);
      return `${name}:${icmp ? icmpName(part.port, part.protocol === ICMPV6) : String(part.port)}`;
    }
    case 'mac':
      return part.address ?? '';
    case 'mark':
      return `0x${part.value.toString(16).padStart(8, '0')}`;
    case 'iface':
      return part.physdev ? `physdev:${part.name}` : part.name;
    case 'set':
      return part.name;
  }
}
