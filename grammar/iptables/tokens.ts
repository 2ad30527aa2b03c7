/** The classes of words an iptables command is made of. Words are classified by the option tables, not by a lexer. */

import { createToken, Lexer, type IToken, type TokenType } from 'chevrotain';

const NA = Lexer.NA;

/** `!` */
export const Bang = createToken({ name: 'Bang', pattern: NA });
/** An option the tables know (`-A`, `-p`, `-m`, `-j`, `--dport` …); its payload is the table entry. */
export const Option = createToken({ name: 'Option', pattern: NA });
/** A word that begins with a dash and is in no table. */
export const UnknownOption = createToken({ name: 'UnknownOption', pattern: NA });
/** An argument of the option before it. */
export const Argument = createToken({ name: 'Argument', pattern: NA });
/** A word nothing asked for. */
export const StrayWord = createToken({ name: 'StrayWord', pattern: NA });

export const ALL_TOKENS: TokenType[] = [Bang, Option, UnknownOption, Argument, StrayWord];

/** A classified word as a token: its offset is the word's number in the command. */
export function wordToken(type: TokenType, word: number, payload?: unknown): IToken {
  const made: IToken = {
    image: '',
    startOffset: word,
    tokenType: type,
    tokenTypeIdx: type.tokenTypeIdx ?? 0,
  };
  if (payload !== undefined) made.payload = payload;
  return made;
}
