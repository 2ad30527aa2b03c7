/** fwlint does not read a match or target that iptables has. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unsupported-extension',
  summary: 'fwlint does not read a match or target that iptables has',
  why: 'The rule may be right; fwlint cannot tell, leaves it out of the ruleset it looks at, and does not translate it.',
  advice: 'Look at these rules yourself.',
  severity: 'warning',
  category: 'syntax',
  fix: 'none',
  source: 'fwlint',
  since: '0.1.0',
});
