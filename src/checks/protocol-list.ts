/** -p is given several protocols. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'protocol-list',
  summary: '`-p` is given several protocols',
  why: '`-p` takes one protocol: `unknown protocol "tcp,udp" specified`.',
  advice: 'Write one rule for each protocol.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp,udp --dport 53 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 53 -j ACCEPT\niptables -A INPUT -p udp --dport 53 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
