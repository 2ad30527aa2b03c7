/** A connection limit of zero. */

import connlimit, { connectionCount } from '../extensions/matches/connlimit.js';
import { placedRulesWith } from '../input/intended-ruleset.js';
import { givenTo } from '../iptables/command.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { effectOf } from '../ruleset/flow.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'connlimit-zero',
  summary: 'A connection limit of zero',
  why:
    'connlimit counts the connection that is just being made, too. `--connlimit-above 0` is true for the very first one, so a REJECT or DROP ' +
    'refuses every connection. `--connlimit-upto 0` is never true.',
  advice: 'Give the number of connections one address may have open, or leave connlimit away if there is to be none.',
  severity: 'error',
  category: 'rate-limits',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn --dport 22 -m connlimit --connlimit-above 0 -j REJECT --reject-with tcp-reset',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m connlimit --connlimit-above 3 -j REJECT --reject-with tcp-reset',
  },
  source: 'kernel: net/netfilter/nf_conncount.c; measured: with `--connlimit-above 0` each of four connections was refused',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { rule, context } of placedRulesWith(input, 'connlimit'))
      for (const use of rule.spec.matches) {
        const given = givenTo(use, connlimit);
        if (given === undefined || use.unsettled.length > 0) continue;
        const { above, count } = connectionCount(given, context.family);
        if (count !== 0) continue;
        const option = given['connlimit-above'] ?? given['connlimit-upto'];
        if (option === undefined) continue;
        const { words } = rule.command;
        const at = wordsSpan(words, option.word, option.argument);
        const drops = effectOf(context, rule) === 'drops';
        problems.push({
          check: 'connlimit-zero',
          at,
          message: above
            ? `this limit of 0 connections is exceeded by the first one: ${drops ? 'every connection is refused' : 'the rule matches every packet of every connection'}`
            : 'no packet has a connection count of 0: the rule never matches',
          here: above ? 'always true' : 'never true',
          notes: [
            { kind: 'why', text: 'connlimit counts the connection of the packet itself, too' },
            {
              kind: 'do',
              text: above
                ? 'give the number of connections that are allowed; to refuse all, leave connlimit away'
                : 'give the number of connections that are allowed',
            },
          ],
        });
      }
    return problems;
  },
});
