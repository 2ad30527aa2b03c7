/** `--tcp-flags MASK COMP`: which flags are looked at, and which of them are to be set. */

import { binary, compare, number, payload, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import type { ValueResult, ValueType } from '../define.js';

/** Bits as in byte 13 of the TCP header, without ECE and CWR. (RFC 9293, section 3.1) */
export interface TcpFlags {
  readonly mask: number;
  readonly set: number;
}

/** In the order iptables-save prints them. */
const FLAGS = [
  { name: 'FIN', bit: 0x01 },
  { name: 'SYN', bit: 0x02 },
  { name: 'RST', bit: 0x04 },
  { name: 'PSH', bit: 0x08 },
  { name: 'ACK', bit: 0x10 },
  { name: 'URG', bit: 0x20 },
] as const;

const ALL = 0x3f;
const BITS: ReadonlyMap<string, number> = new Map([...FLAGS.map(({ name, bit }) => [name, bit] as const), ['ALL', ALL], ['NONE', 0]]);

/** What `--syn` stands for. */
export const SYN: TcpFlags = { mask: 0x17, set: 0x02 };

function names(bits: number): string {
  const found = FLAGS.filter(({ bit }) => (bits & bit) !== 0).map(({ name }) => name);
  return found.length === 0 ? 'NONE' : found.join(',');
}

/** Reads a list; empty items count as none. (iptables: extensions/libxt_tcp.c, parse_tcp_flag) */
function readFlags(text: string): ValueResult<number> {
  let bits = 0;
  for (const item of text.split(',')) {
    if (item === '') continue;
    const bit = BITS.get(item.toUpperCase());
    if (bit === undefined)
      return {
        kind: 'refused',
        by: 'iptables',
        message: `\`${item}\` is no TCP flag; there are SYN, ACK, FIN, RST, URG, PSH, and ALL and NONE`,
        says: `Unknown TCP flag \`${item}'`,
      };
    bits |= bit;
  }
  return { kind: 'read', value: bits };
}

/** The value type of `--tcp-flags`; its two words are joined by a blank. */
export const tcpFlags: ValueType<TcpFlags> = {
  name: 'TCP flags: those looked at, and those of them that are set',
  read: (text) => {
    const blank = text.indexOf(' ');
    const mask = readFlags(blank === -1 ? text : text.slice(0, blank));
    if (mask.kind !== 'read') return mask;
    const set = readFlags(blank === -1 ? '' : text.slice(blank + 1));
    if (set.kind !== 'read') return set;
    const value = { mask: mask.value, set: set.value };
    if ((value.set & ~value.mask) === 0) return { kind: 'read', value };
    return {
      kind: 'read',
      value,
      changed: {
        check: 'contradictory-match',
        message: `${names(value.set & ~value.mask)} is to be set but is not among the flags looked at (${names(value.mask)}): no packet is like that`,
        becomes: `${names(value.mask)} ${names(value.set)}`,
      },
    };
  },
  print: ({ mask, set }) => `${names(mask)} ${names(set)}`,
};

function flagsExpr(bits: number): Expr {
  const symbols = FLAGS.filter(({ bit }) => (bits & bit) !== 0).map(({ name }): Expr => symbol(name.toLowerCase()));
  return symbols.length === 0 ? number(0) : symbols.reduce((left, right) => binary(left, '|', right));
}

/** The comparison in nft, `always` or `never`. */
export function lowerFlags({ mask, set }: TcpFlags, negated: boolean): Statement | 'always' | 'never' {
  if ((set & ~mask) !== 0) return negated ? 'always' : 'never';
  if (mask === 0) return negated ? 'never' : 'always';
  return compare(binary(payload('tcp', 'flags'), '&', flagsExpr(mask)), negated ? '!=' : '==', flagsExpr(set));
}
