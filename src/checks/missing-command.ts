/** A command has no -A, -I or other operation. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'missing-command',
  summary: 'A command has no -A, -I or other operation',
  why:
    'iptables does not know which chain the rule is for and says `no command specified`. The examples for connlimit in the ' +
    'man page of iptables 1.8.9 have this mistake, too.',
  advice: 'Say what to do: `-A INPUT`, `-I FORWARD 1` …',
  severity: 'error',
  category: 'syntax',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -p tcp --syn --dport 22 -m connlimit --connlimit-above 3 -j REJECT',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m connlimit --connlimit-above 3 -j REJECT',
  },
  source: 'measured with iptables 1.8.9; iptables-extensions(8), connlimit',
  since: '0.1.0',
});
