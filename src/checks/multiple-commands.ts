/** One command has two operations. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'multiple-commands',
  summary: 'One command has two operations',
  why:
    'iptables does one thing a command: `Cannot use -A with -A`, `Cannot use -X with -F`. Neither is done. (`-L -Z` is the ' +
    'exception: it lists and zeroes.)',
  advice: 'Write a command for each.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -F -X',
    good: 'iptables -F\niptables -X',
  },
  source: 'iptables 1.8.9: iptables/xshared.c, add_command; measured',
  since: '0.1.0',
});
