/** Matches that count packets, and what they have counted in one simulation. */

import connlimit, { connectionCount } from '../../extensions/matches/connlimit.js';
import hashlimit, { readHashlimit } from '../../extensions/matches/hashlimit.js';
import limit, { bucketOfLimit } from '../../extensions/matches/limit.js';
import quota from '../../extensions/matches/quota.js';
import recent, { readRecent, type RecentUse } from '../../extensions/matches/recent.js';
import statistic, { readStatistic } from '../../extensions/matches/statistic.js';
import { USUAL_HZ } from '../../extensions/values/rate.js';
import type { Target } from '../../extensions/define.js';
import { givenTo, type Use } from '../../iptables/command.js';
import type { Rule, Ruleset } from '../../ruleset/model.js';
import { createChance, type Chance } from '../chance.js';
import type { Connections } from '../connections.js';
import { copyConnlimit, matchConnlimit, type ConnlimitState } from './connlimit.js';
import { copyHashlimit, createHashlimit, matchHashlimit, type HashlimitTable } from './hashlimit.js';
import { createLimit, matchLimit, type LimitState } from './limit.js';
import type { Answer, PacketInRules } from './plain-matches.js';
import { matchQuota, type QuotaState } from './quota.js';
import { copyRecentTable, createRecentTable, matchRecent, type RecentTable } from './recent.js';
import { matchStatistic, type StatisticState } from './statistic.js';

type OwnState =
  /** `undefined`: the kernel refuses the rule. */
  | { readonly kind: 'limit'; readonly bucket: LimitState | undefined }
  | { readonly kind: 'connlimit'; readonly counted: ConnlimitState }
  | { readonly kind: 'quota'; readonly bytes: QuotaState }
  | { readonly kind: 'statistic'; readonly packets: StatisticState };

/** What matches have counted. */
export interface Counters {
  readonly target: Target;
  /** What `--mode random` draws from. */
  readonly chance: Chance;
  /** By name. */
  readonly recent: ReadonlyMap<string, RecentTable>;
  readonly hashlimits: ReadonlyMap<string, HashlimitTable>;
  /** What each match of a rule keeps for itself, by its position among them. */
  readonly own: Map<Rule, Map<number, OwnState>>;
}

/** A packet's circumstances. */
export interface Moment {
  readonly ruleset: Ruleset;
  readonly counters: Counters;
  readonly connections: Connections;
  readonly hz: number;
  /** Why nobody knows any more what was counted. */
  readonly uncertain: string | undefined;
  readonly tick: number;
  readonly connection: number;
}

/** Full buckets and empty lists, as the kernel makes them when the rules are loaded. */
export function createCounters(ruleset: Ruleset, target: Target, seed: number): Counters {
  const hz = target.hz ?? USUAL_HZ;
  const lists = new Map<string, RecentUse[]>();
  const hashlimits = new Map<string, HashlimitTable>();
  for (const rule of rulesAsLoaded(ruleset))
    for (const use of rule.spec.matches) {
      if (use.unsettled.length > 0) continue;
      const recentGiven = givenTo(use, recent);
      const read = recentGiven === undefined ? undefined : readRecent(recentGiven, ruleset.family);
      if (read !== undefined) lists.set(read.list, [...(lists.get(read.list) ?? []), read]);
      const hashlimitGiven = givenTo(use, hashlimit);
      const table = hashlimitGiven === undefined ? undefined : readHashlimit(hashlimitGiven, ruleset.family);
      if (table !== undefined && !hashlimits.has(table.name)) hashlimits.set(table.name, createHashlimit(table, 0, hz));
    }
  const recents = new Map([...lists].map(([name, uses]) => [name, createRecentTable(uses, target)]));
  return { target, chance: createChance(seed), recent: recents, hashlimits, own: new Map() };
}

/** Rules in the order of their commands: the first that names a list decides about its mask. */
function rulesAsLoaded(ruleset: Ruleset): readonly Rule[] {
  const rules = [...ruleset.tables.values()].flatMap((table) => [...table.chains.values()].flatMap((chain) => chain.rules));
  return rules.sort((left, right) => left.command.at.start - right.command.at.start);
}

/** Counts a packet, and says whether match number `index` of a rule holds; `unknown` for a match this simulator does not know. */
export function answerCounting(rule: Rule, index: number, packet: PacketInRules, moment: Moment): Answer | 'drop' {
  const { ruleset, counters, hz, tick } = moment;
  const use = rule.spec.matches[index];
  const { source, destination } = packet;
  if (use === undefined || moment.uncertain !== undefined) return 'unknown';
  if (source === undefined || destination === undefined || packet.portsUnknown) return 'unknown';
  const known = { ...packet, source, destination };
  const recentGiven = givenTo(use, recent);
  if (recentGiven !== undefined) {
    const asked = readRecent(recentGiven, ruleset.family);
    const list = asked === undefined ? undefined : counters.recent.get(asked.list);
    if (asked === undefined || list === undefined || packet.ttl === undefined) return 'unknown';
    return matchRecent(list, asked, { address: asked.side === 'saddr' ? source : destination, ttl: packet.ttl, tick }, hz);
  }
  const hashlimitGiven = givenTo(use, hashlimit);
  if (hashlimitGiven !== undefined) {
    const own = readHashlimit(hashlimitGiven, ruleset.family);
    const table = own === undefined ? undefined : counters.hashlimits.get(own.name);
    return own === undefined || table === undefined ? 'unknown' : matchHashlimit(table, own, known, tick);
  }
  const state = ownState(rule, index, use, counters);
  switch (state?.kind) {
    case 'limit':
      return state.bucket === undefined ? 'unknown' : matchLimit(state.bucket, tick);
    case 'connlimit': {
      const given = givenTo(use, connlimit);
      return given === undefined
        ? 'unknown'
        : matchConnlimit(state.counted, connectionCount(given, ruleset.family), known, { ...moment, time: packet.time });
    }
    case 'quota':
      return matchQuota(state.bytes, packet.length, givenTo(use, quota)?.quota?.negated === true);
    case 'statistic': {
      const given = givenTo(use, statistic);
      const asked = given === undefined ? undefined : readStatistic(given);
      return asked === undefined ? 'unknown' : matchStatistic(state.packets, asked, counters.chance);
    }
    default:
      return 'unknown';
  }
}

/** What a match keeps for itself; made when it is first asked, as of the time the rules were loaded. */
function ownState(rule: Rule, index: number, use: Use, { own, target }: Counters): OwnState | undefined {
  const states = own.get(rule) ?? new Map<number, OwnState>();
  own.set(rule, states);
  const known = states.get(index);
  if (known !== undefined) return known;
  const made = createOwnState(use, target);
  if (made !== undefined) states.set(index, made);
  return made;
}

function createOwnState(use: Use, target: Target): OwnState | undefined {
  const limitGiven = givenTo(use, limit);
  if (limitGiven !== undefined) {
    const { rate, written } = bucketOfLimit(limitGiven, target);
    return { kind: 'limit', bucket: createLimit(rate, written, 0, target.hz ?? USUAL_HZ) };
  }
  if (givenTo(use, connlimit) !== undefined) return { kind: 'connlimit', counted: new Map() };
  const bytes = givenTo(use, quota)?.quota?.value;
  if (bytes !== undefined) return { kind: 'quota', bytes: { left: bytes } };
  if (givenTo(use, statistic) !== undefined) return { kind: 'statistic', packets: { seen: 0 } };
  return undefined;
}

/** The same counts, to go on with apart. */
export function copyCounters({ target, chance, recent: lists, hashlimits, own }: Counters): Counters {
  return {
    target,
    chance: { ...chance },
    recent: new Map([...lists].map(([name, list]) => [name, copyRecentTable(list)])),
    hashlimits: new Map([...hashlimits].map(([name, table]) => [name, copyHashlimit(table)])),
    own: new Map([...own].map(([rule, states]) => [rule, new Map([...states].map(([index, state]) => [index, copyOwnState(state)]))])),
  };
}

function copyOwnState(state: OwnState): OwnState {
  switch (state.kind) {
    case 'limit':
      return { kind: 'limit', bucket: state.bucket === undefined ? undefined : { ...state.bucket } };
    case 'connlimit':
      return { kind: 'connlimit', counted: copyConnlimit(state.counted) };
    case 'quota':
      return { kind: 'quota', bytes: { ...state.bytes } };
    case 'statistic':
      return { kind: 'statistic', packets: { ...state.packets } };
  }
}
