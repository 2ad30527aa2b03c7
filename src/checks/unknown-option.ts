/** iptables does not know an option. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unknown-option',
  summary: 'iptables does not know an option',
  why: 'Neither iptables nor any module that the command loads has the option: `unknown option "--dprot"`. The whole command ' + 'has no effect.',
  advice: 'Check the spelling, and whether it belongs to another match or target.',
  severity: 'error',
  category: 'syntax',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dprot 22 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
