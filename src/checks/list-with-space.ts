/** A blank stands inside a list with commas. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'list-with-space',
  summary: 'A blank stands inside a list with commas',
  why:
    'The blank ends the argument: iptables gets a list that ends with a comma and a stray word. It says ``Bad argument ' +
    "`2.2.2.2'``, ``invalid port/service `' specified``, or that `--state` requires a list with no spaces.",
  advice: 'Write the list without blanks.',
  severity: 'error',
  category: 'syntax',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -s 192.0.2.1, 192.0.2.2 -j DROP',
    good: 'iptables -A INPUT -s 192.0.2.1,192.0.2.2 -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
