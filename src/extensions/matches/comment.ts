/** `-m comment`: a note for people. Every packet passes it. */

import { byteLength, cutToBytes } from '../../text/bytes.js';
import { defineMatch, exact, value, type ValueType } from '../define.js';

/** Bytes the kernel has room for. (kernel: include/uapi/linux/netfilter/xt_comment.h, XT_MAX_COMMENT_LEN with its NUL) */
const LONGEST = 255;

const commentText: ValueType<string> = {
  name: 'comment',
  free: true,
  read: (text) => {
    if (byteLength(text) <= LONGEST) return { kind: 'read', value: text };
    // iptables itself may cut a character in two.
    const kept = cutToBytes(text, LONGEST);
    return {
      kind: 'read',
      value: kept,
      changed: {
        check: 'truncated-string',
        message: `the comment has ${String(byteLength(text))} bytes; iptables keeps the first ${String(LONGEST)} without a word`,
        becomes: kept,
      },
    };
  },
  print: (text) => text,
};

export default defineMatch({
  name: 'comment',
  summary: 'a note for people; every packet passes it',
  families: ['ip', 'ip6'],
  options: { comment: value(commentText) },
  constraints: [{ kind: 'atLeastOne', of: ['comment'], says: 'comment: option "--comment" must be specified' }],
  // The translator makes it the comment of the nft rule.
  toNft: () => exact([]),
});
