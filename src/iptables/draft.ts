/** A command while it is read: what is known of it so far, and the problems met. */

import type { OptionNode } from '../../grammar/iptables/ast.js';
import type { Fix, Note, Severity } from '../diagnostics/diagnostic.js';
import { programOfFamily, type Extension, type Given, type Target } from '../extensions/define.js';
import type { Registry } from '../extensions/registry.js';
import type { Span } from '../text/source.js';
import { isWrittenHere, wordAt, wordsSpan, type Words } from '../text/word.js';
import type { OperationName } from './builtin.js';
import type { Entry, Loaded } from './classify.js';
import type { Counters, ReadProblem } from './command.js';

/** What reading needs to know besides the words. */
export interface ReadContext {
  readonly registry: Registry;
  readonly target: Target;
  /** The table a dump's `*table` line set; `-t` overrides it in commands. */
  readonly table?: string;
  /** `[packets:bytes]` before the rule of a dump. */
  readonly counters?: Counters;
  /** Number of the first word after the program's name; 0 in dumps. */
  readonly start: number;
}

/** A match, a target or the base of a rule, with the options read so far. */
export interface UseDraft {
  readonly loaded: Loaded;
  readonly extension: Extension | undefined;
  readonly given: Record<string, Given>;
  readonly unsettled: string[];
  first: number;
  last: number;
}

/** See the file's head. */
export interface Draft {
  readonly words: Words;
  readonly texts: readonly string[];
  readonly context: ReadContext;
  readonly problems: ReadProblem[];
  readonly base: UseDraft;
  readonly uses: readonly UseDraft[];
  operation: { readonly name: OperationName; readonly node: OptionNode<Entry> } | undefined;
  table: string;
  /** The word that named it, if one did. */
  tableWord: number | undefined;
  counters: Counters | undefined;
  asksNothing: boolean;
}

/** An option as the manual page spells it: `-s`, `--dport`. */
export function optionSpelling(extension: Extension, name: string): string {
  const spec = (extension.options as Readonly<Record<string, { readonly short?: string }>>)[name];
  return spec?.short === undefined ? `--${name}` : `-${spec.short}`;
}

/** Whether a word stands in the command as it is read, so that it can be replaced. */
export function isWritten(draft: Draft, number: number): boolean {
  const word = wordAt(draft.words, number);
  return word !== undefined && isWrittenHere(word);
}

/** What a problem may have besides its place and words. `fatal`: the command is refused for it. */
export interface ProblemOptions {
  readonly severity?: Severity;
  readonly says?: string;
  readonly why?: string;
  readonly do?: string;
  readonly fatal: boolean;
  readonly fixes?: readonly Fix[];
  readonly labels?: readonly { readonly span: Span; readonly text: string }[];
}

/** Problems of one command that are kept; nobody reads more, and looking through them must not take longer the longer a command is. */
const MOST_PROBLEMS = 200;

/** Reports a problem of the words `first` to `last`. */
export function addProblem(draft: Draft, check: string, first: number, last: number, message: string, options: ProblemOptions): void {
  if (draft.problems.length >= MOST_PROBLEMS) return;
  const notes: Note[] = [];
  const program = programOfFamily(draft.context.registry.family);
  if (options.why !== undefined) notes.push({ kind: 'why', text: options.why });
  if (options.says !== undefined) notes.push({ kind: 'why', text: `${program} says: ${options.says}` });
  if (options.do !== undefined) notes.push({ kind: 'do', text: options.do });
  draft.problems.push({
    check,
    message,
    at: wordsSpan(draft.words, first, last),
    fatal: options.fatal,
    notes,
    ...(options.severity === undefined ? {} : { severity: options.severity }),
    ...(options.fixes === undefined || options.fixes.length === 0 ? {} : { fixes: options.fixes }),
    ...(options.labels === undefined || options.labels.length === 0 ? {} : { labels: options.labels }),
  });
}
