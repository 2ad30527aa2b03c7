/** Words of a firewall command that quotes keep together although they are several: `"$OPTIONS"`. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { ShellCommand } from '../shell/expand.js';
import { spanText } from '../text/source.js';
import { isUnknown, type Word } from '../text/word.js';

/** Options that take free text, which may look like options. */
const TAKES_TEXT = /^--(?:comment|log-prefix|nflog-prefix|ulog-prefix|string|hex-string)$/;

const PROGRAM = /^(?:\S*\/)?ip6?tables(?:-legacy|-nft)?\s+\S/;

/** What is wrong with the words of a command; `program`: the number of the word that names iptables. */
export function quotedBundles(command: ShellCommand, program: number): readonly Problem[] {
  return command.words.flatMap((word, index) => {
    if (index <= program || !/^!?\s*--?[A-Za-z][\w-]*\s+\S/.test(word.text)) return [];
    if (TAKES_TEXT.test(command.words[index - 1]?.text ?? '')) return [];
    return problemOf(word, `\`${shown(word)}\` is one word in quotes: iptables gets \`${word.text}\` as a single argument`);
  });
}

/** The same for the program: `"$IPT"` with options in it. */
export function quotedProgram({ words }: ShellCommand): readonly Problem[] {
  const [first] = words;
  if (first === undefined || !PROGRAM.test(first.text)) return [];
  return problemOf(first, `\`${shown(first)}\` is one word in quotes: the shell looks for a program called \`${first.text}\``);
}

function shown(word: Word): string {
  return spanText(word.span);
}

function problemOf(word: Word, message: string): readonly Problem[] {
  const text = shown(word);
  // Only a variable that is quoted whole has one reading: `"-p tcp"` as it is written may be a mistake of another kind.
  if (isUnknown(word) || !/^"\$(?:\w+|\{\w+\})"$/.test(text)) return [];
  const variable = word.pieces[0]?.via.find((step) => step.kind === 'variable');
  return [
    {
      check: 'quoted-option-bundle',
      at: word.span,
      message,
      here: 'one word',
      ...(variable?.kind === 'variable' ? { labels: [{ span: variable.assignedAt, text: 'several words' }] } : {}),
      notes: [{ kind: 'do', text: `write \`${text.slice(1, -1)}\` without quotes` }],
      fixes: [{ title: `write \`${text.slice(1, -1)}\``, applicability: 'unsafe', edits: [{ span: word.span, text: text.slice(1, -1) }] }],
    },
  ];
}
