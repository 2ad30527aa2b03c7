/** Edits to commands where they are written: the parts fixes are made of. Undefined where a word came out of a variable or a loop. */

import type { Applicability, Edit, Fix } from '../diagnostics/diagnostic.js';
import { spanOf, spanText, type Span } from '../text/source.js';
import { isFromElsewhere, isWrittenHere, wordAt, wordText, type Word } from '../text/word.js';
import type { Command, Name } from './command.js';

function writtenWord(command: Command, number: number): Word | undefined {
  const word = wordAt(command.words, number);
  return word !== undefined && isWrittenHere(word) ? word : undefined;
}

/**
 * Replaces word `number`, quotes and all; of `-jweb` and `--name=web`, where one word is option and argument, only the one of the two that
 * `text` is. Undefined where that cannot be.
 */
export function replaceWord(command: Command, number: number, text: string): Edit | undefined {
  const word = writtenWord(command, number);
  if (word === undefined) return undefined;
  const long = /^(--[\w-]+)=(.*)$/s.exec(word.text);
  const isOption = text.startsWith('-') || text.startsWith('!');
  if (long !== null && !text.includes('=')) return { span: word.span, text: isOption ? `${text}=${long[2] ?? ''}` : `${long[1] ?? ''}=${text}` };
  if (word.text.startsWith('-') && !isOption)
    return /^-[A-Za-z]./.test(word.text) ? { span: word.span, text: `${word.text.slice(0, 2)} ${text}` } : undefined;
  return { span: word.span, text };
}

/** The number of the word that is the option of a name: the one before it, or the same where the two are one, `-jweb`. */
export function optionWord(command: Command, { text, word }: Name): number {
  return wordText(command.words, word) === text ? word - 1 : word;
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

/**
 * Writes a command of its own above this one, with the same program (and `sudo`, path or variable) as written there: `-N chain`.
 * Not where the command does not begin its line, or no program is written there.
 */
export function insertCommandAbove(command: Command, operation: string): Edit | undefined {
  for (let number = 0; ; number += 1) {
    const word = wordAt(command.words, number);
    if (word === undefined || command.words.kind !== 'words') return undefined;
    if (word.text.startsWith('-') || word.text.startsWith('!')) {
      const { source } = command.at;
      const program = source.text.slice(command.at.start, word.span.start).replace(/(?:[ \t]|\\\r?\n)+$/, '');
      const lineStart = source.text.lastIndexOf('\n', command.at.start - 1) + 1;
      const indent = source.text.slice(lineStart, command.at.start);
      if (number === 0 || word.span.source !== source || !/^[ \t]*$/.test(indent) || program === '' || /[\r\n<>]/.test(program)) return undefined;
      return { span: spanOf(source, command.at.start, command.at.start), text: `${program} ${operation}\n${indent}` };
    }
  }
}

/** A fix of all these edits, or none if one of them is impossible. What a loop made several commands of is edited once. */
export function fixOf(title: string, applicability: Applicability, edits: readonly (Edit | undefined)[]): readonly Fix[] {
  const all = new Map<string, Edit>();
  for (const edit of edits) {
    if (edit === undefined) return [];
    const place = `${edit.span.source.name} ${String(edit.span.start)} ${String(edit.span.end)}`;
    const twin = all.get(place);
    if (twin !== undefined && twin.text !== edit.text) return [];
    all.set(place, edit);
  }
  const [first, ...rest] = [...all.values()];
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
  if (
    words.kind === 'words' &&
    words.words.some((word) => word.span.source !== source || word.span.start < start || word.span.end > end || isFromElsewhere(word))
  )
    return undefined;
  const { text } = source;
  const from = text.lastIndexOf('\n', start - 1) + 1;
  const newline = text.indexOf('\n', end);
  const to = newline === -1 ? text.length : newline;
  const indent = text.slice(from, start);
  if (!/^[ \t]*$/.test(indent) || !/^[ \t]*(?:#.*)?\r?$/.test(text.slice(end, to))) return undefined;
  return { span: spanOf(source, from, to), indent, command: command.at };
}

const OPENS_BLOCK = /(?:^|[\s;])(?:then|else|do)$|[{(]$/;
const CLOSES_BLOCK = /^(?:fi|else|elif|done)\b|^[})]/;

/** Takes the lines of a command out. Not where nothing else stands between `then` and `fi` or the like: the shell wants a command there. */
export function deleteLines(command: Command): Edit | undefined {
  const lines = linesOf(command);
  if (lines === undefined) return undefined;
  const { source, start, end } = lines.span;
  const above = codeBefore(source.text, start);
  // What follows would stand on the line above.
  if (above.endsWith('\\')) return undefined;
  if (OPENS_BLOCK.test(above.replace(/\s+#.*$/, '')) && CLOSES_BLOCK.test(codeBehind(source.text, end))) return undefined;
  return { span: spanOf(source, start, Math.min(source.text.length, end + 1)), text: '' };
}

const NO_CODE = /^\s*(?:#.*)?$/;

/** The last line above the one that begins at `start` with more on it than a comment. */
function codeBefore(text: string, start: number): string {
  for (let end = start - 1; end > 0;) {
    const from = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(from, end);
    if (!NO_CODE.test(line)) return line.trim();
    end = from - 1;
  }
  return '';
}

/** The first line behind the one that ends at `end` with more on it than a comment. */
function codeBehind(text: string, end: number): string {
  for (let from = end + 1; from < text.length;) {
    const newline = text.indexOf('\n', from);
    const to = newline === -1 ? text.length : newline;
    const line = text.slice(from, to);
    if (!NO_CODE.test(line)) return line.trim();
    from = to + 1;
  }
  return '';
}

/** A command with the comment lines that belong to it. */
interface Block {
  readonly command: Command;
  /** From the first comment line to the end of the command's last line. */
  readonly start: number;
  readonly end: number;
}

/**
 * Writes commands that stand one below the other in another order. Comments behind a command, and comment lines above it, move with it;
 * comment lines above the first one stay where they are when no other command has any: they are about all of them.
 * `change` gives the edits within a command at its new place, from 0. Undefined when anything else stands between them.
 */
export function writeInOrder(
  written: readonly Command[],
  order: readonly Command[],
  change: (command: Command, place: number) => readonly (Edit | undefined)[],
): Edit | undefined {
  const blocks = blocksOf(written);
  const [first] = blocks ?? [];
  const last = blocks?.at(-1);
  if (blocks === undefined || first === undefined || last === undefined || order.length !== blocks.length) return undefined;
  const { source } = first.command.at;
  const parts: string[] = [];
  for (const [place, block] of blocks.entries()) {
    const command = order[place];
    const moved = blocks.find((candidate) => candidate.command === command);
    const before = blocks[place - 1];
    if (command === undefined || moved === undefined) return undefined;
    if (before !== undefined) parts.push(source.text.slice(before.end, block.start));
    const text = edited(moved, change(command, place));
    if (text === undefined) return undefined;
    parts.push(text);
  }
  return { span: spanOf(source, first.start, last.end), text: parts.join('') };
}

/** The text of a block with edits made. */
function edited({ command, start, end }: Block, edits: readonly (Edit | undefined)[]): string | undefined {
  const { source } = command.at;
  const sorted: Edit[] = [];
  for (const edit of edits) {
    if (edit === undefined || edit.span.source !== source || edit.span.start < start || edit.span.end > end) return undefined;
    sorted.push(edit);
  }
  sorted.sort((a, b) => a.span.start - b.span.start);
  let text = '';
  let at = start;
  for (const { span, text: replacement } of sorted) {
    if (span.start < at) return undefined;
    text += source.text.slice(at, span.start) + replacement;
    at = span.end;
  }
  return text + source.text.slice(at, end);
}

function blocksOf(commands: readonly Command[]): readonly Block[] | undefined {
  const plain: Block[] = [];
  for (const command of commands) {
    const lines = linesOf(command);
    const before = plain.at(-1);
    if (lines === undefined || (before !== undefined && (lines.span.source !== before.command.at.source || lines.span.start <= before.end)))
      return undefined;
    plain.push({ command, start: lines.span.start, end: lines.span.end });
  }
  const blocks: Block[] = [];
  for (const block of plain) {
    const before = blocks.at(-1);
    const { text } = block.command.at.source;
    const between = before === undefined ? '' : text.slice(before.end, block.start);
    if (/^[^\S\n]*[^\s#]/m.test(between)) return undefined;
    blocks.push({ ...block, start: commentStart(text, block.start, before === undefined ? 0 : before.end + 1) });
  }
  const [first, ...others] = blocks;
  const own = plain[0];
  if (first === undefined || own === undefined) return undefined;
  return others.some((block, index) => block.start !== plain[index + 1]?.start) ? blocks : [own, ...others];
}

/** Where the comment lines right above a line begin; the line itself when there are none. */
function commentStart(text: string, line: number, least: number): number {
  let start = line;
  while (start > least) {
    const above = text.lastIndexOf('\n', start - 2) + 1;
    if (above < least || !/^[ \t]*#(?!!)/.test(text.slice(above, start))) break;
    start = above;
  }
  return start;
}
