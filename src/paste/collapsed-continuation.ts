/** `echo-request \ -m recent` in the middle of a line: two lines were joined and the backslash between them stayed. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import type { Repair } from './command.js';
import { problemOf } from './problem.js';

/** The finding for one command. */
export function collapsedContinuationProblem(source: Source, repairs: readonly [Repair, ...Repair[]], dump: boolean): Problem {
  const [first] = repairs;
  const { text } = source;
  const behind = /^\\[ \t](\S{0,40})/.exec(text.slice(first.start, first.start + 60))?.[1] ?? '';
  // Glued to the word before it, or a word of its own: a blank and what follows up to the next blank.
  const glued = /[^\s]/.test(text.charAt(first.start - 1));
  return problemOf(source, 'collapsed-continuation', repairs, {
    message: 'a backslash in the middle of the line is left from joined lines',
    here: 'makes the blank part of a word',
    again: 'and here',
    at: spanOf(source, first.start, first.start + 1),
    notes: [
      {
        kind: 'why',
        text: dump
          ? "iptables-restore takes it for a word and refuses the file: Bad argument `\\'"
          : glued
            ? 'it makes the blank part of the words around it, which iptables gets as one'
            : `it makes the blank part of a word, which iptables refuses: Bad argument \` ${behind}'`,
      },
      { kind: 'do', text: 'delete the backslash' },
    ],
    title: 'delete the backslash',
    applicability: 'safe',
  });
}
