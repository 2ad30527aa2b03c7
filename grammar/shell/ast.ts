/** The tree of a shell script: commands, words and their parts, each with its offsets in the text that was read. */

/** Half-open range of UTF-16 offsets in the text that was read. */
export interface Range {
  readonly start: number;
  readonly end: number;
}

/** Characters that stand for themselves. `quoted`: by quotes or a backslash, so that they are never split, never a pattern, never a keyword. */
export interface TextPart extends Range {
  readonly kind: 'text';
  readonly text: string;
  readonly quoted: boolean;
}

/** `$x`, `${x}`, `${x:-word}`, `${#x}`, `${!x}`, `${x[i]}`; `quoted` when it stands in double quotes. */
export interface ParameterPart extends Range {
  readonly kind: 'parameter';
  /** A name, a number of a positional parameter, or one of `@*#?-$!`. Empty when what stands between the braces names nothing. */
  readonly name: string;
  readonly quoted: boolean;
  /** `${#name}`: the length of the value. */
  readonly length: boolean;
  /** `${!name}`: the value names the variable that is meant. */
  readonly indirect: boolean;
  /** What stands between `[` and `]`. */
  readonly index?: WordNode;
  /** The operator as written, such as `:-` or `%%` or `/`. */
  readonly operator?: string;
  /** What follows the operator. */
  readonly operand?: WordNode;
}

/** `$(…)` or backticks. */
export interface CommandPart extends Range {
  readonly kind: 'command';
  readonly quoted: boolean;
  readonly script: Script;
}

/** `$((…))` or `$[…]`. */
export interface ArithmeticPart extends Range {
  readonly kind: 'arithmetic';
  readonly quoted: boolean;
  readonly expression: WordNode;
}

/** `<(…)` or `>(…)`: a file name that leads to or from the commands. */
export interface ProcessPart extends Range {
  readonly kind: 'process';
  readonly direction: '<' | '>';
  readonly script: Script;
}

export type WordPart = TextPart | ParameterPart | CommandPart | ArithmeticPart | ProcessPart;

/** A word as written. Its parts do not cover the quotes themselves. */
export interface WordNode extends Range {
  readonly parts: readonly WordPart[];
  /** The elements of an array assignment `name=(…)`; the parts then hold the `name=`. */
  readonly elements?: readonly WordNode[];
}

/** `name=value`, `name+=value`, `name[index]=value` before a command's words. */
export interface AssignmentNode extends Range {
  readonly name: string;
  readonly append: boolean;
  readonly index?: WordNode;
  readonly value: WordNode;
  readonly elements?: readonly WordNode[];
}

/** The text of a here-document. `start` and `end` hold its lines and the line of the delimiter. */
export interface HereDocument extends Range {
  readonly delimiter: string;
  /** A part of the delimiter is quoted, so nothing is expanded. */
  readonly literal: boolean;
  readonly content: WordNode;
}

/** `2>file`, `<<EOF`, `<<<word`, `>&2`. */
export interface RedirectionNode extends Range {
  /** The operator as written, without the descriptor. */
  readonly operator: string;
  /** What stands before the operator: a number or `{name}`; empty for none. */
  readonly descriptor: string;
  readonly target: WordNode;
  hereDocument?: HereDocument;
}

export interface SimpleCommand extends Range {
  readonly kind: 'simple';
  readonly assignments: readonly AssignmentNode[];
  readonly words: readonly WordNode[];
  readonly redirections: readonly RedirectionNode[];
}

/** What every command made of other commands has. */
interface Compound extends Range {
  readonly redirections: readonly RedirectionNode[];
}

/** `{ …; }` or `( … )`. */
export interface GroupCommand extends Compound {
  readonly kind: 'group';
  readonly subshell: boolean;
  readonly body: readonly CommandNode[];
}

/** One `if` or `elif` with its `then`. */
export interface IfBranch extends Range {
  readonly condition: readonly CommandNode[];
  readonly body: readonly CommandNode[];
}

export interface IfCommand extends Compound {
  readonly kind: 'if';
  readonly branches: readonly IfBranch[];
  /** The `else`, if there is one. */
  readonly otherwise?: readonly CommandNode[];
}

/** `while` or `until`. */
export interface LoopCommand extends Compound {
  readonly kind: 'loop';
  readonly until: boolean;
  readonly condition: readonly CommandNode[];
  readonly body: readonly CommandNode[];
}

/** `for name in …` or `select name in …`. */
export interface ForCommand extends Compound {
  readonly kind: 'for';
  readonly select: boolean;
  readonly name: string;
  readonly nameAt: Range;
  /** The list; without one the loop goes over `"$@"`. */
  readonly words?: readonly WordNode[];
  readonly body: readonly CommandNode[];
}

/** `for ((first; while; after))`. */
export interface ArithmeticForCommand extends Compound {
  readonly kind: 'arithmetic-for';
  /** The three expressions as one word. */
  readonly head: WordNode;
  readonly body: readonly CommandNode[];
}

/** `pattern | pattern) …`. */
export interface CaseBranch extends Range {
  readonly patterns: readonly WordNode[];
  readonly body: readonly CommandNode[];
  /** `;&` runs the next branch too, `;;&` asks the next patterns too. */
  readonly terminator: ';;' | ';&' | ';;&';
}

export interface CaseCommand extends Compound {
  readonly kind: 'case';
  readonly subject: WordNode;
  readonly branches: readonly CaseBranch[];
}

export interface FunctionDefinition extends Range {
  readonly kind: 'function';
  readonly name: string;
  readonly nameAt: Range;
  readonly body: CommandNode;
}

/** An operator of `[[ … ]]`. */
export interface ConditionOperator extends Range {
  readonly operator: '(' | ')' | '&&' | '||' | '<' | '>';
}

/** `[[ … ]]`: its words and operators in order. */
export interface ConditionCommand extends Compound {
  readonly kind: 'condition';
  readonly items: readonly (WordNode | ConditionOperator)[];
}

/** `((…))`. */
export interface ArithmeticCommand extends Compound {
  readonly kind: 'arithmetic';
  readonly expression: WordNode;
}

/** Commands joined by `|`, or one command with a `!` or `time` before it. */
export interface Pipeline extends Range {
  readonly kind: 'pipeline';
  readonly negated: boolean;
  readonly commands: readonly CommandNode[];
}

/** Commands joined by `&&` and `||`, which group from the left. */
export interface AndOrList extends Range {
  readonly kind: 'and-or';
  readonly first: CommandNode;
  readonly rest: readonly { readonly operator: '&&' | '||'; readonly command: CommandNode }[];
}

/** A command with `&` after it. */
export interface BackgroundCommand extends Range {
  readonly kind: 'background';
  readonly command: CommandNode;
}

/** What could not be read, with all its text; a problem says why. */
export interface Malformed extends Range {
  readonly kind: 'malformed';
}

export type CommandNode =
  | SimpleCommand
  | GroupCommand
  | IfCommand
  | LoopCommand
  | ForCommand
  | ArithmeticForCommand
  | CaseCommand
  | FunctionDefinition
  | ConditionCommand
  | ArithmeticCommand
  | Pipeline
  | AndOrList
  | BackgroundCommand
  | Malformed;

/** The commands of a file, a command substitution or a text given to `eval`. */
export interface Script extends Range {
  readonly commands: readonly CommandNode[];
}

/** A comment from its `#` to the end of its line, the line's end excluded. */
export type Comment = Range;

/** What the shell would refuse. */
export interface SyntaxProblem extends Range {
  /** One sentence, no final period. */
  readonly message: string;
  /** The shell only warns and runs the script all the same. */
  readonly warning: boolean;
}

/** A script that was read. */
export interface ShellFile extends Script {
  readonly comments: readonly Comment[];
  readonly problems: readonly SyntaxProblem[];
  /** The texts of all here-documents with the lines of their delimiters, also of those whose command is malformed. */
  readonly documents: readonly Range[];
  /** Start and end, in turn, of every operator and keyword that is part of a command; those in words are not listed. */
  readonly operators: readonly number[];
}
