/** An ipset command as its words give it; what they mean depends on the sets there are (run.ts). */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Span } from '../text/source.js';
import { isUnknown, wordAt, wordCount, wordSpan, wordText, type Words } from '../text/word.js';

/** Something noticed about an ipset command. `fatal`: ipset refuses the command, or what it does is not known; it changes no set. */
export interface IpsetProblem extends Problem {
  readonly fatal: boolean;
}

/** In the order in which ipset tries them: the first that begins with what was written wins. */
const VERBS = ['create', 'add', 'del', 'test', 'destroy', 'list', 'save', 'restore', 'flush', 'rename', 'swap', 'help', 'version', 'quit'] as const;
export type IpsetVerb = (typeof VERBS)[number];

const OTHER_NAMES: ReadonlyMap<string, IpsetVerb> = new Map([
  ['n', 'create'],
  ['new', 'create'],
  ['-N', 'create'],
  ['-A', 'add'],
  ['-D', 'del'],
  ['-T', 'test'],
  ['x', 'destroy'],
  ['-X', 'destroy'],
  ['-L', 'list'],
  ['-S', 'save'],
  ['-R', 'restore'],
  ['-F', 'flush'],
  ['e', 'rename'],
  ['-E', 'rename'],
  ['w', 'swap'],
  ['-W', 'swap'],
  ['-h', 'help'],
  ['-H', 'help'],
  ['-v', 'version'],
  ['-V', 'version'],
  ['-', 'quit'],
]);

/** Options that may stand anywhere, and whether they take an argument. */
const ANYWHERE: ReadonlyMap<string, boolean> = new Map([
  ['!', false],
  ['exist', false],
  ['q', false],
  ['quiet', false],
  ['r', false],
  ['resolve', false],
  ['s', false],
  ['sorted', false],
  ['n', false],
  ['name', false],
  ['t', false],
  ['terse', false],
  ['o', true],
  ['output', true],
  ['f', true],
  ['file', true],
]);

export interface IpsetCommand {
  readonly verb: IpsetVerb | undefined;
  /** `-exist` or `-!`: what is there already, or not there, is no error. */
  readonly exist: boolean;
  /** The numbers of the words behind the verb, options such as `-exist` left out. */
  readonly operands: readonly number[];
  readonly words: Words;
  readonly at: Span;
  /** Noticed without looking at any set. */
  readonly problems: readonly IpsetProblem[];
}

/** What a word stands for as a verb. (ipset 7.17: lib/ipset.c, ipset_match_cmd; measured) */
function verbOf(word: string): IpsetVerb | undefined {
  const other = OTHER_NAMES.get(word);
  if (other !== undefined) return other;
  const name = word.startsWith('--') ? word.slice(2) : word;
  if (name === '' || name.startsWith('-')) return undefined;
  return VERBS.find((verb) => verb.startsWith(name)) ?? (name === 'new' ? 'create' : undefined);
}

/** The option a word is, wherever it stands: without its dashes. */
function anywhereOption(word: string): string | undefined {
  const name = word.startsWith('--') ? word.slice(2) : word.startsWith('-') ? word.slice(1) : undefined;
  return name !== undefined && ANYWHERE.has(name) ? name : undefined;
}

/** Reads the words of an ipset command from number `start` on. */
export function readIpsetCommand(words: Words, start: number, at: Span): IpsetCommand {
  const operands: number[] = [];
  let verb: IpsetVerb | undefined;
  let exist = false;
  const problems: IpsetProblem[] = [];
  const count = wordCount(words);
  for (let index = start; index < count; index += 1) {
    const text = wordText(words, index);
    const option = anywhereOption(text);
    if (option !== undefined) {
      if (option === '!' || option === 'exist') exist = true;
      if (ANYWHERE.get(option) === true) index += 1;
    } else if (verb === undefined) {
      verb = verbOf(text);
      if (verb === undefined) {
        const unknown = isUnknownWord(words, index);
        problems.push({
          check: 'ipset-refused',
          message: unknown ? `\`${text}\` is only known at run time` : `\`${text}\` is no command of ipset`,
          at: wordSpan(words, index),
          ...(unknown
            ? { severity: 'info' as const }
            : { notes: [{ kind: 'note' as const, text: `ipset says: No command specified: unknown argument ${text}` }] }),
          fatal: true,
        });
        break;
      }
    } else operands.push(index);
  }
  return { verb, exist, operands, words, at, problems };
}

/** Whether some of a word is only known at run time. */
export function isUnknownWord(words: Words, index: number): boolean {
  if (words.kind !== 'words') return false;
  const word = wordAt(words, index);
  return word !== undefined && isUnknown(word);
}
