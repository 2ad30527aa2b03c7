/** An option has no argument. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'missing-argument',
  summary: 'An option has no argument',
  why:
    'iptables takes the next word for the argument whatever it is. In `-s -j ACCEPT` the address is `-j`, and `ACCEPT` is ' +
    "left over: ``Bad argument `ACCEPT'``. Mostly an address was removed before publishing, or a variable is empty.",
  advice: 'Give the option its argument, or take it out.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -s -j ACCEPT',
    good: 'iptables -A INPUT -s 192.0.2.0/24 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
