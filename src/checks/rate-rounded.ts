/** A rate is stored as another one. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'rate-rounded',
  summary: 'A rate is stored as another one',
  why:
    'The kernel keeps the time between two packets in whole steps, so that a fast rate is rounded: `-m limit --limit ' +
    '3000/s` is stored, and printed by iptables-save, as 3333/s.',
  advice: 'Choose a rate that divides 10000, or expect the other one.',
  severity: 'info',
  category: 'values',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -p icmp -m limit --limit 3000/s -j ACCEPT',
    good: 'iptables -A INPUT -p icmp -m limit --limit 2500/s -j ACCEPT',
  },
  source: 'iptables: extensions/libxt_limit.c, parse_rate; measured with iptables 1.8.9',
  since: '0.1.0',
});
