/** -m limit is used without --limit. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'limit-defaults',
  summary: '-m limit is used without --limit',
  why: '`-m limit` alone means 3 packets an hour with a burst of 5. iptables says nothing.',
  advice: 'Say the rate.',
  severity: 'warning',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p icmp -m limit -j ACCEPT',
    good: 'iptables -A INPUT -p icmp -m limit --limit 5/s -j ACCEPT',
  },
  source: 'iptables-extensions(8), limit; measured with iptables 1.8.9',
  since: '0.1.0',
});
