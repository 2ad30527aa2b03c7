/** Cuts a shell script into tokens: words, redirections, operators and keywords, with every compound command closed. */

import type { ConditionOperator, Range, RedirectionNode, WordNode } from './ast.js';
import {
  atLineEnd,
  breaksWord,
  DEEPEST_NESTING,
  expectHereDocument,
  findArithmeticEnd,
  forgetSince,
  hasFailed,
  lineEnd,
  notedSoFar,
  place,
  readComment,
  readExpression,
  readHereDocuments,
  readsLineByLine,
  readWord,
  skipBlanks,
  type Reader,
} from './words.js';

/** What a token carries besides its place. */
export interface TokenPayloads {
  Newline: undefined;
  Semicolon: undefined;
  Ampersand: undefined;
  AndIf: undefined;
  OrIf: undefined;
  Pipe: undefined;
  Bang: undefined;
  Time: undefined;
  /** A word that is no keyword where it stands. */
  Word: WordNode;
  Redirection: RedirectionNode;
  /** `name ()` or `function name`. */
  FunctionHead: { readonly name: string; readonly nameAt: Range };
  /** `[[ … ]]`. */
  Condition: readonly (WordNode | ConditionOperator)[];
  /** `((…))`. */
  Arithmetic: WordNode;
  If: undefined;
  Then: undefined;
  Elif: undefined;
  Else: undefined;
  Fi: undefined;
  /** `while` or `until`. */
  While: { readonly until: boolean };
  /** `for` or `select`. */
  For: { readonly select: boolean };
  In: undefined;
  Do: undefined;
  Done: undefined;
  Case: undefined;
  /** `(a | b)` of a `case`. */
  Pattern: readonly WordNode[];
  CaseEnd: ';;' | ';&' | ';;&';
  Esac: undefined;
  OpenBrace: undefined;
  CloseBrace: undefined;
  OpenParenthesis: undefined;
  CloseParenthesis: undefined;
  /** What cannot stand where it stands; the payload says why. */
  Stray: string;
}

export type TokenKind = keyof TokenPayloads;

/** A token; `start` equals `end` for a keyword that was left out in the script and is supplied so that the rest can be read. */
export type ShellToken = {
  readonly [Kind in TokenKind]: { readonly kind: Kind; readonly start: number; readonly end: number; readonly value: TokenPayloads[Kind] };
}[TokenKind];

/** Tokens that open a command and those that close it. */
export const OPENERS: ReadonlySet<TokenKind> = new Set<TokenKind>(['If', 'While', 'For', 'Case', 'OpenBrace', 'OpenParenthesis']);
export const CLOSERS: ReadonlySet<TokenKind> = new Set<TokenKind>(['Fi', 'Done', 'Esac', 'CloseBrace', 'CloseParenthesis']);

/** What is read next. */
type Expectation =
  /** The first word of a command: keywords count. */
  | 'command'
  /** A word that is no keyword. */
  | 'argument'
  /** After a compound command: keywords that close count, words do not belong here. */
  | 'end'
  | 'for-name'
  | 'for-in'
  | 'case-word'
  | 'case-in'
  | 'pattern';

interface Open {
  readonly kind: 'if' | 'while' | 'for' | 'case' | 'brace' | 'parenthesis';
  readonly keyword: string;
  readonly start: number;
  readonly end: number;
  phase: 'head' | 'body' | 'else';
}

interface Lexer {
  readonly reader: Reader;
  readonly open: Open[];
  tokens: ShellToken[];
  expect: Expectation;
  /** Array assignments can stand here. */
  arrays: boolean;
  readonly emit: (tokens: readonly ShellToken[]) => void;
}

const CLOSING_WORD: Readonly<Record<Open['kind'], string>> = { if: 'fi', while: 'done', for: 'done', case: 'esac', brace: '}', parenthesis: ')' };

/** Builtins whose arguments are assignments, arrays too. */
const DECLARATIONS = new Set(['declare', 'typeset', 'local', 'export', 'readonly']);

const KEYWORDS = new Set('if then elif else fi while until for select in do done case esac { } ! [[ ]] function time coproc'.split(' '));

const ASSIGNMENT = /^[A-Za-z_][A-Za-z0-9_]*(?:\[.*\])?\+?=/s;
const REDIRECTION = /(\d*|\{[A-Za-z_][A-Za-z0-9_]*\})(<<<|<<-|<<|<&|<>|<|>>|>&|>\||>)/y;
const BOTH_REDIRECTION = /&>>?/y;

/**
 * Reads commands and gives the tokens of each complete one to `emit`.
 * Reads up to the reader's limit or, when `closed`, up to the `)` that closes a substitution, which is left to the caller.
 */
export function readTokens(reader: Reader, closed: boolean, outermost: boolean, emit: (tokens: readonly ShellToken[]) => void): void {
  const lexer: Lexer = { reader, open: [], tokens: [], expect: 'command', arrays: true, emit };
  const { file } = reader;
  const { depth } = file;
  const outside = file.operators.length;
  for (;;) {
    skipBlanks(reader);
    if (reader.position >= reader.limit) break;
    const code = reader.text.charCodeAt(reader.position);
    if (closed && code === 41 && lexer.expect !== 'pattern' && !lexer.open.some((open) => open.kind === 'parenthesis')) break;
    const start = reader.position;
    const before = notedSoFar(file);
    const { limit } = reader;
    if (readsLineByLine(reader) && code !== 10) reader.limit = Math.min(limit, lineEnd(reader, start));
    readToken(lexer, code);
    reader.limit = limit;
    if (reader.failure === undefined) continue;
    if (!outermost) return;
    // The quote or parenthesis without an end takes its line; what was read of it is forgotten.
    const { message } = reader.failure;
    file.wasted += reader.position - start;
    reader.failure = undefined;
    reader.position = start;
    forgetSince(file, before);
    strayLine(lexer, start, message);
  }
  if (reader.failure === undefined) {
    closeTo(lexer, 0, closed ? 'before the `)`' : undefined);
    finish(lexer);
    file.depth = depth;
  }
  // Operators in a substitution are part of the word it stands in.
  if (!outermost) file.operators.length = outside;
}

function push<Kind extends TokenKind>(lexer: Lexer, kind: Kind, start: number, end: number, value: TokenPayloads[Kind]): void {
  lexer.tokens.push({ kind, start: place(lexer.reader, start), end: place(lexer.reader, end), value } as ShellToken);
}

/** Gives away the tokens of a complete command. */
function finish(lexer: Lexer): void {
  if (lexer.tokens.length > 0) lexer.emit(lexer.tokens);
  lexer.tokens = [];
}

function expectCommand(lexer: Lexer): void {
  lexer.expect = 'command';
  lexer.arrays = true;
}

/** The rest of the line as one token that fits nowhere. */
function strayLine(lexer: Lexer, start: number, message: string): void {
  const { reader } = lexer;
  const end = Math.max(lineEnd(reader, start), Math.min(start + 1, reader.limit));
  push(lexer, 'Stray', start, end, message);
  reader.position = end;
  lexer.expect = 'argument';
}

/** The rest of a line whose `for` or `case` cannot be read. When its end stands on the line too, it is over with it. */
function strayHead(lexer: Lexer, message: string): void {
  const { reader } = lexer;
  const start = reader.position;
  strayLine(lexer, start, message);
  const open = lexer.open[lexer.open.length - 1];
  if (open === undefined || !new RegExp(`\\b${CLOSING_WORD[open.kind]}\\b`).test(reader.text.slice(start, reader.position))) return;
  supplyClosing(lexer, open);
  pop(lexer);
}

function readToken(lexer: Lexer, code: number): void {
  const { reader } = lexer;
  switch (code) {
    case 10:
      readNewline(lexer);
      return;
    case 35: // #
      readComment(reader);
      return;
    default:
      break;
  }
  if (lexer.expect === 'pattern') {
    readPattern(lexer);
    return;
  }
  if (breaksWord(code) && readOperator(lexer, code)) return;
  if (readRedirection(lexer)) return;
  switch (lexer.expect) {
    case 'command':
    case 'end':
      if (readKeyword(lexer)) return;
      readCommandWord(lexer);
      return;
    case 'for-name':
      readNameOfLoop(lexer);
      return;
    case 'for-in':
      if (rawWord(reader) === 'in') {
        keyword(lexer, 'In', 2, undefined);
        lexer.expect = 'argument';
      } else {
        expectCommand(lexer);
        if (!readKeyword(lexer)) strayHead(lexer, '`in` or `do` must stand here');
      }
      return;
    case 'case-word': {
      const word = readWord(reader);
      if (word === undefined) return;
      lexer.tokens.push({ kind: 'Word', start: word.start, end: word.end, value: word });
      lexer.expect = 'case-in';
      return;
    }
    case 'case-in':
      if (rawWord(reader) === 'in') {
        keyword(lexer, 'In', 2, undefined);
        lexer.expect = 'pattern';
        const top = lexer.open[lexer.open.length - 1];
        if (top !== undefined) top.phase = 'body';
      } else strayHead(lexer, '`in` must stand here');
      return;
    default:
      readCommandWord(lexer);
  }
}

function readNewline(lexer: Lexer): void {
  const { reader } = lexer;
  const start = reader.position;
  reader.position += 1;
  readHereDocuments(reader);
  if (reader.failure !== undefined) return;
  const last = lexer.tokens[lexer.tokens.length - 1]?.kind;
  if (lexer.expect === 'pattern' || lexer.expect === 'case-in' || lexer.expect === 'for-in') return;
  if (last === 'AndIf' || last === 'OrIf' || last === 'Pipe' || last === 'FunctionHead') return;
  if (lexer.open.length === 0) finish(lexer);
  else if (last !== 'Newline') push(lexer, 'Newline', start, start + 1, undefined);
  expectCommand(lexer);
}

/** Reads an operator at the reader's place; false when a word or redirection begins there. */
function readOperator(lexer: Lexer, code: number): boolean {
  const { reader } = lexer;
  const { text, position: at } = reader;
  const next = at + 1 < reader.limit ? text.charCodeAt(at + 1) : -1;
  switch (code) {
    case 59: {
      // ;
      const written = next === 59 ? (text.charCodeAt(at + 2) === 38 && at + 2 < reader.limit ? ';;&' : ';;') : next === 38 ? ';&' : ';';
      if (written === ';') {
        keyword(lexer, 'Semicolon', 1, undefined);
        expectCommand(lexer);
        return true;
      }
      const inCase = lexer.open.findLastIndex((open) => open.kind === 'case' && open.phase === 'body');
      if (inCase === -1) {
        if (written === ';&') keyword(lexer, 'Semicolon', 1, undefined);
        else strayLine(lexer, at, `\`${written}\` cannot stand outside of a \`case\``);
        return true;
      }
      closeTo(lexer, inCase + 1, `before the \`${written}\``);
      keyword(lexer, 'CaseEnd', written.length, written);
      lexer.expect = 'pattern';
      return true;
    }
    case 38: // &
      if (next === 62) return false;
      if (next === 38) keyword(lexer, 'AndIf', 2, undefined);
      else keyword(lexer, 'Ampersand', 1, undefined);
      expectCommand(lexer);
      return true;
    case 124: // |
      if (next === 124) keyword(lexer, 'OrIf', 2, undefined);
      else keyword(lexer, 'Pipe', next === 38 ? 2 : 1, undefined);
      expectCommand(lexer);
      return true;
    case 40: // (
      readOpenParenthesis(lexer, next);
      return true;
    case 41: {
      // )
      const open = lexer.open.findLastIndex((entry) => entry.kind === 'parenthesis');
      if (open === -1) strayLine(lexer, at, '`)` closes nothing');
      else {
        closeTo(lexer, open + 1, 'before the `)`');
        pop(lexer);
        keyword(lexer, 'CloseParenthesis', 1, undefined);
        lexer.expect = 'end';
      }
      return true;
    }
    default:
      return false;
  }
}

function readOpenParenthesis(lexer: Lexer, next: number): void {
  const { reader } = lexer;
  const at = reader.position;
  const last = lexer.tokens[lexer.tokens.length - 1];
  if (next === 40 && (lexer.expect === 'command' || lexer.expect === 'for-name')) {
    const end = findArithmeticEnd(reader, at + 2);
    if (end !== -1) {
      const expression = readExpression(reader, at, at + 2, end);
      if (expression === undefined) return;
      reader.position = end + 2;
      push(lexer, 'Arithmetic', at, end + 2, expression);
      if (last?.kind === 'For') expectCommand(lexer);
      else lexer.expect = 'end';
      return;
    }
  }
  if (lexer.expect !== 'command') {
    strayLine(lexer, at, '`(` cannot stand here');
    return;
  }
  if (!pushOpen(lexer, 'parenthesis', '(', 'body')) return;
  keyword(lexer, 'OpenParenthesis', 1, undefined);
  expectCommand(lexer);
}

/** Pushes a token for the next `length` characters. */
function keyword<Kind extends TokenKind>(lexer: Lexer, kind: Kind, length: number, value: TokenPayloads[Kind]): void {
  const { reader } = lexer;
  const start = reader.position;
  reader.position = start + length;
  reader.file.operators.push(place(reader, start), place(reader, start + length));
  push(lexer, kind, start, start + length, value);
}

/** The characters up to the next blank or operator; not empty only for what may be a keyword. */
function rawWord(reader: Reader): string {
  const { text, position } = reader;
  // The longest keyword is `function`; anything longer is none.
  const last = Math.min(reader.limit, position + 10);
  let end = position;
  while (end < last && !breaksWord(text.charCodeAt(end)) && !atLineEnd(reader, end)) end += 1;
  return text.slice(position, end);
}

function pushOpen(lexer: Lexer, kind: Open['kind'], written: string, phase: Open['phase']): boolean {
  const { reader } = lexer;
  if (reader.file.depth >= DEEPEST_NESTING) {
    strayLine(lexer, reader.position, `this is nested more than ${String(DEEPEST_NESTING)} deep`);
    return false;
  }
  reader.file.depth += 1;
  lexer.open.push({ kind, keyword: written, start: reader.position, end: reader.position + written.length, phase });
  return true;
}

function pop(lexer: Lexer): void {
  if (lexer.open.pop() !== undefined) lexer.reader.file.depth -= 1;
}

/** Supplies what is missing to close all open commands beyond the first `keep`. */
function closeTo(lexer: Lexer, keep: number, where: string | undefined): void {
  const { reader } = lexer;
  for (let open = lexer.open[lexer.open.length - 1]; open !== undefined && lexer.open.length > keep; open = lexer.open[lexer.open.length - 1]) {
    reader.file.problems.push({
      start: place(reader, open.start),
      end: place(reader, open.end),
      message: `this \`${open.keyword}\` has no \`${CLOSING_WORD[open.kind]}\`${where === undefined ? '' : ` ${where}`}`,
      warning: false,
    });
    supplyClosing(lexer, open);
    pop(lexer);
    lexer.expect = 'end';
  }
}

/** Supplies the word that closes an open command, and what has to stand before it. */
function supplyClosing(lexer: Lexer, open: Open): void {
  const at = lexer.reader.position;
  if (open.phase === 'head') completeHead(lexer, open);
  switch (open.kind) {
    case 'if':
      push(lexer, 'Fi', at, at, undefined);
      break;
    case 'while':
    case 'for':
      push(lexer, 'Done', at, at, undefined);
      break;
    case 'case':
      push(lexer, 'Esac', at, at, undefined);
      break;
    case 'brace':
      push(lexer, 'CloseBrace', at, at, undefined);
      break;
    case 'parenthesis':
      push(lexer, 'CloseParenthesis', at, at, undefined);
      break;
  }
}

/** Supplies the `then`, `do` or `in` that an open command still waits for. */
function completeHead(lexer: Lexer, open: Open): void {
  const at = lexer.reader.position;
  if (open.kind === 'if') push(lexer, 'Then', at, at, undefined);
  else if (open.kind === 'while' || open.kind === 'for') push(lexer, 'Do', at, at, undefined);
  else if (open.kind === 'case') push(lexer, 'In', at, at, undefined);
  open.phase = 'body';
}

/** The innermost open command that `written` belongs to, with all commands in it closed; undefined when there is none. */
function belongsTo(lexer: Lexer, written: string, fits: (open: Open) => boolean): Open | undefined {
  const index = lexer.open.findLastIndex(fits);
  if (index === -1) return undefined;
  closeTo(lexer, index + 1, `before the \`${written}\``);
  return lexer.open[index];
}

function missingHead(lexer: Lexer, open: Open, written: string): void {
  const { reader } = lexer;
  const missing = open.kind === 'if' ? 'then' : open.kind === 'case' ? 'in' : 'do';
  reader.file.problems.push({
    start: place(reader, open.start),
    end: place(reader, open.end),
    message: `this \`${open.keyword}\` has no \`${missing}\` before the \`${written}\``,
    warning: false,
  });
  completeHead(lexer, open);
}

/** Reads a keyword at the reader's place; false when the word there is none. */
function readKeyword(lexer: Lexer): boolean {
  const { reader } = lexer;
  const written = rawWord(reader);
  if (!KEYWORDS.has(written)) return false;
  const at = reader.position;
  switch (written) {
    case 'if':
      if (pushOpen(lexer, 'if', written, 'head')) keyword(lexer, 'If', 2, undefined);
      else return true;
      break;
    case 'while':
    case 'until':
      if (pushOpen(lexer, 'while', written, 'head')) keyword(lexer, 'While', 5, { until: written === 'until' });
      else return true;
      break;
    case 'for':
    case 'select':
      if (pushOpen(lexer, 'for', written, 'head')) {
        keyword(lexer, 'For', written.length, { select: written === 'select' });
        lexer.expect = 'for-name';
      }
      return true;
    case 'case':
      if (pushOpen(lexer, 'case', written, 'head')) {
        keyword(lexer, 'Case', 4, undefined);
        lexer.expect = 'case-word';
      }
      return true;
    case '{':
      if (pushOpen(lexer, 'brace', written, 'body')) keyword(lexer, 'OpenBrace', 1, undefined);
      else return true;
      break;
    case 'then': {
      const open = belongsTo(lexer, written, (entry) => entry.kind === 'if' && entry.phase === 'head');
      if (open === undefined) strayLine(lexer, at, '`then` belongs to no `if`');
      else {
        keyword(lexer, 'Then', 4, undefined);
        open.phase = 'body';
        break;
      }
      return true;
    }
    case 'elif':
    case 'else': {
      const open = belongsTo(lexer, written, (entry) => entry.kind === 'if' && entry.phase !== 'else');
      if (open === undefined) strayLine(lexer, at, `\`${written}\` belongs to no \`if\``);
      else {
        if (open.phase === 'head') missingHead(lexer, open, written);
        if (written === 'elif') keyword(lexer, 'Elif', 4, undefined);
        else keyword(lexer, 'Else', 4, undefined);
        open.phase = written === 'elif' ? 'head' : 'else';
        break;
      }
      return true;
    }
    case 'do': {
      const open = belongsTo(lexer, written, (entry) => (entry.kind === 'while' || entry.kind === 'for') && entry.phase === 'head');
      if (open === undefined) strayLine(lexer, at, '`do` belongs to no loop');
      else {
        keyword(lexer, 'Do', 2, undefined);
        open.phase = 'body';
        break;
      }
      return true;
    }
    case 'fi':
      closeWith(lexer, 'Fi', written, (entry) => entry.kind === 'if');
      return true;
    case 'done':
      closeWith(lexer, 'Done', written, (entry) => entry.kind === 'while' || entry.kind === 'for');
      return true;
    case 'esac':
      closeWith(lexer, 'Esac', written, (entry) => entry.kind === 'case');
      return true;
    case '}':
      closeWith(lexer, 'CloseBrace', written, (entry) => entry.kind === 'brace');
      return true;
    case '!':
      keyword(lexer, 'Bang', 1, undefined);
      break;
    case 'time':
    case 'coproc':
      return readTime(lexer, written);
    case '[[':
      readCondition(lexer);
      return true;
    case 'function':
      return readFunction(lexer);
    case 'in':
    case ']]':
      strayLine(lexer, at, `\`${written}\` cannot stand here`);
      return true;
    default:
      return false;
  }
  expectCommand(lexer);
  return true;
}

function closeWith(lexer: Lexer, kind: 'Fi' | 'Done' | 'Esac' | 'CloseBrace', written: string, fits: (open: Open) => boolean): void {
  const open = belongsTo(lexer, written, fits);
  if (open === undefined) {
    strayLine(lexer, lexer.reader.position, `\`${written}\` closes nothing`);
    return;
  }
  if (open.phase === 'head') missingHead(lexer, open, written);
  keyword(lexer, kind, written.length, undefined);
  pop(lexer);
  lexer.expect = 'end';
}

/** `time` and `coproc` are keywords before a compound command; before a simple one they are left to its words. */
function readTime(lexer: Lexer, written: string): boolean {
  const { reader } = lexer;
  const start = reader.position;
  reader.position += written.length;
  skipBlanks(reader);
  if (written === 'time' && rawWord(reader) === '-p') {
    reader.position += 2;
    skipBlanks(reader);
  }
  const next = rawWord(reader);
  const end = reader.position;
  reader.position = start;
  if (!(KEYWORDS.has(next) && next !== 'time' && next !== '}') && reader.text.charCodeAt(end) !== 40) return false;
  keyword(lexer, 'Time', end - start, undefined);
  expectCommand(lexer);
  return true;
}

function readFunction(lexer: Lexer): boolean {
  const { reader } = lexer;
  const start = reader.position;
  reader.position += 'function'.length;
  skipBlanks(reader);
  const nameStart = reader.position;
  const word = readWord(reader);
  if (word === undefined) {
    if (reader.failure === undefined) strayLine(lexer, start, '`function` has no name');
    return true;
  }
  const nameEnd = reader.position;
  skipBlanks(reader);
  const parentheses = emptyParentheses(reader);
  if (parentheses !== -1) reader.position = parentheses;
  else reader.position = nameEnd;
  reader.file.operators.push(place(reader, start), place(reader, reader.position));
  push(lexer, 'FunctionHead', start, reader.position, {
    name: reader.text.slice(nameStart, nameEnd),
    nameAt: { start: word.start, end: word.end },
  });
  expectCommand(lexer);
  return true;
}

/** The offset after `( )` at the reader's place, or -1. */
function emptyParentheses(reader: Reader): number {
  const { text } = reader;
  if (text.charCodeAt(reader.position) !== 40) return -1;
  let at = reader.position + 1;
  while (at < reader.limit && (text.charCodeAt(at) === 32 || text.charCodeAt(at) === 9)) at += 1;
  return text.charCodeAt(at) === 41 && at < reader.limit ? at + 1 : -1;
}

function readCommandWord(lexer: Lexer): void {
  const { reader } = lexer;
  const start = reader.position;
  const word = readWord(reader, lexer.arrays);
  if (word === undefined) {
    if (reader.failure === undefined) strayLine(lexer, start, `\`${reader.text.charAt(start)}\` cannot stand here`);
    return;
  }
  const end = reader.position;
  const first = word.parts[0];
  const isAssignment = first?.kind === 'text' && !first.quoted && (word.elements !== undefined || ASSIGNMENT.test(reader.text.slice(start, end)));
  if (lexer.expect === 'command' && !isAssignment && word.parts.length === 1 && first?.kind === 'text' && !first.quoted) {
    skipBlanks(reader);
    const parentheses = emptyParentheses(reader);
    if (parentheses !== -1) {
      reader.file.operators.push(place(reader, start), place(reader, parentheses));
      push(lexer, 'FunctionHead', start, parentheses, { name: first.text, nameAt: { start: word.start, end: word.end } });
      reader.position = parentheses;
      expectCommand(lexer);
      return;
    }
    reader.position = end;
  }
  if (lexer.expect === 'command') lexer.arrays = isAssignment || (first?.kind === 'text' && DECLARATIONS.has(first.text));
  else if (lexer.arrays && !isAssignment && lexer.tokens[lexer.tokens.length - 1]?.kind === 'Word') {
    lexer.arrays = first?.kind === 'text' && (DECLARATIONS.has(first.text) || first.text.startsWith('-') || isDeclared(lexer));
  }
  lexer.expect = 'argument';
  lexer.tokens.push({ kind: 'Word', start: word.start, end: word.end, value: word });
}

/** Whether the command that is read began with a declaration builtin. */
function isDeclared(lexer: Lexer): boolean {
  for (let index = lexer.tokens.length - 1; index >= 0; index -= 1) {
    const token = lexer.tokens[index];
    if (token?.kind === 'Redirection') continue;
    if (token?.kind !== 'Word') return false;
    const first = token.value.parts[0];
    if (first?.kind === 'text' && DECLARATIONS.has(first.text)) return true;
  }
  return false;
}

function readNameOfLoop(lexer: Lexer): void {
  const { reader } = lexer;
  const word = readWord(reader);
  if (word === undefined) {
    if (reader.failure === undefined) strayLine(lexer, reader.position, 'a loop needs the name of a variable');
    return;
  }
  lexer.tokens.push({ kind: 'Word', start: word.start, end: word.end, value: word });
  lexer.expect = 'for-in';
}

/** Reads a redirection at the reader's place; false when there is none. */
function readRedirection(lexer: Lexer): boolean {
  const { reader } = lexer;
  const { text, position: start } = reader;
  const code = text.charCodeAt(start);
  const isDigit = code >= 48 && code <= 57;
  if (!isDigit && code !== 60 && code !== 62 && code !== 38 && code !== 123) return false;
  const pattern = code === 38 ? BOTH_REDIRECTION : REDIRECTION;
  pattern.lastIndex = start;
  const match = pattern.exec(text);
  if (match === null || start + match[0].length > reader.limit) return false;
  const descriptor = code === 38 ? '' : (match[1] ?? '');
  const operator = code === 38 ? match[0] : (match[2] ?? '');
  // `<(` and `>(` begin a word.
  if (descriptor === '' && (operator === '<' || operator === '>') && text.charCodeAt(start + 1) === 40) return false;
  reader.position = start + match[0].length;
  skipBlanks(reader);
  const targetStart = reader.position;
  const target = readWord(reader);
  // In `< 2>file` the number belongs to the second operator.
  const isNumber =
    target !== undefined && !operator.endsWith('&') && /^\d+[<>]$/.test(text.slice(targetStart, Math.min(reader.position + 1, reader.limit)));
  if (target === undefined || isNumber) {
    if (reader.failure === undefined) strayLine(lexer, start, `\`${operator}\` has no file`);
    return true;
  }
  const redirection: RedirectionNode = { start: place(reader, start), end: target.end, operator, descriptor, target };
  if (operator === '<<' || operator === '<<-') expectHereDocument(reader, redirection, text.slice(targetStart, reader.position));
  lexer.tokens.push({ kind: 'Redirection', start: redirection.start, end: redirection.end, value: redirection });
  if (lexer.expect === 'command') lexer.expect = 'argument';
  return true;
}

/** Reads `(a | b)` or `esac`. */
function readPattern(lexer: Lexer): void {
  const { reader } = lexer;
  const { text, position: start } = reader;
  if (rawWord(reader) === 'esac') {
    closeWith(lexer, 'Esac', 'esac', (entry) => entry.kind === 'case');
    return;
  }
  if (text.charCodeAt(start) === 40) reader.position += 1;
  const patterns: WordNode[] = [];
  for (;;) {
    skipBlanks(reader);
    const pattern = readWord(reader);
    if (reader.failure !== undefined) return;
    if (pattern === undefined) break;
    patterns.push(pattern);
    skipBlanks(reader);
    if (text.charCodeAt(reader.position) !== 124 || reader.position >= reader.limit) break;
    reader.position += 1;
  }
  if (patterns.length === 0 || text.charCodeAt(reader.position) !== 41 || reader.position >= reader.limit) {
    strayLine(lexer, start, 'a pattern of a `case` ends with `)`');
    lexer.expect = 'pattern';
    return;
  }
  reader.position += 1;
  push(lexer, 'Pattern', start, reader.position, patterns);
  expectCommand(lexer);
}

/** Reads `[[ … ]]`. */
function readCondition(lexer: Lexer): void {
  const { reader } = lexer;
  const { text, position: start } = reader;
  const items: (WordNode | ConditionOperator)[] = [];
  reader.position += 2;
  for (;;) {
    skipBlanks(reader, true);
    if (reader.failure !== undefined) return;
    const at = reader.position;
    if (at >= reader.limit) {
      reader.failure = { start, message: 'this `[[` is never closed' };
      return;
    }
    if (rawWord(reader) === ']]') {
      reader.position += 2;
      push(lexer, 'Condition', start, reader.position, items);
      lexer.expect = 'end';
      return;
    }
    const last = items[items.length - 1];
    if (last !== undefined && 'parts' in last && text.slice(last.start, last.end) === '=~' && reader.offsets === undefined) {
      items.push(readRegularExpression(reader));
      if (hasFailed(reader)) return;
      continue;
    }
    const code = text.charCodeAt(at);
    const two = text.slice(at, Math.min(at + 2, reader.limit));
    const operator = two === '&&' || two === '||' ? two : code === 40 || code === 41 || code === 60 || code === 62 ? text.charAt(at) : undefined;
    if (operator !== undefined) {
      reader.position += operator.length;
      items.push({ start: place(reader, at), end: place(reader, at + operator.length), operator: operator as ConditionOperator['operator'] });
      continue;
    }
    const word = readWord(reader, false, true);
    if (word === undefined) {
      reader.failure ??= { start: at, message: `\`${text.charAt(at)}\` cannot stand in \`[[\`` };
      return;
    }
    items.push(word);
  }
}

/** The word after `=~`: parentheses, bars and the like belong to it. */
function readRegularExpression(reader: Reader): WordNode {
  const start = reader.position;
  const parts: WordNode['parts'][number][] = [];
  let depth = 0;
  while (reader.position < reader.limit) {
    const word = readWord(reader);
    if (word !== undefined) {
      for (const part of word.parts) parts.push(part);
      continue;
    }
    const at = reader.position;
    const code = reader.text.charCodeAt(at);
    if (reader.failure !== undefined || code === 10 || code === 13) break;
    if ((code === 32 || code === 9) && depth === 0) break;
    if (code === 40) depth += 1;
    if (code === 41) {
      if (depth === 0) break;
      depth -= 1;
    }
    parts.push({ kind: 'text', start: place(reader, at), end: place(reader, at + 1), text: reader.text.charAt(at), quoted: false });
    reader.position += 1;
  }
  return { start: place(reader, start), end: place(reader, reader.position), parts };
}
