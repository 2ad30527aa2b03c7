/** An interface name is empty, too long, or has a *. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'interface-wildcard',
  summary: 'An interface name is empty, too long, or has a `*`',
  why:
    'The wildcard of iptables is `+` at the end. `-i eth*` is accepted and matches only an interface of that very name, so ' +
    'never. An empty name is refused (`Empty interface is likely to be undesired`), and so is one of more than 15 ' +
    'characters.',
  advice: 'Write `eth+`.',
  severity: 'error',
  category: 'validity',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -i "eth*" -j ACCEPT',
    good: 'iptables -A INPUT -i eth+ -j ACCEPT',
  },
  source: 'iptables: libxtables/xtables.c, xtables_parse_interface; measured with iptables 1.8.9',
  since: '0.1.0',
});
