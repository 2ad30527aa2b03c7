/** A match can never hold, or a range ends before it begins. */

import { boxOf } from '../analysis/rule-set.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { ruleOf, type Command, type RuleSpec } from '../iptables/command.js';
import { conditionsOf, type Conditions } from '../ruleset/conditions.js';
import { asksForNew } from '../ruleset/flow.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'contradictory-match',
  summary: 'A match can never hold, or a range ends before it begins',
  why:
    'iptables takes it, sometimes with a warning, and the rule never matches: a mask of TCP flags that leaves out a flag ' +
    'that must be set, a range of addresses such as `192.0.2.9-192.0.2.1` (`xt_iprange: range … is reversed and will never ' +
    'match`), a mark with bits outside of its mask, two lists of ports without a common port, `--syn` beside `--ctstate ESTABLISHED`.',
  advice: 'Turn the range round, or put into the mask what is compared.',
  severity: 'error',
  category: 'values',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -m iprange --src-range 192.0.2.9-192.0.2.1 -j DROP',
    good: 'iptables -A INPUT -m iprange --src-range 192.0.2.1-192.0.2.9 -j DROP',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const command of input.commands) {
      const rule = ruleOf(command);
      // What reading noticed is the cause.
      if (rule === undefined || command.refused || command.problems.some(({ check }) => check === 'contradictory-match')) continue;
      const conditions = conditionsOf(rule, command.family);
      if (boxOf(conditions) === undefined) {
        if (!repeatsStates(rule)) problems.push(report(command, rule, 'no packet is all that this rule asks for: it never matches'));
      } else if (isSynOfOpen(conditions))
        problems.push({
          ...report(command, rule, 'a bare SYN begins a connection and is NEW, not ESTABLISHED: hardly any packet is both'),
          severity: 'warning',
        });
    }
    return problems;
  },
});

/** duplicate-state-match says more. */
function repeatsStates(rule: RuleSpec): boolean {
  return rule.matches.filter(({ extension }) => extension.name === 'state' || extension.name === 'conntrack').length > 1;
}

/** A SYN without ACK that is to belong to a connection that is open already. */
function isSynOfOpen({ all }: Conditions): boolean {
  const onlyOpen = all.some((one) => one.kind === 'states' && one.states.size === 1 && one.states.has('ESTABLISHED'));
  return onlyOpen && asksForNew({ all: all.filter(({ kind }) => kind === 'other'), uncertain: false });
}

function report(command: Command, rule: RuleSpec, message: string): Problem {
  const [first] = rule.matches;
  const last = rule.matches.at(-1);
  return {
    check: 'contradictory-match',
    at: first === undefined || last === undefined ? command.at : wordsSpan(command.words, first.first, last.last),
    message,
    notes: [{ kind: 'do', text: 'take out what is not meant, or make two rules of it' }],
  };
}
