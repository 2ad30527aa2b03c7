/** `-p tcp \ # ssh`: a comment where the command was to go on in the next line. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import type { Command, Repair } from './command.js';
import { problemOf } from './problem.js';

/** Moves the comments of a command to lines of their own above it; nothing is lost. */
export function moveComments(text: string, command: Command, check: Repair['check']): Repair[] {
  if (command.comments.length === 0) return [];
  const indent = /^[ \t]*/.exec(text.slice(command.lineStart, command.lineStart + 200))?.[0] ?? '';
  const above = command.comments.map((comment) => `${indent}${comment.text}\n`).join('');
  const repairs: Repair[] = [{ check, start: command.lineStart, end: command.lineStart, text: above }];
  for (const { start, end } of command.comments) if (end > start) repairs.push({ check, start, end, text: '' });
  return repairs;
}

/** The finding for one command. */
export function commentAfterBackslashProblem(source: Source, command: Command, repairs: readonly [Repair, ...Repair[]]): Problem {
  const places = repairs.filter((repair) => repair.end > repair.start);
  const first = places[0] ?? repairs[0];
  const { text } = source;
  const ownLine = text.slice(first.start, first.end).includes('\n');
  const escaped = text.charAt(first.start) === '#';
  const next = command.comments.length === 0 ? '' : nextWord(text, first.end);
  const at = ownLine
    ? spanOf(source, first.start + (/^\s*/.exec(text.slice(first.start, first.end))?.[0].length ?? 0), lineBreak(text, first))
    : spanOf(source, text.charAt(first.start) === '\\' ? first.start : first.start - 1, first.end);
  return problemOf(source, 'comment-after-backslash', repairs, {
    message: ownLine
      ? 'a comment line between the lines of a command ends the command'
      : 'a comment behind the backslash keeps the command from going on in the next line',
    here: ownLine ? 'the command ends here' : 'the backslash must be the last character of the line',
    again: '',
    labels: places.slice(1).map((repair) => ({ span: spanOf(source, repair.start, repair.end), text: 'and here' })),
    at,
    notes: [
      {
        kind: 'why',
        text: ownLine
          ? `the rule is loaded without what follows, which runs as a command of its own: bash: ${next}: command not found`
          : `the backslash keeps a blank: iptables gets a word of it and refuses the command: Bad argument \`${escaped ? '' : ' '}#'${next === '' ? '' : `; the next line runs as a command of its own: bash: ${next}: command not found`}`,
      },
      { kind: 'do', text: 'write the comments above the command' },
    ],
    title: command.comments.length === 0 ? 'delete the backslash' : 'move the comments above the command',
    // Without the comment line's options the rule was loaded, and matched more.
    applicability: ownLine && places.every((repair) => text.slice(repair.start, repair.end).includes('\n')) ? 'unsafe' : 'safe',
  });
}

function lineBreak(text: string, repair: Repair): number {
  let end = repair.end;
  while (end > repair.start && /[\r\n]/.test(text.charAt(end - 1))) end -= 1;
  return end;
}

function nextWord(text: string, at: number): string {
  return /^\s*(\S{1,40})/.exec(text.slice(at, at + 200))?.[1] ?? '';
}
