/** ! stands between an option and its argument. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'intrapositioned-negation',
  summary: '`!` stands between an option and its argument',
  why:
    'Old versions of iptables took `-s ! 10.0.0.0/8`. iptables 1.4.3 deprecated it with a warning, and newer versions ' +
    'refuse it: ``Bad argument `10.0.0.0/8\'``, `unknown protocol "!" specified`.',
  advice: 'Put the `!` before the option.',
  severity: 'error',
  category: 'syntax',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -s ! 10.0.0.0/8 -j DROP',
    good: 'iptables -A INPUT ! -s 10.0.0.0/8 -j DROP',
  },
  source: 'measured with iptables 1.8.7 to 1.8.13',
  since: '0.1.0',
});
