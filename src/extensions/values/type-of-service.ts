/** The type-of-service byte of IPv4 and the traffic class of IPv6: numbers with a mask, the old names, and how nft changes some of its bits. */

import { compare, jump, number, payload, range, returnToCaller, setOf } from '../../nft/build.js';
import type { Expr, NftChain, NftRule, Statement } from '../../nft/ir.js';
import { exact, type Lowering, type NftContext, type ValueResult, type ValueType } from '../define.js';
import { leadingNumber, shown } from './number.js';

/** 0 to 255 each. */
export interface TosBits {
  readonly value: number;
  readonly mask: number;
}

/** (RFC 1349; iptables: extensions/tos_values.c) */
const NAMES: ReadonlyMap<string, number> = new Map([
  ['minimize-delay', 0x10],
  ['maximize-throughput', 0x08],
  ['maximize-reliability', 0x04],
  ['minimize-cost', 0x02],
  ['normal-service', 0x00],
]);

/** The bits the names of RFC 1349 speak of, with those above that iptables counts to them. */
const NAME_MASK = 0x3f;

const twoDigits = (bits: number): string => `0x${bits.toString(16).padStart(2, '0')}`;

/** As iptables-save prints them. */
export const printTosBits = ({ value, mask }: TosBits): string => `${twoDigits(value)}/${twoDigits(mask)}`;

/** `VALUE[/MASK]` or a name, whatever its capitals. (iptables: libxtables/xtoptions.c, xtopt_parse_tosmask) */
export const tosBits: ValueType<TosBits> = {
  name: 'type of service',
  read: (text): ValueResult<TosBits> => {
    const value = leadingNumber(text, 0, 255);
    if (value === undefined) {
      const named = NAMES.get(text.toLowerCase());
      if (named !== undefined) return { kind: 'read', value: { value: named, mask: NAME_MASK } };
      return {
        kind: 'refused',
        by: 'iptables',
        message: `${shown(text)} is no type of service`,
        says: `Symbolic name "${text}" is unknown`,
        do: 'give a number of 0 to 255, with or without `/mask`, or Minimize-Delay, Maximize-Throughput, Maximize-Reliability, Minimize-Cost, Normal-Service',
      };
    }
    const mask = value.rest.startsWith('/') ? leadingNumber(value.rest.slice(1), 0, 255) : { value: 255, rest: value.rest };
    if (mask?.rest === '') return { kind: 'read', value: { value: value.value, mask: mask.value } };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `\`${text}\` is no type of service; it is a number of 0 to 255, with or without \`/mask\``,
      says: `Illegal value: "${text}"`,
    };
  },
  print: printTosBits,
};

/** A part of the byte that nft can compare and set by itself. */
interface Field {
  readonly expr: Expr;
  readonly bits: number;
  readonly change: TosBits;
}

/**
 * Sets byte = (byte & ~mask) ^ value. nft sets the upper six bits (dscp) and the lower two (ecn) only to constants (up to 1.1.2), so that
 * where some bits of a part are kept there is one rule for each combination of them.
 */
export function lowerTos({ value, mask }: TosBits, context: NftContext): Lowering {
  const header = context.family;
  const fields: Field[] = [
    { expr: payload(header, 'dscp'), bits: 6, change: { value: value >> 2, mask: mask >> 2 } },
    { expr: payload(header, 'ecn'), bits: 2, change: { value: value & 3, mask: mask & 3 } },
  ];
  const assignments: Statement[] = [];
  const partly: Field[] = [];
  for (const field of fields) {
    const all = (1 << field.bits) - 1;
    if (field.change.value === 0 && field.change.mask === 0) continue;
    if (field.change.mask === all) assignments.push({ kind: 'assign', to: field.expr, value: number(field.change.value) });
    else partly.push(field);
  }
  if (partly.length === 0) return exact(assignments);
  const key = `tos ${String(value)} ${String(mask)}`;
  const before = context.shared?.get(key) as string | undefined;
  if (before !== undefined) return exact([...assignments, jump(before)]);
  const name = context.freeName('set_tos');
  context.shared?.set(key, name);
  const chains: NftChain[] = [];
  const rules: NftRule[] = [];
  for (const field of partly) {
    // A rule that turns kept bits round makes its packet look like another combination: the packet has to leave the list.
    const leaves = (field.change.value & ~field.change.mask) !== 0;
    const made = combinations(field).map((statements): NftRule => ({ statements: leaves ? [...statements, returnToCaller] : statements }));
    if (!leaves || partly.length === 1) rules.push(...made);
    else {
      const part = context.freeName(field.bits === 6 ? 'set_dscp' : 'set_ecn');
      chains.push({ name: part, rules: made });
      rules.push({ statements: [jump(part)] });
    }
  }
  return exact([...assignments, jump(name)], { chains: [...chains, { name, rules }] });
}

/** For each combination of the kept bits: the values that have it, and what they become. */
function combinations({ expr, bits, change }: Field): readonly (readonly Statement[])[] {
  const lists: (readonly Statement[])[] = [];
  for (let kept = 0; kept < 1 << bits; kept += 1) {
    if ((kept & change.mask) !== 0) continue;
    const members: number[] = [];
    for (let candidate = kept; candidate < 1 << bits; candidate += 1) if ((candidate & ~change.mask) === kept) members.push(candidate);
    const becomes = (kept ^ change.value) & ((1 << bits) - 1);
    lists.push([compare(expr, 'implicit', valueList(members)), { kind: 'assign', to: expr, value: number(becomes) }]);
  }
  return lists;
}

function valueList(members: readonly number[]): Expr {
  const first = members[0] ?? 0;
  const last = members.at(-1) ?? first;
  if (members.length > 1 && last - first === members.length - 1) return range(number(first), number(last));
  return setOf(members.map((member) => number(member)));
}
