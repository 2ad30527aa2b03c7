/** The text before the lines that LOG, NFLOG and ULOG write. */

import { byteLength, cutToBytes } from '../../text/bytes.js';
import type { ValueResult, ValueType } from '../define.js';

export interface PrefixPlace {
  /** Name of the option, without dashes. */
  readonly option: string;
  /** Most bytes that iptables-legacy keeps. */
  readonly limit: number;
  /** Most bytes that are kept at all, if that is more: iptables-nft keeps longer prefixes of some targets. */
  readonly kept?: number;
  /** iptables refuses a prefix without a character. */
  readonly refusesEmpty: boolean;
  /** What the message says of a prefix that is too long; `shown` is what is left of it. */
  readonly tooLong: (shown: string) => string;
}

/** A text of one line, cut to what the kernel has room for. Prints what iptables-legacy keeps. */
export function logPrefix({ option, limit, kept = limit, refusesEmpty, tooLong }: PrefixPlace): ValueType<string> {
  return {
    name: 'text before the line',
    free: true,
    read: (text): ValueResult<string> => {
      if (text === '' && refusesEmpty)
        return { kind: 'refused', by: 'iptables', message: 'the prefix is empty', says: 'Argument must have a minimum length of 1 characters' };
      if (text.includes('\n'))
        return { kind: 'refused', by: 'iptables', message: 'a log prefix is one line', says: `Newlines not allowed in --${option}` };
      if (byteLength(text) <= limit) return { kind: 'read', value: text };
      const shown = cutToBytes(text, limit);
      return { kind: 'read', value: cutToBytes(text, kept), changed: { check: 'truncated-string', message: tooLong(shown), becomes: shown } };
    },
    print: (text) => cutToBytes(text, limit),
  };
}
