/** Rules say what is accepted, and the rest is accepted as well. */

import { isCertain } from '../analysis/outcomes.js';
import { boxOf } from '../analysis/rule-set.js';
import {
  ANY_PORT,
  filterTables,
  fromFarAway,
  FROM_OUTSIDE,
  IS_NEW,
  IS_SYN,
  IS_TCP,
  outcomesOf,
  withPorts,
  type FilterTable,
} from '../policy/filter-tables.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { effectOf } from '../ruleset/flow.js';
import type { Rule } from '../ruleset/model.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'default-accept',
  summary: 'Rules say what is accepted, and the rest is accepted as well',
  why:
    'A chain that accepts open connections and a list of services is meant to keep the rest out. With the policy ACCEPT and no rule at the end that drops, ' +
    'everything else is accepted too: the list does nothing.',
  advice:
    'Set the policy to DROP, or end the chain with a rule that drops. On a host reached over the network, first see that its own way in is accepted.',
  severity: 'warning',
  category: 'posture',
  fix: 'none',
  examples: {
    bad: 'iptables -P INPUT ACCEPT\niptables -A INPUT -i lo -j ACCEPT\niptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -A INPUT -p tcp --dport 22 -j ACCEPT',
    good: 'iptables -P INPUT DROP\niptables -A INPUT -i lo -j ACCEPT\niptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'iptables(8), -P; measured',
  since: '0.2.0',
  find: (input) =>
    filterTables(input).flatMap((table) =>
      (['INPUT', 'FORWARD'] as const).flatMap((hook) => {
        const chain = table.chainOf(hook);
        if (chain?.policyCommand === undefined || chain.policy !== 'ACCEPT') return [];
        const listed = chain.rules.filter((rule) => acceptsService(table, rule));
        if (listed.length === 0 || !chain.rules.some((rule) => acceptsOpen(table, rule))) return [];
        const stranger = outcomesOf(table, chain, FROM_OUTSIDE, fromFarAway(table.family), IS_TCP, IS_NEW, IS_SYN, withPorts(ANY_PORT, ANY_PORT + 1));
        if (!isCertain(stranger, 'accepted') || stranger.get('accepted') !== undefined) return [];
        return [
          {
            check: 'default-accept',
            at: chain.policyCommand.at,
            message: `what no rule of ${chain.name} accepts is accepted all the same: the policy is ACCEPT, and no rule drops the rest`,
            here: 'accepts the rest',
            labels: listed.slice(0, 1).map((rule) => ({ span: rule.command.at, text: 'changes nothing' })),
            notes: [{ kind: 'do' as const, text: `set the policy to DROP, or end ${chain.name} with \`-j DROP\`` }],
          },
        ];
      }),
    ),
});

function isAccepting({ context }: FilterTable, rule: Rule): boolean {
  return rule.spec.action?.kind === 'target' && effectOf(context, rule) === 'accepts';
}

/** Whether a rule opens a port to everybody. */
function acceptsService(table: FilterTable, rule: Rule): boolean {
  return isAccepting(table, rule) && boxOf(conditionsOf(rule.spec, table.family))?.has('destination port') === true;
}

/** Whether a rule accepts open connections wherever they lead. */
function acceptsOpen(table: FilterTable, rule: Rule): boolean {
  const { all } = conditionsOf(rule.spec, table.family);
  return (
    isAccepting(table, rule) &&
    all.some((one) => one.kind === 'states' && one.states.has('ESTABLISHED')) &&
    all.every((one) => one.kind === 'states' || one.kind === 'protocol')
  );
}
