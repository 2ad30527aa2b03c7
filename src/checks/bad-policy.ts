/** -P is given what cannot be a policy, or a chain that cannot have one. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'bad-policy',
  summary: '`-P` is given what cannot be a policy, or a chain that cannot have one',
  why:
    'Only built-in chains have a policy, and it is ACCEPT or DROP. `-P INPUT REJECT` fails with `Bad policy name.`, a user ' +
    'chain with `Bad built-in chain name.`, and the policy stays what it was: usually ACCEPT.',
  advice: 'Set the policy to DROP and end the chain with a rule `-j REJECT`.',
  severity: 'error',
  category: 'syntax',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -P INPUT REJECT',
    good: 'iptables -P INPUT DROP\niptables -A INPUT -j REJECT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
