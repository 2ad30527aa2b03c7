/** Ports are given without a protocol that has ports. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'ports-without-protocol',
  summary: 'Ports are given without a protocol that has ports',
  why: '`--dport` comes with `-p tcp` or `-p udp`. Without one, or with `-p all` or `-p icmp`, iptables says `unknown option ' + '"--dport"`.',
  advice: 'Add `-p tcp` or `-p udp` before the ports; write two rules if both are meant.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT --dport 22 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
