/** Findings as JSON, for programs. The form is versioned; docs/json-format.md describes it. */

import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { positionAt, type Position, type Source, type Span } from '../text/source.js';
import { summarize } from './human.js';

/** The findings of one file. */
export interface FileFindings {
  readonly source: Source;
  readonly findings: readonly Diagnostic[];
}

function places(span: Span): { readonly start: Position; readonly end: Position } {
  return { start: positionAt(span.source, span.start), end: positionAt(span.source, span.end) };
}

/** The whole document, with a final newline. */
export function printJson(files: readonly FileFindings[]): string {
  const document = {
    version: 1,
    files: files.map(({ source, findings }) => ({
      name: source.name,
      findings: findings.map((finding) => ({
        check: finding.check,
        severity: finding.severity,
        message: finding.message,
        notes: finding.notes.map((note) => ({ kind: note.kind, text: note.text })),
        ...places(finding.at),
        labels: [
          ...(finding.here === undefined ? [] : [{ text: finding.here, ...places(finding.at) }]),
          ...finding.labels.map((label) => ({ text: label.text, ...places(label.span) })),
        ],
        fixes: finding.fixes.map((fix) => ({
          title: fix.title,
          applicability: fix.applicability,
          edits: fix.edits.map((edit) => ({ ...places(edit.span), text: edit.text })),
        })),
      })),
    })),
    summary: summarize(files.flatMap((file) => file.findings)),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
