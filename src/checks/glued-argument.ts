/** The argument of -s, -d, -p, -i, -o or -j stands in the same word as the option. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'glued-argument',
  summary: 'The argument of -s, -d, -p, -i, -o or -j stands in the same word as the option',
  why:
    'iptables 1.8.8 and 1.8.9 (Debian 12) take the whole word for the argument: `-jACCEPT` and `--source=192.0.2.1` are ' +
    "refused with ``Couldn't load target `-jACCEPT'`` and ``host/network `--source=192.0.2.1' not found``. `-ieth0` is " +
    'accepted and matches an interface of the name `-ieth0`, which does not exist. Earlier and later versions read it as ' +
    'it is meant.',
  advice: 'Put a blank between option and argument.',
  severity: 'warning',
  category: 'syntax',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -ieth0 -jACCEPT',
    good: 'iptables -A INPUT -i eth0 -j ACCEPT',
  },
  source: 'netfilter bug 1677; measured with iptables 1.8.7, 1.8.9, 1.8.11 and 1.8.13',
  since: '0.1.0',
});
