/** The rules of an input that no packet comes to, and what each of them lost its packets to. */

import type { Label } from '../diagnostics/diagnostic.js';
import type { Effort } from '../analysis/box-index.js';
import { createEffort, findCoveredRules, type CoveredRule } from '../analysis/covered-rules.js';
import { runsWhenever } from '../input/guards.js';
import { intendedRulesets, type IntendedRuleset } from '../input/intended-ruleset.js';
import type { Input } from '../input/input.js';
import { areReversed } from '../input/reversed-inserts.js';
import { conditionsOf, textOfAction, textOfRule } from '../ruleset/conditions.js';
import { effectOf, type FlowContext } from '../ruleset/flow.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { oncePer } from '../text/once-per.js';
import { positionAt } from '../text/source.js';
import { limitOf } from './limiting-rules.js';

/**
 * everything: a rule above ends the way of every packet through the chain; returned: so does a RETURN; log: the rule writes a log;
 * same: the rules above do the same with its packets; other: they do something else.
 */
export type Loss = 'everything' | 'returned' | 'log' | 'same' | 'other';

/** Rules that lost their packets to the same rules, in the same way. */
export interface UnreachedRules {
  readonly context: FlowContext;
  readonly chain: Chain;
  readonly loss: Loss;
  /** The rules do what those above do with their packets, so that nothing is lost but time. */
  readonly same: boolean;
  readonly by: readonly [Rule, ...Rule[]];
  readonly rules: readonly [Rule, ...Rule[]];
}

/** Every rule of an input that no packet comes to. Copies of a rule above are left out. */
export const unreachedRules = oncePer((input: Input): readonly UnreachedRules[] => {
  const effort = createEffort();
  return intendedRulesets(input).flatMap((intended) => findIn(input, intended, effort));
});

/** All of them, whatever they lost their packets to. */
export const unreachedRuleSet = oncePer((input: Input): ReadonlySet<Rule> => new Set(unreachedRules(input).flatMap(({ rules }) => rules)));

function findIn(input: Input, { family, ruleset, unknownChains }: IntendedRuleset, effort: Effort): readonly UnreachedRules[] {
  const whole = tracksConnections(ruleset.tables.values());
  const found: UnreachedRules[] = [];
  for (const table of ruleset.tables.values()) {
    const context: FlowContext = { table, family, unknownChains: unknownChains.get(table.name) ?? new Set() };
    for (const chain of table.chains.values()) {
      if (chain.rules.length < 2) continue;
      const copies = copiesIn(chain, context);
      const mayCover = (above: Rule, below: Rule): boolean => !copies.has(below) && isFirstCause(input, context, above, below);
      found.push(...group(context, chain, findCoveredRules(context, chain, { mayCover, whole, effort })));
    }
  }
  return found;
}

const TRACKING: ReadonlySet<string> = new Set(['state', 'conntrack', 'connlimit', 'connbytes', 'connmark', 'connlabel', 'helper']);

/** Whether connection tracking is at work wherever these tables are: a match asks for it, or the nat table does something. */
function tracksConnections(tables: Iterable<{ readonly name: string; readonly chains: ReadonlyMap<string, Chain> }>): boolean {
  for (const { name, chains } of tables)
    for (const { rules } of chains.values()) {
      if (name === 'nat' && rules.length > 0) return true;
      if (rules.some(({ spec }) => spec.matches.some(({ extension }) => TRACKING.has(extension.name)))) return true;
    }
  return false;
}

/** Rules that stand in the chain above already, word for word: another finding, duplicate-rule. */
function copiesIn(chain: Chain, { family }: FlowContext): ReadonlySet<Rule> {
  const texts = new Set<string>();
  const copies = new Set<Rule>();
  for (const rule of chain.rules) {
    const text = textOfRule(rule.spec, family);
    if (texts.has(text)) copies.add(rule);
    else texts.add(text);
  }
  return copies;
}

/** Whether nothing else explains why the lower rule gets no packets. */
function isFirstCause(input: Input, context: FlowContext, above: Rule, below: Rule): boolean {
  const { at } = below.command;
  if (above.command.at.source === at.source && above.command.at.start === at.start) return false;
  if (!runsWhenever(input, above.command, below.command) || areReversed(input, above, below)) return false;
  // accept-before-limiter says more.
  return !(limitOf({ rule: below, context }) !== undefined && effectOf(context, above) === 'accepts');
}

const LOGS: ReadonlySet<string> = new Set(['LOG', 'NFLOG', 'ULOG']);

/** The name of the target of a rule; an empty text without one. */
function targetOf({ spec }: Rule): string {
  return spec.action?.kind === 'target' ? spec.action.use.extension.name : '';
}

function lossOf({ family }: FlowContext, { rule, by }: CoveredRule): { readonly loss: Loss; readonly same: boolean } {
  const action = textOfAction(rule.spec, family);
  const same = by.every((above) => textOfAction(above.spec, family) === action);
  const [first] = by;
  if (conditionsOf(first.spec, family).all.length === 0) return { loss: targetOf(first) === 'RETURN' ? 'returned' : 'everything', same };
  if (LOGS.has(targetOf(rule))) return { loss: 'log', same: false };
  return { loss: same ? 'same' : 'other', same };
}

/** Puts together what one rule took from several; what several rules took together is reported by itself. */
function group(context: FlowContext, chain: Chain, covered: readonly CoveredRule[]): readonly UnreachedRules[] {
  const groups = new Map<string, { readonly group: UnreachedRules; readonly others: Rule[]; same: boolean }>();
  const numbers = new Map<Rule, number>();
  for (const one of covered) {
    const { loss, same } = lossOf(context, one);
    const [first] = one.by;
    const number = numbers.get(first) ?? numbers.size;
    numbers.set(first, number);
    const key = one.by.length > 1 ? `together ${String(groups.size)}` : `${String(number)} ${loss}`;
    const before = groups.get(key);
    if (before === undefined) groups.set(key, { group: { context, chain, loss, same, by: one.by, rules: [one.rule] }, others: [], same });
    else {
      before.others.push(one.rule);
      before.same &&= same;
    }
  }
  return [...groups.values()].map(({ group: found, others, same }) => {
    const rules = [found.rules[0], ...others] as const;
    const loss = found.loss === 'everything' && rules.every((rule) => LOGS.has(targetOf(rule))) ? 'log' : found.loss;
    return { ...found, loss, same, rules };
  });
}

/** At most so many rules are named. */
const NAMED = 4;

/** The lines of rules: `line 3`, `lines 3 and 7`, `lines 1, 3, 7, 9 and 5 more`. */
export function linesOfRules(rules: readonly Rule[]): string {
  const lines = rules.map(({ command }) => String(positionAt(command.at.source, command.at.start).line));
  const named = lines.slice(0, NAMED);
  if (lines.length > NAMED) return `lines ${named.join(', ')} and ${String(lines.length - NAMED)} more`;
  const last = named.pop() ?? '';
  return named.length === 0 ? `line ${last}` : `lines ${named.join(', ')} and ${last}`;
}

/** The places of rules, each with the same few words. */
export function labelsOfRules(rules: readonly Rule[], text: string): readonly Label[] {
  return rules.slice(0, NAMED).map(({ command }) => ({ span: command.at, text }));
}

/** ` and 3 more`, or nothing for one rule. */
export function andMore(rules: readonly Rule[]): string {
  return rules.length === 1 ? '' : ` and ${String(rules.length - 1)} more`;
}

/** Whether a rule takes packets from rules below it: what those were to accept is dropped because of that. */
export function takesFromOthers(input: Input, rule: Rule | undefined): boolean {
  return rule !== undefined && unreachedRules(input).some(({ by, same }) => !same && by.includes(rule));
}
