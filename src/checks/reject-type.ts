/** REJECT is given an answer that does not go with the rule. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'reject-type',
  summary: 'REJECT is given an answer that does not go with the rule',
  why:
    '`tcp-reset` can only answer TCP: without `-p tcp` the kernel says `Invalid argument`, and dmesg `ipt_REJECT: ' +
    'TCP_RESET invalid for non-tcp`. The names for IPv4 and IPv6 differ: `unknown reject type "icmp6-port-unreachable"`.',
  advice: 'Add `-p tcp`, or choose a type of the right family.',
  severity: 'error',
  category: 'validity',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -j REJECT --reject-with tcp-reset',
    good: 'iptables -A INPUT -p tcp -j REJECT --reject-with tcp-reset',
  },
  source: 'kernel: net/ipv4/netfilter/ipt_REJECT.c, reject_tg_check; measured with iptables 1.8.9',
  since: '0.1.0',
});
