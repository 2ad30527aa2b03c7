/** The rule that counts also accepts, so that the limit below it is never asked. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { placeOf, recentLists } from '../input/recent-lists.js';
import { deleteWords, fixOf, optionWord } from '../iptables/edit.js';
import { conditionsOf, covers } from '../ruleset/conditions.js';
import { effectOf, endsChain } from '../ruleset/flow.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'recent-set-accepts',
  summary: 'The rule that counts also accepts, so that the limit below it is never asked',
  why: '`--set` is always true. With `-j ACCEPT` every packet it counts is accepted on the spot, and the rule that would drop it comes too late: there is no limit.',
  advice: 'Leave the target of the `--set` rule away, and accept behind the check.',
  severity: 'error',
  category: 'rate-limits',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 80 -m conntrack --ctstate NEW -m recent --name web --set -j ACCEPT\niptables -A INPUT -p tcp --dport 80 -m conntrack --ctstate NEW -m recent --name web --rcheck --seconds 60 --hitcount 15 -j DROP',
    good: 'iptables -A INPUT -p tcp --dport 80 -m conntrack --ctstate NEW -m recent --name web --rcheck --seconds 60 --hitcount 15 -j DROP\niptables -A INPUT -p tcp --dport 80 -m conntrack --ctstate NEW -m recent --name web --set -j ACCEPT',
  },
  source: 'measured: with hitcount 4, 12 of 12 connections get through',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const list of recentLists(input).lists.values())
      for (const set of list.sets) {
        const { action } = set.rule.spec;
        const effect = effectOf(set.context, set.rule);
        if (set.recent.negated || action === undefined || !endsChain(set.context, set.rule) || effect === 'drops') continue;
        const counted = conditionsOf(set.rule.spec, set.context.family, { without: set.use });
        const late = list.checks.find(
          (check) =>
            check.chain === set.chain &&
            check.index > set.index &&
            check.rule.spec.action !== undefined &&
            covers(counted, conditionsOf(check.rule.spec, check.context.family)),
        );
        if (late === undefined) continue;
        const { command } = set.rule;
        const [first, last] = action.kind === 'target' ? [action.use.first, action.use.last] : [optionWord(command, action.name), action.name.word];
        const name = action.name.text;
        problems.push({
          check: 'recent-set-accepts',
          at: wordsSpan(command.words, first, last),
          message: `the rule that puts addresses on list \`${list.name}\` ${effect === 'accepts' ? 'accepts' : `ends with \`${name}\``}, so the limit below is never asked: there is none`,
          here: 'ends the way of every packet it counts',
          labels: [{ span: placeOf(late), text: 'never asked' }],
          notes: [
            { kind: 'why', text: '`--set` is true for every packet' },
            { kind: 'do', text: `leave \`-j ${name}\` away here; accept behind the check` },
          ],
          fixes: fixOf(`take \`-j ${name}\` out: the packets go on to the rules below`, 'unsafe', [deleteWords(command, first, last)]),
        });
      }
    return problems;
  },
});
