/** `echo-request \ -m recent` in the middle of a line: two lines were joined and the backslash between them stayed. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import type { Repair } from './command.js';
import { problemOf } from './problem.js';

/** The finding for one command. */
export function collapsedContinuationProblem(source: Source, repairs: readonly [Repair, ...Repair[]]): Problem {
  const [first] = repairs;
  const next = /^\\[ \t\u00a0]*(\S{1,40})/.exec(source.text.slice(first.start, first.start + 200))?.[1] ?? '';
  return problemOf(source, 'collapsed-continuation', repairs, {
    message: 'a backslash in the middle of the line is left from joined lines',
    here: 'makes the blank part of the next word',
    again: 'and here',
    at: spanOf(source, first.start, first.start + 1),
    notes: [
      { kind: 'why', text: `it makes the blank part of the word behind it, which iptables refuses: Bad argument \` ${next}'` },
      { kind: 'do', text: 'delete the backslash' },
    ],
    title: 'delete the backslash',
    applicability: 'safe',
  });
}
