/** A chain cannot have the name. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'bad-chain-name',
  summary: 'A chain cannot have the name',
  why:
    'A chain name has at most 28 bytes, no blank, no `-` or `!` in front, and is not the name of a target: ``chain name ' +
    "`…' too long (must be under 29 chars)``, `chain name may not clash with target name`. A second `-N` of the same name " +
    'gives `Chain already exists.`',
  advice: 'Choose another name; `iptables -N NAME 2>/dev/null || iptables -F NAME` makes a script repeatable.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -N LOG',
    good: 'iptables -N LOGGING',
  },
  source: 'iptables 1.8.9: iptables/xshared.c, assert_valid_chain_name; measured',
  since: '0.1.0',
});
