/** What is known of one pasted command while it is read: its words as they are meant, and what is repaired in it. */

import type { CharacterCheck, CharacterRole, DamagedCharacter } from './characters.js';
import { isOperation, isOption, optionName } from './options.js';
import type { Program } from './programs.js';

/** The checks of this layer. */
export type PasteCheck =
  | CharacterCheck
  | 'carriage-return'
  | 'space-after-backslash'
  | 'comment-after-backslash'
  | 'collapsed-continuation'
  | 'two-commands-one-line'
  | 'prose-after-rule'
  | 'shell-prompt'
  | 'misspelt-program'
  | 'broken-line'
  | 'placeholder'
  | 'restore-shell-syntax';

/** One repaired place. Offsets are the source's; `start` equals `end` where something is put in. */
export interface Repair {
  readonly check: PasteCheck;
  readonly start: number;
  readonly end: number;
  /** What is read there instead. */
  readonly text: string;
  /** What a fix writes: the same as `text` unless set; `undefined` when there is nothing to fix (a placeholder stays what it is). */
  readonly written?: { readonly text: string } | { readonly text: undefined };
}

/** A damaged character or run of dashes in a word or between words. */
export interface Place {
  readonly check: CharacterCheck | 'restore-shell-syntax';
  readonly role: CharacterRole;
  readonly start: number;
  readonly end: number;
  readonly text: string;
  /** `en dash (U+2013)` */
  readonly name: string;
  /** It stands inside of quotes, where text is welcome to hold it. */
  readonly quoted: boolean;
  /** A dash at the beginning of an option. */
  readonly opensOption: boolean;
  /** As it stands the shell reads on to a quote in a later line: nothing is refused, something else is run. */
  readonly runsOn?: boolean;
}

/** The place of a damaged character from `start` to `end`, outside of quotes. */
export function placeOf({ check, role, meant, name }: DamagedCharacter, start: number, end: number): Place {
  return { check, role, start, end, text: meant, name, quoted: false, opensOption: false };
}

/** One word of a command, as it is meant. */
export interface Word {
  readonly start: number;
  readonly end: number;
  /** Quotes taken off, damage repaired; `$VAR` as it is written. */
  readonly text: string;
  readonly quoted: boolean;
  readonly places: readonly Place[];
}

/** A simple command while it is read. */
export interface Command {
  program: Program | undefined;
  /** Number of the word that names the program. */
  programWord: number;
  readonly words: Word[];
  /** Damage between words. */
  readonly places: Place[];
  /** Repairs of the command's form. */
  readonly repairs: Repair[];
  /** Comments that stand where they break the command; they move above it. */
  readonly comments: { readonly start: number; readonly end: number; readonly text: string }[];
  /** Where a comment at the end of its line stands. */
  comment: { readonly start: number; readonly end: number } | undefined;
  /** First character of the line the command begins on. */
  readonly lineStart: number;
  /** Where prose was cut off, and where the prose ends. */
  prose: { readonly start: number; readonly end: number; readonly glued: boolean } | undefined;
  /** A prompt stood before it. */
  prompted: boolean;
  /** It is a word list in parentheses: `RULES=( … )`. */
  readonly list: boolean;
  /** Its words say what to do with a chain: -A, -L. */
  operation: boolean;
  /** Offset up to which the source belongs to it. */
  end: number;
}

/** A command nothing is known of yet. */
export function newCommand(lineStart: number, list = false): Command {
  return {
    program: undefined,
    programWord: -1,
    words: [],
    places: [],
    repairs: [],
    comments: [],
    comment: undefined,
    lineStart,
    prose: undefined,
    prompted: false,
    list,
    operation: false,
    end: lineStart,
  };
}

/** Adds a word. */
export function pushWord(command: Command, word: Word): void {
  command.words.push(word);
  if (!command.operation && isOption(word.text) && isOperation(optionName(word.text))) command.operation = true;
}

/** The last word, if there is one. */
export function lastWord(command: Command): Word | undefined {
  return command.words[command.words.length - 1];
}

/** Takes back repairs and damage noted at or after an offset, which something greater has swallowed. */
export function forgetFrom(command: Command, offset: number): void {
  while ((command.places[command.places.length - 1]?.start ?? -1) >= offset) command.places.pop();
  while ((command.repairs[command.repairs.length - 1]?.start ?? -1) >= offset) command.repairs.pop();
}
