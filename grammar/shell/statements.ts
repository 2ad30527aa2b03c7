/** The grammar of commands over the tokens of tokens.ts, compound ones above all. See README.md for it. */

import { createToken, EmbeddedActionsParser, Lexer, type IToken, type TokenType } from 'chevrotain';

import type { AndOrList, CaseBranch, CommandNode, IfBranch, Range, RedirectionNode, WordNode } from './ast.js';
import { simpleCommand } from './simple-command.js';
import { CLOSERS, OPENERS, type ShellToken, type TokenKind, type TokenPayloads } from './tokens.js';

const TOKEN_KINDS = [
  ...['Newline', 'Semicolon', 'Ampersand', 'AndIf', 'OrIf', 'Pipe', 'Bang', 'Time', 'Word', 'Redirection', 'FunctionHead', 'Condition', 'Arithmetic'],
  ...['If', 'Then', 'Elif', 'Else', 'Fi', 'While', 'For', 'In', 'Do', 'Done', 'Case', 'Pattern', 'CaseEnd', 'Esac'],
  ...['OpenBrace', 'CloseBrace', 'OpenParenthesis', 'CloseParenthesis', 'Stray'],
] as readonly TokenKind[];

/** Thrown by the parser for what cannot stand where it stands, and caught where the statement began. Made once: an error with its stack costs more than the parse. */
const MISPLACED = new Error('a token that cannot stand where it stands');

/** What a Chevrotain token made of one of ours carries. */
type Payload<Kind extends TokenKind> = TokenPayloads[Kind];

export class ShellParser extends EmbeddedActionsParser {
  /** Problems of the commands parsed last. */
  readonly problems: { readonly at: Range; readonly message: string }[] = [];
  private readonly types: ReadonlyMap<TokenKind, TokenType>;
  /** The kinds of token that may follow a complete statement. */
  private readonly afterStatement: ReadonlySet<TokenType>;
  private tokens: readonly ShellToken[] = [];
  /** Chevrotain's own: the index of the token consumed last. */
  declare protected currIdx: number;

  constructor(types: ReadonlyMap<TokenKind, TokenType>, skipValidations: boolean) {
    // Recovery is ours (`statement`): Chevrotain's would invent tokens. One token of lookahead decides everything.
    super([...types.values()], { recoveryEnabled: false, maxLookahead: 1, skipValidations });
    this.types = types;
    const after: TokenKind[] = ['Semicolon', 'Ampersand', 'Newline', 'CaseEnd', 'Then', 'Elif', 'Else', 'Do', ...CLOSERS];
    this.afterStatement = new Set(after.map((kind) => this.type(kind)));
    this.performSelfAnalysis();
  }

  private type(kind: TokenKind): TokenType {
    const type = this.types.get(kind);
    if (type === undefined) throw new Error(`no token type ${kind}`);
    return type;
  }

  /** The commands that the tokens make. */
  parse(tokens: readonly ShellToken[]): CommandNode[] {
    this.tokens = tokens;
    this.problems.length = 0;
    this.input = tokens.map((token) => toChevrotain(token, this.type(token.kind)));
    const commands = this.list();
    this.tokens = [];
    this.input = [];
    return commands;
  }

  // Chevrotain's own exceptions list all the tokens that could have stood there, which takes longer than parsing a page of commands.
  protected consumeInternalError(): never {
    throw MISPLACED;
  }

  protected raiseNoAltException(): never {
    throw MISPLACED;
  }

  protected raiseEarlyExitException(): never {
    throw MISPLACED;
  }

  readonly list = this.RULE('list', (): CommandNode[] => {
    const commands: CommandNode[] = [];
    this.MANY(() => {
      this.OR([
        { ALT: () => this.CONSUME(this.type('Newline')) },
        {
          ALT: () => {
            const command = this.SUBRULE(this.statement);
            this.ACTION(() => commands.push(command));
          },
        },
      ]);
    });
    return commands;
  });

  /** A statement with its `;` or `&`, or what stands there and is none. */
  private readonly statement = this.RULE('statement', (): CommandNode => {
    const first = this.currIdx + 1;
    try {
      return this.OR([{ ALT: () => this.SUBRULE(this.terminated) }, { ALT: () => this.SUBRULE(this.misplaced) }]);
    } catch (error) {
      if (error !== MISPLACED) throw error;
      return this.skipStatement(first);
    }
  });

  private readonly terminated = this.RULE('terminated', (): CommandNode => {
    let command: CommandNode = this.SUBRULE(this.andOr);
    this.OPTION(() => {
      this.OR([
        { ALT: () => this.CONSUME(this.type('Semicolon')) },
        {
          ALT: () => {
            const ampersand = this.CONSUME(this.type('Ampersand'));
            this.ACTION(() => {
              command = { kind: 'background', start: command.start, end: endOf(ampersand), command };
            });
          },
        },
      ]);
    });
    this.ACTION(() => {
      const last = this.LA(0).tokenType;
      if (last === this.type('Semicolon') || last === this.type('Ampersand')) return;
      const next = this.LA(1).tokenType;
      if (!this.afterStatement.has(next) && this.currIdx + 1 < this.tokens.length) throw MISPLACED;
    });
    return command;
  });

  /** A token that begins no statement. */
  private readonly misplaced = this.RULE('misplaced', (): never => {
    this.OR([
      { ALT: () => this.CONSUME(this.type('Stray')) },
      { ALT: () => this.CONSUME(this.type('Semicolon')) },
      { ALT: () => this.CONSUME(this.type('Ampersand')) },
      { ALT: () => this.CONSUME(this.type('AndIf')) },
      { ALT: () => this.CONSUME(this.type('OrIf')) },
      { ALT: () => this.CONSUME(this.type('Pipe')) },
      { ALT: () => this.CONSUME(this.type('In')) },
      { ALT: () => this.CONSUME(this.type('Pattern')) },
    ]);
    return this.ACTION((): never => {
      // The token itself is what is wrong.
      this.currIdx -= 1;
      throw MISPLACED;
    });
  });

  private readonly andOr = this.RULE('andOr', (): CommandNode => {
    const first = this.SUBRULE(this.pipeline);
    const rest: AndOrList['rest'][number][] = [];
    this.MANY(() => {
      const operator = this.OR([
        { ALT: (): '&&' => (this.CONSUME(this.type('AndIf')), '&&') },
        { ALT: (): '||' => (this.CONSUME(this.type('OrIf')), '||') },
      ]);
      const command = this.SUBRULE2(this.pipeline);
      this.ACTION(() => rest.push({ operator, command }));
    });
    const last = rest[rest.length - 1];
    return last === undefined ? first : { kind: 'and-or', start: first.start, end: last.command.end, first, rest };
  });

  private readonly pipeline = this.RULE('pipeline', (): CommandNode => {
    let start = -1;
    let negated = false;
    this.MANY(() => {
      const prefix = this.OR([{ ALT: () => this.CONSUME(this.type('Bang')) }, { ALT: () => this.CONSUME(this.type('Time')) }]);
      this.ACTION(() => {
        if (start === -1) start = prefix.startOffset;
        if (prefix.tokenType === this.type('Bang')) negated = !negated;
      });
    });
    const first = this.SUBRULE(this.command);
    const commands = [first];
    this.MANY2(() => {
      this.CONSUME(this.type('Pipe'));
      // Bash takes `a | ! b` for an error, and so does this.
      const command = this.SUBRULE2(this.command);
      this.ACTION(() => commands.push(command));
    });
    if (commands.length === 1 && start === -1) return first;
    return { kind: 'pipeline', start: start === -1 ? first.start : start, end: commands[commands.length - 1]?.end ?? first.end, negated, commands };
  });

  private readonly command = this.RULE('command', (): CommandNode =>
    this.OR([
      { ALT: () => this.SUBRULE(this.simple) },
      {
        ALT: (): CommandNode => {
          const head = this.CONSUME(this.type('FunctionHead'));
          const body = this.SUBRULE(this.compound);
          return this.ACTION((): CommandNode => {
            const { name, nameAt } = head.payload as Payload<'FunctionHead'>;
            return { kind: 'function', start: head.startOffset, end: body.end, name, nameAt, body };
          });
        },
      },
      { ALT: () => this.SUBRULE2(this.compound) },
    ]),
  );

  private readonly simple = this.RULE('simple', (): CommandNode => {
    const words: WordNode[] = [];
    const redirections: RedirectionNode[] = [];
    this.AT_LEAST_ONE(() => {
      this.OR([
        {
          ALT: () => {
            const word = this.CONSUME(this.type('Word'));
            this.ACTION(() => words.push(word.payload as Payload<'Word'>));
          },
        },
        {
          ALT: () => {
            const redirection = this.CONSUME(this.type('Redirection'));
            this.ACTION(() => redirections.push(redirection.payload as Payload<'Redirection'>));
          },
        },
      ]);
    });
    return this.ACTION(() => simpleCommand(words, redirections));
  });

  private readonly compound = this.RULE('compound', (): CommandNode => {
    const command = this.OR([
      { ALT: () => this.SUBRULE(this.ifCommand) },
      { ALT: () => this.SUBRULE(this.whileCommand) },
      { ALT: () => this.SUBRULE(this.forCommand) },
      { ALT: () => this.SUBRULE(this.caseCommand) },
      { ALT: () => this.SUBRULE(this.group) },
      {
        ALT: (): CommandNode => {
          const token = this.CONSUME(this.type('Condition'));
          return { kind: 'condition', start: token.startOffset, end: endOf(token), items: token.payload as Payload<'Condition'>, redirections: [] };
        },
      },
      {
        ALT: (): CommandNode => {
          const token = this.CONSUME(this.type('Arithmetic'));
          return {
            kind: 'arithmetic',
            start: token.startOffset,
            end: endOf(token),
            expression: token.payload as Payload<'Arithmetic'>,
            redirections: [],
          };
        },
      },
    ]);
    const redirections: RedirectionNode[] = [];
    this.MANY(() => {
      const redirection = this.CONSUME(this.type('Redirection'));
      this.ACTION(() => redirections.push(redirection.payload as Payload<'Redirection'>));
    });
    const last = redirections[redirections.length - 1];
    return last === undefined ? command : ({ ...command, end: last.end, redirections } as CommandNode);
  });

  /** The commands between two keywords; the shell wants at least one. */
  private readonly body = this.RULE('body', (): CommandNode[] => {
    const before = this.LA(0);
    const commands = this.SUBRULE(this.list);
    this.ACTION(() => {
      // A keyword that was supplied has its own problem.
      if (commands.length === 0 && before.startOffset !== endOf(before) && this.LA(1).startOffset !== endOf(this.LA(1))) {
        this.problems.push({ at: { start: before.startOffset, end: endOf(this.LA(1)) }, message: 'a command must stand here' });
      }
    });
    return commands;
  });

  private readonly ifCommand = this.RULE('ifCommand', (): CommandNode => {
    const branches: IfBranch[] = [];
    let otherwise: CommandNode[] | undefined;
    const opening = this.CONSUME(this.type('If'));
    const condition = this.SUBRULE(this.body);
    this.CONSUME(this.type('Then'));
    const body = this.SUBRULE2(this.body);
    this.ACTION(() => branches.push({ start: opening.startOffset, end: this.LA(1).startOffset, condition, body }));
    this.MANY(() => {
      const elif = this.CONSUME(this.type('Elif'));
      const next = this.SUBRULE3(this.body);
      this.CONSUME2(this.type('Then'));
      const commands = this.SUBRULE4(this.body);
      this.ACTION(() => branches.push({ start: elif.startOffset, end: this.LA(1).startOffset, condition: next, body: commands }));
    });
    this.OPTION(() => {
      this.CONSUME(this.type('Else'));
      otherwise = this.SUBRULE5(this.body);
    });
    const closing = this.CONSUME(this.type('Fi'));
    return {
      kind: 'if',
      start: opening.startOffset,
      end: endOf(closing),
      branches,
      ...(otherwise === undefined ? {} : { otherwise }),
      redirections: [],
    };
  });

  private readonly whileCommand = this.RULE('whileCommand', (): CommandNode => {
    const opening = this.CONSUME(this.type('While'));
    const condition = this.SUBRULE(this.body);
    this.CONSUME(this.type('Do'));
    const body = this.SUBRULE2(this.body);
    const closing = this.CONSUME(this.type('Done'));
    return this.ACTION((): CommandNode => {
      const { until } = opening.payload as Payload<'While'>;
      return { kind: 'loop', start: opening.startOffset, end: endOf(closing), until, condition, body, redirections: [] };
    });
  });

  private readonly forCommand = this.RULE('forCommand', (): CommandNode => {
    const opening = this.CONSUME(this.type('For'));
    let head: WordNode | undefined;
    let name: WordNode | undefined;
    let words: WordNode[] | undefined;
    this.OR([
      {
        ALT: () => {
          const token = this.CONSUME(this.type('Arithmetic'));
          head = token.payload as Payload<'Arithmetic'>;
        },
      },
      {
        ALT: () => {
          const token = this.CONSUME(this.type('Word'));
          name = token.payload as Payload<'Word'>;
          this.OPTION(() => {
            this.CONSUME(this.type('In'));
            words = [];
            this.MANY(() => {
              const word = this.CONSUME2(this.type('Word'));
              this.ACTION(() => words?.push(word.payload as Payload<'Word'>));
            });
          });
        },
      },
    ]);
    this.MANY2(() => {
      this.OR2([{ ALT: () => this.CONSUME(this.type('Semicolon')) }, { ALT: () => this.CONSUME(this.type('Newline')) }]);
    });
    const { body, end } = this.OR3([
      {
        ALT: () => {
          this.CONSUME(this.type('Do'));
          const commands = this.SUBRULE(this.body);
          const closing = this.CONSUME(this.type('Done'));
          return { body: commands, end: endOf(closing) };
        },
      },
      {
        // `for x in a b; { …; }` is undocumented and works in bash; the lexer supplies the `do` and `done` around it.
        ALT: () => {
          this.CONSUME(this.type('OpenBrace'));
          const commands = this.SUBRULE2(this.body);
          const closing = this.CONSUME(this.type('CloseBrace'));
          return { body: commands, end: endOf(closing) };
        },
      },
    ]);
    return this.ACTION((): CommandNode => {
      const start = opening.startOffset;
      if (head !== undefined) return { kind: 'arithmetic-for', start, end, head, body, redirections: [] };
      const nameText = name?.parts.map((part) => (part.kind === 'text' ? part.text : '')).join('') ?? '';
      const { select } = opening.payload as Payload<'For'>;
      const nameAt = { start: name?.start ?? start, end: name?.end ?? start };
      return { kind: 'for', start, end, select, name: nameText, nameAt, ...(words === undefined ? {} : { words }), body, redirections: [] };
    });
  });

  private readonly caseCommand = this.RULE('caseCommand', (): CommandNode => {
    const branches: CaseBranch[] = [];
    const opening = this.CONSUME(this.type('Case'));
    const subject = this.CONSUME(this.type('Word'));
    this.CONSUME(this.type('In'));
    this.MANY(() => {
      this.OR([
        {
          ALT: () => {
            const pattern = this.CONSUME(this.type('Pattern'));
            const body = this.SUBRULE(this.list);
            let terminator: CaseBranch['terminator'] = ';;';
            this.OPTION(() => {
              const token = this.CONSUME(this.type('CaseEnd'));
              terminator = token.payload as Payload<'CaseEnd'>;
            });
            this.ACTION(() =>
              branches.push({
                start: pattern.startOffset,
                end: endOf(this.LA(0)),
                patterns: pattern.payload as Payload<'Pattern'>,
                body,
                terminator,
              }),
            );
          },
        },
        { ALT: () => this.CONSUME(this.type('Newline')) },
        {
          ALT: () => {
            const stray = this.CONSUME(this.type('Stray'));
            this.ACTION(() => {
              const at = { start: stray.startOffset, end: endOf(stray) };
              this.problems.push({ at, message: stray.payload as Payload<'Stray'> });
              branches.push({ ...at, patterns: [], body: [{ kind: 'malformed', ...at }], terminator: ';;' });
            });
          },
        },
      ]);
    });
    const closing = this.CONSUME(this.type('Esac'));
    return {
      kind: 'case',
      start: opening.startOffset,
      end: endOf(closing),
      subject: subject.payload as Payload<'Word'>,
      branches,
      redirections: [],
    };
  });

  private readonly group = this.RULE('group', (): CommandNode =>
    this.OR([
      {
        ALT: (): CommandNode => {
          const opening = this.CONSUME(this.type('OpenBrace'));
          const body = this.SUBRULE(this.body);
          const closing = this.CONSUME(this.type('CloseBrace'));
          return { kind: 'group', start: opening.startOffset, end: endOf(closing), subshell: false, body, redirections: [] };
        },
      },
      {
        ALT: (): CommandNode => {
          const opening = this.CONSUME(this.type('OpenParenthesis'));
          const body = this.SUBRULE2(this.body);
          const closing = this.CONSUME(this.type('CloseParenthesis'));
          return { kind: 'group', start: opening.startOffset, end: endOf(closing), subshell: true, body, redirections: [] };
        },
      },
    ]),
  );

  /** Makes one malformed node of the tokens from `first` to the end of the line, or to what closes the command around it. */
  private skipStatement(first: number): CommandNode {
    const tokens = this.tokens;
    const wrong = this.currIdx + 1;
    let depth = 0;
    let index = first;
    for (; index < tokens.length; index += 1) {
      const token = tokens[index];
      if (token === undefined) break;
      if (OPENERS.has(token.kind)) depth += 1;
      else if (CLOSERS.has(token.kind)) {
        if (depth === 0) break;
        depth -= 1;
      } else if (depth === 0 && index >= wrong && endsStatement(token.kind)) break;
    }
    if (index === first) index = first + 1;
    let message: string | undefined;
    let end = tokens[first]?.end ?? 0;
    for (let at = first; at < index; at += 1) {
      const token = tokens[at];
      if (token === undefined) continue;
      end = Math.max(end, token.end);
      if (token.kind === 'Stray') message ??= token.value;
    }
    const start = tokens[first]?.start ?? 0;
    const culprit = tokens[wrong];
    message ??= culprit === undefined ? 'a command must follow here' : `\`${describe(culprit)}\` cannot stand here`;
    const at = culprit === undefined || culprit.start < start ? { start, end } : { start: culprit.start, end: Math.max(culprit.end, culprit.start) };
    this.problems.push({ at, message });
    this.currIdx = index - 1;
    return { kind: 'malformed', start, end };
  }
}

/** Tokens at which reading goes on after a malformed statement. */
function endsStatement(kind: TokenKind): boolean {
  return kind === 'Newline' || kind === 'CaseEnd' || kind === 'Then' || kind === 'Elif' || kind === 'Else' || kind === 'Do';
}

const SPELLINGS: Readonly<Partial<Record<TokenKind, string>>> = {
  Newline: 'end of line',
  Semicolon: ';',
  Ampersand: '&',
  AndIf: '&&',
  OrIf: '||',
  Pipe: '|',
  Bang: '!',
  OpenParenthesis: '(',
  CloseParenthesis: ')',
  OpenBrace: '{',
  CloseBrace: '}',
};

function describe(token: ShellToken): string {
  if (token.kind === 'Word') {
    const first = token.value.parts[0];
    return first?.kind === 'text' && token.value.parts.length === 1 ? first.text : '$…';
  }
  if (token.kind === 'FunctionHead') return `${token.value.name}()`;
  if (token.kind === 'CaseEnd') return token.value;
  if (token.kind === 'While') return token.value.until ? 'until' : 'while';
  if (token.kind === 'For') return token.value.select ? 'select' : 'for';
  return SPELLINGS[token.kind] ?? token.kind.toLowerCase();
}

function toChevrotain(token: ShellToken, tokenType: TokenType): IToken {
  return {
    image: '',
    startOffset: token.start,
    endOffset: token.end - 1,
    tokenType,
    tokenTypeIdx: tokenType.tokenTypeIdx ?? 0,
    payload: token.value,
  };
}

function endOf(token: IToken): number {
  return (token.endOffset ?? token.startOffset - 1) + 1;
}

/** Makes a parser. With `validate` Chevrotain checks the grammar itself first, which takes long: for tests. */
export function createShellParser(validate: boolean): ShellParser {
  const types = new Map(TOKEN_KINDS.map((kind) => [kind, createToken({ name: kind, pattern: Lexer.NA })]));
  return new ShellParser(types, !validate);
}
