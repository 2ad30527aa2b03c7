/** `\ ` at the end of a line: the blank behind the backslash keeps the command from going on. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Source } from '../text/source.js';
import type { Repair } from './command.js';
import { problemOf } from './problem.js';

/** The finding for one command. `next`: the first word of the line that does not belong to it any more, if one does not. */
export function spaceAfterBackslashProblem(source: Source, repairs: readonly [Repair, ...Repair[]], next: string | undefined): Problem {
  const { text } = source;
  const backslash = text.lastIndexOf('\\', repairs[0].end - 1);
  const glued = /[^\s]/.test(text.charAt(backslash - 1));
  const blank = text.charAt(backslash + 1);
  return problemOf(source, 'space-after-backslash', repairs, {
    message: 'blanks behind the backslash keep the command from going on in the next line',
    here: 'the backslash must be the last character of the line',
    again: 'and here',
    notes: [
      {
        kind: 'why',
        text: `${glued ? 'the blank becomes part of the word before it, which is refused' : `iptables gets a blank as a word and refuses the command: Bad argument \`${blank}'`}${next === undefined ? '' : `; the next line runs as a command of its own: bash: ${next}: command not found`}`,
      },
      { kind: 'do', text: 'delete the blanks' },
    ],
    title: 'let the backslash end the line, or delete it where nothing follows',
    applicability: 'safe',
  });
}
