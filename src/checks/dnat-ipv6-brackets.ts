/** An IPv6 address and a port are written without brackets, or IPv4 with them. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'dnat-ipv6-brackets',
  summary: 'An IPv6 address and a port are written without brackets, or IPv4 with them',
  why: '`--to-destination fd00::2:8080` is accepted and means the address fd00::2:8080, without a port. A port goes behind brackets.',
  advice: 'Write `[fd00::2]:8080`.',
  severity: 'error',
  category: 'values',
  fix: 'unsafe',
  examples: {
    bad: 'ip6tables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination fd00::2:8080',
    good: 'ip6tables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination [fd00::2]:8080',
  },
  source: 'measured with ip6tables 1.8.9, legacy and nft',
  since: '0.1.0',
});
