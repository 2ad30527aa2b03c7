/** What the help of fwlint ends with, and the manual page says, too. */

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

const EXAMPLE_WIDTH = Math.max(...EXAMPLES.map(([line]) => line.length));

/** Printed behind the list of commands. */
export const HELP_END = `
Examples:
${EXAMPLES.map(([line, what]) => `  ${line.padEnd(EXAMPLE_WIDTH)}  ${what}`).join('\n')}

\`fwlint FILE\` is \`fwlint lint FILE\`; for a file that is called like a command
write \`fwlint ./checks\`. \`fwlint COMMAND --help\` lists the options of a command.

Exit status:
${EXIT_STATUSES.map(([status, says]) => `  ${String(status)}  ${says}`).join('\n')}`;
