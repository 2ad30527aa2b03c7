/** Whole numbers of 64 bits. */

import type { ValueResult, ValueType } from '../define.js';
import { shown, type OptionPlace } from './number.js';

const MOST = 2n ** 64n - 1n;

/** A number as strtoull() with base 0 reads it, and nothing else; undefined when it does not fit into 64 bits. */
function parse(text: string): bigint | undefined {
  const found = /^[ \t\n\v\f\r]*\+?(?:(0[xX][0-9a-fA-F]+)|0([0-7]*)|([1-9][0-9]*))$/.exec(text);
  if (found === null) return undefined;
  const [, hexadecimal, octal, decimal] = found;
  const number = BigInt(hexadecimal ?? decimal ?? `0o${octal === '' || octal === undefined ? '0' : octal}`);
  return number <= MOST ? number : undefined;
}

/** Such a number. (iptables: libxtables/xtoptions.c, xtopt_parse_int) */
export function longNumber(name: string, place: OptionPlace): ValueType<bigint> {
  return {
    name,
    read: (text): ValueResult<bigint> => {
      const number = parse(text);
      if (number !== undefined) return { kind: 'read', value: number };
      return {
        kind: 'refused',
        by: 'iptables',
        message: `${shown(text)} is no ${name} from 0 to ${String(MOST)}`,
        says: `${place.extension}: bad value for option "--${place.option}", or out of range (0-${String(MOST)}).`,
      };
    },
    print: String,
  };
}
