/** Variables that the shell itself sets or changes. */

import type { SpecialEffect } from './reading.js';

/**
 * Variables whose assigned value is not what a later use gives. (bash(1), "Shell Variables"; tried with bash 5.2)
 * HOSTNAME, HOSTTYPE, PWD and their like are set by bash at the start and keep what is assigned: they are in GIVEN only.
 */
export const SPECIAL_VARIABLES: ReadonlyMap<string, SpecialEffect> = new Map<string, SpecialEffect>([
  ['SECONDS', 'counts'],
  ['RANDOM', 'random'],
  ['SRANDOM', 'random'],
  ['LINENO', 'ignored'],
  ['EPOCHSECONDS', 'ignored'],
  ['EPOCHREALTIME', 'ignored'],
  ['BASHPID', 'ignored'],
  ['BASH_COMMAND', 'ignored'],
  ['FUNCNAME', 'ignored'],
  ['GROUPS', 'ignored'],
  ['HISTCMD', 'ignored'],
  ['UID', 'readonly'],
  ['EUID', 'readonly'],
  ['PPID', 'readonly'],
  ['BASHOPTS', 'readonly'],
  ['BASH_VERSINFO', 'readonly'],
  ['SHELLOPTS', 'readonly'],
]);

/** Variables that have a value without the script's doing: from the shell or from every usual environment. */
export const GIVEN_VARIABLES: ReadonlySet<string> = new Set(
  (
    'BASH BASH_ARGC BASH_ARGV BASH_SOURCE BASH_VERSION COLUMNS DIRSTACK EDITOR HOME HOSTNAME HOSTTYPE IFS LANG LANGUAGE LC_ALL LC_CTYPE LINES LOGNAME ' +
    'MACHTYPE MAIL OLDPWD OPTARG OPTIND OSTYPE PATH PIPESTATUS PS1 PS2 PS4 PWD REPLY SHELL SHLVL SSH_CLIENT SSH_CONNECTION SSH_TTY SUDO_UID ' +
    'SUDO_USER TERM TMPDIR TZ USER _'
  ).split(' '),
);
