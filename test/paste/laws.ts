/** What holds for every repaired text, whatever was wrong with it. */

import { applyEdits } from '../../src/diagnostics/apply-fixes.js';
import type { Edit, Problem } from '../../src/diagnostics/diagnostic.js';
import type { PastedKind } from '../../src/paste/detect.js';
import { repairPaste, type RepairedPaste } from '../../src/paste/repair.js';
import { isLiteral, originalSpan } from '../../src/text/mapped-text.js';
import { createSource, type Source } from '../../src/text/source.js';

/** A law that is broken, in words; the empty list when all hold. */
export function brokenLaws(text: string, kind: PastedKind): string[] {
  const source = createSource('test', text);
  const repaired = repairPaste(source, kind);
  const broken: string[] = [...brokenPlaces(source, repaired.problems), ...brokenMapping(repaired)];
  if (kind === 'text') return broken;
  broken.push(...lostCharacters(source, repaired));
  const fixed = applyEdits(text, editsOf(repaired.problems));
  const read = withoutPlaceholderQuotes(repaired);
  if (fixed !== read) broken.push(`the fixes give ${JSON.stringify(fixed)}; read was ${JSON.stringify(read)}`);
  return broken;
}

/** What is still found after all fixes were applied; the empty list when fixing once is enough. */
export function leftAfterFixes(text: string, kind: PastedKind): string[] {
  const repaired = repairPaste(createSource('test', text), kind);
  const fixed = applyEdits(text, editsOf(repaired.problems));
  const again = repairPaste(createSource('fixed', fixed), kind);
  const left = again.problems
    .filter((problem) => (problem.fixes ?? []).length > 0)
    .map((problem) => `${problem.check} is found again: ${problem.message}`);
  if (again.text.text !== repaired.text.text)
    left.push(`read was ${JSON.stringify(repaired.text.text)}, after the fixes ${JSON.stringify(again.text.text)}`);
  return left;
}

/** The text that is read without the quotes around placeholders, which no fix writes. */
function withoutPlaceholderQuotes({ text: mapped }: RepairedPaste): string {
  if (mapped.segments === undefined) return mapped.text;
  return mapped.segments
    .map((segment) => {
      const part = mapped.text.slice(segment.at, segment.at + segment.length);
      return !segment.literal && segment.sourceLength === 0 && part === '"' ? '' : part;
    })
    .join('');
}

/** All edits of all fixes. */
export function editsOf(problems: readonly Problem[]): Edit[] {
  return problems.flatMap((problem) => (problem.fixes ?? []).flatMap((fix) => fix.edits));
}

function brokenPlaces(source: Source, problems: readonly Problem[]): string[] {
  const broken: string[] = [];
  const spans = problems.flatMap((problem) => [
    problem.at,
    ...(problem.labels ?? []).map((label) => label.span),
    ...editsOf([problem]).map((edit) => edit.span),
  ]);
  for (const { start, end, source: owner } of spans) {
    if (owner !== source || start < 0 || end < start || end > source.text.length) broken.push(`a place is wrong: ${String(start)}..${String(end)}`);
  }
  for (const problem of problems) {
    if (/[.\n]$/.test(problem.message) || problem.message === '' || problem.message.includes('undefined')) broken.push(`message: ${problem.message}`);
    if ((problem.fixes ?? []).length > 1) broken.push(`${problem.check} has two fixes`);
  }
  const edits = editsOf(problems).sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  for (const [index, edit] of edits.entries()) {
    const next = edits[index + 1];
    if (next !== undefined && next.span.start < edit.span.end) broken.push(`edits overlap at ${String(next.span.start)}`);
  }
  return broken;
}

/** Every literal character of the text that is read stands at the place it is said to come from. */
function brokenMapping({ text: mapped }: RepairedPaste): string[] {
  for (let at = 0; at < mapped.text.length; at += 1) {
    const span = originalSpan(mapped, at, at + 1);
    if (span.start < 0 || span.end > mapped.source.text.length) return [`offset ${String(at)} comes from nowhere`];
    if (isLiteral(mapped, at, at + 1) && mapped.source.text.slice(span.start, span.end) !== mapped.text.charAt(at))
      return [`offset ${String(at)} is not what stands at ${String(span.start)}`];
  }
  return [];
}

/** A character that no fix touches is read, and in its place in the order. */
function lostCharacters(source: Source, { text, problems }: RepairedPaste): string[] {
  const touched = new Uint8Array(source.text.length);
  for (const { span } of editsOf(problems)) touched.fill(1, span.start, span.end);
  let at = 0;
  for (let offset = 0; offset < source.text.length; offset += 1) {
    if (touched[offset] === 1) continue;
    const found = text.text.indexOf(source.text.charAt(offset), at);
    if (found === -1) return [`the character at ${String(offset)} is lost`];
    at = found + 1;
  }
  return [];
}
