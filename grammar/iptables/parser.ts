/** Parses the classified words of one iptables command into a tree. See README.md for the grammar. */

import { EmbeddedActionsParser, type IToken } from 'chevrotain';

import type { CommandNode, CommandTree } from './ast.js';
import { ALL_TOKENS, Argument, Bang, Option, StrayWord, UnknownOption } from './tokens.js';

class CommandParser extends EmbeddedActionsParser {
  // Errors are impossible by construction (every sequence of these tokens has a parse); recovery must never invent a rule.
  constructor(skipValidations: boolean) {
    super(ALL_TOKENS, { recoveryEnabled: false, maxLookahead: 1, skipValidations });
    this.performSelfAnalysis();
  }

  readonly command = this.RULE('command', (): CommandNode<unknown>[] => {
    const nodes: CommandNode<unknown>[] = [];
    this.MANY(() => {
      const node = this.SUBRULE(this.item);
      this.ACTION(() => nodes.push(node));
    });
    return nodes;
  });

  private readonly item = this.RULE('item', (): CommandNode<unknown> =>
    this.OR([
      {
        ALT: (): CommandNode<unknown> => {
          const bang = this.CONSUME(Bang);
          let negated: CommandNode<unknown> | undefined;
          this.OPTION(() => {
            negated = this.SUBRULE(this.optionItem, { ARGS: [bang.startOffset] });
          });
          return negated ?? { kind: 'danglingBang', word: bang.startOffset };
        },
      },
      { ALT: (): CommandNode<unknown> => this.SUBRULE2(this.optionItem, { ARGS: [-1] }) },
      {
        ALT: (): CommandNode<unknown> => {
          const word = this.CONSUME(StrayWord);
          return { kind: 'unknown', option: false, bang: -1, word: word.startOffset, arguments: [] };
        },
      },
    ]),
  );

  private readonly optionItem = this.RULE('optionItem', (bang: number): CommandNode<unknown> =>
    this.OR([
      {
        ALT: (): CommandNode<unknown> => {
          const word = this.CONSUME(Option);
          const words = this.SUBRULE(this.argumentWords);
          return { kind: 'option', entry: word.payload as unknown, bang, word: word.startOffset, arguments: words };
        },
      },
      {
        ALT: (): CommandNode<unknown> => {
          const word = this.CONSUME(UnknownOption);
          const words = this.SUBRULE2(this.argumentWords);
          return { kind: 'unknown', option: true, bang, word: word.startOffset, arguments: words };
        },
      },
    ]),
  );

  private readonly argumentWords = this.RULE('argumentWords', (): number[] => {
    const words: number[] = [];
    this.MANY(() => {
      const word = this.CONSUME(Argument);
      this.ACTION(() => words.push(word.startOffset));
    });
    return words;
  });
}

let parser: CommandParser | undefined;

/** Parses classified words. `validate` checks the grammar itself (tests). Throws only on a defect of the classifier. */
export function parseCommand<Entry>(tokens: IToken[], validate = false): CommandTree<Entry> {
  parser ??= new CommandParser(!validate);
  parser.input = tokens;
  const nodes = parser.command() as readonly CommandNode<Entry>[];
  const [error] = parser.errors;
  if (error !== undefined) throw new Error(`the command grammar does not cover its tokens: ${error.message}`);
  return { nodes };
}
