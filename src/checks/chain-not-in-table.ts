/** The table has no chain of that name. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'chain-not-in-table',
  summary: 'The table has no chain of that name',
  why:
    'Every table has its own built-in chains, and without `-t` the table is filter, which has no PREROUTING and no ' +
    'POSTROUTING. iptables says `No chain/target/match by that name.`, the same as for a missing kernel module.',
  advice: 'Add `-t nat` (or mangle, raw) to the command.',
  severity: 'error',
  category: 'validity',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A POSTROUTING -o eth0 -j MASQUERADE',
    good: 'iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE',
  },
  source: 'kernel: net/ipv4/netfilter/iptable_*.c; measured with iptables 1.8.9',
  since: '0.1.0',
});
