/** A command calls a program whose name is nearly iptables. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'misspelt-program',
  summary: 'A command calls a program whose name is nearly iptables',
  why:
    '`iptable`, `iptales` or, from a word processor, `Iptables`: no program has that name, and the shell says `command not found`. A script runs on ' +
    'without the rule; where the name stands in a variable, it runs on without any.',
  advice: 'Write `iptables` or `ip6tables`, in small letters.',
  severity: 'error',
  category: 'lexical',
  fix: 'safe',
  examples: {
    bad: 'iptable -A INPUT -p icmp -j ACCEPT',
    good: 'iptables -A INPUT -p icmp -j ACCEPT',
  },
  source: 'POSIX.1-2024, Shell Command Language, 2.9.1.4; measured with bash 5.2',
  since: '0.1.0',
});
