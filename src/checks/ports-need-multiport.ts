/** --dport or --sport is given a list of ports. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'ports-need-multiport',
  summary: '`--dport` or `--sport` is given a list of ports',
  why: "`--dport` takes one port or one range: ``invalid port/service `80,443' specified``. Lists are the business of `-m multiport`.",
  advice: 'Use `-m multiport --dports`.',
  severity: 'error',
  category: 'syntax',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 80,443 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp -m multiport --dports 80,443 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
