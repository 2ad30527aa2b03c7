/** A match or target lacks an option it cannot do without. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'missing-required-option',
  summary: 'A match or target lacks an option it cannot do without',
  why:
    'Some modules do nothing until told what to do, and iptables refuses them: `state: option "--state" must be ' +
    'specified`, `DNAT: option "--to-destination" must be specified`, ``You must specify "--connlimit-above" or ' +
    '"--connlimit-upto".``',
  advice: 'Add the option.',
  severity: 'error',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT',
    good: 'iptables -t nat -A PREROUTING -p tcp --dport 80 -j DNAT --to-destination 10.0.0.2',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
