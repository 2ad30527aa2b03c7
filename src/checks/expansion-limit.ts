/** Not all of a script was followed, because it would take too long. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'expansion-limit',
  summary: 'Not all of a script was followed, because it would take too long',
  why:
    'fwlint follows loops, functions and substitutions as the shell would, but within bounds. What lies beyond them was ' +
    'not read, so its rules are missing from everything fwlint says.',
  advice: 'Shorten the loop, or check the `iptables-save` dump of the loaded rules instead.',
  severity: 'warning',
  category: 'script',
  fix: 'none',
  source: 'fwlint',
  since: '0.1.0',
});
