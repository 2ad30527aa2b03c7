/** Sends packets through a ruleset as the kernel would: hooks, tables, chains, and the matches that count. (kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table) */

import type { Hook, Target } from '../../extensions/define.js';
import { USUAL_HZ } from '../../extensions/values/rate.js';
import type { Use } from '../../iptables/command.js';
import { printUse } from '../../iptables/print.js';
import type { Chain, Rule, Ruleset, Table } from '../../ruleset/model.js';
import type { Connections } from '../connections.js';
import { MOST_STEPS, tickOf, type RulesetOutcome, type SimulatedPacket, type SimulatedVerdict } from '../packet.js';
import { answerCounting, copyCounters, createCounters, type Counters } from './counting-matches.js';
import { answerPlainly, type Answer, type PacketInRules } from './plain-matches.js';
import { runTarget } from './targets.js';

/** What has to be known about the host. */
export interface SimulationOptions {
  /** Its version matters little; HZ (250 without) and the parameters of xt_recent do. */
  readonly target?: Target;
  /** For `-m statistic --mode random`: the same seed draws the same packets. */
  readonly seed?: number;
}

/** The hooks a packet passes. */
const HOOKS: Readonly<Record<SimulatedPacket['way'], readonly Hook[]>> = {
  in: ['PREROUTING', 'INPUT'],
  forward: ['PREROUTING', 'FORWARD', 'POSTROUTING'],
  out: ['OUTPUT', 'POSTROUTING'],
};

/** Tables in the order packets come to them. (kernel: include/uapi/linux/netfilter_ipv4.h, enum nf_ip_hook_priorities) */
function tablesAt(hook: Hook): readonly string[] {
  return hook === 'PREROUTING' || hook === 'OUTPUT' ? ['raw', 'mangle', 'nat', 'filter', 'security'] : ['raw', 'mangle', 'filter', 'security', 'nat'];
}

/** Rules that packets are sent through, and what they counted so far. */
export interface Simulation {
  readonly ruleset: Ruleset;
  readonly hz: number;
  readonly counters: Counters;
  readonly connections: Connections;
  /** Packets sent. */
  sent: number;
  /** A packet could not be judged, so that what the matches counted is not known any more. */
  uncertain: string | undefined;
}

/** Rules that were loaded at time 0, and no packet yet. */
export function startSimulation(ruleset: Ruleset, { target = {}, seed = 1 }: SimulationOptions = {}): Simulation {
  const hz = target.hz ?? USUAL_HZ;
  return { ruleset, hz, counters: createCounters(ruleset, { ...target, hz }, seed), connections: new Map(), sent: 0, uncertain: undefined };
}

/** The same rules with the same counts, to go on with apart. */
export function copySimulation(simulation: Simulation): Simulation {
  return { ...simulation, counters: copyCounters(simulation.counters), connections: new Map(simulation.connections) };
}

/**
 * What becomes of packets, one after the other, sent through rules that were loaded at time 0. A match or target this simulator does not know
 * makes the outcome of its packet unknown, and from then on what others counted is unknown as well.
 */
export function simulateRuleset(ruleset: Ruleset, packets: readonly SimulatedPacket[], options: SimulationOptions = {}): readonly RulesetOutcome[] {
  const simulation = startSimulation(ruleset, options);
  return packets.map((packet) => sendPacket(simulation, packet));
}

/** One packet on its way. */
interface Journey {
  readonly simulation: Simulation;
  /** As it came. */
  readonly sent: SimulatedPacket;
  readonly connection: number;
  readonly tick: number;
  /** As targets left it. */
  packet: PacketInRules;
  readonly matched: Rule[];
  readonly reached: Rule[];
  steps: number;
}

/** How a table decides, and by which rule; without one its policy did. */
interface Decision {
  readonly verdict: SimulatedVerdict;
  readonly by?: Rule;
  readonly why?: string;
}

/** What becomes of the next packet. */
export function sendPacket(simulation: Simulation, sent: SimulatedPacket): RulesetOutcome {
  simulation.sent += 1;
  const connection = sent.connection ?? -simulation.sent;
  const journey: Journey = {
    simulation,
    sent,
    connection,
    tick: tickOf(sent, simulation.hz),
    packet: { ...sent, inInterface: undefined, outInterface: undefined, isTranslated: false, portsUnknown: false },
    matched: [],
    reached: [],
    steps: 0,
  };
  const decision = passHooks(journey);
  const { staysOpen } = sent;
  if (decision.verdict === 'accepted' && (sent.state === 'NEW' || staysOpen !== undefined))
    simulation.connections.set(connection, staysOpen === undefined ? Infinity : sent.time + staysOpen);
  if (decision.verdict === 'unknown') simulation.uncertain ??= decision.why;
  return { ...decision, mark: journey.packet.mark ?? 0, matched: journey.matched, reached: journey.reached };
}

/** Through all hooks and tables, up to the first that stops it. Of those that let it pass, the filter table decides. */
function passHooks(journey: Journey): Decision {
  let decision: Decision = { verdict: 'accepted' };
  const { inInterface, outInterface, way } = journey.sent;
  for (const hook of HOOKS[way]) {
    const comesIn = hook === 'PREROUTING' || hook === 'INPUT' || hook === 'FORWARD';
    const leaves = hook !== 'PREROUTING' && hook !== 'INPUT';
    journey.packet = { ...journey.packet, inInterface: comesIn ? inInterface : undefined, outInterface: leaves ? outInterface : undefined };
    for (const name of tablesAt(hook)) {
      const table = journey.simulation.ruleset.tables.get(name);
      const chain = table?.chains.get(hook);
      // Addresses are translated for the first packet of a connection, and for the others as for that one.
      if (table === undefined || chain === undefined || (name === 'nat' && journey.packet.state !== 'NEW')) continue;
      const passed = passTable(journey, table, chain);
      if (passed.verdict !== 'accepted') return passed;
      if (name === 'filter') decision = passed;
    }
  }
  return decision;
}

/** A place in a chain: the next rule. */
interface Place {
  readonly chain: Chain;
  index: number;
}

function passTable(journey: Journey, table: Table, start: Chain): Decision {
  const callers: Place[] = [];
  let place: Place = { chain: start, index: 0 };
  for (;;) {
    journey.steps += 1;
    if (journey.steps > MOST_STEPS) return { verdict: 'unknown', why: 'chains lead to each other without end' };
    const rule = place.chain.rules[place.index];
    place.index += 1;
    const answer: RuleAnswer = rule === undefined ? { kind: 'returns' } : askRule(journey, table, rule);
    switch (answer.kind) {
      case 'next':
        break;
      case 'ends':
        return rule === undefined ? answer.decision : { ...answer.decision, by: rule };
      case 'returns': {
        const caller = callers.pop();
        if (caller === undefined) return { verdict: start.policy === 'DROP' ? 'dropped' : 'accepted' };
        place = caller;
        break;
      }
      case 'enters':
        if (!answer.goto) callers.push(place);
        place = { chain: answer.chain, index: 0 };
    }
  }
}

type RuleAnswer =
  | { readonly kind: 'next' | 'returns' }
  | { readonly kind: 'ends'; readonly decision: Decision }
  | { readonly kind: 'enters'; readonly chain: Chain; readonly goto: boolean };

const NEXT: RuleAnswer = { kind: 'next' };

function unknown(why: string): RuleAnswer {
  return { kind: 'ends', decision: { verdict: 'unknown', why } };
}

function askRule(journey: Journey, table: Table, rule: Rule): RuleAnswer {
  const { simulation } = journey;
  const { base, matches, action } = rule.spec;
  const questions = [base, ...matches];
  for (const [index, use] of questions.entries()) {
    const plainly = answerPlainly(use, journey.packet);
    if (plainly === false) return NEXT;
    if (plainly === true) continue;
    if (plainly === undefined && !journey.reached.includes(rule)) journey.reached.push(rule);
    const answer: Answer | 'drop' =
      plainly ?? answerCounting(rule, index - 1, journey.packet, { ...simulation, tick: journey.tick, connection: journey.connection });
    if (answer === false) return NEXT;
    if (answer === 'drop') return { kind: 'ends', decision: { verdict: 'dropped' } };
    if (answer === 'unknown') {
      if (!canMatter(rule, questions.slice(index + 1), journey.packet)) return NEXT;
      return unknown(simulation.uncertain ?? `\`${textOf(use, simulation.ruleset)}\` cannot be judged without the host`);
    }
  }
  if (!journey.reached.includes(rule)) journey.reached.push(rule);
  journey.matched.push(rule);
  if (action === undefined) return NEXT;
  if (action.kind === 'chain') {
    const chain = table.chains.get(action.name.text);
    return chain === undefined ? unknown(`there is no chain ${action.name.text}`) : { kind: 'enters', chain, goto: action.goto };
  }
  const answer = runTarget(action.use, journey.packet);
  if (answer.kind === 'returns') return answer;
  journey.packet = answer.packet;
  if (answer.kind === 'next') return NEXT;
  return answer.verdict === 'unknown'
    ? unknown(`what becomes of packets behind \`-j ${action.use.extension.name}\` cannot be told`)
    : { kind: 'ends', decision: { verdict: answer.verdict } };
}

/** Targets whose rule may match or not without anything being different for the packet. */
const ONLY_REPORTS: ReadonlySet<string> = new Set(['LOG', 'NFLOG', 'ULOG', 'TRACE', 'AUDIT', 'LED']);

/** Whether it matters for the packet, or for what is counted, that a match of a rule cannot be judged. `rest`: the matches behind it. */
function canMatter(rule: Rule, rest: readonly Use[], packet: PacketInRules): boolean {
  const answers = rest.map((use) => answerPlainly(use, packet));
  if (answers.includes(undefined)) return true;
  if (answers.includes(false)) return false;
  const { action } = rule.spec;
  return action !== undefined && !(action.kind === 'target' && ONLY_REPORTS.has(action.use.extension.name));
}

function textOf(use: Use, ruleset: Ruleset): string {
  const { name } = use.extension;
  return [...(name === '' ? [] : ['-m', name]), ...printUse(use, ruleset.family)].join(' ');
}
