/** A connection limit that also hits the packets of connections that are already open. */

import connlimit, { connectionCount } from '../extensions/matches/connlimit.js';
import type { BaseGiven } from '../extensions/base.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { placedRulesWith } from '../input/intended-ruleset.js';
import { givenTo } from '../iptables/command.js';
import { fixOf, insertBefore } from '../iptables/edit.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { asksForStates, effectOf, seesOnlyNew } from '../ruleset/flow.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

const TCP = 6;

export default defineCheck({
  name: 'connlimit-without-new',
  summary: 'A connection limit also hits packets of connections that are already open',
  why:
    'Without `--syn` or a state the limit is asked for every packet, also of connections that are open already. A client that has more of them open than ' +
    'allowed when the rules are loaded, or loaded again, loses all of them, not only new ones. And the kernel looks its list through for every packet.',
  advice: 'Ask for new connections only: `--syn`, or `-m conntrack --ctstate NEW`; or accept established ones above.',
  severity: 'warning',
  category: 'rate-limits',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 80 -m connlimit --connlimit-above 20 -j REJECT --reject-with tcp-reset',
    good: 'iptables -A INPUT -p tcp --syn --dport 80 -m connlimit --connlimit-above 20 -j REJECT --reject-with tcp-reset',
  },
  source: 'kernel: net/netfilter/xt_connlimit.c; netfilter-devel: "ct count should be restricted via new"',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { rule, chain, index, context } of placedRulesWith(input, 'connlimit'))
      for (const use of rule.spec.matches) {
        const given = givenTo(use, connlimit);
        if (given === undefined || use.unsettled.length > 0) continue;
        const { above, count } = connectionCount(given, context.family);
        // A limit of 0 refuses everything anyway: connlimit-zero.
        if (!above || count === 0 || effectOf(context, rule) !== 'drops') continue;
        // With `--dport $PORT` it is not known which packets a use of tcp asks for, but `--syn` is.
        if (rule.spec.matches.some((other) => other.unsettled.length > 0 && Object.hasOwn(other.given, 'syn'))) continue;
        if (seesOnlyNew(context, chain, index, conditionsOf(rule.spec, context.family))) continue;
        const { protocol } = rule.spec.base.given as BaseGiven;
        const asked = protocol?.value === TCP && !protocol.negated ? '--syn' : '-m conntrack --ctstate NEW';
        const { command } = rule;
        problems.push({
          check: 'connlimit-without-new',
          at: wordsSpan(command.words, use.first, use.last),
          message: `this is asked for every packet: a client with more than ${String(count)} connections open when the rules are loaded loses all of them`,
          here: 'asked for every packet',
          notes: [{ kind: 'do', text: `let the rule see new connections only: \`${asked}\`` }],
          fixes: asksForStates(rule) ? [] : fixOf(`insert \`${asked}\``, 'unsafe', [insertBefore(command, use.first, asked)]),
        });
      }
    return problems;
  },
});
