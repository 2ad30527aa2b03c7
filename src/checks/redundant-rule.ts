/** Rules above do the same already with all packets of a rule. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { deleteLines, fixOf } from '../iptables/edit.js';
import { andMore, labelsOfRules, linesOfRules, unreachedRules, type UnreachedRules } from '../policy/unreached-rules.js';
import type { Rule } from '../ruleset/model.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'redundant-rule',
  summary: 'Rules above do the same already with all packets of a rule',
  why:
    'The rule is never asked, and nothing would change if it were not there. It does no harm until somebody removes the wider rule above and believes ' +
    'to have closed what the narrower one still opens, or the other way round.',
  advice: 'Keep the rule that is meant: the wider or the narrower one.',
  severity: 'info',
  category: 'order',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -s 10.0.0.0/8 -j ACCEPT\niptables -A INPUT -s 10.1.2.3 -p tcp --dport 22 -j ACCEPT',
    good: 'iptables -A INPUT -s 10.0.0.0/8 -j ACCEPT\niptables -A INPUT -s 192.0.2.7 -p tcp --dport 22 -j ACCEPT',
  },
  source: 'kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table',
  since: '0.1.0',
  find: (input) =>
    unreachedRules(input)
      .filter(({ loss }) => loss === 'same')
      .map(report),
});

function keepsState({ spec }: Rule): boolean {
  return spec.matches.some(({ extension }) => extension.stateful === true);
}

function report({ by, rules }: UnreachedRules): Problem {
  const alone = by.length === 1;
  return {
    check: 'redundant-rule',
    at: rules[0].command.at,
    message: `this rule${andMore(rules)} changes nothing: ${linesOfRules(by)} ${alone ? 'does' : 'together do'} the same with all ${rules.length === 1 ? 'its' : 'their'} packets`,
    here: 'never asked',
    labels: labelsOfRules(by, alone ? 'does the same' : 'does the same with some of them'),
    notes: [{ kind: 'do', text: 'take it out, or narrow the rule above' }],
    // A list that it fills is asked for elsewhere: without it that would be a mistake.
    fixes: rules.length === 1 && !keepsState(rules[0]) ? fixOf('take it out', 'unsafe', [deleteLines(rules[0].command)]) : [],
  };
}
