/** -i or -o is used in a chain whose packets have no such interface. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'interface-direction',
  summary: '-i or -o is used in a chain whose packets have no such interface',
  why:
    'Packets in INPUT and PREROUTING have not been routed to an outgoing interface, those in OUTPUT and POSTROUTING are ' +
    "not looked at for the incoming one: `Can't use -o with INPUT`. In a user chain iptables accepts it, and the rule " +
    'never matches.',
  advice: 'Use the other option, or another chain.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -o eth0 -j ACCEPT',
    good: 'iptables -A INPUT -i eth0 -j ACCEPT',
  },
  source: 'iptables 1.8.9: iptables/xshared.c, generic_opt_check; measured',
  since: '0.1.0',
});
