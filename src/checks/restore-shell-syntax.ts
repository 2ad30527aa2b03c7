/** A dump contains something only a shell understands. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'restore-shell-syntax',
  summary: 'A dump contains something only a shell understands',
  why:
    'iptables-restore is no shell. It knows `"` and nothing else: no continuation lines (``Bad argument `\\n\'``), no single ' +
    "quotes (``Bad argument `b''``), no comment behind a rule (``Bad argument `#'``), no variables (``host/network `$LAN' " +
    'not found``). One such line keeps the whole table from loading.',
  advice: 'Join continued lines, use double quotes, put comments on lines of their own and write values instead of variables.',
  severity: 'error',
  category: 'syntax',
  fix: 'sometimes',
  examples: {
    bad: '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p tcp -j ACCEPT # ok\nCOMMIT',
    good: '*filter\n:INPUT ACCEPT [0:0]\n# ok\n-A INPUT -p tcp -j ACCEPT\nCOMMIT',
  },
  source: 'measured with iptables-restore 1.8.9, legacy and nft',
  since: '0.1.0',
});
