/** Options of -m recent that do not go together. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'recent-bad-combination',
  summary: 'Options of -m recent that do not go together',
  why:
    'A `-m recent` does one of four things: `--set`, `--rcheck`, `--update` or `--remove`. `--seconds` and `--hitcount` ask a list, so they go with ' +
    '`--rcheck` and `--update` only. iptables takes them with `--set`, and the kernel refuses the rule with "Invalid argument" and not a line in dmesg.',
  advice: 'Put addresses on the list with one `-m recent --set`, and ask for them with another: `-m recent --rcheck --seconds 60 --hitcount 4`.',
  severity: 'error',
  category: 'rate-limits',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set --seconds 60 --hitcount 4 -j DROP',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 4 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
  },
  source: 'kernel: net/netfilter/xt_recent.c, recent_mt_check; measured with iptables 1.8.9',
  since: '0.1.0',
});
