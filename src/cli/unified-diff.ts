/** Two texts → a unified diff that `git apply` and `patch -p1` take. */

import { isAbsolute, relative, sep } from 'node:path';

import { diffArrays } from 'diff';

/** Lines shown around a change. */
const CONTEXT = 3;

/** Insertions and deletions the exact comparison looks for; beyond, whole stretches are replaced. */
const EDIT_LIMIT = 500;

interface Step {
  readonly kind: 'same' | 'removed' | 'added';
  readonly line: string;
}

/** The difference, with `name` as both files; empty when there is none. */
export function unifiedDiff(name: string, before: string, after: string): string {
  if (before === after) return '';
  const steps = compareLines(linesOf(before), linesOf(after));
  const parts = [`--- ${headerName('a', name)}\n`, `+++ ${headerName('b', name)}\n`];
  let oldLine = 1;
  let newLine = 1;
  let at = 0;
  for (;;) {
    let change = at;
    while (steps[change]?.kind === 'same') change += 1;
    if (change >= steps.length) break;
    const from = Math.max(at, change - CONTEXT);
    oldLine += from - at;
    newLine += from - at;
    const to = hunkEnd(steps, change);
    const hunk = steps.slice(from, to);
    const oldCount = hunk.filter((step) => step.kind !== 'added').length;
    const newCount = hunk.filter((step) => step.kind !== 'removed').length;
    parts.push(`@@ -${range(oldLine, oldCount)} +${range(newLine, newCount)} @@\n`);
    for (const { kind, line } of hunk) {
      const sign = kind === 'same' ? ' ' : kind === 'removed' ? '-' : '+';
      parts.push(sign, line, line.endsWith('\n') ? '' : '\n\\ No newline at end of file\n');
    }
    oldLine += oldCount;
    newLine += newCount;
    at = to;
  }
  return parts.join('');
}

/** Behind the last line of the hunk that begins with a change: changes closer together than two contexts share it. */
function hunkEnd(steps: readonly Step[], change: number): number {
  let last = change;
  for (let index = change; index < steps.length && index <= last + 2 * CONTEXT + 1; index += 1) if (steps[index]?.kind !== 'same') last = index;
  return Math.min(steps.length, last + 1 + CONTEXT);
}

/** A range of zero lines names the line before it. (POSIX diff, "Diff Unified Output Format") */
function range(line: number, count: number): string {
  return `${String(count === 0 ? line - 1 : line)},${String(count)}`;
}

function linesOf(text: string): readonly string[] {
  return text === '' ? [] : text.split(/(?<=\n)/);
}

const same = (line: string): Step => ({ kind: 'same', line });
const removed = (line: string): Step => ({ kind: 'removed', line });
const added = (line: string): Step => ({ kind: 'added', line });

function compareLines(before: readonly string[], after: readonly string[]): readonly Step[] {
  let head = 0;
  while (head < before.length && head < after.length && before[head] === after[head]) head += 1;
  let tail = 0;
  while (tail < before.length - head && tail < after.length - head && before[before.length - 1 - tail] === after[after.length - 1 - tail]) tail += 1;
  return [
    ...before.slice(0, head).map(same),
    ...compareMiddle(before.slice(head, before.length - tail), after.slice(head, after.length - tail)),
    ...before.slice(before.length - tail).map(same),
  ];
}

function compareMiddle(before: readonly string[], after: readonly string[]): readonly Step[] {
  const changes = diffArrays([...before], [...after], { maxEditLength: EDIT_LIMIT });
  if (changes !== undefined) return changes.flatMap((change) => change.value.map(change.added ? added : change.removed ? removed : same));
  // Thousands of changed lines (line ends, most likely): comparing everything with everything would take minutes.
  if (before.length !== after.length) return [...before.map(removed), ...after.map(added)];
  const stretches: (readonly Step[])[] = [];
  for (let at = 0; at < before.length;) {
    const equal = before[at] === after[at];
    let end = at;
    while (end < before.length && (before[end] === after[end]) === equal) end += 1;
    if (equal) stretches.push(before.slice(at, end).map(same));
    else stretches.push(before.slice(at, end).map(removed), after.slice(at, end).map(added));
    at = end;
  }
  return stretches.flat();
}

/** `a/NAME` as git writes it: relative where it can be, in quotes where it has to be, a tab behind a name with blanks. */
function headerName(prefix: 'a' | 'b', name: string): string {
  const path = isAbsolute(name) ? relativeOrRooted(name) : name.replace(/^(?:\.\/)+/, '');
  const full = `${prefix}/${path}`;
  if (/[\u0000-\u001f\u007f"\\]/.test(full)) return `"${full.replace(/[\u0000-\u001f\u007f"\\]/g, escaped)}"`;
  return full.includes(' ') ? `${full}\t` : full;
}

function relativeOrRooted(name: string): string {
  const path = relative(process.cwd(), name);
  return path.startsWith(`..${sep}`) || path === '..' ? name.slice(1) : path;
}

function escaped(character: string): string {
  if (character === '"' || character === '\\') return `\\${character}`;
  return `\\${character.charCodeAt(0).toString(8).padStart(3, '0')}`;
}
