/** multiport is given more than 15 ports. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'multiport-limit',
  summary: 'multiport is given more than 15 ports',
  why: 'A multiport match has 15 places, and a range takes two of them: `too many ports specified`.',
  advice: 'Split the list over two rules.',
  severity: 'error',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15,16 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp -m multiport --dports 1,2,3,4,5,6,7,8,9,10,11,12,13,14,15 -j ACCEPT\niptables -A INPUT -p tcp --dport 16 -j ACCEPT',
  },
  source: 'iptables-extensions(8), multiport; measured with iptables 1.8.9',
  since: '0.1.0',
});
