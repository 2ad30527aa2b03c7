/** One look at all rules of a table: where they lead, and which matches and targets they use. A pass over 100,000 rules takes some 20 ms, so that there is one for both. */

import type { Extension } from '../extensions/define.js';
import { oncePer } from '../text/once-per.js';
import type { Chain, Rule, Table } from './model.js';

/** The first rule of a chain that leads to another. */
export interface Jump {
  readonly from: Chain;
  readonly rule: Rule;
  readonly to: Chain;
}

/** What the rules of a table have in them. */
export interface Survey {
  /** The chains that a chain leads to, each with the first rule that does; chains that lead nowhere are absent. */
  readonly jumps: ReadonlyMap<Chain, readonly Jump[]>;
  /** The matches and targets that rules use. */
  readonly extensions: ReadonlySet<Extension>;
}

/** Surveys a table. Done once for each. */
export const surveyOf = oncePer(survey);

function survey({ chains }: Table): Survey {
  const found = new Map<Chain, Jump[]>();
  const extensions = new Set<Extension>();
  for (const from of chains.values()) {
    let jumps: Jump[] | undefined;
    let reached: Set<Chain> | undefined;
    for (const rule of from.rules) {
      const { matches, action } = rule.spec;
      for (const { extension } of matches) extensions.add(extension);
      if (action?.kind === 'target') extensions.add(action.use.extension);
      const to = action?.kind === 'chain' ? chains.get(action.name.text) : undefined;
      if (to === undefined) continue;
      if (jumps === undefined) {
        found.set(from, (jumps = [{ from, rule, to }]));
        continue;
      }
      reached ??= new Set(jumps.map((jump) => jump.to));
      if (reached.has(to)) continue;
      reached.add(to);
      jumps.push({ from, rule, to });
    }
  }
  return { jumps: found, extensions };
}
