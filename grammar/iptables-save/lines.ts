/** Cuts an iptables-save dump into lines and their words, by hand: a dump of a hundred thousand rules has two million words. */

import { cutSaveWords, isSaveBlank } from '../../src/text/save-words.js';

/** One line. Offsets are in the text cut; words come as pairs of start and end. */
export interface SaveLine {
  readonly kind: 'blank' | 'comment' | 'table' | 'chain' | 'commit' | 'rule';
  /** Without leading and trailing blanks. */
  readonly start: number;
  readonly end: number;
  /** Where the next line begins. */
  readonly next: number;
  readonly offsets: readonly number[];
  /** `[packets:bytes]` before a rule. */
  readonly counters?: { readonly packets: number; readonly bytes: number };
  /** Where the words of a rule begin, behind its counters. */
  readonly wordsFrom: number;
  /** The rule has `iptables` or `ip6tables` in front, as in a script. */
  readonly program: boolean;
}

const NO_WORDS: readonly number[] = [];

/** The line that begins at `from`. */
export function cutSaveLine(text: string, from: number): SaveLine {
  let end = text.indexOf('\n', from);
  const next = end === -1 ? text.length : end + 1;
  if (end === -1) end = text.length;
  let start = from;
  while (start < end && isSaveBlank(text.charCodeAt(start))) start += 1;
  while (end > start && isSaveBlank(text.charCodeAt(end - 1))) end -= 1;
  if (start === end) return { kind: 'blank', start, end, next, offsets: NO_WORDS, program: false, wordsFrom: start };
  const first = text.charCodeAt(start);
  if (first === 35) return { kind: 'comment', start, end, next, offsets: NO_WORDS, program: false, wordsFrom: start };
  if (first === 42) return { kind: 'table', start, end, next, offsets: NO_WORDS, program: false, wordsFrom: start };
  if (first === 58) return { kind: 'chain', start, end, next, offsets: cutSaveWords(text, start + 1, end), program: false, wordsFrom: start };
  if (text.startsWith('COMMIT', start) && end - start === 6)
    return { kind: 'commit', start, end, next, offsets: NO_WORDS, program: false, wordsFrom: start };
  let wordsFrom = start;
  let counters: SaveLine['counters'];
  if (first === 91) {
    const close = text.indexOf(']', start);
    const found = close === -1 || close > end ? null : /^\[(\d+):(\d+)\]$/.exec(text.slice(start, close + 1));
    if (found !== null) {
      counters = { packets: Number(found[1]), bytes: Number(found[2]) };
      wordsFrom = close + 1;
    }
  }
  const offsets = cutSaveWords(text, wordsFrom, end);
  const program = (first === 105 || first === 47) && /^(?:\S*\/)?ip6?tables(?:-legacy|-nft)?$/.test(text.slice(offsets[0], offsets[1]));
  return { kind: 'rule', start, end, next, offsets, program, wordsFrom, ...(counters === undefined ? {} : { counters }) };
}
