/** Differentiated services code points: six bits, by number or by the name of a class. */

import type { ValueResult, ValueType } from '../define.js';
import { shown } from './number.js';

/** (RFC 2474, RFC 2597, RFC 3246; iptables: extensions/dscp_helper.c) */
const CLASSES: ReadonlyMap<string, number> = new Map([
  ...Array.from({ length: 8 }, (_, index): [string, number] => [`CS${String(index)}`, index * 8]),
  ['BE', 0],
  ...[1, 2, 3, 4].flatMap((group) => [1, 2, 3].map((drop): [string, number] => [`AF${String(group)}${String(drop)}`, group * 8 + drop * 2])),
  ['EF', 0x2e],
]);

/** As iptables-save prints it. */
export const printDscp = (value: number): string => `0x${value.toString(16).padStart(2, '0')}`;

/** A class by name, whatever its capitals. */
export const dscpClass: ValueType<number> = {
  name: 'DSCP class',
  read: (text): ValueResult<number> => {
    const value = CLASSES.get(text.toUpperCase());
    if (value !== undefined) return { kind: 'read', value };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `${shown(text)} is no DSCP class`,
      says: `Invalid DSCP value \`${text}'`,
      do: 'give one of CS0 to CS7, BE, AF11 to AF43, EF',
    };
  },
  print: printDscp,
};
