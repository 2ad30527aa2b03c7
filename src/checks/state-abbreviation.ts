/** A connection state is abbreviated. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'state-abbreviation',
  summary: 'A connection state is abbreviated',
  why:
    'iptables takes any beginning of a state: `ESTABLISH` and even `E` mean ESTABLISHED. It works, but a slip of the pen ' +
    'can mean another state without a word.',
  advice: 'Write the states in full.',
  severity: 'warning',
  category: 'values',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -m conntrack --ctstate EST,REL -j ACCEPT',
    good: 'iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
