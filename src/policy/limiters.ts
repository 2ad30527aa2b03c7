/** What the rate limits of a ruleset amount to, in numbers: the one place they are computed for checks, sentences and translations. */

import connlimit, { connectionCount, type ConnectionCount } from '../extensions/matches/connlimit.js';
import hashlimit, { bucketOfHashlimit, readHashlimit, type Hashlimit } from '../extensions/matches/hashlimit.js';
import limit, { bucketOfLimit, type LimitBucket } from '../extensions/matches/limit.js';
import quota from '../extensions/matches/quota.js';
import statistic, { readStatistic, type Statistic } from '../extensions/matches/statistic.js';
import recent, { readRecent, type RecentUse } from '../extensions/matches/recent.js';
import type { Family, Hook, MatchDefinition, Target } from '../extensions/define.js';
import { givenTo, type Use } from '../iptables/command.js';
import { areDisjoint, conditionsOf, covers, together, type Conditions } from '../ruleset/conditions.js';
import { effectOf, fateBehind, type Effect, type Fate, type FlowContext } from '../ruleset/flow.js';
import { leadingTo } from '../ruleset/jumps.js';
import { firstLoaded } from '../ruleset/load-order.js';
import type { Chain, Rule, Ruleset, Table } from '../ruleset/model.js';
import { extensionsIn } from '../ruleset/used-extensions.js';
import { oncePer } from '../text/once-per.js';

/** Addresses a list of xt_recent remembers, unless the module is told otherwise. (kernel: net/netfilter/xt_recent.c, ip_list_tot) */
export const LIST_SIZE = 100;

/** Where a rule stands. */
export interface RulePlace {
  readonly table: Table;
  readonly chain: Chain;
  /** Position in the chain, from 0. */
  readonly index: number;
  readonly rule: Rule;
}

/** A use of `-m recent` in a rule of the ruleset. */
export interface RecentPlace extends RulePlace {
  readonly match: Use<MatchDefinition>;
  readonly use: RecentUse;
}

/**
 * How another use of the same list counts the packets a check asks about. `all`: it stamps every one of them; `first`: the first packet of
 * every connection; `some`: some of them, or it cannot be told; `other`: only packets the check never sees.
 */
export type Counts = 'all' | 'first' | 'some' | 'other';

/** A `--set` (or an `--update` elsewhere) beside a check of the same list. */
export interface Counting extends RecentPlace {
  readonly counts: Counts;
  /** Asked before the check, or behind it; `undefined` when no packet meets both. */
  readonly when: 'before' | 'behind' | undefined;
  /** The rule that stamps also accepts or drops, so that the check behind it never sees these packets. */
  readonly ends: boolean;
}

/** How a blocked client gets in again. */
export type Recovery =
  /** When fewer than so many let-through ones lie in the last seconds, however often it tries: a sliding window. */
  | { readonly kind: 'window'; readonly seconds: number }
  /** After fewer than `fewerThan` tries in the last seconds; tries while blocked count. */
  | { readonly kind: 'silence'; readonly seconds: number; readonly fewerThan: number }
  /** Never by waiting: no `--seconds`. */
  | { readonly kind: 'never' }
  /** It is never blocked. */
  | { readonly kind: 'unlimited' };

/** A check of a list of xt_recent, and what it amounts to. */
export interface RecentLimiter extends RecentPlace {
  readonly kind: 'recent';
  readonly family: Family;
  /** Everything else that uses the list. */
  readonly others: readonly Counting[];
  /** What happens to packets the check matches. `blocks`: dropped or refused; `admits`: `! --rcheck … -j ACCEPT` lets through what is below the limit. */
  readonly effect: 'blocks' | 'admits' | 'opens' | 'observes' | 'unknown';
  /** Stamps the asked packets get before the check, and behind it. */
  readonly stampsBefore: number;
  readonly stampsBehind: number;
  /** Only the first packets of connections are stamped, while the check stops later ones as well: `lets` is the connections that work. */
  readonly cutsOpen: boolean;
  readonly order: 'check first' | 'set first' | 'both' | 'never set';
  /** How many a fresh client gets through at once, which is also the most in any `seconds`. `undefined`: no limit. */
  readonly lets: number | undefined;
  readonly recovery: Recovery;
  /** Stamps a blocked try leaves: 0, 1, or 2 for `--set` above `--update`. */
  readonly stampsWhenBlocked: number;
  /** Addresses the list remembers. */
  readonly remembers: number;
  /** The mask of the list: that of the rule that was loaded first. */
  readonly mask: number | bigint;
}

/** A `-m limit`: one bucket for all packets. */
export interface LimitLimiter extends RulePlace {
  readonly kind: 'limit';
  readonly family: Family;
  readonly bucket: LimitBucket;
  readonly effect: Effect;
  /** What becomes of the packets above the rate. */
  readonly rest: Fate;
}

/** A `-m hashlimit`: a bucket for each key. */
export interface HashlimitLimiter extends RulePlace {
  readonly kind: 'hashlimit';
  readonly family: Family;
  readonly limit: Hashlimit;
  /** Packets at once, in truth; byte rates have none. */
  readonly burst: number | undefined;
  readonly effect: Effect;
  readonly rest: Fate;
  /** Other rules with the same --hashlimit-name. */
  readonly shares: readonly RulePlace[];
}

/** A `-m connlimit`: connections open at the same time. */
export interface ConnlimitLimiter extends RulePlace {
  readonly kind: 'connlimit';
  readonly family: Family;
  readonly count: ConnectionCount;
  readonly effect: Effect;
  readonly rest: Fate;
}

/** A `-m quota`: bytes this rule counts by itself. */
export interface QuotaLimiter extends RulePlace {
  readonly kind: 'quota';
  readonly family: Family;
  readonly bytes: bigint;
  /** `!`: matches what comes when they are used up. */
  readonly negated: boolean;
  readonly effect: Effect;
  readonly rest: Fate;
}

/** A `-m statistic`: a share of the packets. */
export interface StatisticLimiter extends RulePlace {
  readonly kind: 'statistic';
  readonly family: Family;
  readonly statistic: Statistic;
  readonly effect: Effect;
  readonly rest: Fate;
}

export type Limiter = RecentLimiter | LimitLimiter | HashlimitLimiter | ConnlimitLimiter | QuotaLimiter | StatisticLimiter;

/**
 * How many tries at once a check of `hits` stamps lets through, when each try leaves `before` stamps before it is asked and `behind`
 * after it was let through. `undefined`: all. The n-th try is stopped when n × before + (n − 1) × behind ≥ hits.
 */
export function letThrough(hits: number, before: number, behind: number): number | undefined {
  if (before + behind === 0) return undefined;
  return Math.floor((hits - 1 + behind) / (before + behind));
}

/** A limit of nft that stands in for a window, with what it lets through. */
export interface BucketBounds {
  /** The most in any `seconds`: the burst and what is refilled meanwhile. */
  readonly most: number;
  /** Refilled in a second. */
  readonly perSecond: number;
}

/** The bounds of a token bucket of `count` in `seconds`, burst `count`. */
export function bucketBounds(count: number, seconds: number): BucketBounds {
  return { most: 2 * count, perSecond: count / seconds };
}

/** All limiters of a ruleset, in the order packets meet them: tables by priority, chains as they are kept. */
export function findLimiters(ruleset: Ruleset, target: Target = {}): readonly Limiter[] {
  const limiters: Limiter[] = [];
  const recentChecks = new Map<Rule, readonly RecentLimiter[]>();
  for (const limiter of findRecentLimiters(ruleset, target)) recentChecks.set(limiter.rule, [...(recentChecks.get(limiter.rule) ?? []), limiter]);
  const named = new Map<string, HashlimitLimiter[]>();
  for (const place of places(ruleset)) {
    const { table, chain, index, rule } = place;
    for (const match of rule.spec.matches) {
      if (match.unsettled.length > 0) continue;
      const made = limiterOf(match, { table, chain, index, rule }, ruleset.family, target);
      if (made === undefined) continue;
      limiters.push(made);
      if (made.kind === 'hashlimit') named.set(made.limit.name, [...(named.get(made.limit.name) ?? []), made]);
    }
    limiters.push(...(recentChecks.get(rule) ?? []));
  }
  return limiters.map((limiter) =>
    limiter.kind === 'hashlimit' ? { ...limiter, shares: (named.get(limiter.limit.name) ?? []).filter((other) => other !== limiter) } : limiter,
  );
}

function limiterOf(match: Use<MatchDefinition>, place: RulePlace, family: Family, target: Target): Exclude<Limiter, RecentLimiter> | undefined {
  const limitGiven = givenTo(match, limit);
  if (limitGiven !== undefined)
    return { kind: 'limit', family, ...place, bucket: bucketOfLimit(limitGiven, target), ...outcomes(place, match, family) };
  const hashlimitGiven = givenTo(match, hashlimit);
  if (hashlimitGiven !== undefined) {
    const read = readHashlimit(hashlimitGiven, family);
    if (read === undefined) return undefined;
    const burst = read.rate.kind === 'bytes' ? undefined : bucketOfHashlimit(read, target).burst;
    return { kind: 'hashlimit', family, ...place, limit: read, burst, shares: [], ...outcomes(place, match, family) };
  }
  const connlimitGiven = givenTo(match, connlimit);
  if (connlimitGiven !== undefined)
    return { kind: 'connlimit', family, ...place, count: connectionCount(connlimitGiven, family), ...outcomes(place, match, family) };
  const given = givenTo(match, quota)?.quota;
  if (given !== undefined) return { kind: 'quota', family, ...place, bytes: given.value, negated: given.negated, ...outcomes(place, match, family) };
  const statisticGiven = givenTo(match, statistic);
  const read = statisticGiven === undefined ? undefined : readStatistic(statisticGiven);
  if (read !== undefined) return { kind: 'statistic', family, ...place, statistic: read, ...outcomes(place, match, family) };
  return undefined;
}

/** What happens to the packets a limiter matches, and to those it does not. */
function outcomes({ table, chain, index, rule }: RulePlace, match: Use, family: Family): { readonly effect: Effect; readonly rest: Fate } {
  const context: FlowContext = { table, family };
  const asked = conditionsOf(rule.spec, family, { without: match });
  return { effect: effectOf(context, rule), rest: fateBehind(context, chain, index, asked).fate };
}

/** Tables in the order packets pass them in one hook. */
const TABLE_ORDER = ['raw', 'mangle', 'nat', 'filter', 'security'];
/** The hooks a packet passes, for each of its three ways. */
const WAYS: readonly (readonly Hook[])[] = [
  ['PREROUTING', 'INPUT'],
  ['PREROUTING', 'FORWARD', 'POSTROUTING'],
  ['OUTPUT', 'POSTROUTING'],
];

function tablesInOrder(ruleset: Ruleset): readonly Table[] {
  return [...ruleset.tables.values()].sort((a, b) => TABLE_ORDER.indexOf(a.name) - TABLE_ORDER.indexOf(b.name));
}

function* places(ruleset: Ruleset): Generator<RulePlace> {
  for (const table of tablesInOrder(ruleset))
    for (const chain of table.chains.values()) for (const [index, rule] of chain.rules.entries()) yield { table, chain, index, rule };
}

/** Every `-m recent` whose options are all known. Found once for each ruleset. */
export const recentPlaces = oncePer(findRecentPlaces);

function findRecentPlaces(ruleset: Ruleset): readonly RecentPlace[] {
  const found: RecentPlace[] = [];
  for (const table of tablesInOrder(ruleset)) {
    if (!extensionsIn(table).has(recent.name)) continue;
    for (const chain of table.chains.values())
      chain.rules.forEach((rule, index) => {
        for (const match of rule.spec.matches) {
          const given = match.unsettled.length > 0 ? undefined : givenTo(match, recent);
          const use = given === undefined ? undefined : readRecent(given, ruleset.family);
          if (use !== undefined) found.push({ table, chain, index, rule, match, use });
        }
      });
  }
  return found;
}

/** One meeting of a packet with a `-m recent`: when on its way, and what it had to fulfil before. */
interface Meeting {
  readonly place: RecentPlace;
  readonly way: number;
  readonly moment: number;
  readonly asked: Conditions;
}

/** Meetings are counted up to here; chains jumped to from everywhere would make more of them than anybody reads. */
const MEETINGS = 5000;

/** Follows packets through all hooks and jumps and notes where they meet a `-m recent`. */
function meetings(ruleset: Ruleset, all: readonly RecentPlace[]): readonly Meeting[] {
  const found: Meeting[] = [];
  const byRule = new Map<Rule, RecentPlace[]>();
  for (const place of all) byRule.set(place.rule, [...(byRule.get(place.rule) ?? []), place]);
  const { family } = ruleset;
  const met = new Set<RecentPlace>();
  let moment = 0;
  const walk = (table: Table, chain: Chain, interesting: ReadonlySet<string>, way: number, asked: Conditions, above: ReadonlySet<string>): void => {
    for (const rule of chain.rules) {
      for (const place of byRule.get(rule) ?? []) {
        if (found.length >= MEETINGS) return;
        moment += 1;
        met.add(place);
        found.push({ place, way, moment, asked: together(asked, conditionsOf(rule.spec, family, { before: place.match })) });
      }
      const { action } = rule.spec;
      if (action?.kind !== 'chain' || !interesting.has(action.name.text) || above.has(action.name.text)) continue;
      const inner = table.chains.get(action.name.text);
      if (inner !== undefined)
        walk(table, inner, interesting, way, together(asked, conditionsOf(rule.spec, family)), new Set([...above, inner.name]));
    }
  };
  const tables = tablesInOrder(ruleset).map((table) => {
    const chains = new Set(all.filter((place) => place.table === table).map(({ chain }) => chain));
    return { table, chains, interesting: leadingTo(table, chains) };
  });
  for (const [way, hooks] of WAYS.entries())
    for (const hook of hooks)
      for (const { table, interesting } of tables) {
        const chain = table.chains.get(hook);
        if (chain !== undefined && interesting.has(hook)) walk(table, chain, interesting, way, { all: [], uncertain: false }, new Set([hook]));
      }
  // Chains nothing jumps to: as if packets came right there.
  for (const { table, chains, interesting } of tables)
    for (const chain of chains)
      if (chain.hook === undefined && chain.rules.some((rule) => byRule.get(rule)?.some((place) => !met.has(place)) === true))
        walk(table, chain, interesting, WAYS.length, { all: [], uncertain: false }, new Set([chain.name]));
  return found;
}

/** Every check of a list (`--rcheck`, `--update`) and what it amounts to. */
export function findRecentLimiters(ruleset: Ruleset, target: Target = {}): readonly RecentLimiter[] {
  const all = recentPlaces(ruleset);
  if (all.length === 0) return [];
  // What belongs to other lists has nothing to do with a check, and there may be a list for each of thousands of rules.
  const places = byList(all, ({ use }) => use.list);
  const met = byList(meetings(ruleset, all), ({ place }) => place.use.list);
  return all
    .filter(({ use }) => use.operation === 'rcheck' || use.operation === 'update')
    .map((check) => recentLimiter(check, places.get(check.use.list) ?? [], met.get(check.use.list) ?? [], ruleset.family, target));
}

/** The items of each list, in their order. */
export function byList<T>(items: readonly T[], listOf: (item: T) => string): ReadonlyMap<string, readonly T[]> {
  const lists = new Map<string, T[]>();
  for (const item of items) {
    const known = lists.get(listOf(item));
    if (known === undefined) lists.set(listOf(item), [item]);
    else known.push(item);
  }
  return lists;
}

/** `places` and `met`: those of the check's list, the check among them. */
function recentLimiter(check: RecentPlace, places: readonly RecentPlace[], met: readonly Meeting[], family: Family, target: Target): RecentLimiter {
  const { use, rule, table, chain, index } = check;
  const others = places.filter((other) => other.match !== check.match).map((other) => countingOf(other, check, met, family));
  const context: FlowContext = { table, family };
  const effect = effectOfCheck(context, check);
  const counting = others.filter((other) => other.use.operation === 'set' && other.use.side === use.side);
  const whole = counting.filter((other) => other.counts === 'all');
  const firsts = counting.filter((other) => other.counts === 'first');
  const cutsOpen = whole.length === 0 && firsts.length > 0;
  const sets = cutsOpen ? firsts : whole;
  const stampsBefore = sets.filter((set) => set.when === 'before' && !set.ends).length;
  // What is asked in the same rule behind a check that stops packets never comes to count those it lets through.
  const stampsBehind = sets.filter((set) => set.when === 'behind' && set.rule !== rule && (effect === 'blocks' || effect === 'observes')).length;
  // The second packet of a connection meets the stamp of the first, wherever that was made.
  const lets =
    effect !== 'blocks' && effect !== 'admits'
      ? undefined
      : cutsOpen
        ? letThrough(use.hits, stampsBefore + stampsBehind, 0)
        : letThrough(use.hits, stampsBefore, stampsBehind);
  const updates = use.operation === 'update' && effect !== 'admits' ? 1 : 0;
  const stampsWhenBlocked = stampsBefore + updates;
  return {
    kind: 'recent',
    family,
    table,
    chain,
    index,
    rule,
    match: check.match,
    use,
    others,
    effect,
    stampsBefore,
    stampsBehind,
    cutsOpen: cutsOpen && lets !== undefined,
    order: stampsBefore > 0 ? (stampsBehind > 0 ? 'both' : 'set first') : stampsBehind > 0 ? 'check first' : 'never set',
    lets,
    recovery: recoveryOf(use.seconds, lets, stampsWhenBlocked),
    stampsWhenBlocked,
    remembers: target.ipListTot ?? LIST_SIZE,
    mask: firstLoaded(places)?.use.mask ?? use.mask,
  };
}

function recoveryOf(seconds: number | undefined, lets: number | undefined, stampsWhenBlocked: number): Recovery {
  if (lets === undefined) return { kind: 'unlimited' };
  if (seconds === undefined || lets === 0) return { kind: 'never' };
  return stampsWhenBlocked === 0 ? { kind: 'window', seconds } : { kind: 'silence', seconds, fewerThan: lets };
}

function effectOfCheck(context: FlowContext, { rule, match, use, chain, index }: RecentPlace): RecentLimiter['effect'] {
  const effect = effectOf(context, rule);
  if (effect === 'passes') return 'observes';
  if (effect === 'drops') return use.negated ? 'unknown' : 'blocks';
  if (effect !== 'accepts' && effect !== 'returns') return 'unknown';
  if (!use.negated) return 'opens';
  const { fate } = fateBehind(context, chain, index, conditionsOf(rule.spec, context.family, { without: match }));
  if (fate === 'dropped') return 'admits';
  return fate === 'accepted' ? 'observes' : 'unknown';
}

function countingOf(other: RecentPlace, check: RecentPlace, met: readonly Meeting[], family: Family): Counting {
  const context: FlowContext = { table: other.table, family };
  const effect = effectOf(context, other.rule);
  const ends = other.rule !== check.rule && effect !== 'passes' && effect !== 'unknown' && !other.use.negated;
  let counts: Counts = 'other';
  let when: Counting['when'];
  for (const asked of met) {
    if (asked.place !== check) continue;
    for (const stamped of met) {
      if (stamped.place !== other || stamped.way !== asked.way) continue;
      const found = countsOf(stamped.asked, asked.asked);
      if (found === 'other' || COUNTS.indexOf(found) < COUNTS.indexOf(counts)) continue;
      counts = found;
      when = stamped.moment < asked.moment ? 'before' : 'behind';
    }
  }
  return { ...other, counts, when, ends };
}

/** From the least to the most. */
const COUNTS: readonly Counts[] = ['other', 'some', 'first', 'all'];

/** Whether a use that is reached by packets of `stamped` counts packets of `asked`. */
function countsOf(stamped: Conditions, asked: Conditions): Counts {
  const certain: Conditions = { all: asked.all, uncertain: false };
  if (areDisjoint(stamped, certain)) return 'other';
  if (covers(stamped, certain)) return 'all';
  const first: Conditions = { all: [...asked.all, { kind: 'states', states: new Set(['NEW']) }], uncertain: false };
  return covers(stamped, first) && !areDisjoint(stamped, first) ? 'first' : 'some';
}
