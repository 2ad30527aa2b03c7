/** An option does not take the value it is given. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'invalid-value',
  summary: 'An option does not take the value it is given',
  why:
    'iptables reads numbers, names and ranges strictly and refuses the command when one does not fit, for instance ' +
    '`length: bad value for option "--length" near "70000", or out of range (0-65535).`',
  advice: 'Give a value of the kind the option takes.',
  severity: 'error',
  category: 'values',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -p tcp --tcp-option foo -j DROP',
    good: 'iptables -A INPUT -p tcp --tcp-option 5 -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
