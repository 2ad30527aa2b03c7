/** An option that counts once is given twice. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'repeated-option',
  summary: 'An option that counts once is given twice',
  why:
    'iptables does not take the last one or both, it refuses the command: `multiple -p flags not allowed`, `multiple -j ' +
    'flags not allowed`, `conntrack: option "--ctstate" can only be used once.`',
  advice: 'Write one rule for each value, or a list where the option takes one.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -j LOG -j DROP',
    good: 'iptables -A INPUT -j LOG\niptables -A INPUT -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
