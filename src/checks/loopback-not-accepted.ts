/** What a host says to itself is dropped. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { isCertain } from '../analysis/outcomes.js';
import {
  ANY_PORT,
  filterTables,
  FROM_LOOPBACK,
  IS_NEW,
  IS_SYN,
  IS_TCP,
  outcomesOf,
  TO_LOOPBACK,
  withinLoopback,
  withPorts,
} from '../policy/filter-tables.js';
import { effectOf } from '../ruleset/flow.js';
import { takesFromOthers } from '../policy/unreached-rules.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'loopback-not-accepted',
  summary: 'What a host says to itself is dropped',
  why:
    'Programs of one host talk to each other over the interface `lo`: databases, name resolution with systemd-resolved, mail, desktop sessions. Those ' +
    'packets go through OUTPUT and INPUT like all others. Where the rest is dropped and nothing accepts `lo`, they wait until they give up.',
  advice: 'Accept the interface first: `-A INPUT -i lo -j ACCEPT`, and `-A OUTPUT -o lo -j ACCEPT` where OUTPUT drops as well.',
  severity: 'warning',
  category: 'posture',
  fix: 'none',
  examples: {
    bad: 'iptables -P INPUT DROP\niptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -A INPUT -p tcp --dport 22 -j ACCEPT',
    good: 'iptables -P INPUT DROP\niptables -A INPUT -i lo -j ACCEPT\niptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'kernel: drivers/net/loopback.c; the packets pass NF_INET_LOCAL_OUT and NF_INET_LOCAL_IN',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const table of filterTables(input))
      for (const [hook, side, option] of [
        ['INPUT', FROM_LOOPBACK, '-i'],
        ['OUTPUT', TO_LOOPBACK, '-o'],
      ] as const) {
        const chain = table.chainOf(hook);
        // A chain that lets nothing in is closed on purpose, and one rule that drops is no firewall yet.
        if (
          chain === undefined ||
          !chain.rules.some((rule) => effectOf(table.context, rule) !== 'drops' && effectOf(table.context, rule) !== 'passes')
        )
          continue;
        const outcomes = outcomesOf(table, chain, side, IS_TCP, IS_NEW, IS_SYN, withinLoopback(table.family), withPorts(ANY_PORT, ANY_PORT));
        if (!isCertain(outcomes, 'dropped')) continue;
        const rule = outcomes.get('dropped');
        const command = rule?.command ?? chain.policyCommand;
        if (command === undefined || takesFromOthers(input, rule)) continue;
        problems.push({
          check: 'loopback-not-accepted',
          at: command.at,
          message: `what ${command.program === 'iptables' ? 'the host' : 'the host, over IPv6,'} says to itself is dropped in ${hook}: nothing above accepts \`${option} lo\``,
          here: 'drops it',
          notes: [{ kind: 'do', text: `begin ${hook} with \`${option} lo -j ACCEPT\`` }],
        });
      }
    return problems;
  },
});
