/** A read input → an nftables file, and what became of each rule. */

import type { Family, Hook, NftContext, Target } from '../extensions/define.js';
import type { Input } from '../input/input.js';
import { noticedCommands, ruleOf, usesOf, type Command, type RuleSpec } from '../iptables/command.js';
import { printRule } from '../iptables/print.js';
import { isUsableName, usableName } from '../nft/names.js';
import type { BaseHook, Counter, NamedObject, NamedSet, NftChain, NftFile, NftRule, NftTable, RuleCollector, Statement } from '../nft/ir.js';
import { reachingHooks } from '../ruleset/jumps.js';
import type { Chain, Rule, Ruleset, Table } from '../ruleset/model.js';
import { recentPlaces } from '../policy/limiters.js';
import { dumpOrder } from '../ruleset/dump.js';
import type { RunResult } from '../ruleset/run.js';
import { byteLength, cutToBytes } from '../text/bytes.js';
import { positionAt, spanText } from '../text/source.js';
import { withFirstPackets } from '../ruleset/first-packets.js';
import { createSetBudget } from './anonymous-sets.js';
import { planBridgePorts, type BridgePortPlan } from './bridge-ports/plan.js';
import { seesLaterFragments } from './fragments.js';
import { noteFirstHashlimits } from './hashlimit-tables.js';
import { planIpsets, type IpsetPlan } from './ipset/plan.js';
import { ipsetItems, ipsetRemarks, setsOf } from './ipset/report.js';
import { groupTables, type TableGroup } from './table-groups.js';
import { planRecent, type RecentPlan } from './recent/plan.js';
import { remarkUnused, type RecentState } from './recent/state.js';
import { lowerParts, lowerRule, type SharedStatements } from './rule.js';
import { worse, type ReportItem, type RuleOutcome, type TranslationReport } from './report.js';
import { untrackedAnswersRemark } from './untracked-answers.js';

/** How rules are compiled, as the options of `fwlint translate` say it. */
export interface TranslateOptions {
  /** The host the nft text is for; nothing known of it: nft 1.0.6 and later. */
  readonly target: Target;
  /** Windows of `recent`: as token buckets with bounds, or so that the same packets pass. */
  readonly rates: 'meter' | 'exact';
  /** What the file takes away before it adds its tables: those of the same name, everything, or nothing. */
  readonly replace: 'table' | 'flush' | 'none';
  /** Whether rules count on from the packets and bytes they have counted. */
  readonly counters: 'keep' | 'drop';
  /** Write what can be carried over even if something cannot. */
  readonly partial: boolean;
  /** Name of the nft table; the names of the iptables tables without. Only for inputs with one table of a family. */
  readonly tableName?: string;
  /** What the lists of xt_recent hold now, to go on from there. */
  readonly recentState?: RecentState;
}

/** What `fwlint translate` does when it is not told otherwise. */
export const STANDARD_OPTIONS: TranslateOptions = { target: {}, rates: 'meter', replace: 'table', counters: 'drop', partial: false };

/** The nftables file, and what became of each rule. */
export interface Translation<Made = NftRule> {
  readonly file: NftFile<Made>;
  readonly report: TranslationReport;
}

/** Where a built-in chain hooks in. (kernel: include/uapi/linux/netfilter_ipv4.h, enum nf_ip_hook_priorities) */
function baseHook(table: string, hook: Hook, policy: 'ACCEPT' | 'DROP' | undefined): BaseHook {
  const priorities: Readonly<Record<string, number>> = { raw: -300, mangle: -150, filter: 0, security: 50 };
  const priority = table === 'nat' ? (hook === 'PREROUTING' || hook === 'OUTPUT' ? -100 : 100) : (priorities[table] ?? 0);
  return {
    type: table === 'nat' ? 'nat' : table === 'mangle' && hook === 'OUTPUT' ? 'route' : 'filter',
    hook: hook.toLowerCase() as BaseHook['hook'],
    priority,
    policy: policy === 'DROP' ? 'drop' : 'accept',
  };
}

/**
 * Compiles every ruleset of the input. Never throws; what cannot be carried over is in the report, such as rules with values that only
 * the run knows (`$LAN`), which `translateScripts` keeps by their names.
 */
export function translate(input: Input, options: Partial<TranslateOptions> = {}): Translation {
  return translateAll([input], options);
}

/** Compiles several inputs into one file (rules.v4 and rules.v6). */
export function translateAll(inputs: readonly Input[], options: Partial<TranslateOptions> = {}): Translation {
  return translateInto(inputs, { ...STANDARD_OPTIONS, ...options }, createRuleList);
}

/** Several inputs into one file, the rules of each chain into a collector of its own. */
export function translateInto<Made>(inputs: readonly Input[], options: TranslateOptions, collector: () => RuleCollector<Made>): Translation<Made> {
  const tables: NftTable<Made>[] = [];
  const items: ReportItem[] = [];
  const remarks: string[] = [];
  const counts = { total: 0, exact: 0, approximate: 0, unsupported: 0 };
  const ipsetRun = setsOf(inputs);
  const ipsets = planIpsets(
    ipsetRun.sets,
    inputs.flatMap((input) => [...input.runs.values()].map((run) => run.ruleset)),
  );
  const portPlans = planAllBridgePorts(inputs, options.tableName);
  for (const input of inputs) {
    for (const run of input.runs.values()) {
      const remark = untrackedAnswersRemark(run.ruleset);
      if (remark !== undefined) remarks.push(remark);
      for (const group of groupTables(run.ruleset, ipsets.sharedBy)) {
        const made = translateGroup(run.ruleset, group, input, options, remarks, collector, ipsets, portPlans.get(run.ruleset.family));
        tables.push(made.table);
        counts.total += made.total;
        counts.exact += made.total - made.inexact.length;
        for (const { rule, outcome } of made.inexact) {
          counts[outcome.kind] += 1;
          items.push(itemOf(rule, outcome, run.ruleset));
        }
      }
      for (const command of run.refused) {
        if (!carriesRule(command)) continue;
        const item = refusedItem(command, run);
        counts.total += 1;
        counts[item.kind] += 1;
        items.push(item);
      }
    }
    const skipped = input.kind === 'save' ? noticedCommands(input.commands).filter(isForOtherFamily).length : 0;
    if (skipped > 0)
      remarks.push(
        `${input.source.name}: ${String(skipped)} line${skipped === 1 ? ' is' : 's are'} for the other family (-4, -6), and iptables-restore passes over ${skipped === 1 ? 'it' : 'them'}: \`--family\` reads the file for that`,
      );
    addUnreadable(input, items, counts, remarks);
    for (const [why, count] of countNotRun(input))
      remarks.push(`${input.source.name}: ${String(count)} command${count === 1 ? ' is' : 's are'} not part of the ruleset: ${why}`);
  }
  for (const { table, remarks: own } of portPlans.values()) {
    if (table !== undefined) tables.push({ ...table, chains: table.chains.map((chain) => collectChain(chain, collector())) });
    remarks.push(...own);
  }
  for (const item of ipsetItems(ipsetRun)) {
    counts.total += 1;
    counts.unsupported += 1;
    items.push(item);
  }
  remarks.push(...ipsetRemarks(ipsetRun, ipsets));
  if (options.recentState !== undefined) {
    const places = inputs.flatMap((input) => [...input.runs.values()].flatMap(({ ruleset }) => recentPlaces(ruleset)));
    remarks.push(...remarkUnused(options.recentState, new Set(places.map(({ use }) => use.list))));
  }
  items.sort((a, b) => a.at.start - b.at.start);
  return { file: { comments: [], defines: [], replace: options.replace, tables: mergeTables(tables) }, report: { ...counts, items, remarks } };
}

/** How the rules of each family learn the ports of bridges, where any asks for one. */
function planAllBridgePorts(inputs: readonly Input[], tableName: string | undefined): ReadonlyMap<Family, BridgePortPlan> {
  const plans = new Map<Family, BridgePortPlan>();
  for (const family of ['ip', 'ip6'] as const) {
    const rulesets = inputs.flatMap((input) => [...input.runs.values()].map((run) => run.ruleset)).filter((ruleset) => ruleset.family === family);
    const plan = planBridgePorts(family, rulesets, tableName);
    if (plan !== undefined) plans.set(family, plan);
  }
  return plans;
}

/** Commands left out because one run of the script would not execute them with the others, by reason. */
function countNotRun(input: Input): ReadonlyMap<string, number> {
  const counts = new Map<string, number>();
  for (const [command, why] of input.notRun) if (carriesRule(command)) counts.set(why, (counts.get(why) ?? 0) + 1);
  return counts;
}

/** Two inputs of one family may both touch a table: their chains stand in one. */
function mergeTables<Made>(tables: readonly NftTable<Made>[]): readonly NftTable<Made>[] {
  const merged = new Map<string, NftTable<Made>>();
  for (const table of tables) {
    const key = `${table.family} ${table.name}`;
    const before = merged.get(key);
    merged.set(
      key,
      before === undefined ? table : { ...before, sets: [...new Set([...before.sets, ...table.sets])], chains: [...before.chains, ...table.chains] },
    );
  }
  return [...merged.values()];
}

/** `-6 -A INPUT …` in a file of iptables-restore. */
function isForOtherFamily({ kind, problems }: Command): boolean {
  return kind === 'nothing' && problems.some(({ check }) => check === 'family-mismatch');
}

/** Refused commands that would have put something into the ruleset. */
function carriesRule(command: Command): boolean {
  return ['append', 'insert', 'replace', 'delete', 'policy', 'newChain', 'renameChain', 'malformed'].includes(command.kind);
}

function chainNameOf(command: Command): string {
  return 'chain' in command ? command.chain.text : '';
}

function itemOf(rule: Rule, outcome: InexactOutcome, ruleset: Ruleset): ReportItem {
  const chain = chainNameOf(rule.command);
  return {
    kind: outcome.kind,
    at: rule.command.at,
    rule: shownRule(rule, chain, ruleset.family),
    reason: outcome.kind === 'approximate' ? outcome.differs : outcome.reason,
    ...(outcome.kind === 'unsupported' && outcome.instead !== undefined ? { instead: outcome.instead } : {}),
    command: rule.command,
  };
}

/** A rule as iptables-save prints it; as it is written where it has arguments that are not known. */
function shownRule({ spec, command }: Rule, chain: string, family: Family): string {
  if ([spec.base, ...usesOf(spec)].some(({ unsettled }) => unsettled.length > 0)) return spanText(command.at).replace(/\\?\r?\n\s*/g, ' ');
  return `-A ${chain} ${printRule(spec, family)}`.trim();
}

/** Problems that keep fwlint, not iptables, from reading a command. */
const NOT_IPTABLES_FAULT: ReadonlySet<string> = new Set(['unsupported-extension', 'unknown-words', 'unknown-match', 'placeholder']);

function refusedItem(command: Command, run: RunResult): ReportItem {
  const problem = [...command.problems, ...run.problems.filter((candidate) => candidate.command === command)].find((candidate) => candidate.fatal);
  const advice = problem?.notes?.find((note) => note.kind === 'do')?.text;
  const reason =
    problem === undefined
      ? 'iptables refuses it'
      : NOT_IPTABLES_FAULT.has(problem.check)
        ? problem.message
        : `iptables refuses it: ${problem.message}`;
  const item = { at: command.at, rule: spanText(command.at).replace(/\\?\r?\n\s*/g, ' '), refused: true, command } as const;
  // Android's tools have iptables count in places where other kernels do not let it: `-A bw_INPUT -m owner --socket-exists`.
  if (isCounter(command)) return { ...item, kind: 'approximate', reason: leftOut(reason).differs };
  return { ...item, kind: 'unsupported', reason, ...(advice === undefined ? {} : { instead: advice }) };
}

/** What is said of a rule that only counts and that nft cannot have, for a reason. */
function leftOut(reason: string): Extract<RuleOutcome, { kind: 'approximate' }> {
  return { kind: 'approximate', differs: `left out, as the rule has no target and only counts: ${reason}` };
}

/** Whether a rule does nothing to packets, now or later: it has no target, and its matches remember nothing and give no mark. */
function onlyCounts({ action, matches }: RuleSpec): boolean {
  return action === undefined && matches.every(({ extension, given }) => extension.stateful !== true && given['restore-skmark'] === undefined);
}

/** Whether a command that was refused would have made a rule that only counts. */
function isCounter(command: Command): boolean {
  const rule =
    command.kind === 'append' && command.problems.every(({ fatal, check }) => !fatal || check === 'match-not-in-hook') ? ruleOf(command) : undefined;
  return rule !== undefined && onlyCounts(rule);
}

/** Text that looked like commands and could not be read at all; what is plainly meant, such as a last line that is missing, is a remark. */
function addUnreadable(input: Input, items: ReportItem[], counts: { total: number; unsupported: number }, remarks: string[]): void {
  for (const { problem, command } of input.problems) {
    if (command !== undefined || !['parse-error', 'restore-structure', 'unsupported-input'].includes(problem.check)) continue;
    if (problem.severity === 'warning') {
      if (problem.check === 'restore-structure') remarks.push(`${input.source.name}: ${problem.message}`);
      continue;
    }
    if (problem.fixes?.some(({ applicability }) => applicability === 'safe') === true) {
      remarks.push(`${input.source.name}: ${problem.message}; its rules are carried over all the same`);
      continue;
    }
    // A line that is no rule, and nobody knows what was meant: the others are.
    if (problem.check === 'restore-structure' && problem.fixes !== undefined) {
      const place = `${problem.at.source.name}:${String(positionAt(problem.at.source, problem.at.start).line)}`;
      remarks.push(`${place}: ${problem.message}; the rules around ${problem.also === undefined ? 'it' : 'them'} are carried over all the same`);
      continue;
    }
    if (problem.check === 'parse-error' && !/ip6?tables|^\s*-[AID]\b|\$\{?IP/i.test(spanText(problem.at))) continue;
    counts.total += 1;
    counts.unsupported += 1;
    items.push({ kind: 'unsupported', at: problem.at, rule: spanText(problem.at).trim(), reason: problem.message, command: undefined });
  }
}

function createRuleList(): RuleCollector<NftRule> {
  const rules: NftRule[] = [];
  return { add: (rule) => void rules.push(rule), all: () => rules.splice(0) };
}

interface TableResult<Made> {
  readonly table: NftTable<Made>;
  /** How many rules the table has. */
  readonly total: number;
  readonly inexact: readonly { readonly rule: Rule; readonly outcome: InexactOutcome }[];
}

/** What rules of several chains are compiled with. */
interface SharedContext {
  readonly context: NftContext;
  readonly shared: SharedStatements;
}

/** Beyond all protocols. */
const ANY_PROTOCOL = 0x100;

/** What the rules of a chain see of where they stand. */
type Place = Pick<NftContext, 'table' | 'hooks' | 'chainName'>;

type InexactOutcome = Exclude<RuleOutcome, { kind: 'exact' }>;

/** The tables of a group as one table of nft. */
function translateGroup<Made>(
  ruleset: Ruleset,
  group: TableGroup,
  input: Input,
  options: TranslateOptions,
  remarks: string[],
  collector: () => RuleCollector<Made>,
  ipsets: IpsetPlan,
  bridgePorts: BridgePortPlan | undefined,
): TableResult<Made> {
  const { nft } = options.target;
  const taken = new Set<string>();
  const renamed = new Map(group.tables.map((table) => [table, new Map<string, string>()]));
  for (const [table, names] of renamed)
    for (const chain of table.chains.values()) {
      const wanted = table === group.main ? chain.name : `${table.name}_${chain.name}`;
      const name = isUsableName('chain', wanted, nft) && !taken.has(wanted) ? wanted : usableName('chain', wanted, taken, nft);
      if (name !== wanted) remarks.push(`chain ${chain.name} became ${name}: nft cannot use the name`);
      taken.add(name);
      if (name !== chain.name) names.set(chain.name, name);
    }
  if (group.tables.length > 1) remarks.push(groupRemark(group));
  const freeName = (wanted: string): string => {
    const name = taken.has(wanted) || !isUsableName('set', wanted, nft) ? usableName('set', wanted, taken, nft) : wanted;
    taken.add(name);
    return name;
  };
  const sharedByTable = new Map<string, unknown>();
  noteFirstHashlimits(group.tables, ruleset.family, sharedByTable);
  const tableIpsets = ipsets.forTable({
    family: ruleset.family,
    tables: new Set(group.tables.map(({ name }) => name)),
    freeName,
    target: options.target,
  });
  // Rules of chains that are reached from the same hooks share a context for each protocol, and what their matches become.
  const contextsOfPlaces = new Map<Place, Map<number, SharedContext>>();
  const contextOf = (contexts: Map<number, SharedContext>, place: Place, rule: Rule): SharedContext => {
    const protocol = rule.spec.base.given['protocol'];
    const number = protocol === undefined ? ANY_PROTOCOL : (protocol.value as number);
    const key = protocol?.negated === true ? ~number : number;
    let found = contexts.get(key);
    if (found === undefined) {
      const context: NftContext = {
        family: ruleset.family,
        ...place,
        target: options.target,
        freeName,
        shared: sharedByTable,
        ipsets: tableIpsets,
        ...(seesLaterFragments(ruleset, place.hooks) ? { laterFragments: true as const } : {}),
        ...(bridgePorts === undefined ? {} : { bridgePorts, keptMark: bridgePorts.keptIn(place.hooks) }),
        ...(protocol === undefined || protocol.value === 0
          ? {}
          : protocol.negated
            ? { protocolNegated: true }
            : { protocol: protocol.value as number }),
      };
      found = { context, shared: new Map() };
      contexts.set(key, found);
    }
    return found;
  };
  const recent = planRecent(ruleset, group.tables, {
    rates: options.rates,
    target: options.target,
    freeName,
    ...(options.recentState === undefined ? {} : { state: options.recentState }),
  });
  const sets: NamedSet[] = [];
  const budget = createSetBudget(freeName, (set) => void sets.push(set));
  const objects: NamedObject[] = [];
  const extraChains: NftChain[] = [];
  const inexact: { rule: Rule; outcome: InexactOutcome }[] = [];
  let total = 0;
  const chains: NftChain<Made>[] = [];
  const collected = collector();
  for (const { table, chain, place } of placesOf(group, renamed)) {
    let name = place.chainName(chain.name);
    let base: { readonly base?: BaseHook } = chain.hook === undefined ? {} : { base: baseHook(table.name, chain.hook, chain.policy) };
    let pendingComments: string[] = [];
    let contexts = contextsOfPlaces.get(place);
    if (contexts === undefined) contextsOfPlaces.set(place, (contexts = new Map<number, SharedContext>()));
    const flow = { table, family: ruleset.family };
    for (let index = 0; index < chain.rules.length; index += 1) {
      const rule = chain.rules[index];
      if (rule === undefined) continue;
      const { context, shared } = contextOf(contexts, place, rule);
      const counter = options.counters === 'keep' ? counterOf(rule) : undefined;
      const seen = withFirstPackets(context, flow, chain, index, rule);
      const lowered = countOnce(lowerOne(rule, seen, chain.name, shared, recent, counter), counter, recent);
      total += 1;
      const outcome = lowered.outcome.kind === 'unsupported' && onlyCounts(rule.spec) ? leftOut(lowered.outcome.reason) : lowered.outcome;
      if (outcome.kind !== 'exact') inexact.push({ rule, outcome });
      for (const set of lowered.sets) sets.push(set);
      for (const object of lowered.objects) objects.push(object);
      for (const made of lowered.chains) extraChains.push(made);
      if (outcome.kind === 'unsupported') {
        const place = `${input.source.name}:${String(positionAt(rule.command.at.source, rule.command.at.start).line)}`;
        const text = shownRule(rule, chain.name, ruleset.family).replace(/[\r\n]/g, ' ');
        pendingComments.push(`NOT CARRIED OVER (${place}): ${text}: ${outcome.reason}`);
        continue;
      }
      for (const made of lowered.rules) {
        for (const one of budget.spread(finishRule(made, rule, pendingComments))) collected.add(one, rule.command);
        if (pendingComments.length > 0) pendingComments = [];
      }
      if (lowered.rest === undefined) continue;
      chains.push({ name, rules: collected.all(), ...base });
      [name, base] = [lowered.rest, {}];
    }
    const rules = collected.all();
    if (base.base !== undefined && !isNeeded(chain, rules) && pendingComments.length === 0) continue;
    chains.push({ name, rules, ...(pendingComments.length === 0 ? {} : { comments: pendingComments }), ...base });
  }
  sets.push(...recent.sets(), ...tableIpsets.declared());
  remarks.push(...recent.remarks);
  extraChains.push(...recent.chains, ...(bridgePorts?.chainsFor(group.tables, freeName) ?? []));
  return {
    total,
    inexact,
    table: {
      family: ruleset.family,
      name: options.tableName ?? group.main.name,
      sets,
      ...(objects.length === 0 ? {} : { objects }),
      chains: [...extraChains.map((chain) => collectChain(chain, collected)), ...chains],
    },
  };
}

const NO_HOOKS: readonly Hook[] = [];

/** The chains of all tables of a group, and what their rules see: chains of a table that are reached from the same hooks share one place. */
function* placesOf(
  { tables }: TableGroup,
  renamed: ReadonlyMap<Table, ReadonlyMap<string, string>>,
): Generator<{ readonly table: Table; readonly chain: Chain; readonly place: Place }> {
  for (const table of tables) {
    const hooks = reachingHooks(table);
    const names = renamed.get(table);
    const chainName = names === undefined || names.size === 0 ? (name: string) => name : (name: string) => names.get(name) ?? name;
    const placesByHooks = new Map<readonly Hook[], Place>();
    for (const chain of dumpOrder(table)) {
      const reached = hooks.get(chain) ?? NO_HOOKS;
      let place = placesByHooks.get(reached);
      if (place === undefined) placesByHooks.set(reached, (place = { table: table.name, hooks: reached, chainName }));
      yield { table, chain, place };
    }
  }
}

function groupRemark({ main, tables, shares }: TableGroup): string {
  const others = tables.slice(1).map(({ name }) => name);
  const renamed = others.map((name) => `${name}_…`).join(' and ');
  return `the tables ${[...others, main.name].join(' and ')} became one nft table, ${main.name}: they share ${shares.join(', ')}, and a set of nft belongs to one table; the chains from ${others.join(' and ')} are called ${renamed} and keep their hooks and priorities`;
}

function collectChain<Made>(chain: NftChain, collector: RuleCollector<Made>): NftChain<Made> {
  for (const rule of chain.rules) collector.add(rule);
  return { ...chain, rules: collector.all() };
}

/** Empty built-in chains that let everything through do nothing. */
function isNeeded(chain: Chain, rules: readonly unknown[]): boolean {
  return chain.hook === undefined || rules.length > 0 || chain.policy === 'DROP';
}

interface LoweredOne {
  readonly outcome: RuleOutcome;
  readonly rules: readonly NftRule[];
  readonly sets: readonly NamedSet[];
  readonly objects: readonly NamedObject[];
  readonly chains: readonly NftChain[];
  /** See LoweredRule. */
  readonly rest?: string;
}

/** `counter` stands in what comes back once or more often, or not at all. */
function lowerOne(
  rule: Rule,
  context: NftContext,
  chain: string,
  shared: SharedStatements,
  recent: RecentPlan,
  counter: Counter | undefined,
): LoweredOne {
  if (!recent.concerns(rule)) return lowerRule(rule.spec, context, chain, shared, counter);
  const result = lowerParts(rule.spec, context);
  const empty = { rules: [], sets: [], objects: [], chains: [] };
  if (result.outcome.kind === 'unsupported') return { outcome: result.outcome, ...empty };
  if (result.never !== undefined) return { outcome: result.outcome, ...empty };
  const { action } = result.parts;
  const parts = counter === undefined || action.length === 0 ? result.parts : { ...result.parts, action: [counter, ...action] };
  const compiled = recent.compile(rule, parts, { ...context, chain });
  return {
    outcome: worse(result.outcome, compiled.outcome),
    rules: compiled.rules,
    sets: result.sets,
    objects: result.objects,
    chains: [...result.chains, ...compiled.chains],
    ...(compiled.rest === undefined ? {} : { rest: compiled.rest }),
  };
}

/** At most 128 bytes. (kernel: include/uapi/linux/netfilter/nf_tables.h, NFT_USERDATA_MAXLEN; nft: NFTNL_UDATA_COMMENT_MAXLEN) */
const COMMENT_LIMIT = 128;

/** What stands in a comment of nft as it is. */
const PLAIN_COMMENT = /^[ !#-~]*$/;

function finishRule(made: NftRule, rule: Rule, comments: readonly string[]): NftRule {
  let text = '';
  for (const use of rule.spec.matches) {
    if (use.extension.name !== 'comment') continue;
    const value = use.given['comment']?.value;
    const comment = typeof value === 'string' ? value : '';
    text = text === '' ? comment : `${text} ${comment}`;
  }
  if (text === '' && comments.length === 0) return made;
  if (comments.length === 0 && made.comments === undefined && text.length <= COMMENT_LIMIT && PLAIN_COMMENT.test(text))
    return { statements: made.statements, comment: text };
  const long = byteLength(text) > COMMENT_LIMIT || /["\n]/.test(text);
  const above = [...comments, ...(made.comments ?? []), ...(long ? text.split('\n') : [])];
  return {
    statements: made.statements,
    ...(text === '' ? {} : { comment: cutToBytes(text.replaceAll('"', "'").replaceAll('\n', ' '), COMMENT_LIMIT) }),
    ...(above.length === 0 ? {} : { comments: above }),
  };
}

function counterOf({ spec: { counters } }: Rule): Counter {
  return { kind: 'counter', packets: counters?.packets ?? 0, bytes: counters?.bytes ?? 0 };
}

/** The rules with one counter of the given numbers; where packets may pass in several places, the others begin at 0. */
function countOnce(lowered: LoweredOne, counter: Counter | undefined, recent: RecentPlan): LoweredOne {
  if (counter === undefined) return lowered;
  let next: Counter = counter;
  const take = (): Counter => {
    const taken = next;
    next = { kind: 'counter', packets: 0, bytes: 0 };
    return taken;
  };
  const count = (rule: NftRule): NftRule => ({
    ...rule,
    statements: rule.statements.map((statement) => (statement === counter ? take() : statement)),
  });
  const rules = lowered.rules.map(count);
  const chains = lowered.chains.map((chain) => ({ ...chain, rules: chain.rules.map(count) }));
  if (next !== counter || recent.chains.some((chain) => chain.rules.some(({ statements }) => statements.includes(counter))))
    return { ...lowered, rules, chains };
  return { ...lowered, rules: rules.map((rule) => ({ ...rule, statements: withCounter(rule.statements, take()) })) };
}

/** The counter behind the conditions. */
function withCounter(statements: readonly Statement[], counter: Counter): readonly Statement[] {
  const last = statements.findIndex((statement) => !['match', 'limit', 'quota', 'ctCount', 'setUpdate'].includes(statement.kind));
  const at = last === -1 ? statements.length : last;
  return [...statements.slice(0, at), counter, ...statements.slice(at)];
}
