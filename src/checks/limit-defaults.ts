/** -m limit is used without --limit. */

import limit from '../extensions/matches/limit.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { givenTo, ruleOf } from '../iptables/command.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'limit-defaults',
  summary: '-m limit is used without --limit',
  why: '`-m limit` alone means 3 packets an hour with a burst of 5. iptables says nothing.',
  advice: 'Say the rate.',
  severity: 'warning',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p icmp -m limit -j ACCEPT',
    good: 'iptables -A INPUT -p icmp -m limit --limit 5/s -j ACCEPT',
  },
  source: 'iptables-extensions(8), limit; measured with iptables 1.8.9',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const command of input.commands)
      for (const use of ruleOf(command)?.matches ?? []) {
        const given = givenTo(use, limit);
        if (given === undefined || given.limit !== undefined || use.unsettled.includes('limit')) continue;
        const burst = given['limit-burst']?.value ?? 5;
        problems.push({
          check: 'limit-defaults',
          at: wordsSpan(command.words, use.first, use.last),
          message: `\`-m limit\` without \`--limit\` lets 3 packets an hour through, after a first ${String(burst)}`,
          notes: [{ kind: 'do', text: 'say the rate: `--limit 5/second`' }],
        });
      }
    return problems;
  },
});
