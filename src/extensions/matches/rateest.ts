/** `-m rateest`: how fast packets come, by what `-j RATEEST` estimates. */

import { defineMatch, flag, unsupported, value, type GivenOf, type ValueResult, type ValueType } from '../define.js';
import { estimatorName } from '../values/estimator.js';
import { leadingNumber } from '../values/number.js';

/** Bits each second, by unit: `kbit` is 1000, `kibps` is 1024 bytes. (iptables: extensions/libxt_rateest.c, suffixes) */
const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['bit', 1],
  ['bps', 8],
  ...['k', 'm', 'g', 't'].flatMap((letter, index): [string, number][] => [
    [`${letter}bit`, 1000 ** (index + 1)],
    [`${letter}bps`, 8 * 1000 ** (index + 1)],
    [`${letter}ibit`, 1024 ** (index + 1)],
    [`${letter}ibps`, 8 * 1024 ** (index + 1)],
  ]),
]);

/** Bytes each second, cut to 32 bits. */
const bytesPerSecond: ValueType<number> = {
  name: 'rate',
  read: (text): ValueResult<number> => {
    if (text === '') return { kind: 'read', value: 0 };
    const found = /^\s*\+?(\d+\.?\d*(?:[eE][+-]?\d+)?|\.\d+(?:[eE][+-]?\d+)?)(.*)$/s.exec(text);
    const unit = UNITS.get((found?.[2] ?? '?').toLowerCase());
    if (found !== null && unit !== undefined) return { kind: 'read', value: Math.trunc((Number(found[1]) * unit) / 8) % 2 ** 32 };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `\`${text}\` is no rate`,
      says: `rateest: could not parse rate \`${text}'`,
      do: 'give a number with bit, kbit, mbit, bps, kbps … behind',
    };
  },
  print: printRate,
};

/** (iptables: extensions/libxt_rateest.c, rateest_print_rate) */
function printRate(bytes: number): string {
  const bits = bytes * 8;
  if (bits >= 1_000_000_000) return `${(bits / 1_000_000).toFixed(0)}Mbit`;
  if (bits >= 1_000_000) return `${(bits / 1000).toFixed(0)}Kbit`;
  return `${String(bits)}bit`;
}

const packetsPerSecond: ValueType<number> = {
  name: 'number of packets each second',
  read: (text): ValueResult<number> => {
    if (text === '') return { kind: 'read', value: 0 };
    const number = leadingNumber(text, 0, 0xffffffff);
    if (number?.rest === '') return { kind: 'read', value: number.value };
    return { kind: 'refused', by: 'iptables', message: `\`${text}\` is no number of packets`, says: `rateest: could not parse pps \`${text}'` };
  },
  print: String,
};

/** What iptables says of an option without `!` and of one given twice. */
const says = (inverted: string, twice: string) => ({
  inverted: `rateest: ${inverted} can't be inverted`,
  twice: `rateest: can't specify ${twice} twice`,
});

const rate = (name: 'bps1' | 'bps2', ...aliases: string[]) =>
  value(bytesPerSecond, { aliases, optional: true, ...says('rateest-bps', `--rateest-${name}`) });
const packets = (name: 'pps1' | 'pps2', ...aliases: string[]) =>
  value(packetsPerSecond, { aliases, optional: true, ...says('rateest-pps', `--rateest-${name}`) });
const comparison = { invertible: true, ...says('', 'lt/gt/eq') };

const options = {
  'rateest-delta': flag(says('rateest-delta', '--rateest-delta')),
  rateest1: value(estimatorName, { aliases: ['rateest'], ...says('rateest', '--rateest1') }),
  rateest2: value(estimatorName, says('rateest', '--rateest2')),
  'rateest-bps1': rate('bps1'),
  'rateest-pps1': packets('pps1'),
  'rateest-bps2': rate('bps2', 'rateest-bps'),
  'rateest-pps2': packets('pps2', 'rateest-pps'),
  'rateest-lt': flag(comparison),
  'rateest-gt': flag(comparison),
  'rateest-eq': flag(comparison),
};

type RateestGiven = GivenOf<typeof options>;

const COMPARISONS = ['rateest-lt', 'rateest-gt', 'rateest-eq'] as const;

/** Of several comparisons the last counts, and any `!`. */
function comparisonWords(given: RateestGiven): readonly string[] {
  const uses = COMPARISONS.flatMap((name) => {
    const use = given[name];
    return use === undefined ? [] : [{ name, use }];
  }).toSorted((a, b) => a.use.word - b.use.word);
  const last = uses.at(-1);
  if (last === undefined) return [];
  return [...(uses.some(({ use }) => use.negated) ? ['!'] : []), `--${last.name}`];
}

function print(given: RateestGiven): readonly string[] {
  const delta = given['rateest-delta'] !== undefined;
  const relative = given.rateest2 !== undefined;
  const words = [...(delta ? ['--rateest-delta'] : []), relative ? '--rateest1' : '--rateest', given.rateest1?.value ?? ''];
  for (const [unit, first, second, printValue] of [
    ['bps', given['rateest-bps1'], given['rateest-bps2'], printRate],
    ['pps', given['rateest-pps1'], given['rateest-pps2'], String],
  ] as const) {
    if (first === undefined && second === undefined) continue;
    const comparison = comparisonWords(given).filter((word) => !words.includes(word));
    if (delta) words.push(`--rateest-${unit}1`, printValue(first?.value ?? 0));
    words.push(...comparison, `--rateest-${unit}${delta ? '2' : ''}`);
    if (delta || !relative) words.push(printValue(second?.value ?? 0));
  }
  // iptables-save writes the comparison once for bits and once for packets, and does not take that.
  return relative ? [...words, '--rateest2', given.rateest2.value] : words;
}

export default defineMatch({
  name: 'rateest',
  summary: 'how fast packets come, by what -j RATEEST estimates',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given) => COMPARISONS.every((name) => given[name] === undefined),
      check: 'missing-required-option',
      message: '`-m rateest` needs one of `--rateest-lt`, `--rateest-gt`, `--rateest-eq`',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given) => (['rateest-bps1', 'rateest-bps2', 'rateest-pps1', 'rateest-pps2'] as const).every((name) => given[name] === undefined),
      check: 'missing-required-option',
      message: '`-m rateest` needs `--rateest-bps` or `--rateest-pps`',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: ({ rateest1 }) => rateest1 === undefined || rateest1.value === '',
      check: 'missing-required-option',
      message: '`-m rateest` needs the name of an estimator: `--rateest`',
    },
  ],
  print,
  toNft: () => unsupported('nft estimates no rates', 'a limit may do: `limit rate over 10 mbytes/second`, or `limit rate over 100/second`'),
});
