/** `-m statistic`: every n-th packet, or packets at random. */

import { compare, match, number } from '../../nft/build.js';
import { defineMatch, exact, value, type GivenOf, type ValueResult, type ValueType } from '../define.js';
import { shown, wholeNumber } from '../values/number.js';

/** The kernel compares 31 random bits. (net/netfilter/xt_statistic.c, statistic_mt) */
const CERTAIN = 2 ** 31;

const mode: ValueType<'random' | 'nth'> = {
  name: 'mode',
  read: (text): ValueResult<'random' | 'nth'> => {
    if (text === 'random' || text === 'nth') return { kind: 'read', value: text };
    const lower = text.toLowerCase();
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no mode; they are \`random\` and \`nth\``,
      says: `Bad mode "${text}"`,
      ...(lower === 'random' || lower === 'nth' ? { repair: { text: lower, title: `write ${lower}`, applicability: 'safe' as const } } : {}),
    };
  },
  print: (name) => name,
};

/** A probability of 0 to 1, in 1/2^31, as strtod() reads it: decimal, with exponent, or hexadecimal. (libxtables/xtoptions.c, xtopt_parse_double) */
const probability: ValueType<number> = {
  name: 'probability',
  read: (text): ValueResult<number> => {
    const read = parseDouble(text);
    if (read !== undefined && read >= 0 && read <= 1) return { kind: 'read', value: Math.round(read * CERTAIN) };
    const percent = /^(\d+(?:\.\d+)?)%$/.exec(text)?.[1];
    const share = percent === undefined || Number(percent) > 100 ? undefined : String(Number(percent) / 100);
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no probability from 0 to 1`,
      says: 'statistic: bad value for option "--probability", or out of range (0-1).',
      ...(share === undefined ? {} : { repair: { text: share, title: `write ${share}`, applicability: 'safe' as const } }),
    };
  },
  print: (share) => (share / CERTAIN).toFixed(11),
};

function parseDouble(text: string): number | undefined {
  const trimmed = text.replace(/^[ \t\n\v\f\r]+/, '');
  if (/^[+-]?(?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)?$/.test(trimmed)) return Number(trimmed);
  const hexadecimal = /^([+-]?)0[xX]([0-9a-fA-F]*)(?:\.([0-9a-fA-F]*))?(?:[pP]([+-]?\d+))?$/.exec(trimmed);
  if (hexadecimal === null) return undefined;
  const [, sign, whole = '', fraction = '', exponent = '0'] = hexadecimal;
  if (whole === '' && fraction === '') return undefined;
  const digits = Number.parseInt(`${whole}${fraction}`, 16) * 2 ** (Number(exponent) - 4 * fraction.length);
  return sign === '-' ? -digits : digits;
}

const MOST = 0xffffffff;

const options = {
  mode: value(mode),
  probability: value(probability, { invertible: true }),
  every: value(wholeNumber('number of packets', 1, MOST, { extension: 'statistic', option: 'every' }), { invertible: true }),
  packet: value(wholeNumber('number of a packet', 0, MOST, { extension: 'statistic', option: 'packet' })),
};

type StatisticGiven = GivenOf<typeof options>;

/** What one `-m statistic` asks. */
export type Statistic =
  /** `share`: of packets that match, in 1/2^31. */
  | { readonly kind: 'random'; readonly share: number; readonly negated: boolean }
  /** Packets `packet`, `packet + every`, … of those that come to the rule, counted from 0. */
  | { readonly kind: 'nth'; readonly every: number; readonly packet: number; readonly negated: boolean };

/** What the options amount to; undefined when necessary ones are missing. */
export function readStatistic(given: StatisticGiven): Statistic | undefined {
  if (given.mode?.value === 'random' && given.probability !== undefined)
    return { kind: 'random', share: given.probability.value, negated: given.probability.negated };
  if (given.mode?.value === 'nth' && given.every !== undefined)
    return { kind: 'nth', every: given.every.value, packet: given.packet?.value ?? 0, negated: given.every.negated };
  return undefined;
}

export default defineMatch({
  name: 'statistic',
  summary: 'every n-th packet, or packets at random',
  families: ['ip', 'ip6'],
  options,
  stateful: true,
  constraints: [
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => (given.mode === undefined || given.mode.value === 'random') && given.probability === undefined,
      check: 'missing-required-option',
      message: '`--mode random` needs `--probability`',
      says: '--probability must be specified when using random mode',
    },
    { kind: 'atLeastOne', of: ['mode'], says: 'statistic: option "--mode" must be specified' },
    { kind: 'excludes', option: 'probability', others: ['every'] },
    { kind: 'excludes', option: 'probability', others: ['packet'] },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => given.mode?.value === 'nth' && given.every === undefined && given.packet === undefined,
      check: 'missing-required-option',
      message: '`--mode nth` needs `--every` and `--packet`',
      says: '--every and --packet must be specified when using nth mode',
    },
    { kind: 'needs', option: 'every', other: 'packet', says: 'statistic: option "--every" also requires "--packet".' },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) =>
        given.mode?.value === 'nth' &&
        given.packet !== undefined &&
        given.packet.value >= (given.every?.value ?? 0) &&
        given.probability === undefined,
      at: 'packet',
      check: 'invalid-value',
      message: 'packets are counted from 0: `--packet` is less than `--every`',
      says: 'the --packet p must be 0 <= p <= n-1',
    },
  ],
  print: (given, family) => {
    const asked = readStatistic(given);
    if (asked === undefined) return [];
    const bang = asked.negated ? ['!'] : [];
    if (asked.kind === 'random') return ['--mode', 'random', ...bang, '--probability', probability.print(asked.share, family)];
    return ['--mode', 'nth', ...bang, '--every', String(asked.every), '--packet', String(asked.packet)];
  },
  toNft: (given) => {
    const asked = readStatistic(given);
    if (asked === undefined) return exact([]);
    if (asked.kind === 'nth') return exact([match({ kind: 'numgen', mode: 'inc', modulus: asked.every }, number(asked.packet), asked.negated)]);
    const { share, negated } = asked;
    if (share === 0 || share === CERTAIN)
      return (share === 0) === negated ? exact([]) : { kind: 'never', why: 'the probability is such that no packet matches' };
    // As likely, but drawn anew: not the same packets.
    return exact([compare({ kind: 'numgen', mode: 'random', modulus: CERTAIN }, negated ? '>=' : '<', number(share))]);
  },
});
