/** A connection state does not exist. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'bad-state',
  summary: 'A connection state does not exist',
  why:
    'The states are INVALID, NEW, ESTABLISHED, RELATED and UNTRACKED; `--ctstate` has SNAT and DNAT, too. Anything else is ' +
    'refused: `Bad state "FOO"`.',
  advice: 'Correct the word.',
  severity: 'error',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -m conntrack --ctstate NEWW -j ACCEPT',
    good: 'iptables -A INPUT -m conntrack --ctstate NEW -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
