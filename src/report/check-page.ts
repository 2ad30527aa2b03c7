/** The page of a check in Markdown: docs/checks has one of each, and SARIF takes it along. */

import type { Check } from '../checks/define.js';

const REPAIRS: Readonly<Record<Check['fix'], string>> = {
  safe: 'repaired by `--fix`',
  unsafe: 'repaired by `--unsafe-fixes`',
  sometimes: 'some repaired by `--fix` or `--unsafe-fixes`',
  none: '',
};

/** Summary, reason, advice, examples and source, without a title. */
export function checkPage(check: Check): string {
  const traits = [check.severity, REPAIRS[check.fix], `since ${check.since}`].filter((trait) => trait !== '');
  const parts = [`${check.summary}. *${traits.join(', ')}.*`, check.why];
  if (check.advice !== undefined) parts.push(check.advice);
  if (check.examples !== undefined) parts.push('Bad:', fence(check.examples.bad), 'Good:', fence(check.examples.good));
  parts.push(`Source: ${check.source}.`);
  return `${parts.join('\n\n')}\n`;
}

function fence(text: string): string {
  return `\`\`\`\n${text.trimEnd()}\n\`\`\``;
}
