/** Completions for fish. */

import { DEFAULT_COMMAND, HELP, type CompletedOption, type CompletedProgram, type Values } from './program.js';

/** The script for fish. */
export function printFish({ commands, options: own }: CompletedProgram): string {
  const all = commands.map(({ name }) => name).join(' ');
  const lines = [
    '# fish completion for fwlint: put this into ~/.config/fish/completions/fwlint.fish',
    `set -l commands ${all}`,
    '# Without the name of a command it is lint.',
    'function __fwlint_command',
    '  set -l words (commandline -opc)',
    `  if set -q words[2]; and contains -- $words[2] ${all}`,
    '    echo $words[2]',
    '  else',
    `    echo ${DEFAULT_COMMAND}`,
    '  end',
    'end',
    'function __fwlint_is',
    '  test (__fwlint_command) = $argv[1]',
    'end',
    'function __fwlint_at_start',
    '  test (count (commandline -opc)) -eq 1',
    'end',
    '# Some words between commas: what stands before the last comma is kept.',
    'function __fwlint_list',
    "  set -l before (string match -r '^.*,' -- (commandline -ct | string replace -r '^--?[a-z-]+=' ''))",
    '  printf "$before%s\\n" $argv',
    'end',
  ];
  for (const { name, description } of commands) lines.push(`complete -c fwlint -n __fwlint_at_start -a ${name} -d ${fishQuote(description)}`);
  for (const option of own) lines.push(fishOption(option, '__fwlint_at_start'));
  lines.push(fishOption(HELP, undefined));
  for (const { name, options, values } of commands) {
    const condition = `'__fwlint_is ${name}'`;
    for (const option of options) lines.push(fishOption(option, condition));
    const action = fishAction(values);
    if (values.kind !== 'files') lines.push(`complete -c fwlint -n ${condition} -f${action === '' ? '' : ` -a ${action}`}`);
  }
  return `${lines.join('\n')}\n`;
}

/** In single quotes fish takes back only `\'` and `\\`. */
const fishQuote = (text: string): string => `'${text.replace(/['\\]/g, '\\$&')}'`;

function fishOption({ names, description, values }: CompletedOption, condition: string | undefined): string {
  const flags = names.map((name) => (name.startsWith('--') ? `-l ${name.slice(2)}` : `-s ${name.slice(1)}`));
  const action = fishAction(values);
  // -r: a value must follow; -f: no file.
  const takes = values.kind === 'nothing' ? '' : values.kind === 'files' ? ' -r -F' : values.kind === 'any' ? ' -x' : ` -x -a ${action}`;
  return `complete -c fwlint${condition === undefined ? '' : ` -n ${condition}`} ${flags.join(' ')}${takes} -d ${fishQuote(description)}`;
}

function fishAction(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return fishQuote(values.choices.join(' '));
    case 'list':
      return fishQuote(`(__fwlint_list ${values.choices.join(' ')})`);
    case 'folders':
      return fishQuote('(__fish_complete_directories)');
    case 'files':
    case 'any':
    case 'nothing':
      return '';
  }
}
