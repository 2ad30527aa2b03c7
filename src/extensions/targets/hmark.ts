/** `-j HMARK`: computes a mark from addresses and ports, to spread flows. */

import { prefixLength } from '../../net/address.js';
import { defineTarget, unsupported, value, type Family, type GivenOf, type ValueResult, type ValueType } from '../define.js';
import { hexText } from '../values/mark.js';
import { readMaskLength } from '../values/masked-host.js';
import { wholeNumber } from '../values/number.js';

const PARTS = ['src', 'dst', 'sport', 'dport', 'spi', 'ct'] as const;
type Part = (typeof PARTS)[number];

/** (iptables: extensions/libxt_HMARK.c, hmark_parse_type) */
const tuple: ValueType<readonly Part[]> = {
  name: 'list of what to hash',
  read: (text): ValueResult<readonly Part[]> => {
    const names = text.split(',');
    const unknown = names.find((name) => !PARTS.some((part) => part === name));
    if (unknown === undefined) return { kind: 'read', value: PARTS.filter((part) => names.includes(part)) };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `\`${unknown}\` is nothing that can be hashed`,
      says: `Bad type "${unknown}"`,
      do: `give some of ${PARTS.join(', ')}, with commas and no blanks between`,
    };
  },
  print: (parts) => parts.join(','),
};

/** A prefix length or a mask; what has holes or is too long means the whole address. */
function prefix(option: string): ValueType<number> {
  return {
    name: 'prefix length',
    read: (text, { family }): ValueResult<number> => {
      const whole = family === 'ip' ? 32 : 128;
      const mask = readMaskLength(text, family);
      if (mask !== undefined) return { kind: 'read', value: prefixLength(mask) ?? whole };
      return {
        kind: 'refused',
        by: 'iptables',
        check: 'invalid-address-or-mask',
        message: `\`${text}\` is no prefix length and no mask`,
        says: `HMARK: bad value for option "--${option}", neither a valid network mask nor valid CIDR (0-${String(whole)}).`,
      };
    },
    print: String,
  };
}

const digits =
  (count: number) =>
  (bits: number): string =>
    `0x${bits.toString(16).padStart(count, '0')}`;
const bitsOf = (option: string, most: number, count: number) => value(wholeNumber('number', 0, most, { extension: 'HMARK', option }, digits(count)));
const SHORT = 0xffff;
const LONG = 0xffffffff;

const options = {
  'hmark-tuple': value(tuple),
  'hmark-src-prefix': value(prefix('hmark-src-prefix')),
  'hmark-dst-prefix': value(prefix('hmark-dst-prefix')),
  'hmark-sport-mask': bitsOf('hmark-sport-mask', SHORT, 4),
  'hmark-dport-mask': bitsOf('hmark-dport-mask', SHORT, 4),
  'hmark-spi-mask': bitsOf('hmark-spi-mask', LONG, 8),
  'hmark-sport': bitsOf('hmark-sport', SHORT, 4),
  'hmark-dport': bitsOf('hmark-dport', SHORT, 4),
  'hmark-spi': bitsOf('hmark-spi', LONG, 8),
  'hmark-proto-mask': bitsOf('hmark-proto-mask', SHORT, 2),
  'hmark-rnd': bitsOf('hmark-rnd', LONG, 8),
  'hmark-mod': value(wholeNumber('number', 1, LONG, { extension: 'HMARK', option: 'hmark-mod' })),
  'hmark-offset': value(wholeNumber('number', 0, LONG, { extension: 'HMARK', option: 'hmark-offset' })),
};

/** What a part of the tuple is short for. */
const SHORT_FOR: readonly (readonly [Part, keyof typeof options])[] = [
  ['src', 'hmark-src-prefix'],
  ['dst', 'hmark-dst-prefix'],
  ['sport', 'hmark-sport-mask'],
  ['dport', 'hmark-dport-mask'],
  ['spi', 'hmark-spi-mask'],
];

function asks(given: GivenOf<typeof options>, name: keyof typeof options): boolean {
  return given[name] !== undefined || SHORT_FOR.some(([part, option]) => option === name && given['hmark-tuple']?.value.includes(part) === true);
}

function print(given: GivenOf<typeof options>, family: Family): readonly string[] {
  const words: string[] = [];
  const parts = given['hmark-tuple']?.value ?? [];
  const add = (name: keyof typeof options, short: Part | undefined, whole: string): void => {
    const use = given[name];
    if (use !== undefined) words.push(`--${name}`, options[name].value.print(use.value as never, family));
    else if (short !== undefined && parts.includes(short)) words.push(`--${name}`, whole);
  };
  add('hmark-src-prefix', 'src', family === 'ip' ? '32' : '128');
  add('hmark-dst-prefix', 'dst', family === 'ip' ? '32' : '128');
  add('hmark-sport', undefined, '');
  add('hmark-dport', undefined, '');
  add('hmark-spi', undefined, '');
  add('hmark-sport-mask', 'sport', digits(4)(SHORT));
  add('hmark-dport-mask', 'dport', digits(4)(SHORT));
  add('hmark-spi-mask', 'spi', hexText(LONG));
  add('hmark-proto-mask', undefined, '');
  add('hmark-rnd', undefined, '');
  add('hmark-mod', undefined, '');
  add('hmark-offset', undefined, '');
  if (parts.includes('ct')) words.push('--hmark-tuple', 'ct');
  return words;
}

export default defineTarget({
  name: 'HMARK',
  summary: 'computes a mark from addresses and ports, to spread flows',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options,
  constraints: [
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => SHORT_FOR.some(([part, option]) => given[option] !== undefined && given['hmark-tuple']?.value.includes(part) === true),
      at: 'hmark-tuple',
      check: 'repeated-option',
      message: 'the tuple and an option of its own both say what of a field counts',
      do: 'take the field out of `--hmark-tuple`',
    },
    { kind: 'atLeastOne', of: ['hmark-mod'], says: '--hmark-mod is mandatory' },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => given['hmark-mod'] !== undefined && given['hmark-rnd'] === undefined,
      check: 'missing-required-option',
      message: '`-j HMARK` needs `--hmark-rnd`',
      says: '--hmark-rnd is mandatory',
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => Object.keys(given).every((name) => ['hmark-rnd', 'hmark-mod', 'hmark-offset'].includes(name)),
      check: 'missing-required-option',
      message: '`-j HMARK` has to be told what to hash: `--hmark-tuple src,dst`',
      says: 'you have to specify --hmark-tuple at least',
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => asks(given, 'hmark-spi-mask') && (asks(given, 'hmark-sport-mask') || asks(given, 'hmark-dport-mask')),
      check: 'excluded-option',
      message: 'a packet has ports or an SPI, not both: `--hmark-spi-mask` and the masks of ports exclude each other',
      says: 'you cannot use --hmark-spi-mask and --hmark-?port-mask,at the same time',
    },
  ],
  print,
  toNft: () =>
    unsupported(
      'nft hashes with another function, so that every flow would get another mark',
      'if only an even spread counts: `meta mark set jhash ip saddr . ip daddr mod N seed 0x… offset M`',
    ),
});
