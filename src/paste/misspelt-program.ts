/** `iptable -A`, `IPT=/sbin/iptales`: a name that is nearly iptables, which no shell finds. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Source } from '../text/source.js';
import { skipBlanks } from './characters.js';
import { pushWord, type Command, type Repair, type Word } from './command.js';
import { isOperation } from './options.js';
import { misspeltProgram, namesProgram, type MisspeltProgram, type ProgramNames } from './programs.js';
import { optionAt } from './scan.js';
import { problemOf } from './problem.js';

/** The program a word at `start`..`end` of a text means: it is misspelt, and an operation or a table comes next (`-A`, `-t`). */
export function misspeltCallAt(
  text: string,
  word: { readonly start: number; readonly end: number },
  end: number,
  names: ProgramNames,
): MisspeltProgram | undefined {
  const option = optionAt(text, skipBlanks(text, word.end, end), end);
  if (option === undefined || option.start === word.end) return undefined;
  if (!isOperation(option.name) && option.name !== 't' && option.name !== 'table' && option.name !== 'w') return undefined;
  return misspeltProgram(text.slice(word.start, word.end), names);
}

/** Takes a misspelt word for the program it means. */
export function pushMisspelt(command: Command, word: Word, meant: MisspeltProgram): void {
  const start = word.start + meant.folder;
  command.repairs.push({ check: 'misspelt-program', start, end: word.end, text: meant.name });
  command.program = meant.program;
  command.programWord = command.words.length;
  pushWord(command, { ...word, text: word.text.slice(0, meant.folder) + meant.name });
}

/** Notes the misspelt program of an assignment to a variable that is named for one: `IPT=/sbin/iptales`. */
export function noteMisspeltValue(text: string, command: Command, word: Word, names: ProgramNames): void {
  const found = /^([A-Za-z_]\w{0,60})=(["']?)((?:\/[\w.-]+)*\/)?([\w-]+)\2$/.exec(text.slice(word.start, Math.min(word.end, word.start + 200)));
  if (found === null || !namesProgram(found[1] ?? '')) return;
  const meant = misspeltProgram(found[4] ?? '', names);
  if (meant === undefined) return;
  const end = word.end - (found[2] ?? '').length;
  command.repairs.push({ check: 'misspelt-program', start: end - (found[4] ?? '').length, end, text: meant.name });
}

/** The finding for one command or assignment. */
export function misspeltProgramProblem(source: Source, repairs: readonly [Repair, ...Repair[]]): Problem {
  const [{ start, end, text }] = repairs;
  const written = source.text.slice(start, end);
  return problemOf(source, 'misspelt-program', repairs, {
    message: `\`${written}\` is no program: ${written.toLowerCase() === text ? 'its name is written in small letters' : `\`${text}\` is meant`}`,
    here: 'not found',
    again: 'and here',
    notes: [
      { kind: 'why', text: `the shell finds no such program and goes on without the rule: bash: ${written}: command not found` },
      { kind: 'do', text: `write \`${text}\`` },
    ],
    title: `write \`${text}\``,
    applicability: 'safe',
  });
}
