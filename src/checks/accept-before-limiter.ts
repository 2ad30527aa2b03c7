/** Packets are accepted before the limit for them is asked. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { runsWhenever } from '../input/guards.js';
import { placedRulesWith } from '../input/intended-ruleset.js';
import { areReversed } from '../input/reversed-inserts.js';
import { acceptingAbove, limitOf, LIMITING_MATCHES } from '../policy/limiting-rules.js';
import { positionAt } from '../text/source.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'accept-before-limiter',
  summary: 'Packets are accepted before the limit for them is asked',
  why:
    'A rule that accepts ends the way of a packet through the chain. A limit below it, added with `-A` to rules that accept the service already, never ' +
    'sees a packet: the service is not limited.',
  advice: 'Put the limit above the rule that accepts the service.',
  severity: 'error',
  category: 'order',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT\niptables -A INPUT -p tcp --syn --dport 22 -m connlimit --connlimit-above 3 -j REJECT --reject-with tcp-reset',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m connlimit --connlimit-above 3 -j REJECT --reject-with tcp-reset\niptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table; measured',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    const reported = new Set<string>();
    for (const place of LIMITING_MATCHES.flatMap((match) => placedRulesWith(input, match))) {
      const { rule } = place;
      const limit = limitOf(place);
      if (limit === undefined) continue;
      const accepting = acceptingAbove(place);
      if (accepting === undefined || !runsWhenever(input, accepting.command, rule.command) || areReversed(input, accepting, rule)) continue;
      const { source, start } = accepting.command.at;
      // The rules of one list are one limit.
      const key = `${String(start)} ${limit.list ?? String(rule.command.at.start)}`;
      if (reported.has(key)) continue;
      reported.add(key);
      problems.push({
        check: 'accept-before-limiter',
        at: wordsSpan(rule.command.words, limit.use.first, limit.use.last),
        message: `no packet comes to this ${limit.counts ? 'rule, which counts for a limit' : 'limit'}: line ${String(positionAt(source, start).line)} accepts them all before`,
        here: 'never asked',
        labels: [{ span: accepting.command.at, text: 'accepts them' }],
        notes: [
          { kind: 'do', text: limit.list === undefined ? 'put this rule above that one' : `put the rules of list \`${limit.list}\` above that one` },
        ],
      });
    }
    return problems;
  },
});
