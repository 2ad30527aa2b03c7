/** `-j ACCEPT`: lets the packet through. */

import { verdict } from '../../nft/build.js';
import { defineTarget, exact } from '../define.js';

export default defineTarget({
  name: 'ACCEPT',
  summary: 'lets the packet through',
  families: ['ip', 'ip6'],
  flow: 'ends',
  options: {},
  toNft: () => exact([verdict({ kind: 'accept' })]),
});
