/** What a variable adds to a command is only known at run time. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unknown-words',
  summary: 'What a variable adds to a command is only known at run time',
  why:
    'The variable stands where an option could stand and may hold several words, or none. fwlint cannot tell what rule the ' +
    'command makes, so it leaves the rule out of the ruleset it looks at.',
  advice: 'Say what it holds: `--define NAME=VALUE`.',
  severity: 'info',
  category: 'script',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp $OPTIONS -j ACCEPT',
    good: 'OPTIONS="--dport 22"\niptables -A INPUT -p tcp $OPTIONS -j ACCEPT',
  },
  source: 'fwlint',
  since: '0.1.0',
});
