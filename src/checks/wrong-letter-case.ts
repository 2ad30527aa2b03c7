/** A chain, table or target is written in the wrong case. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'wrong-letter-case',
  summary: 'A chain, table or target is written in the wrong case',
  why:
    'Names are taken letter by letter. `-A input` gives `No chain/target/match by that name.`, the same words as a missing ' +
    "kernel module; `-j accept` gives ``Couldn't load target `accept'``.",
  advice: 'Built-in chains and targets are in capitals, tables in small letters.',
  severity: 'error',
  category: 'syntax',
  fix: 'safe',
  examples: {
    bad: 'iptables -A input -p icmp -j ACCEPT',
    good: 'iptables -A INPUT -p icmp -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
