/** Findings as workflow commands of GitHub Actions, which become annotations beside the changed lines. */

import type { Severity } from '../diagnostics/diagnostic.js';
import { positionAt } from '../text/source.js';
import { fullMessage, type FileFindings, type Surroundings } from './findings.js';

const COMMANDS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'notice', hint: 'notice' };

/** What may not stand in the text of a command. (actions/runner, ActionCommand.cs: the escapes it takes back) */
function escapeData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

/** What may not stand in a property of a command, either. */
function escapeProperty(text: string): string {
  return escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}

/** One command on a line for each finding. Columns only where first and last line are one: GitHub refuses others. */
export function printGithub(files: readonly FileFindings[], { pathOf }: Surroundings): string {
  return files
    .flatMap(({ source, findings }) =>
      findings.map((finding) => {
        const start = positionAt(source, finding.at.start);
        const end = positionAt(source, finding.at.end);
        const properties = [
          `title=${escapeProperty(`fwlint (${finding.check})`)}`,
          `file=${escapeProperty(pathOf(source.name))}`,
          `line=${String(start.line)}`,
          `endLine=${String(end.line)}`,
          ...(start.line === end.line ? [`col=${String(start.column)}`, `endColumn=${String(end.column)}`] : []),
        ];
        return `::${COMMANDS[finding.severity]} ${properties.join(',')}::${escapeData(fullMessage(finding))}\n`;
      }),
    )
    .join('');
}
