/** Names that the kernel has little room for. */

import { byteLength, cutToBytes } from '../../text/bytes.js';
import type { ValueResult, ValueType } from '../define.js';

/** A name of which iptables keeps the first `most` bytes of UTF-8 without a word. `name`: what it is, `noun`: what messages call it. */
export function shortName(name: string, noun: string, most: number): ValueType<string> {
  return {
    name,
    read: (text): ValueResult<string> => {
      if (byteLength(text) <= most) return { kind: 'read', value: text };
      const kept = cutToBytes(text, most);
      return {
        kind: 'read',
        value: kept,
        changed: { check: 'truncated-string', message: `${noun} has at most ${String(most)} bytes: \`${kept}\``, becomes: kept },
      };
    },
    print: (text) => text,
  };
}
