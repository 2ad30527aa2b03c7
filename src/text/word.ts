/** Words of a command as the program would receive them, with where every character of them came from. */

import { cutSaveWords } from './save-words.js';
import { spanOf, type Source, type Span } from './source.js';

/** How a piece of text got from where it stands in the source to where it is used. */
export type ExpansionStep =
  | { readonly kind: 'variable'; readonly name: string; readonly assignedAt: Span }
  | { readonly kind: 'loop'; readonly name: string; readonly value: string; readonly listAt: Span }
  | { readonly kind: 'call'; readonly function: string; readonly calledAt: Span }
  | { readonly kind: 'sourced'; readonly file: string; readonly includedAt: Span };

/** A stretch of an expanded word. `literal`: it stands in the source character for character, so an edit there edits the word. */
export interface Piece {
  readonly length: number;
  readonly span: Span;
  readonly literal: boolean;
  /** The steps from `span` to the word; empty when it was written in the command itself. */
  readonly via: readonly ExpansionStep[];
  /** Set when the text could not be known: the name or construct that decides it. The piece's text is then how it is written (`$LAN`). */
  readonly unknown?: string;
}

/** One word of a command. */
export interface Word {
  readonly text: string;
  /** Where the word stands in the command, quotes and all. */
  readonly span: Span;
  /** In order; their lengths add up to the text's. */
  readonly pieces: readonly Piece[];
}

/** The words of one command. Dumps keep only offsets, or only where the line is: a hundred thousand rules have two million words. */
export type Words =
  | { readonly kind: 'words'; readonly words: readonly Word[] }
  | {
      readonly kind: 'offsets';
      readonly source: Source;
      /** Start and end of each word in the source, in turn. */
      readonly offsets: readonly number[];
    }
  /** The words of a stretch of a dump; they are cut again when somebody asks, which is seldom. */
  | { readonly kind: 'line'; readonly source: Source; readonly start: number; readonly end: number };

function offsetsOf(words: Exclude<Words, { kind: 'words' }>): readonly number[] {
  return words.kind === 'offsets' ? words.offsets : cutSaveWords(words.source.text, words.start, words.end);
}

/** How many words there are. */
export function wordCount(words: Words): number {
  return words.kind === 'words' ? words.words.length : offsetsOf(words).length >> 1;
}

/** Whether a loop or a call brought a part of the word in: the command stands there once and runs several times. */
export function isFromElsewhere(word: Word): boolean {
  return word.pieces.some(({ via }) => via.some((step) => step.kind !== 'variable'));
}

/** The text of a word; `''` beyond the end. */
export function wordText(words: Words, index: number): string {
  if (words.kind === 'words') return words.words[index]?.text ?? '';
  const offsets = offsetsOf(words);
  const start = offsets[index * 2];
  const end = offsets[index * 2 + 1];
  if (start === undefined || end === undefined) return '';
  return unquoteSaveWord(words.source.text.slice(start, end));
}

/** Where a word stands; an empty span at the end for an index beyond it. */
export function wordSpan(words: Words, index: number): Span {
  if (words.kind === 'words') {
    const word = words.words[index] ?? words.words[words.words.length - 1];
    if (word === undefined) throw new RangeError('a command without words has no places');
    return index < words.words.length ? word.span : spanOf(word.span.source, word.span.end, word.span.end);
  }
  const offsets = offsetsOf(words);
  const start = offsets[index * 2];
  const end = offsets[index * 2 + 1];
  if (start !== undefined && end !== undefined) return spanOf(words.source, start, end);
  const last = offsets[offsets.length - 1] ?? 0;
  return spanOf(words.source, last, last);
}

/** A word with its pieces. */
export function wordAt(words: Words, index: number): Word | undefined {
  if (words.kind === 'words') return words.words[index];
  if (index >= wordCount(words)) return undefined;
  const span = wordSpan(words, index);
  const text = wordText(words, index);
  return { text, span, pieces: [{ length: text.length, span, literal: text.length === span.end - span.start, via: [] }] };
}

/** The span from one word's start to another's end. */
export function wordsSpan(words: Words, first: number, last: number): Span {
  const from = wordSpan(words, first);
  const to = wordSpan(words, last);
  return from.source === to.source && to.end >= from.start ? spanOf(from.source, from.start, to.end) : from;
}

/** Whether some of the word's text depends on what is only known at run time. */
export function isUnknown(word: Word): boolean {
  return word.pieces.some((piece) => piece.unknown !== undefined);
}

/** Whether the whole word stands in the command as written, so that an edit of its span edits just this word. */
export function isWrittenHere(word: Word): boolean {
  return word.pieces.every((piece) => piece.literal && piece.via.length === 0);
}

/** The place of the characters `from`..`to` of the word's text: where they were written, however far away. */
export function placeInWord(word: Word, from: number, to: number): Span {
  let offset = 0;
  let found: Span | undefined;
  for (const piece of word.pieces) {
    const start = Math.max(from, offset);
    const end = Math.min(to, offset + piece.length);
    if (start < end) {
      const span = piece.literal ? spanOf(piece.span.source, piece.span.start + start - offset, piece.span.start + end - offset) : piece.span;
      found =
        found === undefined || found.source !== span.source || span.start < found.start
          ? (found ?? span)
          : spanOf(span.source, found.start, span.end);
    }
    offset += piece.length;
  }
  return found ?? word.span;
}

/** Where character `index` of the word's text stands as it is; undefined where something else is written for it. */
export function characterInWord(word: Word, index: number): Span | undefined {
  let offset = 0;
  for (const { length, literal, span } of word.pieces) {
    const at = span.start + index - offset;
    if (index < offset + length) return literal ? spanOf(span.source, at, at + 1) : undefined;
    offset += length;
  }
  return undefined;
}

/**
 * Takes the quotes off a word of an iptables-save dump: `"` groups, `\` keeps the next character inside of them. A `"` that is not
 * closed takes in the line end. (iptables: iptables/xshared.c, add_param_to_argv; `-j RETUR"N` is refused as "RETURN\n")
 */
export function unquoteSaveWord(raw: string): string {
  if (!raw.includes('"') && !raw.includes('\\')) return raw;
  let text = '';
  let quoted = false;
  for (let index = 0; index < raw.length; index += 1) {
    const character = raw.charAt(index);
    if (character === '"') quoted = !quoted;
    else if (character === '\\' && quoted && index + 1 < raw.length) {
      index += 1;
      text += raw.charAt(index);
    } else text += character;
  }
  return quoted ? `${text}\n` : text;
}
