/** A target cannot be used where packets reach it. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'target-not-in-hook',
  summary: 'A target cannot be used where packets reach it',
  why:
    'The kernel knows from which built-in chains a rule can be reached, through user chains, too, and refuses it with ' +
    '`Invalid argument`; dmesg says `SNAT target: used from hooks PREROUTING, but only usable from INPUT/POSTROUTING`. In ' +
    'a user chain it is the later of the rule and the jump that is refused.',
  advice: 'Put the rule into a chain the target can be used in.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -t nat -A PREROUTING -j SNAT --to-source 192.0.2.1',
    good: 'iptables -t nat -A POSTROUTING -j SNAT --to-source 192.0.2.1',
  },
  source: 'kernel: net/netfilter/x_tables.c, xt_check_target; measured with iptables 1.8.9',
  since: '0.1.0',
});
