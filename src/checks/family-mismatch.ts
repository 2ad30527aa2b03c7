/** An IPv6 address or option in iptables, or an IPv4 one in ip6tables. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'family-mismatch',
  summary: 'An IPv6 address or option in iptables, or an IPv4 one in ip6tables',
  why:
    'iptables handles IPv4 only, ip6tables IPv6 only: ``host/network `::1\' not found``, `unknown option "--icmp-type"`. In ' +
    'a dump a line that begins with `-6` is skipped by iptables-restore without a word.',
  advice: 'Use the other program.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -s 2001:db8::/32 -j DROP',
    good: 'ip6tables -A INPUT -s 2001:db8::/32 -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
