/** Completions for bash. */

import { DEFAULT_COMMAND, HELP, optionsWithoutCommand, type CompletedOption, type CompletedProgram, type Values } from './program.js';

/** The script for bash. */
export function printBash(program: CompletedProgram): string {
  const { commands } = program;
  const lines = [
    '# bash completion for fwlint: put this into ~/.local/share/bash-completion/completions/fwlint,',
    '# or `source <(fwlint completions bash)` into ~/.bashrc',
    '_fwlint_files() {',
    "  local IFS=$'\\n'",
    '  compopt -o filenames 2>/dev/null',
    '  COMPREPLY=($(compgen "$1" -- "$2"))',
    '}',
    '# Some words between commas: what stands before the last comma is kept.',
    '_fwlint_list() {',
    '  local before="" part="$2"',
    '  case "$part" in *,*) before="${part%,*},"; part="${part##*,}" ;; esac',
    '  compopt -o nospace 2>/dev/null',
    '  COMPREPLY=($(compgen -P "$before" -W "$1" -- "$part"))',
    '}',
    '_fwlint() {',
    '  local current="$2" previous="$3" command=""',
    '  COMPREPLY=()',
    // bash splits words at `=`: `--format=sa` comes as three.
    '  if [ "$current" = "=" ]; then current=""; elif [ "$previous" = "=" ]; then previous="${COMP_WORDS[COMP_CWORD - 2]}"; fi',
    '  if [ "$COMP_CWORD" -gt 1 ]; then',
    `    case "\${COMP_WORDS[1]}" in ${commands.map(({ name }) => name).join('|')}) command="\${COMP_WORDS[1]}" ;; esac`,
    '  fi',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    '    case "$current" in',
    `      -*) COMPREPLY=($(compgen -W "${namesOf(optionsWithoutCommand(program))}" -- "$current")) ;;`,
    '      *)',
    '        _fwlint_files -f "$current"',
    `        COMPREPLY+=($(compgen -W "${commands.map(({ name }) => name).join(' ')}" -- "$current"))`,
    '        ;;',
    '    esac',
    '    return',
    '  fi',
    `  case "\${command:-${DEFAULT_COMMAND}}" in`,
  ];
  for (const { name, options, values } of commands) {
    lines.push(`    ${name})`, '      case "$previous" in');
    for (const option of options)
      if (option.values.kind !== 'nothing') lines.push(`        ${option.names.join('|')}) ${bashValues(option.values)}; return ;;`);
    lines.push(
      '      esac',
      '      case "$current" in',
      `        -*) COMPREPLY=($(compgen -W "${namesOf([...options, HELP])}" -- "$current")) ;;`,
      `        *) ${bashValues(values)} ;;`,
      '      esac',
      '      ;;',
    );
  }
  lines.push('  esac', '}', 'complete -F _fwlint fwlint', '');
  return lines.join('\n');
}

function namesOf(options: readonly CompletedOption[]): string {
  return options.flatMap(({ names }) => names).join(' ');
}

function bashValues(values: Values): string {
  switch (values.kind) {
    case 'choices':
      return `COMPREPLY=($(compgen -W "${values.choices.join(' ')}" -- "$current"))`;
    case 'list':
      return `_fwlint_list "${values.choices.join(' ')}" "$current"`;
    case 'files':
      return '_fwlint_files -f "$current"';
    case 'folders':
      return '_fwlint_files -d "$current"';
    case 'any':
    case 'nothing':
      return ':';
  }
}
