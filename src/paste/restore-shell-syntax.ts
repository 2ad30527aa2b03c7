/** Shell syntax in a dump: iptables-restore knows no continuations, no `'`, no variables, no comments behind a rule. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import type { Command, Repair, Word } from './command.js';
import { acceptsDamage, governingOption, takesFreeText } from './options.js';
import { problemOf, quoted } from './problem.js';
import { refusalOf } from './tool-words.js';

/** The words of a rule that hold a variable; text for people may hold a `$`. */
function variablesOf(command: Command): readonly Word[] {
  return command.words.filter(
    (word, index) => /\$(?:[A-Za-z_]|\{[A-Za-z_])/.test(word.text) && !takesFreeText(governingOption(command.words, index)),
  );
}

// Checked with iptables-restore 1.8.9, legacy and nft.
function explanation(text: string, repair: Repair): readonly [string, string] {
  const stretch = text.slice(repair.start, repair.end);
  if (repair.start === repair.end || /^\s*#/.test(stretch)) return ['a comment behind a rule', "Bad argument `#'"];
  if (/^\s+$/.test(stretch)) return ['a comment that is indented', "Bad argument `#'"];
  if (stretch.includes('\\') && /^\s*\\/.test(stretch)) return ['a continuation', "Bad argument `\\'"];
  if (stretch.includes('tables')) return ['a program before the rule', `Bad argument \`${stretch.trim().split(/\s/, 1)[0] ?? ''}'`];
  return ['single quotes', ''];
}

/** The finding for one rule: repairs, and variables for which there is none. */
export function restoreShellSyntaxProblem(source: Source, command: Command, repairs: readonly Repair[], safe: boolean): Problem | undefined {
  const { text } = source;
  const variables = variablesOf(command);
  const shown = repairs.filter((repair) => repair.end > repair.start);
  const [first] = shown;
  if (first === undefined) {
    const [variable, ...more] = variables;
    if (variable === undefined) return undefined;
    const written = text.slice(variable.start, variable.end);
    const stays: Repair = { check: 'restore-shell-syntax', start: variable.start, end: variable.end, text: '', written: { text: undefined } };
    return problemOf(source, 'restore-shell-syntax', [stays], {
      message: `${quoted(written)} is a shell variable, which iptables-restore does not replace`,
      here: 'taken as it is written',
      again: '',
      labels: more.map((word) => ({ span: spanOf(source, word.start, word.end), text: 'and here' })),
      notes: [
        { kind: 'why', text: whyOf(command, variable, written) },
        { kind: 'do', text: 'write the value, or make the file a script of iptables commands' },
      ],
      title: '',
      applicability: 'suggestion',
    });
  }
  const [what, words] = explanation(text, first);
  const [head, ...tail] = repairs;
  const start = skipped(text, first);
  return problemOf(source, 'restore-shell-syntax', [head ?? first, ...tail], {
    message: `${what} is shell syntax, which iptables-restore does not know`.replace(/^single quotes is/, 'a word in single quotes is'),
    here: what,
    again: 'and here',
    at: spanOf(source, start, Math.max(start + 1, start + text.slice(start, first.end).trimEnd().length)),
    labels: [
      ...shown
        .slice(1)
        .filter((repair) => text.slice(repair.start, repair.end).trim() !== "'" || repair.start > first.start + 200)
        .map((repair) => ({ span: spanOf(source, repair.start, repair.end), text: 'and here' })),
      ...variables.map((word) => ({ span: spanOf(source, word.start, word.end), text: 'a variable is not replaced either' })),
    ],
    notes: [
      {
        kind: 'why',
        text:
          words !== ''
            ? `the line is refused, and the file with it: ${words}`
            : safe
              ? `only \`"\` groups words there: Bad argument \`${secondQuoted(text, first)}'`
              : 'the quotes become part of the text',
      },
      { kind: 'do', text: doing(what) },
    ],
    title: doing(what),
    applicability: safe ? 'safe' : 'unsafe',
  });
}

function doing(what: string): string {
  if (what === 'a continuation') return 'write the rule in one line';
  if (what === 'a program before the rule') return 'begin the line with the option';
  if (what === 'a comment behind a rule') return 'write the comment above the rule';
  return what === 'single quotes' ? 'write double quotes' : 'begin the comment in the first column';
}

function skipped(text: string, repair: Repair): number {
  let { start } = repair;
  if (text.slice(start, repair.end).trim() === '') return start;
  while (start < repair.end - 1 && /[ \t]/.test(text.charAt(start))) start += 1;
  return start;
}

function secondQuoted(text: string, repair: Repair): string {
  return (/^'\S*\s+(\S{1,40})/.exec(text.slice(repair.start, repair.start + 120))?.[1] ?? '').replaceAll('"', '');
}

function whyOf(command: Command, variable: Word, written: string): string {
  const option = governingOption(command.words, command.words.indexOf(variable));
  if (acceptsDamage(option, written)) return 'iptables-restore takes it for the name itself, which nothing has';
  const words = refusalOf(option, written);
  return `the line is refused, and the file with it${words === undefined ? '' : `: ${words}`}`;
}
