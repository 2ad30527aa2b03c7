/** A ruleset as iptables-save prints it. */

import { printRule } from '../iptables/print.js';
import type { Counters } from '../iptables/command.js';
import type { Chain, Ruleset, Table } from './model.js';

export interface DumpOptions {
  /** Print `[packets:bytes]` before rules (iptables-save -c); chains always have them. */
  readonly counters: boolean;
}

function counterText(counters: Counters | undefined): string {
  return `[${String(counters?.packets ?? 0)}:${String(counters?.bytes ?? 0)}]`;
}

/** All tables, without the comment lines that carry version and date. */
export function dumpRuleset(ruleset: Ruleset, options: DumpOptions = { counters: false }): string {
  const parts: string[] = [];
  for (const table of ruleset.tables.values()) parts.push(dumpTable(table, ruleset, options));
  return parts.join('');
}

function dumpTable(table: Table, ruleset: Ruleset, options: DumpOptions): string {
  const lines = [`*${table.name}`];
  const chains = dumpOrder(table);
  for (const chain of chains) lines.push(`:${chain.name} ${chain.policy ?? '-'} ${counterText(chain.counters)}`);
  for (const chain of chains)
    for (const rule of chain.rules) {
      const words = printRule(rule.spec, ruleset.family);
      const head = options.counters ? `${counterText(rule.spec.counters)} -A ${chain.name}` : `-A ${chain.name}`;
      lines.push(words === '' ? head : `${head} ${words}`);
    }
  lines.push('COMMIT', '');
  return lines.join('\n');
}

/** Built-in chains in hook order, then user chains in the order of their names: iptables (legacy and nft) keeps them sorted. */
export function dumpOrder(table: Table): readonly Chain[] {
  const chains = [...table.chains.values()];
  const builtin = chains.filter((chain) => chain.hook !== undefined);
  const user = chains.filter((chain) => chain.hook === undefined);
  // No two have one name: a comparison less for each pair.
  user.sort((a, b) => (a.name < b.name ? -1 : 1));
  return [...builtin, ...user];
}
