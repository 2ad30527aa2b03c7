/**
 * The nft sets that one ipset becomes. Types with ports need up to three: for protocols with ports, for ICMP (whose type and code stand where
 * the source port would), and for the others, which ipset knows by number alone.
 */

import { PORT_PROTOCOLS } from '../../ipset/element.js';
import { addressMask } from '../../ipset/create.js';
import type { Ipset } from '../../ipset/model.js';
import { protocolExpr } from '../../extensions/base.js';
import type { Family } from '../../extensions/define.js';
import { formatIp4, formatIp6 } from '../../net/address.js';
import { binary, compare, concatenation, hex, match, meta, number, payload, range, setOf, setReference, string, symbol } from '../../nft/build.js';
import type { Expr, PayloadProtocol, SetElement, Statement } from '../../nft/ir.js';
import { cutToBytes } from '../../text/bytes.js';
import { cutLength, type Box, type Side } from './boxes.js';

export type Ends = readonly ('src' | 'dst')[];

/** One nft set of an ipset, without its name. */
export interface SetClass {
  /** What is put behind the name of the ipset. */
  readonly suffix: string;
  readonly type: readonly string[];
  readonly boxes: readonly Box[];
  /** The protocols of its elements; undefined where ports are none of the set's dimensions. */
  readonly protocols: readonly number[] | undefined;
  readonly key: (ends: Ends) => Expr;
  /** What has to hold besides, so that the key is there and means what it should. One statement, or none. */
  readonly guard: (ends: Ends) => Statement | undefined;
  readonly element: (box: Box) => Expr;
}

interface Field {
  readonly type: string;
  readonly key: (ends: Ends) => Expr;
  readonly element: (box: Box) => Expr;
}

/** How a set is kept. */
export interface SetForm {
  /** any: for whatever protocols come (rules add to it); own: for those of its elements. */
  readonly ports: 'any' | 'own';
  /** Whether a key may name the header of a protocol: where the rest of a rule names another one, nft refuses the rule. */
  readonly names: (protocol: number) => boolean;
  /** Put on the packet's first address before it is looked up; elements are then single addresses. */
  readonly mask?: bigint;
}

/** The form of a set that nothing changes: only a mask with holes has to be put on the packet, the others make networks of the elements. */
export function staticForm(set: Ipset, names: SetForm['names']): SetForm {
  const mask = addressMask(set.options);
  return mask !== undefined && cutLength(set) === undefined ? { ports: 'own', names, mask } : { ports: 'own', names };
}

/** Cuts the boxes of a set into the classes that need an nft set each. At least one, so that elements can be added by hand. */
export function classesOf(set: Ipset, boxes: readonly Box[], family: Family, form: SetForm): readonly SetClass[] {
  const { type } = set;
  if (type.name === 'bitmap:port') {
    const field: Field = { type: 'inet_service', key: (ends) => payload('th', portField(ends, 0)), element: portsExpr };
    return [classOf('', [field], boxes, { protocols: [6, 17] })];
  }
  const port = type.dimensions.indexOf('port');
  if (port !== -1) return portClasses(set, port, boxes, family, form);
  if (type.name === 'hash:net,iface') return interfaceClasses(set, boxes, family);
  return [classOf('', fieldsOf(set, family, form.mask), boxes, {})];
}

function classOf(
  suffix: string,
  fields: readonly Field[],
  boxes: readonly Box[],
  more: { readonly protocols?: readonly number[]; readonly guard?: (ends: Ends) => Statement | undefined },
): SetClass {
  return {
    suffix,
    type: fields.map((field) => field.type),
    boxes,
    protocols: more.protocols,
    key: (ends) => concatenation(fields.map((field) => field.key(ends))),
    guard: more.guard ?? (() => undefined),
    element: (box) => concatenation(fields.map((field) => field.element(box))),
  };
}

/** The fields of all dimensions but `without`; `ofPort` stands for the one of ports. */
function fieldsOf(set: Ipset, family: Family, mask?: bigint, ofPort: readonly Field[] = [], without?: number): readonly Field[] {
  return set.type.dimensions.flatMap((dimension, index): readonly Field[] => {
    if (index === without) return [];
    switch (dimension) {
      case 'ip':
      case 'net':
        return [addressField(index, family, index === 0 ? mask : undefined)];
      case 'port':
        return ofPort;
      case 'mac':
        return [
          {
            type: 'ether_addr',
            key: (ends) => payload('ether', ends[index] === 'src' ? 'saddr' : 'daddr'),
            element: (box) => symbol(sideAt(box, index, 'mac')?.address ?? ''),
          },
        ];
      case 'mark': {
        const mask = set.options.markmask;
        return [
          {
            type: 'mark',
            key: () => (mask === 0xffffffff ? meta('mark') : binary(meta('mark'), '&', hex(mask))),
            element: (box) => hex(sideAt(box, index, 'mark')?.value ?? 0),
          },
        ];
      }
      case 'iface':
        return [
          {
            type: 'ifname',
            key: (ends) => meta(ends[index] === 'src' ? 'iifname' : 'oifname'),
            element: (box) => string(sideAt(box, index, 'iface')?.name ?? ''),
          },
        ];
      case 'set':
        return [];
    }
  });
}

function sideAt<K extends Side['kind']>(box: Box, index: number, kind: K): Extract<Side, { kind: K }> | undefined {
  const side = box.sides[index];
  return side?.kind === kind ? (side as Extract<Side, { kind: K }>) : undefined;
}

/** The address of the packet as the set looks it up. */
function addressField(index: number, family: Family, mask: bigint | undefined): Field {
  return {
    type: family === 'ip' ? 'ipv4_addr' : 'ipv6_addr',
    key: (ends) => {
      const address = payload(family, ends[index] === 'src' ? 'saddr' : 'daddr');
      return mask === undefined ? address : binary(address, '&', symbol(formatAddress(mask, family)));
    },
    element: (box) => {
      const side = sideAt(box, index, 'addresses');
      if (side === undefined) return number(0);
      return addressesExpr(side.from, mask === undefined ? side.to : side.from, family);
    },
  };
}

export function formatAddress(address: bigint, family: Family): string {
  return family === 'ip' ? formatIp4(Number(address)) : formatIp6(address);
}

/** One address, a network, or a range, whichever says it. */
function addressesExpr(from: bigint, to: bigint, family: Family): Expr {
  if (from === to) return symbol(formatAddress(from, family));
  const bits = family === 'ip' ? 32 : 128;
  const host = (from ^ to).toString(2).length;
  const mask = (1n << BigInt(host)) - 1n;
  if ((from & mask) === 0n && (to & mask) === mask) return { kind: 'prefix', address: formatAddress(from, family), length: bits - host };
  return range(symbol(formatAddress(from, family)), symbol(formatAddress(to, family)));
}

const portField = (ends: Ends, index: number): string => (ends[index] === 'src' ? 'sport' : 'dport');

function portOf(box: Box, index: number): number {
  return sideAt(box, index, 'port')?.port ?? 0;
}

/** The ports of a box of a bitmap:port. */
function portsExpr(box: Box): Expr {
  const side = sideAt(box, 0, 'port');
  if (side === undefined) return number(0);
  return side.port === side.last ? number(side.port) : range(number(side.port), number(side.last));
}

function protocolOf(box: Box, index: number): number {
  return sideAt(box, index, 'port')?.protocol ?? 0;
}

const HEADERS: ReadonlyMap<number, PayloadProtocol> = new Map<number, PayloadProtocol>([
  [6, 'tcp'],
  [17, 'udp'],
  [132, 'sctp'],
  [136, 'udplite'],
]);

/** The protocol number of ICMP of a family. */
function icmpOf(family: Family): number {
  return family === 'ip' ? 1 : 58;
}

function portClasses(set: Ipset, index: number, boxes: readonly Box[], family: Family, form: SetForm): readonly SetClass[] {
  const icmp = icmpOf(family);
  const kinds = { ports: [] as Box[], icmp: [] as Box[], others: [] as Box[] };
  for (const box of boxes) {
    const protocol = protocolOf(box, index);
    (PORT_PROTOCOLS.includes(protocol) ? kinds.ports : protocol === icmp ? kinds.icmp : kinds.others).push(box);
  }
  const any = form.ports === 'any';
  const classes: SetClass[] = [];
  const protocolField: Field = { type: 'inet_proto', key: () => meta('l4proto'), element: (box) => protocolExpr(protocolOf(box, index)) };
  if (kinds.ports.length > 0 || any || boxes.length === 0) {
    const own = [...new Set(kinds.ports.map((box) => protocolOf(box, index)))].sort((left, right) => left - right);
    const [only] = own;
    const header = !any && own.length === 1 && only !== undefined && form.names(only) ? HEADERS.get(only) : undefined;
    const port: Field = {
      type: 'inet_service',
      key: (ends) => payload(header ?? 'th', portField(ends, index)),
      element: (box) => number(portOf(box, index)),
    };
    const protocols = any || own.length === 0 ? PORT_PROTOCOLS : own;
    classes.push(classOf('', fieldsOf(set, family, form.mask, header === undefined ? [protocolField, port] : [port]), kinds.ports, { protocols }));
  }
  if (kinds.icmp.length > 0 || any) {
    const header = family === 'ip' ? 'icmp' : 'icmpv6';
    const fields: readonly Field[] = form.names(icmp)
      ? [
          { type: `${header}_type`, key: () => payload(header, 'type'), element: (box) => number(portOf(box, index) >> 8) },
          { type: `${header}_code`, key: () => payload(header, 'code'), element: (box) => number(portOf(box, index) & 255) },
        ]
      : [{ type: 'inet_service', key: () => payload('th', 'sport'), element: (box) => number(portOf(box, index)) }];
    classes.push(classOf('_icmp', fieldsOf(set, family, form.mask, fields), kinds.icmp, { protocols: [icmp] }));
  }
  if (kinds.others.length > 0 || any) {
    const protocols = [...new Set(kinds.others.map((box) => protocolOf(box, index)))].sort((left, right) => left - right);
    classes.push(classOf('_other', fieldsOf(set, family, form.mask, [protocolField]), kinds.others, { protocols: any ? [] : protocols }));
  }
  return classes;
}

/** A set for interfaces named in full, and one for each beginning of names. */
function interfaceClasses(set: Ipset, boxes: readonly Box[], family: Family): readonly SetClass[] {
  const nameOf = (box: Box): string => sideAt(box, 1, 'iface')?.name ?? '';
  const exactly = boxes.filter((box) => sideAt(box, 1, 'iface')?.wildcard !== true);
  const wild = boxes.filter((box) => sideAt(box, 1, 'iface')?.wildcard === true);
  const classes: SetClass[] = [];
  if (exactly.length > 0 || wild.length === 0) classes.push(classOf('', fieldsOf(set, family), exactly, {}));
  for (const name of new Set(wild.map(nameOf))) {
    const pattern: Expr = { kind: 'symbol', name: `"${name}*"` };
    classes.push(
      classOf(
        `_${name}`,
        fieldsOf(set, family, undefined, [], 1),
        wild.filter((box) => nameOf(box) === name),
        { guard: (ends) => match(meta(ends[1] === 'src' ? 'iifname' : 'oifname'), pattern) },
      ),
    );
  }
  return classes;
}

/** nft keeps comments of at most 128 bytes. (nft: NFTNL_UDATA_SET_ELEM_COMMENT, src/parser_bison.y) */
const COMMENT_LIMIT = 128;

/** Whether a box takes in more than one address or port somewhere. */
export function isWide(box: Box): boolean {
  return box.sides.some((side) => (side.kind === 'addresses' && side.from !== side.to) || (side.kind === 'port' && side.port !== side.last));
}

/** The elements of a class. */
export function elementsOf(one: SetClass): readonly SetElement[] {
  return one.boxes.map((box): SetElement => {
    const comment = box.element?.comment;
    return {
      key: one.element(box),
      ...(box.timeout === undefined ? {} : { timeout: box.timeout * 1000 }),
      ...(comment === undefined || comment === '' ? {} : { comment: cutToBytes(comment, COMMENT_LIMIT) }),
    };
  });
}

/** Statements that hold where the set of this class holds the packet. `known`: the rule says by itself which protocol it is for. */
export function isIn(one: SetClass, name: string, ends: Ends, family: Family, known: boolean): readonly Statement[] {
  const guard = one.guard(ends) ?? (known ? undefined : protocolGuard(one, family, false));
  return [...(guard === undefined ? [] : [guard]), match(one.key(ends), setReference(name))];
}

/**
 * What has to be said about the protocol, so that the key is read from a header that is there. Where the key names the protocol, or its header,
 * nft sees to it by itself, unless the answer is to be turned round (`always`).
 */
export function protocolGuard(one: SetClass, family: Family, always: boolean): Statement | undefined {
  const { protocols, type } = one;
  if (protocols === undefined) return undefined;
  const isNamed = type.includes('inet_proto') || type.some((field) => field.startsWith('icmp')) || (protocols.length === 1 && one.suffix === '');
  if (isNamed && !always) return undefined;
  if (protocols.length === 0) return match(meta('l4proto'), setOf([...PORT_PROTOCOLS, icmpOf(family)].map(protocolExpr)), true);
  return match(meta('l4proto'), setOf(protocols.map(protocolExpr)));
}

/** Protocols that have a class of their own: those with ports, and ICMP. */
const KNOWN_CLASSES: readonly number[] = [...PORT_PROTOCOLS, icmpOf('ip'), icmpOf('ip6')];

/** Whether packets of a protocol can be in a class; of any protocol when it is not known. */
export function holds({ protocols }: SetClass, protocol: number | undefined): boolean {
  if (protocols === undefined || protocol === undefined) return true;
  return protocols.length > 0 ? protocols.includes(protocol) : !KNOWN_CLASSES.includes(protocol);
}

/** Fragments behind the first have no ports, and are in no set that asks for some. */
export function isLaterFragment(family: Family): Statement {
  return family === 'ip'
    ? compare(binary(payload('ip', 'frag-off'), '&', hex(0x1fff)), '!=', number(0))
    : compare({ kind: 'exthdr', header: 'frag', field: 'frag-off' }, '!=', number(0));
}
