/** The repaired commands of an input, as a shell takes them. */

import type { Command } from '../iptables/command.js';
import { quoteShellWord } from '../iptables/print.js';
import type { Input } from '../input/input.js';
import { wordCount, wordText } from '../text/word.js';

/**
 * Of a script or a dump, whose repairs were applied before it was read, all of the text; of prose only the commands, one a line.
 */
export function printCommands(input: Input): string {
  if (input.kind !== 'text') return input.source.text;
  const lines: string[] = [];
  for (const command of input.commands) {
    const words: string[] = [command.program];
    let start = 0;
    for (let index = 0; index < wordCount(command.words); index += 1)
      if (/(?:^|\/)ip6?tables(?:-legacy|-nft)?$/.test(wordText(command.words, index))) {
        start = index + 1;
        break;
      }
    for (let index = start; index < wordCount(command.words); index += 1) words.push(quoteShellWord(wordText(command.words, index)));
    lines.push(`${command.refused && !isOnlyUnread(command) ? '# refused: ' : ''}${words.join(' ')}\n`);
  }
  return lines.join('');
}

/** Whether all that is wrong with a command is that fwlint does not read a match or target of it. */
export function isOnlyUnread(command: Command): boolean {
  const fatal = command.problems.filter((problem) => problem.fatal);
  return fatal.length > 0 && fatal.every((problem) => problem.check === 'unsupported-extension');
}
