/** A match can never hold, or a range ends before it begins. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'contradictory-match',
  summary: 'A match can never hold, or a range ends before it begins',
  why:
    'iptables takes it, sometimes with a warning, and the rule never matches: a mask of TCP flags that leaves out a flag ' +
    'that must be set, a range of addresses such as `192.0.2.9-192.0.2.1` (`xt_iprange: range … is reversed and will never ' +
    'match`), a mark with bits outside of its mask.',
  advice: 'Turn the range round, or put into the mask what is compared.',
  severity: 'error',
  category: 'values',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -m iprange --src-range 192.0.2.9-192.0.2.1 -j DROP',
    good: 'iptables -A INPUT -m iprange --src-range 192.0.2.1-192.0.2.9 -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
