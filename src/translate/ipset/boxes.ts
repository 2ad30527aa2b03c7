/** What a set matches while nothing changes it: boxes that do not overlap, each a stretch of addresses or one value in every dimension. */

import { bitsOf, type Part } from '../../ipset/element.js';
import { addressMask } from '../../ipset/create.js';
import type { Ipset, IpsetElement } from '../../ipset/model.js';
import { prefixLength } from '../../net/address.js';
import { compare, segmentsOf, type Stretch } from './regions.js';

/** One place of a box. */
export type Side =
  | { readonly kind: 'addresses'; readonly from: bigint; readonly to: bigint }
  /** Ports from `port` to `last`, both included. */
  | { readonly kind: 'port'; readonly protocol: number; readonly port: number; readonly last: number }
  | { readonly kind: 'mac'; readonly address: string }
  | { readonly kind: 'mark'; readonly value: number }
  | { readonly kind: 'iface'; readonly name: string; readonly wildcard: boolean };

/** One side for each dimension of the set's type. */
export interface Box {
  readonly sides: readonly Side[];
  /** Seconds left to live; undefined: for ever. */
  readonly timeout: number | undefined;
  /** The element it comes from; undefined where it is what is left of several. */
  readonly element: IpsetElement | undefined;
}

/** Boxes, or why there are none. */
export type Boxes = { readonly kind: 'boxes'; readonly boxes: readonly Box[] } | { readonly kind: 'unsupported'; readonly reason: string };

/** More boxes than this of one set are not worked out. */
const LIMIT = 1 << 20;

/** A network of an element, with all of it. */
interface Cover extends Stretch {
  readonly element: IpsetElement;
  /** Prefix lengths, one for each network of the element. */
  readonly lengths: readonly number[];
}

/** What a set matches; with `nomatch`, what its elements marked `nomatch` catch (`--return-nomatch`). */
export function boxesOf(set: Ipset, nomatch: boolean): Boxes {
  const { type, options } = set;
  const bits = bitsOf(options.family ?? 'inet');
  const nets = type.dimensions.flatMap((dimension, index) => (dimension === 'net' ? [index] : []));
  if (nets.length > 0 && addressMask(options) !== undefined)
    return { kind: 'unsupported', reason: `the set \`${set.name}\` puts a mask on its networks` };
  const boxes: Box[] = [];
  const groups = new Map<string, IpsetElement[]>();
  for (const element of set.elements.values()) {
    const lacking = lacks(set, element);
    if (lacking !== undefined) return { kind: 'unsupported', reason: lacking };
    if (!canMatch(element, set)) continue;
    if (nets.length === 0) {
      boxes.push({ sides: element.parts.map((part) => sideOf(part, set, bits, false)), timeout: timeoutOf(element, set), element });
      continue;
    }
    const key = element.parts.map((part, index) => (nets.includes(index) || part.kind === 'iface' ? '' : partKey(part))).join();
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [element]);
    else group.push(element);
  }
  for (const group of groups.values()) {
    const found = type.name === 'hash:net,iface' ? interfaceBoxes(group, set, bits, nomatch) : netBoxes(group, set, nets, bits, nomatch);
    if (found.kind === 'unsupported') return found;
    for (const box of found.boxes) boxes.push(box);
    if (boxes.length > LIMIT) return { kind: 'unsupported', reason: `the networks of \`${set.name}\` overlap in more than ${String(LIMIT)} ways` };
  }
  return { kind: 'boxes', boxes };
}

/** Why an element cannot be said in nft. */
function lacks(set: Ipset, element: IpsetElement): string | undefined {
  const { parts } = element;
  if (parts.some((part) => part.kind === 'mac' && part.address === undefined))
    return `an element of \`${set.name}\` has no MAC address: ipset takes the one of the first packet`;
  if (parts.some((part) => part.kind === 'iface' && part.physdev))
    return `\`${set.name}\` asks for the port of a bridge (\`physdev:\`), which nft cannot see in the hooks of iptables`;
  return undefined;
}

/** Elements with bits outside of the set's mask are never found: the mask is put on the packet's address first. */
function canMatch(element: IpsetElement, set: Ipset): boolean {
  const mask = addressMask(set.options);
  if (mask === undefined) return true;
  const [first] = element.parts;
  return first?.kind !== 'address' || (first.address & mask) === first.address;
}

function partKey(part: Part): string {
  return part.kind === 'address' ? String(part.address) : JSON.stringify(part);
}

/** Seconds; undefined: for ever. */
export function timeoutOf(element: IpsetElement, set: Ipset): number | undefined {
  const timeout = element.timeout ?? set.options.timeout;
  return timeout === 0 ? undefined : timeout;
}

/** The length addresses of a set are cut to where its mask is a prefix. */
export function cutLength(set: Ipset): number | undefined {
  const { options } = set;
  if (options.netmask !== undefined) return options.netmask;
  if (options.bitmask === undefined) return undefined;
  return prefixLength(options.family === 'inet6' ? options.bitmask : Number(options.bitmask));
}

/** The stored part as a side; an address of a set that cuts them stands for its network. */
function sideOf(part: Part, set: Ipset, bits: number, wildcard: boolean): Side {
  switch (part.kind) {
    case 'address': {
      const length = part.length === bits ? (cutLength(set) ?? bits) : part.length;
      return { kind: 'addresses', from: part.address, to: part.address | ((1n << BigInt(bits - length)) - 1n) };
    }
    case 'mac':
      return { kind: 'mac', address: part.address ?? '' };
    case 'iface':
    case 'set':
      return { kind: 'iface', name: part.name, wildcard };
    case 'port':
      return { ...part, last: part.port };
    default:
      return part;
  }
}

/** Shorter runs stay as they were written. */
const LEAST_RUN = 3;

/** Boxes of one dimension with neighbours made ranges of, where nothing else tells them apart. */
export function joinRuns(boxes: readonly Box[]): readonly Box[] {
  const places = boxes.map((box) => ({ box, place: placeOf(box) }));
  if (places.some(({ place }) => place === undefined)) return boxes;
  const sorted = places.sort((left, right) => compare(left.place?.from ?? 0n, right.place?.from ?? 0n));
  const joined: Box[] = [];
  let run: typeof sorted = [];
  const close = (): void => {
    const [first] = run;
    const last = run.at(-1);
    if (first?.place !== undefined && last?.place !== undefined && run.length >= LEAST_RUN)
      joined.push(withPlace(first.box, first.place.from, last.place.to));
    else for (const { box } of run) joined.push(box);
    run = [];
  };
  for (const item of sorted) {
    const last = run.at(-1);
    const follows =
      last?.place !== undefined &&
      item.place?.from === last.place.to + 1n &&
      item.box.timeout === last.box.timeout &&
      [item, last].every(({ box }) => (box.element?.comment ?? '') === '');
    if (!follows) close();
    run.push(item);
  }
  close();
  return joined;
}

function placeOf({ sides }: Box): Stretch | undefined {
  const [side, ...others] = sides;
  if (others.length > 0) return undefined;
  if (side?.kind === 'addresses') return side;
  return side?.kind === 'port' ? { from: BigInt(side.port), to: BigInt(side.last) } : undefined;
}

function withPlace(box: Box, from: bigint, to: bigint): Box {
  const [side] = box.sides;
  const wide: Side = side?.kind === 'port' ? { ...side, port: Number(from), last: Number(to) } : { kind: 'addresses', from, to };
  return { sides: [wide], timeout: box.timeout, element: undefined };
}

function coverOf(element: IpsetElement, dimension: number, nets: readonly number[], bits: number): Cover {
  const lengths = nets.map((index) => lengthAt(element, index));
  const part = element.parts[dimension];
  const address = part?.kind === 'address' ? part.address : 0n;
  return { from: address, to: address | ((1n << BigInt(bits - lengthAt(element, dimension))) - 1n), element, lengths };
}

function lengthAt(element: IpsetElement, dimension: number): number {
  const part = element.parts[dimension];
  return part?.kind === 'address' ? part.length : 0;
}

/** Longest prefix first, the first network before the second. (kernel: ip_set_hash_gen.h, mtype_test_cidrs) */
function bySpecificity(left: Cover, right: Cover): number {
  for (const [index, length] of left.lengths.entries()) {
    const difference = (right.lengths[index] ?? 0) - length;
    if (difference !== 0) return difference;
  }
  return 0;
}

type Resolved =
  | { readonly kind: 'in'; readonly timeout: number | undefined; readonly element: IpsetElement | undefined }
  | { readonly kind: 'out' }
  | { readonly kind: 'unsupported'; readonly reason: string };

/** Whether what several networks cover is matched. */
function resolve(covers: readonly Cover[], set: Ipset, nomatch: boolean): Resolved {
  const [first] = covers.length > 1 ? [...covers].sort(bySpecificity) : covers;
  if (first === undefined) return { kind: 'out' };
  if (covers.length === 1 || covers.every(({ element }) => timeoutOf(element, set) === undefined)) {
    if (first.element.nomatch !== nomatch) return { kind: 'out' };
    return { kind: 'in', timeout: timeoutOf(first.element, set), element: first.element };
  }
  if (covers.some(({ element }) => element.nomatch))
    return { kind: 'unsupported', reason: `elements of \`${set.name}\` that overlap, one of them \`nomatch\`, time out: what matches would change` };
  if (nomatch) return { kind: 'out' };
  const timeouts = covers.map(({ element }) => timeoutOf(element, set));
  const longest = timeouts.some((timeout) => timeout === undefined) ? undefined : Math.max(...timeouts.map((timeout) => timeout ?? 0));
  return { kind: 'in', timeout: longest, element: undefined };
}

interface Piece extends Stretch {
  readonly timeout: number | undefined;
  readonly element: IpsetElement | undefined;
}

/** The pieces of one dimension that are matched, joined where several networks left equal neighbours. */
function pieces(covers: readonly Cover[], set: Ipset, nomatch: boolean): readonly Piece[] | string {
  const found: { from: bigint; to: bigint; timeout: number | undefined; element: IpsetElement | undefined }[] = [];
  const segments = segmentsOf(covers);
  const overlap = segments.some((segment) => segment.covers.length > 1);
  for (const segment of segments) {
    const result = resolve(segment.covers, set, nomatch);
    if (result.kind === 'unsupported') return result.reason;
    if (result.kind === 'out') continue;
    const last = found.at(-1);
    const touches = overlap && last !== undefined && last.to + 1n === segment.from && last.timeout === result.timeout;
    if (touches) {
      last.to = segment.to;
      if (last.element !== result.element) last.element = undefined;
    } else found.push({ from: segment.from, to: segment.to, timeout: result.timeout, element: result.element });
  }
  return found;
}

/** Boxes of elements that differ in their networks only. */
function netBoxes(group: readonly IpsetElement[], set: Ipset, nets: readonly number[], bits: number, nomatch: boolean): Boxes {
  const [first, second] = nets;
  const [sample] = group;
  if (first === undefined || sample === undefined) return { kind: 'boxes', boxes: [] };
  const boxes: Box[] = [];
  const add = (ranges: ReadonlyMap<number, Stretch>, piece: Piece): void => {
    const sides = sample.parts.map((part, index): Side => {
      const range = ranges.get(index);
      return range === undefined ? sideOf(part, set, bits, false) : { kind: 'addresses', from: range.from, to: range.to };
    });
    boxes.push({ sides, timeout: piece.timeout, element: piece.element });
  };
  const covers = group.map((element) => coverOf(element, first, nets, bits));
  if (second === undefined) {
    const found = pieces(covers, set, nomatch);
    if (typeof found === 'string') return { kind: 'unsupported', reason: found };
    for (const piece of found) add(new Map([[first, piece]]), piece);
    return { kind: 'boxes', boxes };
  }
  for (const segment of segmentsOf(covers)) {
    const found = pieces(
      segment.covers.map(({ element }) => coverOf(element, second, nets, bits)),
      set,
      nomatch,
    );
    if (typeof found === 'string') return { kind: 'unsupported', reason: found };
    for (const piece of found)
      add(
        new Map<number, Stretch>([
          [first, segment],
          [second, piece],
        ]),
        piece,
      );
    if (boxes.length > LIMIT) break;
  }
  return { kind: 'boxes', boxes };
}

/**
 * Boxes of a hash:net,iface. The longest prefix that holds the address decides, whatever its interfaces: shorter ones are not looked at then.
 * (kernel: ip_set_hash_gen.h, mtype_test_cidrs, `multi`)
 */
function interfaceBoxes(group: readonly IpsetElement[], set: Ipset, bits: number, nomatch: boolean): Boxes {
  const boxes: Box[] = [];
  const timed = group.some((element) => timeoutOf(element, set) !== undefined);
  for (const segment of segmentsOf(group.map((element) => coverOf(element, 0, [0], bits)))) {
    const longest = Math.max(...segment.covers.map((cover) => cover.lengths[0] ?? 0));
    const deciding = segment.covers.filter((cover) => cover.lengths[0] === longest).map(({ element }) => element);
    if (timed && deciding.length < segment.covers.length)
      return { kind: 'unsupported', reason: `networks of \`${set.name}\` that overlap time out: what matches would change` };
    const wild = deciding.filter((element) => element.wildcard);
    const nameOf = (element: IpsetElement): string => {
      const part = element.parts[1];
      return part?.kind === 'iface' ? part.name : '';
    };
    for (const element of deciding) {
      const over = wild.filter((other) => other !== element && nameOf(element).startsWith(nameOf(other)));
      if (over.some((other) => other.nomatch !== element.nomatch || timed))
        return { kind: 'unsupported', reason: `interfaces of \`${set.name}\` are named once exactly and once by their beginning, to different ends` };
      if (over.length > 0 || element.nomatch !== nomatch) continue;
      boxes.push({
        sides: [
          { kind: 'addresses', from: segment.from, to: segment.to },
          { kind: 'iface', name: nameOf(element), wildcard: element.wildcard },
        ],
        timeout: timeoutOf(element, set),
        element,
      });
    }
  }
  return { kind: 'boxes', boxes };
}
