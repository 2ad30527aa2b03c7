/** A NAT target is given a port, and the rule no protocol that has ports. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'nat-port-without-protocol',
  summary: 'A NAT target is given a port, and the rule no protocol that has ports',
  why: 'The port of DNAT, SNAT, REDIRECT or MASQUERADE needs a protocol: `Need TCP, UDP, SCTP or DCCP with port specification`.',
  advice: 'Add `-p tcp` or `-p udp`.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -t nat -A PREROUTING -j REDIRECT --to-ports 8080',
    good: 'iptables -t nat -A PREROUTING -p tcp -j REDIRECT --to-ports 8080',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
