/** An address has bits outside of its mask. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'host-bits-set',
  summary: 'An address has bits outside of its mask',
  why: '`192.168.1.5/24` is silently made `192.168.1.0/24`: the rule is for the whole network, not for the one host that the ' + 'text names.',
  advice: 'Write the network, or leave the mask out if the host is meant.',
  severity: 'warning',
  category: 'values',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -s 192.168.1.5/24 -j DROP',
    good: 'iptables -A INPUT -s 192.168.1.0/24 -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
