/** Findings as gcc prints them, `file:line:column: warning: message [check]`: what editors and problem matchers read. */

import type { Severity } from '../diagnostics/diagnostic.js';
import { positionAt } from '../text/source.js';
import { visibleText } from './columns.js';
import type { FileFindings } from './findings.js';

/** gcc has no level below `note`. (GNU Coding Standards, Formatting Error Messages) */
const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note', hint: 'note' };

/** One line for each finding. The name of a file is as it was given; the column counts UTF-16 code units from 1. */
export function printGcc(files: readonly FileFindings[]): string {
  return files
    .flatMap(({ source, findings }) =>
      findings.map(({ at, severity, message, check }) => {
        const { line, column } = positionAt(at.source, at.start);
        return `${visibleText(source.name)}:${String(line)}:${String(column)}: ${LEVELS[severity]}: ${visibleText(message)} [${check}]\n`;
      }),
    )
    .join('');
}
