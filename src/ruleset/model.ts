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
