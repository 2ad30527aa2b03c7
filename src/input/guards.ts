/** Which commands of a script certainly ran when another one ran: branches, functions nobody calls, early returns. */

import type { Command } from '../iptables/command.js';
import type { Guard, ShellCommand } from '../shell/reading.js';
import type { Word } from '../text/word.js';
import type { Input } from './input.js';

const cache = new WeakMap<Input, ReadonlyMap<readonly Word[], ShellCommand>>();

/** The shell command a firewall command was read from; undefined in dumps. */
export function shellCommandOf(input: Input, command: Command): ShellCommand | undefined {
  if (input.shell === undefined || command.words.kind !== 'words') return undefined;
  let commands = cache.get(input);
  if (commands === undefined) {
    commands = new Map(input.shell.commands.map((shellCommand) => [shellCommand.words, shellCommand]));
    cache.set(input, commands);
  }
  return commands.get(command.words.words);
}

function guardsOf(input: Input, command: Command): readonly Guard[] {
  return shellCommandOf(input, command)?.guards ?? [];
}

function isSame(left: Guard, right: Guard): boolean {
  return left.kind === right.kind && left.construct === right.construct && left.branch === right.branch && left.negated === right.negated;
}

/** Whether `earlier` certainly runs in every run of the script in which `later` does. Always so in a dump. */
export function runsWhenever(input: Input, earlier: Command, later: Command): boolean {
  const own = guardsOf(input, later);
  return guardsOf(input, earlier).every((guard) => own.some((other) => isSame(guard, other)));
}
