/** Values of variables and words on their way to be words: text in fragments that remember where they were written. */

import { isLiteral, originalSpan, type MappedText } from '../text/mapped-text.js';
import { spanOf, type Span } from '../text/source.js';
import type { ExpansionStep, Piece, Word } from '../text/word.js';

/** A stretch of text with its origin; see `Piece`. */
export interface Fragment {
  readonly text: string;
  readonly span: Span;
  /** It stands in the source character for character. */
  readonly literal: boolean;
  readonly via: readonly ExpansionStep[];
  readonly unknown?: string;
  /** It is what the script says, but a file or text that is not known may have put something else in its place. */
  readonly unsure?: true;
}

/** A piece of a word of a shell command. */
export interface ShellPiece extends Piece {
  /** See `Fragment`. */
  readonly unsure?: true;
}

/** Text in fragments. */
export type Value = readonly Fragment[];

const WRITTEN_HERE: readonly ExpansionStep[] = [];

/** Where the characters of a text that is read as a script were written. */
export interface Origin {
  /** The place of a stretch of the text. */
  readonly span: (start: number, end: number) => Span;
  /** The characters `start`..`end` of the text, which stand for `text`. */
  readonly fragments: (start: number, end: number, text: string) => Value;
}

/** The origin of a file's text. */
export function originOfMapped(mapped: MappedText): Origin {
  const { text, segments, source } = mapped;
  const span =
    segments === undefined
      ? (start: number, end: number): Span => spanOf(source, start, end)
      : (start: number, end: number): Span => originalSpan(mapped, start, end);
  return {
    span,
    fragments: (start, end, written) => [
      {
        text: written,
        span: span(start, end),
        literal: end - start === written.length && text.startsWith(written, start) && isLiteral(mapped, start, end),
        via: WRITTEN_HERE,
      },
    ],
  };
}

/** The origin of a text that was put together by expansion, for `eval` and `sh -c`. */
export function originOfValue(value: Value, at: Span): Origin {
  const whole = valueText(value);
  const slice = slicer(value);
  const span = (start: number, end: number): Span => {
    const pieces = slice(start, Math.max(end, start + 1));
    const first = pieces[0]?.span ?? at;
    const last = pieces[pieces.length - 1]?.span ?? first;
    return first.source === last.source && last.end >= first.start ? spanOf(first.source, first.start, last.end) : first;
  };
  return {
    span,
    fragments: (start, end, written) => {
      if (end - start === written.length && whole.startsWith(written, start)) {
        // What was unknown is looked up again by the expansion it is written as.
        return slice(start, end).map((fragment) =>
          fragment.unknown === undefined ? fragment : { text: fragment.text, span: fragment.span, literal: fragment.literal, via: fragment.via },
        );
      }
      const first = slice(start, end)[0];
      return [{ text: written, span: span(start, end), literal: false, via: first?.via ?? WRITTEN_HERE }];
    },
  };
}

/** `sliceValue` of one value, for many stretches: the fragment where a stretch begins is looked up, not counted to. */
function slicer(value: Value): (from: number, to: number) => Value {
  const starts: number[] = [];
  let length = 0;
  for (const { text } of value) {
    starts.push(length);
    length += text.length;
  }
  return (from, to) => {
    let low = 0;
    let high = starts.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if ((starts[middle] ?? 0) <= from) low = middle;
      else high = middle - 1;
    }
    const result: Fragment[] = [];
    for (let index = low; index < value.length; index += 1) {
      const fragment = value[index];
      const offset = starts[index] ?? 0;
      if (fragment === undefined || offset >= to) break;
      const start = Math.max(from, offset);
      const end = Math.min(to, offset + fragment.text.length);
      if (start < end) result.push(sliceFragment(fragment, start - offset, end - offset));
    }
    return result;
  };
}

/** Adds a value to the end of another that is being put together. Values can be too long for `push(...value)`. */
export function addFragments(to: Fragment[], value: Value): void {
  for (const fragment of value) to.push(fragment);
}

/** A value written nowhere: computed from what stands at `span`. */
export function computedValue(text: string, span: Span): Value {
  return text === '' ? [] : [{ text, span, literal: false, via: WRITTEN_HERE }];
}

/** All the text. */
export function valueText(value: Value): string {
  if (value.length === 1) return value[0]?.text ?? '';
  let text = '';
  for (const fragment of value) text += fragment.text;
  return text;
}

/** Whether all of the text is known. */
export function isKnown(value: Value): boolean {
  for (const fragment of value) if (fragment.unknown !== undefined) return false;
  return true;
}

/** The text when all of it is known. */
export function knownText(value: Value): string | undefined {
  return isKnown(value) ? valueText(value) : undefined;
}

/** Whether something that is not known may have replaced a part of the value. */
export function isUnsure(value: Value): boolean {
  for (const fragment of value) if (fragment.unsure === true) return true;
  return false;
}

/** The text when all of it is known and nothing can have replaced it: what conditions may rely on. */
export function sureText(value: Value): string | undefined {
  return isUnsure(value) ? undefined : knownText(value);
}

/** The name or construct of the first unknown fragment. */
export function firstUnknown(value: Value): string | undefined {
  for (const fragment of value) if (fragment.unknown !== undefined) return fragment.unknown;
  return undefined;
}

/** The characters `from`..`to` of a fragment. An unknown one stays whole. */
export function sliceFragment(fragment: Fragment, from: number, to: number): Fragment {
  if (from === 0 && to === fragment.text.length) return fragment;
  const span = fragment.literal ? spanOf(fragment.span.source, fragment.span.start + from, fragment.span.start + to) : fragment.span;
  return { ...fragment, text: fragment.text.slice(from, to), span };
}

/** The characters `from`..`to` of a value. */
export function sliceValue(value: Value, from: number, to: number): Value {
  const result: Fragment[] = [];
  let offset = 0;
  for (const fragment of value) {
    const start = Math.max(from, offset);
    const end = Math.min(to, offset + fragment.text.length);
    if (start < end) result.push(sliceFragment(fragment, start - offset, end - offset));
    offset += fragment.text.length;
    if (offset >= to) break;
  }
  return result;
}

/** Steps of one fragment that are kept; more happen only where a variable is assigned from itself over and over. */
const MOST_STEPS = 12;

/** The value as it looks through one more step. */
export function throughStep(value: Value, step: ExpansionStep): Value {
  let from: readonly ExpansionStep[] | undefined;
  let via: readonly ExpansionStep[] = [];
  return value.map((fragment) => {
    // Neighbours mostly came the same way and can share the list.
    if (fragment.via !== from) {
      from = fragment.via;
      via = from.length < MOST_STEPS ? [...from, step] : [...from.slice(0, MOST_STEPS - 1), step];
    }
    return { ...fragment, via };
  });
}

/** The value as a word that stands at `span`. */
export function wordOfValue(value: Value, span: Span): Word {
  const only = value.length === 1 ? value[0] : undefined;
  if (only !== undefined) return { text: only.text, span, pieces: only.text === '' ? [] : [pieceOf(only)] };
  const pieces: Piece[] = [];
  let text = '';
  for (const fragment of value) {
    if (fragment.text === '') continue;
    text += fragment.text;
    pieces.push(pieceOf(fragment));
  }
  return { text, span, pieces };
}

function pieceOf({ text, span, literal, via, unknown, unsure }: Fragment): ShellPiece {
  const piece = { length: text.length, span, literal, via };
  if (unsure === true) return unknown === undefined ? { ...piece, unsure } : { ...piece, unknown, unsure };
  return unknown === undefined ? piece : { ...piece, unknown };
}

/** The fragments of a word. */
export function valueOfWord(word: Word): Value {
  let offset = 0;
  return word.pieces.map(({ length, ...origin }) => {
    const text = word.text.slice(offset, offset + length);
    offset += length;
    return { text, ...origin };
  });
}
