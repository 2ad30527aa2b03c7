/** Comments that silence a check: `# fwlint-ignore NAME: reason`, on the line above or at the end of a line, or `-file` for all of it. */

import { lineIndexAt, lineText, spanOf, type Source, type Span } from '../text/source.js';

/** One comment. */
export interface Ignore {
  readonly names: readonly string[];
  readonly reason: string;
  readonly wholeFile: boolean;
  /** Zero-based line of the comment. */
  readonly line: number;
  /** Whether the comment stands on a line of its own; it then speaks of the command below. */
  readonly ownLine: boolean;
  /** Zero-based line it speaks of: its own, or the first one below that is not a comment. */
  readonly about: number;
  readonly span: Span;
}

const COMMENT = /#[ \t]*fwlint-ignore(-file)?\b[ \t]*:?[ \t]*([a-z0-9-]+(?:[ \t]*,[ \t]*[a-z0-9-]+)*)?[ \t]*(?:(?::|--)[ \t]*([^\r\n]*))?/g;

/** The comments of a source. A `#` inside of quotes can look like one; nobody writes `fwlint-ignore` there by chance. */
export function findIgnores(source: Source): readonly Ignore[] {
  if (!source.text.includes('fwlint-ignore')) return [];
  const ignores: Ignore[] = [];
  for (const found of source.text.matchAll(COMMENT)) {
    const line = lineIndexAt(source, found.index);
    const before = source.text.slice(source.lineStarts[line] ?? 0, found.index);
    const ownLine = before.trim() === '';
    ignores.push({
      names: (found[2] ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
      reason: (found[3] ?? '').trim(),
      wholeFile: found[1] !== undefined,
      line,
      ownLine,
      about: ownLine ? nextCommandLine(source, line) : line,
      span: spanOf(source, found.index, found.index + found[0].trimEnd().length),
    });
  }
  return ignores;
}

/** Comments may be stacked: all of them speak of the line below the last. */
function nextCommandLine(source: Source, line: number): number {
  let next = line + 1;
  while (next < source.lineStarts.length && /^\s*#/.test(lineText(source, next))) next += 1;
  return next;
}

/** Whether a comment silences `check` for something that stands on the lines `first` to `last` (zero-based). */
export function isIgnoredBy(ignore: Ignore, check: string, first: number, last: number): boolean {
  if (!ignore.names.includes(check)) return false;
  if (ignore.wholeFile) return true;
  const holds = (line: number): boolean => line >= first && line <= last;
  return holds(ignore.about) || holds(ignore.line) || (ignore.ownLine && holds(ignore.line + 1));
}
