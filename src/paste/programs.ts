/** Which words call a firewall program, and which variables and functions of a script stand for one. */

import { editDistance } from '../text/distance.js';
import { withoutInvisible } from './characters.js';

/** The programs whose commands are repaired. */
export type Program = 'iptables' | 'ip6tables' | 'iptables-save' | 'iptables-restore' | 'nft' | 'ipset';

/** The names a text gives to firewall programs. */
export interface ProgramNames {
  /** Variables whose value is a program: `IPT=/sbin/iptables`. */
  readonly variables: ReadonlyMap<string, Program>;
  /** Functions that hand their arguments to one: `ipt() { iptables "$@"; }`. */
  readonly functions: ReadonlyMap<string, Program>;
}

// Below /etc stand services of the same names: `/etc/init.d/iptables save`.
const PROGRAM = /^(?!\/etc\/)(?:[^\s"'`;|&<>]*\/)?(?:(ip6?tables)(?:-legacy|-nft)?(-save|-restore|-apply)?|(nft|ipset))$/;
const VARIABLE = /^\$(?:(\w+)|\{(\w+)(?:[:=?+-][^\n]*)?\})$/;
const VARIABLE_NAME =
  /^(?:\w*_)?(?:ip(?:v?[46])?t(?:able|ables)?|ipt(?:able|ables)?(?:v?[46])|iptables?cmd|ip6?t)(?:_?(?:v?[46]|cmd|command|bin|path|exe))?$/i;
const VALUE_WITH_PROGRAM = /ip6?tables/;

/** The program a word calls, its quotes taken off; undefined for any other word. Characters that cannot be seen may be in it. */
export function programOf(written: string, names: ProgramNames): Program | undefined {
  if (written.length > 200) return undefined;
  const word = withoutInvisible(written);
  const first = word.charCodeAt(0);
  if (first === 0x24) {
    const path = PROGRAM.exec(word);
    if (path !== null) return programNamed(path);
    const variable = VARIABLE.exec(word);
    if (variable === null) return undefined;
    const name = variable[1] ?? variable[2] ?? '';
    const known = names.variables.get(name);
    if (known !== undefined) return known;
    if (VARIABLE_NAME.test(name) || VALUE_WITH_PROGRAM.test(word)) return /6/.test(name) ? 'ip6tables' : 'iptables';
    return undefined;
  }
  const found = PROGRAM.exec(word);
  if (found !== null) return programNamed(found);
  return names.functions.get(word);
}

function programNamed(found: RegExpExecArray): Program | undefined {
  const [, family, purpose, other] = found;
  if (other === 'nft' || other === 'ipset') return other;
  if (purpose === '-save') return 'iptables-save';
  if (purpose === '-restore' || purpose === '-apply') return 'iptables-restore';
  return family === 'ip6tables' ? 'ip6tables' : 'iptables';
}

/** A word that is meant to call iptables or ip6tables, with letters missing, swapped or in the wrong case. */
export interface MisspeltProgram {
  readonly program: Program;
  /** How many characters of the word, its folders, stand before the name. */
  readonly folder: number;
  /** The right name. */
  readonly name: string;
}

/** Programs whose names come near, and are others. */
const OTHER_PROGRAMS: ReadonlySet<string> = new Set([
  'iptables',
  'ip6tables',
  'ip4tables',
  'ebtables',
  'arptables',
  'nftables',
  'xtables',
  'ipchains',
]);

/**
 * What a misspelt name in place of a program means: `iptable`, `/sbin/iptales`, `Iptables`. The shell looks a name up letter by letter,
 * so it finds none of them. Undefined for any other word, and for names the text itself defines.
 */
export function misspeltProgram(word: string, names: ProgramNames): MisspeltProgram | undefined {
  if (word.length > 100 || names.functions.has(word)) return undefined;
  const folder = word.lastIndexOf('/') + 1;
  const written = word.slice(folder);
  if (written.length < 6 || written.length > 11 || !/^[A-Za-z][A-Za-z\d_-]*$/.test(written)) return undefined;
  const lower = written.toLowerCase();
  if (OTHER_PROGRAMS.has(written) || (lower !== 'iptables' && lower !== 'ip6tables' && OTHER_PROGRAMS.has(lower))) return undefined;
  const meant = /^ip?v?6/.test(lower) ? 'ip6tables' : 'iptables';
  return editDistance(lower, meant) <= 1 ? { program: meant, folder, name: meant } : undefined;
}

/** Whether a variable of this name is one for iptables or ip6tables, whatever it is set to. */
export function namesProgram(variable: string): boolean {
  return VARIABLE_NAME.test(variable);
}

/** Whether the program takes rules and chains as options, as iptables does. */
export function takesRules(program: Program | undefined): boolean {
  return program === 'iptables' || program === 'ip6tables';
}

const NO_NAMES: ProgramNames = { variables: new Map(), functions: new Map() };

// NAME=… up to the program; the value may be quoted (with damaged quotes, too), a path, or a search for the program.
const ASSIGNMENT_BEFORE =
  /(?:^|[\s;"'`({&|])([A-Za-z_]\w{0,60})=["'“”„‘’″]?(?:sudo[ \t]+)?(?:(?:\$\(|`)[ \t]*(?:which|command -v|type -p|type -P)[ \t]+)?["']?(?:\$\{\w+:[-=])?[\w./${}:~-]*$/;
const LIST_BEFORE = /(?:^|[\s;])for[ \t]+([A-Za-z_]\w{0,60})[ \t]+in[ \t]+["'\w./ \t${}-]*$/;
const FUNCTION_BEFORE =
  /(?:^|\n)[ \t]*(?:function[ \t]+([\w-]{1,60})|([A-Za-z_][\w-]{0,60})[ \t]*\([ \t]*\))(?:[ \t]*\([ \t]*\))?[ \t\n]*[{(]([^}]*)$/;

/** Looks through a text for the names it gives to iptables and ip6tables. Takes time in proportion to the text's length. */
export function findProgramNames(text: string): ProgramNames {
  let at = text.indexOf('tables');
  if (at === -1) return NO_NAMES;
  const variables = new Map<string, Program>();
  const functions = new Map<string, Program>();
  for (; at !== -1; at = text.indexOf('tables', at + 6)) {
    const six = text.charAt(at - 1) === '6';
    const start = six ? at - 3 : at - 2;
    if (start < 0 || !text.startsWith(six ? 'ip6' : 'ip', start)) continue;
    const program: Program = six ? 'ip6tables' : 'iptables';
    const before = lastLine(text.slice(Math.max(0, start - 160), start));
    if (before.includes('=')) {
      const name = ASSIGNMENT_BEFORE.exec(before)?.[1];
      if (name !== undefined && !/^-(?:save|restore|apply)/.test(text.slice(at + 6, at + 14))) setOnce(variables, name, program);
    } else if (before.includes('for')) {
      const name = LIST_BEFORE.exec(before)?.[1];
      if (name !== undefined) setOnce(variables, name, program);
    }
    if (/[$"'\w\u0080-\uffff][^\n]*\$[@*1]/.test(text.slice(at + 6, at + 120).split('\n', 1)[0] ?? '')) {
      const found = FUNCTION_BEFORE.exec(text.slice(Math.max(0, start - 300), start));
      const name = found?.[1] ?? found?.[2];
      if (name !== undefined && /\$[@*]/.test(text.slice(at + 6, at + 120).split('\n', 1)[0] ?? '')) setOnce(functions, name, program);
    }
  }
  return { variables, functions };
}

/** What stands behind the last line end; never looks further back than the slice it is given. */
function lastLine(text: string): string {
  return text.slice(text.lastIndexOf('\n') + 1);
}

function setOnce(names: Map<string, Program>, name: string, program: Program): void {
  if (!names.has(name)) names.set(name, program);
}

/** Commands that only name a firewall program in their arguments, or print it. */
export const BYSTANDERS: ReadonlySet<string> = new Set([
  'echo',
  'printf',
  'logger',
  'cat',
  'grep',
  'egrep',
  'fgrep',
  'zgrep',
  'awk',
  'gawk',
  'sed',
  'which',
  'type',
  'hash',
  'man',
  'info',
  'whereis',
  'apt',
  'apt-get',
  'apt-cache',
  'aptitude',
  'yum',
  'dnf',
  'zypper',
  'pacman',
  'emerge',
  'apk',
  'opkg',
  'rpm',
  'dpkg',
  'snap',
  'pip',
  'service',
  'systemctl',
  'chkconfig',
  'update-rc.d',
  'rc-update',
  'rc-service',
  'insserv',
  'invoke-rc.d',
  'kill',
  'killall',
  'pkill',
  'pgrep',
  'pidof',
  'ps',
  'test',
  '[',
  '[[',
  'alias',
  'unalias',
  'ls',
  'rm',
  'cp',
  'mv',
  'ln',
  'chmod',
  'chown',
  'chgrp',
  'touch',
  'find',
  'tail',
  'head',
  'less',
  'more',
  'vi',
  'vim',
  'nano',
  'emacs',
  'ed',
  'modprobe',
  'rmmod',
  'insmod',
  'lsmod',
  'update-alternatives',
  'setcap',
  'getcap',
  'ldd',
  'file',
  'stat',
  'export',
  'readonly',
  'local',
  'declare',
  'typeset',
  'unset',
  'set',
  'return',
  'exit',
  'case',
  'for',
  'select',
  'function',
  'source',
  '.',
  'die',
  'fail',
  'error',
  'log',
  'msg',
  'info_msg',
  'warn',
  'usage',
  'help',
  'tee',
  'diff',
  'wget',
  'curl',
  'git',
  'mkdir',
  'rmdir',
  'basename',
  'dirname',
  'trap',
]);

/** Words that only introduce the command behind them. */
export const KEYWORDS: ReadonlySet<string> = new Set([
  'if',
  'then',
  'else',
  'elif',
  'fi',
  'do',
  'done',
  'while',
  'until',
  'esac',
  '{',
  '}',
  '!',
  'time',
  'coproc',
]);

/** Commands that run the command in their arguments. */
export const RUNNERS: ReadonlySet<string> = new Set([
  'sudo',
  'doas',
  'exec',
  'command',
  'builtin',
  'env',
  'nice',
  'ionice',
  'nohup',
  'time',
  'timeout',
  'xargs',
  'ip',
  'nsenter',
  'chroot',
  'ssh',
  'run',
  'eval',
  'su',
]);
