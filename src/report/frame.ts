/** A stretch of source with the places that matter underlined, for people. */

import { lineIndexAt, lineText, positionAt, type Span } from '../text/source.js';
import { columnsOf, shownCharacter, visibleText, widthOfText, wrapText } from './columns.js';

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

/** Lines of source in a frame, and places underlined in a line: the rest is only counted. */
const MOST_LINES = 6;
const MOST_MARKS = 12;

/** The lines of a frame, from `┌─ name:line:column` on. */
export function drawFrame(marks: readonly Mark[], severity: Style, options: FrameOptions): readonly string[] {
  const [main] = marks;
  if (main === undefined) return [];
  const { source } = main.span;
  const { paint } = options;
  const here = positionAt(source, main.span.start);
  const byLine = new Map<number, Mark[]>();
  let left = 0;
  for (const mark of marks) {
    if (mark.span.source !== source) continue;
    const line = lineIndexAt(source, mark.span.start);
    const list = byLine.get(line);
    if (list !== undefined && list.length < MOST_MARKS) list.push(mark);
    else if (list === undefined && byLine.size < MOST_LINES) byLine.set(line, [mark]);
    else left += 1;
  }
  const shown = [...byLine.keys()].sort((a, b) => a - b);
  const gutter = String((shown.at(-1) ?? 0) + 1).length;
  const blank = ' '.repeat(gutter);
  const lines = [`${blank} ${paint('dim', '┌─')} ${visibleText(source.name)}:${String(here.line)}:${String(here.column)}`];
  let previous: number | undefined;
  for (const index of shown) {
    if (previous !== undefined && index > previous + 1) lines.push(`${blank} ${paint('dim', '┆')}`);
    previous = index;
    lines.push(...drawLine(index, byLine.get(index) ?? [], gutter, severity, options));
  }
  if (left > 0) lines.push(`${blank} ${paint('dim', '┆')} and ${String(left)} more place${left === 1 ? '' : 's'}`);
  return lines;
}

/** The part of a line that is drawn. */
interface Window {
  readonly line: string;
  /** The column of an offset into the line; outside of the window, that of its nearer end. */
  readonly columnOf: (offset: number) => number;
}

/** All of a line where it has room, else the part around the marks, which reach from `left` to `right`. */
function drawWindow(text: string, left: number, right: number, room: number): Window {
  const whole = text.length <= room && widthOfText(text) <= room;
  let from = whole || right <= room - 4 ? 0 : Math.max(0, Math.min(left - 12, text.length - room + 4));
  if (/^[\udc00-\udfff]/.test(text.charAt(from))) from += 1;
  let line = from > 0 ? '… ' : '';
  let column = line.length;
  const columns = new Map<number, number>();
  let at = from;
  while (at < text.length) {
    const character = String.fromCodePoint(text.codePointAt(at) ?? 32);
    const shown = shownCharacter(character);
    if (!whole && column + columnsOf(shown) > room - 2) break;
    columns.set(at, column);
    line += shown;
    column += columnsOf(shown);
    at += character.length;
  }
  columns.set(at, column);
  if (at < text.length) line += ' …';
  const columnOf = (offset: number): number => {
    for (let probe = Math.min(offset, at); probe >= from; probe -= 1) {
      const found = columns.get(probe);
      if (found !== undefined) return found;
    }
    return columns.get(from) ?? 0;
  };
  return { line, columnOf };
}

function drawLine(index: number, marks: readonly Mark[], gutter: number, severity: Style, { width, paint }: FrameOptions): readonly string[] {
  const [first] = marks;
  if (first === undefined) return [];
  const { source } = first.span;
  const start = source.lineStarts[index] ?? 0;
  const text = lineText(source, index);
  const room = Math.max(40, width - gutter - 3);
  const places = marks.map((mark): Place => {
    const from = mark.span.start - start;
    return { mark, from, to: Math.max(from + 1, Math.min(mark.span.end - start, text.length)) };
  });
  const { line, columnOf } = drawWindow(text, Math.min(...places.map((place) => place.from)), Math.max(...places.map((place) => place.to)), room);
  const blank = ' '.repeat(gutter);
  const bar = `${blank} ${paint('dim', '│')}`;
  const lines = [`${paint('dim', `${String(index + 1).padStart(gutter)} │`)} ${line}`.trimEnd()];
  const underlines = places.map(({ mark, from, to }): Underline => {
    const begin = columnOf(from);
    return { mark, begin, end: Math.max(begin + 1, columnOf(to)) };
  });
  for (const row of markRows(underlines)) {
    let underline = '';
    let end = 0;
    for (const { mark, begin, end: next } of row) {
      underline += ' '.repeat(begin - end) + paint(mark.main ? severity : 'label', (mark.main ? '^' : '-').repeat(next - begin));
      end = next;
    }
    const label = visibleText(row[0]?.mark.text ?? '');
    const style = row.some(({ mark }) => mark.main) ? severity : 'label';
    const labelWidth = widthOfText(label);
    if (label === '') lines.push(`${bar} ${underline}`);
    else if (end + 1 + labelWidth <= room) lines.push(`${bar} ${underline} ${paint(style, label)}`);
    else {
      // Below the mark, as far to the left as it needs.
      const indent = Math.max(0, Math.min(row[0]?.begin ?? 0, Math.max(room - labelWidth, Math.floor(room / 2) - 8)));
      lines.push(`${bar} ${underline}`);
      for (const part of wrapText(label, room - indent, '')) lines.push(`${bar} ${' '.repeat(indent)}${paint(style, part)}`);
    }
  }
  return lines;
}

interface Place {
  readonly mark: Mark;
  /** Offsets into the line. */
  readonly from: number;
  readonly to: number;
}

/** A mark as it is drawn below its line, in columns from the start of what is drawn of it. */
interface Underline {
  readonly mark: Mark;
  readonly begin: number;
  readonly end: number;
}

/** Marks that say the same share a row of underlines, as far as they do not overlap. */
function markRows(underlines: readonly Underline[]): readonly (readonly Underline[])[] {
  const rows: Underline[][] = [];
  for (const underline of underlines) {
    const row = rows.find(
      (candidate) =>
        candidate[0]?.mark.text === underline.mark.text && candidate.every((other) => other.end <= underline.begin || underline.end <= other.begin),
    );
    if (row === undefined) rows.push([underline]);
    else row.push(underline);
  }
  for (const row of rows) row.sort((left, right) => left.begin - right.begin);
  return rows;
}
