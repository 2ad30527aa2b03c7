/** `-j RETURN`: goes back to the calling chain, or to the policy. */

import { verdict } from '../../nft/build.js';
import { defineTarget, exact } from '../define.js';

export default defineTarget({
  name: 'RETURN',
  summary: 'goes back to the calling chain, or to the policy',
  families: ['ip', 'ip6'],
  flow: 'returns',
  options: {},
  toNft: () => exact([verdict({ kind: 'return' })]),
});
