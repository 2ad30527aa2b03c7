/** A list is checked and never filled, or filled and never checked. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { placeOf, recentLists, unfilledLists } from '../input/recent-lists.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'recent-never-set',
  summary: 'A list of -m recent is checked and never filled, or filled and never checked',
  why:
    '`--rcheck` and `--update` only find addresses that a `--set` has put on the list; `--update` does not make an entry. A check of a list that stays ' +
    'empty never matches. A `--set` behind a check in the same rule is only reached when the address is on the list already. A list that is only filled ' +
    'does nothing but take memory.',
  advice: 'Add the missing rule. One rule that sets and one that checks make a limit: the check first, with `--rcheck`, then `--set`.',
  severity: 'error',
  category: 'rate-limits',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --update --seconds 60 --hitcount 4 -j DROP',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --update --seconds 60 --hitcount 4 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
  },
  source: 'kernel: net/netfilter/xt_recent.c, recent_mt',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    const unfilled = unfilledLists(input);
    for (const { list, because, meant } of unfilled) {
      const [check, ...others] = list.checks;
      if (meant !== undefined || check === undefined) continue;
      const outcome = check.recent.negated ? 'always matches' : 'never matches';
      problems.push({
        check: 'recent-never-set',
        at: placeOf(check),
        message:
          because === 'no set'
            ? `nothing here puts addresses on list \`${list.name}\`: this ${outcome}`
            : `addresses are put on list \`${list.name}\` only behind a check of that list: it stays empty, and the check ${outcome}`,
        here: outcome,
        labels:
          because === 'no set'
            ? others.slice(0, 2).map((other) => ({ span: placeOf(other), text: 'nor does this' }))
            : list.sets.slice(0, 2).map((set) => ({ span: placeOf(set), text: 'never reached' })),
        notes: [
          {
            kind: 'do',
            text:
              because === 'no set'
                ? `add a rule with \`-m recent --name ${list.name} --set\` for the packets that count`
                : 'make two rules of it: the check first, then the `--set`',
          },
        ],
      });
    }
    const { lists, unknownNames } = recentLists(input);
    if (unknownNames) return problems;
    const meant = new Set(unfilled.map((each) => each.meant?.recent.list));
    for (const list of lists.values()) {
      const [set] = list.sets;
      if (set === undefined || list.byHand || list.checks.length > 0 || meant.has(list.name)) continue;
      problems.push({
        check: 'recent-never-set',
        severity: 'warning',
        at: placeOf(set),
        message: `addresses are put on list \`${list.name}\`, but no rule here checks that list`,
        here: 'without effect',
        notes: [{ kind: 'do', text: `add the rule that checks it (\`-m recent --name ${list.name} --rcheck …\`), or take this one out` }],
      });
    }
    return problems;
  },
});
