/** Reads the options of `ipset create`. */

import { bitsOf, readAddress, type AddressFamily } from './element.js';
import type { SetOptions } from './model.js';
import { read, readNumber, refused, type Result } from './refusal.js';
import { COMMON_OPTIONS, type SetType } from './types.js';

/** The longest timeout, in seconds: its milliseconds have to fit into 31 bits. (ipset: lib/parse.c, ipset_parse_timeout) */
export const MOST_TIMEOUT = 2_147_483n;
const U32 = 0xffff_ffffn;
/** Addresses, ports or networks in a bitmap. (kernel: include/linux/netfilter/ipset/ip_set_bitmap.h, IPSET_BITMAP_MAX_RANGE) */
const BITMAP_LIMIT = 65536n;

/** A word with its number in the command. */
export interface Operand {
  readonly text: string;
  readonly word: number;
}

/** A refusal and the word it is about. */
export interface Misread {
  readonly result: Exclude<Result<never>, { kind: 'read' }>;
  readonly word: number | undefined;
}

/** Options without an argument. */
const FLAGS: ReadonlySet<string> = new Set(['counters', 'comment', 'skbinfo', 'forceadd']);

type Draft = { -readonly [K in keyof SetOptions]: SetOptions[K] };

/** What the words behind `create NAME TYPE` ask for; `ignored` are the options of old versions among them. */
export function readCreateOptions(
  type: SetType,
  operands: readonly Operand[],
): { readonly options: SetOptions; readonly ignored: readonly Operand[] } | Misread {
  const options: Draft = {
    family: type.family === 'none' ? undefined : 'inet',
    hashsize: 1024,
    maxelem: 65536,
    netmask: undefined,
    bitmask: undefined,
    markmask: 0xffffffff,
    timeout: undefined,
    counters: false,
    comment: false,
    skbinfo: false,
    forceadd: false,
    bucketsize: undefined,
    initval: undefined,
    range: undefined,
    size: 8,
  };
  const given = new Map<string, Operand>();
  const ignored: Operand[] = [];
  for (let at = 0; at < operands.length; at += 1) {
    const operand = operands[at];
    if (operand === undefined) break;
    const name = operand.text.startsWith('--') ? operand.text.slice(2) : operand.text;
    if ((name === '-4' || name === '-6') && type.options.has('family')) {
      options.family = name === '-4' ? 'inet' : 'inet6';
      continue;
    }
    if (type.ignored.has(name)) {
      ignored.push(operand);
      at += 1;
      continue;
    }
    if (!type.options.has(name) && !COMMON_OPTIONS.has(name))
      return misread(refused(`\`create … ${type.name}\` has no option \`${operand.text}\``, `Unknown argument: \`${operand.text}'`), operand.word);
    if (FLAGS.has(name)) {
      options[name as 'counters' | 'comment' | 'skbinfo' | 'forceadd'] = true;
      continue;
    }
    const value = operands[at + 1];
    if (value === undefined) return misread(refused(`\`${name}\` needs a value`, `Missing mandatory argument of option \`${name}'`), operand.word);
    if (given.has(name)) return misread(refused(`\`${name}\` is given twice`, `Syntax error: ${name} already specified`), operand.word);
    at += 1;
    given.set(name, value);
    if (name === 'family') {
      const family = readFamily(value.text);
      if (family.kind !== 'read') return misread(family, value.word);
      options.family = family.value;
    }
  }
  for (const [name, operand] of given) {
    const wrong = setOption(options, type, name, operand.text);
    if (wrong !== undefined) return misread(wrong, operand.word);
  }
  const both = given.get('bitmask');
  if (both !== undefined && given.has('netmask'))
    return misread(
      refused('`netmask` and `bitmask` exclude each other', 'Syntax error: bitmask and netmask are mutually exclusive, provide only one'),
      both.word,
    );
  const range = type.method === 'bitmap' ? bitmapRange(options, type, given) : undefined;
  if (range !== undefined) return range;
  return { options, ignored };
}

function misread(result: Misread['result'], word: number | undefined): Misread {
  return { result, word };
}

function readFamily(text: string): Result<AddressFamily> {
  if (text === 'inet' || text === 'ipv4' || text === '-4') return read('inet');
  if (text === 'inet6' || text === 'ipv6' || text === '-6') return read('inet6');
  if (text === 'any' || text === 'unspec')
    return refused('a set holds addresses of one family: `inet` or `inet6`', 'Protocol family not supported by the set type');
  return refused(`\`${text}\` is no family: \`inet\` or \`inet6\``, `Syntax error: unknown inet family ${text}`);
}

/** Takes over one option; the refusal when its value is none. */
function setOption(options: Draft, type: SetType, name: string, text: string): Misread['result'] | undefined {
  const number = (least: bigint, most: bigint, take: (value: number) => void): Misread['result'] | undefined => {
    const found = readNumber(text, least, most);
    if (found.kind !== 'read') return found;
    take(Number(found.value));
    return undefined;
  };
  switch (name) {
    case 'timeout':
      return number(0n, MOST_TIMEOUT, (value) => (options.timeout = value));
    case 'hashsize':
      return number(0n, U32, (value) => (options.hashsize = Math.max(64, 2 ** Math.ceil(Math.log2(Math.max(value, 1))))));
    case 'maxelem':
      return number(0n, U32, (value) => (options.maxelem = value));
    case 'bucketsize':
      // (kernel: net/netfilter/ipset/ip_set_hash_gen.h, AHASH_MAX_TUNED and mtype_create: even, from 2 to 12)
      return number(0n, 255n, (value) => (options.bucketsize = Math.min(12, Math.max(2, value + (value % 2)))));
    case 'initval':
      return number(0n, U32, (value) => (options.initval = value));
    case 'markmask':
      return number(1n, U32, (value) => (options.markmask = value));
    case 'size':
      return number(0n, U32, (value) => (options.size = Math.max(4, value)));
    case 'netmask': {
      const bits = options.family === 'inet6' ? 128 : 32;
      return number(1n, BigInt(bits), (value) => (options.netmask = value === bits ? undefined : value));
    }
    case 'bitmask': {
      const family = options.family ?? 'inet';
      const found = readAddress(text, family, 'plain');
      if (found.kind !== 'read') return found;
      if (found.value.from === 0n) return refused('a mask of no bits leaves nothing of an address', 'The value of the netmask parameter is invalid');
      options.bitmask = found.value.from;
      return undefined;
    }
    case 'range':
    case 'network':
      if (type.name === 'bitmap:port') return portRange(options, text);
      return addressRange(options, text);
    case 'from':
    case 'to':
      return oldEnd(options, type, name, text);
    default:
      return undefined;
  }
}

function addressRange(options: Draft, text: string): Misread['result'] | undefined {
  const found = readAddress(text, 'inet', 'any');
  if (found.kind !== 'read') return found;
  if (found.value.length === undefined && !text.includes('-'))
    return refused(
      `\`${text}\` is one address: a bitmap needs a network or a range`,
      `Syntax error: IP/cidr or IP-IP range must be specified: ${text}`,
    );
  options.range = { from: found.value.from, to: found.value.to };
  return undefined;
}

function portRange(options: Draft, text: string): Misread['result'] | undefined {
  const ends = text.replace(/^(?:tcp|udp):/, '').split('-');
  if (ends.length !== 2) return refused(`\`${text}\` is one port: a bitmap needs a range`, "Mandatory option `to' is missing");
  const [from, to] = ends.map((end) => readNumber(end, 0n, 65535n));
  if (from?.kind !== 'read') return from;
  if (to?.kind !== 'read') return to;
  const [low, high] = from.value > to.value ? [to.value, from.value] : [from.value, to.value];
  options.range = { from: low, to: high };
  return undefined;
}

/** `--from` and `--to` of old versions. */
function oldEnd(options: Draft, type: SetType, name: 'from' | 'to', text: string): Misread['result'] | undefined {
  let value: bigint;
  if (type.name === 'bitmap:port') {
    const found = readNumber(text, 0n, 65535n);
    if (found.kind !== 'read') return found;
    value = found.value;
  } else {
    const found = readAddress(text, 'inet', 'plain');
    if (found.kind !== 'read') return found;
    value = found.value.from;
  }
  const other = options.range === undefined ? value : name === 'from' ? options.range.to : options.range.from;
  options.range = value < other ? { from: value, to: other } : { from: other, to: value };
  return undefined;
}

/** Completes and checks the range of a bitmap. (kernel: net/netfilter/ipset/ip_set_bitmap_ip.c, bitmap_ip_create) */
function bitmapRange(options: Draft, type: SetType, given: ReadonlyMap<string, Operand>): Misread | undefined {
  const word = (given.get('range') ?? given.get('network') ?? given.get('from'))?.word;
  const { range, netmask } = options;
  if (range === undefined) return misread(refused(`${type.name} needs \`range\``, "Mandatory option `range' is missing"), undefined);
  const tooMany = refused(`the range has more than ${String(BITMAP_LIMIT)} places`, 'The range you specified exceeds the size limit of the set type');
  if (netmask === undefined) return range.to - range.from >= BITMAP_LIMIT ? misread(tooMany, word) : undefined;
  const host = (1n << BigInt(32 - netmask)) - 1n;
  const from = range.from & ~host;
  const to = range.to | host;
  let bits = 31;
  while (bits > 0 && (to >> BigInt(32 - bits)) << BigInt(32 - bits) !== from) bits -= 1;
  if ((bits === 0 && (from !== 0n || to !== U32)) || netmask <= bits)
    return misread(
      refused(`networks of length ${String(netmask)} do not divide the range`, 'Element is out of the range of the set'),
      given.get('netmask')?.word,
    );
  if (1n << BigInt(netmask - bits) > BITMAP_LIMIT) return misread(tooMany, word);
  options.range = { from, to };
  return undefined;
}

/** The mask a set applies to addresses, or undefined; for both `netmask` and `bitmask`. */
export function addressMask(options: SetOptions): bigint | undefined {
  if (options.bitmask !== undefined) return options.bitmask;
  if (options.netmask === undefined || options.family === undefined) return undefined;
  const bits = bitsOf(options.family);
  return ((1n << BigInt(options.netmask)) - 1n) << BigInt(bits - options.netmask);
}
