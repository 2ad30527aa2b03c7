/** A whole number of 64 bits, or a range of them with `:`, an end of which may be left open: what a connection has carried. */

import type { ValueResult, ValueType } from '../define.js';
import type { OptionPlace } from './number.js';

const MOST = 2n ** 64n - 1n;

/** Both ends are included; a number by itself begins a range without end. */
export interface LongRange {
  readonly from: bigint;
  readonly to: bigint;
}

/** The number a text begins with, as strtoull() with base 0 reads it, and what stands behind. */
function leadingLong(text: string): { readonly value: bigint; readonly rest: string } | undefined {
  const found = /^[ \t\n\v\f\r]*\+?(?:(0[xX][0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))/.exec(text);
  if (found === null) return undefined;
  const [whole, hexadecimal, octal, decimal] = found;
  const value = BigInt(octal === undefined ? (hexadecimal ?? decimal ?? 0) : octal === '0' ? 0 : `0o${octal.slice(1)}`);
  return value <= MOST ? { value, rest: text.slice(whole.length) } : undefined;
}

/** The value type of such an option. (iptables: libxtables/xtoptions.c, xtopt_parse_mint) */
export function longRange({ name, extension, option }: OptionPlace & { readonly name: string }): ValueType<LongRange> {
  const refused = (message: string, says: string): ValueResult<never> => ({ kind: 'refused', by: 'iptables', message, says });
  return {
    name: `${name} or range of them`,
    read: (text): ValueResult<LongRange> => {
      const parts = text.split(':');
      const what = `it takes a number of 0 to ${String(MOST)}, or a range \`from:to\``;
      if (parts.length > 2)
        return refused(`\`${text}\` has more than two ends; ${what}`, `${extension}: Too many components for option "--${option}" (max: 2)`);
      const ends: bigint[] = [];
      for (const [index, part] of parts.entries()) {
        const number = part === '' ? { value: index === 0 ? 0n : MOST, rest: '' } : leadingLong(part);
        if (number === undefined)
          return refused(
            `\`${text}\` is out of range: ${what}`,
            `${extension}: bad value for option "--${option}" near "${part}", or out of range (0-${String(MOST)}).`,
          );
        if (number.rest !== '')
          return refused(
            `\`${text}\` is no ${name}; ${what}`,
            `${extension}: Argument to "--${option}" has unexpected characters near "${number.rest}".`,
          );
        ends.push(number.value);
      }
      const [from = 0n, to = MOST] = ends;
      if (from > to)
        return {
          kind: 'refused',
          by: 'iptables',
          message: `the range \`${text}\` ends before it begins`,
          says: `${String(from)} should be less than ${String(to)}`,
          repair: { text: `${String(to)}:${String(from)}`, title: `write ${String(to)}:${String(from)}`, applicability: 'unsafe' },
        };
      return { kind: 'read', value: { from, to } };
    },
    print: ({ from, to }) => `${String(from)}:${String(to)}`,
  };
}
