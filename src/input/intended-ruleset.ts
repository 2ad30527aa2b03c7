/**
 * The ruleset as its author means it. A command that iptables refuses because of its target, a `!` or a missing chain is in no real
 * ruleset; what else is wrong with it and with the rules around it is worth knowing before the first mistake is mended.
 */

import type { BaseGiven } from '../extensions/base.js';
import type { Family } from '../extensions/define.js';
import { HOOKS, STANDARD_TARGETS } from '../iptables/builtin.js';
import { ruleOf, type Command, type Name } from '../iptables/command.js';
import type { FlowContext } from '../ruleset/flow.js';
import type { Chain, Rule, Ruleset } from '../ruleset/model.js';
import { runCommands } from '../ruleset/run.js';
import { oncePer } from '../text/once-per.js';
import { targetNames } from './families.js';
import { listingsOf } from './listings.js';
import type { Input } from './input.js';

export interface IntendedRuleset {
  readonly family: Family;
  readonly ruleset: Ruleset;
  /** The commands that make it. */
  readonly commands: readonly Command[];
  /** Chains that rules refer to but nothing here creates, by table and name: what they do is not known. */
  readonly unknownChains: ReadonlyMap<string, ReadonlySet<string>>;
}

/** The intended rulesets of an input, one for each family and each listing; those that really load where nothing is refused. */
export const intendedRulesets = oncePer((input: Input): readonly IntendedRuleset[] => {
  const listings = listingsOf(input);
  return [...input.runs].flatMap(([family, run]) => {
    if (listings.length === 1 && run.refused.size === 0) return [asItIs(input, run.ruleset)];
    return listings.map((listing) => asIntended(listing, family)).filter(({ commands }) => commands.length > 0);
  });
});

function asItIs(input: Input, ruleset: Ruleset): IntendedRuleset {
  const { family } = ruleset;
  return { family, ruleset, commands: input.commands.filter((command) => command.family === family), unknownChains: chainsFromElsewhere(ruleset) };
}

function chainsFromElsewhere({ tables }: Ruleset): ReadonlyMap<string, ReadonlySet<string>> {
  const found = new Map<string, ReadonlySet<string>>();
  for (const { name, chains } of tables.values()) {
    const own = [...chains.values()].filter(({ elsewhere }) => elsewhere === true);
    if (own.length > 0) found.set(name, new Set(own.map((chain) => chain.name)));
  }
  return found;
}

/** The ruleset that other commands would have made, for comparisons. */
export function rulesetOf(family: Family, commands: readonly Command[]): Ruleset {
  return runCommands(family, commands, targetNames(family)).ruleset;
}

function asIntended(listing: readonly Command[], family: Family): IntendedRuleset {
  const targets = targetNames(family);
  const created = new Map<string, Set<string>>();
  const supplied = new Map<string, Set<string>>();
  const commands: Command[] = [];
  // A chain that is missing is made right before the command that needs it: a `-X` before that would delete it again.
  const supply = (command: Command, name: Name): void => {
    const { text } = name;
    const upper = text.toUpperCase();
    if (isBuiltin(upper) || targets.has(upper) || targets.has(text) || STANDARD_TARGETS.includes(upper)) return;
    if (namesOf(created, command.table).has(text)) return;
    namesOf(supplied, command.table).add(text);
    const { program, table, words, at } = command;
    commands.push({ program, family, table, words, at, problems: [], refused: false, kind: 'newChain', chain: name });
  };
  for (const command of listing) {
    if (command.family !== family || (command.refused && !isReadable(command))) continue;
    if (command.kind === 'newChain') namesOf(created, command.table).add(command.chain.text);
    else if (command.kind === 'renameChain') namesOf(created, command.table).add(command.to.text);
    else if (command.kind === 'append' || command.kind === 'insert' || command.kind === 'replace') {
      supply(command, command.chain);
      if (command.rule.action?.kind === 'chain') supply(command, command.rule.action.name);
    }
    commands.push(command.refused ? { ...command, refused: false } : command);
  }
  const unknownChains = new Map<string, ReadonlySet<string>>();
  for (const [table, names] of supplied) unknownChains.set(table, new Set([...names].filter((name) => !namesOf(created, table).has(name))));
  return { family, ruleset: runCommands(family, commands, targets).ruleset, commands, unknownChains };
}

function namesOf(byTable: Map<string, Set<string>>, table: string): Set<string> {
  const names = byTable.get(table) ?? new Set<string>();
  byTable.set(table, names);
  return names;
}

function isBuiltin(name: string): boolean {
  return (HOOKS as readonly string[]).includes(name);
}

/** A rule where it stands. */
export interface PlacedRule {
  readonly rule: Rule;
  readonly chain: Chain;
  /** Its place in the chain, from 0. */
  readonly index: number;
  readonly context: FlowContext;
}

/** Every rule of the intended rulesets, chain by chain. */
export const placedRules = oncePer((input: Input): readonly PlacedRule[] => {
  const placed: PlacedRule[] = [];
  for (const { family, ruleset, unknownChains } of intendedRulesets(input))
    for (const table of ruleset.tables.values()) {
      const context: FlowContext = { table, family, unknownChains: unknownChains.get(table.name) ?? new Set() };
      for (const chain of table.chains.values()) chain.rules.forEach((rule, index) => placed.push({ rule, chain, index, context }));
    }
  return placed;
});

const placedRulesByMatch = oncePer((input: Input): ReadonlyMap<string, readonly PlacedRule[]> => {
  const using = new Map<string, PlacedRule[]>();
  for (const place of placedRules(input))
    for (const name of new Set(place.rule.spec.matches.map(({ extension }) => extension.name))) {
      const places = using.get(name);
      if (places === undefined) using.set(name, [place]);
      else places.push(place);
    }
  return using;
});

/** The rules that use a match, by its name. */
export function placedRulesWith(input: Input, match: string): readonly PlacedRule[] {
  return placedRulesByMatch(input).get(match) ?? [];
}

/** Refusals after which it is still clear which rule is meant. */
const CLEAR: ReadonlySet<string> = new Set([
  'unknown-target-or-chain',
  'negation-not-allowed',
  'recent-hitcount-limit',
  'recent-bad-combination',
  'reject-type',
  'rate-out-of-range',
  'option-before-module',
  'missing-match-module',
  'target-not-in-table',
  'target-not-in-hook',
]);

function isReadable(command: Command): boolean {
  return (
    command.kind !== 'malformed' && command.problems.every((problem) => !problem.fatal || CLEAR.has(problem.check)) && !asksForSeveralRules(command)
  );
}

/** `! -s a,b` means packets from neither; the two rules that it would be as a list, one for each address, take all there are. */
function asksForSeveralRules(command: Command): boolean {
  const given: BaseGiven | undefined = ruleOf(command)?.base.given;
  return [given?.source, given?.destination].some((asked) => asked?.negated === true && asked.value.length > 1);
}
