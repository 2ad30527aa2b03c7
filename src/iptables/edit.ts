/** Edits to commands where they are written: the parts fixes are made of. Undefined where a word came out of a variable or a loop. */

import type { Applicability, Edit, Fix } from '../diagnostics/diagnostic.js';
import { spanOf, spanText, type Span } from '../text/source.js';
import { isWrittenHere, wordAt, type Piece, type Word } from '../text/word.js';
import type { Command } from './command.js';

function writtenWord(command: Command, number: number): Word | undefined {
  const word = wordAt(command.words, number);
  return word !== undefined && isWrittenHere(word) ? word : undefined;
}

/** Replaces word `number`, quotes and all. */
export function replaceWord(command: Command, number: number, text: string): Edit | undefined {
  const word = writtenWord(command, number);
  return word === undefined ? undefined : { span: word.span, text };
}

/** Inserts `text` and a blank before word `number`. */
export function insertBefore(command: Command, number: number, text: string): Edit | undefined {
  const word = writtenWord(command, number);
  return word === undefined ? undefined : { span: spanOf(word.span.source, word.span.start, word.span.start), text: `${text} ` };
}

/** Inserts a blank and `text` behind word `number`. */
export function insertAfter(command: Command, number: number, text: string): Edit | undefined {
  const word = writtenWord(command, number);
  return word === undefined ? undefined : { span: spanOf(word.span.source, word.span.end, word.span.end), text: ` ${text}` };
}

/** Takes the words `first` to `last` out, with the blanks and line continuations in front of them. */
export function deleteWords(command: Command, first: number, last: number): Edit | undefined {
  const words: Word[] = [];
  for (let number = first; number <= last; number += 1) {
    const word = writtenWord(command, number);
    if (word === undefined) return undefined;
    words.push(word);
  }
  const from = words[0]?.span;
  const to = words.at(-1)?.span;
  if (from === undefined || to === undefined || from.source !== to.source || to.end < from.end) return undefined;
  const before = wordAt(command.words, first - 1);
  let { start } = from;
  if (before !== undefined && before.span.source === from.source && before.span.end <= start) {
    const gap = spanOf(from.source, before.span.end, start);
    if (/^(?:[ \t]|\\\r?\n)*$/.test(spanText(gap))) start = gap.start;
  }
  return { span: spanOf(from.source, start, to.end), text: '' };
}

/** A fix of all these edits, or none if one of them is impossible. What a loop made several commands of is edited once. */
export function fixOf(title: string, applicability: Applicability, edits: readonly (Edit | undefined)[]): readonly Fix[] {
  const all: Edit[] = [];
  for (const edit of edits) {
    if (edit === undefined) return [];
    const twin = all.find(({ span }) => span.source === edit.span.source && span.start === edit.span.start && span.end === edit.span.end);
    if (twin === undefined) all.push(edit);
    else if (twin.text !== edit.text) return [];
  }
  const [first, ...rest] = all;
  return first === undefined ? [] : [{ title, applicability, edits: [first, ...rest] }];
}

/** The whole lines a command stands on, when nothing else does but blanks in front of it and a comment behind it. */
export interface CommandLines {
  /** From the beginning of its first line to the end of its last, without the line end. */
  readonly span: Span;
  /** The blanks in front of it. */
  readonly indent: string;
  /** The command as written, without blanks and comment. */
  readonly command: Span;
}

/** See CommandLines. Undefined also for what a loop or a function makes several commands of. */
export function linesOf(command: Command): CommandLines | undefined {
  const { source, start, end } = command.at;
  const { words } = command;
  if (words.kind === 'words' && words.words.some(({ span, pieces }) => span.source !== source || span.start < start || span.end > end || pieces.some(isFromElsewhere)))
    return undefined;
  const { text } = source;
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const to = newline === -1 ? text.length : newline;
  const indent = text.slice(from, start);
  if (!/^[ \t]*$/.test(indent) || !/^[ \t]*(?:#.*)?\r?$/.test(text.slice(end, to))) return undefined;
  return { span: spanOf(source, from, to), indent, command: command.at };
}

/** Text that a loop or a call brought in: the command stands there once and runs several times. */
function isFromElsewhere(piece: Piece): boolean {
  return piece.via.some((step) => step.kind !== 'variable');
}

/** Takes the lines of a command out. */
export function deleteLines(command: Command): Edit | undefined {
  const lines = linesOf(command);
  if (lines === undefined) return undefined;
  const { source, start, end } = lines.span;
  return { span: spanOf(source, start, Math.min(source.text.length, end + 1)), text: '' };
}
