/** What a script does as a program of its own, that is run again: its changes, loads and saves, apart from pasted lines that are part of something else. */

import type { Family } from '../extensions/define.js';
import { HOOKS } from '../iptables/builtin.js';
import type { Command } from '../iptables/command.js';
import type { ShellCommand, ShellReading } from '../shell/expand.js';
import { oncePer } from '../text/once-per.js';
import { findProgram } from './find-program.js';
import { shellCommandOf } from './guards.js';
import type { Input } from './input.js';

/** A command that adds a rule. */
export type RuleAddition = Extract<Command, { kind: 'append' | 'insert' }>;

/** A script that is run as a whole. */
export interface WholeScript {
  readonly shell: ShellReading;
  /** Its commands in order, without those of functions that nothing calls. */
  readonly commands: readonly Command[];
  readonly additions: readonly RuleAddition[];
  /** Chains that some command empties, and tables that it empties or takes single rules out of; as `chainKey` writes them. */
  readonly takenOut: ReadonlySet<string>;
}

/** The script as a program; undefined for a dump, prose, pasted lines, and a file that another script sources. */
export const wholeScript = oncePer(readWhole);

function readWhole(input: Input): WholeScript | undefined {
  const { shell } = input;
  if (shell?.interpreter === undefined || input.kind !== 'script') return undefined;
  const commands = input.commands.filter((command) => shellCommandOf(input, command)?.guards.every(({ kind }) => kind !== 'uncalled') ?? true);
  const additions = commands.filter((command): command is RuleAddition => command.kind === 'append' || command.kind === 'insert');
  const takenOut = new Set<string>();
  for (const command of commands) {
    if (command.kind === 'flush') takenOut.add(chainKey(command.family, command.table, command.chain?.text));
    else if (command.kind === 'delete' || command.kind === 'deleteNumber' || command.kind === 'check')
      takenOut.add(chainKey(command.family, command.table, undefined));
  }
  return { shell, commands, additions, takenOut };
}

/** A chain as one text; without a chain the whole table. */
function chainKey(family: Family, table: string, chain: string | undefined): string {
  return `${family} ${table} ${chain ?? ''}`;
}

/** Whether the script cannot be seen whole: it runs files or texts that are not known. */
export function hasUnknownParts({ sourced, commands }: ShellReading): boolean {
  return (
    sourced.some(({ read, library }) => !read && !library) ||
    commands.some(
      ({ words }) =>
        /^(?:eval|\.|source)$/.test(words[0]?.text ?? '') && words.slice(1).some(({ pieces }) => pieces.some(({ unknown }) => unknown !== undefined)),
    )
  );
}

/** Whether some command empties the chain of an addition, or takes single rules out of its table. */
export function isEverTakenOut({ takenOut }: WholeScript, { family, table, chain }: RuleAddition): boolean {
  return takenOut.has(chainKey(family, table, undefined)) || takenOut.has(chainKey(family, table, chain.text));
}

/** Whether a command empties all chains of a table. */
export function emptiesTable(command: Command, table: string, family: Family): boolean {
  return command.kind === 'flush' && command.chain === undefined && command.table === table && command.family === family;
}

/** Whether a chain is a built-in one. */
export function isBuiltinChain(name: string): boolean {
  return (HOOKS as readonly string[]).includes(name);
}

/** Whether a command waits for the answer of another firewall command: `iptables -C … || iptables -A …`. */
export function asksFirst({ shell }: WholeScript, command: ShellCommand): boolean {
  return command.guards.some((guard) => {
    const asked = guard.command === undefined ? undefined : shell.commands[guard.command];
    return asked !== undefined && findProgram(asked.words) !== undefined;
  });
}

/** The command's name without its folder; behind `sudo`. */
export function programOf({ words }: ShellCommand): string {
  const first = words.find(({ text }) => text !== 'sudo' && text !== 'command' && text !== 'exec' && !text.startsWith('-'));
  const text = first?.text ?? '';
  return text.slice(text.lastIndexOf('/') + 1);
}
