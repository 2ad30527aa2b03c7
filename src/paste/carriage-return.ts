/** Lines that end in CR LF, or in CR alone: files that were edited on another system. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import type { Repair } from './command.js';
import { problemOf } from './problem.js';

/** One repair for every run of carriage returns before a line feed, or for one that stands alone and ends a line itself. */
export function carriageReturnRepairs(text: string): Repair[] {
  const repairs: Repair[] = [];
  for (let at = text.indexOf('\r'); at !== -1; at = text.indexOf('\r', at)) {
    let end = at;
    while (text.charCodeAt(end) === 0x0d) end += 1;
    repairs.push({ check: 'carriage-return', start: at, end, text: text.charCodeAt(end) === 0x0a || end >= text.length ? '' : '\n' });
    at = end;
  }
  return repairs;
}

/** The one finding for all of them. `safe`: see docs of the fix classes; a text at the end of a line may hold its CR today. */
export function carriageReturnProblem(
  source: Source,
  repairs: readonly [Repair, ...Repair[]],
  kind: 'script' | 'save' | 'ipset',
  safe: boolean,
): Problem {
  const count = repairs.length;
  const alone = repairs.some((repair) => repair.text === '\n');
  return problemOf(source, 'carriage-return', repairs, {
    message:
      count === 1
        ? `a line ends in a carriage return${alone ? '' : ' and a line feed'}`
        : `${String(count)} lines end in a carriage return${alone ? '' : ' and a line feed (CRLF)'}`,
    here: 'carriage return (U+000D)',
    again: '',
    labels: [],
    at: spanOf(source, repairs[0].start, repairs[0].end),
    notes: [
      {
        kind: 'why',
        text:
          kind === 'script'
            ? "to the shell it is part of the last word, which iptables refuses or keeps; it says things such as: Invalid target name `ACCEPT'"
            : kind === 'save'
              ? "iptables-restore takes it for part of the last word: unable to initialize table 'filter' (legacy), line 1 table name 'filter' invalid (nft)"
              : 'ipset restore takes it for part of the last word',
      },
      { kind: 'do', text: 'save the file with Unix line ends' },
    ],
    title: 'end the lines with a line feed only',
    applicability: safe ? 'safe' : 'unsafe',
  });
}
