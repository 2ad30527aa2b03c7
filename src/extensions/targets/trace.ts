/** `-j TRACE`: has every rule the packet meets from here on reported. */

import { meta, number } from '../../nft/build.js';
import { defineTarget } from '../define.js';

export default defineTarget({
  name: 'TRACE',
  summary: 'has every rule the packet meets from here on reported',
  families: ['ip', 'ip6'],
  flow: 'continues',
  // The kernel's xt_TRACE; iptables-nft has its own, which works everywhere.
  tables: ['raw'],
  options: {},
  toNft: () => ({
    kind: 'approximate',
    items: [{ kind: 'assign', to: meta('nftrace'), value: number(1) }],
    differs: 'the trace is shown by `nft monitor trace` and not written to the kernel log; packets fare the same',
  }),
});
