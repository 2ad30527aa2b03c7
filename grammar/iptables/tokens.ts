/** The classes of words an iptables command is made of. Words are classified by the option tables, not by a lexer. */

import type { WordNumber } from './ast.js';

/**
 * A word of a command with the part it plays: `!`, an option the tables know (`-A`, `-p`, `-m`, `-j`, `--dport` …) with the table's entry,
 * a word that begins with a dash and is in no table, an argument of the option before it, or a word nothing asked for.
 */
export type CommandToken<Entry> =
  | { readonly kind: 'option'; readonly word: WordNumber; readonly entry: Entry }
  | { readonly kind: 'bang' | 'unknownOption' | 'argument' | 'strayWord'; readonly word: WordNumber };
