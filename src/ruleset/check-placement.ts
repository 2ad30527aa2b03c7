/** Whether matches and targets in user chains are reached only from hooks in which the kernel takes them; reading checks built-in chains. */

import type { Family, Hook } from '../extensions/define.js';
import { HOOKS } from '../iptables/builtin.js';
import type { RuleSpec, Use } from '../iptables/command.js';
import type { JumpingChain } from './check-loops.js';
import type { Rule } from './model.js';

/** A misplaced use in a user chain, the rule it is in, and the jumps that lead packets of a wrong hook there. */
export interface MisplacedByJump {
  readonly check: 'target-not-in-hook' | 'match-not-in-hook';
  readonly use: Use;
  readonly message: string;
  readonly says: string;
  readonly do: string;
  readonly chain: string;
  readonly rule: Rule;
  readonly path: readonly { readonly chain: string; readonly rule: Rule }[];
}

/** Uses in the user chains of a table that packets of a hook reach in which they do not work. */
export function findMisplacedByJump(chains: ReadonlyMap<string, JumpingChain>, family: Family): readonly MisplacedByJump[] {
  const particular = [...chains].filter(
    ([, chain]) => chain.hook === undefined && chain.rules.some((rule) => usesOf(rule.spec).some((use) => use.extension.hooks !== undefined)),
  );
  if (particular.length === 0) return [];
  const ways = new Map<Hook, ReadonlyMap<string, Step | undefined>>();
  for (const [name, chain] of chains) if (chain.hook !== undefined) ways.set(chain.hook, waysFrom(name, chains));
  const found: MisplacedByJump[] = [];
  for (const [name, chain] of particular) {
    const hooks = HOOKS.filter((hook) => ways.get(hook)?.has(name) === true);
    for (const rule of chain.rules)
      for (const use of usesOf(rule.spec)) {
        const fault = inWrongHook(use, family, hooks, name);
        if (fault === undefined) continue;
        const wrong = hooks.find((hook) => use.extension.hooks?.includes(hook) === false);
        found.push({ ...fault, chain: name, rule, path: pathTo(name, wrong === undefined ? undefined : ways.get(wrong)) });
        break;
      }
  }
  return found;
}

type Step = { readonly chain: string; readonly rule: Rule };

/** The chains that a chain leads to, itself among them, each with the jump that leads there first. */
function waysFrom(start: string, chains: ReadonlyMap<string, JumpingChain>): ReadonlyMap<string, Step | undefined> {
  const ways = new Map<string, Step | undefined>([[start, undefined]]);
  // What is found on the way is gone through as well.
  for (const name of ways.keys())
    for (const rule of chains.get(name)?.rules ?? []) {
      const { action } = rule.spec;
      if (action?.kind === 'chain' && !ways.has(action.name.text)) ways.set(action.name.text, { chain: name, rule });
    }
  return ways;
}

/** The jumps that lead to a chain, the first one first. */
function pathTo(chain: string, ways: ReadonlyMap<string, Step | undefined> | undefined): readonly Step[] {
  const path: Step[] = [];
  for (let step = ways?.get(chain); step !== undefined; step = ways?.get(step.chain)) path.unshift(step);
  return path;
}

function usesOf(rule: RuleSpec): readonly Use[] {
  return rule.action?.kind === 'target' ? [...rule.matches, rule.action.use] : rule.matches;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} and ${names.at(-1) ?? ''}`;
}

// (kernel: net/netfilter/x_tables.c, xt_check_match and xt_check_target)
function inWrongHook(
  use: Use,
  family: Family,
  reached: readonly Hook[],
  chain: string,
): Omit<MisplacedByJump, 'chain' | 'rule' | 'path'> | undefined {
  const { extension } = use;
  const { hooks } = extension;
  if (hooks === undefined || reached.every((hook) => hooks.includes(hook))) return undefined;
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
