/** Expands words: parameters, substitutions and arithmetic, then splitting into fields. (POSIX shell, 2.6) */

import type { ArithmeticPart, ParameterPart, TextPart, WordNode, WordPart } from '../../grammar/shell/ast.js';
import type { Span } from '../text/source.js';
import type { Word } from '../text/word.js';
import { evaluateArithmetic } from './arithmetic.js';
import { expandBraces, hasBraces } from './braces.js';
import { affixLength, findPattern, type PatternPiece } from './patterns.js';
import type { UseState } from './reading.js';
import { isSpecial, meetLimit, setVariable, stateOfMissing, takeSteps, unknownVariable, usedElements, usedValue, type Shell } from './state.js';
import {
  computedValue,
  firstUnknown,
  isKnown,
  isUnsure,
  knownText,
  sliceFragment,
  sliceValue,
  valueText,
  wordOfValue,
  type Fragment,
  type Value,
} from './value.js';

/** Most words one brace expansion may make. */
const MOST_BRACE_WORDS = 100_000;

/** The same after a limit was met. */
const MOST_WHEN_EXHAUSTED = 16;

/** A stretch of an expanded word, before it is split. */
interface Atom {
  readonly fragment: Fragment;
  /** Counts as a word even when it is empty, and is no pattern. */
  readonly quoted: boolean;
  /** Is split at blanks. */
  readonly split: boolean;
}

/** Between the items of `"$@"`. */
const BREAK = 'break';

type Atoms = (Atom | typeof BREAK)[];

const NOTHING: Value = [];

/** Whether a part makes one word whatever its value is. */
export function isQuoted(part: WordNode['parts'][number]): boolean {
  return part.kind === 'text' || part.kind === 'process' || part.quoted;
}

/** The words that come of the words of a command. */
export function expandWords(shell: Shell, nodes: readonly WordNode[]): Word[] {
  const words: Word[] = [];
  for (const node of nodes) expandInto(shell, node, words);
  return words;
}

/** Words that are the same whenever they are met: functions and loops come to them many times. */
const plainWords = new WeakMap<WordNode, Word>();

/** A word without anything to expand; undefined for others. */
function plainWord(shell: Shell, node: WordNode): Word | undefined {
  const { parts } = node;
  const [only] = parts;
  if (only?.kind !== 'text' || parts.length !== 1) return undefined;
  // Commands outside of functions and loops are met once.
  const again = shell.frames.length > 0;
  const known = again ? plainWords.get(node) : undefined;
  if (known !== undefined || (!only.quoted && /[{~]/.test(only.text))) return known;
  const span = shell.script.origin.span(node.start, node.end);
  const word = wordOfValue(shell.script.origin.fragments(only.start, only.end, only.text), span);
  const piece = word.pieces[0];
  // Most words stand where they are used, quotes aside: one span will do.
  const isWhole = piece !== undefined && word.pieces.length === 1 && piece.span.start === span.start && piece.span.end === span.end;
  const plain = isWhole ? { ...word, span: piece.span } : word;
  if (again) plainWords.set(node, plain);
  return plain;
}

function expandInto(shell: Shell, node: WordNode, words: Word[]): void {
  const plain = plainWord(shell, node);
  if (plain !== undefined) {
    words.push(plain);
    return;
  }
  const { parts } = node;
  const span = shell.script.origin.span(node.start, node.end);
  const lists = !shell.dash && hasBraces(parts) ? expandBraces(parts, shell.exhausted ? MOST_WHEN_EXHAUSTED : MOST_BRACE_WORDS) : [parts];
  if (lists === undefined || (lists.length > MOST_WHEN_EXHAUSTED && !takeSteps(shell, lists.length))) {
    meetLimit(shell, span, 'a brace expansion makes more words than fwlint reads');
    const [text, unknown] = [written(shell, node.start, node.end), '{…}'];
    words.push(wordOfValue([{ ...firstFragment(shell, node.start, node.end, text), unknown }], span));
    return;
  }
  for (const list of lists) {
    const atoms: Atoms = [];
    expandParts(shell, list, atoms, true);
    for (const value of splitFields(shell, atoms)) words.push(wordOfValue(value, span));
  }
}

/** The value of a word that is not split: of assignments, redirections, `case`, here-documents. */
export function expandValue(shell: Shell, node: WordNode): Value {
  const [only] = node.parts;
  if (node.parts.length === 0) return NOTHING;
  if (only?.kind === 'text' && node.parts.length === 1 && (only.quoted || !only.text.includes('~'))) {
    return only.text === '' ? NOTHING : shell.script.origin.fragments(only.start, only.end, only.text);
  }
  const atoms: Atoms = [];
  expandParts(shell, node.parts, atoms, false);
  return joinAtoms(shell, atoms);
}

/** A word that is used as a pattern; undefined when a part of it is not known. */
export function expandPattern(shell: Shell, node: WordNode): { readonly pieces: readonly PatternPiece[] | undefined; readonly value: Value } {
  const atoms: Atoms = [];
  expandParts(shell, node.parts, atoms, false);
  const value = joinAtoms(shell, atoms);
  if (!isKnown(value)) return { pieces: undefined, value };
  const pieces = atoms.map((atom) => (atom === BREAK ? { text: ' ', quoted: true } : { text: atom.fragment.text, quoted: atom.quoted }));
  return { pieces, value };
}

function joinAtoms(shell: Shell, atoms: Atoms): Value {
  const fragments: Fragment[] = [];
  let last: Fragment | undefined;
  for (const atom of atoms) {
    if (atom === BREAK) {
      if (last !== undefined) fragments.push({ text: ' ', span: last.span, literal: false, via: last.via });
      continue;
    }
    last = atom.fragment;
    if (last.text !== '') fragments.push(last);
  }
  return limitLength(shell, fragments);
}

/** Pieces of one value that are kept. */
const MOST_FRAGMENTS = 4096;

function limitLength(shell: Shell, value: Value): Value {
  if (value.length < 2) return value;
  let length = 0;
  for (const fragment of value) length += fragment.text.length;
  const [first] = value;
  if (first === undefined || (length <= shell.limits.length && value.length <= MOST_FRAGMENTS)) return value;
  meetLimit(shell, first.span, 'a value grows beyond what fwlint reads');
  return [{ ...sliceFragment(first, 0, Math.min(first.text.length, 32)), unknown: '…' }];
}

/** Whether a value may be used as it is: long ones cost steps each time. */
function isAffordable(shell: Shell, value: Value, at: Span): boolean {
  let cost = value.length;
  for (const fragment of value) cost += fragment.text.length >> 4;
  if (cost < 64) return true;
  if (takeSteps(shell, cost >> 3)) return true;
  meetLimit(shell, at, 'the values used here are longer than fwlint reads');
  return false;
}

/** The text as it stands in the script. */
export function written(shell: Shell, start: number, end: number): string {
  return shell.script.text.slice(start, end);
}

function firstFragment(shell: Shell, start: number, end: number, text: string): Fragment {
  const fragments = shell.script.origin.fragments(start, end, text);
  const [first] = fragments;
  const span = shell.script.origin.span(start, end);
  return { text, span, literal: fragments.length === 1 && first?.literal === true, via: first?.via ?? [] };
}

/** A construct whose value is not known, as it is written. */
export function unknownFragment(shell: Shell, part: { readonly start: number; readonly end: number }, unknown: string): Fragment {
  return { ...firstFragment(shell, part.start, part.end, written(shell, part.start, part.end)), unknown };
}

function expandParts(shell: Shell, parts: readonly WordPart[], atoms: Atoms, split: boolean): void {
  for (let index = 0; index < parts.length; index += 1) {
    const part = parts[index];
    if (part === undefined) continue;
    switch (part.kind) {
      case 'text':
        expandText(shell, part, atoms, index === 0);
        break;
      case 'parameter':
        expandParameter(shell, part, atoms, split && !part.quoted);
        break;
      case 'command': {
        const value = shell.substitute(shell, part);
        const asWritten = written(shell, part.start, part.end);
        if (value === undefined) atoms.push({ fragment: unknownFragment(shell, part, asWritten), quoted: part.quoted, split: false });
        else pushValue(shell, part, value, atoms, split && !part.quoted);
        break;
      }
      case 'arithmetic': {
        const value = expandArithmetic(shell, part);
        pushValue(shell, part, value, atoms, split && !part.quoted);
        break;
      }
      case 'process':
        shell.process(shell, part);
        atoms.push({ fragment: unknownFragment(shell, part, written(shell, part.start, part.end)), quoted: true, split: false });
        break;
    }
  }
}

function expandText(shell: Shell, part: TextPart, atoms: Atoms, isFirst: boolean): void {
  let { start, text } = part;
  if (isFirst && !part.quoted && text.startsWith('~')) {
    const user = /^~[A-Za-z0-9_.+-]*/.exec(text)?.[0] ?? '~';
    const rest = text.charAt(user.length);
    if (rest === '' || rest === '/' || rest === ':') {
      const home = user === '~' ? lookUp(shell, 'HOME') : undefined;
      if (home?.value !== undefined) pushValue(shell, part, home.value, atoms, false);
      else atoms.push({ fragment: unknownFragment(shell, { start, end: start + user.length }, 'HOME'), quoted: true, split: false });
      start += user.length;
      text = text.slice(user.length);
      if (text === '') return;
    }
  }
  for (const fragment of shell.script.origin.fragments(start, part.end, text)) atoms.push({ fragment, quoted: part.quoted, split: false });
  if (text === '') atoms.push({ fragment: firstFragment(shell, part.start, part.end, ''), quoted: part.quoted, split: false });
}

/** Adds a value; an empty one in quotes still makes a word. */
function pushValue(
  shell: Shell,
  part: { readonly start: number; readonly end: number; readonly quoted?: boolean },
  value: Value,
  atoms: Atoms,
  split: boolean,
): void {
  const quoted = part.quoted === true;
  if (value.length > 0 && !isAffordable(shell, value, shell.script.origin.span(part.start, part.end))) {
    atoms.push({ fragment: unknownFragment(shell, part, written(shell, part.start, part.end)), quoted, split: false });
    return;
  }
  for (const fragment of value) atoms.push({ fragment, quoted, split: split && fragment.unknown === undefined });
  if (value.length === 0 && quoted) {
    const at = shell.script.origin.span(part.start, part.end);
    atoms.push({ fragment: { text: '', span: at, literal: false, via: [] }, quoted: true, split: false });
  }
}

/** What a parameter stands for. */
export interface Lookup {
  /** The value, as far as it is known; undefined when it is unset or nothing of it is known. */
  readonly value?: Value;
  /** The items of `$@` or an array. */
  readonly items?: readonly Value[];
  /** It certainly has no value. */
  readonly unset: boolean;
  readonly state: UseState;
}

const UNKNOWN: Lookup = { unset: false, state: 'set' };
const UNKNOWN_MAYBE: Lookup = { unset: false, state: 'maybe' };

/** What a name stands for here. Nothing is recorded. */
export function lookUp(shell: Shell, name: string): Lookup {
  const special = lookUpSpecial(shell, name);
  if (special !== undefined) return special;
  const variable = shell.variables.get(name);
  if (variable === undefined) {
    const defined = shell.defines.get(name);
    if (defined !== undefined) return { value: definedValue(shell, defined), unset: false, state: 'set' };
    const state = stateOfMissing(shell, name);
    if (state === 'unset') return { unset: true, state: 'unset' };
    return { unset: false, state: state === 'given' ? 'set' : state };
  }
  const state: UseState = isSpecial(shell, name) ? 'special' : variable.maybe ? 'maybe' : 'set';
  if (variable.unknown || (variable.value !== undefined && !isKnown(variable.value))) {
    const defined = shell.defines.get(name);
    if (defined !== undefined) return { value: definedValue(shell, defined), unset: false, state: 'set' };
  }
  if (variable.unknown) return { unset: false, state };
  if (variable.value === undefined) return { value: NOTHING, unset: true, state: 'set' };
  return { value: usedValue(variable), unset: false, state };
}

function definedValue(shell: Shell, text: string): Value {
  return computedValue(text, shell.script.origin.span(0, 0));
}

function lookUpSpecial(shell: Shell, name: string): Lookup | undefined {
  const { positional } = shell;
  switch (name) {
    case '@':
    case '*':
      return positional === undefined ? UNKNOWN_MAYBE : { items: positional, unset: positional.length === 0, state: 'set' };
    case '#':
      return positional === undefined
        ? UNKNOWN
        : { value: computedValue(String(positional.length), shell.script.origin.span(0, 0)), unset: false, state: 'set' };
    case '?':
      return shell.status === undefined
        ? UNKNOWN
        : { value: computedValue(String(shell.status), shell.script.origin.span(0, 0)), unset: false, state: 'set' };
    case '$':
    case '!':
    case '-':
    case '_':
    case '0':
      return UNKNOWN;
    default:
      break;
  }
  if (!/^[0-9]+$/.test(name)) return undefined;
  if (positional === undefined) {
    const defined = shell.defines.get(name);
    return defined === undefined ? UNKNOWN_MAYBE : { value: definedValue(shell, defined), unset: false, state: 'set' };
  }
  const value = positional[Number(name) - 1];
  return value === undefined ? { value: NOTHING, unset: true, state: 'set' } : { value, unset: false, state: 'set' };
}

function recordUse(shell: Shell, name: string, span: Span, quoted: boolean, state: UseState, defaulted: boolean): void {
  if (shell.uses.length < 1_000_000) shell.uses.push({ name, span, quoted, state, defaulted, stops: shell.stopsAtUnset, command: undefined });
}

/** The script ends here, unless nobody knows how it comes here. */
function endScript(shell: Shell): void {
  shell.ended = !shell.dead && !shell.uncalled;
}

/** `set -u`: a parameter without a value ends the script. Where only the run knows, the script goes on with one that has a value. (POSIX shell, set -u) */
function requireValue(shell: Shell, name: string, found: Lookup): void {
  if (!shell.stopsAtUnset || found.items !== undefined) return;
  if (found.unset && found.state === 'set') endScript(shell);
  else takeForSet(shell, name, found);
}

/** Past this place the variable has a value, or else the script has ended. */
function takeForSet(shell: Shell, name: string, { state }: Lookup): void {
  if ((state !== 'unset' && state !== 'maybe') || !/^[A-Za-z_]/.test(name) || shell.dead || shell.uncalled) return;
  const before = shell.variables.get(name);
  setVariable(shell, name, before?.value === undefined ? unknownVariable(false, before?.step) : { ...before, maybe: false });
}

function expandParameter(shell: Shell, part: ParameterPart, atoms: Atoms, split: boolean): void {
  let { name } = part;
  const span = shell.script.origin.span(part.start, part.end);
  const giveUp = (unknown: string): void => {
    atoms.push({ fragment: unknownFragment(shell, part, unknown), quoted: part.quoted, split: false });
  };
  if (name === '') {
    giveUp(written(shell, part.start, part.end));
    return;
  }
  const defaulted = part.operator !== undefined && /^:?[-=?+]$/.test(part.operator);
  if (part.indirect) {
    const target = expandIndirect(shell, part, atoms, split);
    if (target === undefined) return;
    name = target;
  }
  let found = lookUp(shell, name);
  if (part.index !== undefined && !part.indirect) found = lookUpElement(shell, name, part.index, found);
  recordUse(shell, name, span, part.quoted || !split, found.state, defaulted);
  if (!defaulted) requireValue(shell, name, found);
  if (part.length) {
    const text = found.items === undefined ? (found.value === undefined ? undefined : knownText(found.value)) : undefined;
    const count = text === undefined ? undefined : Array.from(text).length;
    const length = found.items?.length ?? count;
    if (length === undefined) giveUp(name);
    else pushValue(shell, part, withDoubt(computedValue(String(length), span), found.value), atoms, split);
    return;
  }
  if (defaulted && part.operand !== undefined) {
    if (expandDefault(shell, part, part.operator, part.operand, name, found, atoms, split)) return;
    giveUp(name);
    return;
  }
  const { operator, operand } = part;
  if (found.items !== undefined) {
    let { items } = found;
    if (operator !== undefined && operand !== undefined) {
      if (operator === ':') {
        const range = sliceRange(shell, operand, items.length + 1);
        if (range === undefined) {
          giveUp(name);
          return;
        }
        // `${@:1}` begins with `$1`, `${a[@]:0}` with the first element.
        const first = name === '@' || name === '*' ? 1 : 0;
        items = items.slice(Math.max(range.from - first, 0), range.length === undefined ? undefined : Math.max(range.from - first, 0) + range.length);
      } else {
        const changed = items.map((item) => applyOperator(shell, item, operator, operand));
        if (changed.some((item) => item === undefined)) {
          giveUp(name);
          return;
        }
        items = changed.filter((item) => item !== undefined);
      }
    }
    pushItems(shell, part, items, atoms, split);
    return;
  }
  if (found.value === undefined) {
    giveUp(name);
    return;
  }
  const value = operator === undefined || operand === undefined ? found.value : applyOperator(shell, found.value, operator, operand);
  if (value === undefined) giveUp(firstUnknown(found.value) ?? name);
  else pushValue(shell, part, value, atoms, split);
}

function pushItems(shell: Shell, part: ParameterPart, items: readonly Value[], atoms: Atoms, split: boolean): void {
  const joined = part.quoted && (part.name === '*' || (part.index !== undefined && written(shell, part.index.start, part.index.end) === '*'));
  if (joined) {
    const separator = joinCharacter(shell);
    const value = items.flatMap((item, index) =>
      index === 0 ? item : [...computedValue(separator, shell.script.origin.span(part.start, part.end)), ...item],
    );
    pushValue(shell, part, value, atoms, split);
    return;
  }
  items.forEach((item, index) => {
    if (index > 0) atoms.push(BREAK);
    pushValue(shell, part, item, atoms, split);
  });
}

function joinCharacter(shell: Shell): string {
  const variable = shell.variables.get('IFS');
  const text = variable === undefined || variable.unknown || variable.value === undefined ? undefined : knownText(variable.value);
  return text === undefined ? ' ' : text.charAt(0);
}

/** `${!x}`: the name that is meant; undefined when the part is dealt with. */
function expandIndirect(shell: Shell, part: ParameterPart, atoms: Atoms, split: boolean): string | undefined {
  const variable = shell.variables.get(part.name);
  const index = part.index === undefined ? '' : written(shell, part.index.start, part.index.end);
  if (index === '@' || index === '*') {
    const elements = variable === undefined ? undefined : usedElements(variable);
    if (elements !== undefined) {
      const at = shell.script.origin.span(part.start, part.end);
      pushItems(
        shell,
        part,
        [...elements.keys()].map((key) => computedValue(key, at)),
        atoms,
        split,
      );
      return undefined;
    }
  } else if (part.operator !== '@' && part.operator !== '*') {
    const found = lookUp(shell, part.name);
    const target = found.value === undefined ? undefined : knownText(found.value);
    if (target !== undefined && /^[A-Za-z_0-9]+$/.test(target)) return target;
  }
  atoms.push({ fragment: unknownFragment(shell, part, part.name), quoted: part.quoted, split: false });
  return undefined;
}

function lookUpElement(shell: Shell, name: string, index: WordNode, whole: Lookup): Lookup {
  const variable = shell.variables.get(name);
  if (variable === undefined || variable.unknown) return whole.value === undefined ? whole : { unset: false, state: whole.state };
  const elements = usedElements(variable) ?? new Map(variable.value === undefined ? [] : [['0', usedValue(variable)]]);
  const asWritten = written(shell, index.start, index.end);
  if (asWritten === '@' || asWritten === '*') return { items: [...elements.values()], unset: elements.size === 0, state: whole.state };
  const key = elementKey(shell, variable.elements, index);
  if (key === undefined) return { unset: false, state: whole.state };
  const value = elements.get(key);
  return value === undefined ? { value: NOTHING, unset: true, state: whole.state } : { value, unset: false, state: whole.state };
}

/** The key of an element; undefined when it is not known. */
export function elementKey(shell: Shell, elements: ReadonlyMap<string, Value> | undefined, index: WordNode): string | undefined {
  const text = knownText(expandValue(shell, index));
  if (text === undefined) return undefined;
  if (elements?.has(text) === true || (/[^0-9\s()+*/%-]/.test(text) && shell.variables.get(text) === undefined)) return text;
  const value = evaluateArithmetic(text, arithmeticVariables(shell, shell.script.origin.span(index.start, index.end)));
  if (value === undefined) return undefined;
  if (value >= 0n || elements === undefined) return String(value);
  const last = [...elements.keys()].pop();
  return last === undefined ? undefined : String(BigInt(last) + 1n + value);
}

/** `:-`, `:=`, `:?`, `:+` and their kin without colon; false when it cannot be said what comes of it. */
function expandDefault(
  shell: Shell,
  part: ParameterPart,
  operator: string,
  operand: WordNode,
  name: string,
  found: Lookup,
  atoms: Atoms,
  split: boolean,
): boolean {
  const colon = operator.startsWith(':');
  const kind = operator.charAt(operator.length - 1);
  const text = found.value === undefined ? undefined : valueText(found.value);
  let missing: boolean | undefined;
  // What the script never sets may come with the environment.
  if (found.unset) missing = (kind === '+' || kind === '?') && found.state === 'unset' ? undefined : true;
  else if (found.items !== undefined) missing = found.items.length === 0;
  else if (found.state === 'maybe') missing = undefined;
  else if (found.value === undefined) missing = found.state === 'set' && !colon ? false : undefined;
  else if (!colon) missing = false;
  else if (text === '') missing = true;
  // Text around an unknown part is enough to be not empty.
  else missing = found.value.some((fragment) => fragment.unknown === undefined && fragment.text !== '') ? false : undefined;
  if (kind === '?' && missing === true) endScript(shell);
  else if (kind === '?' && found.items === undefined) takeForSet(shell, name, found);
  if (missing === undefined) return false;
  if (kind === '+') {
    if (!missing) expandOperand(shell, part, operand, atoms, split);
    else pushValue(shell, part, NOTHING, atoms, split);
    return true;
  }
  if (!missing || kind === '?') {
    if (found.items !== undefined) pushItems(shell, part, found.items, atoms, split);
    else if (found.value === undefined || missing) return false;
    else pushValue(shell, part, found.value, atoms, split);
    return true;
  }
  // `${port:-}`: nothing is what it is when nobody gives it, and the script is there for when somebody does.
  const isGivenFromOutside = found.state === 'unset' && operand.parts.length === 0 && /^[A-Za-z_]/.test(name);
  if (kind === '=') {
    const value = expandValue(shell, operand);
    if (/^[A-Za-z_]/.test(name)) {
      const step = { kind: 'variable', name, assignedAt: shell.script.origin.span(part.start, part.end) } as const;
      setVariable(shell, name, isGivenFromOutside ? unknownVariable(false, step) : { value, unknown: false, maybe: false, step });
    }
    if (isGivenFromOutside) return false;
    pushValue(shell, part, value, atoms, split);
    return true;
  }
  if (isGivenFromOutside) return false;
  expandOperand(shell, part, operand, atoms, split);
  return true;
}

function expandOperand(shell: Shell, part: ParameterPart, operand: WordNode, atoms: Atoms, split: boolean): void {
  if (operand.parts.length === 0) {
    pushValue(shell, part, NOTHING, atoms, split);
    return;
  }
  const inner: Atoms = [];
  expandParts(shell, operand.parts, inner, split);
  for (const atom of inner) {
    if (atom === BREAK) atoms.push(atom);
    // Unquoted text of the operand is split like a value.
    else atoms.push({ ...atom, quoted: atom.quoted || part.quoted, split: split && !atom.quoted && atom.fragment.unknown === undefined });
  }
}

function applyOperator(shell: Shell, value: Value, operator: string, operand: WordNode): Value | undefined {
  const text = knownText(value);
  if (text === undefined) return undefined;
  switch (operator) {
    case '#':
    case '##':
    case '%':
    case '%%': {
      const { pieces } = expandPattern(shell, operand);
      if (pieces === undefined) return undefined;
      const where = operator.startsWith('#') ? 'start' : 'end';
      const length = affixLength(text, pieces, where, operator.length === 2);
      if (length === undefined) return undefined;
      return where === 'start' ? sliceValue(value, length, text.length) : sliceValue(value, 0, text.length - length);
    }
    case '/':
    case '//':
    case '/#':
    case '/%':
      return replacePattern(shell, value, text, operator, operand);
    case '^':
    case '^^':
    case ',':
    case ',,': {
      if (operand.parts.length > 0) return undefined;
      const change = (part: string): string => (operator.startsWith('^') ? part.toUpperCase() : part.toLowerCase());
      let first = true;
      return value.map((fragment) => {
        const changed =
          operator.length === 2 ? change(fragment.text) : first ? change(fragment.text.charAt(0)) + fragment.text.slice(1) : fragment.text;
        first = false;
        return changed === fragment.text ? fragment : { ...fragment, text: changed, literal: false };
      });
    }
    case ':': {
      const range = sliceRange(shell, operand, text.length);
      if (range === undefined) return undefined;
      return sliceValue(value, range.from, range.length === undefined ? text.length : Math.min(range.from + range.length, text.length));
    }
    default:
      return undefined;
  }
}

function replacePattern(shell: Shell, value: Value, text: string, operator: string, operand: WordNode): Value | undefined {
  const slash = splitAt(operand, '/');
  const { pieces } = expandPattern(shell, slash.before);
  const replacement = slash.after === undefined ? NOTHING : expandValue(shell, slash.after);
  if (pieces === undefined || !isKnown(replacement) || valueText(replacement).includes('&')) return undefined;
  let places: readonly { readonly start: number; readonly end: number }[] | undefined;
  if (operator === '/#' || operator === '/%') {
    const where = operator === '/#' ? 'start' : 'end';
    const length = affixLength(text, pieces, where, true);
    if (length !== undefined)
      places = length === 0 ? [] : [where === 'start' ? { start: 0, end: length } : { start: text.length - length, end: text.length }];
  } else places = findPattern(text, pieces, operator === '//');
  if (places === undefined) return undefined;
  const length = text.length + places.length * valueText(replacement).length;
  if (length > shell.limits.length || places.length * (replacement.length + value.length) > MOST_FRAGMENTS) {
    meetLimit(shell, shell.script.origin.span(operand.start, operand.end), 'a value grows beyond what fwlint reads');
    return undefined;
  }
  const result: Fragment[] = [];
  let from = 0;
  for (const { start, end } of places) {
    result.push(...sliceValue(value, from, start), ...replacement);
    from = end;
  }
  result.push(...sliceValue(value, from, text.length));
  return limitLength(shell, result);
}

/** The parts of a word before and after the first unquoted `separator`. */
function splitAt(node: WordNode, separator: string): { readonly before: WordNode; readonly after: WordNode | undefined } {
  for (let index = 0; index < node.parts.length; index += 1) {
    const part = node.parts[index];
    if (part?.kind !== 'text' || part.quoted) continue;
    const at = part.text.indexOf(separator);
    if (at === -1) continue;
    const left: TextPart = { ...part, end: part.start + at, text: part.text.slice(0, at) };
    const right: TextPart = { ...part, start: part.start + at + 1, text: part.text.slice(at + 1) };
    const before = [...node.parts.slice(0, index), ...(left.text === '' ? [] : [left])];
    const after = [...(right.text === '' ? [] : [right]), ...node.parts.slice(index + 1)];
    return { before: { start: node.start, end: left.end, parts: before }, after: { start: right.start, end: node.end, parts: after } };
  }
  return { before: node, after: undefined };
}

/** The offset and length of `${x:offset:length}`; undefined when they are not known. */
function sliceRange(shell: Shell, operand: WordNode, length: number): { readonly from: number; readonly length: number | undefined } | undefined {
  const { before, after } = splitAt(operand, ':');
  const offset = evaluateWord(shell, before);
  const count = after === undefined ? undefined : evaluateWord(shell, after);
  if (offset === undefined || (after !== undefined && count === undefined)) return undefined;
  const from = Math.min(offset < 0n ? Math.max(length + Number(offset), 0) : Number(offset), length);
  if (count === undefined) return { from, length: undefined };
  return { from, length: count < 0n ? Math.max(length + Number(count) - from, 0) : Number(count) };
}

/** The number an arithmetic word stands for; undefined when it is not known. */
function evaluateWord(shell: Shell, node: WordNode): bigint | undefined {
  const text = knownText(expandValue(shell, node));
  return text === undefined ? undefined : evaluateArithmetic(text, arithmeticVariables(shell, shell.script.origin.span(node.start, node.end)));
}

/** The same for a condition, which may only rely on what nothing can have replaced. */
export function evaluateSurely(shell: Shell, text: string | undefined, span: Span): bigint | undefined {
  if (text === undefined) return undefined;
  const variables = arithmeticVariables(shell, span);
  return evaluateArithmetic(text, {
    set: variables.set,
    get: (name, index) => (isUnsure(lookUp(shell, name).value ?? []) ? undefined : variables.get(name, index)),
  });
}

/** A value computed from others is as doubtful as they are. */
function withDoubt(value: Value, from: Value | undefined): Value {
  return from !== undefined && isUnsure(from) ? value.map((fragment) => ({ ...fragment, unsure: true })) : value;
}

function expandArithmetic(shell: Shell, part: ArithmeticPart): Value {
  const expression = expandValue(shell, part.expression);
  const span = shell.script.origin.span(part.start, part.end);
  const text = knownText(expression);
  let unknown = firstUnknown(expression);
  if (text !== undefined) {
    const variables = arithmeticVariables(shell, span);
    let doubt = expression;
    const value = evaluateArithmetic(text, {
      set: variables.set,
      get: (name, index) => {
        const found = variables.get(name, index);
        if (found === undefined) unknown ??= name;
        else doubt = [...doubt, ...(lookUp(shell, name).value ?? [])];
        return found;
      },
    });
    if (value !== undefined) return withDoubt(computedValue(String(value), span), doubt);
  }
  return [unknownFragment(shell, part, unknown ?? written(shell, part.start, part.end))];
}

/** The shell's variables for arithmetic done at `span`. */
export function arithmeticVariables(shell: Shell, span: Span): Parameters<typeof evaluateArithmetic>[1] {
  return {
    get: (name, index) => {
      if (index !== undefined) {
        const variable = shell.variables.get(name);
        const elements = variable === undefined ? undefined : usedElements(variable);
        const element = elements?.get(String(index));
        return element === undefined ? undefined : knownText(element);
      }
      const found = lookUp(shell, name);
      recordUse(shell, name, span, true, found.state, false);
      // bash takes 0 for an unset variable; one that nobody sets is more likely to be given by somebody else.
      if (found.state === 'unset' || found.value === undefined) return undefined;
      return knownText(found.value);
    },
    set: (name, index, value) => {
      if (index !== undefined || value === undefined) {
        setVariable(shell, name, unknownVariable(false));
        return;
      }
      setVariable(shell, name, {
        value: computedValue(String(value), span),
        unknown: false,
        maybe: false,
        step: { kind: 'variable', name, assignedAt: span },
      });
    },
  };
}

/** Splits what was expanded at the characters of IFS. (POSIX shell, 2.6.5) */
function splitFields(shell: Shell, atoms: Atoms): Value[] {
  const fields: Value[] = [];
  const ifs = separators(shell);
  let field: Fragment[] = [];
  let present = false;
  const end = (): void => {
    if (present) fields.push(limitLength(shell, field));
    field = [];
    present = false;
  };
  for (const atom of atoms) {
    if (atom === BREAK) {
      end();
      continue;
    }
    const { fragment } = atom;
    if (!atom.split || ifs === '') {
      if (fragment.text !== '') field.push(fragment);
      if (fragment.text !== '' || atom.quoted) present = true;
      continue;
    }
    const { text } = fragment;
    let from = 0;
    for (let at = 0; at <= text.length; at += 1) {
      const character = text.charAt(at);
      if (at < text.length && !ifs.includes(character)) continue;
      if (at > from) {
        field.push(sliceFragment(fragment, from, at));
        present = true;
      }
      if (at < text.length) {
        const isBlank = character === ' ' || character === '\t' || character === '\n';
        // A separator that is no blank ends a field even when the field is empty.
        if (!isBlank && !present && !isBlankBefore(text, at, ifs)) present = true;
        end();
      }
      from = at + 1;
    }
  }
  end();
  return fields;
}

/** Whether only blanks of IFS stand between a separator and the field before it, which they have ended. */
function isBlankBefore(text: string, at: number, ifs: string): boolean {
  let from = at - 1;
  while (from >= 0 && ' \t\n'.includes(text.charAt(from)) && ifs.includes(text.charAt(from))) from -= 1;
  return from < at - 1 && from >= 0 && !ifs.includes(text.charAt(from));
}

function separators(shell: Shell): string {
  const variable = shell.variables.get('IFS');
  if (variable === undefined || variable.unknown || variable.value === undefined) return ' \t\n';
  return knownText(variable.value) ?? ' \t\n';
}
