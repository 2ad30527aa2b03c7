/** Sends packets through nftables rulesets as the kernel would: hooks by priority, chains, statements from left to right. (kernel: net/netfilter/nf_tables_core.c, nft_do_chain) */

import type { Expr, MapSource, NftChain, NftFile, NftRule, NftTable, Statement, Verdict } from '../../nft/ir.js';
import { createChance, draw, type Chance } from '../chance.js';
import type { Connections } from '../connections.js';
import { MOST_STEPS, tickOf, type SimulatedOutcome, type SimulatedPacket, type SimulatedVerdict } from '../packet.js';
import { createCounting, isCounting, runCounting, type CountingState, type CountingStatement } from './counting.js';
import { addElement, createSet, deleteElement, lookUp, rangeOf, type Element, type LiveSet } from './sets.js';
import {
  compute,
  concatenate,
  constantOf,
  ctOf,
  extensionHeaderOf,
  kindOf,
  metaOf,
  payloadOf,
  unknownExpr,
  worth,
  type Evaluated,
  type PacketInChains,
  type Value,
} from './values.js';

/** A table while packets pass. */
interface LiveTable {
  readonly table: NftTable;
  readonly chains: ReadonlyMap<string, NftChain>;
  /** A text where the simulator does not know what is in the set. */
  readonly sets: ReadonlyMap<string, LiveSet | string>;
}

interface Simulation {
  readonly hz: number;
  readonly connections: Connections;
  readonly hooks: ReadonlyMap<string, readonly { readonly table: LiveTable; readonly chain: NftChain }[]>;
  /** By place of the statement: a statement counts for itself, even if it is said in the same words. */
  readonly counting: Map<string, CountingState>;
  /** Packets each `numgen inc` has numbered. */
  readonly numbered: Map<string, number>;
  readonly chance: Chance;
  /** A packet could not be judged, so that what was counted is not known any more. */
  uncertain: string | undefined;
}

const HOOKS: Readonly<Record<SimulatedPacket['way'], readonly string[]>> = {
  in: ['prerouting', 'input'],
  forward: ['prerouting', 'forward', 'postrouting'],
  out: ['output', 'postrouting'],
};

/**
 * What becomes of packets, one after the other, sent through a file that was loaded at time 0. An expression or statement this simulator does not
 * know makes the outcome of its packet unknown, and of all that come after it. `hz`: ticks a second of the kernel; `seed`: for `numgen random`.
 */
export function simulateNft(file: NftFile, packets: readonly SimulatedPacket[], hz: number, seed = 1): readonly SimulatedOutcome[] {
  const simulation: Simulation = {
    hz,
    connections: new Map(),
    hooks: hooksOf(file, hz, packets[0] !== undefined && typeof packets[0].source === 'bigint' ? 'ip6' : 'ip'),
    counting: new Map(),
    numbered: new Map(),
    chance: createChance(seed),
    uncertain: undefined,
  };
  return packets.map((packet, index) => sendPacket(simulation, packet, packet.connection ?? -1 - index));
}

function hooksOf(file: NftFile, hz: number, family: 'ip' | 'ip6'): Simulation['hooks'] {
  const hooks = new Map<string, { readonly table: LiveTable; readonly chain: NftChain }[]>();
  for (const table of file.tables) {
    if (table.family !== family && table.family !== 'inet') continue;
    const live: LiveTable = {
      table,
      chains: new Map(table.chains.map((chain) => [chain.name, chain])),
      sets: new Map(table.sets.map((set) => [set.name, createSet(set, hz)])),
    };
    for (const chain of table.chains) {
      if (chain.base === undefined) continue;
      const at = hooks.get(chain.base.hook) ?? [];
      at.push({ table: live, chain });
      hooks.set(chain.base.hook, at);
    }
  }
  for (const at of hooks.values()) at.sort((left, right) => (left.chain.base?.priority ?? 0) - (right.chain.base?.priority ?? 0));
  return hooks;
}

/** One packet on its way. */
interface Journey {
  readonly simulation: Simulation;
  readonly connection: number;
  readonly tick: number;
  packet: PacketInChains;
  steps: number;
}

/** How a chain of a hook decides. */
interface Decision {
  readonly verdict: SimulatedVerdict;
  readonly why?: string;
}

function sendPacket(simulation: Simulation, sent: SimulatedPacket, connection: number): SimulatedOutcome {
  if (simulation.uncertain !== undefined) return { verdict: 'unknown', mark: sent.mark, why: simulation.uncertain };
  const journey: Journey = { simulation, connection, tick: tickOf(sent, simulation.hz), packet: { ...sent, priority: 0 }, steps: 0 };
  const decision = passHooks(journey, sent);
  if (decision.verdict === 'accepted' && (sent.state === 'NEW' || sent.staysOpen !== undefined))
    simulation.connections.set(connection, sent.staysOpen === undefined ? Infinity : sent.time + sent.staysOpen);
  if (decision.verdict === 'unknown') simulation.uncertain = decision.why ?? '';
  return { ...decision, mark: journey.packet.mark };
}

function passHooks(journey: Journey, sent: SimulatedPacket): Decision {
  for (const hook of HOOKS[sent.way]) {
    const { inInterface, outInterface, ...rest } = journey.packet;
    const comesIn = hook === 'prerouting' || hook === 'input' || hook === 'forward';
    const leaves = hook !== 'prerouting' && hook !== 'input';
    journey.packet = {
      ...rest,
      ...(comesIn && sent.inInterface !== undefined ? { inInterface: sent.inInterface } : {}),
      ...(leaves && sent.outInterface !== undefined ? { outInterface: sent.outInterface } : {}),
    };
    for (const { table, chain } of journey.simulation.hooks.get(hook) ?? []) {
      // Addresses are translated for the first packet of a connection.
      if (chain.base?.type === 'nat' && journey.packet.state !== 'NEW') continue;
      const decision = passChain(journey, table, chain);
      if (decision.verdict !== 'accepted') return decision;
    }
  }
  return { verdict: 'accepted' };
}

function passChain(journey: Journey, table: LiveTable, start: NftChain): Decision {
  const callers: { readonly chain: NftChain; readonly next: number }[] = [];
  let chain = start;
  let index = 0;
  for (;;) {
    journey.steps += 1;
    if (journey.steps > MOST_STEPS) return { verdict: 'unknown', why: 'chains lead to each other without end' };
    const rule = chain.rules[index];
    const answer: RuleAnswer =
      rule === undefined ? { kind: 'return' } : runRule(journey, table, rule, `${table.table.name} ${chain.name} ${String(index)}`);
    index += 1;
    switch (answer.kind) {
      case 'continue':
        break;
      case 'decides':
        return answer.decision;
      case 'return': {
        const caller = callers.pop();
        if (caller === undefined) return { verdict: start.base?.policy === 'drop' ? 'dropped' : 'accepted' };
        ({ chain, next: index } = caller);
        break;
      }
      case 'jump':
      case 'goto': {
        const next = table.chains.get(answer.chain);
        if (next === undefined) return { verdict: 'unknown', why: `there is no chain ${answer.chain}` };
        if (answer.kind === 'jump') callers.push({ chain, next: index });
        chain = next;
        index = 0;
      }
    }
  }
}

type RuleAnswer =
  | { readonly kind: 'return' | 'continue' }
  | { readonly kind: 'jump' | 'goto'; readonly chain: string }
  | { readonly kind: 'decides'; readonly decision: Decision };

const CONTINUE: RuleAnswer = { kind: 'continue' };

function decided(verdict: SimulatedVerdict, why?: string): RuleAnswer {
  return { kind: 'decides', decision: why === undefined ? { verdict } : { verdict, why } };
}

/** A statement ends the rule, ends the way, or lets the next one run. */
type StatementAnswer = 'next' | 'break' | RuleAnswer;

function runRule(journey: Journey, table: LiveTable, rule: NftRule, place: string): RuleAnswer {
  for (const [position, statement] of rule.statements.entries()) {
    const answer = runStatement(journey, table, statement, `${place} ${String(position)}`);
    if (answer === 'break') return CONTINUE;
    if (answer !== 'next') return answer;
  }
  return CONTINUE;
}

function ofEvaluated(evaluated: Exclude<Evaluated, { kind: 'value' }>): StatementAnswer {
  return evaluated.kind === 'break' ? 'break' : decided('unknown', evaluated.why);
}

function runStatement(journey: Journey, table: LiveTable, statement: Statement, place: string): StatementAnswer {
  switch (statement.kind) {
    case 'match':
      return runMatch(journey, table, statement, place);
    case 'limit':
    case 'quota':
    case 'ctCount':
      return runCounting(countingAt(journey, statement, place), counted(journey)) ? 'next' : 'break';
    case 'counter':
    case 'log':
    case 'resetTcpOption':
      return 'next';
    case 'setUpdate':
      return runSetUpdate(journey, table, statement, place);
    case 'reject':
      return decided('refused');
    case 'assign':
      return runAssignment(journey, table, statement, place);
    case 'notrack':
      journey.packet = { ...journey.packet, state: 'UNTRACKED' };
      return 'next';
    case 'objectReference':
      return statement.type === 'limit' || statement.type === 'quota'
        ? decided('unknown', `the simulator does not know ${statement.type} ${statement.name}`)
        : 'next';
    case 'verdict':
      return ofVerdict(statement.verdict);
    case 'verdictMap': {
      const found = lookUpIn(journey, table, statement.key, statement.to, place);
      if (found.kind !== 'found') return ofEvaluated(found);
      return found.verdict === undefined ? decided('unknown', 'a map without verdicts') : ofVerdict(found.verdict);
    }
    default:
      return decided('unknown', `what becomes of packets behind \`${statement.kind}\` cannot be told`);
  }
}

function ofVerdict(verdict: Verdict): RuleAnswer {
  switch (verdict.kind) {
    case 'accept':
      return decided('accepted');
    case 'drop':
      return decided('dropped');
    case 'jump':
    case 'goto':
      return verdict;
    default:
      return { kind: verdict.kind };
  }
}

function countingAt({ simulation }: Journey, statement: CountingStatement, place: string): CountingState {
  const known = simulation.counting.get(place);
  if (known !== undefined) return known;
  const made = createCounting(statement, 0, 0);
  simulation.counting.set(place, made);
  return made;
}

function counted({ packet, simulation, connection, tick }: Journey): Parameters<typeof runCounting>[1] {
  return { length: packet.length, time: packet.time, connections: simulation.connections, connection, tick };
}

/** Whether what counts in an element lets the rule go on; all of it is asked until one does not. */
function runElement(journey: Journey, element: Element): boolean {
  return element.counting.every((state) => runCounting(state, counted(journey)));
}

function runMatch(
  journey: Journey,
  table: LiveTable,
  { left, operator, right }: Extract<Statement, { kind: 'match' }>,
  place: string,
): StatementAnswer {
  const value = evaluate(journey, table, left, place);
  if (value.kind !== 'value') return ofEvaluated(value);
  const negated = operator === '!=';
  if (right.kind === 'setReference') {
    const set = table.sets.get(right.name);
    if (typeof set !== 'object') return decided('unknown', set ?? `there is no set ${right.name}`);
    const element = lookUp(set, value.value, journey.tick);
    if ((element !== undefined) === negated) return 'break';
    // The kernel runs what counts in the element it found.
    return element === undefined || runElement(journey, element) ? 'next' : 'break';
  }
  const kind = kindOf(left);
  if (kind === undefined) return decided('unknown', `the simulator does not know what \`${left.kind}\` is compared with`);
  const holds = compare(value.value, operator, right, kind, left);
  if (typeof holds === 'string') return decided('unknown', holds);
  return holds ? 'next' : 'break';
}

/** Whether a comparison holds; a text when that is not known. */
function compare(value: Value, operator: Extract<Statement, { kind: 'match' }>['operator'], right: Expr, kind: string, left: Expr): boolean | string {
  if (operator !== 'implicit' && operator !== '==' && operator !== '!=') {
    const constant = constantOf(right, kind);
    if (constant.kind !== 'value' || typeof constant.value !== 'bigint' || typeof value !== 'bigint')
      return 'a comparison is not known to the simulator';
    const other = constant.value;
    return operator === '<' ? value < other : operator === '>' ? value > other : operator === '<=' ? value <= other : value >= other;
  }
  const items = right.kind === 'set' ? right.elements : right.kind === 'list' ? right.items : [right];
  let isAmong = false;
  for (const item of items) {
    const equal = isEqual(value, item, kind, operator === 'implicit' && left.kind !== 'binary');
    if (typeof equal === 'string') return equal;
    isAmong ||= equal;
  }
  return isAmong !== (operator === '!=');
}

/** `anyFlag`: flags without an operator ask whether one of them is set. */
function isEqual(value: Value, item: Expr, kind: string, anyFlag: boolean): boolean | string {
  if (item.kind === 'symbol' && kind === 'ifname') {
    const name = item.name.replace(/^"(.*)"$/, '$1').replace(/\\(.)/g, '$1');
    return item.name.endsWith('*"') ? String(value).startsWith(name.slice(0, -1)) : value === name;
  }
  const ends = rangeOf(item, kind);
  if (typeof ends === 'string') return ends;
  if (ends.to !== undefined) return typeof value === 'bigint' && typeof ends.from === 'bigint' && ends.from <= value && value <= ends.to;
  if (anyFlag && kind === 'tcp_flag' && typeof value === 'bigint' && typeof ends.from === 'bigint') return (value & ends.from) !== 0n;
  return value === ends.from;
}

function runSetUpdate(journey: Journey, table: LiveTable, statement: Extract<Statement, { kind: 'setUpdate' }>, place: string): StatementAnswer {
  const set = table.sets.get(statement.set);
  if (typeof set !== 'object') return decided('unknown', set ?? `there is no set ${statement.set}`);
  const key = evaluate(journey, table, statement.key, place);
  if (key.kind !== 'value') return ofEvaluated(key);
  if (statement.operation === 'delete') {
    deleteElement(set, key.value, journey.tick, journey.simulation.connections);
    return 'next';
  }
  const data = statement.data === undefined ? undefined : evaluate(journey, table, statement.data, place);
  if (data !== undefined && data.kind !== 'value') return ofEvaluated(data);
  const making = {
    tick: journey.tick,
    time: journey.packet.time,
    timeout: statement.timeout,
    statements: (statement.statements ?? []).filter(isCounting),
    value: data?.value,
    connections: journey.simulation.connections,
  };
  const element = addElement(set, key.value, making, statement.operation === 'update');
  return element !== undefined && runElement(journey, element) ? 'next' : 'break';
}

function runAssignment(journey: Journey, table: LiveTable, { to, value }: Extract<Statement, { kind: 'assign' }>, place: string): StatementAnswer {
  const key = to.kind === 'meta' ? to.key : undefined;
  if (key !== 'mark' && key !== 'priority') return decided('unknown', `the simulator does not set \`${to.kind}\``);
  const evaluated = evaluate(journey, table, value, place, kindOf(to));
  if (evaluated.kind !== 'value') return ofEvaluated(evaluated);
  if (typeof evaluated.value === 'string') return decided('unknown', 'a text is set');
  journey.packet = { ...journey.packet, [key]: Number(BigInt.asUintN(32, evaluated.value)) };
  return 'next';
}

/** What an expression is worth. `kind`: of what is assigned, for constants. */
function evaluate(journey: Journey, table: LiveTable, expr: Expr, place: string, kind = 'integer'): Evaluated {
  const { packet } = journey;
  switch (expr.kind) {
    case 'payload':
      return payloadOf(expr, packet);
    case 'exthdr':
      return extensionHeaderOf(expr);
    case 'meta':
      return metaOf(expr.key, expr, packet);
    case 'ct':
      return ctOf(expr, packet);
    case 'concatenation':
      return concatenate(expr.parts.map((part) => evaluate(journey, table, part, place)));
    case 'binary': {
      const left = evaluate(journey, table, expr.left, place, kind);
      const beside = kindOf(expr.left) ?? kind;
      const right = kindOf(expr.right) === undefined ? constantOf(expr.right, beside) : evaluate(journey, table, expr.right, place, kind);
      return compute(expr, left, right);
    }
    case 'map': {
      const found = lookUpIn(journey, table, expr.key, expr.to, place);
      if (found.kind !== 'found') return found;
      return found.value === undefined ? unknownExpr(expr) : worth(found.value);
    }
    case 'numgen': {
      // The kernel scales 32 random bits to the modulus. (net/netfilter/nft_numgen.c, nft_ng_random_gen)
      const drawn =
        expr.mode === 'inc' ? numberAt(journey, place, expr.modulus) : Math.floor((draw(journey.simulation.chance) * expr.modulus) / 2 ** 31);
      return worth(BigInt(drawn + (expr.offset ?? 0)));
    }
    default:
      return constantOf(expr, kind);
  }
}

/** 0, 1, … and over again. (kernel: net/netfilter/nft_numgen.c, nft_ng_inc_gen) */
function numberAt({ simulation }: Journey, place: string, modulus: number): number {
  const number = simulation.numbered.get(place) ?? 0;
  simulation.numbered.set(place, (number + 1) % modulus);
  return number;
}

type Found =
  { readonly kind: 'found'; readonly value: Value | undefined; readonly verdict: Verdict | undefined } | Exclude<Evaluated, { kind: 'value' }>;

/** What a map has for a key. */
function lookUpIn(
  journey: Journey,
  table: LiveTable,
  keyExpr: Expr,
  to: MapSource | Extract<Statement, { kind: 'verdictMap' }>['to'],
  place: string,
): Found {
  const key = evaluate(journey, table, keyExpr, place);
  if (key.kind !== 'value') return key;
  if (to.kind === 'setReference') {
    const set = table.sets.get(to.name);
    if (typeof set !== 'object') return { kind: 'unknown', why: set ?? `there is no map ${to.name}` };
    const element = lookUp(set, key.value, journey.tick);
    if (element === undefined || !runElement(journey, element)) return { kind: 'break' };
    return { kind: 'found', value: element.value, verdict: element.verdict };
  }
  const kind = kindOf(keyExpr) ?? 'integer';
  for (const entry of to.entries) {
    const equal = isEqual(key.value, entry.key, kind, false);
    if (typeof equal === 'string') return { kind: 'unknown', why: equal };
    if (!equal) continue;
    if ('verdict' in entry) return { kind: 'found', value: undefined, verdict: entry.verdict };
    const value = constantOf(entry.value, kind);
    return value.kind === 'value' ? { kind: 'found', value: value.value, verdict: undefined } : value;
  }
  return { kind: 'break' };
}
