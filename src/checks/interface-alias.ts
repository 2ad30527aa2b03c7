/** -i or -o is given an alias label such as eth0:1. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'interface-alias',
  summary: '-i or -o is given an alias label such as eth0:1',
  why: '`eth0:1` is a label of an address, not an interface. Packets to that address arrive on `eth0`; the rule is accepted ' + 'and never matches.',
  advice: 'Match the interface and the address: `-i eth0 -d ADDRESS`.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -i eth0:1 -j ACCEPT',
    good: 'iptables -A INPUT -i eth0 -d 192.0.2.2 -j ACCEPT',
  },
  source: 'kernel: net/ipv4/devinet.c (labels of addresses); measured with iptables 1.8.9',
  since: '0.1.0',
});
