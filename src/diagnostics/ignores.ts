/** Comments that silence a check: `# fwlint-ignore NAME: reason`, on the line above or at the end of a line, or `-file` for all of it. */

import { lineIndexAt, spanOf, type Source, type Span } from '../text/source.js';

/** One comment. */
export interface Ignore {
  readonly names: readonly string[];
  readonly reason: string;
  readonly wholeFile: boolean;
  /** Zero-based line of the comment. */
  readonly line: number;
  /** Whether the comment stands on a line of its own; it then speaks of the line below. */
  readonly ownLine: boolean;
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
    ignores.push({
      names: (found[2] ?? '')
        .split(',')
        .map((name) => name.trim())
        .filter((name) => name !== ''),
      reason: (found[3] ?? '').trim(),
      wholeFile: found[1] !== undefined,
      line,
      ownLine: before.trim() === '',
      span: spanOf(source, found.index, found.index + found[0].trimEnd().length),
    });
  }
  return ignores;
}

/** Whether a comment silences `check` for something that stands on the lines `first` to `last` (zero-based). */
export function isIgnoredBy(ignore: Ignore, check: string, first: number, last: number): boolean {
  if (!ignore.names.includes(check)) return false;
  if (ignore.wholeFile) return true;
  return ignore.ownLine ? ignore.line === first - 1 || (ignore.line >= first && ignore.line < last) : ignore.line >= first && ignore.line <= last;
}
