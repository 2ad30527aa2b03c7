/** Takes the ranges of an element apart into the elements that the kernel stores. */

import { addressMask } from './create.js';
import { bitsOf, type AddressFamily, type Part, type WrittenPart } from './element.js';
import type { SetOptions } from './model.js';
import { read, refused, type Result } from './refusal.js';
import type { SetType } from './types.js';

/** More elements than this of one command are not taken apart: it would take the memory of the machine. */
export const EXPANSION_LIMIT = 1 << 20;

/** Types that store networks of length 0. (kernel: IP_SET_HASH_WITH_NET0) */
const WITH_EVERYTHING: ReadonlySet<string> = new Set(['hash:net,iface', 'hash:net,port,net']);

/** The stored elements of a written one, or the kernel's refusal. `most`: stop after so many (what is beyond does not fit anyway). */
export function expandElement(
  written: readonly WrittenPart[],
  type: SetType,
  options: SetOptions,
  most: number,
): Result<readonly (readonly Part[])[]> {
  const family = options.family ?? 'inet';
  const choices: (readonly Part[])[] = [];
  for (const [index, part] of written.entries()) {
    const found = expandPart(part, index, type, options, family, most);
    if (found.kind !== 'read') return found;
    choices.push(found.value);
  }
  let elements: (readonly Part[])[] = [[]];
  for (const parts of choices) {
    const longer: (readonly Part[])[] = [];
    for (const element of elements) {
      for (const part of parts) {
        longer.push([...element, part]);
        if (longer.length > most) break;
      }
      if (longer.length > most) break;
    }
    elements = longer;
  }
  return read(elements);
}

function expandPart(
  part: WrittenPart,
  index: number,
  type: SetType,
  options: SetOptions,
  family: AddressFamily,
  most: number,
): Result<readonly Part[]> {
  switch (part.kind) {
    case 'address':
      return expandAddress(part, index, type, options, family, most);
    case 'port': {
      if (type.method === 'bitmap' && outOfRange(options, BigInt(part.from), BigInt(part.to))) return outsideBitmap();
      const ports: Part[] = [];
      for (let port = part.from; port <= part.to; port += 1) ports.push({ kind: 'port', protocol: part.protocol, port });
      return read(ports);
    }
    case 'mac':
      if (type.method === 'hash' && part.address === '00:00:00:00:00:00') return nullElement('a MAC address of zeros');
      return read([part]);
    case 'mark':
      return read([{ kind: 'mark', value: (part.value & options.markmask) >>> 0 }]);
    default:
      return read([part]);
  }
}

function expandAddress(
  part: WrittenPart & { readonly kind: 'address' },
  index: number,
  type: SetType,
  options: SetOptions,
  family: AddressFamily,
  most: number,
): Result<readonly Part[]> {
  const bits = bitsOf(family);
  const isNet = type.dimensions[index] === 'net';
  const mask = addressMask(options);
  const isRange = part.from !== part.to;
  let { from } = part;
  if (!isNet) {
    // hash:ip,port cuts a single address with its mask, and stores those of a range as they are. (measured)
    if (mask !== undefined && (type.dimensions.length === 1 || !isRange)) from &= mask;
    if (type.name === 'hash:ip' && (mask === undefined ? part.written : part.written & mask) === 0n)
      return nullElement(options.netmask === undefined ? 'the address 0' : 'the network 0');
    if (type.name === 'hash:ip,port' && from === 0n && !isRange)
      return refused('the address 0 cannot be stored in this type of set', 'Kernel error received: Invalid argument');
  }
  if (type.method === 'bitmap' && outOfRange(options, part.written, part.written)) return outsideBitmap();
  if (part.length === 0 && !WITH_EVERYTHING.has(type.name))
    return refused(
      'a network of length 0 cannot be stored in this type of set',
      'The value of the CIDR parameter of the IP address is invalid',
      family === 'inet' && isNet ? 'write the two halves: `0.0.0.0/1` and `128.0.0.0/1`' : undefined,
    );
  if (type.method === 'bitmap' && outOfRange(options, from, part.to)) return outsideBitmap();
  if (isNet) {
    if (part.length !== undefined) return read([{ kind: 'address', address: part.from, length: part.length }]);
    if (isRange && part.from === 0n && part.to === (1n << BigInt(bits)) - 1n)
      return refused('the range is every address there is', 'Invalid range, covers the whole address space');
    return read(networksOf(part.from, part.to, bits));
  }
  // One place for each network where the set stores networks of one length; else one for each address.
  const step = options.netmask !== undefined && type.dimensions.length === 1 ? 1n << BigInt(bits - options.netmask) : 1n;
  const addresses: Part[] = [];
  // A mask with holes is put on the first address only, and a network is counted from there. (measured)
  const shifted = from !== part.from && options.netmask === undefined;
  const last = !isRange ? from : shifted && part.length !== undefined ? from + (part.to - part.from) : part.to;
  for (let address = from; address <= last && addresses.length <= most; address += step) addresses.push({ kind: 'address', address, length: bits });
  return read(addresses);
}

function outOfRange({ range }: SetOptions, from: bigint, to: bigint): boolean {
  return range !== undefined && (from < range.from || to > range.to);
}

function outsideBitmap(): Result<never> {
  return refused('it lies outside of the range the set was created with', 'Element is out of the range of the set');
}

function nullElement(what: string): Result<never> {
  return refused(`${what} cannot be stored in a set of a hash type`, 'Null-valued element, cannot be stored in a hash type of set');
}

/** The fewest networks that make up a range. (kernel: net/netfilter/ipset/pfxlen.c, ip_set_range_to_cidr) */
function networksOf(from: bigint, to: bigint, bits: number): readonly (Part & { readonly kind: 'address' })[] {
  const networks: (Part & { readonly kind: 'address' })[] = [];
  for (let address = from; address <= to;) {
    let hostBits = 0;
    while (hostBits < bits && ((address >> BigInt(hostBits)) & 1n) === 0n && address + (2n << BigInt(hostBits)) - 1n <= to) hostBits += 1;
    networks.push({ kind: 'address', address, length: bits - hostBits });
    address += 1n << BigInt(hostBits);
  }
  return networks;
}
