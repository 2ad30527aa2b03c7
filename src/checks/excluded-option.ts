/** Two options of a match or target exclude each other. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'excluded-option',
  summary: 'Two options of a match or target exclude each other',
  why:
    'iptables, or the kernel behind it, refuses the combination: `connlimit: option "--connlimit-upto" cannot be used ' +
    'together with "--connlimit-above".` The kernel only says `Invalid argument`, sometimes with a reason in dmesg.',
  advice: 'Use the match twice, or two rules.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp -m connlimit --connlimit-above 3 --connlimit-upto 4 -j REJECT',
    good: 'iptables -A INPUT -p tcp -m connlimit --connlimit-above 3 -j REJECT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
