/** Finds the commands and files of rules in a pasted text, so that they can be judged like any other input. */

import { isAtLeast, type Diagnostic } from '../diagnostics/diagnostic.js';
import type { Explanation } from './explain.js';

/** A command of iptables with what may stand before it in a terminal: a prompt, `+` of `sh -x`, sudo. */
const COMMAND = /^(?:.{0,80}[#$%>+]\s+)?((?:sudo\s+(?:-\S+\s+)*)?(?:\/[\w./-]*\/)?ip6?tables(?:-legacy|-nft)?\s+[-\u2010-\u2015\u2212].*)$/;

/** A line of a dump, and one with which a table begins. */
const SAVE_LINE = /^(?:#|\*|:|\[|-[AIRDNPX] |COMMIT\b)/;
const TABLE_LINE = /^\*(?:filter|nat|mangle|raw|security)\b/;

/** No more of a text is judged: what it is asked for is an error, not a whole firewall. (characters) */
const LENGTH_LIMIT = 20_000;

/** The commands of iptables in a text, each with its continued lines, or the dump that it holds; undefined when there are none. */
export function pastedRules(text: string): string | undefined {
  const lines = text.slice(0, LENGTH_LIMIT).split('\n');
  const begin = lines.findIndex((line) => TABLE_LINE.test(line));
  if (begin !== -1) {
    const end = lines.findIndex((line, index) => index > begin && line.trim() !== '' && !SAVE_LINE.test(line));
    return `${lines.slice(begin, end === -1 ? undefined : end).join('\n')}\n`;
  }
  const commands: string[] = [];
  for (let index = 0; index < lines.length; index += 1) {
    let command = COMMAND.exec(lines[index] ?? '')?.[1];
    while (command?.endsWith('\\') === true && index + 1 < lines.length) command += `\n${lines[(index += 1)] ?? ''}`;
    if (command !== undefined) commands.push(command);
  }
  return commands.length === 0 ? undefined : `${commands.join('\n')}\n`;
}

/** What is a mistake only when the text holds all the rules there are, which a pasted command does not. */
const NEEDS_THE_REST: ReadonlySet<string> = new Set(['unknown-target-or-chain', 'recent-never-set', 'chain-in-use']);

/** Those findings about pasted rules that say why they were refused: what is wrong in any case, and what the message may mean. */
export function tellingFindings(findings: readonly Diagnostic[], explanation: Explanation | undefined): readonly Diagnostic[] {
  return findings.filter(({ check, severity }) =>
    explanation?.checks.includes(check) === true ? isAtLeast(severity, 'warning') : severity === 'error' && !NEEDS_THE_REST.has(check),
  );
}
