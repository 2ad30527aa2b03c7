/** One command line after its words were classified: options in the order given, no meaning yet. */

/** A word number within the command. */
export type WordNumber = number;

/** One option, operation or load with its `!` and its argument words. `entry` is what the classifier found in the option tables. */
export interface OptionNode<Entry> {
  readonly kind: 'option';
  readonly entry: Entry;
  /** Word number of the `!` before it; -1 without. */
  readonly bang: WordNumber;
  readonly word: WordNumber;
  readonly arguments: readonly WordNumber[];
}

/** A word, or an option with its words, that no table knows. */
export interface UnknownNode {
  readonly kind: 'unknown';
  readonly option: boolean;
  readonly bang: WordNumber;
  readonly word: WordNumber;
  readonly arguments: readonly WordNumber[];
}

/** A `!` with nothing to negate. */
export interface DanglingBangNode {
  readonly kind: 'danglingBang';
  readonly word: WordNumber;
}

export type CommandNode<Entry> = OptionNode<Entry> | UnknownNode | DanglingBangNode;

/** A command: every word of it is in exactly one node. */
export interface CommandTree<Entry> {
  readonly nodes: readonly CommandNode<Entry>[];
}
