/** A connection tracking helper does not exist for the protocol of the rule. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'conntrack-helper',
  summary: 'A connection tracking helper does not exist for the protocol of the rule',
  why:
    'A helper is made for certain protocols: ftp for TCP, tftp for UDP. For any other the kernel says `xt_CT: No such ' +
    'helper "ftp"`, and without `-p` `xt_CT: You must specify a L4 protocol and not use inversions on it`; iptables only ' +
    'says `No chain/target/match by that name.`',
  advice: 'Write the `-p` that the helper is for.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -t raw -A PREROUTING -p udp --dport 21 -j CT --helper ftp',
    good: 'iptables -t raw -A PREROUTING -p tcp --dport 21 -j CT --helper ftp',
  },
  source: 'kernel: net/netfilter/xt_CT.c, xt_ct_set_helper; measured with iptables 1.8.9',
  since: '0.1.0',
});
