/** What rules ask of a packet, in a form in which two rules can be compared: whether one takes all packets of another, or none of them. */

import { isEverything, type BaseGiven } from '../extensions/base.js';
import type { Family } from '../extensions/define.js';
import type { InterfaceName } from '../extensions/values/interface.js';
import type { RuleSpec, Use } from '../iptables/command.js';
import { printRule, printUse } from '../iptables/print.js';
import type { Network } from '../net/address.js';

/** One thing a rule asks of a packet. */
export type Condition =
  | { readonly kind: 'network'; readonly side: 'source' | 'destination'; readonly networks: readonly Network[]; readonly negated: boolean }
  | { readonly kind: 'interface'; readonly side: 'in' | 'out'; readonly name: InterfaceName; readonly negated: boolean }
  | { readonly kind: 'protocol'; readonly number: number; readonly negated: boolean }
  | { readonly kind: 'ports'; readonly side: 'source' | 'destination'; readonly ranges: readonly Range[]; readonly negated: boolean }
  /** States of connection tracking, one of which the packet must have. */
  | { readonly kind: 'states'; readonly states: ReadonlySet<string> }
  /** `--icmp-type`: the type's number and, if asked for, the code's. */
  | { readonly kind: 'icmpType'; readonly text: string; readonly type: string; readonly negated: boolean }
  /** Compared word by word only. `text` is how iptables-save prints it. */
  | { readonly kind: 'other'; readonly text: string };

interface Range {
  readonly from: number;
  readonly to: number;
}

/** All a rule asks. */
export interface Conditions {
  readonly all: readonly Condition[];
  /** The rule may match fewer packets than `all` says: it counts packets, or asks what is only known at run time or to the kernel. */
  readonly uncertain: boolean;
}

/** The first port of the TCP service that a rule asks for by its destination port; undefined for any other rule. */
export function tcpServicePort({ all }: Conditions): number | undefined {
  if (!all.some((one) => one.kind === 'protocol' && one.number === 6 && !one.negated)) return undefined;
  const ports = all.find((one) => one.kind === 'ports' && one.side === 'destination' && !one.negated);
  return ports?.kind === 'ports' ? ports.ranges[0]?.from : undefined;
}

/** Which part of a rule to look at. */
export interface ConditionScope {
  /** Only what is asked before this use. */
  readonly before?: Use;
  /** All but this use. */
  readonly without?: Use;
}

/**
 * Matches whose answer is the same for the same packet wherever in a chain it is asked: no target changes what they look at, and they
 * count nothing. All others make a rule uncertain.
 */
const STEADY: ReadonlySet<string> = new Set([
  'tcp',
  'udp',
  'udplite',
  'sctp',
  'dccp',
  'icmp',
  'icmp6',
  'multiport',
  'state',
  'conntrack',
  'iprange',
  'mac',
  'pkttype',
  'addrtype',
  'length',
  'physdev',
  'esp',
  'ah',
  'owner',
]);

const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'] as const;

const texts = new WeakMap<RuleSpec, string>();

/** A rule as iptables-save prints it: rules with the same text are the same. */
export function textOfRule(rule: RuleSpec, family: Family): string {
  let text = texts.get(rule);
  if (text === undefined) {
    text = printRule(rule, family);
    texts.set(rule, text);
  }
  return text;
}

/** The target of a rule with its options, as iptables-save prints it; empty without one. */
export function textOfAction(rule: RuleSpec, family: Family): string {
  return rule.action === undefined ? '' : printRule({ ...rule, base: { ...rule.base, given: {} }, matches: [] }, family);
}

const cache = new WeakMap<RuleSpec, Conditions>();

/** What a rule asks; with a scope, what part of it asks. */
export function conditionsOf(rule: RuleSpec, family: Family, scope?: ConditionScope): Conditions {
  if (scope !== undefined) return readConditions(rule, family, scope);
  let conditions = cache.get(rule);
  if (conditions === undefined) {
    conditions = readConditions(rule, family, {});
    cache.set(rule, conditions);
  }
  return conditions;
}

function readConditions(rule: RuleSpec, family: Family, scope: ConditionScope): Conditions {
  const all: Condition[] = [];
  let uncertain = rule.base.unsettled.length > 0;
  readBase(rule.base.given, all);
  for (const use of rule.matches) {
    if (use === scope.before) break;
    if (use === scope.without || use.extension.name === 'comment') continue;
    if (use.unsettled.length > 0 || use.extension.stateful === true || !STEADY.has(use.extension.name)) uncertain = true;
    else readMatch(use, family, all);
  }
  return { all, uncertain };
}

function readBase(given: BaseGiven, all: Condition[]): void {
  for (const side of ['source', 'destination'] as const) {
    const asked = given[side];
    if (asked === undefined || (!asked.negated && asked.value.some(isEverything))) continue;
    all.push({ kind: 'network', side, networks: asked.value, negated: asked.negated });
  }
  for (const side of ['in', 'out'] as const) {
    const asked = given[`${side}-interface`];
    if (asked === undefined || (asked.value.wildcard && asked.value.name === '' && !asked.negated)) continue;
    all.push({ kind: 'interface', side, name: asked.value, negated: asked.negated });
  }
  const { protocol, fragment } = given;
  if (protocol !== undefined && protocol.value !== 0) all.push({ kind: 'protocol', number: protocol.value, negated: protocol.negated });
  if (fragment !== undefined) all.push({ kind: 'other', text: fragment.negated ? '! -f' : '-f' });
}

/** Reads the words iptables-save prints: `! --dport 22`, `--ctstate NEW,ESTABLISHED`. */
function readMatch(use: Use, family: Family, all: Condition[]): void {
  const { name } = use.extension;
  const words = printUse(use, family);
  for (let at = 0; at < words.length;) {
    const negated = words[at] === '!';
    if (negated) at += 1;
    const option = words[at] ?? '';
    let end = at + 1;
    while (end < words.length && words[end] !== '!' && !(words[end] ?? '').startsWith('--')) end += 1;
    const argument = words.slice(at + 1, end).join(' ');
    all.push(readOption(name, option, argument, negated));
    at = end;
  }
}

function readOption(match: string, option: string, argument: string, negated: boolean): Condition {
  const other: Condition = { kind: 'other', text: `${negated ? '! ' : ''}${match} ${option} ${argument}` };
  switch (option) {
    case '--sport':
    case '--sports':
    case '--dport':
    case '--dports': {
      const ranges = readRanges(argument);
      return ranges === undefined ? other : { kind: 'ports', side: option.startsWith('--s') ? 'source' : 'destination', ranges, negated };
    }
    case '--state':
    case '--ctstate': {
      const named = argument.split(',');
      if (!named.every((state) => (STATES as readonly string[]).includes(state))) return other;
      return { kind: 'states', states: new Set(negated ? STATES.filter((state) => !named.includes(state)) : named) };
    }
    case '--icmp-type':
    case '--icmpv6-type':
      return { kind: 'icmpType', text: argument, type: argument.split('/')[0] ?? '', negated };
    default:
      return other;
  }
}

function readRanges(text: string): readonly Range[] | undefined {
  const ranges: Range[] = [];
  for (const item of text.split(',')) {
    const found = /^(\d+)(?::(\d+))?$/.exec(item);
    if (found === null) return undefined;
    ranges.push({ from: Number(found[1]), to: Number(found[2] ?? found[1]) });
  }
  return ranges;
}

/** Whether every packet that the inner rule matches certainly is one that the outer rule matches, too. */
export function covers(outer: Conditions, inner: Conditions): boolean {
  return !outer.uncertain && outer.all.every((wide) => inner.all.some((narrow) => isWithin(narrow, wide)));
}

/** Whether certainly no packet is matched by both rules. */
export function areDisjoint(left: Conditions, right: Conditions): boolean {
  return left.all.some((one) => right.all.some((other) => excludeEachOther(one, other)));
}

/** All conditions of several rules that a packet passes one after another: of a jump, and of the rule it leads to. */
export function together(...parts: readonly Conditions[]): Conditions {
  return { all: parts.flatMap(({ all }) => all), uncertain: parts.some(({ uncertain }) => uncertain) };
}

/** Whether whatever fulfils `narrow` fulfils `wide`. */
function isWithin(narrow: Condition, wide: Condition): boolean {
  switch (wide.kind) {
    case 'network':
      if (narrow.kind !== 'network' || narrow.side !== wide.side) return false;
      return setIsWithin(narrow, narrow.networks, wide, wide.networks, networkContains, networksOverlap);
    case 'interface':
      if (narrow.kind !== 'interface' || narrow.side !== wide.side) return false;
      return setIsWithin(narrow, [narrow.name], wide, [wide.name], interfaceContains, interfacesOverlap);
    case 'protocol':
      if (narrow.kind !== 'protocol') return false;
      return setIsWithin(narrow, [narrow.number], wide, [wide.number], isSame, isSame);
    case 'ports':
      if (narrow.kind !== 'ports' || narrow.side !== wide.side) return false;
      return setIsWithin(narrow, narrow.ranges, wide, wide.ranges, rangeContains, rangesOverlap);
    case 'states':
      return narrow.kind === 'states' && [...narrow.states].every((state) => wide.states.has(state));
    case 'icmpType':
      if (narrow.kind !== 'icmpType' || narrow.negated !== wide.negated) return false;
      return narrow.text === wide.text || wide.text === 'any' || (!wide.negated && !wide.text.includes('/') && narrow.type === wide.type);
    case 'other':
      return narrow.kind === 'other' && narrow.text === wide.text;
  }
}

function excludeEachOther(one: Condition, other: Condition): boolean {
  switch (one.kind) {
    case 'network':
      if (other.kind !== 'network' || one.side !== other.side) return false;
      return setsExclude(one, one.networks, other, other.networks, networkContains, networksOverlap);
    case 'interface':
      if (other.kind !== 'interface' || one.side !== other.side) return false;
      return setsExclude(one, [one.name], other, [other.name], interfaceContains, interfacesOverlap);
    case 'protocol':
      if (other.kind !== 'protocol') return false;
      return setsExclude(one, [one.number], other, [other.number], isSame, isSame);
    case 'ports':
      if (other.kind !== 'ports' || one.side !== other.side) return false;
      return setsExclude(one, one.ranges, other, other.ranges, rangeContains, rangesOverlap);
    case 'states':
      return other.kind === 'states' && ![...one.states].some((state) => other.states.has(state));
    case 'icmpType':
      if (other.kind !== 'icmpType' || one.text === 'any' || other.text === 'any') return false;
      if (one.negated || other.negated) return one.negated !== other.negated && one.text === other.text;
      return one.type !== other.type;
    case 'other':
      return other.kind === 'other' && (one.text === `! ${other.text}` || other.text === `! ${one.text}`);
  }
}

interface Negatable {
  readonly negated: boolean;
}

function setIsWithin<T>(
  narrow: Negatable,
  narrowItems: readonly T[],
  wide: Negatable,
  wideItems: readonly T[],
  contains: (outer: T, inner: T) => boolean,
  overlap: (left: T, right: T) => boolean,
): boolean {
  if (narrow.negated) return wide.negated && wideItems.every((excluded) => narrowItems.some((item) => contains(item, excluded)));
  if (wide.negated) return narrowItems.every((item) => !wideItems.some((excluded) => overlap(item, excluded)));
  return narrowItems.every((item) => wideItems.some((outer) => contains(outer, item)));
}

function setsExclude<T>(
  one: Negatable,
  oneItems: readonly T[],
  other: Negatable,
  otherItems: readonly T[],
  contains: (outer: T, inner: T) => boolean,
  overlap: (left: T, right: T) => boolean,
): boolean {
  if (one.negated && other.negated) return false;
  if (one.negated) return otherItems.every((item) => oneItems.some((excluded) => contains(excluded, item)));
  if (other.negated) return oneItems.every((item) => otherItems.some((excluded) => contains(excluded, item)));
  return !oneItems.some((item) => otherItems.some((candidate) => overlap(item, candidate)));
}

function isSame(left: number, right: number): boolean {
  return left === right;
}

function rangeContains(outer: Range, inner: Range): boolean {
  return outer.from <= inner.from && inner.to <= outer.to;
}

function rangesOverlap(left: Range, right: Range): boolean {
  return left.from <= right.to && right.from <= left.to;
}

function networkContains(outer: Network, inner: Network): boolean {
  if (outer.kind === 'ip')
    return inner.kind === 'ip' && (inner.mask & outer.mask) >>> 0 === outer.mask && (inner.address & outer.mask) >>> 0 === outer.address;
  return inner.kind === 'ip6' && (inner.mask & outer.mask) === outer.mask && (inner.address & outer.mask) === outer.address;
}

function networksOverlap(left: Network, right: Network): boolean {
  if (left.kind === 'ip') return right.kind === 'ip' && ((left.address ^ right.address) & left.mask & right.mask) === 0;
  return right.kind === 'ip6' && ((left.address ^ right.address) & left.mask & right.mask) === 0n;
}

function interfaceContains(outer: InterfaceName, inner: InterfaceName): boolean {
  return outer.wildcard ? inner.name.startsWith(outer.name) : !inner.wildcard && inner.name === outer.name;
}

function interfacesOverlap(left: InterfaceName, right: InterfaceName): boolean {
  return interfaceContains(left, right) || interfaceContains(right, left);
}
