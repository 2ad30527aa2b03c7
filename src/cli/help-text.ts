/** What the help of fwlint ends with, and the manual page says, too. */

import { wrapText } from '../report/columns.js';

/** Command lines and what they are for. */
export const EXAMPLES: readonly (readonly [line: string, what: string])[] = [
  ['fwlint rules.sh', 'what is wrong with it'],
  ['fwlint --fix rules.sh', 'repair what has one meaning'],
  ['fwlint translate rules.sh > rules.nft', 'compile it; nft -f rules.nft loads it'],
  ['iptables-save | fwlint translate', 'compile what is loaded'],
  ['fwlint explain unicode-dash', 'what a finding means'],
];

/** Exit statuses and what they say. */
export const EXIT_STATUSES: readonly (readonly [status: number, says: string])[] = [
  [0, 'nothing found, everything carried over'],
  [1, 'findings, or something not carried over'],
  [2, 'a mistake in the call or the configuration, or a file that cannot be read or written'],
  [3, 'a defect in fwlint'],
];

/** Columns of the help. */
const WIDTH = 80;

/** Printed behind the list of commands. */
export function helpEnd(): string {
  const width = Math.max(...EXAMPLES.map(([line]) => line.length));
  const statuses = EXIT_STATUSES.map(([status, says]) => `${String(status)} ${says}`).join('; ');
  return `
Examples:
${EXAMPLES.map(([line, what]) => `  ${line.padEnd(width)}  ${what}`).join('\n')}

\`fwlint FILE\` is \`fwlint lint FILE\`; for a file that is called like a command
write \`fwlint ./checks\`. \`fwlint COMMAND --help\` lists the options of a command.

${wrapText(`Exit status: ${statuses}`, WIDTH, '').join('\n')}`;
}
