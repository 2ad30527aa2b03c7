/** States of a connection are asked for twice in one rule, and cannot both hold. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { ruleOf, type Use } from '../iptables/command.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'duplicate-state-match',
  summary: 'States of a connection are asked for twice in one rule, and cannot both hold',
  why:
    'All matches of a rule must hold. `-m state --state NEW -m state --state ESTABLISHED` asks for packets that are both, and there are none: the rule ' +
    'never matches, and iptables does not say so.',
  advice: 'Write the states into one list: `--ctstate NEW,ESTABLISHED`.',
  severity: 'error',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp -m state --state NEW -m state --state ESTABLISHED -j ACCEPT',
    good: 'iptables -A INPUT -p tcp -m state --state NEW,ESTABLISHED -j ACCEPT',
  },
  source: 'kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table: every match is asked; measured with iptables 1.8.9',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const command of input.commands) {
      const rule = ruleOf(command);
      if (rule === undefined || command.refused) continue;
      const uses = rule.matches.filter(({ extension }) => extension.name === 'state' || extension.name === 'conntrack');
      const [first] = uses;
      const last = uses.at(-1);
      if (first === undefined || last === undefined || uses.length < 2) continue;
      const asked = conditionsOf(rule, command.family).all.flatMap((one) => (one.kind === 'states' ? [one.states] : []));
      const [some, ...others] = asked;
      if (some === undefined || [...some].some((state) => others.every((states) => states.has(state)))) continue;
      problems.push({
        check: 'duplicate-state-match',
        at: wordsSpan(command.words, last.first, last.last),
        message: 'no packet has the states of both matches: the rule never matches',
        here: 'and these',
        labels: [{ span: spanOfUse(command.words, first), text: 'these states' }],
        notes: [{ kind: 'do', text: 'write the states into one list, with commas' }],
      });
    }
    return problems;
  },
});

function spanOfUse(words: Parameters<typeof wordsSpan>[0], use: Use): ReturnType<typeof wordsSpan> {
  return wordsSpan(words, use.first, use.last);
}
