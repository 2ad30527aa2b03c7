/** An option begins with a dash that is not the ASCII hyphen. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unicode-dash',
  summary: 'An option begins with a dash that is not the ASCII hyphen',
  why:
    'Blogs and word processors turn `--` into `–` or `—` and `-` into `−`. iptables takes `–dport` for a plain word and ' +
    "refuses the whole command with ``Bad argument `–dport'``, so the rule is never there, while the rest of the script " +
    'runs on.',
  advice: 'Write ASCII hyphens: one before a single letter, two before a word.',
  severity: 'error',
  category: 'lexical',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -p tcp \u2013dport 22 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
