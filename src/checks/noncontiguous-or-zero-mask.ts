/** A mask has holes, or takes in every address. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'noncontiguous-or-zero-mask',
  summary: 'A mask has holes, or takes in every address',
  why:
    '`192.168.1.1/0` matches every address there is, whatever stands before the slash. `10.0.0.0/255.0.255.0` is accepted ' +
    'too and matches a pattern of addresses that is no network.',
  advice: 'Write the mask that is meant; leave the option out if every address is.',
  severity: 'warning',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -s 192.168.1.1/0 -j DROP',
    good: 'iptables -A INPUT -s 192.168.1.1/32 -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
