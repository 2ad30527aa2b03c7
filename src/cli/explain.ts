/** `fwlint explain NAME|TEXT`. */

import { CHECKS } from '../checks/index.js';
import { explainCheck, explainError, printExplanation } from '../explain/explain.js';
import { nearest } from '../text/distance.js';
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
  if (explanation !== undefined) {
    standardOutput.write(printExplanation(explanation));
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
