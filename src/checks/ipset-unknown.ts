/** A rule names an ipset that the files at hand do not define. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { definedIpsets, ipsetUses } from '../input/ipset-uses.js';
import { nearest } from '../text/distance.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'ipset-unknown',
  summary: 'A rule names an ipset that nothing here defines',
  why:
    'iptables refuses a rule whose set does not exist at that moment, and iptables-restore then loads nothing of the table. Nothing is said where no ' +
    'set is defined in the files given: the sets may be made elsewhere.',
  advice: 'Create the set before the rules, or mend the name.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'ipset create denylist hash:ip\niptables -A INPUT -m set --match-set deny_list src -j DROP',
    good: 'ipset create denylist hash:ip\niptables -A INPUT -m set --match-set denylist src -j DROP',
  },
  source: 'iptables: extensions/libxt_set.h, get_set_byname',
  since: '0.1.0',
  find: (input) => {
    const names = definedIpsets(input)?.names;
    if (names === undefined) return [];
    const told = new Set<string>();
    return ipsetUses(input).flatMap(({ set, at }): Problem[] => {
      if (names.has(set) || told.has(set) || /[$`]/.test(set)) return [];
      told.add(set);
      const near = nearest(set, names);
      return [
        {
          check: 'ipset-unknown',
          message: `nothing here creates the ipset \`${set}\``,
          at,
          notes: [
            { kind: 'note', text: `iptables says: Set ${set} doesn't exist.` },
            ...(near === undefined ? [] : [{ kind: 'do' as const, text: `did you mean \`${near}\`?` }]),
          ],
        },
      ];
    });
  },
});
