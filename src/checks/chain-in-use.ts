/** A chain is deleted that has rules, is jumped to, or is built in. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'chain-in-use',
  summary: 'A chain is deleted that has rules, is jumped to, or is built in',
  why:
    'iptables-legacy says `Directory not empty.` or `Too many links.`, iptables-nft `CHAIN_DEL failed (Device or resource ' +
    'busy)`. The chain stays, and so do its rules.',
  advice: 'Delete the rules that jump to it, flush it, then delete it.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -N ssh\niptables -A INPUT -j ssh\niptables -X ssh',
    good: 'iptables -N ssh\niptables -A INPUT -j ssh\niptables -D INPUT -j ssh\niptables -X ssh',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
