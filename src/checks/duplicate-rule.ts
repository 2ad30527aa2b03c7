/** A rule stands twice in a chain. */

import type { Fix, Problem } from '../diagnostics/diagnostic.js';
import { runsWhenever } from '../input/guards.js';
import { placedRules } from '../input/intended-ruleset.js';
import type { Input } from '../input/input.js';
import { usesOf } from '../iptables/command.js';
import { deleteLines, fixOf } from '../iptables/edit.js';
import { textOfRule } from '../ruleset/conditions.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { positionAt } from '../text/source.js';
import { isUnknown } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'duplicate-rule',
  summary: 'A rule stands twice in a chain',
  why: 'The second one sees no packet that the first has not taken, or does the same again: a LOG writes two lines. Scripts that are run twice leave such pairs.',
  advice: 'Keep one of them. A script can ask first: `iptables -C … || iptables -A …`, or empty the chain before it fills it.',
  severity: 'info',
  category: 'order',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT\niptables -A INPUT -p tcp --dport 80 -j ACCEPT\niptables -A INPUT -p tcp --dport 22 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT\niptables -A INPUT -p tcp --dport 80 -j ACCEPT',
  },
  source: 'measured: iptables 1.8.9 adds the same rule again without a word',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    let current: Chain | undefined;
    let seen = new Map<string, Copies>();
    const finish = (): void => {
      const doubled = [...seen.values()].filter(({ others }) => others.length > 0);
      const together = doubled.length > 1 ? takeAllOut(doubled) : [];
      for (const copies of doubled) problems.push(report(copies, together));
    };
    for (const { rule, chain, context } of placedRules(input)) {
      if (chain !== current) {
        finish();
        current = chain;
        seen = new Map();
      }
      if (!isCertain(rule)) continue;
      const text = textOfRule(rule.spec, context.family);
      const copies = seen.get(text);
      if (copies === undefined) seen.set(text, { chain, first: rule, others: [] });
      else if (isTwice(input, copies.first, rule)) copies.others.push(rule);
    }
    finish();
    return problems;
  },
});

/** A rule and what is the same again below it. */
interface Copies {
  readonly chain: Chain;
  readonly first: Rule;
  readonly others: Rule[];
}

function report({ chain, first, others }: Copies, together: readonly Fix[]): Problem {
  const [second = first] = others;
  const more = others.length === 1 ? '' : `, and ${String(others.length - 1)} more like it below`;
  return {
    check: 'duplicate-rule',
    at: second.command.at,
    message: `the same rule stands in ${chain.name} already: line ${String(positionAt(first.command.at.source, first.command.at.start).line)}${more}`,
    labels: [{ span: first.command.at, text: 'the first one' }],
    notes: [{ kind: 'do', text: 'keep one of them' }],
    fixes: together.length > 0 ? together : takeOut(others),
  };
}

function takeOut(others: readonly Rule[]): readonly Fix[] {
  const edits = others.map(({ command }) => deleteLines(command));
  return fixOf(others.length === 1 ? 'take the second one out' : 'keep the first one only', 'unsafe', edits);
}

/** One fix for all copies of a chain: where each had its own, the change of one line would have to wait for that of the line next to it. */
function takeAllOut(doubled: readonly Copies[]): readonly Fix[] {
  const edits = doubled.flatMap(({ others }) => others.map(({ command }) => deleteLines(command)));
  return fixOf(`take all copies of rules in ${doubled[0]?.chain.name ?? ''} out`, 'unsafe', edits);
}

/** Words only the run knows may be different ones each time, and so may those that stand for something (`XX.XX.XX.XX`); rules that count are no copies of each other. */
function isCertain(rule: Rule): boolean {
  const { spec, command } = rule;
  if (spec.action === undefined || spec.matches.some(({ extension }) => extension.stateful === true)) return false;
  if ([spec.base, ...usesOf(spec)].some(({ unsettled }) => unsettled.length > 0)) return false;
  return command.words.kind !== 'words' || !command.words.words.some(isUnknown);
}

/** Whether two commands at different places made them, both of which run. */
function isTwice(input: Input, first: Rule, second: Rule): boolean {
  if (first.command.at.start === second.command.at.start && first.command.at.source === second.command.at.source) return false;
  return runsWhenever(input, first.command, second.command) || runsWhenever(input, second.command, first.command);
}
