/** -p names no protocol. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unknown-protocol',
  summary: '`-p` names no protocol',
  why: 'iptables knows the common protocols and what stands in `/etc/protocols`; anything else is refused: `unknown protocol ' + '"tcpp" specified`.',
  advice: 'Correct the name, or give the number (0 to 255).',
  severity: 'error',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tpc -j ACCEPT',
    good: 'iptables -A INPUT -p tcp -j ACCEPT',
  },
  source: 'iptables: libxtables/xtables.c, xtables_parse_protocol; measured',
  since: '0.1.0',
});
