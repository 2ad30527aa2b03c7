/** `-m string`: whether some bytes stand anywhere in the packet. */

import { bytesOf } from '../../text/bytes.js';
import { defineMatch, flag, unsupported, value, type GivenOf, type ValueResult, type ValueType } from '../define.js';
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
  toNft: () =>
    unsupported(
      'nft compares bytes at fixed places and cannot search a packet',
      'where the bytes always stand at the same place, compare them there: `@ih,OFFSET,LENGTH 0x…` (in bits, from the payload); else let a proxy or a program behind `queue` look',
    ),
});
