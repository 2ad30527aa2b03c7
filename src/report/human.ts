/** Findings as text for people: a frame, what is wrong, why it matters, what to do. */

import type { Diagnostic } from '../diagnostics/diagnostic.js';
import { positionAt } from '../text/source.js';
import { visibleText, wrapText } from './columns.js';
import { summarize } from './findings.js';
import { drawFrame, type FrameOptions, type Mark } from './frame.js';

export interface FindingOptions extends FrameOptions {
  /** Makes a link to the page of a check, where that is possible. */
  readonly link?: (check: string, text: string) => string;
}

/** One finding. */
export function printFinding(finding: Diagnostic, options: FindingOptions): string {
  const { paint, width } = options;
  const link = options.link ?? ((_: string, text: string): string => text);
  const head = `${finding.severity} ${finding.check}: `;
  const [first = '', ...rest] = wrapText(head + visibleText(finding.message), width, '  ');
  const lines = [
    `${paint(finding.severity, finding.severity)} ${link(finding.check, paint('bold', finding.check))}${first.slice(head.length - 2)}`,
    ...rest,
  ];
  const marks: Mark[] = [
    { span: finding.at, text: finding.here ?? '', main: true },
    ...finding.labels.map((label): Mark => ({ span: label.span, text: label.text, main: false })),
  ];
  const frame = drawFrame(marks, finding.severity, options);
  lines.push(...frame);
  const blank = /^ */.exec(frame[0] ?? '')?.[0] ?? '  ';
  const notes: string[] = finding.notes.map((note) =>
    note.kind === 'note' ? note.text : note.kind === 'why' ? `why: ${note.text}` : `do:  ${note.text}`,
  );
  // A frame shows one file.
  for (const { span, text } of finding.labels)
    if (span.source !== finding.at.source) notes.push(`${span.source.name}:${String(positionAt(span.source, span.start).line)}: ${text}`);
  for (const fix of finding.fixes) notes.push(`fix${fix.applicability === 'safe' ? '' : ` (${fix.applicability})`}: ${fix.title}`);
  if (notes.length > 0) lines.push(`${blank}${paint('dim', '│')}`);
  for (const note of notes) {
    const [head1 = '', ...tail] = wrapText(visibleText(note), Math.max(40, width - blank.length - 2), /^(?:why|do): /.test(note) ? '     ' : '  ');
    lines.push(`${blank}${paint('dim', '=')} ${head1}`, ...tail.map((line) => `${blank}  ${line}`));
  }
  return `${lines.join('\n')}\n`;
}

const plural = (count: number, noun: string): string => `${String(count)} ${noun}${count === 1 ? '' : 's'}`;

/** The last line: files, findings, what --fix would do, and how many findings the baseline holds back. */
export function printSummary(files: number, findings: readonly Diagnostic[], inBaseline = 0): string {
  const counts = summarize(findings);
  const parts = [
    plural(files, 'file'),
    plural(counts.error, 'error'),
    plural(counts.warning, 'warning'),
    ...(counts.info > 0 ? [`${String(counts.info)} info`] : []),
    ...(counts.hint > 0 ? [plural(counts.hint, 'hint')] : []),
    ...(inBaseline > 0 ? [`${String(inBaseline)} in the baseline`] : []),
  ];
  const safe = findings.filter((finding) => finding.fixes.some((fix) => fix.applicability === 'safe')).length;
  const unsafe = findings.filter(
    (finding) => !finding.fixes.some((fix) => fix.applicability === 'safe') && finding.fixes.some((fix) => fix.applicability === 'unsafe'),
  ).length;
  const repair =
    safe + unsafe === 0
      ? ''
      : safe === 0
        ? ` (${String(unsafe)} repairable with --fix --unsafe-fixes)`
        : ` (${String(safe)} repairable with --fix${unsafe === 0 ? '' : `, ${String(unsafe)} more with --unsafe-fixes`})`;
  return `${parts.join(', ')}${repair}\n`;
}
