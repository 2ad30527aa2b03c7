/** A target cannot be used in the table. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'target-not-in-table',
  summary: 'A target cannot be used in the table',
  why:
    'The kernel refuses the rule with `Invalid argument` and tells the reason only in dmesg: `x_tables: ip_tables: REJECT ' +
    'target: only valid in filter table, not nat`. DROP in the nat table is refused by iptables itself: `The "nat" table ' +
    'is not intended for filtering, the use of DROP is therefore inhibited.`',
  advice: 'Move the rule into the table the target belongs to.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -j MASQUERADE',
    good: 'iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE',
  },
  source: 'kernel: net/netfilter/x_tables.c, xt_check_target; measured with iptables 1.8.9',
  since: '0.1.0',
});
