/** Sources, spans in them, and the line and column of an offset. */

/** A text fwlint was given, with the name its findings use. Offsets into it are UTF-16 code units. */
export interface Source {
  readonly name: string;
  readonly text: string;
  /** Offset of the first character of every line; the first is 0. */
  readonly lineStarts: readonly number[];
}

/** A half-open range of UTF-16 offsets into one source. */
export interface Span {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** A place for people: line and column count from 1, the column in UTF-16 code units. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly offset: number;
}

/** Makes a source; lines end at LF (a CR before it belongs to the line). */
export function createSource(name: string, text: string): Source {
  let lines = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) lines += 1;
  // Of the right size from the start: an array that grows leaves copies of itself behind, a few megabytes for a big dump.
  const lineStarts = new Array<number>(lines);
  lineStarts[0] = 0;
  let line = 1;
  for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1), line += 1) lineStarts[line] = at + 1;
  return { name, text, lineStarts };
}

/** Makes a span. */
export function spanOf(source: Source, start: number, end: number): Span {
  return { source, start, end };
}

/** The text a span covers. */
export function spanText(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}

/** The zero-based index of the line that holds `offset`. */
export function lineIndexAt(source: Source, offset: number): number {
  const starts = source.lineStarts;
  let low = 0;
  let high = starts.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((starts[middle] ?? 0) <= offset) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Line and column of an offset. */
export function positionAt(source: Source, offset: number): Position {
  const line = lineIndexAt(source, offset);
  return { line: line + 1, column: offset - (source.lineStarts[line] ?? 0) + 1, offset };
}

/** The text of a line (zero-based index), without its LF or CR LF. */
export function lineText(source: Source, index: number): string {
  const start = source.lineStarts[index] ?? source.text.length;
  const next = source.lineStarts[index + 1];
  const end = next === undefined ? source.text.length : next - 1;
  const text = source.text.slice(start, end);
  return text.endsWith('\r') ? text.slice(0, -1) : text;
}

/** Orders spans by where they start, then by where they end. */
export function compareSpans(left: Span, right: Span): number {
  return left.start - right.start || left.end - right.end;
}

/** A span and the blanks before it, for deletion; at the beginning of a line the blanks behind it. */
export function withBlanks({ source, start, end }: Span): Span {
  let from = start;
  while (from > 0 && /[ \t]/.test(source.text.charAt(from - 1))) from -= 1;
  if (from > 0 && !/[\r\n]/.test(source.text.charAt(from - 1))) return spanOf(source, from, end);
  let to = end;
  while (/[ \t]/.test(source.text.charAt(to))) to += 1;
  return spanOf(source, start, to);
}
