/** Simple commands: which of their words are assignments, and what those assign. */

import type { AssignmentNode, RedirectionNode, SimpleCommand, WordNode } from './ast.js';

const ASSIGNMENT = /^([A-Za-z_][A-Za-z0-9_]*)(\+?)=/;
const INDEXED = /^([A-Za-z_][A-Za-z0-9_]*)\[/;

/** The assignment a word is, when it can stand before a command's words; undefined for other words. */
export function assignmentOf(word: WordNode): AssignmentNode | undefined {
  const first = word.parts[0];
  if (first?.kind !== 'text' || first.quoted) return undefined;
  const plain = ASSIGNMENT.exec(first.text);
  if (plain !== null) {
    const [written, name = '', plus] = plain;
    const value = valueAfter(word, 0, written.length);
    return {
      start: word.start,
      end: word.end,
      name,
      append: plus === '+',
      value,
      ...(word.elements === undefined ? {} : { elements: word.elements }),
    };
  }
  const indexed = INDEXED.exec(first.text);
  if (indexed === null) return undefined;
  const [opening, name = ''] = indexed;
  for (let at = 0; at < word.parts.length; at += 1) {
    const part = word.parts[at];
    if (part?.kind !== 'text' || part.quoted) continue;
    const closing = /\](\+?)=/.exec(at === 0 ? part.text.slice(opening.length) : part.text);
    if (closing === null) continue;
    const from = closing.index + (at === 0 ? opening.length : 0);
    const index = cut(word, 0, opening.length, at, from);
    const value = valueAfter(word, at, from + closing[0].length);
    return { start: word.start, end: word.end, name, append: closing[1] === '+', index, value };
  }
  return undefined;
}

/** The word that begins `skipped` characters into the text part at `index`. */
function valueAfter(word: WordNode, index: number, skipped: number): WordNode {
  const part = word.parts[index];
  const rest = word.parts.slice(index + 1);
  if (part?.kind !== 'text' || part.text.length === skipped) return { start: rest[0]?.start ?? word.end, end: word.end, parts: rest };
  const start = part.start + skipped;
  return { start, end: word.end, parts: [{ ...part, start, text: part.text.slice(skipped) }, ...rest] };
}

function cut(word: WordNode, fromPart: number, fromOffset: number, toPart: number, toOffset: number): WordNode {
  const parts: WordNode['parts'][number][] = [];
  for (let at = fromPart; at <= toPart; at += 1) {
    const part = word.parts[at];
    if (part === undefined) continue;
    if (part.kind !== 'text') {
      parts.push(part);
      continue;
    }
    const from = at === fromPart ? fromOffset : 0;
    const to = at === toPart ? toOffset : part.text.length;
    if (to > from) parts.push({ ...part, start: part.start + from, end: part.start + to, text: part.text.slice(from, to) });
  }
  return { start: parts[0]?.start ?? word.start, end: parts[parts.length - 1]?.end ?? word.start, parts };
}

/** The simple command that words and redirections make: leading `NAME=value` words are its assignments. */
export function simpleCommand(words: readonly WordNode[], redirections: readonly RedirectionNode[]): SimpleCommand {
  const assignments: AssignmentNode[] = [];
  let first = 0;
  for (; first < words.length; first += 1) {
    const word = words[first];
    const assignment = word === undefined ? undefined : assignmentOf(word);
    if (assignment === undefined) break;
    assignments.push(assignment);
  }
  let start = Infinity;
  let end = 0;
  for (const node of words) {
    start = Math.min(start, node.start);
    end = Math.max(end, node.end);
  }
  for (const node of redirections) {
    start = Math.min(start, node.start);
    end = Math.max(end, node.end);
  }
  return { kind: 'simple', start, end, assignments, words: first === 0 ? words : words.slice(first), redirections };
}
