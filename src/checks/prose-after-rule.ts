/** Text of the page is glued to the end of a command. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'prose-after-rule',
  summary: 'Text of the page is glued to the end of a command',
  why:
    "Copying took the next sentence along. A word behind the target is refused (``Bad argument `above'``); one glued to it " +
    "makes a target nobody knows: ``Couldn't load target `DROPIn'``, with iptables-nft `Chain 'DROPIn' does not exist`.",
  advice: 'Cut the text off.',
  severity: 'error',
  category: 'lexical',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p icmp -j DROPIn above rules we drop',
    good: 'iptables -A INPUT -p icmp -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
