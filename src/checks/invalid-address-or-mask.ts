/** An address or mask is no address or mask. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'invalid-address-or-mask',
  summary: 'An address or mask is no address or mask',
  why:
    "``host/network `1.1.1.256' not found`` sounds like a question of name service, but the address is wrong. ``invalid " +
    "mask `33' specified`` means a prefix length beyond 32.",
  advice: 'Correct it.',
  severity: 'error',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -s 192.0.2.256 -j DROP',
    good: 'iptables -A INPUT -s 192.0.2.255 -j DROP',
  },
  source: 'iptables: libxtables/xtables.c, xtables_ipparse_multiple; measured',
  since: '0.1.0',
});
