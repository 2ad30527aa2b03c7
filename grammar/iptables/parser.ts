/**
 * Parses the classified words of one iptables command into a tree. See README.md for the grammar: one token decides everything, and every
 * sequence of tokens has a parse, so it is walked by hand. (Setting up the parser library took 6 of the 60 ms of a run on one rule.)
 */

import type { CommandNode, CommandTree, WordNumber } from './ast.js';
import type { CommandToken } from './tokens.js';

/** Parses classified words. Total: an argument that follows no option is a word nothing asked for. */
export function parseCommand<Entry>(tokens: readonly CommandToken<Entry>[]): CommandTree<Entry> {
  const nodes: CommandNode<Entry>[] = [];
  /** Where the arguments of the option read last go. */
  let given: WordNumber[] | undefined;
  let bang = -1;
  const endBang = (): void => {
    if (bang !== -1) nodes.push({ kind: 'danglingBang', word: bang });
    bang = -1;
  };
  for (const token of tokens) {
    const { word } = token;
    if (token.kind === 'argument' && given !== undefined && bang === -1) {
      given.push(word);
      continue;
    }
    if (token.kind === 'option' || token.kind === 'unknownOption') {
      given = [];
      nodes.push(
        token.kind === 'option'
          ? { kind: 'option', entry: token.entry, bang, word, arguments: given }
          : { kind: 'unknown', option: true, bang, word, arguments: given },
      );
      bang = -1;
      continue;
    }
    endBang();
    given = undefined;
    if (token.kind === 'bang') bang = word;
    else nodes.push({ kind: 'unknown', option: false, bang: -1, word, arguments: [] });
  }
  endBang();
  return { nodes };
}
