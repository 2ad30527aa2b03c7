/** An iptables or ip6tables command, understood. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Extension, Family, Given, MatchDefinition, TargetDefinition } from '../extensions/define.js';
import { oncePer } from '../text/once-per.js';
import type { Span } from '../text/source.js';
import type { Words } from '../text/word.js';

/** A name in a command, with the number of the word it stands in. */
export interface Name {
  readonly text: string;
  readonly word: number;
}

/** One use of a match or target in a rule. Word numbers count within the command. */
export interface Use<E extends Extension = Extension> {
  readonly extension: E;
  /** The options whose values are known, by name. */
  readonly given: Readonly<Record<string, Given>>;
  /** Options whose argument is only known at run time, or was refused. */
  readonly unsettled: readonly string[];
  /** Loaded by `-p`, not by `-m`. */
  readonly implicit: boolean;
  /** First and last word that belong to it. */
  readonly first: number;
  readonly last: number;
}

/** What happens to a packet that matches. */
export type Action =
  | { readonly kind: 'target'; readonly use: Use<TargetDefinition>; readonly name: Name }
  | { readonly kind: 'chain'; readonly name: Name; readonly goto: boolean };

/** A rule as one command gives it. Matches are in the order they are asked. */
export interface RuleSpec {
  readonly base: Use<MatchDefinition>;
  readonly matches: readonly Use<MatchDefinition>[];
  readonly action?: Action;
  /** `-c`, or `[packets:bytes]` in a dump. */
  readonly counters?: Counters;
}

export interface Counters {
  readonly packets: number;
  readonly bytes: number;
}

/** Something reading noticed. `fatal`: iptables refuses the command and it has no second reading; it changes no ruleset. */
export interface ReadProblem extends Problem {
  readonly fatal: boolean;
}

interface CommandHead {
  readonly program: 'iptables' | 'ip6tables';
  readonly family: Family;
  readonly table: string;
  readonly words: Words;
  readonly at: Span;
  readonly problems: readonly ReadProblem[];
  /** Whether a problem is fatal. */
  readonly refused: boolean;
}

/** What a command asks for. */
export type Operation =
  | { readonly kind: 'append'; readonly chain: Name; readonly rule: RuleSpec }
  | { readonly kind: 'insert'; readonly chain: Name; readonly position: number; readonly rule: RuleSpec }
  | { readonly kind: 'replace'; readonly chain: Name; readonly position: number; readonly rule: RuleSpec }
  | { readonly kind: 'delete'; readonly chain: Name; readonly rule: RuleSpec }
  | { readonly kind: 'deleteNumber'; readonly chain: Name; readonly position: number }
  | { readonly kind: 'check'; readonly chain: Name; readonly rule: RuleSpec }
  | { readonly kind: 'policy'; readonly chain: Name; readonly policy: Name; readonly counters?: Counters }
  | { readonly kind: 'newChain'; readonly chain: Name }
  | { readonly kind: 'deleteChain' | 'flush'; readonly chain?: Name }
  | { readonly kind: 'zero' | 'list'; readonly chain?: Name; readonly position?: number }
  | { readonly kind: 'renameChain'; readonly chain: Name; readonly to: Name }
  /** `--help`, `--version`: changes nothing. */
  | { readonly kind: 'nothing' }
  /** No operation could be read; every word is still in `words`. */
  | { readonly kind: 'malformed'; readonly rule: RuleSpec };

export type Command = CommandHead & Operation;

/** The rule of a command that has one. */
export function ruleOf(command: Command): RuleSpec | undefined {
  return 'rule' in command ? command.rule : undefined;
}

/** The commands that reading noticed something about, in their order: none of most dumps. Found once for each list. */
export const noticedCommands = oncePer((commands: readonly Command[]): readonly Command[] => commands.filter(({ problems }) => problems.length > 0));

/** The matches of a rule in their order, and its target. */
export function usesOf({ matches, action }: RuleSpec): readonly Use[] {
  return action?.kind === 'target' ? [...matches, action.use] : matches;
}

/** The options given to a use of `extension`, typed; undefined for a use of another one. */
export function givenTo<E extends { toNft(given: never, context: never): unknown }>(use: Use, extension: E): GivenIn<E> | undefined {
  return (use.extension as unknown) === extension ? (use.given as GivenIn<E>) : undefined;
}

type GivenIn<E> = E extends { readonly toNft: (given: infer G, ...rest: never[]) => unknown } ? G : never;
