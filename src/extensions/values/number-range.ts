/** A number or a range of numbers with `:`, an end of which may be left open: packet lengths, seconds. */

import { match, number, range } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { compareVersions, type Constraint, type Given, type ValueResult, type ValueType } from '../define.js';
import { leadingNumber, type OptionPlace } from './number.js';

/** Both ends are included. A range may end before it begins; it then holds no number. */
export interface NumberRange {
  readonly from: number;
  readonly to: number;
}

/** What the numbers are, and 0 to `most` which they may be. */
export interface NumberRangeSpec extends OptionPlace {
  readonly name: string;
  readonly most: number;
}

function readRange(text: string, spec: NumberRangeSpec): ValueResult<NumberRange> {
  const refused = (message: string, says: string, more: { readonly check?: string; readonly repair?: string } = {}): ValueResult<never> => ({
    kind: 'refused',
    by: 'iptables',
    message,
    says: `${spec.extension}: ${says}`,
    ...(more.check === undefined ? {} : { check: more.check }),
    ...(more.repair === undefined ? {} : { repair: { text: more.repair, title: `write ${more.repair}`, applicability: 'safe' as const } }),
  });
  const what = `it takes a number of 0 to ${String(spec.most)} or a range \`from:to\``;
  const ends: number[] = [];
  const parts = text.split(':');
  for (const [index, part] of parts.entries()) {
    if (index > 1) return refused(`\`${text}\` has more than two ends; ${what}`, `Too many components for option "--${spec.option}" (max: 2)`);
    if (part === '') {
      ends.push(index === 0 ? 0 : spec.most);
      continue;
    }
    const number = leadingNumber(part, 0, spec.most);
    if (number === undefined) {
      const rest = [part, ...parts.slice(index + 1)].join(':');
      return refused(
        `\`${text}\` is out of range: ${what}`,
        `bad value for option "--${spec.option}" near "${rest}", or out of range (0-${String(spec.most)}).`,
      );
    }
    if (number.rest !== '') {
      const says = `Argument to "--${spec.option}" has unexpected characters near "${[number.rest, ...parts.slice(index + 1)].join(':')}".`;
      const dash = /^(\d+)-(\d+)$/.exec(text);
      if (dash !== null)
        return refused('a range is written with `:`, not `-`', says, { check: 'dash-range', repair: `${dash[1] ?? ''}:${dash[2] ?? ''}` });
      return refused(`\`${text}\` is no ${spec.name}; ${what}`, says);
    }
    ends.push(number.value);
  }
  const [from = 0, to = from] = ends;
  const value = { from, to };
  if (from <= to) return { kind: 'read', value };
  const turned = printRange({ from: to, to: from });
  return {
    kind: 'read',
    value,
    changed: {
      check: 'contradictory-match',
      message: `the range \`${text}\` ends before it begins and holds no ${spec.name}; iptables 1.8.11 and newer refuse it`,
      becomes: printRange(value),
      repair: { text: turned, title: `write ${turned}`, applicability: 'unsafe' },
    },
  };
}

function printRange({ from, to }: NumberRange): string {
  return from === to ? String(from) : `${String(from)}:${String(to)}`;
}

/** The value type of such an option. (iptables: libxtables/xtoptions.c, xtopt_parse_mint) */
export function numberRange(spec: NumberRangeSpec): ValueType<NumberRange> {
  return { name: `${spec.name} or range of them`, read: (text) => readRange(text, spec), print: printRange };
}

/** That iptables 1.8.11 and newer refuse a range that ends before it begins. (measured with 1.8.11 and 1.8.13) */
export function refusesReversedRange<O>(option: keyof O & string): Constraint<O> {
  return {
    kind: 'refuses',
    by: 'iptables',
    when: (given, { target }) => {
      const range = (given as Readonly<Record<string, Given<NumberRange> | undefined>>)[option];
      return (
        range !== undefined && range.value.from > range.value.to && target.iptables !== undefined && compareVersions(target.iptables, '1.8.11') >= 0
      );
    },
    message: 'the range ends before it begins',
    at: option,
    check: 'contradictory-match',
  };
}

/**
 * The words iptables-save prints for a range of header fields: none for the range of all numbers, unless negated. (iptables up to 1.8.9 also leave
 * out a negated one, which makes another rule of it when the dump is loaded again; 1.8.11 prints it.)
 */
export function printUnlessAll(option: string, given: Given<NumberRange> | undefined, most: number): readonly string[] {
  if (given === undefined) return [];
  const { value, negated } = given;
  if (value.from === 0 && value.to === most && !negated) return [];
  return [...(negated ? ['!'] : []), `--${option}`, printRange(value)];
}

/** Compares a field that holds 0 to `most`; a word where every packet that has the field fares the same. */
export function rangeTest(field: Expr, { value, negated }: Given<NumberRange>, most: number): Statement | 'always' | 'never' {
  const { from } = value;
  const to = Math.min(value.to, most);
  if (from > to) return negated ? 'always' : 'never';
  if (from === 0 && to === most) return negated ? 'never' : 'always';
  return match(field, from === to ? number(from) : range(number(from), number(to)), negated);
}

/** Compares a field that holds 0 to `most` with one number, which `undefined` says the field cannot hold. */
export function numberTest(field: Expr, wanted: number | undefined, negated: boolean, most: number): Statement | 'always' | 'never' {
  if (wanted === undefined || wanted > most) return negated ? 'always' : 'never';
  return match(field, number(wanted), negated);
}
