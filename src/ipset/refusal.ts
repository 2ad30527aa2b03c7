/** Why ipset or the kernel refuses a part of a command, or why it cannot be known here. */

/** What came of reading a text: its value, or why there is none. */
export type Result<V> = { readonly kind: 'read'; readonly value: V } | Refusal;

export type Refusal =
  /** `says`: the words of ipset 7.17, without `ipset v7.17: `. */
  | { readonly kind: 'refused'; readonly message: string; readonly says: string; readonly do?: string }
  /** A name that only the target host can resolve. */
  | { readonly kind: 'unresolved'; readonly message: string };

export function read<V>(value: V): Result<V> {
  return { kind: 'read', value };
}

/** `message`: one sentence, no final period. Without `advice` the note says nothing of what to do. */
export function refused(message: string, says: string, advice?: string): Refusal {
  return { kind: 'refused', message, says, ...(advice === undefined ? {} : { do: advice }) };
}

const MOST_64 = 0xffff_ffff_ffff_ffffn;

/**
 * A whole number as strtoull() with base 0 reads it: decimal, octal behind 0, hexadecimal behind 0x, blanks and a sign before it; a
 * negative one is taken modulo 2^64. (ipset: lib/parse.c, string_to_number_ll)
 */
export function readNumber(text: string, least: bigint, most: bigint): Result<bigint> {
  const found = /^[ \t\n\v\f\r]*([+-]?)(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)$/.exec(text);
  if (found === null) return refused(`\`${text}\` is no number`, `Syntax error: '${text}' is invalid as number`);
  const [, sign, digits = '0'] = found;
  const plain = /^0[0-7]/.test(digits) ? BigInt(`0o${digits.slice(1)}`) : BigInt(digits);
  const value = sign === '-' ? (MOST_64 + 1n - plain) & MOST_64 : plain;
  if (value < least || value > most || plain > MOST_64)
    return refused(
      `\`${text}\` is not from ${String(least)} to ${String(most)}`,
      `Syntax error: '${text}' is out of range ${String(least)}-${String(most)}`,
    );
  return read(value);
}
