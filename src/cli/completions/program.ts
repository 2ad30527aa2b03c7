/** What there is to complete, read from the commands and their options. */

import type { Argument, Command, Option } from 'commander';

import { CHECKS } from '../../checks/index.js';
import { choicesOf, TARGET_KEYS } from '../options.js';

/** What stands behind an option or a command. */
export type Values =
  | { readonly kind: 'nothing' }
  /** Any text: nothing to offer. */
  | { readonly kind: 'any' }
  | { readonly kind: 'files' }
  | { readonly kind: 'folders' }
  | { readonly kind: 'choices'; readonly choices: readonly string[] }
  /** Some of them, between commas. */
  | { readonly kind: 'list'; readonly choices: readonly string[] };

export interface CompletedOption {
  /** `--name`, and `-n` where there is one. */
  readonly names: readonly string[];
  readonly description: string;
  readonly values: Values;
}

export interface CompletedCommand {
  readonly name: string;
  readonly description: string;
  readonly options: readonly CompletedOption[];
  readonly values: Values;
}

/** Options whose values no function of theirs lists, and no placeholder says. */
const OPTION_VALUES: ReadonlyMap<string, () => Values> = new Map<string, () => Values>([
  ['--select', () => ({ kind: 'list', choices: checkNames() })],
  ['--ignore', () => ({ kind: 'list', choices: checkNames() })],
  ['--target', () => ({ kind: 'list', choices: TARGET_KEYS.map((key) => `${key}=`) })],
  ['--stdin-filename', () => ({ kind: 'files' })],
]);

/** What a placeholder says: `--baseline <file>`, `init [folder]`. */
const PLACEHOLDERS: ReadonlyMap<string, Values> = new Map<string, Values>([
  ['file', { kind: 'files' }],
  ['folder', { kind: 'folders' }],
]);

function checkNames(): readonly string[] {
  return CHECKS.map((check) => check.name);
}

/** All of `fwlint`: its commands, and the options before one of them. */
export interface CompletedProgram {
  readonly commands: readonly CompletedCommand[];
  /** `--version`, without the help. */
  readonly options: readonly CompletedOption[];
}

/** The command that need not be named. */
export const DEFAULT_COMMAND = 'lint';

/** The help, which every command has. */
export const HELP: CompletedOption = { names: ['-h', '--help'], description: 'print the help', values: { kind: 'nothing' } };

/** Reads a program. */
export function readProgram(program: Command): CompletedProgram {
  return { commands: program.commands.map(readCommand), options: program.options.map(readOption) };
}

/** What may stand where no command is named: the options of the default command, and the program's own. */
export function optionsWithoutCommand({ commands, options }: CompletedProgram): readonly CompletedOption[] {
  return [...(commands.find(({ name }) => name === DEFAULT_COMMAND)?.options ?? []), ...options, HELP];
}

function readCommand(command: Command): CompletedCommand {
  const [argument] = command.registeredArguments;
  return {
    name: command.name(),
    description: command.description(),
    options: command.options.map(readOption),
    values: argument === undefined ? { kind: 'nothing' } : valuesOfArgument(command.name(), argument),
  };
}

function valuesOfArgument(command: string, argument: Argument): Values {
  if (command === 'explain') return { kind: 'choices', choices: checkNames() };
  return choicesOrPlaceholder(argument.parseArg, argument.name());
}

function readOption(option: Option): CompletedOption {
  const names = [option.short, option.long].filter((name) => name !== undefined);
  return { names, description: option.description, values: valuesOfOption(option) };
}

function valuesOfOption(option: Option): Values {
  if (!option.required && !option.optional) return { kind: 'nothing' };
  const known = OPTION_VALUES.get(option.long ?? '');
  return known?.() ?? choicesOrPlaceholder(option.parseArg, /[<[]([a-z]+)/.exec(option.flags)?.[1] ?? '');
}

function choicesOrPlaceholder(parse: unknown, placeholder: string): Values {
  const choices = choicesOf(parse);
  return choices === undefined ? (PLACEHOLDERS.get(placeholder) ?? { kind: 'any' }) : { kind: 'choices', choices };
}
