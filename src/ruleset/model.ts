/** A ruleset as the kernel would hold it after the commands ran: tables, chains, rules. */

import type { Family, Hook } from '../extensions/define.js';
import type { Command, Counters, RuleSpec } from '../iptables/command.js';

export type Policy = 'ACCEPT' | 'DROP';

/** A rule in its chain, and the command that put it there. */
export interface Rule {
  readonly spec: RuleSpec;
  readonly command: Command;
}

export interface Chain {
  readonly name: string;
  /** Built-in chains only. */
  readonly hook?: Hook;
  readonly policy?: Policy;
  /** The command that set the policy, if one did. */
  readonly policyCommand?: Command;
  readonly counters?: Counters;
  readonly rules: readonly Rule[];
  /** Something that is not known makes the chain, and may put more rules into it. */
  readonly elsewhere?: true;
}

export interface Table {
  readonly name: string;
  /** Built-in chains first, in the order of their hooks, then user chains in the order iptables-save prints them. */
  readonly chains: ReadonlyMap<string, Chain>;
}

export interface Ruleset {
  readonly family: Family;
  /** Tables that a command touched. */
  readonly tables: ReadonlyMap<string, Table>;
}

/** The chain of a table, if both exist. */
export function chainOf(ruleset: Ruleset, table: string, chain: string): Chain | undefined {
  return ruleset.tables.get(table)?.chains.get(chain);
}

/** The hooks from which each chain of a table can be reached, following jumps and gotos. */
export function reachingHooks(table: Table): ReadonlyMap<string, readonly Hook[]> {
  let hooks = reaching.get(table);
  if (hooks === undefined) {
    hooks = followJumps(table);
    reaching.set(table, hooks);
  }
  return hooks;
}

const reaching = new WeakMap<Table, ReadonlyMap<string, readonly Hook[]>>();

function followJumps(table: Table): ReadonlyMap<string, readonly Hook[]> {
  const reached = new Map<string, Set<Hook>>();
  for (const chain of table.chains.values()) {
    const { hook } = chain;
    if (hook === undefined) continue;
    const queue = [chain.name];
    const seen = new Set(queue);
    while (queue.length > 0) {
      const name = queue.pop() ?? '';
      const hooks = reached.get(name) ?? new Set<Hook>();
      hooks.add(hook);
      reached.set(name, hooks);
      for (const rule of table.chains.get(name)?.rules ?? []) {
        const { action } = rule.spec;
        if (action?.kind !== 'chain' || seen.has(action.name.text)) continue;
        seen.add(action.name.text);
        queue.push(action.name.text);
      }
    }
  }
  return new Map([...reached].map(([name, hooks]) => [name, [...hooks]]));
}
