/** Words in a command that nothing asks for. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'parse-error',
  summary: 'Words in a command that nothing asks for',
  why:
    "iptables reads options and their arguments; a word that is neither stops it: ``Bad argument `word'``, and the command " +
    'has no effect. Usually an option in front of the word is missing, or a text with blanks is not quoted.',
  advice: 'Take the words out, quote the text they belong to, or put the option before them.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -m comment --comment allow ssh -j ACCEPT',
    good: 'iptables -A INPUT -m comment --comment "allow ssh" -j ACCEPT',
  },
  source: 'iptables 1.8.9: iptables/xshared.c, do_parse; measured, legacy and nft',
  since: '0.1.0',
});
