/** An address has fewer than four parts, and the others are 0. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'short-address',
  summary: 'An address has fewer than four parts, and the others are 0',
  why:
    '`-s 10.1` is silently the one host 10.1.0.0, and `--src-range 192.0.2.10-20` the whole stretch from 192.0.2.10 to 20.0.0.0, or nothing at all: ' +
    'iptables fills up with zeros from the right. It is neither 10.1.0.0/16 nor the last part of the address before.',
  advice: 'Write all four parts; for a network add its length (`10.1.0.0/16`).',
  severity: 'warning',
  category: 'values',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -m iprange --src-range 192.168.1.100-200 -j DROP',
    good: 'iptables -A INPUT -m iprange --src-range 192.168.1.100-192.168.1.200 -j DROP',
  },
  source: 'iptables: libxtables/xtables.c, xtables_numeric_to_addr; measured with iptables 1.8.9',
  since: '0.1.0',
});
