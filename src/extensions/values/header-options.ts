/** The options inside a hop-by-hop or destination options header, and what `-m hbh` and `-m dst` have in common. */

import { compare, hex, match, number, payload, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { exact, unsupported, type Given, type Lowering, type ValueResult, type ValueType } from '../define.js';
import { numberTest } from './number-range.js';
import { leadingNumber, wholeNumber } from './number.js';

/** An option by its type, 0 to 255, and its length in bytes, 0 to 254, where one is asked for. */
export interface HeaderOption {
  readonly type: number;
  readonly length?: number;
}

/** The most options of a list. (iptables: include/linux/netfilter_ipv6/ip6t_opts.h, IP6T_OPTS_OPTSNR) */
const MOST = 16;
/** This length stands for none. */
const ANY_LENGTH = 255;

/** What strtoul() reads on 64-bit machines. */
const LARGEST_READ = Number.MAX_SAFE_INTEGER;

interface ReadNumber {
  readonly value: number;
  readonly cut: boolean;
}

function readList(text: string, extension: string): ValueResult<readonly HeaderOption[]> {
  const refused = (message: string, says: string): ValueResult<never> => ({ kind: 'refused', by: 'iptables', message, says });
  const readByte = (part: string, what: 'opt' | 'length'): ReadNumber | ValueResult<never> => {
    const found = leadingNumber(part, 0, LARGEST_READ);
    const called = what === 'opt' ? 'type of an option' : 'length';
    if (found === undefined)
      return refused(part === '' ? `a ${called} is missing` : `\`${part}\` is no ${called}`, `${extension}: no valid digits in ${what} \`${part}'`);
    if (found.rest !== '') return refused(`\`${part}\` is no ${called}`, `${extension}: error parsing ${what} \`${part}'`);
    return { value: found.value % 256, cut: found.value > 255 };
  };
  const options: HeaderOption[] = [];
  let cut = false;
  const items = text.split(',');
  for (const item of items.slice(0, MOST)) {
    const colon = item.indexOf(':');
    const type = readByte(colon === -1 ? item : item.slice(0, colon), 'opt');
    if ('kind' in type) return type;
    cut ||= type.cut;
    if (colon === -1) {
      options.push({ type: type.value });
      continue;
    }
    if (type.value === 0)
      return refused('option 0 is padding of one byte and has no length', extension === 'dst' ? "PAD0 hasn't got length" : 'PAD0 has not got length');
    const length = readByte(item.slice(colon + 1), 'length');
    if ('kind' in length) return length;
    cut ||= length.cut;
    options.push(length.value === ANY_LENGTH ? { type: type.value } : { type: type.value, length: length.value });
  }
  if (items.length > MOST) return refused(`the list takes ${String(MOST)} options, not ${String(items.length)}`, 'too many addresses specified');
  const becomes = printList(options);
  if (!cut) return { kind: 'read', value: options };
  return {
    kind: 'read',
    value: options,
    changed: { check: 'invalid-value', message: `types and lengths go up to 255: iptables cuts \`${text}\` to ${becomes} without a word`, becomes },
  };
}

function printList(options: readonly HeaderOption[]): string {
  return options.map(({ type, length }) => (length === undefined ? String(type) : `${String(type)}:${String(length)}`)).join(',');
}

/** `TYPE[:LENGTH],…`, as both headers take it. (iptables: extensions/libip6t_hbh.c, parse_options) */
export function headerOptions(extension: 'hbh' | 'dst'): ValueType<readonly HeaderOption[]> {
  return { name: 'list of options', read: (text) => readList(text, extension), print: printList };
}

/** `--hbh-len`, `--dst-len`: bytes of the header. */
export function headerLength(extension: 'hbh' | 'dst'): ValueType<number> {
  return wholeNumber('length', 0, 0xffffffff, { extension, option: `${extension}-len` });
}

/** Where a header is looked for: bytes from the beginning of the packet to it, and what tells that it stands there. */
interface Place {
  readonly offset: number;
  readonly tests: readonly Statement[];
}

/** Bytes of the fixed header. (RFC 8200, section 3) */
const FIXED_HEADER = 40;
/** The shortest hop-by-hop header, in bytes: room for a router alert, which is what such headers are for. (RFC 2711) */
const ROUTER_ALERT_HEADER = 8;

const PLACES: Readonly<Record<'hbh' | 'dst', { readonly places: readonly Place[]; readonly differs: string }>> = {
  hbh: {
    places: [{ offset: FIXED_HEADER, tests: [match(payload('ip6', 'nexthdr'), number(0))] }],
    differs: 'hop-by-hop options that are not the first header, where no packet should have them, are passed over',
  },
  dst: {
    places: [
      { offset: FIXED_HEADER, tests: [match(payload('ip6', 'nexthdr'), number(60))] },
      {
        offset: FIXED_HEADER + ROUTER_ALERT_HEADER,
        tests: [
          match(payload('ip6', 'nexthdr'), number(0)),
          match({ kind: 'exthdr', header: 'hbh', field: 'nexthdr' }, number(60)),
          match({ kind: 'exthdr', header: 'hbh', field: 'hdrlength' }, number(0)),
        ],
      },
    ],
    differs: `destination options are found where they are the first header, or stand behind ${String(ROUTER_ALERT_HEADER)} bytes of hop-by-hop options`,
  },
};

/** The last byte that kernels before 6.2 can look at. (kernel: net/netfilter/nft_payload.c) */
const LAST_PLACE = 255;

/** Bytes of a header before its options, and of an option before its data. */
const BEFORE_DATA = 2;

/** Tests of the options at a header, and how many bytes the header has to have; undefined when the place of one is not known. */
function optionTests(options: readonly HeaderOption[], header: number): { readonly tests: readonly Statement[]; readonly bytes: number } | undefined {
  const tests: Statement[] = [];
  let place: number | undefined = BEFORE_DATA;
  let bytes = 0;
  for (const { type, length } of options) {
    if (place === undefined) return undefined;
    const bits = (count: number): Expr => ({ kind: 'rawPayload', base: 'nh', offset: (header + (place ?? 0)) * 8, length: count });
    tests.push(length === undefined ? match(bits(8), hex(type)) : match(bits(16), hex(type * 256 + length)));
    // Padding of one byte has no length; of the last option only the length has to be there. (kernel: net/ipv6/netfilter/ip6t_hbh.c, hbh_mt6)
    bytes = place + (type === 0 ? 1 : BEFORE_DATA);
    place = type === 0 ? place + 1 : length === undefined ? undefined : place + BEFORE_DATA + length;
  }
  return { tests, bytes };
}

/** Compares the header, and the options that stand at its beginning, in this order. */
export function lowerOptionsHeader(
  header: 'hbh' | 'dst',
  length: Given<number> | undefined,
  options: Given<readonly HeaderOption[]> | undefined,
): Lowering {
  const present = match({ kind: 'exthdr', header }, symbol('exists'));
  const hdrlength: Expr = { kind: 'exthdr', header, field: 'hdrlength' };
  // The field counts words of 8 bytes, less the first. (RFC 8200, sections 4.3 and 4.6)
  const words = length !== undefined && length.value % 8 === 0 && length.value >= 8 ? length.value / 8 - 1 : undefined;
  const test = length === undefined ? 'always' : numberTest(hdrlength, words, length.negated, 255);
  if (test === 'never') return { kind: 'never', why: `no header is ${String(length?.value)} bytes long` };
  const ofLength = test === 'always' ? [] : [test];
  if (options === undefined) return exact(ofLength.length === 0 ? [present] : ofLength);
  const { places, differs } = PLACES[header];
  const alternatives: Statement[][] = [];
  for (const place of places) {
    const asked = optionTests(options.value, place.offset);
    if (asked === undefined)
      return unsupported(
        'an option stands where the length of the one before it tells, which nft cannot follow',
        `name the lengths of all options but the last: \`--${header}-opts TYPE:LENGTH,TYPE\``,
      );
    if (place.offset + asked.bytes > LAST_PLACE) return unsupported(`nft looks at the first ${String(LAST_PLACE)} bytes of a packet only`);
    const more = Math.ceil(asked.bytes / 8) - 1;
    const longEnough = more === 0 ? [] : [compare(hdrlength, '>=', number(more))];
    alternatives.push([...place.tests, ...ofLength, ...longEnough, ...asked.tests]);
  }
  const [only] = alternatives;
  return { kind: 'approximate', items: alternatives.length === 1 && only !== undefined ? only : [{ kind: 'anyOf', alternatives }], differs };
}
