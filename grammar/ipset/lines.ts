/** Cuts an ipset file into lines and their words, by hand: lists of networks have hundreds of thousands of lines. */

import { isSaveBlank } from '../../src/text/save-words.js';

/** One line. Offsets are in the text cut; words come as pairs of start and end, quotes and all. */
export interface IpsetLine {
  readonly kind: 'blank' | 'comment' | 'command';
  /** Without leading and trailing blanks. */
  readonly start: number;
  readonly end: number;
  /** Where the next line begins. */
  readonly next: number;
  readonly offsets: readonly number[];
  /** A `"` is not closed on the line. */
  readonly unclosed: boolean;
}

const NO_WORDS: readonly number[] = [];
const HASH = 35;
const QUOTE = 34;

/** The line that begins at `from`. (ipset 7.17: lib/ipset.c, build_argv) */
export function cutIpsetLine(text: string, from: number): IpsetLine {
  let end = text.indexOf('\n', from);
  const next = end === -1 ? text.length : end + 1;
  if (end === -1) end = text.length;
  let start = from;
  while (start < end && isSaveBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isSaveBlank(text.charCodeAt(end - 1))) end -= 1;
  if (start === end) return { kind: 'blank', start, end, next, offsets: NO_WORDS, unclosed: false };
  if (text.charCodeAt(start) === HASH) return { kind: 'comment', start, end, next, offsets: NO_WORDS, unclosed: false };
  const offsets: number[] = [];
  let quoted = false;
  for (let at = start; at < end;) {
    while (at < end && isSaveBlank(text.charCodeAt(at))) at += 1;
    const wordStart = at;
    for (; at < end; at += 1) {
      const code = text.charCodeAt(at);
      if (code === QUOTE) quoted = !quoted;
      else if (!quoted && isSaveBlank(code)) break;
    }
    offsets.push(wordStart, at);
  }
  return { kind: 'command', start, end, next, offsets, unclosed: quoted };
}

/** A word as ipset takes it: without its quotes. */
export function unquoteIpsetWord(word: string): string {
  return word.includes('"') ? word.replaceAll('"', '') : word;
}
