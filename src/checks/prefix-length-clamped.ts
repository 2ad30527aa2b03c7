/** A prefix length is longer than an address. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'prefix-length-clamped',
  summary: 'A prefix length is longer than an address',
  why:
    '`--connlimit-mask 33` is accepted and silently becomes 32 with iptables up to 1.8.9; 1.8.11 takes the number for the ' +
    'mask 0.0.0.33, which throws most addresses together.',
  advice: 'Give a length of 0 to 32, or 0 to 128 in ip6tables.',
  severity: 'warning',
  category: 'values',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn -m connlimit --connlimit-above 3 --connlimit-mask 33 -j REJECT --reject-with tcp-reset',
    good: 'iptables -A INPUT -p tcp --syn -m connlimit --connlimit-above 3 --connlimit-mask 32 -j REJECT --reject-with tcp-reset',
  },
  source: 'measured with iptables 1.8.9 and 1.8.11',
  since: '0.1.0',
});
