/** A service, user or other name that only the host itself can look up. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unresolved-name',
  summary: 'A service, user or other name that only the host itself can look up',
  why:
    'The name is not one fwlint knows for every system. iptables looks it up when the rule is loaded (`/etc/services`, ' +
    '`/etc/passwd`); where it is missing, the rule is refused.',
  advice: 'Write the number.',
  severity: 'info',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport my-service -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 8443 -j ACCEPT',
  },
  source: 'iptables: libxtables/xtoptions.c, xtables_service_to_port',
  since: '0.1.0',
});
