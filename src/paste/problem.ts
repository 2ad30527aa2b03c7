/** Builds the finding of one cause in one command from the places where it shows. */

import type { Applicability, Edit, Fix, Label, Note, Problem, Severity } from '../diagnostics/diagnostic.js';
import { positionAt, spanOf, type Source, type Span } from '../text/source.js';
import type { PasteCheck, Repair } from './command.js';

/** What a finding says; see `Problem` for the parts. */
export interface Wording {
  readonly message: string;
  readonly here: string;
  /** What the labels of the second and later places say. */
  readonly again: string | ((repair: Repair) => string);
  readonly notes: readonly Note[];
  /** Of the fix. */
  readonly title: string;
  readonly applicability: Applicability;
  readonly severity?: Severity;
  /** Where the finding stands, when that is not the first repaired place. */
  readonly at?: Span;
  /** Instead of a label for every further place. */
  readonly labels?: readonly Label[];
}

/** One problem with one fix that does all the repairs; without a fix when there is nothing to write. */
export function problemOf(source: Source, check: PasteCheck, repairs: readonly [Repair, ...Repair[]], wording: Wording): Problem {
  const [first, ...rest] = repairs;
  const { again } = wording;
  const labels =
    wording.labels ??
    rest
      .filter((repair) => repair.end > repair.start)
      .map((repair) => ({ span: spanOf(source, repair.start, repair.end), text: typeof again === 'string' ? again : again(repair) }));
  const edits: Edit[] = [];
  for (const repair of repairs) {
    const text = repair.written === undefined ? repair.text : repair.written.text;
    if (text !== undefined) edits.push({ span: spanOf(source, repair.start, repair.end), text });
  }
  const [edit, ...more] = edits;
  const fixes: Fix[] = edit === undefined ? [] : [{ title: wording.title, applicability: wording.applicability, edits: [edit, ...more] }];
  return {
    check,
    message: wording.message,
    at: wording.at ?? spanOf(source, first.start, first.end),
    here: wording.here,
    labels,
    notes: wording.notes,
    fixes,
    ...(wording.severity === undefined ? {} : { severity: wording.severity }),
  };
}

const SHOWN = 60;

/** A stretch of the source for a message: on one line, and cut when it is long. */
export function quoted(text: string): string {
  const line = text.replace(/\s+/g, ' ');
  const shown = line.length > SHOWN ? `${line.slice(0, SHOWN - 1)}…` : line;
  return `\`${shown.replaceAll('`', "'")}\``;
}

/** The characters around a place up to the next blank, as the shell sees the word. */
export function wordAround(source: Source, start: number, end: number): string {
  const { text } = source;
  let from = start;
  let to = end;
  while (from > 0 && start - from < SHOWN && !/[\s;|<>()]/.test(asciiOnly(text.charAt(from - 1)))) from -= 1;
  while (to < text.length && to - end < SHOWN && !/[\s;|<>()]/.test(asciiOnly(text.charAt(to)))) to += 1;
  return text.slice(from, to);
}

// The shell separates words at ASCII blanks only; \s knows the others, too.
function asciiOnly(character: string): string {
  return character.charCodeAt(0) < 0x80 ? character : 'x';
}

/** `` `a`, `b` and 2 more `` */
export function listed(words: readonly string[]): string {
  const unique = [...new Set(words)];
  if (unique.length <= 3) {
    const last = unique[unique.length - 1] ?? '';
    return unique.length < 2 ? quoted(last) : `${unique.slice(0, -1).map(quoted).join(', ')} and ${quoted(last)}`;
  }
  return `${unique.slice(0, 2).map(quoted).join(', ')} and ${String(unique.length - 2)} more`;
}

/** `an en dash`, `a Unicode hyphen` */
export function withArticle(name: string): string {
  return `${/^[aeio]/i.test(name) ? 'an' : 'a'} ${name}`;
}

/** How many of the lines a problem stands in are named. */
const LINES_NAMED = 5;

/** Problems with the same key become one, in the place of the first, with the places of all and a note that says where they are. */
export function mergeProblems(problems: readonly Problem[], keyOf: (problem: Problem) => string | undefined): readonly Problem[] {
  const groups = new Map<string, Problem[]>();
  for (const problem of problems) {
    const key = keyOf(problem);
    if (key === undefined) continue;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [problem]);
    else group.push(problem);
  }
  return problems.flatMap((problem) => {
    const [first, ...rest] = groups.get(keyOf(problem) ?? '') ?? [];
    if (first === undefined || (problem === first && rest.length === 0)) return [problem];
    return problem === first ? [withPlacesOf(first, rest)] : [];
  });
}

function withPlacesOf(first: Problem, rest: readonly Problem[]): Problem {
  const lines = rest.slice(0, LINES_NAMED).map(({ at }) => String(positionAt(at.source, at.start).line));
  const more = rest.length > LINES_NAMED ? ' …' : '';
  const plural = rest.length === 1 ? '' : 's';
  const [fix, ...others] = first.fixes ?? [];
  // Each has its fix or none has.
  const edits = rest.flatMap(({ fixes }) => fixes?.[0]?.edits ?? []);
  return {
    ...first,
    also: rest.flatMap(({ at, labels }) => [at, ...(labels ?? []).map(({ span }) => span)]),
    notes: [...(first.notes ?? []), { kind: 'note', text: `the same in ${String(rest.length)} more line${plural}: ${lines.join(', ')}${more}` }],
    ...(fix === undefined ? {} : { fixes: [{ ...fix, edits: [...fix.edits, ...edits] }, ...others] }),
  };
}
