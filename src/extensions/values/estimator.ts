/** Names of rate estimators, which `-j RATEEST` makes and `-m rateest` asks. */

import { byteLength, cutToBytes } from '../../text/bytes.js';
import type { ValueResult, ValueType } from '../define.js';

/** (kernel: include/uapi/linux/netfilter/xt_rateest.h: IFNAMSIZ is 16 with the closing NUL) */
const NAME_LIMIT = 15;

/** A name, cut to what the kernel has room for. */
export const estimatorName: ValueType<string> = {
  name: 'name of the estimator',
  read: (text): ValueResult<string> => {
    if (byteLength(text) <= NAME_LIMIT) return { kind: 'read', value: text };
    const kept = cutToBytes(text, NAME_LIMIT);
    return {
      kind: 'read',
      value: kept,
      changed: { check: 'truncated-string', message: `a name has at most ${String(NAME_LIMIT)} bytes: \`${kept}\``, becomes: kept },
    };
  },
  print: (text) => text,
};
