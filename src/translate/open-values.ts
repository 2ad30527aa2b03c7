/**
 * Values that a dump leaves open: variables of a template, and what was made unreadable before the dump was shown (`XX:XX:XX:XX:XX:XX`). Their rules
 * keep their places and load: they ask named sets, and maps where nft takes no set, which have no elements until somebody fills them in.
 */

import type { Family } from '../extensions/define.js';
import type { Input } from '../input/input.js';
import { ruleOf, usesOf, type Command } from '../iptables/command.js';
import { match, meta, setReference } from '../nft/build.js';
import type { Expr, NamedSet, NftRule, NftTable, SetElement, Statement } from '../nft/ir.js';
import { usableName } from '../nft/names.js';
import { positionAt, type Span } from '../text/source.js';
import { isUnknown, wordAt, wordCount, wordSpan, wordText } from '../text/word.js';
import { keepsNoState } from './loops.js';
import { KIND_OF_OPTION, readWith, withCommands, type StandInKind, type StandIns } from './stand-ins.js';
import { networkOf, portsOf } from './variables.js';

/** A value that is not in the dump. */
export interface OpenValue {
  /** Among all values; what `excluded` of `leaveOpen` says it by. */
  readonly key: string;
  /** Of the set or map. */
  readonly name: string;
  readonly standIn: string;
  /** Of its elements, in a map of the values. */
  readonly type: string;
  readonly holdsRanges: boolean;
  /** Stands where nft takes no set: `dnat to meta protocol map @NAME`. */
  readonly isMap: boolean;
  /** As the dump has it: `$LAN`, `XX.XX.XX.XX`. */
  readonly shown: string;
  /** Where it is met first, for the reader: `rules.v4:16`. */
  readonly written: string;
  /** Items of a list that are there. */
  readonly known: readonly string[];
  /** A list for which iptables makes a rule of each item: one rule for all is the same only where a rule keeps no state. */
  readonly severalRules: boolean;
}

/** An open value in a rule. */
export interface OpenUse {
  readonly value: OpenValue;
  readonly negated: boolean;
  /** It is the protocol of a rule that asks for ports: the rule is read for TCP, and its ports stand where those of every transport protocol do. */
  readonly isTransport?: true;
}

/** Inputs whose rules have stand-ins. */
export interface OpenValues {
  readonly inputs: readonly Input[];
  readonly values: readonly OpenValue[];
  /** The values of each rule that has some. */
  readonly ofCommand: ReadonlyMap<Command, readonly OpenUse[]>;
  /** Policies that are not known, for which ACCEPT is read: the chain line, and what is different until the policy is written. */
  readonly policies: ReadonlyMap<Command, string>;
}

/** What an argument has to be; as `KIND_OF_OPTION`, with what only stands open in dumps. */
const KINDS: ReadonlyMap<string, StandInKind> = new Map<string, StandInKind>([
  ...KIND_OF_OPTION,
  ['-p', 'protocol'],
  ['--protocol', 'protocol'],
  ['--mac-source', 'hardware address'],
  ['--icmp-type', 'ICMP type'],
  ['--icmpv6-type', 'ICMP type'],
  ['--to', 'address'],
  ['--to-ports', 'port'],
  ['--to-port', 'port'],
]);

/** Options of translations of addresses: `ADDRESS:PORT`. */
const TRANSLATES: ReadonlySet<string> = new Set(['--to-destination', '--to-source', '--to']);

/** Options whose value goes into the packet, so that it has to be one. */
const NEEDS_MAP: ReadonlySet<string> = new Set([...TRANSLATES, '--to-ports', '--to-port', '--set-mark']);

/** Whether a dump leaves values open. */
export function hasOpenValues({ kind, commands, problems }: Input): boolean {
  return (
    kind === 'save' &&
    (problems.some(({ problem }) => problem.check === 'placeholder') ||
      commands.some((command) => isOpenPolicy(command) || (command.words.kind === 'words' && command.words.words.some(isUnknown))))
  );
}

/** Whether a chain line has a policy that is only known when the file is made. */
function isOpenPolicy({ kind, refused, problems }: Command): boolean {
  return kind === 'policy' && refused && problems.some(({ check }) => check === 'unknown-words');
}

/** Puts stand-ins where values of dumps are open. `excluded`: keys of values to leave alone. */
export function leaveOpen(inputs: readonly Input[], excluded: ReadonlySet<string>, nextStandIn: StandIns): OpenValues {
  const values = new Map<string, OpenValue>();
  const taken = new Set<string>(
    inputs.flatMap(({ sources }) => sources.flatMap(({ text }) => [...text.matchAll(NAMES_OF_LISTS)].map(([, name = '']) => name))),
  );
  const ofCommand = new Map<Command, readonly OpenUse[]>();
  const policies = new Map<Command, string>();
  const left = inputs.map((input) => {
    if (!hasOpenValues(input)) return input;
    const others = new Map<Command, Command>();
    for (const command of input.commands) {
      if (command.kind !== 'policy' || !isOpenPolicy(command)) continue;
      const { chain, policy } = command;
      others.set(command, { ...command, policy: { ...policy, text: 'ACCEPT' }, problems: [], refused: false });
      policies.set(command, `\`${policy.text}\` is no value: the policy of ${chain.text} is ACCEPT until it is written`);
    }
    for (const [command, gaps] of gapsOf(input)) {
      const met: OpenUse[] = [];
      const words = new Map<number, string>();
      const isTransport = asksForPorts(command, gaps);
      for (const gap of gaps) {
        const key = keyOf(gap, command);
        const before = values.get(key);
        const value = excluded.has(key) ? undefined : (before ?? openValue(gap, key, command, nextStandIn, taken, input.target.nft));
        if (value === undefined) continue;
        if (before === undefined) taken.add(value.name);
        values.set(key, value);
        const isIt = isTransport && gap.kind === 'protocol';
        if (!met.some((use) => use.value === value && use.isTransport))
          met.push({ value, negated: gap.negated, ...(isIt ? { isTransport: true } : {}) });
        if (isIt) {
          words.set(gap.word, 'tcp');
          continue;
        }
        const word = words.get(gap.word) ?? wordText(command.words, gap.word);
        words.set(gap.word, `${word.slice(0, word.length - gap.after - gap.text.length)}${value.standIn}${word.slice(word.length - gap.after)}`);
      }
      if (words.size === 0) continue;
      const read = readWith(command, words, input);
      if (read.refused || (isTransport && !hasNothingOfTcp(read))) continue;
      others.set(command, read);
      ofCommand.set(read, met);
    }
    return others.size === 0 ? input : withCommands(input, others);
  });
  const used = new Set([...ofCommand.values()].flat().map(({ value }) => value));
  return { inputs: left, values: [...values.values()].filter((value) => used.has(value)), ofCommand, policies };
}

/** Names that sets of the tables may have. */
const NAMES_OF_LISTS = /--(?:match-set|add-set|del-set|map-set|set|name|hashlimit-name)[ \t]+"?([^\s"]+)/g;

/** A part of a word whose value is open. */
interface Gap {
  readonly word: number;
  readonly kind: StandInKind;
  readonly option: string;
  readonly negated: boolean;
  /** The part; `after`: how many characters of the word stand behind it. */
  readonly text: string;
  readonly after: number;
}

/** Whether a rule whose protocol is open asks for ports, or loads the match that is called like the protocol: `-p $P -m $P --dport 53`. */
function asksForPorts({ words }: Command, gaps: readonly Gap[]): boolean {
  const protocol = gaps.find(({ kind }) => kind === 'protocol');
  if (protocol === undefined || protocol.negated) return false;
  if (gaps.some(({ option }) => LOADS_MATCH.has(option))) return true;
  for (let word = 1, count = wordCount(words); word < count; word += 1) if (ASKS_FOR_PORTS.test(wordText(words, word))) return true;
  return false;
}

const LOADS_MATCH: ReadonlySet<string> = new Set(['-m', '--match']);
const ASKS_FOR_PORTS = /^--(?:[ds]ports?|(?:source|destination)-ports?)$/;

/** Matches and targets that are the same for all transport protocols. */
const FOR_ALL_PROTOCOLS: ReadonlySet<string> = new Set([
  ...['tcp', 'multiport', 'state', 'conntrack', 'comment', 'limit', 'set', 'mark', 'connmark', 'iprange', 'mac', 'addrtype', 'pkttype', 'physdev'],
  ...['ACCEPT', 'DROP', 'RETURN', 'REJECT', 'LOG', 'NFLOG', 'MARK', 'CONNMARK'],
]);

/** Whether a rule that was read for TCP is the same for every protocol with ports. */
function hasNothingOfTcp(command: Command): boolean {
  const rule = ruleOf(command);
  return (
    rule !== undefined &&
    usesOf(rule).every(
      ({ extension: { name }, given }) =>
        FOR_ALL_PROTOCOLS.has(name) &&
        (name !== 'tcp' || Object.keys(given).every((option) => option === 'source-port' || option === 'destination-port')) &&
        given['ports'] === undefined &&
        given['reject-with']?.value !== 'tcp-reset',
    )
  );
}

/** The gaps of each rule of a dump that has some, those of one word from back to front. */
function* gapsOf({ commands, problems }: Input): Generator<readonly [Command, readonly Gap[]]> {
  const placeholders = problems
    .flatMap(({ problem }) =>
      problem.check === 'placeholder' ? [problem.at, ...(problem.labels ?? []).map(({ span }) => span), ...(problem.also ?? [])] : [],
    )
    .sort((left, right) => left.start - right.start);
  let next = 0;
  for (const command of commands) {
    while ((placeholders[next]?.end ?? Infinity) <= command.at.start) next += 1;
    const own: Span[] = [];
    for (let index = next; (placeholders[index]?.start ?? Infinity) < command.at.end; index += 1) own.push(placeholders[index] as Span);
    const isOpen = (word: number): boolean => {
      if (command.words.kind === 'words') {
        const known = wordAt(command.words, word);
        if (known !== undefined && isUnknown(known)) return true;
      }
      if (own.length === 0) return false;
      const { start, end } = wordSpan(command.words, word);
      return own.some((span) => span.start < end && start < span.end);
    };
    if (own.length === 0 && command.words.kind !== 'words') continue;
    const gaps: Gap[] = [];
    for (let word = 1, count = wordCount(command.words); word < count; word += 1) if (isOpen(word)) gaps.push(...gapsOfWord(command, word));
    for (const gap of gaps) if (gap.kind === 'protocol') gaps.push(...gapsOfMatch(command, gap));
    if (gaps.length > 0) yield [command, gaps];
  }
}

function gapsOfWord({ words }: Command, word: number): readonly Gap[] {
  const text = wordText(words, word);
  const option = wordText(words, word - 1);
  const negated = wordText(words, word - 2) === '!';
  const kind = KINDS.get(option);
  if (kind === undefined) return [];
  if (!TRANSLATES.has(option)) return [{ word, kind, option, negated, text, after: 0 }];
  const [, address = '', ports] = /^([^:]*)(?::([^:]*))?$/.exec(text) ?? [];
  const gaps: Gap[] = [];
  if (ports !== undefined && !/^\d+(?:-\d+)?$/.test(ports)) gaps.push({ word, kind: 'port', option, negated, text: ports, after: 0 });
  if (address !== '' && !/^[\d.]+(?:-[\d.]+)?$/.test(address))
    gaps.push({ word, kind: 'address', option, negated, text: address, after: text.length - address.length });
  return gaps;
}

/** Where a match is called like the protocol: `-m $P` behind `-p $P`. */
function gapsOfMatch({ words }: Command, { text, option, word }: Gap): readonly Gap[] {
  if (LOADS_MATCH.has(option)) return [];
  for (let next = word + 2, count = wordCount(words); next < count; next += 1) {
    const before = wordText(words, next - 1);
    if (LOADS_MATCH.has(before) && wordText(words, next) === text)
      return [{ word: next, kind: 'protocol', option: before, negated: false, text, after: 0 }];
  }
  return [];
}

/** A name is the same value wherever it stands. `XX.XX.XX.XX` need not be. */
function keyOf({ text, kind, option, word }: Gap, { family, at }: Command): string {
  const owner = kind === 'owner' ? option : '';
  const place = isNameless(text) ? `${at.source.name}:${String(at.start)} ${String(word)}` : '';
  return `${kind} ${owner} ${NEEDS_MAP.has(option) ? 'map' : ''} ${family} ${text} ${place}`;
}

/** What says nothing of what stood there. */
function isNameless(text: string): boolean {
  return !/[$@%]|\{\{/.test(text) && (!/[A-Za-z]{2}/.test(text.replace(/[xXyYzZnN?*]{1,4}/g, '')) || HIDDEN.test(text));
}

const HIDDEN =
  /^\W*(?:removed|redacted|hidden|masked|censored|obfuscated|anonymi[sz]ed|ip|port|mac|addr|address|host|interface|user|number)\W*(?:\/\d{1,3})?$/i;

const NAMELESS_NAMES: Readonly<Record<StandInKind, string>> = {
  address: 'address',
  interface: 'interface',
  port: 'ports',
  owner: 'owner',
  mark: 'packet_mark',
  protocol: 'protocol',
  'hardware address': 'hardware_address',
  'ICMP type': 'icmp_type',
};

/** The value of a gap; undefined for a list with an item that is neither known nor open, and when there are no more stand-ins. */
function openValue(
  { text, kind, option }: Gap,
  key: string,
  { family, at }: Command,
  nextStandIn: StandIns,
  taken: ReadonlySet<string>,
  nft: string | undefined,
): OpenValue | undefined {
  const items = (kind === 'address' || kind === 'port') && text.includes(',') ? text.split(',') : [];
  const known: string[] = [];
  const unknown: string[] = [];
  for (const item of items) {
    if (/[^\d./:]/.test(item) && !(kind === 'address' && networkOf(item, family) !== undefined)) {
      unknown.push(item);
      continue;
    }
    const stretch = kind === 'port' ? portsOf(item) : networkOf(item, family);
    if (stretch === undefined) return undefined;
    known.push(stretch.text);
  }
  const standIn = nextStandIn(kind, family);
  if (standIn === undefined) return undefined;
  const wanted = isNameless(text) ? `${NAMELESS_NAMES[kind]}_1` : (unknown[0] ?? text).replace(/[^A-Za-z0-9_]+/g, '_').replace(/^_+|_+$/g, '');
  return {
    key,
    name: nextName(wanted, taken, nft),
    standIn,
    type: typeOf(kind, option, family),
    isMap: NEEDS_MAP.has(option),
    holdsRanges: kind === 'address' || kind === 'port',
    shown: text,
    written: `${at.source.name}:${String(positionAt(at.source, at.start).line)}`,
    known,
    severalRules: kind === 'address' && items.length > 0,
  };
}

/** `address_1`, `address_2` … */
function nextName(wanted: string, taken: ReadonlySet<string>, nft: string | undefined): string {
  const [, stem = wanted, number] = /^(.*_)(\d+)$/.exec(wanted) ?? [];
  if (number === undefined) return usableName('set', wanted, taken, nft);
  let next = Number(number);
  while (taken.has(`${stem}${String(next)}`)) next += 1;
  return usableName('set', `${stem}${String(next)}`, taken, nft);
}

function typeOf(kind: StandInKind, option: string, family: Family): string {
  switch (kind) {
    case 'address':
      return family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
    case 'interface':
      return 'ifname';
    case 'port':
      return 'inet_service';
    case 'owner':
      return option.startsWith('--g') ? 'gid' : 'uid';
    case 'mark':
      return 'mark';
    case 'protocol':
      return 'inet_proto';
    case 'hardware address':
      return 'ether_addr';
    case 'ICMP type':
      return family === 'ip' ? 'icmp_type' : 'icmpv6_type';
  }
}

/** A rule that asks sets and maps where stand-ins were. A stand-in that nft takes neither for stays. `uses`: the open values of the command the rule was made of. */
export function askOpenValues(read: NftRule, values: ReadonlyMap<string, OpenValue>, uses: readonly OpenUse[] = []): NftRule {
  if (values.size === 0) return read;
  const transport = uses.find(({ isTransport }) => isTransport);
  const rule = transport === undefined ? read : forAnyTransport(read, transport.value);
  const valueOf = (expr: Expr | undefined): OpenValue | undefined => {
    const text = expr?.kind === 'symbol' ? expr.name : expr?.kind === 'string' ? expr.text : expr?.kind === 'number' ? String(expr.value) : undefined;
    return text === undefined ? undefined : values.get(text);
  };
  // One key for every packet of the family; a map that has no element for it ends the rule there.
  const looked = (expr: Expr): Expr => {
    const value = valueOf(expr);
    return value?.isMap !== true || value.known.length > 0
      ? expr
      : { kind: 'map', key: meta('protocol'), to: { kind: 'setReference', name: value.name } };
  };
  const asked = (statement: Statement): Statement => {
    if (statement.kind === 'match') {
      const value = valueOf(statement.right);
      const { left, operator } = statement;
      if (value === undefined || value.isMap || !['payload', 'meta', 'ct'].includes(left.kind)) return statement;
      if (operator !== 'implicit' && operator !== '==' && operator !== '!=') return statement;
      if (value.severalRules && !keepsNoState(rule)) return statement;
      return { kind: 'match', left, operator: operator === '!=' ? '!=' : 'implicit', right: setReference(value.name) };
    }
    if (statement.kind === 'nat')
      return {
        ...statement,
        ...(statement.address === undefined ? {} : { address: looked(statement.address) }),
        ...(statement.port === undefined ? {} : { port: looked(statement.port) }),
      };
    return statement.kind === 'assign' ? { ...statement, value: looked(statement.value) } : statement;
  };
  return { ...rule, statements: rule.statements.map(asked) };
}

/** A rule for TCP as one for the protocols of a set: `meta l4proto @PROTO th dport 53`. */
function forAnyTransport(rule: NftRule, { name }: OpenValue): NftRule {
  const asksSet = match(meta('l4proto'), setReference(name));
  let asked = false;
  const statements = rule.statements.flatMap((statement): readonly Statement[] => {
    if (statement.kind !== 'match') return [statement];
    const { left } = statement;
    const port = left.kind === 'payload' && left.protocol === 'tcp' ? ({ ...left, protocol: 'th' } as const) : undefined;
    if (port === undefined && !(left.kind === 'meta' && left.key === 'l4proto')) return [statement];
    const before = asked ? [] : [asksSet];
    asked = true;
    return port === undefined ? before : [...before, { ...statement, left: port }];
  });
  return { ...rule, statements };
}

/** The table with the sets and maps that its rules ask. `asked`: their names. */
export function withOpenSets(table: NftTable, asked: ReadonlySet<string>, values: readonly OpenValue[]): NftTable {
  const sets = values.filter(({ name }) => asked.has(name)).map(setFor);
  return sets.length === 0 ? table : { ...table, sets: [...table.sets, ...sets] };
}

function setFor({ name, type, isMap, holdsRanges, known, shown, written }: OpenValue): NamedSet {
  const comments = [`${shown.replace(/[\r\n]/g, ' ')}    ${written}`];
  if (isMap) return { kind: 'map', name, type: ['ether_type'], valueType: type, flags: [], comments };
  const elements = known.map((text): SetElement => ({ key: { kind: 'symbol', name: text } }));
  return {
    kind: 'set',
    name,
    type: [type],
    flags: holdsRanges ? ['interval'] : [],
    comments,
    ...(elements.length === 0 ? {} : { elements }),
  };
}

/** What is different about a rule until its values are filled in. The same words for rules that differ in nothing but the place. */
export function differenceOf(uses: readonly OpenUse[]): string {
  return uses
    .map(({ value, negated }) => {
      const until = `until the ${value.isMap ? 'map' : 'set'} for it has elements`;
      if (negated) return `\`${value.shown}\` is no value, and \`!\` excludes nothing ${until}`;
      if (value.known.length > 0) return `\`${value.shown}\` is not all known: the rule matches only what is, ${until}`;
      return `\`${value.shown}\` is no value: the rule ${value.isMap ? 'does nothing' : 'matches no packet'} ${until}`;
    })
    .filter((text, index, all) => all.indexOf(text) === index)
    .join('; ');
}

/** How the values are filled in, for the report. */
export function remarkOnOpenValues(values: readonly OpenValue[]): readonly string[] {
  if (values.length === 0) return [];
  const names = values.slice(0, NAMES_SHOWN).map(({ name, shown, written }) => `@${name} (\`${shown}\`, ${written})`);
  const more = values.length > NAMES_SHOWN ? ` and ${String(values.length - NAMES_SHOWN)} more` : '';
  const example = values[0];
  const element = example?.isMap === true ? `{ ${example.type === 'ipv6_addr' ? 'ip6' : 'ip'} : VALUE }` : '{ VALUE }';
  return [
    `to be filled in: ${names.join(', ')}${more}; write \`elements = ${element}\` into the set, or \`nft add element\` when the file is loaded`,
    ...(values.some(({ shown }) => isNameless(shown))
      ? ['what was made unreadable may have been another value in each rule, so each has a set of its own']
      : []),
  ];
}

const NAMES_SHOWN = 5;
