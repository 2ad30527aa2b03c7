/** A second command stands in the line of the first. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'two-commands-one-line',
  summary: 'A second command stands in the line of the first',
  why:
    'A lost line break makes one command of two. iptables stops at the second program name with ``Bad argument ' + "`iptables'`` and loads neither.",
  advice: 'Put each command on a line of its own.',
  severity: 'error',
  category: 'lexical',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p icmp -j ACCEPT iptables -A INPUT -p udp -j DROP',
    good: 'iptables -A INPUT -p icmp -j ACCEPT\niptables -A INPUT -p udp -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
