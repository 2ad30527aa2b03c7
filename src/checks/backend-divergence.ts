/** iptables-legacy and iptables-nft do different things with a rule. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'backend-divergence',
  summary: 'iptables-legacy and iptables-nft do different things with a rule',
  why:
    'Both programs are called `iptables`, and which one it is depends on the system. Some rules load with one and not with ' +
    'the other: `-j QUEUE` is taken by iptables-legacy, while iptables-nft says `RULE_APPEND failed (No such file or ' +
    'directory)`.',
  advice: 'Write the rule so that both take it.',
  severity: 'warning',
  category: 'validity',
  fix: 'none',
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
