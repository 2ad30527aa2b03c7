/** A shell prompt was copied along with the command. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'shell-prompt',
  summary: 'A shell prompt was copied along with the command',
  why:
    '`$` or `root@host:~#` is run as a command and not found. A prompt that is only `#` is worse: it makes a comment of ' +
    'the line, nothing is said, and the rule is missing.',
  advice: 'Delete the prompt; keep `#` where a comment is meant.',
  severity: 'warning',
  category: 'lexical',
  fix: 'unsafe',
  examples: {
    bad: 'root@fw:~# iptables -A INPUT -p icmp -j ACCEPT',
    good: 'iptables -A INPUT -p icmp -j ACCEPT',
  },
  source: 'measured with bash',
  since: '0.1.0',
});
