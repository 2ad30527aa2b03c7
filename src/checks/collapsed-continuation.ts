/** Continued lines were joined and the backslash is still there. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'collapsed-continuation',
  summary: 'Continued lines were joined and the backslash is still there',
  why:
    "In `\\ -m` the backslash quotes the blank, and the word becomes ` -m` with a blank in front: ``Bad argument ` -m'``. " +
    'It happens when a page or a mail loses line breaks.',
  advice: 'Delete the backslash.',
  severity: 'error',
  category: 'lexical',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -p icmp \\ -m recent --set',
    good: 'iptables -A INPUT -p icmp -m recent --set',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
