/** The repaired commands of an input, as a shell takes them. */

import { quoteShellWord } from '../iptables/print.js';
import type { Input } from '../input/input.js';
import type { Source } from '../text/source.js';
import { wordCount, wordText } from '../text/word.js';

/**
 * A script and a dump stay what they are, with their repairs; of prose only the commands are written, one a line.
 * `repair` applies the fixes to a source.
 */
export function printCommands(input: Input, repair: (source: Source) => Source): string {
  if (input.kind !== 'text') return repair(input.source).text;
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
    lines.push(`${command.refused ? '# refused: ' : ''}${words.join(' ')}\n`);
  }
  return lines.join('');
}
