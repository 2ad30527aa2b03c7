/** `-j QUEUE`: hands the packet to a program in user space, queue number 0. */

import { defineTarget, exact } from '../define.js';

export default defineTarget({
  name: 'QUEUE',
  summary: 'hands the packet to a program in user space (queue 0)',
  families: ['ip', 'ip6'],
  flow: 'ends',
  options: {},
  constraints: [
    {
      kind: 'refuses',
      by: 'kernel',
      when: (_given, context) => context.target.backend === 'nft',
      check: 'backend-divergence',
      message: 'iptables-nft has no `-j QUEUE`; iptables-legacy takes it',
      says: 'RULE_APPEND failed (No such file or directory)',
      do: 'write `-j NFQUEUE`, which is queue 0 as well',
    },
  ],
  // kernel: net/netfilter/nf_queue.c: NF_QUEUE without a number is queue 0, without a listener the packet is dropped
  toNft: () => exact([{ kind: 'queue', from: 0 }]),
});
