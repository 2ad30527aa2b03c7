/** Completions for zsh. */

import { HELP, optionsWithoutCommand, type CompletedOption, type CompletedProgram, type Values } from './program.js';

/** The script for zsh. */
export function printZsh(program: CompletedProgram): string {
  const { commands } = program;
  const specs = (options: readonly CompletedOption[]): readonly string[] => options.map((option) => `      ${zshOption(option)} \\`);
  const lines = [
    '#compdef fwlint',
    '# zsh completion for fwlint: put this as _fwlint into a folder of $fpath, or `source <(fwlint completions zsh)`',
    '_fwlint_command() {',
    '  case "$1" in',
  ];
  for (const { name, options, values } of commands)
    lines.push(`    ${name})`, '      _arguments -s -S : \\', ...specs([...options, HELP]), `      ${zshArgument(values)}`, '      ;;');
  lines.push(
    '  esac',
    '}',
    '_fwlint() {',
    '  local -a commands',
    '  commands=(',
    ...commands.map(({ name, description }) => `    ${zshQuote(`${name}:${description}`)}`),
    '  )',
    '  # The name of a command is the first word; what follows has its options.',
    `  if (( CURRENT > 2 )) && (( \${commands[(I)\${words[2]}:*]} )); then`,
    '    local command="${words[2]}"',
    '    shift words',
    '    (( CURRENT-- ))',
    '    _fwlint_command "$command"',
    '    return',
    '  fi',
    '  if (( CURRENT == 2 )) && [[ "${words[2]}" != -* ]]; then',
    "    _describe -t commands 'command' commands",
    '    _files',
    '    return',
    '  fi',
    '  _arguments -s -S : \\',
    ...specs(optionsWithoutCommand(program)),
    `      ${zshArgument({ kind: 'files' })}`,
    '}',
    '# Sourced, it is only made known; from $fpath it is called at once.',
    'if [[ "${funcstack[1]}" = _fwlint ]]; then _fwlint "$@"; else compdef _fwlint fwlint; fi',
    '',
  );
  return lines.join('\n');
}

const zshQuote = (text: string): string => `'${text.replaceAll("'", "'\\''")}'`;

function zshOption({ names, description, values }: CompletedOption): string {
  const said = description.replaceAll('[', '(').replaceAll(']', ')').replaceAll(':', '\\:');
  const action = zshAction(values);
  const others = names.length > 1 ? `(${names.join(' ')})` : '';
  const spec = names
    .map((name) => {
      // A long option takes its value behind `=` or as the next word.
      const sign = action === undefined ? '' : name.startsWith('--') ? '=' : '+';
      return zshQuote(`${others}${name}${sign}[${said}]${action === undefined ? '' : `:value:${action}`}`);
    })
    .join(' ');
  return spec;
}

function zshAction(values: Values): string | undefined {
  switch (values.kind) {
    case 'nothing':
      return undefined;
    case 'any':
      return ' ';
    case 'files':
      return '_files';
    case 'folders':
      return '_files -/';
    case 'choices':
      return `(${values.choices.join(' ')})`;
    case 'list':
      return `_values -s , value ${values.choices.map((choice) => (choice.endsWith('=') ? `${choice.slice(0, -1)}\\:\\:' '` : choice)).join(' ')}`;
  }
}

function zshArgument(values: Values): string {
  const action = zshAction(values);
  return action === undefined ? '&& return 0' : zshQuote(`*:argument:${action}`);
}
