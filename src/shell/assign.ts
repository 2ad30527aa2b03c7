/** Assignments: what they make of the variables. */

import type { AssignmentNode, WordNode } from '../../grammar/shell/ast.js';
import { assignmentOf } from '../../grammar/shell/simple-command.js';
import type { Span } from '../text/source.js';
import { isUnknown, type ExpansionStep, type Word } from '../text/word.js';
import { elementKey, expandValue, expandWords, isQuoted, lookUp } from './fields.js';
import { SPECIAL_VARIABLES } from './special-variables.js';
import { isSpecial, meetLimit, setVariable, spanOfNode, takeSteps, unknownVariable, type Shell } from './state.js';
import { computedValue, isKnown, valueOfWord, valueText, wordOfValue, type Value } from './value.js';

/** The value of an assignment before a command. */
export function assignedWord(shell: Shell, assignment: AssignmentNode): Word {
  return wordOfValue(expandValue(shell, assignment.value), spanOfNode(shell, assignment.value));
}

/** Carries out `name=value`. */
export function assign(shell: Shell, assignment: AssignmentNode): void {
  const { name } = assignment;
  const nameAt = spanOfNode(shell, { start: assignment.start, end: assignment.start + name.length });
  const step: ExpansionStep = { kind: 'variable', name, assignedAt: spanOfNode(shell, assignment) };
  if (assignment.elements !== undefined) {
    assignArray(shell, assignment, assignment.elements, step);
    return;
  }
  const value = expandValue(shell, assignment.value);
  if (assignment.index !== undefined) {
    assignElement(shell, name, assignment.index, value, assignment.append, step);
    return;
  }
  assignValue(shell, name, value, assignment.append, step, nameAt);
}

/** Gives a variable a value and notes that it was assigned at `nameAt`. */
export function assignValue(shell: Shell, name: string, value: Value, append: boolean, step: ExpansionStep, nameAt: Span): void {
  let whole = value;
  if (append) {
    const before = lookUp(shell, name);
    if (before.value === undefined && !before.unset) whole = [{ text: `$${name}`, span: nameAt, literal: false, via: [], unknown: name }, ...value];
    else whole = [...(before.value ?? []), ...value];
  }
  const length = whole.reduce((sum, fragment) => sum + fragment.text.length, 0);
  const unknown = whole.length === 1 && whole[0]?.unknown !== undefined;
  if (length > shell.limits.length) {
    meetLimit(shell, nameAt, 'a value grows beyond what fwlint reads');
    setVariable(shell, name, unknownVariable(false, step));
    return;
  }
  setVariable(shell, name, unknown ? unknownVariable(false, step) : { value: whole, unknown: false, maybe: false, step });
  noteAssignment(shell, name, nameAt, whole);
}

function noteAssignment(shell: Shell, name: string, span: Span, value: Value): void {
  if (shell.dead) return;
  const key = `${name}\0${String(span.start)}\0${span.source.name}`;
  const before = shell.assignments.get(key);
  const known = isKnown(value) && (before === undefined || (before.known && before.value.text === valueText(value)));
  if (before === undefined || before.known !== known) shell.assignments.set(key, { name, span, value: wordOfValue(value, span), known });
  const effect = isSpecial(shell, name) ? SPECIAL_VARIABLES.get(name) : undefined;
  if (effect !== undefined && before === undefined) shell.specialAssignments.set(key, { name, span, value: valueText(value), effect });
}

/** Elements an array may have. */
const MOST_ELEMENTS = 100_000;

function assignArray(shell: Shell, assignment: AssignmentNode, nodes: readonly WordNode[], step: ExpansionStep): void {
  const { name } = assignment;
  const before = shell.variables.get(name);
  const elements = new Map<string, Value>();
  if (assignment.append && before !== undefined) {
    if (before.unknown) {
      setVariable(shell, name, unknownVariable(false, step));
      return;
    }
    for (const [key, value] of before.elements ?? (before.value === undefined ? [] : [['0', before.value] as const])) elements.set(key, value);
  }
  let next = elements.size === 0 ? 0 : Number([...elements.keys()].pop() ?? '-1') + 1;
  let known = true;
  for (const node of nodes) {
    const keyed = keyedElement(node);
    if (keyed !== undefined) {
      const key = elementKey(shell, before?.elements, keyed.index);
      if (key === undefined) known = false;
      else {
        elements.set(key, expandValue(shell, keyed.value));
        next = /^\d+$/.test(key) ? Number(key) + 1 : next;
      }
      continue;
    }
    const unquoted = node.parts.some((part) => !isQuoted(part));
    for (const word of expandWords(shell, [node])) {
      // An unknown value that is split makes an unknown number of elements.
      if (unquoted && isUnknown(word)) known = false;
      elements.set(String(next), valueOfWord(word));
      next += 1;
    }
  }
  takeSteps(shell, elements.size >> 3);
  if (elements.size > MOST_ELEMENTS) {
    meetLimit(shell, spanOfNode(shell, assignment), 'an array grows beyond what fwlint reads');
    known = false;
  }
  if (!known) setVariable(shell, name, unknownVariable(false, step));
  else setVariable(shell, name, { value: elements.get('0') ?? [], elements: inOrder(elements), unknown: false, maybe: false, step });
  const at = spanOfNode(shell, { start: assignment.start, end: assignment.start + name.length });
  noteAssignment(
    shell,
    name,
    at,
    [...elements.values()].flatMap((value, index) => (index === 0 ? value : [...computedValue(' ', at), ...value])),
  );
}

/** `[key]=value` in an array. */
function keyedElement(node: WordNode): { readonly index: WordNode; readonly value: WordNode } | undefined {
  const first = node.parts[0];
  if (first?.kind !== 'text' || first.quoted || !first.text.startsWith('[')) return undefined;
  // Read as the assignment `x[key]=value`.
  const named = { ...node, parts: [{ ...first, start: first.start - 1, text: `x${first.text}` }, ...node.parts.slice(1)] };
  const assignment = assignmentOf(named);
  return assignment?.index === undefined ? undefined : { index: assignment.index, value: assignment.value };
}

function assignElement(shell: Shell, name: string, index: WordNode, value: Value, append: boolean, step: ExpansionStep): void {
  const before = shell.variables.get(name);
  const key = elementKey(shell, before?.elements, index);
  if (key === undefined || before?.unknown === true) {
    setVariable(shell, name, unknownVariable(false, step));
    return;
  }
  const elements = new Map(before?.elements ?? (before?.value === undefined ? [] : [['0', before.value] as const]));
  takeSteps(shell, elements.size >> 3);
  elements.set(key, append ? [...(elements.get(key) ?? []), ...value] : value);
  const sorted = inOrder(elements);
  setVariable(shell, name, { value: sorted.get('0') ?? [], elements: sorted, unknown: false, maybe: false, step });
}

/** Elements by number are in the order of their numbers, whatever the order they were assigned in. */
function inOrder(elements: ReadonlyMap<string, Value>): ReadonlyMap<string, Value> {
  let last = -1;
  let sorted = true;
  for (const key of elements.keys()) {
    if (!/^\d+$/.test(key)) return elements;
    sorted &&= Number(key) > last;
    last = Number(key);
  }
  return sorted ? elements : new Map([...elements].sort(([left], [right]) => Number(left) - Number(right)));
}

/** Gives a variable the value a loop or call brings, which no assignment in the script spells out. */
export function setLoopVariable(shell: Shell, name: string, value: Value, step: ExpansionStep): void {
  const unknown = value.length === 1 && value[0]?.unknown !== undefined;
  setVariable(shell, name, unknown ? unknownVariable(false, step) : { value, unknown: false, maybe: false, step });
}
