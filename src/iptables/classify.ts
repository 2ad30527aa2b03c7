/**
 * Looks every word of a command up in the option tables, as iptables does with getopt_long: options exist from the `-m`, `-p`
 * or `-j` that loads them, long ones may be abbreviated, `--name=value` and `-jACCEPT` are split. What iptables would refuse is
 * read on where it has one reading, and reported. (iptables 1.8.9: iptables/xshared.c, do_parse and command_default)
 */

import type { CommandToken } from '../../grammar/iptables/tokens.js';
import type { Edit, Fix, Note } from '../diagnostics/diagnostic.js';
import { base } from '../extensions/base.js';
import type { Extension, MatchDefinition, OptionSpec, TargetDefinition, ValueType } from '../extensions/define.js';
import { isForeign, isOfIptables } from '../extensions/known-names.js';
import { matchOfProtocol, optionNames, type OptionEntry, type Registry } from '../extensions/registry.js';
import { protocolNumber } from '../net/protocols.js';
import { nearest } from '../text/distance.js';
import { spanOf, withBlanks, type Span } from '../text/source.js';
import {
  characterInWord,
  isFromElsewhere,
  isUnknown,
  isWrittenHere,
  placeInWord,
  wordAt,
  wordSpan,
  wordsSpan,
  type Word,
  type Words,
} from '../text/word.js';
import { BUILTIN_BY_LONG, BUILTIN_BY_SHORT, type BuiltinEntry } from './builtin.js';
import type { ReadProblem } from './command.js';

/** A match, target, or unknown name that the command loads, in the order of loading. */
export interface Loaded {
  readonly kind: 'match' | 'target' | 'unknownMatch' | 'chain';
  readonly name: string;
  readonly extension: Extension | undefined;
  readonly implicit: boolean;
  readonly goto: boolean;
  /** The word that names it; for an implicit match, or one whose `-m` is missing, the option that asks for it. */
  readonly word: number;
  /** Its `-m` is missing. */
  readonly missing?: true;
}

/** What an option token carries to the parser. `inline` is the argument when it is part of the same word. */
export type Entry = (
  | { readonly kind: 'builtin'; readonly builtin: BuiltinEntry; readonly loads?: number }
  | { readonly kind: 'base'; readonly name: string; readonly spec: OptionSpec }
  | { readonly kind: 'extension'; readonly name: string; readonly spec: OptionSpec; readonly owner: { use: number } }
) & { readonly inline?: { readonly text: string; readonly from: number }; readonly missing?: boolean };

export interface Classified {
  readonly tokens: readonly CommandToken<Entry>[];
  readonly loaded: readonly Loaded[];
  readonly problems: readonly ReadProblem[];
}

const BASE_NAMES = optionNames(base);
const BASE_BY_SHORT: ReadonlyMap<string, OptionEntry> = new Map(
  [...BASE_NAMES.values()].flatMap((entry) => (entry.spec.short === undefined ? [] : [[entry.spec.short, entry] as const])),
);
const PORT_OWNERS = new Set(['tcp', 'udp', 'sctp', 'dccp', 'udplite']);

interface State {
  readonly texts: readonly string[];
  readonly words: Words;
  readonly registry: Registry;
  readonly tokens: CommandToken<Entry>[];
  readonly loaded: Loaded[];
  readonly problems: ReadProblem[];
  /** Number of `-p`, undefined until one is read. */
  protocol: number | undefined;
  /** The protocol as `-p` names it. */
  protocolText: string;
  protocolWord: number;
  protocolLoaded: boolean;
  /** Options written before what they belong to, waiting for it to be loaded. */
  readonly waiting: { readonly extension: Extension; readonly owner: { use: number } }[];
  next: number;
  bang: number;
  /** A module nobody knows was asked for: options that follow may be its own. */
  unknownModule: string | undefined;
}

/** Classifies the words from number `start` on (the words before name the program). */
export function classify(texts: readonly string[], words: Words, registry: Registry, start: number): Classified {
  const state: State = {
    texts,
    words,
    registry,
    tokens: [],
    loaded: [],
    problems: [],
    protocol: undefined,
    protocolText: '',
    protocolWord: -1,
    protocolLoaded: false,
    waiting: [],
    next: start,
    bang: -1,
    unknownModule: undefined,
  };
  while (state.next < texts.length) step(state);
  endBang(state);
  return { tokens: state.tokens, loaded: state.loaded, problems: state.problems };
}

function step(state: State): void {
  const number = state.next;
  const text = state.texts[number] ?? '';
  if (text === '!') {
    state.next += 1;
    if (state.bang !== -1)
      report(state, 'negation-not-allowed', number, number, 'two `!` in a row', {
        says: 'multiple consecutive ! not allowed',
        fatal: true,
      });
    pushBang(state, number);
    return;
  }
  if (text.length > 1 && text.startsWith('!-')) {
    reportBangWithoutSpace(state, number);
    pushBang(state, number);
    readOptionWord(state, number, text.slice(1), 1);
    return;
  }
  if (text === '--') {
    for (let word = number; word < state.texts.length; word += 1) stray(state, word);
    state.next = state.texts.length;
    return;
  }
  if (text.startsWith('-') && text.length > 1) {
    readOptionWord(state, number, text, 0);
    return;
  }
  state.next += 1;
  stray(state, number);
}

function pushBang(state: State, word: number): void {
  endBang(state);
  state.bang = word;
  state.tokens.push({ kind: 'bang', word });
}

function endBang(state: State): void {
  state.bang = -1;
}

function stray(state: State, word: number): void {
  endBang(state);
  state.tokens.push({ kind: 'strayWord', word });
}

/** `offset` is how many characters of the word come before the option (a `!` glued to it). */
function readOptionWord(state: State, number: number, text: string, offset: number): void {
  state.next = number + 1;
  if (text.startsWith('--')) {
    readLong(state, number, text.slice(2), offset + 2);
    return;
  }
  const rest = text.slice(1);
  const name = beforeEquals(rest);
  if (name.length >= 3 && isLongName(state, name)) {
    reportSingleDash(state, number, name, offset);
    readLong(state, number, rest, offset + 1);
    return;
  }
  readShort(state, number, rest, offset + 1);
}

function beforeEquals(text: string): string {
  const equals = text.indexOf('=');
  return equals === -1 ? text : text.slice(0, equals);
}

function isLongName(state: State, name: string): boolean {
  return BUILTIN_BY_LONG.has(name) || BASE_NAMES.has(name) || state.registry.options.has(name);
}

function readShort(state: State, number: number, letters: string, offset: number): void {
  for (let index = 0; index < letters.length; index += 1) {
    const letter = letters.charAt(index);
    const rest = letters.slice(index + 1);
    const inline = rest === '' ? undefined : { text: rest, from: offset + index + 1 };
    const baseEntry = BASE_BY_SHORT.get(letter);
    if (baseEntry !== undefined) {
      if (baseEntry.spec.value === undefined) {
        pushOption(state, number, { kind: 'base', name: baseEntry.name, spec: baseEntry.spec });
        continue;
      }
      readBaseOption(state, number, baseEntry, inline);
      return;
    }
    const builtin = BUILTIN_BY_SHORT.get(letter);
    if (builtin === undefined) {
      reportUnknown(state, number, `-${letter}`, index === 0 ? letters : letter);
      return;
    }
    if (builtin.arguments === 0 && builtin.more === 0) {
      pushOption(state, number, { kind: 'builtin', builtin });
      continue;
    }
    // Operations with only optional arguments take the rest of their word as one (`-Ln` lists a chain named n).
    readBuiltin(state, number, builtin, inline);
    return;
  }
}

function readLong(state: State, number: number, rest: string, offset: number): void {
  const name = beforeEquals(rest);
  const inline = name.length === rest.length ? undefined : { text: rest.slice(name.length + 1), from: offset + name.length + 1 };
  const found = findLong(state, name);
  if (found !== undefined) {
    if (found.kind === 'builtin') readBuiltin(state, number, found.builtin, inline);
    else if (found.kind === 'base') readBaseOption(state, number, found.entry, inline);
    else readExtensionOption(state, number, found.entry, { use: found.use }, inline);
    return;
  }
  if (loadProtocol(state, number, name)) {
    readLong(state, number, rest, offset);
    return;
  }
  readUnavailable(state, number, name, inline);
}

type Found =
  | { readonly kind: 'builtin'; readonly builtin: BuiltinEntry }
  | { readonly kind: 'base'; readonly entry: OptionEntry }
  | { readonly kind: 'extension'; readonly entry: OptionEntry; readonly use: number };

/** An exact name wins, the latest loaded module first; then an abbreviation that fits one option only. */
function findLong(state: State, name: string): Found | undefined {
  for (let use = state.loaded.length - 1; use >= 0; use -= 1) {
    const extension = state.loaded[use]?.extension;
    const entry = extension === undefined ? undefined : optionNames(extension).get(name);
    if (entry !== undefined) return { kind: 'extension', entry, use };
  }
  const builtin = BUILTIN_BY_LONG.get(name);
  if (builtin !== undefined) return { kind: 'builtin', builtin };
  const baseEntry = BASE_NAMES.get(name);
  if (baseEntry !== undefined) return { kind: 'base', entry: baseEntry };
  // After a module nobody knows, a word that only abbreviates something else is more likely that module's own option.
  if (name === '' || state.unknownModule !== undefined) return undefined;
  let found: Found | undefined;
  const add = (candidate: Found): boolean => {
    if (found === undefined) found = candidate;
    else if (!sameOption(found, candidate)) return false;
    return true;
  };
  for (let use = state.loaded.length - 1; use >= 0; use -= 1) {
    const extension = state.loaded[use]?.extension;
    if (extension === undefined) continue;
    for (const [long, entry] of optionNames(extension)) if (long.startsWith(name) && !add({ kind: 'extension', entry, use })) return undefined;
  }
  for (const [long, entry] of BUILTIN_BY_LONG) if (long.startsWith(name) && !add({ kind: 'builtin', builtin: entry })) return undefined;
  for (const [long, entry] of BASE_NAMES) if (long.startsWith(name) && !add({ kind: 'base', entry })) return undefined;
  return found;
}

function sameOption(left: Found, right: Found): boolean {
  if (left.kind === 'builtin') return right.kind === 'builtin' && left.builtin === right.builtin;
  return right.kind !== 'builtin' && left.entry === right.entry;
}

/** `-p tcp` makes iptables load the tcp match when an option turns up that nothing loaded so far knows. */
function loadProtocol(state: State, number: number, name: string): boolean {
  if (state.protocol === undefined || state.protocolLoaded) return false;
  const match = matchOfProtocol(state.registry, state.protocol, state.protocolText);
  if (match === undefined) return false;
  let known = false;
  for (const long of optionNames(match).keys()) if (long === name || (name !== '' && long.startsWith(name))) known = true;
  if (!known) return false;
  state.protocolLoaded = true;
  load(state, { kind: 'match', name: match.name, extension: match, implicit: true, goto: false, word: number });
  return true;
}

function load(state: State, loaded: Loaded): number {
  const use = state.loaded.push(loaded) - 1;
  for (const waiting of state.waiting) if (waiting.owner.use === -1 && waiting.extension === loaded.extension) waiting.owner.use = use;
  return use;
}

function pushOption(state: State, number: number, entry: Entry): void {
  state.tokens.push({ kind: 'option', word: number, entry });
  endBang(state);
}

function pushArgument(state: State, word: number): void {
  state.tokens.push({ kind: 'argument', word });
}

function looksLikeWordOfItsOwn(text: string): boolean {
  return text === '' || (!text.startsWith('-') && !text.startsWith('!'));
}

function readBuiltin(state: State, number: number, builtin: BuiltinEntry, inline: { text: string; from: number } | undefined): void {
  let room = builtin.arguments + builtin.more;
  let least = builtin.arguments;
  if (inline !== undefined) {
    room -= 1;
    least = Math.max(0, least - 1);
  }
  const first = state.texts[state.next];
  if (least > 0 && (first === undefined || swallows(state, first, undefined))) {
    pushOption(state, number, { kind: 'builtin', builtin, missing: true });
    reportMissingArgument(state, number, builtin.short === undefined ? `--${builtin.name}` : `-${builtin.short}`, first);
    return;
  }
  if (builtin.kind === 'load') {
    const nameWord = inline === undefined ? state.next : number;
    const name = inline?.text ?? first ?? '';
    const loads = loadNamed(state, builtin.name, name, nameWord);
    pushOption(state, number, { kind: 'builtin', builtin, loads, ...(inline === undefined ? {} : { inline }) });
    if (inline === undefined) {
      pushArgument(state, state.next);
      state.next += 1;
    }
    return;
  }
  pushOption(state, number, { kind: 'builtin', builtin, ...(inline === undefined ? {} : { inline }) });
  while (room > 0 && state.next < state.texts.length) {
    const text = state.texts[state.next] ?? '';
    if (least <= 0 && !looksLikeWordOfItsOwn(text)) break;
    // `-w` and `-c` take a number only; another word is not theirs although iptables would complain about it
    if (least <= 0 && (builtin.name === 'wait' || builtin.name === 'wait-interval') && !/^\d+$/.test(text)) break;
    pushArgument(state, state.next);
    state.next += 1;
    room -= 1;
    least -= 1;
  }
}

function loadNamed(state: State, how: 'match' | 'jump' | 'goto', name: string, word: number): number {
  if (how === 'match') {
    const extension = state.registry.matches.get(name);
    if (extension === undefined) state.unknownModule = name;
    return load(state, {
      kind: extension === undefined ? 'unknownMatch' : 'match',
      name,
      extension,
      implicit: false,
      goto: false,
      word,
    });
  }
  const extension: TargetDefinition | undefined = how === 'goto' ? undefined : state.registry.targets.get(name);
  return load(state, { kind: extension === undefined ? 'chain' : 'target', name, extension, implicit: false, goto: how === 'goto', word });
}

function readBaseOption(state: State, number: number, entry: OptionEntry, inline: { text: string; from: number } | undefined): void {
  const words = readArguments(state, number, entry, inline);
  if (entry.name === 'protocol' && !words.missing) {
    const text = inline?.text ?? state.texts[words.first] ?? '';
    const known = /^\d+$/.test(text) ? Number(text) : protocolNumber(text.toLowerCase());
    state.protocol = known;
    state.protocolText = text;
    state.protocolWord = inline === undefined ? words.first : number;
    if (known !== undefined) resolveWaitingProtocol(state, known);
  }
  emit(state, number, { kind: 'base', name: entry.name, spec: entry.spec }, words, inline);
}

function resolveWaitingProtocol(state: State, protocol: number): void {
  const match = matchOfProtocol(state.registry, protocol, state.protocolText);
  if (match === undefined || state.protocolLoaded) return;
  if (!state.waiting.some((waiting) => waiting.owner.use === -1 && waiting.extension === match)) return;
  state.protocolLoaded = true;
  load(state, { kind: 'match', name: match.name, extension: match, implicit: true, goto: false, word: state.protocolWord });
}

function readExtensionOption(
  state: State,
  number: number,
  entry: OptionEntry,
  owner: { use: number },
  inline: { text: string; from: number } | undefined,
): void {
  const words = readArguments(state, number, entry, inline);
  emit(state, number, { kind: 'extension', name: entry.name, spec: entry.spec, owner }, words, inline);
}

interface ArgumentWords {
  readonly first: number;
  readonly count: number;
  readonly missing: boolean;
  /** A `!` stood where the argument should: old-style negation. */
  readonly intraposed: number;
}

function readArguments(state: State, number: number, entry: OptionEntry, inline: { text: string; from: number } | undefined): ArgumentWords {
  const { spec } = entry;
  const without = { first: -1, count: 0, missing: false, intraposed: -1 };
  if (spec.value === undefined) return without;
  if (spec.optional === true && inline === undefined && !/^[^!-]/.test(state.texts[state.next] ?? '')) return without;
  const wanted = (spec.words ?? 1) - (inline === undefined ? 0 : 1);
  let first = state.next;
  let intraposed = -1;
  const behind = state.texts[first + 1];
  // A text may be `!`; only where a word follows that nothing else asks for can it be meant as a negation.
  if (wanted > 0 && state.texts[first] === '!' && behind !== undefined && (looksLikeWordOfItsOwn(behind) || !takesBang(state, spec.value))) {
    intraposed = first;
    first += 1;
  }
  if (wanted > 0) {
    const text = state.texts[first];
    if (text === undefined || (spec.value.free !== true && swallows(state, text, spec))) {
      reportMissingArgument(state, number, longName(entry), text);
      return { first: -1, count: 0, missing: true, intraposed: -1 };
    }
  }
  const count = Math.min(wanted, state.texts.length - first);
  const second = state.texts[first + 1];
  if (wanted === 2 && (second === undefined || swallows(state, second, undefined))) {
    reportMissingSecond(state, number, longName(entry), first);
    return { first, count: 1, missing: true, intraposed };
  }
  const spaced = wanted === 0 || spec.value.free === true ? count : joinedCount(state, first, count);
  if (spaced > count) reportListWithSpace(state, first, first + spaced - 1);
  return { first, count: spaced, missing: count < wanted, intraposed };
}

/** Whether `!` is an argument like any other. */
function takesBang(state: State, type: ValueType<unknown>): boolean {
  return type.free === true || type.read('!', { family: state.registry.family }).kind === 'read';
}

/** How many words `count` arguments take when the blanks behind or before commas are not meant: `80, 443`. */
function joinedCount(state: State, first: number, count: number): number {
  let at = first;
  for (let argument = 0; argument < count; argument += 1) {
    at += 1;
    for (
      let text = state.texts[at];
      text !== undefined && looksLikeWordOfItsOwn(text) && areOneList(state.texts[at - 1] ?? '', text);
      text = state.texts[at]
    )
      at += 1;
    // `SYN, SYN` is two arguments as it stands.
    if (argument < count - 1 && (state.texts[at] === undefined || !looksLikeWordOfItsOwn(state.texts[at] ?? ''))) return count;
  }
  return at - first;
}

function emit(state: State, number: number, entry: Entry, words: ArgumentWords, inline: { text: string; from: number } | undefined): void {
  const full: Entry = { ...entry, ...(inline === undefined ? {} : { inline }), ...(words.missing ? { missing: true } : {}) };
  if (words.intraposed !== -1) {
    reportIntraposed(state, number, words.intraposed, words.first, entry);
    // Read as if the `!` stood before the option.
    state.tokens.push({ kind: 'bang', word: words.intraposed });
  }
  pushOption(state, number, full);
  if (words.count > 0) {
    for (let index = 0; index < words.count; index += 1) pushArgument(state, words.first + index);
    state.next = words.first + words.count;
  }
}

/** Whether two words next to each other are parts of one list that a blank cut: `80,` and `443`. */
export function areOneList(left: string, right: string): boolean {
  return (left.length > 1 && left.endsWith(',')) || (right.length > 1 && right.startsWith(','));
}

/** Whether a word that stands where an argument should is an option in its own right, which iptables would swallow. */
function swallows(state: State, text: string, spec: OptionSpec | undefined): boolean {
  if (!text.startsWith('-') || text.length < 2) return false;
  if (spec?.value !== undefined) {
    const result = spec.value.read(text, { family: state.registry.family });
    // An interface may be called `-m`; a word behind it that nothing else asks for says that none is.
    if (result.kind === 'read' && ((spec.words ?? 1) > 1 || !looksLikeWordOfItsOwn(state.texts[state.next + 1] ?? '-'))) return false;
  }
  if (text.startsWith('--'))
    return findLong(state, beforeEquals(text.slice(2))) !== undefined || state.registry.options.has(beforeEquals(text.slice(2)));
  return BASE_BY_SHORT.has(text.charAt(1)) || BUILTIN_BY_SHORT.has(text.charAt(1));
}

/** An option that exists, but not at this place; or that exists nowhere. */
function readUnavailable(state: State, number: number, name: string, inline: { text: string; from: number } | undefined): void {
  const later = findLater(state, number, name);
  if (later !== undefined) {
    const owner = { use: -1 };
    state.waiting.push({ extension: later.entry.extension, owner });
    const bang = state.bang;
    const before = state.next;
    readExtensionOption(state, number, later.entry, owner, inline);
    reportBeforeModule(state, number, bang, Math.max(before, state.next) - 1, name, later);
    return;
  }
  const owners = state.registry.options.get(name) ?? [];
  // `-p` stands there, but only the run or the user knows what it was meant to be: any protocol's option will do.
  const ofProtocol = state.protocolWord !== -1 && state.protocol === undefined ? owners.find((entry) => isOfProtocol(state, entry)) : undefined;
  if (ofProtocol !== undefined) {
    const use = load(state, {
      kind: 'match',
      name: ofProtocol.extension.name,
      extension: ofProtocol.extension,
      implicit: true,
      goto: false,
      word: number,
    });
    readExtensionOption(state, number, ofProtocol, { use }, inline);
    return;
  }
  if (targetWasMeant(state, name)) {
    readLong(state, number, inline === undefined ? name : `${name}=${inline.text}`, inline === undefined ? 0 : inline.from - name.length - 1);
    return;
  }
  if (owners.length > 0 && owners.every((entry) => PORT_OWNERS.has(entry.extension.name))) {
    reportPortsWithoutProtocol(
      state,
      number,
      name,
      owners.map((entry) => entry.extension.name),
    );
    unknownOption(state, number);
    return;
  }
  const owner = chooseOwner(state, owners);
  if (owner !== undefined && state.unknownModule === undefined) {
    const { extension } = owner;
    const use = load(state, { kind: 'match', name: extension.name, extension, implicit: false, goto: false, word: number, missing: true });
    reportMissingModule(state, number, name, owner);
    readExtensionOption(state, number, owner, { use }, inline);
    return;
  }
  reportUnknown(state, number, `--${name}`, name);
}

function isOfProtocol(state: State, entry: OptionEntry): boolean {
  for (const match of state.registry.byProtocol.values()) if (match === entry.extension) return true;
  return false;
}

/** `-j log --log-prefix x`, `-j REJCT --reject-with y`: no chain takes options, so a target was meant. Loads it and reports it. */
function targetWasMeant(state: State, option: string): boolean {
  const index = state.loaded.findIndex((loaded) => loaded.kind === 'chain' && !loaded.goto);
  const loaded = state.loaded[index];
  if (loaded === undefined || mayTakeAnything(state)) return false;
  const candidates = [...state.registry.targets].filter(([, target]) => optionNames(target).has(option));
  const upper = loaded.name.toUpperCase();
  const exactly = candidates.some(([name]) => name === upper);
  const meant = exactly
    ? upper
    : nearest(
        loaded.name,
        candidates.map(([name]) => name),
      );
  const extension = meant === undefined ? undefined : state.registry.targets.get(meant);
  if (meant === undefined || extension === undefined) return false;
  state.loaded[index] = { ...loaded, kind: 'target', name: meant, extension };
  const word = wordAt(state.words, loaded.word);
  const place = word !== undefined && isWrittenHere(word) && word.text === loaded.name ? word.span : undefined;
  report(
    state,
    exactly ? 'wrong-letter-case' : 'unknown-target-or-chain',
    loaded.word,
    loaded.word,
    exactly ? `\`${loaded.name}\` is no target; its name is in capitals` : `there is no target \`${loaded.name}\``,
    {
      says: `unknown option "--${option}"`,
      do: exactly ? `write \`${meant}\`` : `did you mean \`${meant}\`?`,
      fatal: !exactly,
      fixes: place === undefined ? [] : fix(`write \`${meant}\``, exactly ? 'safe' : 'unsafe', [{ span: place, text: meant }]),
    },
  );
  return true;
}

interface Later {
  readonly entry: OptionEntry;
  /** Last word of the load that makes the option known (`tcp` of `-p tcp`). */
  readonly word: number;
  readonly how: string;
}

function findLater(state: State, number: number, name: string): Later | undefined {
  const { texts, registry } = state;
  for (let word = number + 1; word < texts.length; word += 1) {
    const text = texts[word] ?? '';
    const next = texts[word + 1] ?? '';
    let extension: MatchDefinition | TargetDefinition | undefined;
    if (text === '-m' || text === '--match') extension = registry.matches.get(next);
    else if (text === '-j' || text === '--jump') extension = registry.targets.get(next);
    else if (text === '-p' || text === '--protocol' || text === '--proto') {
      const protocol = /^\d+$/.test(next) ? Number(next) : protocolNumber(next.toLowerCase());
      extension = protocol === undefined ? undefined : matchOfProtocol(registry, protocol, next);
    }
    if (extension === undefined) continue;
    const entry = optionNames(extension).get(name);
    if (entry !== undefined) return { entry, word: word + 1, how: `${text} ${next}` };
  }
  return undefined;
}

/** Of the modules that have an option, the one that has most of the command's options; matches only. */
function chooseOwner(state: State, owners: readonly OptionEntry[]): OptionEntry | undefined {
  let best: OptionEntry | undefined;
  let bestCount = 0;
  for (const entry of owners) {
    if (entry.extension.kind !== 'match') continue;
    const names = optionNames(entry.extension);
    let count = 0;
    for (const text of state.texts) if (/^--?\w{2}/.test(text) && names.has(beforeEquals(text.replace(/^--?/, '')))) count += 1;
    if (count > bestCount) {
      best = entry;
      bestCount = count;
    }
  }
  return best;
}

function unknownOption(state: State, number: number): void {
  state.tokens.push({ kind: 'unknownOption', word: number });
  endBang(state);
  while (state.next < state.texts.length) {
    const text = state.texts[state.next] ?? '';
    if (text.startsWith('-') || text.startsWith('!')) break;
    pushArgument(state, state.next);
    state.next += 1;
  }
}

// Findings

interface ReportOptions {
  readonly says?: string;
  readonly why?: string;
  readonly do?: string;
  readonly here?: string;
  readonly fatal: boolean;
  readonly fixes?: readonly Fix[];
  readonly at?: Span;
}

/** See `MOST_PROBLEMS` in read.ts. */
const MOST_PROBLEMS = 200;

function report(state: State, check: string, first: number, last: number, message: string, options: ReportOptions): void {
  if (state.problems.length >= MOST_PROBLEMS) return;
  const notes: Note[] = [];
  if (options.why !== undefined) notes.push({ kind: 'why', text: options.why });
  if (options.says !== undefined) notes.push({ kind: 'why', text: `iptables says: ${options.says}` });
  if (options.do !== undefined) notes.push({ kind: 'do', text: options.do });
  state.problems.push({
    check,
    message,
    at: options.at ?? wordsSpan(state.words, first, last),
    fatal: options.fatal,
    notes,
    ...(options.here === undefined ? {} : { here: options.here }),
    ...(options.fixes === undefined ? {} : { fixes: options.fixes }),
  });
}

function editable(state: State, ...numbers: readonly number[]): readonly Word[] | undefined {
  const found: Word[] = [];
  for (const number of numbers) {
    const word = wordAt(state.words, number);
    if (word === undefined || !isWrittenHere(word)) return undefined;
    found.push(word);
  }
  return found;
}

function fix(title: string, applicability: Fix['applicability'], edits: readonly Edit[]): readonly Fix[] {
  const [first, ...rest] = edits;
  return first === undefined ? [] : [{ title, applicability, edits: [first, ...rest] }];
}

function longName(entry: OptionEntry): string {
  return entry.spec.short === undefined ? `--${entry.name}` : `-${entry.spec.short}`;
}

function reportBangWithoutSpace(state: State, number: number): void {
  const word = wordAt(state.words, number);
  const bang = word === undefined ? wordSpan(state.words, number) : characterInWord(word, 0);
  const text = state.texts[number] ?? '';
  report(state, 'bang-without-space', number, number, `there is no blank between \`!\` and \`${text.slice(1)}\``, {
    says: `Bad argument \`${text}'`,
    why: 'an interactive bash takes `!-` for history expansion and runs nothing',
    do: `write \`! ${text.slice(1)}\``,
    fatal: false,
    fixes:
      bang === undefined
        ? []
        : fix(`write \`! ${text.slice(1)}\``, 'safe', [{ span: spanOf(bang.source, bang.start + 1, bang.start + 1), text: ' ' }]),
  });
}

function reportSingleDash(state: State, number: number, name: string, offset: number): void {
  const word = wordAt(state.words, number);
  const dash = word === undefined ? wordSpan(state.words, number) : characterInWord(word, offset);
  report(state, 'single-dash-long-option', number, number, `\`-${name}\` has one dash; long options have two`, {
    why: `iptables reads \`-${name}\` as \`-${name.charAt(0)} ${name.slice(1)}\``,
    do: `write \`--${name}\``,
    fatal: false,
    // A character that is dropped may stand before the dash.
    fixes:
      dash?.source.text.startsWith('-', dash.start) === true
        ? fix(`write \`--${name}\``, 'safe', [{ span: spanOf(dash.source, dash.start, dash.start), text: '-' }])
        : [],
  });
}

function reportMissingArgument(state: State, number: number, option: string, swallowed: string | undefined): void {
  const end = swallowed === undefined ? number : number + 1;
  report(
    state,
    'missing-argument',
    number,
    end,
    swallowed === undefined
      ? `\`${option}\` needs an argument and the command ends`
      : `\`${option}\` has no argument: \`${swallowed}\` is the next option`,
    {
      ...(swallowed === undefined
        ? { says: `option "${option}" requires an argument` }
        : { why: `iptables takes \`${swallowed}\` for the argument, and what follows it for a stray word` }),
      do: `give \`${option}\` its argument, or take it out`,
      fatal: true,
    },
  );
}

/** (iptables: extensions/libxt_tcp.c, tcp_parse: a word that begins with a dash is not taken) */
function reportMissingSecond(state: State, number: number, option: string, argument: number): void {
  report(state, 'missing-argument', number, argument, `\`${option}\` needs two arguments`, {
    says: `${option} requires two args.`,
    do: `give \`${option}\` both, with a blank between them`,
    fatal: true,
  });
}

/** iptables reads addresses and interfaces when all words are read, other arguments at once: there `!` is the argument. */
function wordsForIntraposed(state: State, argument: number, entry: Entry): string | undefined {
  if (entry.kind === 'base' && entry.name !== 'protocol') return `Bad argument \`${state.texts[argument] ?? ''}'`;
  const result = entry.kind === 'builtin' ? undefined : entry.spec.value?.read('!', { family: state.registry.family });
  return result?.kind === 'refused' ? result.says : undefined;
}

function reportIntraposed(state: State, number: number, bang: number, argument: number, entry: Entry): void {
  const says = wordsForIntraposed(state, argument, entry);
  const option = state.texts[number] ?? '';
  const writable = editable(state, number, bang, argument);
  const edits: Edit[] = [];
  if (writable !== undefined) {
    const start = wordSpan(state.words, number);
    const from = wordSpan(state.words, bang);
    const to = wordSpan(state.words, argument);
    edits.push({ span: spanOf(start.source, start.start, start.start), text: '! ' }, { span: spanOf(from.source, from.start, to.start), text: '' });
  }
  report(state, 'intrapositioned-negation', number, argument, `\`!\` stands after \`${option}\`; it belongs before it`, {
    ...(says === undefined ? {} : { says }),
    why: 'iptables up to 1.4.2 took it there; since 1.4.3 it warned, and newer ones refuse it',
    do: `write \`! ${option} ${state.texts[argument] ?? ''}\``,
    fatal: false,
    fixes: fix(`write \`! ${option} ${state.texts[argument] ?? ''}\``, 'safe', edits),
  });
}

function reportListWithSpace(state: State, first: number, last: number): void {
  const edits: Edit[] = [];
  for (let number = first + 1; number <= last; number += 1) {
    const before = wordSpan(state.words, number - 1);
    const after = wordSpan(state.words, number);
    if (!areOneList(state.texts[number - 1] ?? '', state.texts[number] ?? '')) continue;
    if (editable(state, number - 1, number) !== undefined && /^[ \t]+$/.test(before.source.text.slice(before.end, after.start)))
      edits.push({ span: spanOf(before.source, before.end, after.start), text: '' });
  }
  const list = state.texts.slice(first, last + 1).join(' ');
  report(state, 'list-with-space', first, last, `there is a blank in the list \`${list}\``, {
    why: `iptables takes \`${state.texts[first] ?? ''}\` for the whole list and \`${state.texts[first + 1] ?? ''}\` for a word of its own`,
    do: 'write the list without blanks',
    fatal: false,
    fixes: fix('take the blank out', 'safe', edits),
  });
}

function reportBeforeModule(state: State, number: number, bang: number, last: number, name: string, later: Later): void {
  const first = bang === -1 ? number : bang;
  const numbers = Array.from({ length: last - first + 1 }, (_, index) => first + index);
  const writable = editable(state, ...numbers, later.word);
  const edits: Edit[] = [];
  if (writable !== undefined) {
    const group = wordsSpan(state.words, first, last);
    const after = wordSpan(state.words, later.word);
    edits.push(
      { span: withBlanks(group), text: '' },
      { span: spanOf(after.source, after.end, after.end), text: ` ${group.source.text.slice(group.start, group.end)}` },
    );
  }
  report(state, 'option-before-module', number, number, `\`--${name}\` stands before the \`${later.how}\` that brings it`, {
    says: `unknown option "--${name}"`,
    why: 'iptables reads from left to right: an option exists only after the -p, -m or -j it belongs to',
    do: `write it after \`${later.how}\``,
    fatal: false,
    fixes: fix(`move it behind \`${later.how}\``, 'safe', edits),
  });
}

function reportMissingModule(state: State, number: number, name: string, owner: OptionEntry): void {
  if (name === 'state' && state.loaded.some((loaded) => loaded.kind === 'match' && loaded.name === 'conntrack')) {
    const [word] = editable(state, number) ?? [];
    report(state, 'unknown-option', number, number, '`--state` is an option of `-m state`; that of `-m conntrack` is `--ctstate`', {
      says: 'unknown option "--state"',
      do: 'write `--ctstate`',
      fatal: true,
      fixes: word === undefined ? [] : fix('write `--ctstate`', 'safe', [{ span: word.span, text: '--ctstate' }]),
    });
    return;
  }
  const first = state.bang === -1 ? number : state.bang;
  const writable = editable(state, first, number);
  const place = wordSpan(state.words, first);
  const module = `-m ${owner.extension.name}`;
  const check = owner.extension.name === 'multiport' ? 'ports-need-multiport' : 'missing-match-module';
  report(state, check, number, number, `\`--${name}\` belongs to \`${module}\`, which is missing`, {
    says: `unknown option "--${name}"`,
    do: `write \`${module}\` before it`,
    fatal: false,
    fixes:
      writable === undefined
        ? []
        : fix(`insert \`${module}\``, 'safe', [{ span: spanOf(place.source, place.start, place.start), text: `${module} ` }]),
  });
}

function reportPortsWithoutProtocol(state: State, number: number, name: string, owners: readonly string[]): void {
  const protocol = state.protocolWord === -1 ? undefined : state.texts[state.protocolWord];
  const [owner = '', ...others] = owners;
  if (protocol !== undefined && others.length === 0) {
    report(state, 'protocol-mismatch', number, number, `\`--${name}\` asks about ${owner}, and the rule has \`-p ${protocol}\``, {
      says: `unknown option "--${name}"`,
      do: `leave it out, or write \`-p ${owner}\``,
      fatal: true,
    });
    return;
  }
  const earlier = state.problems.some((problem) => problem.check === 'ports-without-protocol');
  if (earlier) return;
  report(
    state,
    'ports-without-protocol',
    number,
    number,
    protocol === undefined
      ? `\`--${name}\` needs a protocol that has it, such as \`-p tcp\`, before it`
      : `\`-p ${protocol}\` has no \`--${name}\`; ports belong to tcp, udp, sctp and dccp`,
    {
      says: `unknown option "--${name}"`,
      do:
        protocol === undefined
          ? 'write `-p tcp` or `-p udp` before it (one rule for each if both are meant)'
          : 'name the protocol whose ports are meant',
      fatal: true,
      ...(protocol === undefined
        ? {
            fixes: fix('insert `-p tcp`', 'suggestion', [
              {
                span: spanOf(wordSpan(state.words, number).source, wordSpan(state.words, number).start, wordSpan(state.words, number).start),
                text: '-p tcp ',
              },
            ]),
          }
        : {}),
    },
  );
}

/** Whether the rule's target is one that fwlint has no table for, or one that only the run knows. */
function mayTakeAnything(state: State): boolean {
  return state.loaded.some((loaded) => {
    if (loaded.kind !== 'chain') return false;
    const word = wordAt(state.words, loaded.word);
    return isOfIptables('target', loaded.name) || isForeign('target', loaded.name) || (word !== undefined && isUnknown(word));
  });
}

/** The match of ICMP in either family: its option and the protocol it comes with. */
const ICMP_OPTIONS = {
  ip: { option: 'icmp-type', protocol: 'icmp' },
  ip6: { option: 'icmpv6-type', protocol: 'icmpv6' },
} as const;

/** Whether a loop or a call gives the program: it may be that of the other family the next time. */
function runsInLoop(state: State): boolean {
  const program = wordAt(state.words, 0);
  return program !== undefined && isFromElsewhere(program);
}

/** Reports `--icmp-type` in ip6tables, and `--icmpv6-type` in iptables; types that are numbers mean something else in the other family. */
function reportOptionOfOtherFamily(state: State, number: number, name: string): boolean {
  const { family } = state.registry;
  const own = ICMP_OPTIONS[family];
  const other = ICMP_OPTIONS[family === 'ip' ? 'ip6' : 'ip'];
  if (name !== other.option || state.texts[number] !== `--${name}`) return false;
  const { protocolWord } = state;
  const isRepairable = /^[a-z][a-z-]*$/.test(state.texts[number + 1] ?? '') && state.texts[protocolWord] === other.protocol;
  const [protocol, option] = (isRepairable && !runsInLoop(state) ? editable(state, protocolWord, number) : undefined) ?? [];
  report(state, 'family-mismatch', number, number, `\`--${name}\` is an option of ${family === 'ip' ? 'ip6tables' : 'iptables'}`, {
    says: `unknown option "--${name}"`,
    do: `write \`-p ${own.protocol} --${own.option}\``,
    fatal: true,
    fixes:
      protocol === undefined || option === undefined
        ? []
        : fix(`write \`-p ${own.protocol} --${own.option}\``, 'unsafe', [
            { span: protocol.span, text: own.protocol },
            { span: option.span, text: `--${own.option}` },
          ]),
  });
  unknownOption(state, number);
  return true;
}

function reportUnknown(state: State, number: number, shown: string, name: string): void {
  if (
    state.unknownModule !== undefined ||
    mayTakeAnything(state) ||
    state.problems.some((problem) => problem.check === 'unknown-option' && problem.fatal && state.protocol === undefined)
  ) {
    unknownOption(state, number);
    return;
  }
  if (reportOptionOfOtherFamily(state, number, name)) return;
  const loadedNames: string[] = [...BUILTIN_BY_LONG.keys(), ...BASE_NAMES.keys()];
  for (const loaded of state.loaded) if (loaded.extension !== undefined) loadedNames.push(...optionNames(loaded.extension).keys());
  if (state.protocol !== undefined) {
    const match = matchOfProtocol(state.registry, state.protocol, state.protocolText);
    if (match !== undefined) loadedNames.push(...optionNames(match).keys());
  }
  const owners = state.registry.options.get(name) ?? [];
  const guess =
    shown.startsWith('--') && owners.length === 0 ? (nearest(name, loadedNames) ?? nearest(name, state.registry.options.keys())) : undefined;
  const targetOwner = owners.find((entry) => entry.extension.kind === 'target');
  const word = wordAt(state.words, number);
  const isOfOneFamily = guess === ICMP_OPTIONS[state.registry.family].option && runsInLoop(state);
  const place =
    word !== undefined && isWrittenHere(word) && guess !== undefined && !isOfOneFamily ? placeInWord(word, 0, 2 + name.length) : undefined;
  const spelled = state.texts[number] ?? '';
  report(state, 'unknown-option', number, number, `iptables knows no option \`${shown}\` here`, {
    says: `unknown option "${spelled}"`,
    ...(guess !== undefined
      ? { do: `did you mean \`--${guess}\`?` }
      : targetOwner !== undefined
        ? { do: `it belongs to \`-j ${targetOwner.extension.name}\`` }
        : { do: 'look it up in `man iptables-extensions`; options of a module come after its -m or -p' }),
    fatal: true,
    ...(place === undefined || guess === undefined ? {} : { fixes: fix(`write \`--${guess}\``, 'unsafe', [{ span: place, text: `--${guess}` }]) }),
  });
  unknownOption(state, number);
}
