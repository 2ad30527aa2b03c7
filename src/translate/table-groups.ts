/** Which tables of iptables become one table of nft: those that count together, for a set of nft belongs to one table. */

import hashlimit from '../extensions/matches/hashlimit.js';
import recent, { DEFAULT_LIST } from '../extensions/matches/recent.js';
import { givenTo } from '../iptables/command.js';
import type { Ruleset, Table } from '../ruleset/model.js';
import { extensionsIn } from '../ruleset/used-extensions.js';

/** Tables that become one. */
export interface TableGroup {
  /** The table that gives its name; its chains keep theirs. */
  readonly main: Table;
  /** All of them, `main` first. */
  readonly tables: readonly Table[];
  /** What they share: `list ssh`, `--hashlimit-name web`. Empty for a table by itself. */
  readonly shares: readonly string[];
}

/**
 * Groups the tables of a ruleset. The kernel finds lists of xt_recent and tables of xt_hashlimit by name alone, whatever table the rule stands in.
 * (net/netfilter/xt_recent.c, recent_table_lookup; xt_hashlimit.c, htable_find_get) `more`: what else a table shares with others, by name.
 */
export function groupTables(ruleset: Ruleset, more: (table: Table) => Iterable<string> = () => []): readonly TableGroup[] {
  const tables = [...ruleset.tables.values()];
  if (tables.length < 2) return tables.map((table) => ({ main: table, tables: [table], shares: [] }));
  const users = new Map<string, Set<Table>>();
  for (const table of tables)
    for (const name of [...countersOf(table), ...more(table)]) {
      const known = users.get(name);
      if (known === undefined) users.set(name, new Set([table]));
      else known.add(table);
    }
  const shared = [...users].filter(([, by]) => by.size > 1);
  const groups: { tables: Set<Table>; shares: string[] }[] = tables.map((table) => ({ tables: new Set([table]), shares: [] }));
  for (const [name, by] of shared) {
    const [first, ...others] = groups.filter((group) => [...group.tables].some((table) => by.has(table)));
    if (first === undefined) continue;
    first.shares.push(name);
    for (const other of others) {
      other.tables.forEach((table) => first.tables.add(table));
      first.shares.push(...other.shares);
      groups.splice(groups.indexOf(other), 1);
    }
  }
  return groups.map((group) => {
    const [first, ...rest] = [...group.tables].sort((left, right) => Number(right.name === 'filter') - Number(left.name === 'filter'));
    const main = first ?? { name: 'filter', chains: new Map() };
    return { main, tables: [main, ...rest], shares: group.shares };
  });
}

/** The lists and hashlimit tables the rules of a table use. */
function* countersOf(table: Table): Generator<string> {
  const used = extensionsIn(table);
  if (!used.has(recent.name) && !used.has(hashlimit.name)) return;
  for (const chain of table.chains.values())
    for (const { spec } of chain.rules)
      for (const match of spec.matches) {
        const list = givenTo(match, recent);
        if (list !== undefined) yield `list ${list.name?.value ?? DEFAULT_LIST}`;
        const name = givenTo(match, hashlimit)?.['hashlimit-name']?.value;
        if (name !== undefined) yield `--hashlimit-name ${name}`;
      }
}
