/** Rate limits and defaults of a ruleset in sentences, with the numbers behind them. */

import { DEFAULT_LIST } from '../extensions/matches/recent.js';
import { bytesPerSecond, packetsPerSecond, ratePerUnit, type PacketRate } from '../extensions/values/rate.js';
import { perInterval } from '../extensions/matches/hashlimit.js';
import type { Family, Target } from '../extensions/define.js';
import { shortForm } from '../extensions/values/network.js';
import { formatIp4, formatIp6, prefixLength } from '../net/address.js';
import { protocolName } from '../net/protocols.js';
import { conditionsOf, together, type Condition, type Conditions } from '../ruleset/conditions.js';
import { effectOf, entryConditions, type Effect, type Fate } from '../ruleset/flow.js';
import type { Chain, Rule, Ruleset, Table } from '../ruleset/model.js';
import { positionAt } from '../text/source.js';
import {
  findLimiters,
  type ConnlimitLimiter,
  type Counting,
  type HashlimitLimiter,
  type Limiter,
  type LimitLimiter,
  type QuotaLimiter,
  type StatisticLimiter,
  type RecentLimiter,
  type RulePlace,
} from './limiters.js';

/** A rule, by its place in the input. */
export interface RuleReference {
  readonly source: string;
  /** From 1. */
  readonly line: number;
}

/** One limiter in words. */
export interface LimiterDescription {
  readonly kind: Limiter['kind'];
  readonly table: string;
  readonly chain: string;
  /** What it looks at and what it counts by. */
  readonly title: string;
  /** What it counts by: `per source address`. */
  readonly key: string;
  /** Sentences without final period. */
  readonly lines: readonly string[];
  /** The rule that asks, then those that count for it. */
  readonly rules: readonly RuleReference[];
  /** Packets or connections let through at once; absent: no limit, or not a number of packets. */
  readonly lets?: number;
  readonly perSeconds?: number;
  /** What a client that never stops trying gets in the long run: so many in so many seconds. */
  readonly steady?: { readonly count: number; readonly seconds: number };
  /** How a blocked client gets in again. */
  readonly recovery?: string;
  /** Addresses or clients it keeps apart; beyond that it forgets or drops, as `lines` say. */
  readonly capacity?: number;
  /** Who can lock out whom. */
  readonly lockout?: string;
  /** Other rules that count in the same list or table. */
  readonly shares: readonly RuleReference[];
}

/** What happens to packets no rule decides about. */
export interface DefaultDescription {
  readonly table: string;
  readonly chain: string;
  readonly policy: 'ACCEPT' | 'DROP';
  readonly text: string;
}

/** A ruleset's limits and defaults. */
export interface RulesetDescription {
  readonly limiters: readonly LimiterDescription[];
  readonly defaults: readonly DefaultDescription[];
}

/** Describes every limiter, and the policies of the filter table. */
export function describeRuleset(ruleset: Ruleset, target: Target = {}): RulesetDescription {
  const limiters = findLimiters(ruleset, target);
  return { limiters: limiters.map((limiter) => describeLimiter(limiter)), defaults: describeDefaults(ruleset) };
}

/** As text of at most `width` columns: a line for each limiter, sentences indented below. Empty when there is nothing to say. */
export function printDescription(description: RulesetDescription, width = 80): string {
  const parts: string[] = [];
  for (const { title, lines } of description.limiters)
    parts.push([wrap(title, width, '', '  '), ...lines.map((line) => wrap(line, width, '  ', '    '))].join('\n'));
  if (description.defaults.length > 0) parts.push(description.defaults.map(({ text }) => wrap(text, width, '', '  ')).join('\n'));
  return parts.length === 0 ? '' : `${parts.join('\n\n')}\n`;
}

function wrap(text: string, width: number, first: string, next: string): string {
  const lines: string[] = [];
  let line = first;
  let empty = true;
  for (const word of text.split(' ')) {
    if (!empty && line.length + 1 + word.length > Math.max(width, 40)) {
      lines.push(line);
      line = next;
      empty = true;
    }
    line += (empty ? '' : ' ') + word;
    empty = false;
  }
  lines.push(line);
  return lines.join('\n');
}

/** One limiter in words. */
export function describeLimiter(limiter: Limiter): LimiterDescription {
  switch (limiter.kind) {
    case 'recent':
      return describeRecent(limiter);
    case 'limit':
      return describeLimit(limiter);
    case 'hashlimit':
      return describeHashlimit(limiter);
    case 'connlimit':
      return describeConnlimit(limiter);
    case 'quota':
      return describeQuota(limiter);
    case 'statistic':
      return describeStatistic(limiter);
  }
}

function reference(rule: Rule): RuleReference {
  const { at } = rule.command;
  return { source: at.source.name, line: positionAt(at.source, at.start).line };
}

function placeText({ rule }: RulePlace): string {
  const { source, line } = reference(rule);
  return `${source}:${String(line)}`;
}

/** `INPUT tcp/80 on eth0, new connections`. */
function trafficOf(place: RulePlace, conditions: Conditions, family: Family): string {
  const entry = entryConditions({ table: place.table, family }, place.chain);
  const all = entry === undefined ? conditions : together(entry, conditions);
  const where = place.table.name === 'filter' ? place.chain.name : `${place.table.name} ${place.chain.name}`;
  return `${where} ${traffic(all.all)}`;
}

/** iptables-save prints types as numbers. (RFC 792, RFC 4443) */
const ICMP_TYPES: ReadonlyMap<string, string> = new Map([
  ['icmp 0', 'echo-reply'],
  ['icmp 3', 'destination-unreachable'],
  ['icmp 8', 'echo-request'],
  ['icmp 11', 'time-exceeded'],
  ['ipv6-icmp 128', 'echo-request'],
  ['ipv6-icmp 129', 'echo-reply'],
]);

/** What conditions say, in words. */
export function traffic(conditions: readonly Condition[]): string {
  const protocol = conditions.findLast((condition) => condition.kind === 'protocol');
  const ports = conditions.findLast((condition) => condition.kind === 'ports' && condition.side === 'destination');
  const icmp = conditions.find((condition) => condition.kind === 'icmpType');
  const name =
    protocol === undefined
      ? undefined
      : `${protocol.negated ? 'all but ' : ''}${protocolName(protocol.number) ?? `protocol ${String(protocol.number)}`}`;
  let head = name ?? 'every packet';
  if (ports?.kind === 'ports') head = `${name ?? 'port'}${ports.negated ? ' but not ' : '/'}${ports.ranges.map(portText).join(',')}`;
  else if (icmp?.kind === 'icmpType')
    head = `${name ?? 'icmp'} ${icmp.negated ? 'but not ' : ''}${ICMP_TYPES.get(`${name ?? ''} ${icmp.text}`) ?? icmp.text}`;
  const places: string[] = [];
  const rest: string[] = [];
  for (const condition of conditions)
    switch (condition.kind) {
      case 'interface':
        places.push(
          `${condition.negated ? 'not ' : ''}${condition.side === 'in' ? 'on' : 'out of'} ${condition.name.name}${condition.name.wildcard ? '+' : ''}`,
        );
        break;
      case 'network':
        places.push(
          `${condition.negated ? 'not ' : ''}${condition.side === 'source' ? 'from' : 'to'} ${condition.networks.map(shortForm).join(', ')}`,
        );
        break;
      case 'ports':
        if (condition.side === 'source') places.push(`${condition.negated ? 'not ' : ''}from port ${condition.ranges.map(portText).join(',')}`);
        break;
      case 'states':
        rest.push(statesText(condition.states));
        break;
      case 'other':
        rest.push(condition.text === 'tcp --tcp-flags FIN,SYN,RST,ACK SYN' ? 'connection requests (SYN)' : `\`${condition.text}\``);
        break;
      default:
        break;
    }
  return [[head, ...new Set(places)].join(' '), ...new Set(rest)].join(', ');
}

function portText({ from, to }: { readonly from: number; readonly to: number }): string {
  return from === to ? String(from) : `${String(from)}:${String(to)}`;
}

function statesText(states: ReadonlySet<string>): string {
  if (states.size === 1 && states.has('NEW')) return 'new connections';
  return `state ${[...states].join(',')}`;
}

const addressName = { saddr: 'source', daddr: 'destination' } as const;

function perAddress(side: 'saddr' | 'daddr', mask: number | bigint): string {
  const length = prefixLength(mask);
  const most = typeof mask === 'number' ? 32 : 128;
  if (length === most) return `per ${addressName[side]} address`;
  if (length === 0) return `all ${addressName[side]}s together`;
  return length === undefined
    ? `per ${addressName[side]} address & ${typeof mask === 'number' ? formatIp4(mask) : formatIp6(mask)}`
    : `per ${addressName[side]} /${String(length)}`;
}

function perPrefix(side: 'saddr' | 'daddr', prefix: number, family: Family): string {
  if (prefix === 0) return `all ${addressName[side]}s together`;
  return prefix === (family === 'ip' ? 32 : 128) ? `per ${addressName[side]} address` : `per ${addressName[side]} /${String(prefix)}`;
}

function describeRecent(limiter: RecentLimiter): LimiterDescription {
  const { use, rule } = limiter;
  const asked = conditionsOf(rule.spec, limiter.family, { without: limiter.match });
  const shared = use.list === DEFAULT_LIST ? `list ${DEFAULT_LIST}, shared by every nameless \`recent\`` : `list ${use.list}`;
  const key = perAddress(use.side, limiter.mask);
  const title = `${trafficOf(limiter, asked, limiter.family)}, ${key} (${shared})`;
  const sets = limiter.others.filter(({ use: other }) => other.operation === 'set');
  const counting = sets.filter(({ counts }) => counts === 'all' || (counts === 'first' && limiter.cutsOpen));
  const lockout = recentLockout(limiter);
  const stands = limiter.lets !== undefined && limiter.lets > 0;
  return {
    kind: 'recent',
    table: limiter.table.name,
    chain: limiter.chain.name,
    title,
    key,
    lines: [
      ...recentSentences(limiter),
      ...(limiter.cutsOpen ? ['the check asks for no state: packets of connections that are open already are stopped with the others'] : []),
      ...sharingSentences(limiter),
      ...maskSentences(limiter),
      ...memorySentences(limiter),
      ...(lockout === undefined ? [] : [lockout]),
    ],
    rules: [rule, ...counting.map((place) => place.rule)].map(reference),
    ...(limiter.lets === undefined ? {} : { lets: limiter.lets }),
    ...(use.seconds === undefined ? {} : { perSeconds: use.seconds }),
    ...(stands && use.seconds !== undefined
      ? { steady: { count: limiter.recovery.kind === 'window' ? limiter.lets : 0, seconds: use.seconds }, recovery: recoveryText(limiter) }
      : {}),
    ...(limiter.others.length === 0 ? {} : { capacity: limiter.remembers }),
    ...(lockout === undefined ? {} : { lockout }),
    shares: [...new Set(limiter.others.map((place) => place.rule))].filter((other) => other !== rule).map(reference),
  };
}

/** How a client that a check blocks gets in again. */
function recoveryText({ recovery, lets = 0 }: RecentLimiter): string {
  switch (recovery.kind) {
    case 'window':
      return `a blocked client gets in again as soon as fewer than ${String(lets)} of those let through lie in the last ${String(recovery.seconds)} s`;
    case 'silence':
      return recovery.fewerThan === 1
        ? `a blocked client gets in again after ${String(recovery.seconds)} s without a try`
        : `a blocked client gets in again after fewer than ${times(recovery.fewerThan, 'try')} in the last ${String(recovery.seconds)} s`;
    default:
      return 'only `--remove`, a full list or a reload lets a blocked client in again';
  }
}

/** Packets with forged addresses are stamped like any other. */
function recentLockout({ use, effect, lets, recovery, stampsWhenBlocked }: RecentLimiter): string | undefined {
  if ((effect !== 'blocks' && effect !== 'admits') || lets === undefined || lets === 0) return undefined;
  if (use.side === 'daddr') return `who sends ${times(lets, 'packet')} to a destination keeps everybody else from it`;
  const packets = `${times(lets, 'packet')} with the forged address of somebody ${lets === 1 ? 'locks' : 'lock'} them out`;
  const guard = use.ttl ? ', as long as the last of them has the TTL of their own' : '';
  if (recovery.kind === 'never') return `${packets} for good${guard}`;
  return `${packets}${guard}${stampsWhenBlocked > 0 ? ', for as long as more of them come' : `, again in every ${String(use.seconds ?? 0)} s`}`;
}

function maskSentences({ use, mask }: RecentLimiter): readonly string[] {
  return use.mask === mask ? [] : ['the mask is that of the rule of the list that is loaded first; the one written here is not looked at'];
}

function times(count: number, one: string): string {
  return `${String(count)} ${count === 1 ? one : one === 'try' ? 'tries' : `${one}s`}`;
}

function blockingWord({ spec }: Rule): string {
  return spec.action?.kind === 'target' && spec.action.use.extension.name === 'REJECT' ? 'refuses' : 'drops';
}

/** What a check lets through, and how a blocked client gets in again. */
function recentSentences(limiter: RecentLimiter): readonly string[] {
  const { use, effect, lets, recovery, rule } = limiter;
  const window = use.seconds === undefined ? 'ever' : `in the last ${String(use.seconds)} s`;
  const asks =
    use.hits === 1
      ? `seen ${use.seconds === undefined ? 'before' : window}`
      : `seen ${String(use.hits)} times or more ${use.seconds === undefined ? '' : window}`.trim();
  if (effect === 'opens') return [`accepts ${addressName[use.side]}s ${asks}`, ...renewal(limiter)];
  if (effect === 'observes')
    return [`matches ${addressName[use.side]}s ${use.negated ? 'not ' : ''}${asks}; their packets go on to the next rules`, ...renewal(limiter)];
  if (effect === 'unknown')
    return [
      `matches ${addressName[use.side]}s ${use.negated ? 'not ' : ''}${asks}; what becomes of their packets depends on further rules`,
      ...renewal(limiter),
    ];
  if (lets === undefined) return [neverBlocks(limiter)];
  const then = effect === 'admits' ? 'no more' : `then ${blockingWord(rule)}`;
  if (lets === 0) return [`lets nothing through: every try counts before it is asked, and one is enough`];
  const counted =
    limiter.stampsWhenBlocked === 0
      ? 'tries while blocked do not count'
      : limiter.stampsWhenBlocked === 1
        ? 'tries while blocked count'
        : 'tries while blocked count twice';
  switch (recovery.kind) {
    case 'window':
      return [`lets ${String(lets)} through in any ${String(recovery.seconds)} s, ${then}; ${recoveryText(limiter)}; ${counted}`];
    case 'silence':
      return [`lets ${String(lets)} through, ${then}; ${recoveryText(limiter)}; ${counted}`];
    default:
      return [
        `lets ${String(lets)} through, ${then} for good: without \`--seconds\` nothing is ever too old to count; only \`--remove\`, a full list or a reload lets it in again`,
      ];
  }
}

function renewal({ use }: RecentLimiter): readonly string[] {
  return use.operation === 'update' && use.seconds !== undefined ? [`each packet that matches starts the ${String(use.seconds)} s anew`] : [];
}

function neverBlocks(limiter: RecentLimiter): string {
  const sets = limiter.others.filter(({ use }) => use.operation === 'set');
  const { list } = limiter.use;
  if (sets.length === 0) return `never blocks: no rule puts an address on list ${list}`;
  const ending = sets.find((set) => set.ends && set.when === 'before' && set.counts === 'all');
  if (ending !== undefined)
    return `never blocks: the rule that counts (${placeText(ending)}) decides about the packet, so that it never comes to be asked about`;
  if (sets.every(({ counts }) => counts === 'other'))
    return `blocks addresses that other packets put on list ${list} (${sets.map(placeText).join(', ')})`;
  return `how many get through cannot be told: only some of these packets are counted (${sets.map(placeText).join(', ')})`;
}

function sharingSentences(limiter: RecentLimiter): readonly string[] {
  const foreign = limiter.others.filter((other: Counting) => other.use.operation === 'set' && other.counts !== 'all' && other.counts !== 'first');
  if (foreign.length === 0 || limiter.lets === undefined) return [];
  return [`other packets count as well: ${foreign.map(placeText).join(', ')} ${foreign.length === 1 ? 'puts' : 'put'} addresses on the same list`];
}

function memorySentences({ remembers, others }: RecentLimiter): readonly string[] {
  if (others.length === 0) return [];
  return [
    `remembers ${String(remembers)} addresses; the ${ordinal(remembers + 1)} pushes the oldest out, and its count with it: ${String(remembers)} forged addresses make it forget everybody`,
  ];
}

function ordinal(count: number): string {
  const ending = count % 100 >= 11 && count % 100 <= 13 ? 'th' : ({ 1: 'st', 2: 'nd', 3: 'rd' }[count % 10] ?? 'th');
  return `${String(count)}${ending}`;
}

function rateText(rate: PacketRate): string {
  const { count, unit } = ratePerUnit(rate);
  return `${String(count)} a ${unit}`;
}

/** `accepts`, `drops`, `logs`: what a rule does with what it matches. */
function effectWord(rule: Rule, effect: Effect): string {
  const { action } = rule.spec;
  if (effect === 'accepts') return 'accepts';
  if (effect === 'drops') return blockingWord(rule);
  if (action?.kind === 'target' && action.use.extension.name === 'LOG') return 'logs';
  if (action?.kind === 'chain') return `sends to chain ${action.name.text}`;
  return 'matches';
}

const REST: Readonly<Record<Fate, string>> = {
  accepted: 'the rest is accepted as well',
  dropped: 'the rest is dropped',
  unknown: 'the rest goes on to the next rules',
};

/** `key (name)` behind what a limiter looks at. */
function base(
  limiter: Exclude<Limiter, RecentLimiter>,
  key: string,
  name: string,
): Pick<LimiterDescription, 'kind' | 'table' | 'chain' | 'title' | 'key' | 'rules' | 'shares'> {
  return {
    kind: limiter.kind,
    table: limiter.table.name,
    chain: limiter.chain.name,
    title: `${trafficOf(limiter, askedOf(limiter), limiter.family)}, ${key} (${name})`,
    key,
    rules: [reference(limiter.rule)],
    shares: [],
  };
}

/** `0.5 s`, `2 minutes`: the time between two tokens. */
function tokenTime(rate: PacketRate): string {
  const seconds = 1 / packetsPerSecond(rate);
  const [length, unit] = seconds >= 7200 ? [3600, 'hours'] : seconds >= 120 ? [60, 'minutes'] : seconds < 1 ? [0.001, 'ms'] : [1, 's'];
  return `${String(Math.round((seconds / length) * 10) / 10)} ${unit}`;
}

/** The rate in packets and seconds. */
function steadyOf(rate: PacketRate): { readonly count: number; readonly seconds: number } {
  const { count, seconds } = ratePerUnit(rate);
  return { count, seconds };
}

/** The conditions of a rule without its limiters. */
function askedOf(limiter: Exclude<Limiter, RecentLimiter>): Conditions {
  return conditionsOf(limiter.rule.spec, limiter.family);
}

function describeLimit(limiter: LimitLimiter): LimiterDescription {
  const { bucket, effect, rule } = limiter;
  const lines = [
    `${effectWord(rule, effect)} ${times(bucket.nft, 'packet')} at once, then ${rateText(bucket.rate)}; ${effect === 'passes' ? 'all go on to the next rules' : REST[limiter.rest]}`,
  ];
  if (bucket.legacy === undefined)
    lines.push(`iptables-legacy refuses it: a burst of ${String(bucket.written)} at this rate does not fit into its 32 bits`);
  else if (bucket.legacy !== bucket.nft)
    lines.push(`iptables-legacy computes with 32 bits and makes ${String(bucket.legacy)} of the burst of ${String(bucket.written)}`);
  const recovery = `when it is used up, one more every ${tokenTime(bucket.rate)}, whoever comes first`;
  const lockout = 'one bucket for everybody: a single source can use it up';
  lines.push(recovery, lockout);
  return { ...base(limiter, 'all together', '-m limit'), lines, lets: bucket.nft, steady: steadyOf(bucket.rate), recovery, lockout };
}

const MODE_NAMES = { srcip: 'source', srcport: 'source port', dstip: 'destination', dstport: 'destination port' } as const;

function hashlimitKey({ limit, family }: HashlimitLimiter): string {
  if (limit.modes.length === 0) return 'all together';
  return limit.modes
    .map((mode) =>
      mode === 'srcip'
        ? perPrefix('saddr', limit.sourcePrefix, family)
        : mode === 'dstip'
          ? perPrefix('daddr', limit.destinationPrefix, family)
          : `per ${MODE_NAMES[mode]}`,
    )
    .join(', ');
}

function describeHashlimit(limiter: HashlimitLimiter): LimiterDescription {
  const { limit, effect, rule, burst } = limiter;
  const { rate } = limit;
  const amount =
    rate.kind === 'bytes'
      ? `${String(bytesPerSecond(rate))} bytes a second`
      : limit.interval === undefined
        ? `${times(burst ?? limit.burst, 'packet')} at once, then ${rateText(rate)}`
        : `${String(perInterval(rate) + limit.burst)} packets in ${String(limit.interval)} s, and none after an interval with more than ${String(perInterval(rate))}`;
  const word = effectWord(rule, effect);
  const lines = [
    limit.above
      ? `${word} what is above ${amount}; what is below goes on to the next rules`
      : `${word} up to ${amount}; ${effect === 'passes' ? 'all go on to the next rules' : REST[limiter.rest]}`,
  ];
  if (burst !== undefined && burst !== limit.burst)
    lines.push(`the kernel computes the burst of ${String(limit.burst)} with too few bits and makes ${String(burst)} of it`);
  const recovery = hashlimitRecovery(limit);
  const lockout = hashlimitLockout(limiter);
  if (recovery !== undefined) lines.push(recovery);
  lines.push(`forgets a client after ${String(limit.expire / 1000)} s without a packet`);
  if (limit.max > 0 && limit.size > 0)
    lines.push(`keeps ${String(Math.max(limit.max, limit.size))} clients apart; packets of further ones are dropped, whatever the rule says`);
  const [first] = limiter.shares;
  if (first !== undefined)
    lines.push(
      `shares its counts, and the rate of the first of them, with ${limiter.shares.map(placeText).join(', ')}: the name ${limit.name} is the same`,
    );
  lines.push(lockout);
  return {
    ...base(limiter, hashlimitKey(limiter), `hashlimit ${limit.name}`),
    lines,
    ...(burst === undefined ? {} : { lets: burst }),
    ...(rate.kind === 'packets' && limit.interval === undefined ? { steady: steadyOf(rate) } : {}),
    ...(recovery === undefined ? {} : { recovery }),
    ...(limit.max > 0 && limit.size > 0 ? { capacity: Math.max(limit.max, limit.size) } : {}),
    lockout,
    shares: limiter.shares.map((place) => reference(place.rule)),
  };
}

function hashlimitRecovery({ rate, interval }: HashlimitLimiter['limit']): string | undefined {
  if (interval !== undefined) return `a blocked client gets in again after ${String(interval)} s below the rate`;
  if (rate.kind === 'bytes') return undefined;
  return `a blocked client gets one more in every ${tokenTime(rate)}, whether it goes on trying or not`;
}

function hashlimitLockout({ limit, burst, family }: HashlimitLimiter): string {
  const bySource = limit.modes.includes('srcip') && limit.sourcePrefix > 0;
  if (!bySource) return 'sources are not told apart: a single one can use it up for the others';
  if (limit.sourcePrefix < (family === 'ip' ? 32 : 128)) return 'whoever is in the same network, or forges an address of it, uses up the same tokens';
  const packets = burst === undefined ? 'packets' : times(burst, 'packet');
  return `${packets} with the forged address of somebody ${burst === 1 ? 'uses' : 'use'} up their tokens`;
}

function describeConnlimit(limiter: ConnlimitLimiter): LimiterDescription {
  const { count, effect, rule, family } = limiter;
  const word = effectWord(rule, effect);
  const number = String(count.count);
  const line = count.above
    ? count.count === 0
      ? `${word} every connection: one open connection is more than 0`
      : `${word} what would be more than ${number} connections open at the same time; the place is free again when one of them ends`
    : `${word} up to ${number} connections open at the same time; ${effect === 'passes' ? 'all go on to the next rules' : REST[limiter.rest]}`;
  const lockout =
    count.side === 'saddr' && count.prefix > 0
      ? 'half-open connections count as well: forged connection requests use up the places of an address until the kernel gives them up'
      : 'sources are not told apart: a single one can open as many as there may be';
  return {
    ...base(limiter, perPrefix(count.side, count.prefix, family), 'connlimit'),
    lines: [line, lockout],
    lets: count.count,
    recovery: 'as soon as one of the connections ends',
    lockout,
  };
}

function describeQuota(limiter: QuotaLimiter): LimiterDescription {
  const { bytes, negated, effect, rule } = limiter;
  const word = effectWord(rule, effect);
  const amount = `${String(bytes)} bytes`;
  const recovery = 'it is never filled up again; loading the rules anew begins at the start, and how much is left cannot be seen';
  const lockout = 'one quota for everybody: a single source can use it up';
  const line = negated
    ? `${word} everything once ${amount} came to this rule`
    : `${word} the first ${amount} that come to this rule, whole packets only; ${effect === 'passes' ? 'all go on to the next rules' : REST[limiter.rest]}`;
  return { ...base(limiter, 'all together', 'quota'), lines: [line, recovery, lockout], recovery, lockout };
}

function describeStatistic(limiter: StatisticLimiter): LimiterDescription {
  const { statistic, effect, rule } = limiter;
  const word = effectWord(rule, effect);
  const rest = effect === 'passes' ? 'all go on to the next rules' : REST[limiter.rest];
  const line =
    statistic.kind === 'random'
      ? `${word} ${percent(statistic.negated ? 2 ** 31 - statistic.share : statistic.share)} of the packets, drawn at random; ${rest}`
      : statistic.negated
        ? `${word} all packets but one in ${String(statistic.every)}: the ${ordinal(statistic.packet + 1)}, the ${ordinal(statistic.packet + 1 + statistic.every)} and so on; ${rest}`
        : statistic.every === 1
          ? `${word} every packet`
          : `${word} one packet in ${String(statistic.every)}: the ${ordinal(statistic.packet + 1)}, the ${ordinal(statistic.packet + 1 + statistic.every)} and so on; ${rest}`;
  return { ...base(limiter, 'all together', 'statistic'), lines: [line] };
}

/** A share of 2^31 in percent. */
function percent(share: number): string {
  return `${String(Number(((share / 2 ** 31) * 100).toFixed(4)))} %`;
}

function describeDefaults(ruleset: Ruleset): readonly DefaultDescription[] {
  const table: Table | undefined = ruleset.tables.get('filter');
  if (table === undefined) return [];
  const described: DefaultDescription[] = [];
  for (const chain of table.chains.values()) {
    if (chain.hook === undefined || chain.policy === undefined) continue;
    const last = chain.rules.at(-1);
    const what = chain.policy === 'DROP' ? 'dropped' : 'accepted';
    const text =
      last === undefined ? `everything is ${what} (no rules)` : (lastRuleText(ruleset, table, chain, last) ?? `what no rule decides is ${what}`);
    described.push({ table: 'filter', chain: chain.name, policy: chain.policy, text: `${chain.name}: ${text}` });
  }
  return described;
}

/** When the last rule takes every packet, the policy never comes to decide. */
function lastRuleText(ruleset: Ruleset, table: Table, chain: Chain, last: Rule): string | undefined {
  const asked = conditionsOf(last.spec, ruleset.family);
  const effect = effectOf({ table, family: ruleset.family }, last);
  if (asked.all.length > 0 || asked.uncertain || (effect !== 'drops' && effect !== 'accepts')) return undefined;
  const place = placeText({ table, chain, index: chain.rules.length - 1, rule: last });
  return `what no other rule decides is ${effect === 'drops' ? 'dropped' : 'accepted'} by the last one (${place}); the policy ${chain.policy ?? ''} never comes to it`;
}
