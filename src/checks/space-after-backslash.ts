/** A blank follows the backslash that should continue the line. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'space-after-backslash',
  summary: 'A blank follows the backslash that should continue the line',
  why:
    'A backslash continues the line only as its very last character. Before a blank it makes a word of that blank: ``Bad ' +
    "argument ` '``. The next line is a command of its own, such as `-m: command not found`, and the first one may be " +
    'loaded without it.',
  advice: 'Delete the blanks behind the backslash.',
  severity: 'error',
  category: 'lexical',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -p tcp \\ \n  --dport 22 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp \\\n  --dport 22 -j ACCEPT',
  },
  source: 'measured with bash, dash and iptables 1.8.9; POSIX shell, 2.2.1 Escape Character',
  since: '0.1.0',
});
