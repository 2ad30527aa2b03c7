/** How packets go through the chains of a table: which rules end the way through a chain, and what becomes of packets behind a rule. */

import type { Family } from '../extensions/define.js';
import { oncePer } from '../text/once-per.js';
import { areDisjoint, conditionsOf, covers, together, type Conditions } from './conditions.js';
import type { Chain, Rule, Table } from './model.js';

/** A table with what has to be known beside it to follow packets. */
export interface FlowContext {
  readonly table: Table;
  readonly family: Family;
  /** Chains whose rules are not known: a packet may do anything there. */
  readonly unknownChains?: ReadonlySet<string>;
}

/** What a rule does with the packets it matches. `decides`: it accepts or drops; `passes`: the next rule sees them; `unknown`: perhaps, perhaps not. */
export type Effect = 'accepts' | 'drops' | 'decides' | 'returns' | 'passes' | 'unknown';

const DROPPING: ReadonlySet<string> = new Set(['DROP', 'REJECT', 'TARPIT']);

/** What becomes of the packets a rule matches, as far as its own chain goes. */
export function effectOf(context: FlowContext, rule: Rule, seen: ReadonlySet<string> = new Set()): Effect {
  const { action } = rule.spec;
  if (action === undefined) return 'passes';
  if (action.kind === 'target') {
    const { extension } = action.use;
    if (extension.flow === 'continues') return 'passes';
    if (extension.flow === 'returns') return 'returns';
    return DROPPING.has(extension.name) ? 'drops' : 'accepts';
  }
  const name = action.name.text;
  const chain = context.table.chains.get(name);
  if (chain === undefined || context.unknownChains?.has(name) === true || seen.has(name)) return 'unknown';
  const inside = effectOfChain(context, chain, new Set([...seen, name]));
  return action.goto && inside === 'passes' ? 'returns' : inside;
}

/** What a chain does with every packet that comes to it; `unknown` when that depends on the packet. */
function effectOfChain(context: FlowContext, chain: Chain, seen: ReadonlySet<string>): Effect {
  let sofar: Effect = 'passes';
  for (const rule of chain.rules) {
    const effect = effectOf(context, rule, seen);
    if (effect === 'passes') continue;
    const conditions = conditionsOf(rule.spec, context.family);
    const always = conditions.all.length === 0 && !conditions.uncertain;
    // A packet that returns goes on behind the jump.
    if (effect === 'returns') return always && sofar === 'passes' ? 'passes' : 'unknown';
    if (effect === 'unknown') return 'unknown';
    sofar = sofar === 'passes' || sofar === effect ? effect : 'decides';
    if (always) return sofar;
  }
  return sofar === 'passes' ? 'passes' : 'unknown';
}

/** Whether the packets a rule matches certainly do not reach the next rule of its chain. */
export function endsChain(context: FlowContext, rule: Rule): boolean {
  if (rule.spec.action?.kind === 'chain' && rule.spec.action.goto) return true;
  const effect = effectOf(context, rule);
  return effect !== 'passes' && effect !== 'unknown';
}

/** A jump or goto to a chain: the rule and where it stands. */
interface Caller {
  readonly chain: Chain;
  readonly index: number;
  readonly rule: Rule;
}

const callersIn = oncePer((table: Table): ReadonlyMap<string, readonly Caller[]> => {
  const callers = new Map<string, Caller[]>();
  for (const chain of table.chains.values())
    chain.rules.forEach((rule, index) => {
      const { action } = rule.spec;
      if (action?.kind !== 'chain') return;
      const list = callers.get(action.name.text);
      if (list === undefined) callers.set(action.name.text, [{ chain, index, rule }]);
      else list.push({ chain, index, rule });
    });
  return callers;
});

function callersOf(table: Table, name: string): readonly Caller[] {
  return callersIn(table).get(name) ?? [];
}

/** How far jumps are followed back; chains are seldom nested deeper. */
const DEPTH = 8;

/** How many rules above one are looked at; a ruleset with a hundred thousand rules has to be judged in time. */
const ABOVE = 2000;

const ESTABLISHED: Conditions = { all: [{ kind: 'states', states: new Set(['ESTABLISHED']) }], uncertain: false };

/** Whether conditions let through only the first packets of connections: a state other than ESTABLISHED, or a bare SYN. */
export function asksForNew(conditions: Conditions): boolean {
  return conditions.all.some((condition) => {
    if (condition.kind === 'states') return !condition.states.has('ESTABLISHED');
    const flags = condition.kind === 'other' ? /^tcp --tcp-flags (\S+) (\S+)$/.exec(condition.text) : null;
    if (flags === null) return false;
    const mask = (flags[1] ?? '').split(',');
    const set = (flags[2] ?? '').split(',');
    return set.includes('SYN') && !set.includes('ACK') && mask.includes('ACK');
  });
}

/** Whether a rule asks for states of connections, whichever they are: another match of them beside it can only contradict. */
export function asksForStates({ spec }: Rule): boolean {
  return spec.matches.some(({ given }) => Object.hasOwn(given, 'state') || Object.hasOwn(given, 'ctstate'));
}

/** A rule that ends the way of packets before they come to another rule, and the chain it stands in. */
export interface EarlierEnd {
  readonly rule: Rule;
  readonly chain: Chain;
}

/**
 * The rule above rule `index` that certainly ends the way of all packets with these conditions: in the same chain, or above every jump
 * to it. Undefined when there is none.
 */
export function endedAbove(context: FlowContext, chain: Chain, index: number, conditions: Conditions, depth = DEPTH): EarlierEnd | undefined {
  for (let above = Math.max(0, index - ABOVE); above < index; above += 1) {
    const rule = chain.rules[above];
    if (rule !== undefined && covers(conditionsOf(rule.spec, context.family), conditions) && endsChain(context, rule)) return { rule, chain };
  }
  if (chain.hook !== undefined || depth === 0) return undefined;
  let first: EarlierEnd | undefined;
  for (const caller of callersOf(context.table, chain.name)) {
    const asked = together(conditions, conditionsOf(caller.rule.spec, context.family));
    const found = endedAbove(context, caller.chain, caller.index, asked, depth - 1);
    if (found === undefined) return undefined;
    first ??= found;
  }
  return first;
}

/** Conditions, of packets that belong to a connection that is open already. */
export function ofEstablished(conditions: Conditions): Conditions {
  return together(conditions, ESTABLISHED);
}

/**
 * Whether packets of established connections never reach a rule: it asks for new ones, a rule above ends the way of established ones,
 * or both are so of every jump to its chain. `conditions` are the rule's, or those asked before some match of it.
 */
export function seesOnlyNew(context: FlowContext, chain: Chain, index: number, conditions: Conditions, depth = DEPTH): boolean {
  // The nat table sees the first packet of a connection only.
  if (asksForNew(conditions) || context.table.name === 'nat') return true;
  const established = ofEstablished(conditions);
  for (let above = Math.max(0, index - ABOVE); above < index; above += 1) {
    const rule = chain.rules[above];
    if (rule !== undefined && covers(conditionsOf(rule.spec, context.family), established) && endsChain(context, rule)) return true;
  }
  if (chain.hook !== undefined || depth === 0) return false;
  const callers = callersOf(context.table, chain.name);
  return (
    callers.length > 0 &&
    callers.every((caller) =>
      seesOnlyNew(context, caller.chain, caller.index, together(conditions, conditionsOf(caller.rule.spec, context.family)), depth - 1),
    )
  );
}

/** Conditions that all packets fulfil which reach a chain from anywhere: what every jump to it asks. Undefined when several differ. */
export function entryConditions(context: FlowContext, chain: Chain, depth = DEPTH): Conditions | undefined {
  if (chain.hook !== undefined) return { all: [], uncertain: false };
  const [caller, ...others] = callersOf(context.table, chain.name);
  if (caller === undefined || others.length > 0 || depth === 0) return undefined;
  const outer = entryConditions(context, caller.chain, depth - 1);
  return outer === undefined ? undefined : together(outer, conditionsOf(caller.rule.spec, context.family));
}

/** What becomes of packets in the end. */
export type Fate = 'accepted' | 'dropped' | 'unknown';

/**
 * What becomes of packets of these conditions behind rule `index` of a chain, if they meet no rule that looks at more than the
 * conditions say. `by`: the rule that decides; none when the policy does.
 */
export function fateBehind(
  context: FlowContext,
  chain: Chain,
  index: number,
  conditions: Conditions,
  depth = DEPTH,
): { readonly fate: Fate; readonly by?: Rule; readonly policyOf?: Chain } {
  const certain: Conditions = { all: conditions.all, uncertain: false };
  for (let at = index + 1; at < chain.rules.length; at += 1) {
    const rule = chain.rules[at];
    if (rule === undefined) continue;
    const own = conditionsOf(rule.spec, context.family);
    if (areDisjoint(own, certain)) continue;
    const effect = effectOf(context, rule);
    if (effect === 'passes') continue;
    const whole = covers({ all: own.all, uncertain: false }, certain);
    if (!whole) continue;
    // A rule that counts takes some of them: nothing is certain any more, unless all end the same.
    if (own.uncertain && effect === 'accepts') continue;
    if (own.uncertain || effect === 'unknown' || effect === 'decides') return { fate: 'unknown', by: rule };
    if (effect === 'returns') break;
    return { fate: effect === 'drops' ? 'dropped' : 'accepted', by: rule };
  }
  if (chain.hook !== undefined) return { fate: chain.policy === 'DROP' ? 'dropped' : 'accepted', policyOf: chain };
  if (depth === 0) return { fate: 'unknown' };
  const fates = callersOf(context.table, chain.name).map((caller) =>
    fateBehind(
      context,
      caller.chain,
      caller.rule.spec.action?.kind === 'chain' && caller.rule.spec.action.goto ? caller.chain.rules.length : caller.index,
      together(conditions, conditionsOf(caller.rule.spec, context.family)),
      depth - 1,
    ),
  );
  const [first] = fates;
  if (first === undefined || fates.some(({ fate }) => fate !== first.fate)) return { fate: 'unknown' };
  return first;
}
