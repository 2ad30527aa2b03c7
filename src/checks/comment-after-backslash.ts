/** A comment follows the backslash that should continue the line. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'comment-after-backslash',
  summary: 'A comment follows the backslash that should continue the line',
  why:
    'The backslash quotes the blank behind it instead of continuing the line, so the word becomes ` #` or a blank: ``Bad ' +
    "argument ` #'``. The lines below run as commands of their own (`-m: command not found`), and a script without `set " +
    '-e` goes on.',
  advice: 'Put comments on lines of their own, before the command.',
  severity: 'error',
  category: 'lexical',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -p tcp \\ # web\n  --dport 80 -j ACCEPT',
    good: '# web\niptables -A INPUT -p tcp \\\n  --dport 80 -j ACCEPT',
  },
  source: 'measured with bash and iptables 1.8.9',
  since: '0.1.0',
});
