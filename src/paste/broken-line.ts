/** A line end in the middle of a rule, or a rule that lost the program it belongs to. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import type { Command, Repair } from './command.js';
import { problemOf, quoted } from './problem.js';

/** Whether a repair puts a program before a rule, rather than joins two lines. */
export function givesProgram(repair: Repair): boolean {
  return repair.check === 'broken-line' && /tables|\$/.test(repair.text) && !repair.text.startsWith('#');
}

/** The finding for one command; `repairs` may hold several lost continuations. */
export function brokenLineProblem(
  source: Source,
  command: Command,
  repairs: readonly [Repair, ...Repair[]],
  kind: 'script' | 'text' | 'save',
): Problem {
  const { text } = source;
  const joins = repairs.filter((repair) => repair.end > repair.start || repair.text === ' \\');
  const first = joins[0] ?? repairs[0];
  const lines = joins.map((repair) => secondLine(text, repair.end));
  const line = lines[0] ?? { start: first.start, end: first.end };
  const word = /^\S{1,40}/.exec(text.slice(line.start, line.end))?.[0] ?? '';
  return problemOf(source, 'broken-line', repairs, {
    message: `this line belongs to the command above it: ${quoted(text.slice(line.start, line.end))}`,
    here: 'the rest of the command above',
    again: '',
    at: spanOf(source, line.start, line.end),
    labels: [
      { span: spanOf(source, first.start, first.start), text: 'the command goes on here' },
      ...lines.slice(1).map((more) => ({ span: spanOf(source, more.start, more.end), text: 'and this' })),
    ],
    notes: [
      {
        kind: 'why',
        text:
          kind === 'save'
            ? `iptables-restore takes it for a rule of its own and refuses the file: ${refusalOfLine(text.slice(first.start, line.start), word)}`
            : `the shell ends the command at the line end and runs this as another: bash: ${word}: command not found; what was above is loaded without it`,
      },
      { kind: 'do', text: kind === 'save' || first.text === '' ? 'write the rule in one line' : 'end the line above with a backslash' },
    ],
    title: kind === 'save' ? 'join the lines' : 'join it to the command above',
    applicability: 'unsafe',
  });
}

/** `between`: what stands between the rule and the line that belongs to it, a comment perhaps; `word`: the first of the line. (iptables-restore 1.8.9) */
function refusalOfLine(between: string, word: string): string {
  if (between.trimStart().startsWith('#')) return "Bad argument `#'";
  return word.startsWith('!') ? 'no command specified' : `unknown option "${word}"`;
}

/** The finding for a rule as a dump has it, in a script or on a page. */
export function missingProgramProblem(source: Source, command: Command, repairs: readonly [Repair, ...Repair[]]): Problem {
  const [first] = repairs;
  const end = command.words[2]?.end ?? command.words[1]?.end ?? first.end;
  const option = source.text.slice(first.start, command.words[1]?.end ?? first.end);
  return problemOf(source, 'broken-line', repairs, {
    message: `${quoted(source.text.slice(first.start, end))} has no program before it`,
    here: `${first.text.trim()} is missing`,
    again: '',
    at: spanOf(source, first.start, end),
    labels: [],
    notes: [
      { kind: 'why', text: `the shell runs it as a command: bash: ${option}: command not found` },
      { kind: 'note', text: 'iptables-save and iptables -S print rules in this form; only iptables-restore reads it' },
      { kind: 'do', text: `write \`${first.text.trim()}\` before it` },
    ],
    title: `write \`${first.text.trim()}\` before it`,
    applicability: 'unsafe',
  });
}

function secondLine(text: string, lineBreak: number): { readonly start: number; readonly end: number } {
  let start = lineBreak;
  while (start < text.length && /\s/.test(text.charAt(start))) start += 1;
  let end = start;
  while (end < text.length && !/[\r\n]/.test(text.charAt(end))) end += 1;
  while (end > start && /\s/.test(text.charAt(end - 1))) end -= 1;
  return { start, end };
}
