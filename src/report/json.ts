/** Findings as JSON, for programs. The form is versioned; docs/json-format.md describes it. */

import { positionAt, type Position, type Source, type Span } from '../text/source.js';
import { summarize, type FileFindings } from './findings.js';
import { countByCheck } from './statistics.js';

function places(span: Span): { readonly start: Position; readonly end: Position } {
  return { start: positionAt(span.source, span.start), end: positionAt(span.source, span.end) };
}

/** A place other than that of the finding; the file is named where it is another one. */
function placesFrom(source: Source, span: Span): { readonly file?: string; readonly start: Position; readonly end: Position } {
  return { ...(span.source.name === source.name ? {} : { file: span.source.name }), ...places(span) };
}

/** The whole document, with a final newline; with `statistics`, counts by check in place of the findings. */
export function printJson(files: readonly FileFindings[], { statistics = false } = {}): string {
  const all = files.flatMap(({ findings }) => findings);
  const suppressed = files.reduce((count, file) => count + (file.suppressed?.length ?? 0), 0);
  const document = {
    version: 1,
    files: files.map(({ source, findings }) => ({
      name: source.name,
      findings: (statistics ? [] : findings).map((finding) => ({
        check: finding.check,
        severity: finding.severity,
        message: finding.message,
        notes: finding.notes.map((note) => ({ kind: note.kind, text: note.text })),
        ...places(finding.at),
        labels: [
          ...(finding.here === undefined ? [] : [{ text: finding.here, ...places(finding.at) }]),
          ...finding.labels.map((label) => ({ text: label.text, ...placesFrom(source, label.span) })),
        ],
        fixes: finding.fixes.map((fix) => ({
          title: fix.title,
          applicability: fix.applicability,
          edits: fix.edits.map((edit) => ({ ...placesFrom(source, edit.span), text: edit.text })),
        })),
      })),
    })),
    summary: summarize(all),
    suppressed,
    ...(statistics ? { statistics: countByCheck(all) } : {}),
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
