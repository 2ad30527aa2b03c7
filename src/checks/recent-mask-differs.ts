/** A rule's `--mask` is not looked at, because another rule of the list was first. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { formatIp4, formatIp6 } from '../net/address.js';
import { placeOf, recentLists } from '../input/recent-lists.js';
import { firstLoaded } from '../ruleset/load-order.js';
import { wordSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'recent-mask-differs',
  summary: 'The --mask of a rule is not looked at, because another rule of the list comes first',
  why:
    'A list of `-m recent` has one mask, that of the rule that creates it; what later rules say is not looked at, not even when the rules are loaded ' +
    'again while the list lives. So one of the rules does not count by what it says.',
  advice: 'Write the same `--mask` in every rule of the list, or give the rules lists of their own.',
  severity: 'error',
  category: 'rate-limits',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn -m recent --name net --rcheck --seconds 60 --hitcount 9 -j DROP\niptables -A INPUT -p tcp --syn -m recent --name net --set --mask 255.255.255.0',
    good: 'iptables -A INPUT -p tcp --syn -m recent --name net --rcheck --seconds 60 --hitcount 9 --mask 255.255.255.0 -j DROP\niptables -A INPUT -p tcp --syn -m recent --name net --set --mask 255.255.255.0',
  },
  source: 'kernel: net/netfilter/xt_recent.c, recent_mt_check: the mask is copied when the table is made; measured',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const list of recentLists(input).lists.values()) {
      const uses = [...list.sets, ...list.checks, ...list.removes].map((placed) => ({ ...placed, table: placed.context.table }));
      for (const family of ['ip', 'ip6']) {
        const here = uses.filter(({ context }) => context.family === family);
        const first = firstLoaded(here);
        for (const placed of here) {
          if (first === undefined || placed.recent.mask === first.recent.mask) continue;
          const { mask } = placed.given;
          const shown = (value: number | bigint): string => (typeof value === 'number' ? formatIp4(value) : formatIp6(value));
          problems.push({
            check: 'recent-mask-differs',
            at: mask === undefined ? placeOf(placed) : wordSpan(placed.rule.command.words, mask.argument),
            message: `list \`${list.name}\` has the mask ${shown(first.recent.mask)} of the rule that comes first; ${mask === undefined ? 'this rule counts by it, too' : `${shown(placed.recent.mask)} is not looked at`}`,
            labels: [{ span: placeOf(first), text: 'this rule comes first' }],
            notes: [{ kind: 'do', text: 'write the same `--mask` in every rule of the list' }],
          });
        }
      }
    }
    return problems;
  },
});
