/** `fwlint explain NAME|TEXT`. */

import { explainCheck, explainError, printExplanation } from '../explain/explain.js';

/** Prints the page of a check, or what an error message means. */
export function runExplain(text: string): number {
  const page = explainCheck(text.trim());
  if (page !== undefined) {
    process.stdout.write(page);
    return 0;
  }
  const explanation = explainError(text);
  if (explanation !== undefined) {
    process.stdout.write(printExplanation(explanation));
    return 0;
  }
  process.stderr.write(`fwlint: \`${text}\` is neither a check (\`fwlint checks\` lists them) nor an error message fwlint knows\n`);
  return 2;
}
