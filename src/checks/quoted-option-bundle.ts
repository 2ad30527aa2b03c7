/** Quotes make one word of several options. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'quoted-option-bundle',
  summary: 'Quotes make one word of several options',
  why:
    'A variable in quotes is one word, whatever stands in it: iptables gets `-p tcp --dport 22` as one argument, takes `-p` for the option and ' +
    '` tcp --dport 22` for the protocol. The same with the program: the shell looks for a file called `iptables -w`.',
  advice: 'Leave the quotes out where several words are meant, or keep the words in an array (`"${options[@]}"`) or a function.',
  severity: 'error',
  category: 'script',
  fix: 'unsafe',
  examples: {
    bad: 'WEB="-p tcp --dport 80"\niptables -A INPUT "$WEB" -j ACCEPT',
    good: 'WEB="-p tcp --dport 80"\niptables -A INPUT $WEB -j ACCEPT',
  },
  source: 'POSIX.1-2024, Shell Command Language, 2.2.3; measured with bash 5.2 and iptables 1.8.9',
  since: '0.1.0',
});
