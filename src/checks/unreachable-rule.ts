/** A rule below one that ends the way of every packet. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Input } from '../input/input.js';
import { deleteLines, fixOf } from '../iptables/edit.js';
import { andMore, labelsOfRules, linesOfRules, unreachedRules, type UnreachedRules } from '../policy/unreached-rules.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unreachable-rule',
  summary: 'A rule stands below one that ends the way of every packet',
  why:
    'Rules are asked from the top. A rule without conditions that accepts, drops or refuses ends the way of every packet through the chain; those below ' +
    'it are never asked. They look as if they protected or opened something, and do nothing.',
  advice: 'Put them above that rule, or take them out. A script that is run again with `-A` adds its rules below its own last one.',
  severity: 'warning',
  category: 'order',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -j DROP\niptables -A INPUT -p tcp --dport 22 -j ACCEPT',
    good: 'iptables -A INPUT -p tcp --dport 22 -j ACCEPT\niptables -A INPUT -j DROP',
  },
  source: 'kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table',
  since: '0.1.0',
  find: (input: Input) =>
    unreachedRules(input)
      .filter(({ loss }) => loss === 'everything')
      .map(report),
});

function report({ chain, by, rules, same }: UnreachedRules): Problem {
  const [rule, ...others] = rules;
  return {
    check: 'unreachable-rule',
    ...(same ? { severity: 'info' } : {}),
    at: rule.command.at,
    message: `no packet comes to this rule${andMore(rules)}: ${linesOfRules(by)} ends the way of every packet through ${chain.name}`,
    here: 'never asked',
    labels: labelsOfRules(by, 'takes every packet'),
    notes: [{ kind: 'do', text: same ? 'take it out' : 'put it above that rule, or take it out' }],
    fixes: same && others.length === 0 ? fixOf('take it out', 'unsafe', [deleteLines(rule.command)]) : [],
  };
}
