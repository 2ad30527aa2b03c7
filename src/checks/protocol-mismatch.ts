/** A match or target does not go with the protocol of the rule. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'protocol-mismatch',
  summary: 'A match or target does not go with the protocol of the rule',
  why:
    '`-m tcp` needs `-p tcp`, and a negated `! -p tcp` will not do. iptables-legacy lets the kernel refuse it (`Invalid ' +
    "argument`, dmesg `tcp match: only valid for protocol 6`), iptables-nft says `TCP match requires '-p tcp'`. " +
    'iptables-nft takes `! -p tcp --dport 22` and makes nonsense of it.',
  advice: 'Let `-p` and the match name the same protocol.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p udp -m tcp --dport 53 -j ACCEPT',
    good: 'iptables -A INPUT -p udp -m udp --dport 53 -j ACCEPT',
  },
  source: 'kernel: net/netfilter/x_tables.c, xt_check_match; measured with iptables 1.8.9',
  since: '0.1.0',
});
