/** Findings as Checkstyle writes them, in XML: Jenkins, reviewdog and many others read it. */

import type { Severity } from '../diagnostics/diagnostic.js';
import { positionAt } from '../text/source.js';
import { fullMessage, type FileFindings, type Surroundings } from './findings.js';

/** Checkstyle has ignore, info, warning and error. (com.puppycrawl.tools.checkstyle.api.SeverityLevel) */
const SEVERITIES: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'info', hint: 'info' };

/** The characters XML 1.0 has no way to write, not even as a reference. (XML 1.0, section 2.2) */
const NO_XML = /[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\u{10000}-\u{10ffff}]/gu;

const REFERENCES: ReadonlyMap<string, string> = new Map([
  ['&', '&amp;'],
  ['<', '&lt;'],
  ['>', '&gt;'],
  ['"', '&quot;'],
  // As they stand, a reader makes blanks of them. (XML 1.0, section 3.3.3)
  ['\t', '&#9;'],
  ['\n', '&#10;'],
  ['\r', '&#13;'],
]);

function attribute(name: string, value: string): string {
  return `${name}="${value.replace(NO_XML, '\ufffd').replace(/[&<>"\t\n\r]/g, (character) => REFERENCES.get(character) ?? character)}"`;
}

/** The whole document, with every file that was looked at. */
export function printCheckstyle(files: readonly FileFindings[], { pathOf }: Surroundings): string {
  const lines = ['<?xml version="1.0" encoding="UTF-8"?>', '<checkstyle version="4.3">'];
  for (const { source, findings } of files) {
    lines.push(`  <file ${attribute('name', pathOf(source.name))}>`);
    for (const finding of findings) {
      const { line, column } = positionAt(source, finding.at.start);
      const attributes = [
        attribute('line', String(line)),
        attribute('column', String(column)),
        attribute('severity', SEVERITIES[finding.severity]),
        attribute('message', fullMessage(finding)),
        attribute('source', `fwlint.${finding.check}`),
      ];
      lines.push(`    <error ${attributes.join(' ')}/>`);
    }
    lines.push('  </file>');
  }
  lines.push('</checkstyle>');
  return `${lines.join('\n')}\n`;
}
