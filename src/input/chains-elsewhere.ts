/** Which chains may exist although no command that certainly runs creates them: what other scripts, files and branches do is not known. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Command } from '../iptables/command.js';
import { isBuiltInChain } from '../paste/options.js';
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
  return chainsNamed(names);
}

/** Lines that a dump, or a listing of `iptables -S`, begins and ends with, and that make chains. */
const FRAME = /^[ \t]*(?:\*\w|:|COMMIT\b|-[PNX] |--(?:policy|new-chain))/m;

/** The chains of a dump from which only rules are left, without any line that makes chains: those the rules stand in. */
export function chainsOfFragment(text: string): ReadonlySet<string> {
  if (FRAME.test(text)) return new Set();
  const chains = [...text.matchAll(/^[ \t]*(?:\[\d+:\d+\] )?-[AI] (\S{1,60})/gm)].map(([, name = '']) => name);
  return new Set(chains.filter((name) => !isBuiltInChain(name)));
}

/** What is to be said about rules that were cut out of a dump: where their own chains are asked is not known. */
export function fragmentProblem(commands: readonly Command[], fragment: ReadonlySet<string>): Problem | undefined {
  const first = fragment.size === 0 ? undefined : commands.find((command) => 'chain' in command && fragment.has(command.chain.text));
  if (first === undefined || !('chain' in first)) return undefined;
  return {
    check: 'restore-structure',
    severity: 'warning',
    message: `no line makes the chain \`${first.chain.text}\`: these rules are a part of a dump, and which rules jump to it is not known`,
    at: first.at,
    notes: [{ kind: 'do', text: 'give fwlint the whole dump' }],
  };
}

/** Chains that something else makes, as `runCommands` asks for them. */
export function chainsNamed(names: ReadonlySet<string>): ChainsElsewhere {
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
