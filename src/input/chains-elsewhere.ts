/** Which chains may exist although no command that certainly runs creates them: what other scripts, files and branches do is not known. */

import type { Command } from '../iptables/command.js';
import { ALL_CHAINS, NO_CHAINS, type ChainsElsewhere } from '../ruleset/run.js';
import type { ShellCommand, ShellReading } from '../shell/expand.js';
import { isUnknown } from '../text/word.js';
import { findProgram } from './find-program.js';

/**
 * The chains that may be there when the commands of a script or a page run. `notRun`: commands that are read but left out of the ruleset;
 * `page`: the text of a page, which may quote rules of a file without the head that creates their chains.
 */
export function chainsElsewhere(
  shell: ShellReading,
  commands: readonly Command[],
  notRun: ReadonlyMap<Command, string>,
  page?: string,
): ChainsElsewhere {
  if (shell.sourced.some(({ read, library }) => !read && !library) || shell.commands.some(loadsUnknownRules)) return ALL_CHAINS;
  const names = new Set<string>();
  for (const command of commands) {
    if (command.kind !== 'newChain') continue;
    if (command.refused && command.problems.some(({ check }) => check === 'unknown-words')) return ALL_CHAINS;
    if (command.refused || notRun.has(command)) names.add(command.chain.text);
  }
  for (const [, name] of page?.matchAll(/^[ \t]*-[AI] (\S{1,60})/gm) ?? []) if (name !== undefined) names.add(name);
  for (const { words } of shell.commands) {
    if (findProgram(words) !== undefined) continue;
    // A wrapper that is not known, such as `run_iptables -N LOGDROP`.
    const option = words.findIndex(({ text }) => text === '-N' || text === '--new-chain');
    const name = option === -1 ? undefined : words[option + 1];
    if (name !== undefined) names.add(name.text);
  }
  return names.size === 0 ? NO_CHAINS : (_table, name) => names.has(name);
}

/** `iptables-restore < file`, and commands of which not even the operation is known. */
function loadsUnknownRules({ words, hereDocument }: ShellCommand): boolean {
  const program = findProgram(words);
  if (program === undefined || program.kind === 'save') return false;
  if (program.kind === 'restore') return hereDocument === undefined || hereDocument.pieces.some(({ unknown }) => unknown !== undefined);
  const next = words.slice(program.word + 1).find(({ text }) => text !== '-w' && text !== '--wait');
  return next !== undefined && isUnknown(next);
}
