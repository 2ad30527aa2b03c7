/** A typographic quote stands where a command needs an ASCII one. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'smart-quote',
  summary: 'A typographic quote stands where a command needs an ASCII one',
  why:
    'The shell knows only `"` and `\'`. It cuts text between `“` and `”` at every blank, and the pieces reach iptables as ' +
    "words of their own: ``Bad argument `ssh”'``. Where there is no blank, the quotes become part of the text.",
  advice: 'Write `"` or `\'`.',
  severity: 'error',
  category: 'lexical',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -m comment --comment \u201callow ssh\u201d -j ACCEPT',
    good: 'iptables -A INPUT -m comment --comment "allow ssh" -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
