/** A rule says what it matches and not what to do. */

import type { Problem } from '../diagnostics/diagnostic.js';
import recent from '../extensions/matches/recent.js';
import { placedRules } from '../input/intended-ruleset.js';
import { givenTo } from '../iptables/command.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { wordCount, wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'rule-without-target',
  summary: 'A rule says what it matches and not what to do',
  why: 'Without `-j` or `-g` a rule only counts packets. iptables takes it without a word.',
  advice:
    'Add the target: `-j ACCEPT`, `-j DROP`, … If the rule is there to count, say so in a comment above it: `# fwlint-ignore rule-without-target: counts`.',
  severity: 'warning',
  category: 'syntax',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 22',
    good: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, both backends',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { rule, chain } of placedRules(input)) {
      if (rule.spec.action !== undefined || rule.command.problems.some(({ fatal }) => fatal) || hasEffect(rule) || countsOnly(chain)) continue;
      const { words } = rule.command;
      const last = Math.max(0, wordCount(words) - 1);
      problems.push({
        check: 'rule-without-target',
        at: input.kind === 'save' ? rule.command.at : wordsSpan(words, 0, last),
        message: 'the rule has no target: it counts packets and does nothing else',
        notes: [{ kind: 'do', text: 'say what to do with the packets: `-j ACCEPT`, `-j DROP`, …' }],
      });
    }
    return problems;
  },
});

/** Whether a match of the rule does something itself. A `--reap` without target is another finding. */
function hasEffect(rule: Rule): boolean {
  return rule.spec.matches.some((use) => {
    const given = givenTo(use, recent);
    if (given !== undefined) return given.set !== undefined || given.update !== undefined || given.remove !== undefined || given.reap !== undefined;
    return use.extension.name === 'comment' && rule.spec.matches.length === 1;
  });
}

/** Whether nearly all rules of a chain are without target: it is there to count. */
function countsOnly(chain: Chain): boolean {
  const without = chain.rules.filter(({ spec }) => spec.action === undefined).length;
  return without > 1 && without * 2 > chain.rules.length;
}
