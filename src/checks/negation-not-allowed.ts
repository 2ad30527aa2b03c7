/** ! stands before something that cannot be negated. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'negation-not-allowed',
  summary: '`!` stands before something that cannot be negated',
  why:
    'Only some options can be negated. iptables says `limit: option "--limit" cannot be inverted.`, `cannot have ! before ' +
    '-j`, `unexpected ! flag before --match`, or for a list of addresses `! not allowed with multiple source or ' +
    'destination IP addresses`.',
  advice: 'Turn the rules round: let pass what is to pass, and catch the rest in the next rule.',
  severity: 'error',
  category: 'syntax',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -p icmp -m limit ! --limit 3/s -j DROP',
    good: 'iptables -A INPUT -p icmp -m limit --limit 3/s -j ACCEPT\niptables -A INPUT -p icmp -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
