/** Which matches and targets occur in a table: what asks for one that does not need not look at the rules. */

import { oncePer } from '../text/once-per.js';
import type { Table } from './model.js';

/** The names of the matches and targets that rules of a table use. Found once for each table. */
export const extensionsIn = oncePer((table: Table): ReadonlySet<string> => {
  const found = new Set<string>();
  for (const chain of table.chains.values())
    for (const { spec } of chain.rules) {
      for (const { extension } of spec.matches) found.add(extension.name);
      if (spec.action?.kind === 'target') found.add(spec.action.use.extension.name);
    }
  return found;
});
