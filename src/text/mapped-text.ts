/** Text made from a source by small replacements, which remembers where each of its characters came from. */

import { spanOf, type Source, type Span } from './source.js';

/** A stretch of a mapped text. A literal segment has the same characters as the source; others replace what stood there. */
interface Segment {
  /** Offset in the mapped text where the segment begins. */
  readonly at: number;
  readonly length: number;
  /** Offset in the source where what it stands for begins, and how many source characters that is. */
  readonly from: number;
  readonly sourceLength: number;
  readonly literal: boolean;
}

/** See the file's head. `segments` is undefined when the text is the source's own. */
export interface MappedText {
  readonly source: Source;
  readonly text: string;
  readonly segments: readonly Segment[] | undefined;
  /** Stretches, in order, that stand for something only the run knows, with the name or construct that decides it. */
  readonly unknown?: readonly { readonly start: number; readonly end: number; readonly name: string }[];
}

/** A replacement of the source's characters from `start` up to `end` by `text`. */
export interface Replacement {
  readonly start: number;
  readonly end: number;
  readonly text: string;
}

/** The source as it is. */
export function unmappedText(source: Source): MappedText {
  return { source, text: source.text, segments: undefined };
}

/** The source with `replacements` applied; they must be in order and must not overlap (a later overlapping one is left out). */
export function mapText(source: Source, replacements: readonly Replacement[]): MappedText {
  if (replacements.length === 0) return unmappedText(source);
  const segments: Segment[] = [];
  const parts: string[] = [];
  let at = 0;
  let from = 0;
  const push = (text: string, sourceLength: number, literal: boolean): void => {
    if (text.length > 0 || sourceLength > 0) segments.push({ at, length: text.length, from, sourceLength, literal });
    parts.push(text);
    at += text.length;
    from += sourceLength;
  };
  for (const { start, end, text } of replacements) {
    if (start < from) continue;
    push(source.text.slice(from, start), start - from, true);
    push(text, end - start, false);
  }
  push(source.text.slice(from), source.text.length - from, true);
  return { source, text: parts.join(''), segments };
}

function segmentIndexAt(segments: readonly Segment[], offset: number): number {
  let low = 0;
  let high = segments.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((segments[middle]?.at ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** The place in the source that the stretch `start`..`end` of the mapped text stands for. */
export function originalSpan(mapped: MappedText, start: number, end: number): Span {
  const { segments, source } = mapped;
  if (segments === undefined) return spanOf(source, start, end);
  let first = segmentIndexAt(segments, start);
  // An empty segment (deleted text) before `start` shares its offset; the characters asked for come after it.
  while (first + 1 < segments.length && (segments[first]?.length ?? 0) === 0 && end > start) first += 1;
  const head = segments[first];
  if (head === undefined) return spanOf(source, start, end);
  const from = head.literal ? head.from + (start - head.at) : head.from;
  if (end <= start) return spanOf(source, from, from);
  const tail = segments[segmentIndexAt(segments, end - 1)] ?? head;
  const to = tail.literal ? tail.from + (end - tail.at) : tail.from + tail.sourceLength;
  return spanOf(source, Math.min(from, to), Math.max(from, to));
}

/** Whether the stretch stands in the source character for character. */
export function isLiteral(mapped: MappedText, start: number, end: number): boolean {
  const { segments } = mapped;
  if (segments === undefined) return true;
  for (let index = segmentIndexAt(segments, start); index < segments.length; index += 1) {
    const segment = segments[index];
    if (segment === undefined || segment.at >= end) return true;
    if (!segment.literal && segment.at + segment.length > start) return false;
    if (!segment.literal && segment.length === 0 && segment.at > start) return false;
  }
  return true;
}

/** The name of what only the run knows in a stretch of the text; undefined when all of it is known. */
export function unknownWithin({ unknown }: MappedText, start: number, end: number): string | undefined {
  if (unknown === undefined) return undefined;
  let low = 0;
  let high = unknown.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((unknown[middle]?.end ?? 0) <= start) low = middle + 1;
    else high = middle;
  }
  const found = unknown[low];
  return found !== undefined && found.start < end ? found.name : undefined;
}

/** A text put together from pieces, such as a here-document after expansion. Pieces of other sources count as replaced text. */
export function mapPieces(
  source: Source,
  text: string,
  pieces: readonly {
    readonly length: number;
    readonly span: Span;
    readonly literal: boolean;
    readonly via: readonly unknown[];
    readonly unknown?: string;
  }[],
): MappedText {
  const segments: Segment[] = [];
  const notKnown: { start: number; end: number; name: string }[] = [];
  const whole: string[] = [];
  let at = 0;
  let last = 0;
  for (const { length, span, literal, via, unknown } of pieces) {
    const part = text.slice(at, at + length);
    whole.push(unknown === undefined ? part : asOneWord(part));
    if (unknown !== undefined) notKnown.push({ start: at, end: at + length, name: unknown });
    const own = span.source === source && via.length === 0;
    const from = own ? span.start : last;
    segments.push({ at, length, from, sourceLength: own ? span.end - span.start : 0, literal: literal && own });
    at += length;
    if (own) last = span.end;
  }
  if (at < text.length) segments.push({ at, length: text.length - at, from: last, sourceLength: 0, literal: false });
  return notKnown.length === 0 ? { source, text, segments } : { source, text: whole.join('') + text.slice(at), segments, unknown: notKnown };
}

/** What is not known stands as it is written, `$(hostname -I)`: its blanks and quotes divide no words. */
function asOneWord(written: string): string {
  return written.replace(/[ \t\n]/g, '\u00a0').replace(/"/g, "'");
}
