/** The report of a translation, for people and for programs. */

import type { ReportItem, TranslationReport } from '../translate/report.js';
import { positionAt } from '../text/source.js';
import { visibleText, wrapText } from './columns.js';

/** `N rules: E exact, A approximate, U unsupported`, then a line for each of the last two. */
export function printTranslationReport(report: TranslationReport, width: number): string {
  const lines = [
    `${String(report.total)} rule${report.total === 1 ? '' : 's'}: ${String(report.exact)} exact, ${String(report.approximate)} approximate, ${String(report.unsupported)} unsupported`,
  ];
  for (const [item, others] of itemsByReason(report.items)) {
    const { line } = positionAt(item.at.source, item.at.start);
    const head = `${item.at.source.name}:${String(line)}${placesShown(others)}  ${item.kind}  `;
    const advice = item.instead === undefined ? '' : `; instead: ${item.instead}`;
    lines.push(...wrapText(visibleText(`${head}${item.reason ?? ''}${advice}`), width, '    '));
    if (item.kind === 'unsupported') lines.push(...wrapText(visibleText(item.rule), width - 4, '  ').map((line) => `    ${line}`));
  }
  for (const remark of report.remarks) lines.push(...wrapText(visibleText(`note: ${remark}`), width, '    '));
  return `${lines.join('\n')}\n`;
}

/** How many rules with the same words are one entry, and how many of their places it names. */
const MANY = 5;

/** The items of a report in order; approximate ones with the same words, when they are many, at the first. */
function itemsByReason(items: readonly ReportItem[]): readonly (readonly [ReportItem, readonly ReportItem[]])[] {
  const groups = new Map<string, ReportItem[]>();
  for (const item of items) {
    if (item.kind !== 'approximate') continue;
    const key = `${item.at.source.name}\0${item.reason ?? ''}\0${item.instead ?? ''}`;
    const group = groups.get(key);
    if (group === undefined) groups.set(key, [item]);
    else group.push(item);
  }
  const many = new Map([...groups.values()].flatMap((group) => (group.length < MANY ? [] : group.map((item) => [item, group] as const))));
  return items.flatMap((item): readonly (readonly [ReportItem, readonly ReportItem[]])[] => {
    const group = many.get(item);
    if (group === undefined) return [[item, []]];
    return group[0] === item ? [[item, group.slice(1)]] : [];
  });
}

/** `, 7, 9, 12 and 5 more` */
function placesShown(items: readonly ReportItem[]): string {
  if (items.length === 0) return '';
  const lines = items.slice(0, MANY - 1).map(({ at }) => String(positionAt(at.source, at.start).line));
  const more = items.length - lines.length;
  return `, ${lines.join(', ')}${more > 0 ? ` and ${String(more)} more` : ''}`;
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
