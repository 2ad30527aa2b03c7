/** A match or target that nft has no equal for. */

import { carriedUses } from '../policy/carried-uses.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'untranslatable',
  summary: 'A match or target that nft has no equal for',
  why:
    'iptables-translate writes such a rule as a comment and says nothing: loaded with `nft -f`, the rule is missing. `fwlint translate` refuses instead, and ' +
    'says what there is in its place. As long as iptables loads the rule there is nothing wrong with it.',
  advice: 'See what `fwlint translate` offers in its place before moving to nftables.',
  severity: 'hint',
  category: 'migration',
  fix: 'none',
  examples: {
    bad: 'iptables -A FORWARD -p tcp --dport 80 -m string --algo bm --string "cmd.exe" -j DROP',
    good: 'iptables -A FORWARD -p tcp --dport 80 -s 192.0.2.7 -j DROP',
  },
  source: 'measured with iptables-translate 1.8.9 and nft 1.0.6',
  since: '0.1.0',
  find: (input) =>
    carriedUses(input)
      .filter(({ kind }) => kind === 'unsupported')
      .map(({ name, reason, places: [at, ...also] }) => ({
        check: 'untranslatable',
        at,
        message: `nft has no equal for \`${name}\`${also.length === 0 ? '' : ` (${String(also.length + 1)} rules)`}`,
        also,
        notes: [{ kind: 'why', text: reason }],
      })),
});
