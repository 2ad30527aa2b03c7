/** Names of rate estimators, which `-j RATEEST` makes and `-m rateest` asks. */

import { shortName } from './short-name.js';

/** (kernel: include/uapi/linux/netfilter/xt_rateest.h: IFNAMSIZ is 16 with the closing NUL) */
const NAME_LIMIT = 15;

/** A name, cut to what the kernel has room for. */
export const estimatorName = shortName('name of the estimator', 'a name', NAME_LIMIT);
