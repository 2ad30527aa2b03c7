/** A rule number is missing, misplaced, 0 or too big. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'rule-number',
  summary: 'A rule number is missing, misplaced, 0 or too big',
  why:
    "Rule numbers count from 1 and stand behind the chain: `-I INPUT 1`. iptables says ``Invalid rule number `0'``, ``Bad " +
    "argument `1'`` when `-A` gets one, and `Index of insertion too big.` when the chain is shorter at that point.",
  advice: 'Use `-A` to add at the end, or a number the chain has.',
  severity: 'error',
  category: 'syntax',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -I INPUT 5 -p icmp -j ACCEPT',
    good: 'iptables -I INPUT 1 -p icmp -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
