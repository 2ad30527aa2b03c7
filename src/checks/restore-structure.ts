/** A dump lacks its table line, its COMMIT or a part of a line, has a table twice, or lines outside of its tables. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'restore-structure',
  summary: 'A dump lacks its table line, its COMMIT or a part of a line, has a table twice, or lines outside of its tables',
  why:
    'iptables-restore wants `*table`, chain lines, rules and `COMMIT`, in this order. Without `COMMIT` it says `COMMIT ' +
    'expected at line 3` and loads nothing of the table; without `*table` it fails at line 1; `-t`, `-w` and the word `iptables` ' +
    'in a line are refused. A second `COMMIT`, or a rule behind it, is in no table: `iptables-restore: line 5 failed`, and what follows is not loaded. A table that stands twice is emptied by the second, unless `--noflush` is given.',
  advice: 'Give every table its `*table` line and its `COMMIT`, and begin rules with `-A`.',
  severity: 'error',
  category: 'syntax',
  fix: 'sometimes',
  examples: {
    bad: '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p icmp -j ACCEPT',
    good: '*filter\n:INPUT ACCEPT [0:0]\n-A INPUT -p icmp -j ACCEPT\nCOMMIT',
  },
  source: 'measured with iptables-restore 1.8.9, legacy and nft',
  since: '0.1.0',
});
