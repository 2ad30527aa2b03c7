/** A chain that no rule jumps to, or that holds no rule. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { intendedRulesets } from '../input/intended-ruleset.js';
import type { Input } from '../input/input.js';
import { ruleOf, type Command } from '../iptables/command.js';
import type { Chain, Table } from '../ruleset/model.js';
import { isUnknown, wordAt } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unused-or-empty-chain',
  summary: 'A chain that no rule jumps to, or that holds no rule',
  why:
    "The rules of a chain of one's own are asked only where a rule jumps to it. Without a jump they do nothing, however right they are. A jump to a chain " +
    'without rules comes back at once.',
  advice: 'Add the jump (`-A INPUT -j CHAIN`), or take the chain out (`-F CHAIN`, `-X CHAIN`).',
  severity: 'warning',
  category: 'order',
  fix: 'none',
  examples: {
    bad: 'iptables -N office\niptables -A office -s 192.0.2.0/24 -j ACCEPT\niptables -P INPUT DROP',
    good: 'iptables -N office\niptables -A office -s 192.0.2.0/24 -j ACCEPT\niptables -A INPUT -j office\niptables -P INPUT DROP',
  },
  source: 'iptables(8), TARGETS',
  since: '0.1.0',
  find: (input) => {
    const elsewhere = jumpsElsewhere(input);
    if (elsewhere === undefined) return [];
    const problems: Problem[] = [];
    for (const { ruleset, commands, unknownChains } of intendedRulesets(input))
      for (const table of ruleset.tables.values()) {
        const reached = reachedFrom(table, elsewhere);
        // A chain that something else creates, something else may lead to.
        const foreign = unknownChains.get(table.name);
        const unused = [...table.chains.values()].filter(
          ({ hook, name, rules }) => hook === undefined && rules.length > 0 && !reached.has(name) && foreign?.has(name) !== true,
        );
        const problem = reportUnused(unused, (chain) => created(commands, table, chain), input.kind === 'save');
        if (problem !== undefined) problems.push(problem);
        // Programs that write dumps keep chains for rules to come; so may the author of a script, but he can be told.
        if (input.kind !== 'save') problems.push(...reportEmpty(table, reached, foreign ?? new Set(), (chain) => created(commands, table, chain)));
      }
    return problems;
  },
});

/** Chains that commands jump to which are read and not run; undefined where a jump leads to what only the run knows. */
function jumpsElsewhere(input: Input): ReadonlySet<string> | undefined {
  if (input.shell?.sourced.some(({ read }) => !read) === true) return undefined;
  const names = new Set<string>();
  for (const command of input.commands) {
    const action = ruleOf(command)?.action;
    if (action?.kind !== 'chain') continue;
    const word = wordAt(command.words, action.name.word);
    if (word !== undefined && isUnknown(word)) return undefined;
    if (input.notRun.has(command) || command.refused) names.add(action.name.text);
  }
  return names;
}

/** Chains that packets may come to: built-in ones, and what their rules jump to, step by step. */
function reachedFrom(table: Table, elsewhere: ReadonlySet<string>): ReadonlySet<string> {
  const queue = [...table.chains.values()].filter(({ hook, name }) => hook !== undefined || elsewhere.has(name)).map(({ name }) => name);
  const reached = new Set(queue);
  for (let name = queue.pop(); name !== undefined; name = queue.pop())
    for (const { spec } of table.chains.get(name)?.rules ?? []) {
      if (spec.action?.kind !== 'chain' || reached.has(spec.action.name.text)) continue;
      reached.add(spec.action.name.text);
      queue.push(spec.action.name.text);
    }
  return reached;
}

/** The `-N`, where it stands in the text. */
function created(commands: readonly Command[], table: Table, chain: Chain): Command | undefined {
  return commands.find((command) => command.kind === 'newChain' && command.table === table.name && command.chain.text === chain.name);
}

function reportUnused(unused: readonly Chain[], find: (chain: Chain) => Command | undefined, isDump: boolean): Problem | undefined {
  const [first, ...others] = unused;
  const rule = first?.rules[0];
  if (first === undefined || rule === undefined) return undefined;
  const command = find(first) ?? rule.command;
  return {
    check: 'unused-or-empty-chain',
    // Rules of a chain that another program, or another part of the host, jumps to later.
    ...(isDump ? { severity: 'info' } : {}),
    at: command.at,
    message:
      others.length === 0
        ? `no rule leads to the chain ${first.name}: its rules are never asked`
        : `no rule leads to the chain ${first.name} and ${String(others.length)} more: their rules are never asked`,
    here: 'no jump leads here',
    also: others.flatMap((chain) => (find(chain) ?? chain.rules[0]?.command)?.at ?? []),
    notes: [{ kind: 'do', text: `add a jump to it (\`-j ${first.name}\`), or take it out` }],
  };
}

/** `foreign`: chains that nothing here creates: that they are missing is said already. */
function reportEmpty(
  table: Table,
  reached: ReadonlySet<string>,
  foreign: ReadonlySet<string>,
  find: (chain: Chain) => Command | undefined,
): readonly Problem[] {
  const problems: Problem[] = [];
  for (const chain of table.chains.values()) {
    if (chain.hook !== undefined || chain.rules.length > 0 || !reached.has(chain.name) || foreign.has(chain.name)) continue;
    const command = find(chain);
    if (command === undefined) continue;
    problems.push({
      check: 'unused-or-empty-chain',
      severity: 'info',
      at: command.at,
      message: `the chain ${chain.name} is jumped to and has no rules: packets come back from it at once`,
      here: 'stays empty',
    });
  }
  return problems;
}
