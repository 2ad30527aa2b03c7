/** Findings as a GitLab Code Quality report, which is shown in merge requests. */

import type { Severity } from '../diagnostics/diagnostic.js';
import { fingerprintsOf } from '../diagnostics/identity.js';
import { positionAt } from '../text/source.js';
import { fullMessage, type FileFindings, type Surroundings } from './findings.js';

/** GitLab has info, minor, major, critical and blocker. (docs.gitlab.com, Code Quality report format) */
const SEVERITIES: Readonly<Record<Severity, string>> = { error: 'critical', warning: 'major', info: 'minor', hint: 'info' };

/** One JSON list. A fingerprint stays the same while path, check and text of the line do, so that moved lines are no new findings. */
export function printGitlab(files: readonly FileFindings[], { pathOf }: Surroundings): string {
  const issues = files.flatMap(({ source, findings }) => {
    const path = pathOf(source.name);
    const fingerprints = fingerprintsOf(path, findings);
    return findings.map((finding, index) => ({
      type: 'issue',
      check_name: finding.check,
      description: finding.message,
      content: { body: fullMessage(finding) },
      categories: ['Bug Risk'],
      severity: SEVERITIES[finding.severity],
      fingerprint: fingerprints[index],
      location: {
        path,
        lines: { begin: positionAt(source, finding.at.start).line, end: positionAt(source, finding.at.end).line },
      },
    }));
  });
  return `${JSON.stringify(issues, undefined, 2)}\n`;
}
