/** Applies the fixes of findings to the text of one source, in passes, so that two fixes never write over each other. */

import type { Source } from '../text/source.js';
import type { Applicability, Diagnostic, Edit, Fix } from './diagnostic.js';

/** The text after one pass, the fixes that were applied, and whether some had to wait for the next pass. */
export interface FixedText {
  readonly text: string;
  readonly applied: readonly { readonly diagnostic: Diagnostic; readonly fix: Fix }[];
  readonly deferred: boolean;
}

function clashes(edit: Edit, taken: readonly Edit[]): boolean {
  // Edits that only touch also wait: both may rewrite the same blank or be one insertion meant twice.
  return taken.some((other) => edit.span.start <= other.span.end && other.span.start <= edit.span.end);
}

function clashesWithin(edits: readonly Edit[]): boolean {
  const sorted = [...edits].sort((a, b) => a.span.start - b.span.start || a.span.end - b.span.end);
  return sorted.some((edit, index) => {
    const next = sorted[index + 1];
    return next !== undefined && next.span.start < edit.span.end;
  });
}

/**
 * One pass: of every finding the first fix that is allowed is taken whole, unless one of its edits overlaps or touches an edit
 * already taken. Edits of other sources make a fix unusable here. Errors go first, by themselves: what could be better in a rule is only
 * known when all of it is read.
 */
export function applyFixes(source: Source, diagnostics: readonly Diagnostic[], allowed: readonly Applicability[]): FixedText {
  const usable = diagnostics.flatMap((diagnostic) => {
    const fix = diagnostic.fixes.find((candidate) => allowed.includes(candidate.applicability));
    if (fix === undefined || fix.edits.some((edit) => edit.span.source !== source) || clashesWithin(fix.edits)) return [];
    return [{ diagnostic, fix }];
  });
  const errors = usable.filter(({ diagnostic }) => diagnostic.severity === 'error');
  const taken: Edit[] = [];
  const applied: { diagnostic: Diagnostic; fix: Fix }[] = [];
  for (const repair of errors.length > 0 ? errors : usable) {
    if (repair.fix.edits.some((edit) => clashes(edit, taken))) continue;
    taken.push(...repair.fix.edits);
    applied.push(repair);
  }
  return { text: applyEdits(source.text, taken), applied, deferred: applied.length < usable.length };
}

/** Applies edits that do not overlap to a text. Insertions at one place keep their order. */
export function applyEdits(text: string, edits: readonly Edit[]): string {
  const sorted = edits.map((edit, order) => ({ edit, order }));
  sorted.sort((a, b) => a.edit.span.start - b.edit.span.start || a.edit.span.end - b.edit.span.end || a.order - b.order);
  const parts: string[] = [];
  let at = 0;
  for (const { edit } of sorted) {
    parts.push(text.slice(at, edit.span.start), edit.text);
    at = edit.span.end;
  }
  parts.push(text.slice(at));
  return parts.join('');
}
