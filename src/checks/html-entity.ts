/** A command contains an HTML entity instead of the character it stands for. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'html-entity',
  summary: 'A command contains an HTML entity instead of the character it stands for',
  why:
    'The page showed `>` and `&`, its source has `&gt;` and `&amp;`. To the shell `&` ends the command and runs it in the ' +
    'background, and the rest is a command of its own: `gt: command not found`.',
  advice: 'Write the character.',
  severity: 'error',
  category: 'lexical',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -j LOG --log-prefix &quot;in &quot;',
    good: 'iptables -A INPUT -j LOG --log-prefix "in "',
  },
  source: 'measured with bash and iptables 1.8.9',
  since: '0.1.0',
});
