/** The rule each hashlimit table has its rate, burst, mode and expiry from: the first that was loaded. */

import hashlimit, { firstHashlimitKey, readHashlimit } from '../extensions/matches/hashlimit.js';
import type { Family } from '../extensions/define.js';
import { givenTo } from '../iptables/command.js';
import { firstLoaded } from '../ruleset/load-order.js';
import type { Chain, Rule, Table } from '../ruleset/model.js';
import { extensionsIn } from '../ruleset/used-extensions.js';

interface HashlimitPlace {
  readonly table: Table;
  readonly chain: Chain;
  readonly index: number;
  readonly rule: Rule;
  readonly given: Parameters<typeof hashlimit.toNft>[0];
}

/** Notes the settings of each `--hashlimit-name` that several rules use, for `NftContext.shared`. */
export function noteFirstHashlimits(tables: readonly Table[], family: Family, shared: Map<string, unknown>): void {
  const named = new Map<string, HashlimitPlace[]>();
  for (const table of tables) {
    if (!extensionsIn(table).has(hashlimit.name)) continue;
    for (const chain of table.chains.values())
      for (const [index, rule] of chain.rules.entries())
        for (const match of rule.spec.matches) {
          const given = givenTo(match, hashlimit);
          const name = given?.['hashlimit-name']?.value;
          if (given === undefined || name === undefined) continue;
          const place = { table, chain, index, rule, given };
          const known = named.get(name);
          if (known === undefined) named.set(name, [place]);
          else known.push(place);
        }
  }
  for (const [name, places] of named) {
    const first = places.length > 1 ? firstLoaded(places) : undefined;
    if (first !== undefined) shared.set(firstHashlimitKey(name), readHashlimit(first.given, family));
  }
}
