/** The report of a translation, for people and for programs. */

import type { ReportItem, TranslationReport } from '../translate/report.js';
import { positionAt } from '../text/source.js';
import { visibleText, wrapText } from './columns.js';

/** `N rules: E exact, A approximate, U unsupported`, then a line for each of the last two. */
export function printTranslationReport(report: TranslationReport, width: number): string {
  const lines = [
    `${String(report.total)} rule${report.total === 1 ? '' : 's'}: ${String(report.exact)} exact, ${String(report.approximate)} approximate, ${String(report.unsupported)} unsupported`,
  ];
  for (const item of report.items) {
    const { line } = positionAt(item.at.source, item.at.start);
    const head = `${item.at.source.name}:${String(line)}  ${item.kind}  `;
    const advice = item.instead === undefined ? '' : `; instead: ${item.instead}`;
    lines.push(...wrapText(visibleText(`${head}${item.reason ?? ''}${advice}`), width, '    '));
    if (item.kind === 'unsupported') lines.push(...wrapText(visibleText(item.rule), width - 4, '  ').map((line) => `    ${line}`));
  }
  for (const remark of report.remarks) lines.push(...wrapText(visibleText(`note: ${remark}`), width, '    '));
  return `${lines.join('\n')}\n`;
}

/** `{rules: {total, exact, approximate, unsupported}, items: [{file, line, rule, kind, reason}]}` */
export function printTranslationReportJson(report: TranslationReport): string {
  const item = (entry: ReportItem): unknown => ({
    file: entry.at.source.name,
    line: positionAt(entry.at.source, entry.at.start).line,
    rule: entry.rule,
    kind: entry.kind,
    reason: entry.reason ?? '',
    ...(entry.instead === undefined ? {} : { instead: entry.instead }),
  });
  const { total, exact, approximate, unsupported } = report;
  return `${JSON.stringify({ rules: { total, exact, approximate, unsupported }, items: report.items.map(item), remarks: report.remarks }, undefined, 2)}\n`;
}
