/** A text is longer than the kernel keeps and is cut. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'truncated-string',
  summary: 'A text is longer than the kernel keeps and is cut',
  why:
    'A log prefix keeps 29 characters, an NFLOG prefix 63 (with iptables-legacy), a comment 255, the name of a `recent` ' +
    'list 199. What is longer is cut without a word, and two long names may become the same.',
  advice: 'Shorten it.',
  severity: 'warning',
  category: 'values',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -j LOG --log-prefix "dropped by the firewall at the door: "',
    good: 'iptables -A INPUT -j LOG --log-prefix "dropped at the door: "',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
