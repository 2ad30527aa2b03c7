/** A stretch of source with the places that matter underlined, for people. */

import { lineIndexAt, lineText, positionAt, type Span } from '../text/source.js';

/** A place to underline. */
export interface Mark {
  readonly span: Span;
  readonly text: string;
  readonly main: boolean;
}

export interface FrameOptions {
  /** Columns of the terminal. */
  readonly width: number;
  readonly paint: (style: Style, text: string) => string;
}

/** What a piece of output is; the terminal decides what that looks like. */
export type Style = 'error' | 'warning' | 'info' | 'hint' | 'bold' | 'dim' | 'main' | 'label' | 'added' | 'removed';

/** The lines of a frame, from `┌─ name:line:column` on. */
export function drawFrame(marks: readonly Mark[], severity: Style, options: FrameOptions): readonly string[] {
  const [main] = marks;
  if (main === undefined) return [];
  const { source } = main.span;
  const { paint } = options;
  const here = positionAt(source, main.span.start);
  const byLine = new Map<number, Mark[]>();
  for (const mark of marks) {
    if (mark.span.source !== source) continue;
    const line = lineIndexAt(source, mark.span.start);
    const list = byLine.get(line);
    if (list === undefined) byLine.set(line, [mark]);
    else list.push(mark);
  }
  const shown = [...byLine.keys()].sort((a, b) => a - b).slice(0, 6);
  const gutter = String((shown.at(-1) ?? 0) + 1).length;
  const blank = ' '.repeat(gutter);
  const lines = [`${blank} ${paint('dim', '┌─')} ${source.name}:${String(here.line)}:${String(here.column)}`];
  let previous: number | undefined;
  for (const index of shown) {
    if (previous !== undefined && index > previous + 1) lines.push(`${blank} ${paint('dim', '┆')}`);
    previous = index;
    lines.push(...drawLine(index, byLine.get(index) ?? [], gutter, severity, options));
  }
  return lines;
}

/** Columns a character takes in a terminal: 2 for East Asian wide ones, 0 for combining and invisible ones. */
export function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 1;
  if ((code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || (code >= 0xfe00 && code <= 0xfe0f) || code === 0xfeff) return 0;
  if (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe4f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff)
  )
    return 2;
  return 1;
}

/** What is drawn for a character: control and invisible ones become visible, a tab one blank. */
function shownCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\t') return ' ';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0xa0 || (code >= 0x2000 && code <= 0x200a) || code === 0x202f || code === 0x3000) return '⍽';
  if (columnsOf(character) === 0 && (code < 0x300 || code > 0x36f)) return '·';
  if ((code >= 0x7f && code < 0xa0) || (code >= 0x202a && code <= 0x202e) || (code >= 0x2066 && code <= 0x2069) || code === 0xad) return '·';
  return character;
}

function drawLine(index: number, marks: readonly Mark[], gutter: number, severity: Style, { width, paint }: FrameOptions): readonly string[] {
  const [first] = marks;
  if (first === undefined) return [];
  const { source } = first.span;
  const start = source.lineStarts[index] ?? 0;
  const text = lineText(source, index);
  const room = Math.max(40, width - gutter - 4);
  // The window of the line that is shown: all of it, or the part around the marks.
  const places = marks.map((mark) => {
    const from = mark.span.start - start;
    return { mark, from, to: Math.max(from + 1, Math.min(mark.span.end - start, Math.max(text.length, from + 1))) };
  });
  const left = Math.min(...places.map((place) => place.from));
  const right = Math.max(...places.map((place) => place.to));
  let from = 0;
  let to = text.length;
  if (text.length > room) {
    from = right <= room - 4 ? 0 : Math.max(0, Math.min(left - 12, text.length - room + 4));
    to = Math.min(text.length, from + room - 4);
  }
  let line = from > 0 ? '… ' : '';
  const columns = new Map<number, number>();
  let column = line.length;
  for (let at = from; at < to;) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 32);
    columns.set(at, column);
    const shown = shownCharacter(character);
    line += shown;
    column += columnsOf(shown);
    at += character.length;
  }
  columns.set(to, column);
  if (to < text.length) line += ' …';
  const at = (offset: number): number => {
    for (let probe = Math.min(offset, to); probe >= from; probe -= 1) {
      const found = columns.get(probe);
      if (found !== undefined) return found;
    }
    return 0;
  };
  const blank = ' '.repeat(gutter);
  const lines = [`${paint('dim', `${String(index + 1).padStart(gutter)} │`)} ${line}`];
  for (const row of markRows(places)) {
    let underline = '';
    let end = 0;
    for (const { mark, from: markFrom, to: markTo } of row) {
      const begin = at(Math.max(from, markFrom));
      const length = Math.max(1, at(Math.min(to, markTo)) - begin);
      if (begin < end) continue;
      underline += ' '.repeat(begin - end) + paint(mark.main ? severity : 'label', (mark.main ? '^' : '-').repeat(length));
      end = begin + length;
    }
    const text = row[0]?.mark.text ?? '';
    const style = row.some(({ mark }) => mark.main) ? severity : 'label';
    lines.push(`${blank} ${paint('dim', '│')} ${underline}${text === '' ? '' : ` ${paint(style, text)}`}`);
  }
  return lines;
}

interface Place {
  readonly mark: Mark;
  readonly from: number;
  readonly to: number;
}

/** Marks that say the same share a row of underlines, as far as they do not overlap. */
function markRows(places: readonly Place[]): readonly (readonly Place[])[] {
  const rows: Place[][] = [];
  for (const place of places) {
    const row = rows.find(
      (candidate) =>
        candidate[0]?.mark.text === place.mark.text && candidate.every((other) => other.to <= place.from || place.to <= other.from),
    );
    if (row === undefined) rows.push([place]);
    else row.push(place);
  }
  for (const row of rows) row.sort((left, right) => left.from - right.from);
  return rows;
}
