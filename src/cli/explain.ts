/** `fwlint explain NAME|TEXT`. */

import { CHECKS } from '../checks/index.js';
import { pastedRules, tellingFindings } from '../explain/commands.js';
import { explainCheck, explainError, printExplanation, printFindings, type Explanation } from '../explain/explain.js';
import { fix, lint } from '../lint/lint.js';
import { nearest } from '../text/distance.js';
import { createSource } from '../text/source.js';
import { readNamed } from './files.js';
import { standardError, standardOutput } from './output.js';

/** Prints the page of a check, or what an error message means; `-` reads the message from standard input. */
export function runExplain(asked: string): number {
  const text = asked === '-' ? readNamed('-', '<stdin>')?.source.text : asked;
  if (text === undefined) return 2;
  const page = explainCheck(text.trim());
  if (page !== undefined) {
    standardOutput.write(page);
    return 0;
  }
  const explanation = explainError(text);
  const found = judgePasted(text, explanation);
  if (explanation !== undefined || found !== '') {
    standardOutput.write(explanation === undefined ? found : printExplanation(explanation, found));
    return 0;
  }
  const [line = ''] = text.trim().split('\n');
  const close = nearest(
    line,
    CHECKS.map((check) => check.name),
  );
  const advice = close === undefined ? '`fwlint checks` lists the checks' : `did you mean \`${close}\`?`;
  standardError.write(`fwlint: \`${line}\` is neither a check nor an error message fwlint knows; ${advice}\n`);
  return 2;
}

/** What is wrong with the commands or the dump in a pasted text, and how they are meant where that can be told; empty when nothing is. */
function judgePasted(text: string, explanation: Explanation | undefined): string {
  const rules = pastedRules(text);
  if (rules === undefined) return '';
  const source = createSource('<pasted>', rules);
  const findings = tellingFindings(lint(source).findings, explanation);
  if (findings.length === 0) return '';
  const repaired = fix(source, ['safe', 'unsafe']).source.text.split('\n');
  const before = new Set(rules.split('\n'));
  return printFindings(
    findings,
    repaired.filter((line) => !before.has(line)),
  );
}
