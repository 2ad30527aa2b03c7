/** `--reap` does next to nothing. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { recentLists } from '../input/recent-lists.js';
import { deleteLines, deleteWords, fixOf } from '../iptables/edit.js';
import { wordSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'reap-useless',
  summary: '--reap does next to nothing',
  why:
    '`--reap` frees at most one entry for each packet, the one that was seen longest ago, and only when the address of the packet itself is on the list. ' +
    'It changes no match, as long as no rule of the list asks for longer: `--seconds` leaves old stamps out anyway, and a full list drops its oldest entry by itself. Kernels before 5.11 that lack a ' +
    'fix of February 2021 use freed memory after `--update --reap`.',
  advice: 'Leave it away. A rule that is only there to reap can go altogether.',
  severity: 'info',
  category: 'rate-limits',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -m recent --name flood --rcheck --seconds 60 --reap\niptables -A INPUT -p tcp --syn -m recent --name flood --set',
    good: 'iptables -A INPUT -p tcp --syn -m recent --name flood --rcheck --seconds 60 --hitcount 15 -j DROP\niptables -A INPUT -p tcp --syn -m recent --name flood --set',
  },
  source: 'kernel: net/netfilter/xt_recent.c, recent_entry_reap; "xt_recent: Fix attempt to update deleted entry" (5.11, 5.4.99)',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const list of recentLists(input).lists.values())
      for (const { rule, given, recent } of list.checks) {
        const { reap } = given;
        // What another rule asks for longer is lost to --reap.
        const asked = list.checks.map((other) => other.recent.seconds ?? Infinity);
        if (reap === undefined || Math.max(...asked) > (recent.seconds ?? Infinity)) continue;
        const { command } = rule;
        const onlyReaps = rule.spec.action === undefined && recent.operation === 'rcheck' && rule.spec.matches.length === 1;
        problems.push({
          check: 'reap-useless',
          at: wordSpan(command.words, reap.word),
          message: `\`--reap\` frees at most one entry of list \`${list.name}\` per packet and changes no match`,
          notes: [
            { kind: 'why', text: 'stamps older than `--seconds` do not count anyway, and a full list drops its oldest entry by itself' },
            { kind: 'do', text: onlyReaps ? 'take the rule out: without target it does nothing else' : 'leave `--reap` away' },
          ],
          fixes: onlyReaps
            ? fixOf('take the rule out', 'unsafe', [deleteLines(command)])
            : fixOf('take `--reap` out', 'unsafe', [deleteWords(command, reap.word, reap.word)]),
        });
      }
    return problems;
  },
});
