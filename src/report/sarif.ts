/** Findings as SARIF 2.1.0: code scanning of GitHub, Azure DevOps and others. (docs.oasis-open.org/sarif/sarif/v2.1.0) */

import type { Check } from '../checks/define.js';
import type { Diagnostic, Fix, Severity } from '../diagnostics/diagnostic.js';
import { fingerprintsOf } from '../diagnostics/identity.js';
import { positionAt, type Span } from '../text/source.js';
import { checkPage } from './check-page.js';
import { fullMessage, type FileFindings, type Suppressed, type Surroundings } from './findings.js';

const LEVELS: Readonly<Record<Severity, string>> = { error: 'error', warning: 'warning', info: 'note', hint: 'note' };

/** What code scanning of GitHub sorts by. */
const PROBLEM_SEVERITIES: Readonly<Record<Severity, string>> = {
  error: 'error',
  warning: 'warning',
  info: 'recommendation',
  hint: 'recommendation',
};

/** The whole document. `checks` become its rules; what is suppressed is in it, and marked so. */
export function printSarif(files: readonly FileFindings[], checks: readonly Check[], { version, pathOf, unreadable }: Surroundings): string {
  // Where one result has the property, all must have it. (section 3.27.23)
  const withSuppressions = files.some(({ suppressed = [] }) => suppressed.length > 0);
  const indexes = new Map(checks.map((check, index) => [check.name, index]));
  const results = files.flatMap((file) => {
    const suppressed = file.suppressed ?? [];
    const all: readonly (readonly [Diagnostic, Suppressed | undefined])[] = [
      ...file.findings.map((finding) => [finding, undefined] as const),
      ...suppressed.map((entry) => [entry.finding, entry] as const),
    ];
    const fingerprints = fingerprintsOf(
      pathOf(file.source.name),
      all.map(([finding]) => finding),
    );
    return all.map(([finding, entry], index) => ({
      ruleId: finding.check,
      ...(indexes.has(finding.check) ? { ruleIndex: indexes.get(finding.check) } : {}),
      level: LEVELS[finding.severity],
      message: { text: fullMessage(finding) },
      locations: [{ physicalLocation: locationOf(finding.at, pathOf), ...(finding.here === undefined ? {} : { message: { text: finding.here } }) }],
      ...(finding.labels.length === 0
        ? {}
        : {
            relatedLocations: finding.labels.map(({ span, text }, id) => ({
              id,
              physicalLocation: locationOf(span, pathOf),
              ...(text === '' ? {} : { message: { text } }),
            })),
          }),
      partialFingerprints: { 'fwlintLine/v1': fingerprints[index] },
      ...(finding.fixes.length === 0 ? {} : { fixes: finding.fixes.map((fix) => sarifFix(fix, pathOf)) }),
      ...(withSuppressions ? { suppressions: entry === undefined ? [] : [sarifSuppression(entry)] } : {}),
    }));
  });
  const document = {
    $schema: 'https://json.schemastore.org/sarif-2.1.0.json',
    version: '2.1.0',
    runs: [
      {
        tool: { driver: { name: 'fwlint', version, semanticVersion: version, rules: checks.map(sarifRule) } },
        invocations: [
          {
            executionSuccessful: unreadable.length === 0,
            toolExecutionNotifications: unreadable.map(({ name, reason }) => ({ level: 'error', message: { text: `${name}: ${reason}` } })),
          },
        ],
        columnKind: 'utf16CodeUnits',
        artifacts: files.map(({ source }) => ({ location: artifactLocation(pathOf(source.name)) })),
        results,
      },
    ],
  };
  return `${JSON.stringify(document, undefined, 2)}\n`;
}

function sarifRule(check: Check): unknown {
  return {
    id: check.name,
    shortDescription: { text: `${check.summary}.` },
    fullDescription: { text: plain(check.why) },
    help: {
      text: plain([check.why, check.advice ?? '', `Source: ${check.source}.`].filter((text) => text !== '').join('\n')),
      markdown: checkPage(check),
    },
    defaultConfiguration: { level: LEVELS[check.severity] },
    properties: { tags: [check.category], 'problem.severity': PROBLEM_SEVERITIES[check.severity] },
  };
}

function sarifFix(fix: Fix, pathOf: (name: string) => string): unknown {
  const [{ span: first }] = fix.edits;
  return {
    description: { text: fix.applicability === 'safe' ? fix.title : `${fix.title} (${fix.applicability})` },
    artifactChanges: [
      {
        artifactLocation: artifactLocation(pathOf(first.source.name)),
        replacements: fix.edits.map(({ span, text }) => ({ deletedRegion: regionOf(span), insertedContent: { text } })),
      },
    ],
  };
}

function sarifSuppression({ by, reason }: Suppressed): unknown {
  return { kind: by === 'comment' ? 'inSource' : 'external', status: 'accepted', ...(reason === '' ? {} : { justification: reason }) };
}

function locationOf(span: Span, pathOf: (name: string) => string): unknown {
  return { artifactLocation: artifactLocation(pathOf(span.source.name)), region: regionOf(span) };
}

/** Lines and columns count from 1; the end column is behind the last character. An empty region is a place to insert at. (section 3.30) */
function regionOf(span: Span): unknown {
  const start = positionAt(span.source, span.start);
  const end = positionAt(span.source, span.end);
  return { startLine: start.line, startColumn: start.column, endLine: end.line, endColumn: end.column };
}

/** A path as a URI: absolute ones as `file:`, the others from the root of the sources. */
function artifactLocation(path: string): unknown {
  const drive = /^[A-Za-z]:\//.test(path);
  const uri = path
    .split('/')
    .map((segment, index) => (drive && index === 0 ? segment : encodeURIComponent(segment.replace(/[\ud800-\udfff]/gu, '\ufffd'))))
    .join('/');
  if (drive) return { uri: `file:///${uri}` };
  return path.startsWith('/') ? { uri: `file://${uri}` } : { uri, uriBaseId: '%SRCROOT%' };
}

/** Markdown of checks as text: only code is marked in it. */
function plain(markdown: string): string {
  return markdown.replaceAll('`', '');
}
