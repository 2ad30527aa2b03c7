/** -i or -o is given an address. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'interface-is-address',
  summary: '-i or -o is given an address',
  why:
    '`-i` wants the name of an interface. iptables takes `-i 10.1.1.100` for such a name without a word, no interface has ' +
    'it, and the rule never matches. For `10.1.1.0/24` it only warns of a weird character.',
  advice: 'Use `-s` or `-d` for addresses, and the name of the interface for -i and -o.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'iptables -A FORWARD -i 10.1.1.100 -j ACCEPT',
    good: 'iptables -A FORWARD -s 10.1.1.100 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
