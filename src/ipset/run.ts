/** Runs ipset commands on a model of the kernel's sets: what is in them afterwards, and which commands ipset refuses. */

import type { Note, Severity } from '../diagnostics/diagnostic.js';
import { wordSpan, wordText } from '../text/word.js';
import { isUnknownWord, type IpsetCommand, type IpsetProblem } from './command.js';
import { readCreateOptions, type Misread, type Operand } from './create.js';
import { NAME_LIMIT, placementIn, readElement, type Part } from './element.js';
import { readElementOptions, type Placement } from './element-options.js';
import { EXPANSION_LIMIT, expandElement } from './expand.js';
import type { ElementOptions, Ipset, IpsetElement, IpsetRun } from './model.js';
import { refused, type Refusal } from './refusal.js';
import { setType } from './types.js';

/** A set while commands run. */
interface WorkingSet extends Ipset {
  name: string;
  elements: Map<string, IpsetElement>;
  unknown: IpsetCommand[];
  /** Whether an element stands for all interfaces of a beginning. */
  wildcards: boolean;
}

export interface RunOptions {
  /** There are no sets before the first command (a file for `ipset restore`). Else what depends on sets is not held against anybody. */
  readonly fromNothing: boolean;
}

interface State extends RunOptions {
  /** Names some command gives to a set. A set of another name may be there from before. */
  readonly made: ReadonlySet<string>;
  readonly sets: Map<string, WorkingSet>;
  readonly problems: { readonly problem: IpsetProblem; readonly command: IpsetCommand }[];
  readonly refused: Set<IpsetCommand>;
  readonly lost: Set<IpsetCommand>;
}

/** Runs commands in order. Total: what is refused changes nothing and is reported; the rest is run all the same. */
export function runIpset(commands: readonly IpsetCommand[], options: RunOptions = { fromNothing: true }): IpsetRun {
  const state: State = { ...options, made: namesMade(commands), sets: new Map(), problems: [], refused: new Set(), lost: new Set() };
  for (const command of commands) {
    for (const problem of command.problems) state.problems.push({ problem, command });
    if (command.problems.some((problem) => problem.fatal)) {
      state.refused.add(command);
      state.lost.add(command);
    } else runCommand(state, command);
  }
  const { sets, problems, refused: refusedCommands, lost } = state;
  return { sets, problems, refused: refusedCommands, lost };
}

function namesMade(commands: readonly IpsetCommand[]): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { verb, operands, words } of commands) {
    const word = verb === 'create' ? operands[0] : verb === 'rename' ? operands[1] : undefined;
    if (word !== undefined) names.add(wordText(words, word));
  }
  return names;
}

function runCommand(state: State, command: IpsetCommand): void {
  const operands = command.operands.map((word): Operand => ({ text: wordText(command.words, word), word }));
  const unknown = command.operands.find((word) => isUnknownWord(command.words, word));
  switch (command.verb) {
    case 'create':
      if (unknown !== undefined) reportUnknown(state, command, unknown);
      else create(state, command, operands);
      return;
    case 'add':
    case 'del':
      changeElement(state, command, command.verb, operands, unknown);
      return;
    case 'destroy':
    case 'flush':
    case 'rename':
    case 'swap':
      if (unknown !== undefined) reportUnknown(state, command, unknown);
      else changeSets(state, command, command.verb, operands);
      return;
    default:
      return;
  }
}

/** How a refusal weighs. */
interface Weight {
  readonly severity?: Severity;
  /** It depends on what sets there are, and in a script that is not known from the start. */
  readonly ofState?: true;
  /** The sets are what they would be without it. */
  readonly harmless?: true;
}

function report(state: State, command: IpsetCommand, refusal: Refusal, word: number | undefined, weight: Weight = {}): void {
  state.refused.add(command);
  if (weight.harmless !== true && (command.verb === 'create' || command.verb === 'add')) state.lost.add(command);
  const guess = weight.ofState === true && !state.fromNothing;
  // Scripts clear away what an earlier run has left, whether it is there or not.
  if (guess && command.verb !== 'create' && command.verb !== 'add') return;
  const notes: Note[] = [];
  if (refusal.kind === 'refused') {
    notes.push({ kind: 'note', text: `ipset says: ${refusal.says}` });
    if (refusal.do !== undefined) notes.push({ kind: 'do', text: refusal.do });
  }
  const severity = guess ? 'info' : weight.severity;
  state.problems.push({
    command,
    problem: {
      check: refusal.kind === 'unresolved' ? 'unresolved-name' : 'ipset-refused',
      message: refusal.message,
      at: word === undefined ? command.at : wordSpan(command.words, word),
      notes,
      fatal: true,
      ...(severity === undefined ? {} : { severity }),
    },
  });
}

function reportUnknown(state: State, command: IpsetCommand, word: number): void {
  report(state, command, { kind: 'unresolved', message: `\`${wordText(command.words, word)}\` is only known at run time` }, word, {
    severity: 'info',
  });
}

/** The operands a command must have; undefined (reported) when some are missing or too many. */
function takeOperands(state: State, command: IpsetCommand, operands: readonly Operand[], least: number, most: number): boolean {
  if (operands.length < least) {
    const which = operands.length === 0 ? 'mandatory' : 'second mandatory';
    report(
      state,
      command,
      refused(
        `\`ipset ${command.verb ?? ''}\` needs ${least === 1 ? 'the name of a set' : `${String(least)} words behind it`}`,
        `Missing ${which} argument to command ${command.verb ?? ''}`,
      ),
      undefined,
    );
    return false;
  }
  const extra = operands[most];
  if (extra === undefined) return true;
  report(state, command, refused(`\`${extra.text}\` is one word too many`, `Unknown argument ${extra.text}`), extra.word);
  return false;
}

function nameRefusal(name: string): Refusal | undefined {
  if (name.length <= NAME_LIMIT) return undefined;
  return refused(
    `the name of a set has at most ${String(NAME_LIMIT)} characters`,
    `Syntax error: setname '${name}' is longer than ${String(NAME_LIMIT)} characters`,
  );
}

function create(state: State, command: IpsetCommand, operands: readonly Operand[]): void {
  if (!takeOperands(state, command, operands, 2, Number.POSITIVE_INFINITY)) return;
  const [name, typeName, ...rest] = operands as [Operand, Operand, ...Operand[]];
  const long = nameRefusal(name.text);
  if (long !== undefined) {
    report(state, command, long, name.word);
    return;
  }
  const type = setType(typeName.text);
  if (type === undefined) {
    report(
      state,
      command,
      refused(`there is no type of set \`${typeName.text}\``, `Syntax error: typename '${typeName.text}' is unknown`),
      typeName.word,
    );
    return;
  }
  const found = readCreateOptions(type, rest);
  if ('result' in found) {
    reportMisread(state, command, found);
    return;
  }
  for (const operand of found.ignored)
    state.problems.push({
      command,
      problem: {
        check: 'ipset-ignored-option',
        message: `\`${operand.text}\` is an option of old versions: ipset ignores it`,
        at: wordSpan(command.words, operand.word),
        fatal: false,
      },
    });
  const before = state.sets.get(name.text);
  if (before !== undefined) {
    const same = before.type === type && sameOptions(before, found.options);
    if (!(command.exist && same))
      report(
        state,
        command,
        refused(`there is a set \`${name.text}\` already`, 'Set cannot be created: set with the same name already exists'),
        name.word,
        { ofState: true, harmless: true },
      );
    return;
  }
  state.sets.set(name.text, {
    name: name.text,
    type,
    options: found.options,
    elements: new Map(),
    unknown: [],
    wildcards: false,
    created: command,
  });
}

/** Whether `create -exist` takes a set for the same. (kernel: ip_set_hash_gen.h, mtype_same_set; hash and initial values do not count) */
function sameOptions(set: Ipset, options: Ipset['options']): boolean {
  const essence = (one: Ipset['options']): string =>
    JSON.stringify([
      one.family,
      set.type.method === 'hash' ? one.maxelem : 0,
      one.netmask,
      String(one.bitmask),
      one.markmask,
      one.timeout,
      one.counters,
      one.comment,
      one.skbinfo,
      String(one.range?.from),
      String(one.range?.to),
      set.type.method === 'list' ? one.size : 0,
    ]);
  return essence(set.options) === essence(options);
}

function reportMisread(state: State, command: IpsetCommand, { result, word }: Misread): void {
  report(state, command, result, word);
}

/** How it weighs that a set is missing: worse when it is made elsewhere in the file, and only not there yet, or no more. */
function ofMissing(state: State, name: string): Weight {
  return state.made.has(name) ? { ofState: true } : { ofState: true, severity: 'warning' };
}

function findSet(state: State, command: IpsetCommand, operand: Operand): WorkingSet | undefined {
  const set = state.sets.get(operand.text);
  if (set === undefined)
    report(
      state,
      command,
      nameRefusal(operand.text) ?? refused(`there is no set \`${operand.text}\` at this point`, 'The set with the given name does not exist'),
      operand.word,
      ofMissing(state, operand.text),
    );
  return set;
}

function changeElement(state: State, command: IpsetCommand, verb: 'add' | 'del', operands: readonly Operand[], unknown: number | undefined): void {
  if (!takeOperands(state, command, operands, 2, Number.POSITIVE_INFINITY)) return;
  const [name, element, ...rest] = operands as [Operand, Operand, ...Operand[]];
  if (unknown === name.word) {
    reportUnknown(state, command, unknown);
    return;
  }
  const set = findSet(state, command, name);
  if (set === undefined) return;
  if (unknown !== undefined) {
    set.unknown.push(command);
    reportUnknown(state, command, unknown);
    return;
  }
  const written = readElement(element.text, set.type, set.options.family ?? 'inet');
  if (written.kind !== 'read') {
    if (written.kind === 'unresolved') set.unknown.push(command);
    report(state, command, written, element.word);
    return;
  }
  const found = readElementOptions(set, verb, rest);
  if ('result' in found) {
    reportMisread(state, command, found);
    return;
  }
  const short = written.value.find((part) => part.kind === 'address' && part.short);
  if (short?.kind === 'address') reportShort(state, command, element, set, short.from);
  if (set.type.method === 'list') {
    const within = placementIn(element.text);
    const member = within === undefined ? element : { ...element, text: element.text.slice(0, element.text.indexOf(',')) };
    const placement = within === undefined ? found.placement : { side: within.side, set: { text: within.set, word: element.word } };
    changeList(state, command, verb, set, member, found.options, placement);
    return;
  }
  const most = set.type.method === 'hash' ? Math.min(Math.max(set.options.maxelem, set.elements.size), EXPANSION_LIMIT) : EXPANSION_LIMIT;
  const expanded = expandElement(written.value, set.type, set.options, most);
  if (expanded.kind !== 'read') {
    report(state, command, expanded, element.word);
    return;
  }
  const refusal = verb === 'add' ? addElements(set, command, expanded.value, found.options) : deleteElements(set, command, expanded.value);
  if (refusal !== undefined) report(state, command, refusal.why, element.word, refusal.there ? { ofState: true, harmless: true } : {});
}

/** `10/8` is 0.0.0.10/8, which nobody means. */
function reportShort(state: State, command: IpsetCommand, element: Operand, set: Ipset, address: bigint): void {
  const [part] = element.text.split(/[-/,]/);
  state.problems.push({
    command,
    problem: {
      check: 'ipset-short-address',
      message: `\`${part ?? ''}\` has fewer than four numbers: ipset fills up in the middle, and takes \`${element.text}\` for ${describeShort(element.text, set, address)}`,
      at: wordSpan(command.words, element.word),
      notes: [{ kind: 'do', text: 'write all four numbers' }],
      fatal: false,
    },
  });
}

function describeShort(text: string, set: Ipset, address: bigint): string {
  const dotted = [24n, 16n, 8n, 0n].map((shift) => String((address >> shift) & 255n)).join('.');
  const length = /\/(\d+)/.exec(text)?.[1];
  return length === undefined || !set.type.dimensions.includes('net') ? dotted : `${dotted}/${length}`;
}

/** What makes two elements the same. bitmap:ip,mac keeps one MAC for each address. */
function keyOf(parts: readonly Part[], set: Ipset): string {
  const counted = set.type.name === 'bitmap:ip,mac' ? parts.slice(0, 1) : parts;
  let key = '';
  for (const part of counted) {
    switch (part.kind) {
      case 'address':
        key += `${part.address.toString(16)}/${String(part.length)},`;
        break;
      case 'port':
        key += set.type.method === 'bitmap' ? `${String(part.port)},` : `${String(part.protocol)}:${String(part.port)},`;
        break;
      case 'mac':
        key += `${part.address ?? ''},`;
        break;
      case 'mark':
        key += `${String(part.value)},`;
        break;
      case 'iface':
        key += `${part.physdev ? 'physdev:' : ''}${part.name}`;
        break;
      case 'set':
        key += part.name;
        break;
    }
  }
  return key;
}

/** An element whose interfaces begin alike takes in this one. (kernel: ip_set_hash_netiface.c, hash_netiface4_data_equal) */
function findWildcard(set: WorkingSet, parts: readonly Part[]): string | undefined {
  const [net, iface] = parts;
  if (!set.wildcards || net?.kind !== 'address' || iface?.kind !== 'iface') return undefined;
  for (const [key, element] of set.elements) {
    const [otherNet, otherIface] = element.parts;
    if (
      element.wildcard &&
      otherNet?.kind === 'address' &&
      otherIface?.kind === 'iface' &&
      otherNet.address === net.address &&
      otherNet.length === net.length &&
      otherIface.physdev === iface.physdev &&
      iface.name.startsWith(otherIface.name)
    )
      return key;
  }
  return undefined;
}

/** Why elements do not change a set; `there`: because it is as it should be already. */
interface Rejected {
  readonly why: Refusal;
  readonly there: boolean;
}

function addElements(set: WorkingSet, command: IpsetCommand, elements: readonly (readonly Part[])[], options: ElementOptions): Rejected | undefined {
  for (const parts of elements) {
    const own = keyOf(parts, set);
    const key = set.elements.has(own) ? own : (findWildcard(set, parts) ?? own);
    const before = set.elements.get(key);
    if (before !== undefined) {
      if (!command.exist)
        return {
          why: refused(
            `the element is in \`${set.name}\` already`,
            "Element cannot be added to the set: it's already added",
            'leave it out, or write `-exist` before `add`',
          ),
          there: elements.length === 1,
        };
    } else if (set.type.method === 'hash' && set.elements.size >= set.options.maxelem)
      return {
        why: refused(
          `\`${set.name}\` is full: it was created for ${String(set.options.maxelem)} elements (\`maxelem\`)`,
          'Hash is full, cannot add more elements',
          'create it with a larger `maxelem`',
        ),
        there: false,
      };
    else if (set.elements.size >= EXPANSION_LIMIT)
      return { why: { kind: 'unresolved', message: `more than ${String(EXPANSION_LIMIT)} elements are not followed` }, there: false };
    if (before === undefined) {
      set.elements.set(key, { ...options, parts, command });
      if (options.wildcard) set.wildcards = true;
      continue;
    }
    const { packets = before.packets, bytes = before.bytes } = options;
    // An element that is there keeps its parts; only what stands behind them is new. (kernel: ip_set_hash_gen.h, mtype_add)
    const { parts: kept, wildcard } = before;
    set.elements.set(key, { ...options, parts: kept, wildcard, packets, bytes, command });
  }
  return undefined;
}

function deleteElements(set: WorkingSet, command: IpsetCommand, elements: readonly (readonly Part[])[]): Rejected | undefined {
  for (const parts of elements) {
    const own = keyOf(parts, set);
    const key = set.elements.has(own) ? own : (findWildcard(set, parts) ?? own);
    if (!set.elements.delete(key) && !command.exist)
      return { why: refused(`the element is not in \`${set.name}\``, "Element cannot be deleted from the set: it's not added"), there: true };
  }
  return undefined;
}

function changeList(
  state: State,
  command: IpsetCommand,
  verb: 'add' | 'del',
  set: WorkingSet,
  element: Operand,
  options: ElementOptions,
  placement: Placement | undefined,
): void {
  const refuse = (message: string, says: string, operand: Operand): void => {
    report(state, command, refused(message, says), operand.word, { ofState: true });
  };
  const member = state.sets.get(element.text);
  if (member === undefined) {
    refuse(`there is no set \`${element.text}\` at this point`, 'Set to be added/deleted/tested as element does not exist.', element);
    return;
  }
  if (member.type.method === 'list') {
    refuse('a list:set holds no list:set', 'Sets with list:set type cannot be added to the set.', element);
    return;
  }
  const names = [...set.elements.keys()];
  let at = names.length;
  if (placement !== undefined) {
    const { side, set: other } = placement;
    if (!state.sets.has(other.text)) {
      refuse(`there is no set \`${other.text}\` at this point`, "The set to which you referred with 'before' or 'after' does not exist.", other);
      return;
    }
    const place = names.indexOf(other.text);
    const own = names.indexOf(element.text);
    const beside = verb === 'add' ? place !== -1 : place !== -1 && own !== -1 && own === place + (side === 'before' ? -1 : 1);
    if (!beside) {
      refuse(
        `\`${other.text}\` does not stand there in \`${set.name}\``,
        "The set to which you referred with 'before' or 'after' is not added to the set.",
        other,
      );
      return;
    }
    at = side === 'before' ? place : place + 1;
  }
  if (verb === 'del') {
    if (!set.elements.delete(element.text) && !command.exist)
      refuse(`\`${element.text}\` is not in \`${set.name}\``, "Element cannot be deleted from the set: it's not added", element);
    return;
  }
  if (set.elements.has(element.text)) {
    if (command.exist) set.elements.set(element.text, { parts: [{ kind: 'set', name: element.text }], ...options, command });
    else refuse(`\`${element.text}\` is in \`${set.name}\` already`, "Element cannot be added to the set: it's already added", element);
    return;
  }
  const entries = [...set.elements];
  entries.splice(at, 0, [element.text, { parts: [{ kind: 'set', name: element.text }], ...options, command }]);
  set.elements = new Map(entries);
}

/** Whether a list:set holds the set. */
function isMember(state: State, name: string): boolean {
  for (const set of state.sets.values()) if (set.type.method === 'list' && set.elements.has(name)) return true;
  return false;
}

function changeSets(state: State, command: IpsetCommand, verb: 'destroy' | 'flush' | 'rename' | 'swap', operands: readonly Operand[]): void {
  const two = verb === 'rename' || verb === 'swap';
  if (!takeOperands(state, command, operands, two ? 2 : 0, two ? 2 : 1)) return;
  const [first, second] = operands;
  if (first === undefined) {
    if (verb === 'flush') for (const set of state.sets.values()) emptySet(set);
    else if ([...state.sets.keys()].some((name) => isMember(state, name)))
      report(state, command, refused('a set is in use by a list:set', 'Set cannot be destroyed: it is in use by a kernel component'), undefined, {
        ofState: true,
      });
    else state.sets.clear();
    return;
  }
  const set = findSet(state, command, first);
  if (set === undefined) return;
  if (verb === 'flush') emptySet(set);
  else if (verb === 'destroy') {
    if (isMember(state, first.text))
      report(
        state,
        command,
        refused(`\`${first.text}\` is in a list:set`, 'Set cannot be destroyed: it is in use by a kernel component'),
        first.word,
        { ofState: true },
      );
    else state.sets.delete(first.text);
  } else if (second !== undefined) {
    if (verb === 'rename') rename(state, command, set, second);
    else swap(state, command, set, second);
  }
}

function emptySet(set: WorkingSet): void {
  set.elements.clear();
  set.unknown.length = 0;
}

function rename(state: State, command: IpsetCommand, set: WorkingSet, to: Operand): void {
  if (state.sets.has(to.text)) {
    report(
      state,
      command,
      refused(`there is a set \`${to.text}\` already`, 'Set cannot be renamed: a set with the new name already exists'),
      to.word,
      { ofState: true },
    );
    return;
  }
  if (isMember(state, set.name)) {
    report(state, command, refused(`\`${set.name}\` is in a list:set`, 'Set cannot be renamed: it is in use by another system'), undefined, {
      ofState: true,
    });
    return;
  }
  const long = nameRefusal(to.text);
  if (long !== undefined) {
    report(state, command, long, to.word);
    return;
  }
  state.sets.delete(set.name);
  set.name = to.text;
  state.sets.set(to.text, set);
}

/** What the kernel compares of the types of two sets: what is in them, not how it is kept. (ip_set_core.c, ip_set_swap; `.features` of the types) */
function featuresOf({ type }: Ipset): string {
  const kinds = type.dimensions.map((dimension) => (dimension === 'net' ? 'ip' : dimension));
  return `${kinds.join()}${type.dimensions.includes('net') ? ' nomatch' : ''}`;
}

function swap(state: State, command: IpsetCommand, set: WorkingSet, to: Operand): void {
  const other = state.sets.get(to.text);
  if (other === undefined) {
    report(
      state,
      command,
      refused(`there is no set \`${to.text}\` at this point`, 'Sets cannot be swapped: the second set does not exist'),
      to.word,
      ofMissing(state, to.text),
    );
    return;
  }
  if (featuresOf(other) !== featuresOf(set) || other.options.family !== set.options.family) {
    report(
      state,
      command,
      refused(`\`${set.name}\` and \`${other.name}\` are of different types`, 'The sets cannot be swapped: their type does not match'),
      undefined,
    );
    return;
  }
  const { name } = set;
  set.name = other.name;
  other.name = name;
  state.sets.set(set.name, set);
  state.sets.set(other.name, other);
}
