/** `-m string`: whether some bytes stand anywhere in the packet. */

import { binary, compare, hex, match } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { bytesOf } from '../../text/bytes.js';
import {
  compareVersions,
  defineMatch,
  exact,
  flag,
  unsupported,
  value,
  type GivenOf,
  type LoweredItem,
  type Lowering,
  type NftContext,
  type ValueResult,
  type ValueType,
} from '../define.js';
import { shown, wholeNumber } from '../values/number.js';

/** Bytes of a pattern. (kernel: include/uapi/linux/netfilter/xt_string.h, XT_STRING_MAX_PATTERN_SIZE) */
const LONGEST = 128;

type Bytes = readonly number[];

function refused(message: string, says: string): ValueResult<never> {
  return { kind: 'refused', by: 'iptables', message, says };
}

/** `text` is what the user wrote for it. */
function pattern(bytes: Bytes, text: string): ValueResult<Bytes> {
  if (bytes.length > LONGEST) return refused(`a pattern has at most ${String(LONGEST)} bytes`, `STRING too long "${text}"`);
  if (bytes.length === 0) return { kind: 'refused', by: 'kernel', message: 'the pattern is empty' };
  return { kind: 'read', value: bytes };
}

const plain: ValueType<Bytes> = {
  name: 'text',
  free: true,
  saveQuotes: 'always',
  read: (text) => pattern(bytesOf(text), text),
  print: printPattern,
};

/** Text with bytes in hex between bars, `|0a 0b|`; `\` takes the meaning from the character behind. */
const mixed: ValueType<Bytes> = { name: 'text with |hex|', free: true, saveQuotes: 'always', read: readMixed, print: printPattern };

const isHexDigit = (character: string): boolean => /^[0-9a-fA-F]$/.test(character);

/** (iptables: extensions/libxt_string.c, parse_hex_string) */
function readMixed(text: string): ValueResult<Bytes> {
  if (text === '') return refused('the pattern is empty', 'STRING must contain at least one char');
  const characters = Array.from(text);
  const bytes: number[] = [];
  let hex = false;
  let place = 0;
  while (place < characters.length) {
    if (characters[place] === '|') {
      const opens: boolean = !hex;
      hex = opens;
      place += 1;
      while (opens && characters[place] === ' ') place += 1;
      if (place >= characters.length) break;
      // The character behind the closing bar stands for itself, another bar too.
    } else if (characters[place] === '\\') {
      if (hex) return refused('`\\` has no meaning between the bars', 'Cannot include literals in hex data');
      place += 1;
      if (place >= characters.length) return refused('nothing stands behind the `\\`', 'Bad literal placement at end of string');
      bytes.push(...bytesOf(characters[place] ?? ''));
      place += 1;
      continue;
    }
    const [first = '', second, behind] = characters.slice(place, place + 3);
    if (!hex) {
      bytes.push(...bytesOf(first));
      place += 1;
      continue;
    }
    if (second === undefined) return refused('a byte has two hexadecimal digits', 'Odd number of hex digits');
    if (behind === undefined) return refused('the bytes in hex end with another `|`', 'Invalid hex block');
    const wrong = [first, second].find((digit) => !isHexDigit(digit));
    if (wrong !== undefined) return refused(`${shown(wrong)} is no hexadecimal digit`, `Invalid hex char '${wrong}'`);
    bytes.push(Number.parseInt(first + second, 16));
    place += behind === ' ' ? 3 : 2;
  }
  return pattern(bytes, text);
}

/** Whether iptables-save writes a pattern as text: every byte can be printed, and the last is no backslash. (extensions/libxt_string.c, is_hex_string) */
function isText(bytes: Bytes): boolean {
  return bytes.every((byte) => byte >= 0x20 && byte < 0x7f) && bytes.at(-1) !== 0x5c;
}

function printPattern(bytes: Bytes): string {
  if (isText(bytes)) return String.fromCharCode(...bytes);
  return `|${bytes.map((byte) => byte.toString(16).padStart(2, '0')).join('')}|`;
}

const algorithm: ValueType<string> = {
  name: 'way to search',
  read: (text) => {
    if (text === 'bm' || text === 'kmp') return { kind: 'read', value: text };
    const lower = text.toLowerCase();
    return {
      kind: 'refused',
      by: 'kernel',
      message: `${shown(text)} is no way to search: \`bm\` and \`kmp\` are, and find the same`,
      ...(lower === 'bm' || lower === 'kmp' ? { repair: { text: lower, title: `write ${lower}`, applicability: 'safe' as const } } : {}),
    };
  },
  print: (text) => text,
};

const LAST = 65535;
const offset = (option: string) => value(wholeNumber('number of bytes', 0, LAST, { extension: 'string', option }));

const options = {
  string: value(plain, { invertible: true }),
  'hex-string': value(mixed, { invertible: true }),
  algo: value(algorithm),
  from: offset('from'),
  to: offset('to'),
  icase: flag(),
};

function print(given: GivenOf<typeof options>): readonly string[] {
  const words: string[] = [];
  const wanted = given.string ?? given['hex-string'];
  if (wanted !== undefined)
    words.push(...(wanted.negated ? ['!'] : []), isText(wanted.value) ? '--string' : '--hex-string', printPattern(wanted.value));
  words.push('--algo', given.algo?.value ?? '');
  if (given.from !== undefined && given.from.value !== 0) words.push('--from', String(given.from.value));
  if (given.to !== undefined && given.to.value !== LAST) words.push('--to', String(given.to.value));
  if (given.icase !== undefined) words.push('--icase');
  return words;
}

/** The first kernel that takes `--to` for the end of what is searched; before, the pattern has to begin there at the latest. (net/core/skbuff.c, skb_find_text; measured on 6.18) */
const ENDS_AT_TO = '6.7';

/** The farthest byte nft begins to read at, counted from the IP header. (kernel: net/netfilter/nft_payload.c, nft_payload_select_ops: U8_MAX) */
const FARTHEST = 255;

/** Places that are compared one by one, at most: each is a rule. */
const MOST_PLACES = 64;

function lower(given: GivenOf<typeof options>, { target }: NftContext): Lowering {
  const wanted = given.string ?? given['hex-string'];
  if (wanted === undefined) return unsupported(CANNOT_SEARCH, INSTEAD);
  const from = given.from?.value ?? 0;
  const room = (given.to?.value ?? LAST) - from - wanted.value.length;
  const isOld = target.kernel !== undefined && compareVersions(target.kernel, ENDS_AT_TO) < 0;
  if (room < 0 && target.kernel !== undefined && !isOld)
    return wanted.negated ? exact([]) : { kind: 'never', why: 'the pattern is longer than what is searched' };
  if (room < 0 || room >= MOST_PLACES || isOld || from + room + wanted.value.length > FARTHEST) return unsupported(CANNOT_SEARCH, INSTEAD);
  // toupper() of the kernel changes letters of Latin-1 as well, and some of them by more than one bit.
  if (given.icase !== undefined && wanted.value.some((byte) => byte >= 0x80)) return unsupported(CANNOT_SEARCH, INSTEAD);
  const alternatives = Array.from({ length: room + 1 }, (_, index) => testsAt(wanted.value, from + index, given.icase !== undefined));
  const [only] = alternatives;
  const items: readonly LoweredItem[] = wanted.negated
    ? [{ kind: 'unless', alternatives }]
    : alternatives.length === 1 && only !== undefined
      ? only
      : [{ kind: 'anyOf', alternatives, overlap: true }];
  if (target.kernel !== undefined) return exact(items);
  const end = from + room + wanted.value.length;
  const places = wanted.value.length === 1 ? String(end) : `${String(from + room + 1)} to ${String(end)}`;
  return { kind: 'approximate', items, differs: `Linux before ${ENDS_AT_TO} also finds the bytes where they begin at ${places}` };
}

const CANNOT_SEARCH = `nft compares bytes at fixed places and cannot search a packet; fwlint writes a comparison for each of up to ${String(MOST_PLACES)} places in the first ${String(FARTHEST)} bytes`;
const INSTEAD =
  'where the bytes always stand at the same place, compare them there: `@ih,OFFSET,LENGTH 0x…` (in bits, from the payload); else let a proxy or a program behind `queue` look';

/** Compares bytes of the packet from the byte `from` of the IP header on, four, two and one at a time. */
function testsAt(bytes: Bytes, from: number, anyCase: boolean): readonly Statement[] {
  const tests: Statement[] = [];
  for (let place = 0; place < bytes.length;) {
    const left = bytes.length - place;
    const size = left >= 4 ? 4 : left >= 2 ? 2 : 1;
    const part = bytes.slice(place, place + size);
    const field: Expr = { kind: 'rawPayload', base: 'nh', offset: (from + place) * 8, length: size * 8 };
    // The letters of ASCII differ from their other form in one bit.
    const mask = part.map((byte) => (anyCase && /[a-z]/i.test(String.fromCharCode(byte)) ? 0xdf : 0xff));
    const masked = mask.includes(0xdf);
    const value = part.map((byte, index) => byte & (mask[index] ?? 0xff));
    const wanted = hex(numberOf(value));
    tests.push(masked ? compare(binary(field, '&', hex(numberOf(mask))), '==', wanted) : match(field, wanted));
    place += size;
  }
  return tests;
}

/** Bytes as one number, the first the highest. */
function numberOf(bytes: Bytes): number {
  return bytes.reduce((number, byte) => number * 256 + byte, 0);
}

export default defineMatch({
  name: 'string',
  summary: 'some bytes anywhere in the packet',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    { kind: 'excludes', option: 'string', others: ['hex-string'] },
    { kind: 'atLeastOne', of: ['string', 'hex-string'], says: "STRING match: You must specify `--string' or `--hex-string'" },
    { kind: 'atLeastOne', of: ['algo'], says: 'string: option "--algo" must be specified' },
    {
      kind: 'refuses',
      by: 'kernel',
      when: ({ from, to }) => (from?.value ?? 0) > (to?.value ?? LAST),
      at: 'to',
      check: 'invalid-value',
      message: 'the search ends before it begins',
    },
  ],
  print,
  toNft: lower,
});
