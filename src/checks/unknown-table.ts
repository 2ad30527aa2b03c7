/** A command names a table that does not exist. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unknown-table',
  summary: 'A command names a table that does not exist',
  why:
    "iptables-legacy says ``can't initialize iptables table `filters': Table does not exist (do you need to insmod?)``, " +
    "iptables-nft `table 'filters' does not exist`. Loading a module does not help: the name is wrong.",
  advice: 'The tables are filter, nat, mangle, raw and security, in lower case.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -t natt -A POSTROUTING -o eth0 -j MASQUERADE',
    good: 'iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
