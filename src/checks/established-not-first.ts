/** Packets of connections that are open already are dropped, or pass many rules before they are accepted. */

import { isCertain } from '../analysis/outcomes.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import {
  ANY_PORT,
  type Demands,
  filterTables,
  fromFarAway,
  FROM_OUTSIDE,
  IS_ACK,
  IS_ESTABLISHED,
  IS_NEW,
  IS_SYN,
  IS_TCP,
  outcomesOf,
  TO_OUTSIDE,
  withPorts,
  type FilterTable,
} from '../policy/filter-tables.js';
import type { Input } from '../input/input.js';
import { takesFromOthers } from '../policy/unreached-rules.js';
import { conditionsOf, tcpServicePort, type Conditions } from '../ruleset/conditions.js';
import { asksForNew, effectOf } from '../ruleset/flow.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { defineCheck } from './define.js';

/** So many rules that accept new connections may stand above. */
const MOST_ABOVE = 10;

export default defineCheck({
  name: 'established-not-first',
  summary: 'Packets of connections that are open already are dropped, or accepted late',
  why:
    'Where the rest is dropped, something has to accept the packets of connections that are open: the answers to what the host asks, and, where services ' +
    'are opened with `--ctstate NEW`, everything but the first packet; in an OUTPUT that is closed, the answers of the services. Nearly all packets are such ones, so the rule that accepts them belongs to the top.',
  advice: 'Begin the chain with `-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`.',
  severity: 'warning',
  category: 'order',
  fix: 'none',
  examples: {
    bad: 'iptables -P INPUT DROP\niptables -A INPUT -i lo -j ACCEPT\niptables -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT',
    good: 'iptables -P INPUT DROP\niptables -A INPUT -i lo -j ACCEPT\niptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -A INPUT -p tcp --dport 22 -m conntrack --ctstate NEW -j ACCEPT',
  },
  source: 'iptables-extensions(8), conntrack',
  since: '0.1.0',
  find: (input) =>
    filterTables(input).flatMap((table) => [
      ...(['INPUT', 'FORWARD'] as const).flatMap((hook) => {
        const chain = table.chainOf(hook);
        const lost =
          chain === undefined ? undefined : (missing(input, table, chain) ?? (hook === 'FORWARD' ? oneWay(input, table, chain) : undefined));
        const problem = lost ?? (chain === undefined ? undefined : late(table, chain));
        return problem === undefined ? [] : [problem];
      }),
      ...unanswered(input, table),
    ]),
});

function missing(input: Input, table: FilterTable, chain: Chain): Problem | undefined {
  const opening = chain.rules.find((rule) => accepts(table, rule) && asksForNew(conditionsOf(rule.spec, table.family)));
  // A host that only answers, without states, accepts by port both ways; one that also asks is cut off from the answers.
  if (opening === undefined && (chain.name !== 'INPUT' || !opensConnections(table) || !acceptsPorts(table, chain))) return undefined;
  const answer = outcomesOf(table, chain, FROM_OUTSIDE, fromFarAway(table.family), IS_TCP, IS_ESTABLISHED, IS_ACK, withPorts(443, ANY_PORT));
  if (!isCertain(answer, 'dropped')) return undefined;
  const rule = answer.get('dropped');
  const command = rule?.command ?? chain.policyCommand;
  if (command === undefined || takesFromOthers(input, rule)) return undefined;
  return {
    check: 'established-not-first',
    at: command.at,
    message:
      opening === undefined
        ? `the answers to what this host asks are dropped: nothing in ${chain.name} accepts ESTABLISHED`
        : `all but the first packet of a connection is dropped: nothing in ${chain.name} accepts ESTABLISHED`,
    here: 'drops them',
    labels: opening === undefined ? [] : [{ span: opening.command.at, text: 'accepts the first packet only' }],
    notes: [{ kind: 'do', text: `begin ${chain.name} with \`-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\`` }],
  };
}

/** A service that INPUT lets in and whose answers OUTPUT drops, wherever they go. */
function unanswered(input: Input, table: FilterTable): readonly Problem[] {
  const [enter, leave] = [table.chainOf('INPUT'), table.chainOf('OUTPUT')];
  if (enter === undefined || leave === undefined) return [];
  for (const rule of enter.rules) {
    const service = tcpServicePort(conditionsOf(rule.spec, table.family));
    if (service === undefined || !accepts(table, rule)) continue;
    const answer = outcomesOf(table, leave, TO_OUTSIDE, IS_TCP, IS_ESTABLISHED, IS_ACK, withPorts(service, ANY_PORT));
    const drop = answer.get('dropped');
    const command = drop?.command ?? leave.policyCommand;
    if (!isCertain(answer, 'dropped') || command === undefined || takesFromOthers(input, drop)) return [];
    return [
      {
        check: 'established-not-first',
        at: command.at,
        message: `the answers of the service on port ${String(service)} are dropped: nothing in OUTPUT accepts ESTABLISHED`,
        here: 'drops them',
        labels: [{ span: rule.command.at, text: 'lets the questions in' }],
        notes: [{ kind: 'do', text: 'begin OUTPUT with `-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`' }],
      },
    ];
  }
  return [];
}

/** What FORWARD lets through from one interface to another, while the answers that come the other way are dropped. */
function oneWay(input: Input, table: FilterTable, chain: Chain): Problem | undefined {
  for (const rule of chain.rules) {
    const conditions = conditionsOf(rule.spec, table.family);
    const [from, to] = [interfaceOf(conditions, 'in'), interfaceOf(conditions, 'out')];
    if (from === undefined || to === undefined || from === to || !accepts(table, rule)) continue;
    if (conditions.all.some((one) => one.kind === 'protocol' && (one.number !== 6 || one.negated))) continue;
    // Where rules above take them, nothing is asked.
    if (!outcomesOf(table, chain, named('in', from), named('out', to), IS_TCP, IS_NEW, IS_SYN).has('accepted')) continue;
    const answer = outcomesOf(table, chain, named('in', to), named('out', from), IS_TCP, IS_ESTABLISHED, IS_ACK);
    const drop = answer.get('dropped');
    const command = drop?.command ?? chain.policyCommand;
    if (!isCertain(answer, 'dropped') || command === undefined || takesFromOthers(input, drop)) continue;
    return {
      check: 'established-not-first',
      at: command.at,
      message: `the answers to what goes from ${from} to ${to} are dropped: nothing in FORWARD accepts ESTABLISHED`,
      here: 'drops them',
      labels: [{ span: rule.command.at, text: 'lets the questions through' }],
      notes: [{ kind: 'do', text: 'begin FORWARD with `-m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`' }],
    };
  }
  return undefined;
}

/** The one interface that a rule asks for on a side. */
function interfaceOf({ all }: Conditions, side: 'in' | 'out'): string | undefined {
  const found = all.find((one) => one.kind === 'interface' && one.side === side);
  return found?.kind !== 'interface' || found.negated || found.name.wildcard ? undefined : found.name.name;
}

function named(side: 'in' | 'out', name: string): Demands {
  return [[side, [name, `${name}\0`]]];
}

function accepts({ context }: FilterTable, rule: Rule): boolean {
  return rule.spec.action?.kind === 'target' && effectOf(context, rule) === 'accepts';
}

/** Whether the host may open connections: OUTPUT is not closed, or lets some out by what they lead to. */
function opensConnections(table: FilterTable): boolean {
  const output = table.chainOf('OUTPUT');
  return output?.policy !== 'DROP' || acceptsPorts(table, output);
}

function acceptsPorts(table: FilterTable, chain: Chain): boolean {
  return chain.rules.some((rule) => {
    const conditions = conditionsOf(rule.spec, table.family);
    return asksForPort(conditions, 'destination') && !asksForPort(conditions, 'source') && accepts(table, rule);
  });
}

function asksForPort({ all }: Conditions, side: 'source' | 'destination'): boolean {
  return all.some((one) => one.kind === 'ports' && one.side === side);
}

/** The rule that accepts ESTABLISHED, and nothing of addresses or ports, below many that accept new connections. */
function late(table: FilterTable, chain: Chain): Problem | undefined {
  let above = 0;
  for (const rule of chain.rules) {
    if (!accepts(table, rule)) continue;
    const conditions = conditionsOf(rule.spec, table.family);
    if (conditions.all.length === 1 && conditions.all[0]?.kind === 'states' && conditions.all[0].states.has('ESTABLISHED'))
      return above <= MOST_ABOVE
        ? undefined
        : {
            check: 'established-not-first',
            severity: 'hint',
            at: rule.command.at,
            message: `${String(above)} rules that accept services are asked before this one, for every packet of every open connection`,
            notes: [{ kind: 'do', text: `put it to the top of ${chain.name}` }],
          };
    if (asksForPort(conditions, 'destination')) above += 1;
  }
  return undefined;
}
