/** A rule names a host instead of an address. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'hostname-in-rule',
  summary: 'A rule names a host instead of an address',
  why:
    'iptables asks the name server once, when the rule is loaded, and makes a rule for every address it gets. At boot ' +
    "there may be no name server yet, and then the rule is missing (``host/network `…' not found``); later the address may " +
    'change, and the rule keeps the old one.',
  advice: 'Write the address, or keep addresses that change in an ipset.',
  severity: 'warning',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -s backup.example.net -j ACCEPT',
    good: 'iptables -A INPUT -s 192.0.2.7 -j ACCEPT',
  },
  source: 'iptables(8), --source',
  since: '0.1.0',
});
