/** Chains jump in a circle, or a rule jumps to a built-in chain. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'chain-loop',
  summary: 'Chains jump in a circle, or a rule jumps to a built-in chain',
  why:
    'The kernel refuses a ruleset in which a packet could go round for ever. iptables-legacy says `Too many levels of ' +
    'symbolic links.`, iptables-nft `RULE_APPEND failed (Too many links)`; both at the rule that makes the circle ' +
    'reachable from a built-in chain, which need not be the one that closes it. A jump to a built-in chain gets `Invalid ' +
    'argument.` or `No such file or directory`.',
  advice: 'Break the circle; put rules that two built-in chains share into a chain of their own.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -N a\niptables -A a -j a\niptables -A INPUT -j a',
    good: 'iptables -N a\niptables -A a -j RETURN\niptables -A INPUT -j a',
  },
  source: 'kernel: net/ipv4/netfilter/ip_tables.c, mark_source_chains; measured with iptables 1.8.9',
  since: '0.1.0',
});
