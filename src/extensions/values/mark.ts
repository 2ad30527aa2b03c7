/** Marks of packets and connections with a mask, and how nft sets some of their bits. */

import { binary, compare, hex, match } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import type { ValueResult, ValueType } from '../define.js';
import { leadingNumber, shown, wholeNumber, type OptionPlace } from './number.js';

/** Unsigned 32-bit numbers. */
export interface MarkAndMask {
  readonly value: number;
  readonly mask: number;
}

export const ALL_BITS = 0xffffffff;

/** A 32-bit number as iptables-save prints marks. */
export const hexText = (value: number): string => `0x${value.toString(16)}`;

/** `VALUE[/MASK]`; the mask is all ones without. (iptables: libxtables/xtoptions.c, xtopt_parse_markmask) */
export function markAndMask(place: OptionPlace): ValueType<MarkAndMask> {
  const bad = (text: string, what: string, says: string): ValueResult<never> => ({
    kind: 'refused',
    by: 'iptables',
    message: `${shown(text)} ${what}; a mark is a number of 0 to 0xffffffff, with or without \`/mask\``,
    says: `${place.extension}: ${says}`,
  });
  return {
    name: 'mark with mask',
    read: (text) => {
      const value = leadingNumber(text, 0, ALL_BITS);
      if (value === undefined) return bad(text, 'is no mark', `bad integer value for option "--${place.option}", or out of range.`);
      const mask = value.rest.startsWith('/') ? leadingNumber(value.rest.slice(1), 0, ALL_BITS) : { value: ALL_BITS, rest: value.rest };
      if (mask === undefined) return bad(text, 'has no valid mask', `bad integer value for option "--${place.option}", or out of range.`);
      if (mask.rest !== '')
        return bad(text, `has \`${mask.rest}\` behind the number`, `trailing garbage after value for option "--${place.option}".`);
      return { kind: 'read', value: { value: value.value, mask: mask.value } };
    },
    print: ({ value, mask }) => `${hexText(value)}/${hexText(mask)}`,
  };
}

/** A mark that is looked for. Bits outside the mask are compared with bits that are always 0, so they can never be there. */
export function wantedMark(place: OptionPlace): ValueType<MarkAndMask> {
  const mark = markAndMask(place);
  return {
    name: mark.name,
    read: (text, context) => {
      const result = mark.read(text, context);
      if (result.kind !== 'read') return result;
      const lost = without(result.value.value, result.value.mask);
      if (lost === 0) return result;
      return {
        ...result,
        changed: {
          check: 'contradictory-match',
          message: `the bits ${hexText(lost)} are not in the mask ${hexText(result.value.mask)}: no mark is like that`,
          becomes: printMark(result.value),
        },
      };
    },
    print: printMark,
  };
}

function printMark({ value: mark, mask }: MarkAndMask): string {
  return mask === ALL_BITS ? hexText(mark) : `${hexText(mark)}/${hexText(mask)}`;
}

/** A test or change of a mark that passes over some bits, which its value must not have; see NftContext. */
export const apartFrom = (kept: number | undefined, { value, mask }: MarkAndMask): MarkAndMask => ({ value, mask: without(mask, kept ?? 0) });

/** A 32-bit number, all of which counts. */
export function bits(place: OptionPlace): ValueType<number> {
  return wholeNumber('number', 0, ALL_BITS, place, hexText);
}

/** `a` without the bits of `b`, unsigned. */
export const without = (a: number, b: number): number => (a & ~b) >>> 0;

/**
 * `source` with the bits of `mask` cleared and those of `value` turned round, which is how all mark targets of the kernel compute:
 * (source & ~mask) ^ value. Written with `|` where that is the same and easier to read.
 */
export function changedBits(source: Expr, { value, mask }: MarkAndMask): Expr {
  if (mask === ALL_BITS) return hex(value);
  const covered = without(value, mask) === 0;
  if (covered && value === mask && mask !== 0) return binary(source, '|', hex(value));
  const kept = mask === 0 ? source : binary(source, '&', hex(without(ALL_BITS, mask)));
  if (value === 0) return kept;
  return binary(kept, covered ? '|' : '^', hex(value));
}

/** Sets a mark of 32 bits; nothing when no bit changes. */
export function assignBits(field: Expr, change: MarkAndMask): readonly Statement[] {
  if (change.value === 0 && change.mask === 0) return [];
  return [{ kind: 'assign', to: field, value: changedBits(field, change) }];
}

/** A test of all or some bits of `left`; whether the bits that are wanted are in the mask is asked before (`without`). */
export function markTest(left: Expr, { value, mask }: MarkAndMask, negated: boolean): Statement {
  if (mask === ALL_BITS) return match(left, hex(value), negated);
  return compare(binary(left, '&', hex(mask)), negated ? '!=' : '==', hex(value));
}
