/** `-m set`: whether what an ipset stores is in the packet. */

import { defineMatch, flag, unsupported, value, type GivenOf, type ValueResult, type ValueType } from '../define.js';
import { shown } from '../values/number.js';
import { GIVE_SETS, missingSet, setUse } from '../values/set-use.js';

const MOST_COUNTER = 0xffff_ffff_ffff_ffffn;

/** A number of packets or bytes, 64 bits. (iptables: extensions/libxt_set.c, parse_counter) */
const counter: ValueType<bigint> = {
  name: 'number of packets or bytes',
  read: (text): ValueResult<bigint> => {
    const found = /^[ \t\n\v\f\r]*\+?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
    const digits = found?.[1];
    const number = digits === undefined ? undefined : BigInt(/^0[0-7]/.test(digits) ? `0o${digits.slice(1)}` : digits);
    if (number !== undefined && number <= MOST_COUNTER) return { kind: 'read', value: number };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no number from 0 to ${String(MOST_COUNTER)}`,
      says: `Cannot parse ${text} as a counter value`,
    };
  },
  print: String,
};

const options = {
  'match-set': value(setUse, { words: 2, invertible: true, aliases: ['set'], twice: '--match-set can be specified only once' }),
  'return-nomatch': flag({ invertible: true, repeatable: true }),
  'update-counters': flag({ invertible: true, repeatable: true }),
  'update-subcounters': flag({ invertible: true, repeatable: true }),
  'packets-eq': value(counter, { invertible: true, twice: 'only one of the --packets-[eq|lt|gt] is allowed' }),
  'packets-lt': value(counter, { invertible: true, twice: 'only one of the --packets-[eq|lt|gt] is allowed' }),
  'packets-gt': value(counter, { invertible: true, twice: 'only one of the --packets-[eq|lt|gt] is allowed' }),
  'bytes-eq': value(counter, { invertible: true, twice: 'only one of the --bytes-[eq|lt|gt] is allowed' }),
  'bytes-lt': value(counter, { invertible: true, twice: 'only one of the --bytes-[eq|lt|gt] is allowed' }),
  'bytes-gt': value(counter, { invertible: true, twice: 'only one of the --bytes-[eq|lt|gt] is allowed' }),
};

const COUNTERS = ['packets-eq', 'packets-lt', 'packets-gt', 'bytes-eq', 'bytes-lt', 'bytes-gt'] as const;

/** Options before which iptables reads a `!` and then refuses it, and what it calls them. */
const NOT_INVERTED = [
  ['return-nomatch', 'flag'],
  ['packets-lt', 'option'],
  ['packets-gt', 'option'],
  ['bytes-lt', 'option'],
  ['bytes-gt', 'option'],
] as const;

type SetGiven = GivenOf<typeof options>;

function printWords(given: SetGiven): readonly string[] {
  const words: string[] = [];
  const use = given['match-set'];
  if (use !== undefined) words.push(...(use.negated ? ['!'] : []), '--match-set', use.value.set, use.value.ends.join(','));
  if (given['return-nomatch'] !== undefined) words.push('--return-nomatch');
  // To count is what happens without a word.
  for (const name of ['update-counters', 'update-subcounters'] as const) if (given[name]?.negated === true) words.push('!', `--${name}`);
  for (const name of COUNTERS) {
    const one = given[name];
    if (one !== undefined) words.push(...(one.negated ? ['!'] : []), `--${name}`, String(one.value));
  }
  return words;
}

export default defineMatch({
  name: 'set',
  summary: 'whether an ipset holds the addresses, ports, … of the packet',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    { kind: 'atLeastOne', of: ['match-set'], says: "You must specify `--match-set' with proper arguments" },
    ...(['packets', 'bytes'] as const).map((what) => ({
      kind: 'refuses' as const,
      by: 'iptables' as const,
      when: (given: SetGiven): boolean => (['eq', 'lt', 'gt'] as const).filter((relation) => given[`${what}-${relation}`] !== undefined).length > 1,
      message: `only one of \`--${what}-eq\`, \`--${what}-lt\`, \`--${what}-gt\` can be given`,
      check: 'excluded-option',
      says: `only one of the --${what}-[eq|lt|gt] is allowed`,
    })),
    ...NOT_INVERTED.map(([option, what]) => ({
      kind: 'refuses' as const,
      by: 'iptables' as const,
      when: (given: SetGiven): boolean => given[option]?.negated === true,
      message: `\`--${option}\` does not take a \`!\``,
      at: option,
      check: 'negation-not-allowed',
      says: `--${option} ${what} cannot be inverted`,
    })),
  ],
  print: printWords,
  toNft: (given, context) => {
    const use = given['match-set'];
    if (use === undefined) return unsupported('no set is named');
    if (context.ipsets === undefined) return unsupported(missingSet(use.value.set), GIVE_SETS);
    return context.ipsets.ask(
      {
        use: use.value,
        negated: use.negated,
        returnNomatch: given['return-nomatch'] !== undefined,
        counters: COUNTERS.some((name) => given[name] !== undefined),
      },
      context,
    );
  },
});
