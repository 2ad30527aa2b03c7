/** Whole numbers as iptables reads them: decimal, octal with a leading 0, hexadecimal with 0x. */

import type { ValueResult, ValueType } from '../define.js';

/** The number a text begins with, and what stands behind it. */
export interface LeadingNumber {
  readonly value: number;
  readonly rest: string;
}

/**
 * Reads the number a text begins with, as strtoul() with base 0 does; blanks and a `+` may stand before it. Undefined when there is
 * none, it is negative, or it is outside `least` to `most`. (iptables: libxtables/xtables.c, xtables_strtoul)
 */
export function leadingNumber(text: string, least: number, most: number): LeadingNumber | undefined {
  const found = /^[ \t\n\v\f\r]*\+?(?:(0[xX][0-9a-fA-F]+)|(0[0-7]*)|([1-9][0-9]*))/.exec(text);
  if (found === null) return undefined;
  const [whole, hexadecimal, octal, decimal] = found;
  const value = octal === undefined ? Number(hexadecimal ?? decimal) : Number.parseInt(octal, 8);
  return value >= least && value <= most ? { value, rest: text.slice(whole.length) } : undefined;
}

/** A word of the user in a message. */
export const shown = (text: string): string => (text === '' ? 'an empty word' : `\`${text}\``);

/** Where a value stands, for the words of iptables: `MARK: … option "--set-mark" …`. */
export interface OptionPlace {
  readonly extension: string;
  readonly option: string;
}

/** A number of `least` to `most` and nothing else. (iptables: libxtables/xtoptions.c, xtopt_parse_int) */
export function wholeNumber(
  name: string,
  least: number,
  most: number,
  place: OptionPlace,
  print: (value: number) => string = String,
): ValueType<number> {
  return {
    name,
    read: (text): ValueResult<number> => {
      const number = leadingNumber(text, least, most);
      if (number?.rest === '') return { kind: 'read', value: number.value };
      return {
        kind: 'refused',
        by: 'iptables',
        message: `${shown(text)} is no ${name} from ${String(least)} to ${String(most)}`,
        says: `${place.extension}: bad value for option "--${place.option}", or out of range (${String(least)}-${String(most)}).`,
      };
    },
    print,
  };
}
