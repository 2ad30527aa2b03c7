/** IPv4 and IPv6 addresses and networks as plain values. */

/** An IPv4 network; address and mask are unsigned 32-bit numbers, the mask need not be contiguous. */
export interface Ip4Network {
  readonly kind: 'ip';
  readonly address: number;
  readonly mask: number;
}

/** An IPv6 network; address and mask are unsigned 128-bit numbers. */
export interface Ip6Network {
  readonly kind: 'ip6';
  readonly address: bigint;
  readonly mask: bigint;
}

export type Network = Ip4Network | Ip6Network;

export const ALL_ONES_4 = 0xffffffff;
export const ALL_ONES_6 = (1n << 128n) - 1n;

/**
 * Reads an IPv4 address the way iptables 1.8 does: up to four parts of at most 255, missing ones at the end are 0.
 * A part beginning with 0 is octal, with 0x hexadecimal; `octal` says that this happened. Undefined when it is no address.
 * (iptables: libxtables/xtables.c, xtables_numeric_to_addr)
 */
export function parseIp4(text: string): { readonly address: number; readonly octal: boolean; readonly short: boolean } | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  let address = 0;
  let octal = false;
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index] ?? '';
    let number: number;
    if (/^(?:0|[1-9][0-9]*)$/.test(part)) number = Number.parseInt(part, 10);
    else if (/^0[xX][0-9a-fA-F]+$/.test(part)) {
      number = Number.parseInt(part, 16);
      octal = true;
    } else if (/^0[0-7]+$/.test(part)) {
      number = Number.parseInt(part, 8);
      octal ||= number > 7 || part.length > 2;
    } else return undefined;
    if (number > 255) return undefined;
    address += number * 2 ** (8 * (3 - index));
  }
  return { address: address >>> 0, octal, short: parts.length < 4 };
}

/** Reads four decimal parts without leading zeros, as inet_pton(3) does and as dumps write them; undefined for anything else. */
export function parsePlainIp4(text: string): number | undefined {
  let at = 0;
  let address = 0;
  for (let part = 0; part < 4; part += 1) {
    const start = at;
    let number = 0;
    for (let digit = text.charCodeAt(at) - 48; digit >= 0 && digit <= 9; digit = text.charCodeAt(at) - 48) {
      number = number * 10 + digit;
      at += 1;
    }
    if (at === start || at - start > 3 || number > 255 || (text.charCodeAt(start) === 48 && at - start > 1)) return undefined;
    address = address * 256 + number;
    if (part < 3 && text.charCodeAt(at) !== 46) return undefined;
    if (part < 3) at += 1;
  }
  return at === text.length ? address : undefined;
}

/** `a.b.c.d`. */
export function formatIp4(address: number): string {
  // join makes one flat string; a template makes a tree of small ones, which a hundred thousand rules would keep
  return [address >>> 24, (address >>> 16) & 255, (address >>> 8) & 255, address & 255].join('.');
}

/** The 32-bit mask of a prefix length 0 to 32. */
export function maskOf4(length: number): number {
  return length === 0 ? 0 : (0xffffffff << (32 - length)) >>> 0;
}

/** The 128-bit mask of a prefix length 0 to 128. */
export function maskOf6(length: number): bigint {
  return length === 0 ? 0n : (ALL_ONES_6 << BigInt(128 - length)) & ALL_ONES_6;
}

/** The prefix length of a contiguous mask, else undefined. */
export function prefixLength(mask: number | bigint): number | undefined {
  if (typeof mask === 'number') {
    const inverted = ~mask >>> 0;
    if ((inverted & (inverted + 1)) !== 0) return undefined;
    return 32 - (inverted === 0 ? 0 : Math.floor(Math.log2(inverted)) + 1);
  }
  const inverted = ~mask & ALL_ONES_6;
  if ((inverted & (inverted + 1n)) !== 0n) return undefined;
  return 128 - (inverted === 0n ? 0 : inverted.toString(2).length);
}

/** Reads an IPv6 address (RFC 4291 section 2.2, with an IPv4 tail). Undefined when it is none. */
export function parseIp6(text: string): bigint | undefined {
  if (!/^[0-9a-fA-F:.]+$/.test(text) || !text.includes(':')) return undefined;
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const groupsOf = (half: string): number[] | undefined => {
    if (half === '') return [];
    const groups: number[] = [];
    const parts = half.split(':');
    for (let index = 0; index < parts.length; index += 1) {
      const part = parts[index] ?? '';
      if (part.includes('.')) {
        if (index !== parts.length - 1 || !/^(\d{1,3}\.){3}\d{1,3}$/.test(part)) return undefined;
        const octets = part.split('.').map(Number);
        if (octets.some((octet) => octet > 255)) return undefined;
        groups.push((octets[0] ?? 0) * 256 + (octets[1] ?? 0), (octets[2] ?? 0) * 256 + (octets[3] ?? 0));
      } else if (/^[0-9a-fA-F]{1,4}$/.test(part)) groups.push(Number.parseInt(part, 16));
      else return undefined;
    }
    return groups;
  };
  const head = groupsOf(halves[0] ?? '');
  const tail = halves.length === 2 ? groupsOf(halves[1] ?? '') : [];
  if (head === undefined || tail === undefined) return undefined;
  const missing = 8 - head.length - tail.length;
  if (halves.length === 2 ? missing < 1 : missing !== 0) return undefined;
  let address = 0n;
  for (const group of [...head, ...Array.from({ length: missing }, () => 0), ...tail]) address = (address << 16n) | BigInt(group);
  return address;
}

/** The canonical text of an IPv6 address as inet_ntop prints it (RFC 5952, and the IPv4 tail of mapped and compatible addresses). */
export function formatIp6(address: bigint): string {
  const groups: number[] = [];
  for (let index = 7; index >= 0; index -= 1) groups.push(Number((address >> BigInt(index * 16)) & 0xffffn));
  let bestStart = -1;
  let bestLength = 1;
  for (let start = 0; start < 8; start += 1) {
    let length = 0;
    while (start + length < 8 && groups[start + length] === 0) length += 1;
    if (length > bestLength) {
      bestStart = start;
      bestLength = length;
    }
  }
  // glibc inet_ntop6: the last 32 bits are dotted when the first 96 are zero, or ffff after 80 zero bits
  const dotted = bestStart === 0 && (bestLength === 6 || (bestLength === 5 && groups[5] === 0xffff));
  const shown = dotted ? 6 : 8;
  let text = '';
  for (let index = 0; index < shown; index += 1) {
    if (index === bestStart) {
      text += index === 0 ? '::' : ':';
      index += bestLength - 1;
      continue;
    }
    text += (groups[index] ?? 0).toString(16);
    if (index < shown - 1 || dotted) text += ':';
  }
  if (dotted) text += formatIp4(Number(address & 0xffffffffn));
  return text;
}

/** A network as iptables-save prints it: always with a mask, `/24` or `/255.0.255.0`. */
export function formatNetwork(network: Network): string {
  if (network.kind === 'ip') {
    const length = prefixLength(network.mask);
    return `${formatIp4(network.address)}/${length === undefined ? formatIp4(network.mask) : String(length)}`;
  }
  const length = prefixLength(network.mask);
  return `${formatIp6(network.address)}/${length === undefined ? formatIp6(network.mask) : String(length)}`;
}
