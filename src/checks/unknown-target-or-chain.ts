/** A rule names a chain or target that does not exist. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unknown-target-or-chain',
  summary: 'A rule names a chain or target that does not exist',
  why:
    'A user chain must be created before a rule jumps to it or is added to it. iptables-legacy takes the name for a target ' +
    "it should load (``Couldn't load target `add_to_denylist':No such file or directory``), iptables-nft says `Chain " +
    "'add_to_denylist' does not exist`; for the chain a rule is added to both say `No chain/target/match by that name.`",
  advice: 'Create the chain first (`-N`), in the same table, or correct the name.',
  severity: 'error',
  category: 'syntax',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn -j SYN_FLOOD',
    good: 'iptables -N SYN_FLOOD\niptables -A INPUT -p tcp --syn -j SYN_FLOOD',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
