/** A part of a rate is ignored. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'rate-unit-ignored',
  summary: 'A part of a rate is ignored',
  why: '`-m limit` counts packets. `--limit 100kb/s` is silently 100 packets a second, and `--limit 10` without a unit is 10 ' + 'a second.',
  advice: 'Write packets per second, minute, hour or day; `-m hashlimit` can count bytes.',
  severity: 'warning',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -m limit --limit 100kb/s -j ACCEPT',
    good: 'iptables -A INPUT -m limit --limit 100/s -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
