/** Runs of `-I` that put rules into a chain in the reverse of the order they are written in, where that makes a difference. */

import recent, { readRecent } from '../extensions/matches/recent.js';
import type { Family } from '../extensions/define.js';
import { givenTo, type Command, type Operation } from '../iptables/command.js';
import { areDisjoint, conditionsOf, covers, textOfAction } from '../ruleset/conditions.js';
import { effectOf, endsChain, type FlowContext } from '../ruleset/flow.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { oncePer } from '../text/once-per.js';
import { runsWhenever } from './guards.js';
import type { Input } from './input.js';
import { intendedRulesets, type IntendedRuleset } from './intended-ruleset.js';

/** An `-I` command. */
export type InsertCommand = Command & Extract<Operation, { kind: 'insert' }>;

/** Why the order of two rules matters. */
export type Reversal =
  /** They use the same list of `-m recent`. */
  | { readonly kind: 'list'; readonly list: string; readonly written: Rule; readonly asked: Rule }
  /** The one that is asked first leaves nothing to the other, which was written first. */
  | { readonly kind: 'hidden'; readonly written: Rule; readonly asked: Rule }
  /** They decide differently about packets that both match. */
  | { readonly kind: 'verdict'; readonly written: Rule; readonly asked: Rule };

/** A run of inserts at one place of a chain. */
export interface ReversedInserts {
  readonly intended: IntendedRuleset;
  readonly chain: Chain;
  readonly context: FlowContext;
  /** In the order they are written; they are asked from the last to the first. */
  readonly commands: readonly InsertCommand[];
  /** The rules of the commands, in the same order. */
  readonly rules: readonly Rule[];
  /** Place of the inserts, from 1. */
  readonly position: number;
  /** Whether the input put rules into the chain before. */
  readonly onTopOfOthers: boolean;
  /** The pair that matters most. */
  readonly reversal: Reversal;
  /** Whether some rule leaves nothing to another that was written before it. */
  readonly hidesSome: boolean;
}

/** Every run of inserts whose reversal matters. */
export const reversedInserts = oncePer((input: Input): readonly ReversedInserts[] =>
  input.kind === 'save' ? [] : intendedRulesets(input).flatMap((intended) => findRuns(input, intended)),
);

/** Whether two rules stand in each other's place only because they were inserted in reverse: that is the first cause of what follows. */
export function areReversed(input: Input, left: Rule, right: Rule): boolean {
  return reversedInserts(input).some(({ rules }) => rules.includes(left) && rules.includes(right));
}

interface Run {
  readonly commands: InsertCommand[];
  readonly onTopOfOthers: boolean;
}

function findRuns(input: Input, intended: IntendedRuleset): readonly ReversedInserts[] {
  const { family } = intended;
  const open = new Map<string, Run>();
  const filled = new Set<string>();
  const runs: Run[] = [];
  for (const command of intended.commands) {
    if (!('chain' in command)) {
      if (command.kind === 'flush') {
        open.clear();
        filled.clear();
      }
      continue;
    }
    const key = `${command.table} ${command.chain.text}`;
    if (command.kind === 'flush') filled.delete(key);
    if (command.kind !== 'insert') {
      if (command.kind !== 'check' && command.kind !== 'list' && command.kind !== 'newChain' && command.kind !== 'policy') open.delete(key);
      if (command.kind === 'append' || command.kind === 'replace') filled.add(key);
      continue;
    }
    const run = open.get(key);
    const last = run?.commands.at(-1);
    if (run !== undefined && last !== undefined && last.position === command.position && runsTogether(input, last, command))
      run.commands.push(command);
    else {
      const fresh: Run = { commands: [command], onTopOfOthers: filled.has(key) };
      open.set(key, fresh);
      runs.push(fresh);
    }
    filled.add(key);
  }
  return runs.flatMap(({ commands, onTopOfOthers }) => {
    const [first] = commands;
    if (first === undefined || commands.length < 2) return [];
    const table = intended.ruleset.tables.get(first.table);
    const chain = table?.chains.get(first.chain.text);
    if (table === undefined || chain === undefined) return [];
    const context: FlowContext = { table, family, unknownChains: intended.unknownChains.get(table.name) ?? new Set() };
    const rules = commands.map((command) => chain.rules.find((rule) => rule.command === command));
    // A rule that is deleted later, or a list of addresses that became several rules: leave it.
    const whole = rules.filter((rule) => rule !== undefined);
    if (
      whole.length !== commands.length ||
      chain.rules.filter((rule) => commands.some((command) => command === rule.command)).length !== whole.length
    )
      return [];
    const found = findReversal(context, whole);
    return found === undefined ? [] : [{ intended, chain, context, commands, rules: whole, position: first.position, onTopOfOthers, ...found }];
  });
}

function runsTogether(input: Input, left: Command, right: Command): boolean {
  return left.at !== right.at && runsWhenever(input, left, right) && runsWhenever(input, right, left);
}

const WORST = ['list', 'hidden', 'verdict'] as const;

/** How many pairs are compared; lists of addresses to block are inserted by the thousand. */
const PAIRS = 20_000;

function findReversal(context: FlowContext, rules: readonly Rule[]): Pick<ReversedInserts, 'reversal' | 'hidesSome'> | undefined {
  let best: Reversal | undefined;
  let hidesSome = false;
  let pairs = 0;
  let counted = false;
  for (const [later, asked] of rules.entries())
    for (const written of rules.slice(0, later)) {
      pairs += 1;
      if (pairs > PAIRS) return best === undefined ? undefined : { reversal: best, hidesSome };
      counted ||= isCountedOn(context, written, asked);
      const found = reversalOf(context, written, asked);
      hidesSome ||= found?.kind === 'hidden';
      if (found !== undefined && (best === undefined || WORST.indexOf(found.kind) < WORST.indexOf(best.kind))) best = found;
    }
  // Who puts the exceptions above the rule he has written before knows what `-I` does.
  return best === undefined || (best.kind === 'verdict' && counted) ? undefined : { reversal: best, hidesSome };
}

/** Whether in the order they are written the second would have nothing to do, so that whoever wrote them counts on the reversal. */
function isCountedOn(context: FlowContext, written: Rule, asked: Rule): boolean {
  if (!endsChain(context, written) || !endsChain(context, asked) || effectOf(context, written) === effectOf(context, asked)) return false;
  const first = conditionsOf(written.spec, context.family);
  const second = conditionsOf(asked.spec, context.family);
  return covers(first, second) && !covers(second, first);
}

function reversalOf(context: FlowContext, written: Rule, asked: Rule): Reversal | undefined {
  const list = sharedList(context.family, written, asked);
  if (list !== undefined) return { kind: 'list', list, written, asked };
  const first = conditionsOf(written.spec, context.family);
  const second = conditionsOf(asked.spec, context.family);
  if (areDisjoint(first, second) || textOfAction(written.spec, context.family) === textOfAction(asked.spec, context.family)) return undefined;
  const writtenEnds = endsChain(context, written);
  const askedEnds = endsChain(context, asked);
  if (askedEnds && covers(second, first)) return { kind: 'hidden', written, asked };
  if (!writtenEnds || !askedEnds || covers(first, second)) return undefined;
  if (effectOf(context, written) === effectOf(context, asked) || (effectOf(context, asked) === 'accepts' && isException(asked))) return undefined;
  return { kind: 'verdict', written, asked };
}

/** Who may in all the same, by address, list or open connection: written after what is dropped, it is meant to be asked before. */
function isException({ spec }: Rule): boolean {
  return Object.hasOwn(spec.base.given, 'source') || spec.matches.some(({ extension }) => EXCEPTIONS.has(extension.name));
}

const EXCEPTIONS: ReadonlySet<string> = new Set(['set', 'iprange', 'mac', 'conntrack', 'state']);

/** A list of `-m recent` that one of the rules fills and the other asks for. */
function sharedList(family: Family, left: Rule, right: Rule): string | undefined {
  for (const one of listUses(family, left))
    for (const other of listUses(family, right))
      if (one.list === other.list && (one.operation === 'set') !== (other.operation === 'set')) return one.list;
  return undefined;
}

function listUses(family: Family, rule: Rule): readonly { readonly list: string; readonly operation: string }[] {
  return rule.spec.matches.flatMap((use) => {
    const given = use.unsettled.includes('name') ? undefined : givenTo(use, recent);
    const read = given === undefined ? undefined : readRecent(given, family);
    return read === undefined ? [] : [read];
  });
}
