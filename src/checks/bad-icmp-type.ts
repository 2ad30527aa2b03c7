/** An ICMP type is unknown or ambiguous. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'bad-icmp-type',
  summary: 'An ICMP type is unknown or ambiguous',
  why:
    'iptables knows the names that `iptables -p icmp -h` lists, and takes a beginning that fits only one: ``Unknown ICMP ' +
    "type `ping-request'``, ``Ambiguous ICMP type `echo': `echo-reply' or `echo-request'?``",
  advice: 'Write the whole name, such as `echo-request`, or the number.',
  severity: 'error',
  category: 'values',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -p icmp --icmp-type ping-request -j ACCEPT',
    good: 'iptables -A INPUT -p icmp --icmp-type echo-request -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
