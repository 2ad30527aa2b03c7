/** The options inside a hop-by-hop or destination options header, and what `-m hbh` and `-m dst` have in common. */

import { match, symbol } from '../../nft/build.js';
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

/** Compares the header. */
export function lowerOptionsHeader(
  header: 'hbh' | 'dst',
  length: Given<number> | undefined,
  options: Given<readonly HeaderOption[]> | undefined,
): Lowering {
  if (options !== undefined) return unsupported('nft has no expression for the options inside an extension header');
  const present = match({ kind: 'exthdr', header }, symbol('exists'));
  if (length === undefined) return exact([present]);
  // The field counts words of 8 bytes, less the first. (RFC 8200, sections 4.3 and 4.6)
  const words = length.value % 8 === 0 && length.value >= 8 ? length.value / 8 - 1 : undefined;
  const test = numberTest({ kind: 'exthdr', header, field: 'hdrlength' }, words, length.negated, 255);
  if (test === 'never') return { kind: 'never', why: `no header is ${String(length.value)} bytes long` };
  return exact([test === 'always' ? present : test]);
}
