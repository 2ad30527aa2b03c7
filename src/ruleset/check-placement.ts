/** Whether matches and targets in user chains are reached only from hooks in which the kernel takes them; reading checks built-in chains. */

import type { Extension, Family, Hook } from '../extensions/define.js';
import { HOOKS } from '../iptables/builtin.js';
import type { RuleSpec, Use } from '../iptables/command.js';
import { pathTo, reachingHooks, waysFrom, type Ways } from './jumps.js';
import type { Chain, Rule, Table } from './model.js';
import { surveyOf, type Jump } from './survey.js';

/** A misplaced use in a user chain, the rule it is in, and the jumps that lead packets of a wrong hook there. */
export interface MisplacedByJump {
  readonly check: 'target-not-in-hook' | 'match-not-in-hook';
  readonly use: Use;
  readonly message: string;
  readonly says: string;
  readonly do: string;
  readonly chain: Chain;
  readonly rule: Rule;
  readonly path: readonly Jump[];
}

/** Uses in the user chains of a table that packets of a hook reach in which they do not work. */
export function findMisplacedByJump(table: Table, family: Family): readonly MisplacedByJump[] {
  const found: MisplacedByJump[] = [];
  const reaching = reachingHooks(table);
  const bound = [...surveyOf(table).extensions].filter(({ hooks }) => hooks !== undefined);
  // Chains that are reached from the same hooks share a list of them.
  const fits = new Map<readonly Hook[], boolean>();
  const allFit = (reached: readonly Hook[]): boolean => {
    const known = fits.get(reached) ?? !bound.some((extension) => isMisplaced(extension, reached));
    fits.set(reached, known);
    return known;
  };
  const ways = new Map<Hook, Ways>();
  /** The jumps from the built-in chain of the first wrong hook. */
  const pathFrom = (chain: Chain, hooks: readonly Hook[], { extension }: Use): readonly Jump[] => {
    const wrong = hooks.find((hook) => extension.hooks?.includes(hook) === false);
    const start = wrong === undefined ? undefined : table.chains.get(wrong);
    if (wrong === undefined || start === undefined) return [];
    const known = ways.get(wrong) ?? waysFrom(table, start);
    ways.set(wrong, known);
    return pathTo(chain, known);
  };
  for (const chain of table.chains.values()) {
    if (chain.hook !== undefined) continue;
    const hooks = reaching.get(chain);
    if (hooks === undefined || allFit(hooks)) continue;
    for (const rule of chain.rules) {
      const use = misplacedUse(rule.spec, hooks);
      if (use !== undefined) found.push({ ...faultOf(use, family, hooks, chain.name), chain, rule, path: pathFrom(chain, hooks, use) });
    }
  }
  return found;
}

/** The first match, or the target, of a rule that does not work in one of the hooks. */
function misplacedUse({ matches, action }: RuleSpec, hooks: readonly Hook[]): Use | undefined {
  for (const use of matches) if (isMisplaced(use.extension, hooks)) return use;
  return action?.kind === 'target' && isMisplaced(action.use.extension, hooks) ? action.use : undefined;
}

function isMisplaced({ hooks }: Extension, reached: readonly Hook[]): boolean {
  return hooks !== undefined && !reached.every((hook) => hooks.includes(hook));
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

// (kernel: net/netfilter/x_tables.c, xt_check_match and xt_check_target)
function faultOf(use: Use, family: Family, reached: readonly Hook[], chain: string): Omit<MisplacedByJump, 'chain' | 'rule' | 'path'> {
  const { extension } = use;
  const hooks: readonly Hook[] = extension.hooks ?? [];
  const allowed = HOOKS.filter((hook) => hooks.includes(hook));
  const wrong = reached.filter((hook) => !hooks.includes(hook));
  const module = `x_tables: ${family === 'ip' ? 'ip' : 'ip6'}_tables: ${extension.name} ${extension.kind}`;
  return {
    check: extension.kind === 'target' ? 'target-not-in-hook' : 'match-not-in-hook',
    use,
    message: `\`-${extension.kind === 'match' ? 'm' : 'j'} ${extension.name}\` does not work in ${listed(wrong)}, from where packets reach chain \`${chain}\``,
    says: `${module}: used from hooks ${reached.join('/')}, but only ${extension.kind === 'target' ? 'usable' : 'valid'} from ${allowed.join('/')}`,
    do: `it works in ${allowed.join(', ')}: put the rule into a chain that only they lead to`,
  };
}
