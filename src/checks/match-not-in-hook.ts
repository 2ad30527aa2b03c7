/** A match cannot be used where packets reach it. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'match-not-in-hook',
  summary: 'A match cannot be used where packets reach it',
  why:
    'What some matches look at does not exist everywhere: an owner only for packets of this host, a source MAC address ' +
    'only for packets that came in. The kernel refuses the rule with `Invalid argument`; dmesg says `mac match: used from ' +
    'hooks OUTPUT, but only valid from PREROUTING/INPUT/FORWARD`.',
  advice: 'Put the rule into a chain the match can be used in.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -A OUTPUT -m mac --mac-source 00:11:22:33:44:55 -j ACCEPT',
    good: 'iptables -A INPUT -m mac --mac-source 00:11:22:33:44:55 -j ACCEPT',
  },
  source: 'kernel: net/netfilter/x_tables.c, xt_check_match; measured with iptables 1.8.9',
  since: '0.1.0',
});
