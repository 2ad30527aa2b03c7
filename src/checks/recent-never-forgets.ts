/** A limit without `--seconds` blocks for good. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { intendedRecentLimiters } from '../policy/intended-limiters.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'recent-never-forgets',
  summary: 'A limit without --seconds blocks for good',
  why:
    'Without `--seconds` nothing on a list of `-m recent` is ever too old: a count only grows. Who has used it up, over days or years, is shut out until ' +
    '`--remove` or a reload, or until a hundred other addresses have pushed the entry out.',
  advice:
    'Say for how long tries count: `--seconds 60`. If it is meant as a list of the banned, leave it, and let in again with `--remove` or by hand.',
  severity: 'warning',
  category: 'rate-limits',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --rcheck --hitcount 4 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 4 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
  },
  source: 'kernel: net/netfilter/xt_recent.c, recent_mt: without seconds every stamp counts; measured',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { use, effect, lets, recovery, rule, match, others } of intendedRecentLimiters(input)) {
      if (effect !== 'blocks' || lets === undefined || lets === 0 || use.seconds !== undefined || recovery.kind !== 'never') continue;
      if (others.some((other) => other.use.operation === 'remove')) continue;
      problems.push({
        check: 'recent-never-forgets',
        at: wordsSpan(rule.command.words, match.first, match.last),
        message: `without \`--seconds\` list \`${use.list}\` lets ${String(lets)} through, ever; then the address is blocked for good`,
        notes: [{ kind: 'do', text: 'add `--seconds`: only tries of so many seconds count then' }],
      });
    }
    return problems;
  },
});
