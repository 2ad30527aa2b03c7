/** One iptables rule → nft rules: base options, matches in their order, then what happens to the packet. */

import { base as baseExtension, lowerBase, neverByBase, unsayableByBase, type BaseGiven } from '../extensions/base.js';
import type { LoweredItem, MatchDefinition, NftContext } from '../extensions/define.js';
import type { RuleSpec, Use } from '../iptables/command.js';
import type { PortRange } from '../extensions/values/port-range.js';
import { goTo, jump, match, meta, returnToCaller, symbol } from '../nft/build.js';
import { keepNegationsApart } from '../nft/negations.js';
import type { Counter, Expr, NamedObject, NamedSet, NftChain, NftRule, Statement } from '../nft/ir.js';
import { oncePer } from '../text/once-per.js';
import { keepFragmentsOut, passesFragments } from './fragments.js';
import { worse, type RuleOutcome } from './report.js';

/** The parts of a rule after each was lowered; the compiler of `recent` puts them together in its own way. */
export interface LoweredParts {
  readonly base: readonly LoweredItem[];
  /** In the order of the matches; a use the whole ruleset is needed for stays as it is. */
  readonly uses: readonly (readonly LoweredItem[] | { readonly kind: 'ruleset'; readonly use: Use })[];
  readonly action: readonly LoweredItem[];
}

export interface LoweredRule {
  readonly outcome: RuleOutcome;
  readonly rules: readonly NftRule[];
  readonly sets: readonly NamedSet[];
  readonly objects: readonly NamedObject[];
  readonly chains: readonly NftChain[];
  /** The chain the last of `rules` goes to: the iptables rules behind this one have to stand there. */
  readonly rest?: string;
}

/** What lowering the parts gave; `never` when the rule can match no packet. */
export interface PartsResult {
  readonly outcome: RuleOutcome;
  readonly parts: LoweredParts;
  readonly never: string | undefined;
  readonly sets: readonly NamedSet[];
  readonly objects: readonly NamedObject[];
  readonly chains: readonly NftChain[];
  /** Whether some use has to be compiled with the whole ruleset in view. */
  readonly needsRuleset: boolean;
}

/** What the compiler knows around a rule, and the chain it stands in under its iptables name. */
export interface ChainContext extends NftContext {
  readonly chain: string;
}

/** Lowers each part of a rule on its own. */
export function lowerParts(rule: RuleSpec, context: NftContext): PartsResult {
  let outcome: RuleOutcome = { kind: 'exact' };
  let never: string | undefined;
  const sets: NamedSet[] = [];
  const objects: NamedObject[] = [];
  const chains: NftChain[] = [];
  const uses: LoweredParts['uses'][number][] = [];
  let needsRuleset = false;
  const known = context.shared?.size ?? 0;

  const take = (use: Use, seen = context): readonly LoweredItem[] | { readonly kind: 'ruleset'; readonly use: Use } => {
    if (use.unsettled.length > 0) {
      outcome = worse(outcome, unsettled(use));
      return [];
    }
    const lowering = (use.extension as MatchDefinition).toNft(use.given, seen);
    switch (lowering.kind) {
      case 'exact':
        break;
      case 'approximate':
        outcome = worse(outcome, { kind: 'approximate', differs: lowering.differs });
        break;
      case 'unsupported':
        outcome = worse(outcome, lowering.instead === undefined ? { kind: 'unsupported', reason: lowering.reason } : lowering);
        return [];
      case 'never':
        never ??= lowering.why;
        return [];
      case 'ruleset':
        needsRuleset = true;
        return { kind: 'ruleset', use };
    }
    sets.push(...(lowering.sets ?? []));
    objects.push(...(lowering.objects ?? []));
    chains.push(...(lowering.chains ?? []));
    return lowering.items;
  };

  const seenByMatches = withoutFragments(context, rule);
  for (const use of rule.matches) uses.push(take(use, seenByMatches));
  const action: LoweredItem[] = [];
  if (rule.action?.kind === 'chain') {
    const chain = context.chainName(rule.action.name.text);
    action.push(rule.action.goto ? goTo(chain) : jump(chain));
  } else if (rule.action !== undefined) {
    const taken = take(rule.action.use, withPorts(context, rule));
    if ('kind' in taken) outcome = worse(outcome, { kind: 'unsupported', reason: `-j ${rule.action.use.extension.name} cannot be compiled` });
    else action.push(...taken);
  }
  let base: readonly LoweredItem[] = [];
  never ??= neverByBase(rule.base.given, context);
  const unsayable = unsayableByBase(rule.base.given, context);
  if (unsayable !== undefined) outcome = worse(outcome, { kind: 'unsupported', reason: unsayable });
  if (rule.base.unsettled.length > 0) outcome = worse(outcome, unsettled(rule.base));
  else base = lowerBase(rule.base.given, context, coversProtocol(rule.base.given, uses[0]));
  if (context.laterFragments === true && passesFragments(rule)) base = [...base, keepFragmentsOut(context.family)];
  if (outcome.kind === 'unsupported' || never !== undefined) forgetAfter(context.shared, known);
  return { outcome, parts: { base, uses, action }, never, sets, objects, chains, needsRuleset };
}

/** Takes back what a rule that is not written was to write for the rules behind it as well. */
function forgetAfter(shared: Map<string, unknown> | undefined, size: number): void {
  if (shared === undefined || shared.size === size) return;
  for (const name of [...shared.keys()].slice(size)) shared.delete(name);
}

/** What the target may know besides: the destination ports that its rule asks for. */
function withPorts(context: NftContext, rule: RuleSpec): NftContext {
  for (const use of rule.matches) {
    const port = PORT_MATCHES.has(use.extension.name) ? use.given['destination-port'] : undefined;
    if (port !== undefined && !port.negated) return { ...context, destinationPorts: [port.value as PortRange] };
  }
  return context;
}

/** What a match may know besides: another one lets no fragments pass but the first. */
function withoutFragments(context: NftContext, rule: RuleSpec): NftContext {
  if (rule.matches.length < 2 || !rule.matches.some(({ extension }) => HEADER_MATCHES.has(extension.name))) return context;
  return { ...context, firstFragmentsOnly: true };
}

/** They look at a transport header, which later fragments have not. (kernel: net/netfilter/xt_tcpudp.c, tcp_mt and udp_mt; xt_multiport.c and the like) */
const HEADER_MATCHES: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp', 'dccp', 'multiport', 'icmp']);

const PORT_MATCHES: ReadonlySet<string> = new Set(['tcp', 'udp', 'sctp', 'dccp']);

function unsettled(use: Use): RuleOutcome {
  const options = use.unsettled.map((name) => `--${name}`).join(', ');
  return {
    kind: 'unsupported',
    reason: `${use.extension === (baseExtension as unknown) ? '' : `-m ${use.extension.name} `}${options}: the value is only known where the rules are loaded, or was refused`,
    instead: 'write the value; a variable gets one with --define NAME=VALUE',
  };
}

const PROTOCOL_HEADERS: Readonly<Record<number, string>> = { 1: 'icmp', 6: 'tcp', 17: 'udp', 33: 'dccp', 58: 'icmpv6', 132: 'sctp', 136: 'udplite' };

/** Whether the first match names a field of the protocol's header, which makes nft test the protocol by itself. */
function coversProtocol(given: BaseGiven, first: LoweredParts['uses'][number] | undefined): boolean {
  const protocol = given.protocol;
  if (protocol === undefined || protocol.negated || first === undefined || 'kind' in first) return false;
  const header = PROTOCOL_HEADERS[protocol.value];
  const [item] = first;
  if (header === undefined || item?.kind !== 'match') return false;
  return namesHeader(item.left, header);
}

function namesHeader(expr: Expr, header: string): boolean {
  if (expr.kind === 'payload') return expr.protocol === header;
  return expr.kind === 'binary' && namesHeader(expr.left, header);
}

const EXACT: RuleOutcome = { kind: 'exact' };
const NOTHING: readonly never[] = [];

/** Statements of uses that many rules share, for one context; undefined where a use needs more than statements. */
export type SharedStatements = Map<Use, readonly Statement[] | undefined>;

/** How many uses are remembered; most are shared by thousands of rules, the others by none. */
const SHARED_LIMIT = 4096;

/** The statements of a use that becomes nothing but statements, wherever it stands. */
function plainStatements(use: Use, context: NftContext, shared: SharedStatements): readonly Statement[] | undefined {
  const known = shared.get(use);
  if (known !== undefined) return known;
  if (shared.has(use)) return undefined;
  let statements: readonly Statement[] | undefined;
  const { extension } = use;
  if (use.unsettled.length === 0 && !(extension.kind === 'match' && extension.stateful === true)) {
    const lowering = extension.toNft(use.given, trialOf(context));
    if (
      lowering.kind === 'exact' &&
      Object.keys(lowering).length === 2 &&
      lowering.items.every((item) => item.kind !== 'anyOf' && item.kind !== 'unless')
    )
      statements = lowering.items;
  }
  // What says nothing (comments, of which each rule has its own) is not worth a place.
  if (shared.size < SHARED_LIMIT && statements?.length !== 0) shared.set(use, statements);
  return statements;
}

/** The context for a lowering that may be thrown away: it takes no names and writes nothing the rules of the table share. */
const trialOf = oncePer((context: NftContext): NftContext => {
  const { shared: _shared, ...rest } = context;
  return { ...rest, freeName: (wanted) => wanted };
});

/** The rule most rules are: addresses, plain matches, one target. Undefined for any other. */
function lowerPlainRule(rule: RuleSpec, context: NftContext, shared: SharedStatements): LoweredRule | undefined {
  if (rule.base.unsettled.length > 0 || (context.laterFragments === true && passesFragments(rule))) return undefined;
  const parts: (readonly Statement[])[] = [];
  for (const use of rule.matches) {
    const statements = plainStatements(use, context, shared);
    if (statements === undefined) return undefined;
    parts.push(statements);
  }
  const given = rule.base.given as BaseGiven;
  if (neverByBase(given, context) !== undefined || unsayableByBase(given, context) !== undefined) return undefined;
  const statements = lowerBase(given, context, coversProtocol(given, parts[0]));
  for (const part of parts) for (const statement of part) statements.push(statement);
  if (rule.action?.kind === 'chain') {
    const chain = context.chainName(rule.action.name.text);
    statements.push(rule.action.goto ? goTo(chain) : jump(chain));
  } else if (rule.action !== undefined) {
    const action = plainStatements(rule.action.use, context, shared);
    if (action === undefined) return undefined;
    for (const statement of action) statements.push(statement);
  }
  if (statements.length === 0) return undefined;
  // A copy of just the right size: a list that grew keeps room for a dozen more.
  return { outcome: EXACT, rules: [{ statements: statements.slice() }], sets: NOTHING, objects: NOTHING, chains: NOTHING };
}

/**
 * A rule without matches of whole-ruleset kind, put together. `chain`: the iptables chain it stands in; `shared` is for rules of the same context only. `counter` stands where packets
 * have passed all matches, unless the rule is so plain that whoever asks for it sees where that is.
 */
export function lowerRule(rule: RuleSpec, context: NftContext, chain: string, shared?: SharedStatements, counter?: Counter): LoweredRule {
  const plain = shared === undefined ? undefined : lowerPlainRule(rule, context, shared);
  if (plain !== undefined) return plain;
  const result = lowerParts(rule, context);
  if (result.outcome.kind === 'unsupported') return { outcome: result.outcome, rules: [], sets: [], objects: [], chains: [] };
  if (result.needsRuleset)
    return {
      outcome: { kind: 'unsupported', reason: 'it can only be compiled with the whole ruleset in view' },
      rules: [],
      sets: [],
      objects: [],
      chains: [],
    };
  if (result.never !== undefined) return { outcome: result.outcome, rules: [], sets: [], objects: [], chains: [] };
  const items: LoweredItem[] = [...result.parts.base];
  for (const use of result.parts.uses) if (!('kind' in use)) items.push(...use);
  if (counter !== undefined) items.push(counter);
  items.push(...result.parts.action);
  const way = wayOn(result.parts.action);
  const { rules, chains } = joinItems(items, { ...context, chain }, way);
  return {
    outcome: result.outcome,
    rules: way.rest === undefined ? rules : [...rules, { statements: [goTo(way.rest)] }],
    sets: result.sets,
    objects: result.objects,
    chains: [...result.chains, ...chains],
    ...(way.rest === undefined ? {} : { rest: way.rest }),
  };
}

/**
 * How a rule that needs chains of its own is left. They are jumped to and come back, but not where a RETURN, or a goto that may come back, has to leave the
 * chain the iptables rule stands in: such a rule is left by goto alone, to the rules behind it as well, which have a chain of their own then.
 */
export interface WayOn {
  readonly bound: boolean;
  /** The chain for the rules behind, once it is needed. */
  rest: string | undefined;
}

/** The way on from a rule with this target. */
export function wayOn(action: readonly LoweredItem[]): WayOn {
  const last = action.at(-1);
  return { bound: last?.kind === 'verdict' && (last.verdict.kind === 'return' || last.verdict.kind === 'goto'), rest: undefined };
}

/** What joining a rule has to know of it. */
export type JoinContext = Pick<ChainContext, 'freeName' | 'chain' | 'chainName' | 'protocol' | 'protocolNegated'>;

/** Goes into a chain of the rule's own. */
export function enter(way: WayOn, chain: string): Statement {
  return way.bound ? goTo(chain) : jump(chain);
}

/** Leaves a chain of the rule's own for the rules behind it. */
export function leave(way: WayOn, context: JoinContext): Statement {
  if (!way.bound) return returnToCaller;
  way.rest ??= context.freeName(`${context.chainName(context.chain)}_rest`);
  return goTo(way.rest);
}

/** The rules of a chain of the rule's own: who comes to their end leaves it. */
export function endLeaving(rules: readonly NftRule[], way: WayOn, context: JoinContext): readonly NftRule[] {
  return way.bound && !endsForAll(rules.at(-1)) ? [...rules, { statements: [leave(way, context)] }] : rules;
}

/** Whether no packet comes past a rule. */
function endsForAll(rule: NftRule | undefined): boolean {
  const [only] = rule?.statements ?? [];
  return rule?.statements.length === 1 && only?.kind === 'verdict' && only.verdict.kind !== 'jump' && only.verdict.kind !== 'continue';
}

/** Statements that keep a state of their own: a copy in a second rule would count apart. */
function countsByItself(statement: LoweredItem): boolean {
  return (
    statement.kind === 'limit' ||
    statement.kind === 'quota' ||
    statement.kind === 'ctCount' ||
    (statement.kind === 'match' && usesNumgen(statement.left))
  );
}

/** Statements that must not run once for each alternative behind them: sets are counted in, or written to. */
function runsOnce(statement: LoweredItem): boolean {
  return countsByItself(statement) || statement.kind === 'setUpdate';
}

function usesNumgen(expr: Expr): boolean {
  return expr.kind === 'numgen' ? expr.mode === 'inc' : expr.kind === 'binary' && usesNumgen(expr.left);
}

/**
 * Lists of statements from items with choices. The alternatives of a choice exclude each other, so one rule for each does the
 * same as the one rule; what comes after a choice and counts packets goes into a chain of its own, so that it exists once. Where several
 * alternatives may hold, each goes to that chain, and the first that does is the last that is asked.
 */
export function joinItems(
  items: readonly LoweredItem[],
  context: JoinContext,
  way: WayOn,
): { readonly rules: readonly NftRule[]; readonly chains: readonly NftChain[] } {
  const asRule = (statements: readonly Statement[]): NftRule => ({ statements: keepNegationsApart(withProtocol(statements, context)) });
  const chains: NftChain[] = [];
  const build = (rest: readonly LoweredItem[]): readonly (readonly Statement[])[] => {
    const index = rest.findIndex(({ kind }) => kind === 'anyOf' || kind === 'unless');
    const choice = rest[index];
    if (choice?.kind !== 'anyOf' && choice?.kind !== 'unless') return [rest as readonly Statement[]];
    const before = rest.slice(0, index) as readonly Statement[];
    const after = rest.slice(index + 1);
    if (choice.kind === 'unless') {
      const name = context.freeName('unless');
      const leaving = choice.alternatives.map((alternative) => asRule([...alternative, leave(way, context)]));
      const comments = ['packets that are like this do not pass the rule; then the rest of it'];
      chains.push({ name, comments, rules: [...leaving, ...endLeaving(build(after).map(asRule), way, context)] });
      return [[...before, enter(way, name)]];
    }
    if (choice.overlap === true) {
      const name = context.freeName('either');
      const found = context.freeName('found');
      const inner = choice.alternatives.map((alternative) => asRule([...alternative, goTo(found)]));
      chains.push({ name, comments: ['the first of these decides'], rules: endLeaving(inner, way, context) });
      chains.push({ name: found, rules: endLeaving(build(after).map(asRule), way, context) });
      return [[...before, enter(way, name)]];
    }
    if (after.some(countsByItself) || before.some(runsOnce)) {
      const name = context.freeName('either');
      chains.push({ name, rules: endLeaving(build(after).map(asRule), way, context) });
      const inner = choice.alternatives.map((alternative): readonly Statement[] =>
        ends(alternative) ? alternative : [...alternative, enter(way, name)],
      );
      if (!before.some(runsOnce)) return inner.map((statements) => [...before, ...statements]);
      const gate = context.freeName('either');
      chains.push({ name: gate, rules: endLeaving(inner.map(asRule), way, context) });
      return [[...before, enter(way, gate)]];
    }
    const tails = build(after);
    return choice.alternatives.flatMap((alternative) => (ends(alternative) ? [[]] : tails).map((tail) => [...before, ...alternative, ...tail]));
  };
  const rules = build(items).map((statements) =>
    statements.length === 0 ? { statements: [{ kind: 'counter', packets: 0, bytes: 0 } as const] } : asRule(statements),
  );
  return { rules, chains };
}

/** Whether a list of statements decides about the packet by itself. */
function ends(statements: readonly Statement[]): boolean {
  return statements.at(-1)?.kind === 'verdict';
}

/** nft only takes ports to translate to in a rule that asks for the protocol, which may stand in the rule this one is jumped to from. */
function withProtocol(statements: readonly Statement[], { protocol, protocolNegated }: JoinContext): readonly Statement[] {
  const last = statements.at(-1);
  if ((last?.kind !== 'nat' && last?.kind !== 'tproxy') || last.port === undefined || protocol === undefined || protocolNegated === true)
    return statements;
  if (statements.some((statement) => statement.kind === 'match' && asksProtocol(statement.left))) return statements;
  return [...statements.slice(0, -1), match(meta('l4proto'), symbol(PROTOCOL_HEADERS[protocol] ?? String(protocol))), last];
}

function asksProtocol(expr: Expr): boolean {
  if (expr.kind === 'meta') return expr.key === 'l4proto';
  if (expr.kind === 'payload') return expr.field === 'protocol' || Object.values(PROTOCOL_HEADERS).includes(expr.protocol);
  return expr.kind === 'binary' && asksProtocol(expr.left);
}
