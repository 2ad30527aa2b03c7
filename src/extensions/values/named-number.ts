/** Numbers of 32 bits that have names on the host, with a mask: routing realms, groups of interfaces. */

import { binary, compare, hex, match } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import type { ValueResult, ValueType } from '../define.js';
import { ALL_BITS, hexText, markAndMask, type MarkAndMask } from './mark.js';
import { leadingNumber, type OptionPlace } from './number.js';

/** What the numbers are, and the name iproute2 gives the number 0. */
export interface NamedNumberSpec extends OptionPlace {
  readonly name: string;
  readonly zero: string;
}

/** A number or a name, or a number with a mask. (iptables: libxtables/xtables.c, xtables_parse_val_mask and xtables_print_val_mask) */
export function namedNumber(spec: NamedNumberSpec): ValueType<MarkAndMask> {
  const numbers = markAndMask(spec);
  return {
    name: spec.name,
    read: (text, context): ValueResult<MarkAndMask> => {
      if (text === spec.zero) return { kind: 'read', value: { value: 0, mask: ALL_BITS } };
      if (leadingNumber(text, 0, ALL_BITS) !== undefined) return numbers.read(text, context);
      if (/^[A-Za-z][^/]*$/.test(text)) return { kind: 'unresolved', what: `${spec.name} \`${text}\`` };
      return {
        kind: 'refused',
        by: 'iptables',
        message: `\`${text}\` is no ${spec.name}: a name of the host, or a number of 0 to 0xffffffff with or without \`/mask\``,
        says: `${spec.extension}: could not map name ${text} to an integer value for option "--${spec.option}".`,
      };
    },
    print: ({ value, mask }) => (mask !== ALL_BITS ? `${hexText(value)}/${hexText(mask)}` : value === 0 ? spec.zero : hexText(value)),
  };
}

/** Whether a field has the number in the bits of the mask. */
export function matchBits(field: Expr, { value, mask }: MarkAndMask, negated: boolean): Statement {
  if (mask === ALL_BITS) return match(field, hex(value), negated);
  return compare(binary(field, '&', hex(mask)), negated ? '!=' : '==', hex(value));
}
