/** Rules above take all packets of a rule and do something else with them. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { andMore, labelsOfRules, linesOfRules, unreachedRules, type UnreachedRules } from '../policy/unreached-rules.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'shadowed-rule',
  summary: 'Rules above take all packets of a rule and do something else with them',
  why:
    'Rules are asked from the top, and the first one that decides ends the way of a packet. A rule that asks for packets that one rule above, or several ' +
    'of them together, take already, never sees any: the exception it was written for is not made.',
  advice: 'Put the narrower rule above the wider one, or take it out.',
  severity: 'warning',
  category: 'order',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 80 -j ACCEPT\niptables -A INPUT -p tcp --dport 80 -s 192.0.2.7 -j DROP',
    good: 'iptables -A INPUT -p tcp --dport 80 -s 192.0.2.7 -j DROP\niptables -A INPUT -p tcp --dport 80 -j ACCEPT',
  },
  source: 'kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table',
  since: '0.1.0',
  find: (input) =>
    unreachedRules(input)
      .filter(({ loss }) => loss === 'other')
      .map(report),
});

function report({ context, by, rules }: UnreachedRules): Problem {
  const alone = by.length === 1;
  // A last rule for what is left, when nothing is: a net below the net.
  const isLast = !alone && conditionsOf(rules[0].spec, context.family).all.length === 0;
  return {
    check: 'shadowed-rule',
    ...(isLast ? { severity: 'info' } : {}),
    at: rules[0].command.at,
    message: `no packet comes to this rule${andMore(rules)}: ${linesOfRules(by)} ${alone ? 'takes' : 'together take'} all that ${rules.length === 1 ? 'it asks' : 'they ask'} for`,
    here: 'never asked',
    labels: labelsOfRules(by, alone ? 'takes its packets' : 'takes some of its packets'),
    notes: [{ kind: 'do', text: alone ? 'put it above that rule, or take it out' : 'put it above those rules, or take it out' }],
  };
}
