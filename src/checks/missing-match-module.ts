/** An option is used without the -m that brings it. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'missing-match-module',
  summary: 'An option is used without the -m that brings it',
  why:
    '`--state`, `--limit-burst`, `--src-range` and the like exist only after `-m state`, `-m limit`, `-m iprange`. Without ' +
    'it iptables says `unknown option "--state"`.',
  advice: 'Add the `-m`.',
  severity: 'error',
  category: 'syntax',
  fix: 'safe',
  examples: {
    bad: 'iptables -A INPUT --state NEW -j ACCEPT',
    good: 'iptables -A INPUT -m state --state NEW -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
