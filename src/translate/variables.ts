/**
 * Values that keep their names in nftables: `-s $LAN` becomes `ip saddr $LAN`, in scripts and in dumps written as templates. The rules are read with a value that stands
 * in for the name, an address, port or interface nothing else has, and the name is put in its place in what they become.
 */

import type { Family } from '../extensions/define.js';
import type { Input } from '../input/input.js';
import { noticedCommands, type Command } from '../iptables/command.js';
import { parseIp4, parseIp6 } from '../net/address.js';
import { servicePort } from '../net/services.js';
import type { NftRule } from '../nft/ir.js';
import { isUsableName } from '../nft/names.js';
import { positionAt, spanText, type Span } from '../text/source.js';
import { wordCount, wordSpan, wordText, type Piece, type Word } from '../text/word.js';
import { keepsNoState } from './loops.js';
import { KIND_OF_OPTION, readWith, withCommands, type StandInKind, type StandIns } from './stand-ins.js';

/** A value under its name. */
export interface NamedValue {
  /** Among all values; what `excluded` of `nameValues` says it by. */
  readonly key: string;
  readonly name: string;
  /** variable: defined at the head of the file; lookedUp: a host or service that nft looks up when it loads the file. */
  readonly kind: 'variable' | 'lookedUp';
  readonly standIn: string;
  /** As nft reads it; undefined when only the run, or the host, knows it. */
  readonly value: string | undefined;
  /** A list for which iptables makes a rule of each item: one rule for all is the same only where a rule keeps no state. */
  readonly severalRules: boolean;
  /** Where it is used first, for the reader: `rules.sh:3`. */
  readonly written: string;
}

/** How a value is written. */
export function nameShown({ name, kind }: NamedValue): string {
  return kind === 'variable' ? `$${name}` : name;
}

/** An input whose rules have stand-ins. */
export interface NamedValues {
  readonly input: Input;
  readonly values: readonly NamedValue[];
}

/** Whether a dump has names that only the host knows. */
export function hasLookups({ kind, commands }: Input): boolean {
  return kind === 'save' && noticedCommands(commands).some(({ problems }) => problems.some(isOfLookup));
}

function isOfLookup({ check }: { readonly check: string }): boolean {
  return check === 'unresolved-name' || check === 'hostname-in-rule';
}

/** A use of a name as a whole argument, or for a service as one of a list. */
interface Use {
  readonly command: Command;
  readonly word: number;
  readonly name: string;
  readonly kind: StandInKind;
  readonly lookedUp: boolean;
  /** As it would be defined; undefined when it is not known. */
  readonly value: string | undefined;
}

/** Puts stand-ins where whole arguments are values with names. `excluded`: keys of values to leave alone. */
export function nameValues(input: Input, excluded: ReadonlySet<string>, nextStandIn: StandIns): NamedValues {
  if (input.shell === undefined && !hasLookups(input)) return { input, values: [] };
  const placeholders = input.problems.flatMap(({ problem }) => (problem.check === 'placeholder' ? [problem.at] : []));
  const uses = input.commands
    .filter((command) => 'rule' in command && !input.notRun.has(command))
    .flatMap((command) => [...lookedUpIn(command, placeholders), ...(input.shell === undefined ? [] : variablesIn(command, input.target.nft))]);
  const values = new Map<string, NamedValue & { readonly of: StandInKind; readonly family: Family }>();
  const unfit = new Set(excluded);
  for (const use of uses) {
    const { command, word, kind, value, lookedUp } = use;
    const { family } = command;
    const key = keyOf(use);
    const before = values.get(key);
    // A name for two things, or for a value that changes, stands for none.
    if (before !== undefined && (before.of !== kind || before.value !== value || (kind === 'address' && before.family !== family))) unfit.add(key);
    if (before !== undefined) continue;
    const at = wordSpan(command.words, word);
    const written = `${at.source.name}:${String(positionAt(at.source, at.start).line)}`;
    const standIn = nextStandIn(kind, family);
    if (standIn === undefined) continue;
    const severalRules = kind === 'address' && value?.startsWith('{') === true;
    values.set(key, { key, name: use.name, kind: lookedUp ? 'lookedUp' : 'variable', of: kind, value, severalRules, family, standIn, written });
  }
  for (const name of unfit) values.delete(name);
  if (values.size === 0) return { input, values: [] };
  const byCommand = new Map<Command, Map<number, string>>();
  for (const use of uses) {
    const { command, word, lookedUp } = use;
    const value = values.get(keyOf(use));
    if (value === undefined) continue;
    const words = byCommand.get(command) ?? new Map<number, string>();
    const before = words.get(word) ?? wordText(command.words, word);
    words.set(word, lookedUp ? withItem(before, use.name, value.standIn) : value.standIn);
    byCommand.set(command, words);
  }
  return {
    input: withCommands(input, new Map([...byCommand].map(([command, words]) => [command, readAgain(command, words, input)]))),
    values: [...values.values()],
  };
}

/** The key of a value, and what `excluded` names it by. */
function keyOf({ name, lookedUp, kind, command }: Use): string {
  return lookedUp ? `${kind} ${command.family} ${name}` : name;
}

/** A list with another item in the place of one. */
function withItem(list: string, item: string, other: string): string {
  return list
    .split(',')
    .map((one) => (one === item ? other : one))
    .join(',');
}

/** Hosts and services that fwlint does not know, and the host the rules are for may. `placeholders`: what stands for no host. */
function lookedUpIn(command: Command, placeholders: readonly Span[]): readonly Use[] {
  return command.problems.filter(isOfLookup).flatMap(({ at }): readonly Use[] => {
    if (placeholders.some((other) => other.source === at.source && other.start < at.end && at.start < other.end)) return [];
    for (let word = 1, count = wordCount(command.words); word < count; word += 1) {
      const { start, end } = wordSpan(command.words, word);
      if (at.start < start || at.end > end) continue;
      const kind = KIND_OF_OPTION.get(wordText(command.words, word - 1));
      const text = wordText(command.words, word);
      if (kind === 'address') return HOST_NAME.test(text) ? [{ command, word, name: text, kind, lookedUp: true, value: undefined }] : [];
      if (kind !== 'port') return [];
      const unknown = text.split(',').filter((item) => SERVICE_NAME.test(item) && servicePort(item) === undefined);
      return unknown.map((name) => ({ command, word, name, kind, lookedUp: true, value: undefined }));
    }
    return [];
  });
}

/** What is meant for a host; `192.168.x.0` is not. */
const HOST_NAME = /^(?:[a-z\d][a-z\d-]*\.)*[a-z][a-z\d-]*[a-z]\.?$/i;
const SERVICE_NAME = /^[a-z][\w+./-]*$/i;

function variablesIn(command: Command, nft: string | undefined): readonly Use[] {
  const { words } = command;
  if (words.kind !== 'words') return [];
  return words.words.flatMap((word, index): readonly Use[] => {
    const kind = KIND_OF_OPTION.get(words.words[index - 1]?.text ?? '');
    const name = kind === undefined ? undefined : nameOf(word, nft);
    if (kind === undefined || name === undefined) return [];
    const known = word.pieces.every(({ unknown }) => unknown === undefined);
    const value = known ? valueOf(kind, word.text, command.family) : undefined;
    return known && value === undefined ? [] : [{ command, word: index, name, kind, lookedUp: false, value }];
  });
}

/** The variable whose value a word is, if it is one and nothing else. A loop's variable has a value of its own in each round. */
function nameOf({ pieces, span }: Word, nft: string | undefined): string | undefined {
  const [piece] = pieces;
  if (piece === undefined || pieces.some(fromLoop)) return undefined;
  const { unknown } = piece;
  if (unknown !== undefined) {
    if (pieces.length > 1) return undefined;
    return /^[A-Za-z]\w*$/.test(unknown) ? usable(unknown, nft) : /^\d+$/.test(unknown) ? `ARGUMENT_${unknown}` : undefined;
  }
  if (piece.via.some(({ kind }) => kind === 'call') || pieces.some((other) => other.unknown !== undefined)) return undefined;
  const [, plain, braced] = /^"?\$(?:([A-Za-z]\w*)|\{([A-Za-z]\w*)\})"?$/.exec(spanText(span)) ?? [];
  const name = plain ?? braced;
  return name === undefined ? undefined : usable(name, nft);
}

/** nft takes no word of its own for the name of a value: `$ip` is a syntax error. */
function usable(name: string, nft: string | undefined): string {
  return isUsableName('chain', name, nft) ? name : `${name}_value`;
}

function fromLoop({ via }: Piece): boolean {
  return via.some(({ kind }) => kind === 'loop');
}

/** How nft defines a value that means as much wherever it stands as a stand-in does; undefined for what has to be looked into. */
function valueOf(kind: StandInKind, text: string, family: Family): string | undefined {
  if (kind === 'interface') return /^[A-Za-z][\w.-]{0,14}\+?$/.test(text) ? `"${text.replace('+', '*')}"` : undefined;
  if (kind === 'owner') return /^(?:0|[1-9]\d{0,8}|[A-Za-z_][\w-]*)$/.test(text) ? text : undefined;
  if (kind === 'mark') return /^(?:0x[\da-f]{1,8}|[1-9]\d{0,8})$/i.test(text) && Number(text) > 0 ? text : undefined;
  const items = text.split(',').map((item) => (kind === 'port' ? portsOf(item) : networkOf(item, family)));
  const found = items.filter((item) => item !== undefined);
  // nft refuses a set whose items overlap, and a packet would meet two of the rules iptables makes of them.
  if (found.length < items.length || hasOverlaps(found)) return undefined;
  const texts = found.map((item) => item.text);
  return texts.length === 1 ? texts[0] : `{ ${texts.join(', ')} }`;
}

/** Ports or addresses as numbers, both ends included, and as nft writes them. */
export interface Stretch {
  readonly first: bigint;
  readonly last: bigint;
  readonly text: string;
}

function hasOverlaps(stretches: readonly Stretch[]): boolean {
  const sorted = [...stretches].sort((left, right) => (left.first < right.first ? -1 : 1));
  return sorted.some(({ first }, index) => first <= (sorted[index - 1]?.last ?? -1n));
}

/** A port or a range of ports, `8000:8010`. */
export function portsOf(text: string): Stretch | undefined {
  const [, first = '', last = first] = /^([1-9]\d{0,4})(?::([1-9]\d{0,4}))?$/.exec(text) ?? [];
  if (first === '' || Number(last) > 65_535 || Number(first) > Number(last)) return undefined;
  return { first: BigInt(first), last: BigInt(last), text: first === last ? first : `${first}-${last}` };
}

/** An address, or a network without bits of hosts; not all addresses. */
export function networkOf(text: string, family: Family): Stretch | undefined {
  const [, address = '', length] = /^([\da-f.:]+)(?:\/(\d{1,3}))?$/i.exec(text) ?? [];
  const bits = family === 'ip' ? address4(address) : parseIp6(address);
  const all = family === 'ip' ? 32 : 128;
  const rest = length === undefined ? 0 : all - Number(length);
  if (bits === undefined || rest < 0 || rest >= all || (length !== undefined && rest === 0)) return undefined;
  const size = 1n << BigInt(rest);
  return bits % size === 0n ? { first: bits, last: bits + size - 1n, text } : undefined;
}

function address4(text: string): bigint | undefined {
  const parsed = parseIp4(text);
  return parsed === undefined || parsed.octal || parsed.short ? undefined : BigInt(parsed.address);
}

function readAgain(command: Command, standIns: ReadonlyMap<number, string>, input: Input): Command {
  const read = readWith(command, standIns, input);
  return read.refused === command.refused && read.kind === command.kind ? read : command;
}

/** Puts names in the place of stand-ins, wherever one is a value of its own; which stand-ins were met. */
export function replaceStandIns(rule: NftRule, values: readonly NamedValue[]): { readonly made: NftRule; readonly met: ReadonlySet<string> } {
  const met = new Set<string>();
  if (values.length === 0) return { made: rule, met };
  const byStandIn = new Map(values.map((value) => [value.standIn, value]));
  const visit = (node: unknown): unknown => {
    if (Array.isArray(node)) return node.map(visit);
    if (typeof node !== 'object' || node === null) return node;
    const { kind, name, text, value } = node as {
      readonly kind?: unknown;
      readonly name?: unknown;
      readonly text?: unknown;
      readonly value?: unknown;
    };
    const shown = kind === 'symbol' ? name : kind === 'string' ? text : kind === 'number' ? String(value) : undefined;
    const found = typeof shown === 'string' ? byStandIn.get(shown) : undefined;
    if (found === undefined || (found.severalRules && !keepsNoState(rule)))
      return Object.fromEntries(Object.entries(node).map(([key, inner]) => [key, visit(inner)]));
    met.add(found.standIn);
    // A word of nft's own, such as `rate`, is a name in quotes.
    return found.kind === 'variable' ? { kind: 'symbol', name: nameShown(found) } : { kind: 'string', text: found.name };
  };
  return { made: { ...rule, statements: visit(rule.statements) as NftRule['statements'] }, met };
}
