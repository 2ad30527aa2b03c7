/** Rules say what is accepted, and the rest is accepted as well. */

import { isCertain } from '../analysis/outcomes.js';
import type { Box } from '../analysis/packet-set.js';
import { boxOf } from '../analysis/rule-set.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { wholeScript } from '../input/whole-script.js';
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
import { conditionsOf, tcpServicePort } from '../ruleset/conditions.js';
import { effectOf } from '../ruleset/flow.js';
import type { Chain, Rule } from '../ruleset/model.js';
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
  source: 'iptables(8), -P',
  since: '0.1.0',
  find: (input) =>
    filterTables(input).flatMap((table) =>
      (['INPUT', 'FORWARD'] as const).flatMap((hook) => {
        const chain = table.chainOf(hook);
        if (chain?.policy !== 'ACCEPT') return [];
        const { policyCommand } = chain;
        const isStateful = chain.rules.some((rule) => acceptsOpen(table, rule));
        const exclusive =
          policyCommand === undefined && hook === 'INPUT' && wholeScript(input) === undefined ? exclusiveService(table, chain) : undefined;
        if (exclusive !== undefined) return [openToOthers(exclusive)];
        // Without `-P` the policy may have been set elsewhere; a script that empties the chain is to know.
        if (policyCommand === undefined && (!isStateful || !empties(table, hook))) return [];
        const listed = servicesIn(table, chain);
        const [first] = listed;
        if (first === undefined) return [];
        // Without states, two services that are open to everybody make a list.
        if (!isStateful && listed.filter(isOpenToAll).length < 2) return [];
        const stranger = outcomesOf(table, chain, FROM_OUTSIDE, fromFarAway(table.family), IS_TCP, IS_NEW, IS_SYN, withPorts(ANY_PORT, ANY_PORT + 1));
        if (!isCertain(stranger, 'accepted') || stranger.get('accepted') !== undefined) return [];
        return [
          {
            check: 'default-accept',
            ...(isStateful && policyCommand !== undefined ? {} : { severity: 'info' as const }),
            at: (policyCommand ?? first.rule.command).at,
            message: `what no rule of ${chain.name} accepts is accepted all the same: the policy is ACCEPT${policyCommand === undefined ? ' unless it was set elsewhere' : ''}, and no rule drops the rest`,
            here: policyCommand === undefined ? 'changes nothing' : 'accepts the rest',
            labels: policyCommand === undefined ? [] : [{ span: first.rule.command.at, text: 'changes nothing' }],
            notes: [{ kind: 'do' as const, text: `set the policy to DROP, or end ${chain.name} with \`-j DROP\`` }],
          },
        ];
      }),
    ),
});

function isAccepting({ context }: FilterTable, rule: Rule): boolean {
  return rule.spec.action?.kind === 'target' && effectOf(context, rule) === 'accepts';
}

/** Whether the commands empty a chain before they fill it. */
function empties({ intended }: FilterTable, chain: string): boolean {
  return intended.commands.some(
    (command) => command.kind === 'flush' && command.table === 'filter' && (command.chain === undefined || command.chain.text === chain),
  );
}

/** A service that is accepted from certain addresses only, while the policy accepts it from everybody else as well; with its port. */
function exclusiveService(table: FilterTable, chain: Chain): { readonly rule: Rule; readonly port: number } | undefined {
  for (const { rule, box } of servicesIn(table, chain)) {
    if (!box.has('source') && !box.has('source6')) continue;
    const port = tcpServicePort(conditionsOf(rule.spec, table.family));
    if (port === undefined) continue;
    const stranger = outcomesOf(table, chain, FROM_OUTSIDE, fromFarAway(table.family), IS_TCP, IS_NEW, IS_SYN, withPorts(ANY_PORT, port));
    if (isCertain(stranger, 'accepted') && stranger.get('accepted') === undefined) return { rule, port };
  }
  return undefined;
}

function openToOthers({ rule, port }: { readonly rule: Rule; readonly port: number }): Problem {
  return {
    check: 'default-accept',
    severity: 'info',
    at: rule.command.at,
    message: `port ${String(port)} is open to other addresses as well, unless a rule or policy that is not here drops them`,
    here: 'accepts; keeps nobody out',
    notes: [
      {
        kind: 'do',
        text: `drop the rest: \`-A INPUT -p tcp --dport ${String(port)} -j DROP\` below, or \`-P INPUT DROP\` when all that is needed is accepted`,
      },
    ],
  };
}

/** A rule that accepts something by its destination port. */
interface Service {
  readonly rule: Rule;
  readonly box: Box;
}

function servicesIn(table: FilterTable, chain: Chain): readonly Service[] {
  return chain.rules.flatMap((rule): Service[] => {
    const conditions = conditionsOf(rule.spec, table.family);
    if (!conditions.all.some((one) => one.kind === 'ports' && one.side === 'destination') || !isAccepting(table, rule)) return [];
    const box = boxOf(conditions);
    return box === undefined ? [] : [{ rule, box }];
  });
}

function isOpenToAll({ box }: Service): boolean {
  return !box.has('in') && !box.has('source') && !box.has('source6');
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
