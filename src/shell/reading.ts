/** What reading a shell script yields: the commands it would run, with where every character of them was written. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { MappedText } from '../text/mapped-text.js';
import type { Source, Span } from '../text/source.js';
import type { ExpansionStep, Piece, Word } from '../text/word.js';

/** A condition on which a command depends and that only the run decides. */
export interface Guard {
  /**
   * if, while, and (`&&`), or (`||`), case: the command before it, or the pattern; for: a list that may be empty or unknown;
   * left: a `return`, `break` or `continue` before it that may have been taken; uncalled: a function
   * nothing here calls, or whose calls were too many to follow;
   * trap: a signal or the end; called: one of several functions of the same name.
   */
  readonly kind: 'if' | 'while' | 'and' | 'or' | 'case' | 'for' | 'left' | 'uncalled' | 'trap' | 'called';
  /** The condition, pattern or list. */
  readonly span: Span;
  /** Commands under different branches of the same construct never run both. */
  readonly construct: number;
  readonly branch: number;
  /** It runs when the condition fails: `else`, `||`, `until`. */
  readonly negated: boolean;
  /** Index of the command whose exit status decides, when it is one command; `iptables -C … || iptables -A …` */
  readonly command?: number;
}

/** Text a command reads on its standard input. */
export interface InputText {
  readonly kind: 'here-document' | 'here-string' | 'pipe' | 'file';
  readonly text: string;
  /** Where the text stands; for a pipe the commands that write it. */
  readonly span: Span;
  readonly pieces: readonly Piece[];
  /** It was written on paths that exclude each other: not all of it is there in one run. */
  readonly uncertain?: true;
}

export interface CommandAssignment {
  readonly name: string;
  readonly span: Span;
  readonly value: Word;
}

export interface CommandRedirection {
  /** The operator as written, such as `>>` or `<<-`. */
  readonly operator: string;
  /** What stands before the operator: a number or `{name}`; empty for none. */
  readonly descriptor: string;
  readonly span: Span;
  readonly target: Word;
}

/** A simple command as it would be run. */
export interface ShellCommand {
  /** After expansion, splitting and quote removal; `sudo`, `command`, `env`, `exec` and their like are left in. Never empty. */
  readonly words: readonly Word[];
  /** The whole simple command where it is written. */
  readonly span: Span;
  /** Assignments before the words. */
  readonly assignments: readonly CommandAssignment[];
  readonly redirections: readonly CommandRedirection[];
  /** Outermost first; empty when the command certainly runs once its place in the script is reached. */
  readonly guards: readonly Guard[];
  /** The calls, loops and files that lead to it, outermost first. */
  readonly context: readonly ExpansionStep[];
  /** Text on its standard input, as far as it is known. */
  readonly hereDocument?: InputText;
  /** Its place in a pipeline of more than one command. */
  readonly pipeline?: { readonly id: number; readonly index: number; readonly count: number };
  readonly background: boolean;
  /** What it writes goes into a file, a pipe or a substitution. */
  readonly outputUsed: boolean;
  /** It runs in a subshell or a command substitution, so the variables it sets are lost. */
  readonly subshell: boolean;
  /** `!` stands before it, or its exit status is asked by `if`, `while`, `&&` or `||`. */
  readonly statusAsked: boolean;
}

/** A command that stands in the script but never runs. */
export interface DeadCommand {
  readonly command: ShellCommand;
  /** not-reached: after an `exit`, in a branch that is never taken, or in a loop that is never entered. */
  readonly reason: 'not-reached';
}

/** How sure it is that a variable has a value where it is used. */
export type UseState = 'set' | 'unset' | 'maybe' | 'special';

/** A use of a variable in a command. */
export interface VariableUse {
  readonly name: string;
  /** The expansion, `$` and braces included. */
  readonly span: Span;
  /** In double quotes, or where the shell does not split: assignments, `case`, `[[`. */
  readonly quoted: boolean;
  /** set; unset: assigned nowhere; maybe: on some paths only, or by what cannot be seen; special: the shell itself changes it. */
  readonly state: UseState;
  /** An operator such as `:-` or `:?` takes care of the unset case. */
  readonly defaulted: boolean;
  /** `set -u` is in force: without a value the script ends here. */
  readonly stops: boolean;
  /** Index into `commands` of the command whose words hold the use; undefined outside of commands and in commands that never run. */
  readonly command: number | undefined;
}

/** An assignment to a variable the shell itself gives a meaning. */
export interface SpecialAssignment {
  readonly name: string;
  /** The assignment's name. */
  readonly span: Span;
  readonly value: string;
  /** counts: goes on by itself; random: every use another value; readonly: bash refuses; ignored: bash forgets the value. */
  readonly effect: SpecialEffect;
}

export type SpecialEffect = 'counts' | 'random' | 'readonly' | 'ignored';

/** An assignment as it was met; several for one name when it is assigned several times, at most one per place. */
export interface VariableAssignment {
  readonly name: string;
  /** The name where it is assigned. */
  readonly span: Span;
  /** The value with its pieces; unknown parts as they are written. */
  readonly value: Word;
  /** Whether all of the value is known. */
  readonly known: boolean;
}

/** A function that the script defines. */
export interface FunctionReading {
  readonly name: string;
  readonly nameAt: Span;
  /** Calls that were followed; 0 for a function nothing calls. */
  readonly calls: number;
}

/** `. file` or `source file`. */
export interface SourcedFile {
  /** The name as far as it is known; unknown parts as they are written. */
  readonly file: string;
  readonly span: Span;
  readonly read: boolean;
  /** A file of functions that systems ship for scripts, which makes no rules. */
  readonly library: boolean;
}

export interface ShellReading {
  /** In the order they would run, without builtins that only concern the shell itself, such as `[` and `local`. */
  readonly commands: readonly ShellCommand[];
  /** Commands that never run, in the order they are written. */
  readonly dead: readonly DeadCommand[];
  readonly problems: readonly Problem[];
  /** The comments of the script itself, in order. `text` begins with the `#`. */
  readonly comments: readonly { readonly span: Span; readonly text: string }[];
  readonly uses: readonly VariableUse[];
  /** Uses of variables that are assigned nowhere and given by nobody, once per place. */
  readonly unset: readonly { readonly name: string; readonly span: Span; readonly quoted: boolean; readonly stops: boolean }[];
  readonly assignments: readonly VariableAssignment[];
  readonly specialAssignments: readonly SpecialAssignment[];
  readonly functions: readonly FunctionReading[];
  readonly sourced: readonly SourcedFile[];
  /** The files among them that were read, in the order they were first. */
  readonly files: readonly Source[];
  /** The shell the `#!` line names, without its folder: `bash`, `sh`; undefined without such a line. */
  readonly interpreter: string | undefined;
  /** `set -e`, or `-e` in the `#!` line: the script ends at the first command that fails. */
  readonly stopsAtErrors: boolean;
}

/** Bounds on what reading a script may cost; what is left out is a problem `expansion-limit`. */
export interface ExpansionLimits {
  /** Commands run one after another, beyond one pass over the script. */
  readonly steps: number;
  /** Characters of one value. */
  readonly length: number;
  /** Calls, substitutions and blocks within one another. */
  readonly depth: number;
}

export interface ShellOptions {
  /** Values that settle names the script itself does not. */
  readonly defines?: ReadonlyMap<string, string>;
  /** Gives the text of a file that is sourced; undefined when it is not known. A relative name begins at the folder `from` is in. */
  readonly readFile?: (file: string, from: Source) => MappedText | undefined;
  /** The shell that runs the script; without it the `#!` line decides, and otherwise bash. dash has no brace expansion and no special variables such as SECONDS. */
  readonly shell?: 'bash' | 'dash';
  readonly limits?: Partial<ExpansionLimits>;
}
