/** `… --set iptables -I INPUT …`: the line end between two commands was lost. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import type { Repair } from './command.js';
import { problemOf, quoted } from './problem.js';

const COMPANION =
  /(?:service[ \t]+ip6?tables[ \t]+(?:save|restart|reload|stop|start)|\/etc\/(?:rc\.d\/)?init\.d\/ip6?tables[ \t]+(?:save|restart|reload|stop|start)|netfilter-persistent[ \t]+(?:save|reload)|ip6?tables-save[ \t]+>|systemctl[ \t]+(?:re)?(?:start|load)[ \t]+(?:iptables|netfilter-persistent))(?![\w-])/y;

/** Whether a command that usually follows rules begins at `at`: `service iptables save`. */
export function companionAt(text: string, at: number, end: number): boolean {
  COMPANION.lastIndex = at;
  return COMPANION.test(text) && COMPANION.lastIndex <= end;
}

/** The finding for one place where a command was split. */
export function twoCommandsProblem(
  source: Source,
  repairs: readonly [Repair, ...Repair[]],
  second: { readonly start: number; readonly end: number },
): Problem {
  const word = source.text.slice(second.start, second.end);
  const [{ start }] = repairs;
  const glued = start === second.start;
  // A prompt may stand before it.
  const stray = /[^\s\\]{1,60}/.exec(source.text.slice(start, second.end))?.[0] ?? word;
  return problemOf(source, 'two-commands-one-line', repairs, {
    message: `a second command begins in the middle of this one: ${quoted(word)}`,
    here: 'a line end is missing before this',
    again: 'and here',
    at: spanOf(source, second.start, second.end),
    notes: [
      {
        kind: 'why',
        text: glued
          ? 'the shell makes one word of this and what stands before it, and iptables takes everything up to the end of the line for one command'
          : `iptables takes everything up to the end of the line for one command and refuses it: Bad argument \`${stray}'`,
      },
      { kind: 'do', text: 'write each command on a line of its own' },
    ],
    title: 'begin a new line',
    applicability: 'unsafe',
  });
}
