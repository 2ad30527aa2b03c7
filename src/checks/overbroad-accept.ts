/** A rule accepts far more than it seems to. */

import { boxOf } from '../analysis/rule-set.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { filterTables, type FilterTable } from '../policy/filter-tables.js';
import { conditionsOf, type Condition } from '../ruleset/conditions.js';
import { effectOf } from '../ruleset/flow.js';
import { reachingHooks } from '../ruleset/jumps.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'overbroad-accept',
  summary: 'A rule accepts far more than it seems to',
  why:
    'A rule without conditions accepts every packet, and what the chain drops below or by its policy is never dropped. A rule that asks for the source ' +
    'port only, meant for the answers of a server, accepts everything: who attacks chooses the port he sends from.',
  advice: 'Accept answers by state (`--ctstate ESTABLISHED`), and services by their destination port.',
  severity: 'warning',
  category: 'posture',
  fix: 'none',
  examples: {
    bad: 'iptables -P INPUT DROP\niptables -A INPUT -p tcp --sport 22 -j ACCEPT',
    good: 'iptables -P INPUT DROP\niptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'measured: a connection from source port 22 to any port is accepted',
  since: '0.1.0',
  find: (input) => filterTables(input).flatMap(findIn),
});

function findIn(table: FilterTable): readonly Problem[] {
  const problems: Problem[] = [];
  const hooks = reachingHooks(table.context.table);
  for (const chain of table.context.table.chains.values()) {
    const from = hooks.get(chain) ?? [];
    if (from.length === 0 || !from.every((hook) => hook === 'INPUT' || hook === 'FORWARD')) continue;
    const accepting = chain.rules.filter((rule) => rule.spec.action?.kind === 'target' && effectOf(table.context, rule) === 'accepts');
    problems.push(...accepting.flatMap((rule) => acceptsEverything(table, chain, rule) ?? []));
    if (from.includes('INPUT')) problems.push(...reportSourcePorts(accepting.filter((rule) => asksForSourcePortOnly(table, rule))));
  }
  return problems;
}

/** A rule without conditions in a chain that would drop something else. */
function acceptsEverything({ context, family }: FilterTable, chain: Chain, rule: Rule): Problem | undefined {
  const { all, uncertain } = conditionsOf(rule.spec, family);
  if (chain.hook === undefined || uncertain || all.length > 0 || chain.policy !== 'DROP') return undefined;
  // Blocking a few and accepting the rest is a way to write a firewall, with the policy as a seat belt.
  if (
    chain.rules.slice(0, chain.rules.indexOf(rule)).some((above) => effectOf(context, above) !== 'accepts' && effectOf(context, above) !== 'passes')
  )
    return undefined;
  return {
    check: 'overbroad-accept',
    at: rule.command.at,
    message: `this rule accepts every packet: the policy DROP of ${chain.name} drops none`,
    here: 'accepts everything',
    labels: chain.policyCommand === undefined ? [] : [{ span: chain.policyCommand.at, text: 'drops nothing' }],
    notes: [{ kind: 'do', text: 'say what is to be accepted: an interface, addresses, ports' }],
  };
}

/** Conditions that leave it to the sender whether they hold. */
const CHOSEN_BY_SENDER: ReadonlySet<Condition['kind']> = new Set(['protocol', 'ports', 'states']);

function asksForSourcePortOnly({ family }: FilterTable, rule: Rule): boolean {
  const conditions = conditionsOf(rule.spec, family);
  const { all, uncertain } = conditions;
  if (uncertain || !all.every(({ kind }) => CHOSEN_BY_SENDER.has(kind)) || !all.some((one) => one.kind === 'ports')) return false;
  const box = boxOf(conditions);
  if (box === undefined || !box.has('source port') || box.has('destination port')) return false;
  return all.every((one) => one.kind !== 'states' || one.states.has('NEW'));
}

function reportSourcePorts(rules: readonly Rule[]): readonly Problem[] {
  const [first, ...others] = rules;
  if (first === undefined) return [];
  return [
    {
      check: 'overbroad-accept',
      at: first.command.at,
      message:
        others.length === 0
          ? 'this rule opens every port to whoever sends from that source port'
          : `this rule and ${String(others.length)} more open every port to whoever sends from those source ports`,
      here: 'the sender chooses the source port',
      also: others.map(({ command }) => command.at),
      notes: [{ kind: 'do', text: 'to accept answers write `-m conntrack --ctstate ESTABLISHED`; to open a service write `--dport`' }],
    },
  ];
}
