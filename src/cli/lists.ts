/** `fwlint checks` and `fwlint extensions`. */

import { CHECKS } from '../checks/index.js';
import { MATCHES, TARGETS } from '../extensions/index.js';
import { standardOutput } from './output.js';

function table(rows: readonly (readonly string[])[]): string {
  const widths: number[] = [];
  for (const row of rows) row.forEach((cell, index) => (widths[index] = Math.max(widths[index] ?? 0, cell.length)));
  return rows.map((row) => `${row.map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd(widths[index] ?? 0))).join('  ')}\n`).join('');
}

export function runChecksList(): number {
  standardOutput.write(table(CHECKS.map((check) => [check.name, check.severity, check.fix === 'none' ? '-' : `fix: ${check.fix}`, check.summary])));
  return 0;
}

export function runExtensionsList(): number {
  const families = (list: readonly string[]): string => list.map((family) => (family === 'ip' ? 'v4' : 'v6')).join(' ');
  standardOutput.write(
    table([
      ...MATCHES.map((match) => [`-m ${match.name}`, families(match.families), match.summary]),
      ...TARGETS.map((target) => [`-j ${target.name}`, families(target.families), target.summary]),
    ]),
  );
  return 0;
}
