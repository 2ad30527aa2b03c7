/** Compiles `-m recent` with the whole ruleset in view. */

import recent, { readRecent, type RecentUse } from '../../extensions/matches/recent.js';
import { compareVersions, type Hook, type LoweredItem, type NftContext, type Target } from '../../extensions/define.js';
import { givenTo, type Use } from '../../iptables/command.js';
import { prefixLength } from '../../net/address.js';
import { goTo, jump } from '../../nft/build.js';
import type { Expr, NamedSet, NftChain, NftRule, SetElement, Statement } from '../../nft/ir.js';
import { byList, findRecentLimiters, recentPlaces, type RecentLimiter, type RecentPlace } from '../../policy/limiters.js';
import { asksForNew, effectOf } from '../../ruleset/flow.js';
import { conditionsOf } from '../../ruleset/conditions.js';
import type { Rule, Ruleset, Table } from '../../ruleset/model.js';
import { worse, type RuleOutcome } from '../report.js';
import { endLeaving, enter, joinItems, leave, wayOn, type ChainContext, type LoweredParts, type WayOn } from '../rule.js';
import { countAdmitted, countAll, countOne, LONGEST_PLACE, renewOne, type PairShape } from './exact.js';
import { asksMembership, groupLists, keyOf, millisecondsOf, type RecentList } from './list.js';
import { meterOf, rateOf, type Branches } from './meter.js';
import { pairOf, type Pair } from './pair.js';
import { lostPriority, restorePriority } from './priority.js';
import { carryBlocked, carryWindow, timeLeft, type Carrying, type RecentState } from './state.js';
import {
  asRule,
  createWindow,
  isIn,
  isTooManyAtOnce,
  MOST_STAMPS,
  pacedStamps,
  prepare,
  removal,
  stampInline,
  stampRules,
  WHEEL_FROM,
  whenFull,
  whenNotFull,
  type Output,
  type Window,
} from './window.js';

export interface RecentOptions {
  readonly rates: 'meter' | 'exact';
  readonly target: Target;
  readonly freeName: (wanted: string) => string;
  /** What the lists hold now. */
  readonly state?: RecentState;
}

/** What a rule with `-m recent` became. */
export interface CompiledRule {
  readonly outcome: RuleOutcome;
  readonly rules: readonly NftRule[];
  readonly chains: readonly NftChain[];
  /** See LoweredRule. */
  readonly rest?: string;
}

export interface RecentPlan {
  /** Whether a rule has a `-m recent`. */
  readonly concerns: (rule: Rule) => boolean;
  readonly compile: (rule: Rule, parts: LoweredParts, context: ChainContext) => CompiledRule;
  /** Complete after the last rule was compiled. */
  readonly sets: () => readonly NamedSet[];
  readonly chains: readonly NftChain[];
  /** What became of the addresses the lists hold now. */
  readonly remarks: readonly string[];
}

/** How a list is compiled. */
type Form =
  | { readonly kind: 'pair'; readonly pair: Pair }
  | { readonly kind: 'windows'; readonly windows: readonly Window[]; readonly membership: Window | undefined }
  /** Nothing ever puts an address on the list: no check that wants several stamps is met. */
  | { readonly kind: 'empty' }
  | { readonly kind: 'unsupported'; readonly reason: string; readonly instead?: string };

interface PlannedList {
  readonly list: RecentList;
  readonly form: Form;
  /** What every rule of the list is reported with. */
  readonly outcome: RuleOutcome;
  /** Name that sets and chains of the list begin with. */
  readonly base: string;
  /** Chains that stamp, and that take an address off, by side. */
  readonly stampChains: Map<string, string>;
  readonly removalChains: Map<string, string>;
}

interface Plan {
  readonly ruleset: Ruleset;
  readonly options: RecentOptions;
  readonly lists: ReadonlyMap<string, PlannedList>;
  readonly sets: NamedSet[];
  readonly chains: NftChain[];
  /** What the sets hold from the start, by their names. */
  readonly elements: Map<string, SetElement[]>;
  readonly remarks: string[];
  /** Hooks that end with a chain for the priority of packets. */
  readonly restored: Set<Hook>;
}

const NOTHING: CompiledRule = { outcome: { kind: 'exact' }, rules: [], chains: [] };

/** The first nft that takes elements out of a set in a rule, which everything but a meter and the simplest windows does. (nft: a87f2a22) */
const DELETES_SINCE = '0.9.3';

function cannotDelete({ nft }: Target): boolean {
  return nft !== undefined && compareVersions(nft, DELETES_SINCE) < 0;
}

/** Plans the lists of the tables that become one table of nft: all that use a list of theirs. */
export function planRecent(ruleset: Ruleset, tables: readonly Table[], wanted: RecentOptions): RecentPlan {
  const options: RecentOptions = cannotDelete(wanted.target) ? { ...wanted, rates: 'meter' } : wanted;
  const all = recentPlaces(ruleset);
  const here = all.filter((place) => tables.includes(place.table));
  const lists = new Map<string, PlannedList>();
  const plan: Plan = { ruleset, options, lists, sets: [], chains: [], elements: new Map(), remarks: [], restored: new Set() };
  if (here.length > 0) {
    const checks = byList(findRecentLimiters(ruleset, options.target), ({ use }) => use.list);
    const everywhere = groupLists(all, ruleset.family);
    const used = new Set(here.map((place) => place.use.list));
    for (const list of everywhere.values()) if (used.has(list.name)) lists.set(list.name, planList(plan, list, checks.get(list.name) ?? []));
  }
  return {
    concerns: here.length === 0 ? () => false : usesRecent,
    compile: (rule, parts, context) => compileRule(plan, rule, parts, context),
    sets: () =>
      plan.sets.map((set) => {
        const elements = plan.elements.get(set.name);
        return elements === undefined ? set : { ...set, elements: [...(set.elements ?? []), ...elements] };
      }),
    chains: plan.chains,
    remarks: plan.remarks,
  };
}

function usesRecent({ spec }: Rule): boolean {
  for (const use of spec.matches) if (givenTo(use, recent) !== undefined) return true;
  return false;
}

/** `checks`: those of the list. */
function planList(plan: Plan, list: RecentList, checks: readonly RecentLimiter[]): PlannedList {
  const { options, ruleset } = plan;
  const base = options.freeName(`recent_${list.name}`.replace(/[^A-Za-z0-9_.-]/g, '_'));
  const planned = (form: Form): PlannedList => ({
    list,
    form,
    outcome: form.kind === 'empty' ? { kind: 'exact' } : worse(outcomeOf(list), flooded(plan, list, pacedWindows(form, options))),
    base,
    stampChains: new Map(),
    removalChains: new Map(),
  });
  if (staysEmpty(list)) return planned({ kind: 'empty' });
  const [check] = checks;
  const pair = check === undefined || checks.length > 1 ? undefined : pairOf(check, list.places.length, ruleset.family);
  // The places a pair is counted in cannot be filled: the limit in each would let one more packet through.
  const countsPlaces = pair?.stampsWhenBlocked === 0 && options.rates === 'exact' && carryingOf(plan, list) !== undefined;
  if (pair !== undefined && !countsPlaces && isWorthAPair(pair, options)) return planned({ kind: 'pair', pair });
  const form = planWindows(plan, list, base);
  if (form.kind === 'windows' && cannotDelete(options.target) && needsDelete(form.windows, list))
    return planned({
      kind: 'unsupported',
      reason: `nft ${options.target.nft ?? ''} cannot take elements out of a set in a rule, which the stamps of list ${list.name} need; ${DELETES_SINCE} and newer can`,
    });
  return planned(form);
}

/** From so many seconds on, a ban that ends late is more than a matter of the clock. */
const LATE_FROM = 0.1;

/**
 * What a flood makes of windows of so many stamps: an address over the limit that tries faster than it is stamped is let in later than by iptables, by the
 * time its last tries took at most.
 */
function flooded({ remarks }: Plan, list: RecentList, counts: readonly number[]): RuleOutcome {
  if (counts.length === 0) return { kind: 'exact' };
  const most = Math.max(...counts);
  const late = most / pacedStamps(most);
  const differs = `an address over the limit that tries more than ${String(pacedStamps(most))} times a second is let in up to ${late.toFixed(late < 1 ? 2 : 1)} s later than by iptables: nft notes no more of its tries`;
  if (late >= LATE_FROM) return { kind: 'approximate', differs };
  remarks.push(`list ${list.name}: ${differs}`);
  return { kind: 'exact' };
}

/** How many stamps the windows hold whose stamps are bounded in a flood. */
function pacedWindows(form: Form, { rates }: RecentOptions): readonly number[] {
  if (form.kind === 'windows')
    return form.windows.flatMap((window) => (window.shape === 'slots' || window.flood === undefined ? [] : [window.count]));
  if (form.kind !== 'pair' || rates !== 'exact') return [];
  const { lets, stampsWhenBlocked } = form.pair;
  return lets > 1 && stampsWhenBlocked > 0 ? [lets] : [];
}

/** Whether the windows of a list take elements out of their sets. */
function needsDelete(windows: readonly Window[], { places }: RecentList): boolean {
  return windows.some(({ shape }) => shape !== 'slots') || places.some(({ use }) => use.operation === 'remove');
}

/**
 * Whether a list is never stamped: each `--set` stands in a rule behind a check of the same list. A check of one stamp still is of use, for a
 * list may be filled by hand.
 */
function staysEmpty({ places }: RecentList): boolean {
  const isFree = ({ use, rule, match }: RecentPlace): boolean => {
    if (use.operation === 'update') return use.negated;
    if (use.operation !== 'set') return false;
    const above = rule.spec.matches.slice(0, rule.spec.matches.indexOf(match));
    return !places.some((place) => place.rule === rule && above.includes(place.match) && place.use.operation !== 'set' && !place.use.negated);
  };
  const checks = places.filter(({ use }) => use.operation === 'rcheck' || use.operation === 'update');
  return checks.length > 0 && checks.every(({ use }) => use.hits > 1) && !places.some(isFree);
}

/** Whether a pair is better compiled as one than stamp by stamp. */
function isWorthAPair(pair: Pair, { rates, target }: RecentOptions): boolean {
  // Nothing is ever let through, or one try after the other: stamp by stamp is as simple.
  if (pair.lets === 0) return false;
  if (pair.stampsWhenBlocked === 0 && millisecondsOf(pair.seconds, target, true) >= LONGEST_PLACE) return false;
  if (rates === 'exact') return pair.lets <= MOST_STAMPS;
  if (pair.lets === 1) return pair.check.use.hits > 1;
  return rateOf(pair) !== undefined;
}

function outcomeOf(list: RecentList): RuleOutcome {
  let outcome: RuleOutcome = { kind: 'exact' };
  if (list.places.some(({ use }) => use.ttl))
    outcome = worse(outcome, {
      kind: 'approximate',
      differs: '`--rttl` is left out: packets of any TTL count as the same, iptables takes only those with the TTL of the last one stamped',
    });
  const reaped = reapedAfter(list);
  if (reaped !== undefined)
    outcome = worse(outcome, {
      kind: 'approximate',
      differs: `\`--reap\` is left out: each time its rule finds an address, iptables forgets the one seen longest ago once that is ${String(reaped)} s ago, with the stamps other rules of the list still ask for; nft keeps them as long as they count`,
    });
  if (list.places.some(({ use }) => use.seconds !== undefined && use.seconds * 1000 >= 2 ** 32))
    outcome = worse(outcome, {
      kind: 'approximate',
      differs:
        'so many seconds do not fit into the 32 bits the kernel counts its ticks in; how long an address counts depends on its HZ (--target hz=…)',
    });
  return outcome;
}

/**
 * Seconds after which `--reap` takes addresses off the list that other rules of it still ask for; undefined when it only frees memory.
 * (net/netfilter/xt_recent.c, recent_entry_reap)
 */
function reapedAfter(list: RecentList): number | undefined {
  const reaping = list.places.flatMap(({ use }) => (use.reap && use.seconds !== undefined ? [use.seconds] : []));
  if (reaping.length === 0) return undefined;
  const shortest = Math.min(...reaping);
  const asks = ({ operation }: RecentUse): boolean => operation === 'rcheck' || operation === 'update';
  const missed = list.places.some((place) => asksMembership(place) || (asks(place.use) && (place.use.seconds ?? Infinity) > shortest));
  return missed ? shortest : undefined;
}

/** The windows a list has to keep so that each of its checks can be answered. */
function planWindows(plan: Plan, list: RecentList, base: string): Form {
  const { options } = plan;
  const needs = new Map<string, { readonly count: number; readonly milliseconds: number | undefined; readonly seconds: number | undefined }>();
  for (const { use } of list.places) {
    if (use.operation !== 'rcheck' && use.operation !== 'update') continue;
    const milliseconds = use.seconds === undefined ? undefined : millisecondsOf(use.seconds, options.target, options.rates === 'exact');
    needs.set(windowKey(use.hits, use.seconds), { count: use.hits, milliseconds, seconds: use.seconds });
  }
  const membershipAsked = list.places.some(asksMembership);
  if (membershipAsked || needs.size === 0) needs.set(windowKey(1, undefined), { count: 1, milliseconds: undefined, seconds: undefined });
  const most = Math.max(...[...needs.values()].map(({ count }) => count));
  if (most > MOST_STAMPS)
    return {
      kind: 'unsupported',
      reason: `${String(most)} stamps of one address are more than fwlint keeps (${String(MOST_STAMPS)}); a set of nft holds 65535 elements for all addresses together`,
    };
  const windows: Window[] = [];
  let membership: Window | undefined;
  const type = typeOf(list);
  const removable = list.places.some(({ use }) => use.operation === 'remove');
  const carrying = carryingOf(plan, list);
  for (const { count, milliseconds, seconds } of needs.values()) {
    const suffix =
      needs.size === 1 ? '' : seconds === undefined ? (count === 1 ? '_seen' : `_${String(count)}`) : `_${String(count)}in${String(seconds)}s`;
    const wanted = `${base}${suffix}`;
    const freeName = wanted === base ? firstAs(base, options.freeName) : options.freeName;
    const window = createWindow(wanted, count, milliseconds, type, windowText(list, count, seconds), outputOf(plan, freeName), removable);
    windows.push(window);
    if (carrying !== undefined) carryWindow(window, seconds, carrying);
    if (milliseconds === undefined && count === 1) membership = window;
  }
  if (carrying !== undefined)
    remarkCarried(
      plan,
      list,
      [...needs.values()].map(({ seconds }) => seconds ?? Infinity),
      carrying,
    );
  return { kind: 'windows', windows, membership };
}

/** What a list holds now, for the windows of this family; undefined when it holds nothing. */
function carryingOf({ options, elements }: Plan, list: RecentList): Carrying | undefined {
  const { state } = options;
  const entries = state?.lists.get(list.name)?.filter(({ family }) => family === list.family) ?? [];
  return state === undefined || entries.length === 0 ? undefined : { entries, clock: state.clock, elements };
}

function remarkCarried({ remarks }: Plan, list: RecentList, windows: readonly number[], { entries, clock }: Carrying): void {
  const longest = Math.max(...windows);
  const left = (stamp: number): boolean => longest === Infinity || timeLeft(stamp, longest, clock) > 0;
  const carried = entries.filter(({ stamps }) => stamps.some(left)).length;
  remarks.push(
    `list ${list.name}: ${String(carried)} of ${String(entries.length)} addresses carried over with the time they have left at jiffies ${String(clock.jiffies)}${carried === entries.length ? '' : '; the others were seen too long ago'}`,
  );
}

function outputOf(plan: Plan, freeName = plan.options.freeName): Output {
  return { sets: plan.sets, chains: plan.chains, freeName };
}

/** The base name is reserved already: the first that asks for it gets it. */
function firstAs(base: string, freeName: (wanted: string) => string): (wanted: string) => string {
  let taken = false;
  return (wanted) => {
    if (wanted !== base || taken) return freeName(wanted);
    taken = true;
    return base;
  };
}

function windowKey(hits: number, seconds: number | undefined): string {
  return `${String(hits)} ${String(seconds)}`;
}

function windowText(list: RecentList, count: number, seconds: number | undefined): string {
  const age = seconds === undefined ? '' : ` in the last ${String(seconds)} s`;
  if (count === 1) return `list ${list.name}: addresses seen${age}`;
  const together = seconds === undefined ? '' : ', to the tick for packets that come one after the other';
  return `list ${list.name}: the last ${String(count)} times an address was seen${age}${together}`;
}

function typeOf(list: RecentList): string {
  return list.family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
}

/** One part of a rule after the other. */
type Step =
  | { readonly kind: 'items'; readonly items: readonly LoweredItem[] }
  | { readonly kind: 'recent'; readonly use: RecentUse; readonly match: Use; readonly planned: PlannedList };

/** A rule that cannot be put together; the reason is caught where the rule began. */
interface Refusal {
  readonly reason: string;
  readonly instead?: string;
}

interface Building {
  readonly plan: Plan;
  readonly context: ChainContext;
  readonly base: string;
  readonly chains: NftChain[];
  readonly way: WayOn;
  refusal: Refusal | undefined;
}

function compileRule(plan: Plan, rule: Rule, parts: LoweredParts, context: ChainContext): CompiledRule {
  const steps: Step[] = [];
  if (parts.base.length > 0) steps.push({ kind: 'items', items: parts.base });
  let outcome: RuleOutcome = { kind: 'exact' };
  let paired: { readonly planned: PlannedList; readonly pair: Pair } | undefined;
  for (const part of parts.uses) {
    if (!('kind' in part)) {
      if (part.length > 0) steps.push({ kind: 'items', items: part });
      continue;
    }
    const given = givenTo(part.use, recent);
    const use = given === undefined ? undefined : readRecent(given, context.family);
    const planned = use === undefined ? undefined : plan.lists.get(use.list);
    if (use === undefined || planned === undefined)
      return { ...NOTHING, outcome: { kind: 'unsupported', reason: '`-m recent` without an operation' } };
    outcome = worse(outcome, planned.outcome);
    const { form } = planned;
    if (form.kind === 'unsupported') return { ...NOTHING, outcome: form.instead === undefined ? { kind: 'unsupported', reason: form.reason } : form };
    if (countsByNumber(plan, form, context.hooks)) {
      restoreLater(plan, context.hooks);
      const differs = lostPriority(context.hooks, plan.ruleset);
      if (differs !== undefined) outcome = worse(outcome, { kind: 'approximate', differs });
      if (losesCount(plan, form))
        outcome = worse(outcome, {
          kind: 'approximate',
          differs:
            'an address that is seen several hundred times in a second is stopped early: nft cannot change the number of its stamps that often',
        });
    }
    if (form.kind === 'pair') paired = { planned, pair: form.pair };
    else steps.push({ kind: 'recent', use, match: part.use, planned });
  }
  if (paired !== undefined) {
    const items = steps.flatMap((step) => (step.kind === 'items' ? step.items : []));
    const made = compilePair(plan, rule, paired.planned, paired.pair, items, parts.action, context);
    return { ...made, outcome: worse(outcome, made.outcome) };
  }
  if (parts.action.length > 0) steps.push({ kind: 'items', items: parts.action });
  const first = steps.find((step) => step.kind === 'recent');
  const building: Building = {
    plan,
    context,
    base: first?.kind === 'recent' ? first.planned.base : 'recent',
    chains: [],
    way: isBound(plan, rule, context) ? wayOn(parts.action) : wayOn([]),
    refusal: undefined,
  };
  const rules = build(building, [], false, steps);
  if (building.refusal !== undefined) return { ...NOTHING, outcome: { kind: 'unsupported', ...building.refusal } };
  return { outcome, chains: building.chains, ...withRest(rules, building.way) };
}

/** The rules for the chain a rule stands in, with the one that goes on to the rules behind it. */
function withRest(rules: readonly NftRule[], { rest }: WayOn): Pick<CompiledRule, 'rules' | 'rest'> {
  return rest === undefined ? { rules } : { rules: [...rules, asRule(goTo(rest))], rest };
}

/** Whether the target of a rule means something else in a chain of its own. */
function isBound({ ruleset }: Plan, rule: Rule, { table: name }: NftContext): boolean {
  const { action } = rule.spec;
  if (action === undefined) return false;
  if (action.kind === 'target') return action.use.extension.flow === 'returns';
  if (!action.goto) return false;
  const table = ruleset.tables.get(name);
  const effect = table === undefined ? 'unknown' : effectOf({ table, family: ruleset.family }, rule);
  return effect !== 'accepts' && effect !== 'drops' && effect !== 'decides';
}

/** Has the priority of packets made what it was at the end of hooks. */
function restoreLater({ restored, chains, options, ruleset }: Plan, hooks: readonly Hook[]): void {
  for (const hook of hooks) {
    if (restored.has(hook)) continue;
    restored.add(hook);
    chains.push(restorePriority(options.freeName(`recent_priority_${hook.toLowerCase()}`), hook, ruleset.family));
  }
}

/** Whether as many tries as a list may hold are too many at once. */
function losesCount({ options }: Plan, form: Form): boolean {
  if (form.kind === 'windows')
    return form.windows.some(({ shape, count, milliseconds }) => shape === 'wheel' && isTooManyAtOnce(count, milliseconds));
  return form.kind === 'pair' && isTooManyAtOnce(form.pair.lets, millisecondsOf(form.pair.seconds, options.target, true));
}

/** From so many places on it is cheaper to find a free one by number than to ask for each. */
const NUMBERED_PLACES_FROM = 10;

/** Whether a list has so many stamps that they are looked up by number, in rules that are reached from these hooks. */
function countsByNumber({ options, ruleset }: Plan, form: Form, hooks: readonly Hook[]): boolean {
  if (form.kind === 'windows') return form.windows.some(({ shape }) => shape === 'wheel');
  if (form.kind !== 'pair' || options.rates !== 'exact') return false;
  const { lets, stampsWhenBlocked } = form.pair;
  return lets >= WHEEL_FROM || (stampsWhenBlocked === 0 && lets >= NUMBERED_PLACES_FROM && lostPriority(hooks, ruleset) === undefined);
}

// --- pairs ---

/** The target of a pair decides. */
const STRAIGHT: WayOn = { bound: false, rest: undefined };

function compilePair(
  plan: Plan,
  rule: Rule,
  planned: PlannedList,
  pair: Pair,
  items: readonly LoweredItem[],
  action: readonly LoweredItem[],
  context: ChainContext,
): CompiledRule {
  const { options } = plan;
  const meter = options.rates === 'meter' && pair.lets > 1;
  const carrying = carryingOf(plan, planned.list);
  if (rule !== pair.check.rule) {
    const outcome: RuleOutcome = meter ? { kind: 'approximate', differs: `counted where list ${planned.list.name} is asked` } : { kind: 'exact' };
    // Counting happens where the list is asked; a rule that does nothing else is gone.
    if (action.length === 0) return { ...NOTHING, outcome };
    const way = wayOn(action);
    const { rules, chains } = joinItems([...items, ...action], context, way);
    return { outcome, chains, ...withRest(rules, way) };
  }
  const { list, base } = planned;
  const key = keyOf(list, pair.check.use.side);
  const counted = countedBy(pair, plan.ruleset);
  const says = `list ${list.name}: ${String(pair.lets)} ${counted} per ${String(pair.seconds)} s and ${perText(list, pair)}`;
  const milliseconds = millisecondsOf(pair.seconds, options.target, options.rates === 'exact');
  const freeName = firstAs(base, options.freeName);
  const type = typeOf(list);
  const join = ({ acting, counting }: Branches): { rules: readonly NftRule[]; chains: readonly NftChain[] } => {
    const made = [
      ...acting.map((branch) => joinItems([...items, ...branch, ...action], context, STRAIGHT)),
      ...counting.map((branch) => joinItems([...items, ...branch], context, STRAIGHT)),
    ];
    return { rules: made.flatMap(({ rules }) => rules), chains: made.flatMap(({ chains }) => chains) };
  };
  if (meter) {
    const rate = rateOf(pair);
    if (rate === undefined)
      return { ...NOTHING, outcome: { kind: 'unsupported', reason: `nft has no unit for ${String(pair.lets)} in ${String(pair.seconds)} s` } };
    const set = freeName(base);
    const blocked = pair.stampsWhenBlocked === 0 && carrying === undefined ? undefined : freeName(`${base}_blocked`);
    if (carrying !== undefined && blocked !== undefined) {
      const count = carryBlocked(blocked, pair.lets, pair.seconds, milliseconds, carrying);
      plan.remarks.push(
        `list ${list.name}: ${String(count)} of ${String(carrying.entries.length)} addresses are blocked and stay so for the time they have left at jiffies ${String(carrying.clock.jiffies)}; what the others have used of their limit is not carried over (--rates exact does that)`,
      );
    }
    const made = meterOf(pair, rate, {
      list: list.name,
      set,
      blocked: blocked ?? '',
      carried: pair.stampsWhenBlocked === 0 ? blocked : undefined,
      counted,
      key,
      type,
      milliseconds,
      per: perText(list, pair),
    });
    plan.sets.push(...made.sets);
    return { outcome: { kind: 'approximate', differs: made.differs }, ...join(made.branches) };
  }
  const output = outputOf(plan, freeName);
  const over = joinItems(action, context, STRAIGHT);
  const shape: PairShape = {
    base,
    lets: pair.lets,
    milliseconds,
    key,
    type,
    says,
    action: over.rules,
    admits: pair.admits,
    byNumber: countsByNumber(plan, planned.form, context.hooks),
    ...carryInto(plan, pair, planned.list, carrying),
  };
  const { stampsWhenBlocked } = pair;
  if (pair.lets === 1 && stampsWhenBlocked > 0)
    return { outcome: { kind: 'exact' }, ...join(options.rates === 'exact' ? countOne(shape, output) : renewOne(shape, output)) };
  plan.chains.push(...over.chains);
  const chain = stampsWhenBlocked === 0 ? countAdmitted(shape, output) : countAll(shape, stampsWhenBlocked === 2, output);
  return { outcome: { kind: 'exact' }, ...joinItems([...items, jump(chain)], context, STRAIGHT) };
}

/** Fills the window of a pair. */
function carryInto(plan: Plan, { seconds }: Pair, list: RecentList, carrying: Carrying | undefined): Pick<PairShape, 'carry'> {
  if (carrying === undefined) return {};
  return {
    carry: (window) => {
      carryWindow(window, seconds, carrying);
      remarkCarried(plan, list, [seconds], carrying);
    },
  };
}

function countedBy(pair: Pair, { family }: Ruleset): string {
  const one = pair.lets === 1 ? '' : 's';
  return asksForNew(conditionsOf(pair.check.rule.spec, family, { without: pair.check.match })) ? `new connection${one}` : `packet${one}`;
}

/** `source`, `source /24`, `destination`. */
function perText(list: RecentList, pair: Pair): string {
  const side = pair.check.use.side === 'saddr' ? 'source' : 'destination';
  const length = prefixLength(list.mask);
  return length === (list.family === 'ip' ? 32 : 128) ? side : length === undefined ? `${side} under its mask` : `${side} /${String(length)}`;
}

// --- stamp by stamp ---

/** Statements that must not run twice for one packet. */
function countsOrWrites(item: LoweredItem): boolean {
  return item.kind !== 'match' && item.kind !== 'anyOf' && item.kind !== 'unless';
}

/**
 * The rules for the chain the iptables rule stands in, such that packets that meet all conditions come to the end of the last step.
 * `asked`: `prefix` has a test whose answer stamping may change.
 */
function build(building: Building, prefix: readonly LoweredItem[], asked: boolean, steps: readonly Step[]): readonly NftRule[] {
  const [step, ...rest] = steps;
  if (building.refusal !== undefined) return [];
  if (step === undefined) return finish(building, prefix);
  if (step.kind === 'items') return build(building, [...prefix, ...step.items], asked, rest);
  if (step.planned.form.kind === 'empty') {
    if (step.use.negated) return build(building, prefix, asked, rest);
    return prefix.some(countsOrWrites) ? finish(building, prefix) : [];
  }
  switch (step.use.operation) {
    case 'set':
      return buildSet(building, prefix, asked, step, rest);
    case 'remove':
      return buildRemove(building, prefix, step, rest);
    default:
      return step.use.negated ? buildUnless(building, prefix, step, rest) : buildIf(building, prefix, step, rest);
  }
}

type RecentStep = Extract<Step, { kind: 'recent' }>;

function finish(building: Building, prefix: readonly LoweredItem[]): readonly NftRule[] {
  const { rules, chains } = joinItems(prefix, building.context, building.way);
  building.chains.push(...chains);
  return rules;
}

function refuse(building: Building, reason: string): readonly NftRule[] {
  building.refusal ??= { reason };
  return [];
}

/** Puts the rest of a rule into a chain of its own. */
function apart({ plan, context, chains, way }: Building, wanted: string, comment: string, make: () => readonly NftRule[]): string {
  const name = plan.options.freeName(wanted);
  const rules = endLeaving(make(), way, context);
  chains.push({ name, rules, comments: [comment] });
  return name;
}

function windowsOf({ form }: PlannedList): Extract<Form, { kind: 'windows' }> {
  return form.kind === 'windows' ? form : { kind: 'windows', windows: [], membership: undefined };
}

function windowOf(building: Building, { use, planned }: RecentStep): Window | undefined {
  const { options } = building.plan;
  const milliseconds = use.seconds === undefined ? undefined : millisecondsOf(use.seconds, options.target, options.rates === 'exact');
  return windowsOf(planned).windows.find((window) => window.count === use.hits && window.milliseconds === milliseconds);
}

/** Stamps in every window of the list: statements, or a chain to jump to. */
function stampOf(building: Building, { use, planned }: RecentStep): { readonly inline: readonly Statement[] } | { readonly chain: string } {
  const { plan } = building;
  const { windows } = windowsOf(planned);
  const key = keyOf(planned.list, use.side);
  const removable = planned.list.places.some((place) => place.use.operation === 'remove');
  const inline = windows.map((window) => stampInline(window, key, removable));
  if (inline.every((statements) => statements !== undefined)) return { inline: inline.flat() };
  const known = planned.stampChains.get(use.side);
  if (known !== undefined) return { chain: known };
  const { freeName } = plan.options;
  const suffix = use.side === 'saddr' ? 'stamp' : 'stamp_destination';
  const name = freeName(`${planned.base}_${suffix}`);
  planned.stampChains.set(use.side, name);
  const [only, ...more] = windows;
  const says = [`list ${planned.list.name}: the ${use.side === 'saddr' ? 'source' : 'destination'} was seen now`];
  if (only !== undefined && more.length === 0) {
    plan.chains.push({ name, rules: stampRules(only, key, outputOf(plan), name), comments: says });
    return { chain: name };
  }
  const rules = windows.map((window, index): NftRule => {
    const statements = inline[index];
    if (statements !== undefined) return asRule(...statements);
    const inner = freeName(`${name}_${String(window.count)}`);
    plan.chains.push({ name: inner, rules: stampRules(window, key, outputOf(plan), inner) });
    return asRule(jump(inner));
  });
  plan.chains.push({ name, rules, comments: says });
  return { chain: name };
}

function buildSet(building: Building, prefix: readonly LoweredItem[], asked: boolean, step: RecentStep, rest: readonly Step[]): readonly NftRule[] {
  const stamp = stampOf(building, step);
  const statements = 'inline' in stamp ? stamp.inline : [jump(stamp.chain)];
  // `! --set` stamps and never matches.
  if (step.use.negated || rest.length === 0) return finish(building, [...prefix, ...statements]);
  const forever = windowsOf(step.planned).windows.some((window) => window.milliseconds === undefined);
  // A full set ends the rule: what is kept for ever must not decide about the target.
  if ('inline' in stamp && !forever) return build(building, [...prefix, ...statements], true, rest);
  if (!asked && !prefix.some(countsOrWrites)) return [...finish(building, [...prefix, ...statements]), ...build(building, prefix, true, rest)];
  const inner = apart(building, `${step.planned.base}_then`, `list ${step.planned.list.name}: stamp, then the rest of the rule`, () => [
    asRule(...statements),
    ...build(building, [], false, rest),
  ]);
  return finish(building, [...prefix, enter(building.way, inner)]);
}

function seenText({ hits, seconds }: RecentUse): string {
  return `seen${hits === 1 ? '' : ` ${String(hits)} times`}${seconds === undefined ? '' : ` in ${String(seconds)} s`}`;
}

/** A rule of these statements; none when there are none. */
function ruleOf(statements: readonly Statement[]): readonly NftRule[] {
  return statements.length === 0 ? [] : [asRule(...statements)];
}

/** `--rcheck` and `--update`: goes on when the window is full. */
function buildIf(building: Building, prefix: readonly LoweredItem[], step: RecentStep, rest: readonly Step[]): readonly NftRule[] {
  const { use, planned } = step;
  const window = windowOf(building, step);
  if (window === undefined) return refuse(building, 'the list is not planned');
  const key = keyOf(planned.list, use.side);
  const first = prepare(window, key, outputOf(building.plan));
  const ways = whenFull(window, key);
  const [only] = ways;
  const stamp = use.operation === 'update' ? stampOf(building, step) : { inline: [] };
  if (ways.length === 1 && only !== undefined && first.length === 0 && 'inline' in stamp)
    return build(building, [...prefix, ...only, ...stamp.inline], true, rest);
  const text = `list ${planned.list.name}: ${seenText(use)}`;
  const hit = apart(building, `${planned.base}_hit`, text, () => [
    ...ruleOf('inline' in stamp ? stamp.inline : [jump(stamp.chain)]),
    ...build(building, [], false, rest),
  ]);
  const check = apart(building, `${planned.base}_check`, `${text}?`, () => [...ruleOf(first), ...ways.map((way) => asRule(...way, goTo(hit)))]);
  return finish(building, [...prefix, enter(building.way, check)]);
}

/** `! --rcheck` and `! --update`: goes on when the window is not full. */
function buildUnless(building: Building, prefix: readonly LoweredItem[], step: RecentStep, rest: readonly Step[]): readonly NftRule[] {
  const { use, planned } = step;
  const window = windowOf(building, step);
  if (window === undefined) return refuse(building, 'the list is not planned');
  const key = keyOf(planned.list, use.side);
  const first = prepare(window, key, outputOf(building.plan));
  const not = whenNotFull(window, key);
  const [only] = not;
  if (use.operation === 'rcheck' && not.length === 1 && only !== undefined && first.length === 0)
    return build(building, [...prefix, ...only], true, rest);
  const inner = apart(building, `${planned.base}_unless`, `list ${planned.list.name}: unless ${seenText(use)}`, () => {
    const stamps: NftRule[] = [];
    if (use.operation === 'update') {
      // Only addresses that are on the list are stamped.
      const stamp = stampOf(building, step);
      stamps.push(asRule(...isMember(planned, key), ...('inline' in stamp ? stamp.inline : [jump(stamp.chain)])));
    }
    return [
      ...ruleOf(first),
      ...whenFull(window, key).map((full) => asRule(...full, leave(building.way, building.context))),
      ...stamps,
      ...build(building, [], false, rest),
    ];
  });
  return finish(building, [...prefix, enter(building.way, inner)]);
}

function isMember(planned: PlannedList, key: Expr): readonly Statement[] {
  const { membership } = windowsOf(planned);
  return membership?.shape === 'slots' ? [isIn(key, membership.sets[0] ?? '')] : [];
}

function buildRemove(building: Building, prefix: readonly LoweredItem[], step: RecentStep, rest: readonly Step[]): readonly NftRule[] {
  const { use, planned } = step;
  const key: Expr = keyOf(planned.list, use.side);
  const off = removalOf(building, planned, use.side, key);
  const member = isMember(planned, key);
  const statements = 'inline' in off ? off.inline : [jump(off.chain)];
  if (rest.length === 0) return finish(building, [...prefix, ...statements]);
  const text = `list ${planned.list.name}: takes the address off`;
  if (!use.negated) {
    if ('inline' in off) return build(building, [...prefix, ...member, ...off.inline], true, rest);
    const inner = apart(building, `${planned.base}_off`, `${text}, and goes on`, () => [...ruleOf(statements), ...build(building, [], false, rest)]);
    return finish(building, [...prefix, ...member, enter(building.way, inner)]);
  }
  const { way, context } = building;
  const inner = apart(building, `${planned.base}_unless`, `${text}, and goes on when it was not there`, () => [
    ...('inline' in off
      ? [asRule(...member, ...off.inline, leave(way, context))]
      : way.bound
        ? [asRule(...member, goTo(apart(building, `${planned.base}_off`, text, () => [asRule(jump(off.chain))])))]
        : [asRule(...member, goTo(off.chain))]),
    ...build(building, [], false, rest),
  ]);
  return finish(building, [...prefix, enter(way, inner)]);
}

/** Takes an address off all windows of its list. */
function removalOf(
  { plan }: Building,
  planned: PlannedList,
  side: RecentUse['side'],
  key: Expr,
): { readonly inline: readonly Statement[] } | { readonly chain: string } {
  const known = planned.removalChains.get(side);
  if (known !== undefined) return { chain: known };
  const removals = windowsOf(planned).windows.map((window) => removal(window, key, outputOf(plan)));
  if (removals.every((one) => 'inline' in one)) return { inline: removals.flatMap((one) => one.inline) };
  const name = plan.options.freeName(`${planned.base}_take_off${side === 'saddr' ? '' : '_destination'}`);
  planned.removalChains.set(side, name);
  plan.chains.push({
    name,
    rules: removals.map((one) => asRule(...('inline' in one ? one.inline : [jump(one.chain)]))),
    comments: [`list ${planned.list.name}: takes the address off`],
  });
  return { chain: name };
}
