/** Reads the words of a shell script: quotes, expansions and here-document texts. Linear, never throws. */

import type {
  ArithmeticPart,
  CommandPart,
  Comment,
  HereDocument,
  ParameterPart,
  ProcessPart,
  Range,
  RedirectionNode,
  Script,
  SyntaxProblem,
  TextPart,
  WordNode,
  WordPart,
} from './ast.js';

/** How deep commands, substitutions and expansions may be nested, all kinds together. Beyond it a statement is malformed. */
export const DEEPEST_NESTING = 100;

/**
 * Once as many characters as the text has were read for quotes or parentheses that are never closed, each further one is looked
 * for on its own line only, so that reading stays linear.
 */
const WASTE_BEFORE_LINE_BY_LINE = 1;

/** How far the `]` of a `$[` is looked for. */
const LONGEST_BRACKETS = 256;

/** How far the `))` of a `((` is looked for; an expression is short, and a subshell in a subshell rare. */
const LONGEST_ARITHMETIC = 4096;

/** How long the `[key]=` of an array's element may be. */
const LONGEST_KEY = 256;

/** A here-document whose operator was read; its text begins after the next line end. */
interface PendingHereDocument {
  readonly redirection: RedirectionNode;
  readonly stripTabs: boolean;
  readonly delimiter: string;
  readonly literal: boolean;
}

/** What the readers of one file share. */
export interface FileState {
  readonly comments: Comment[];
  readonly problems: SyntaxProblem[];
  readonly operators: number[];
  readonly documents: Range[];
  readonly pending: PendingHereDocument[];
  /** Nesting of commands, substitutions and expansions at the place that is read. */
  depth: number;
  /** How many characters were read for constructs that had no end. */
  wasted: number;
  /** The script mentions `extglob`, so `@(a|b)` is a pattern everywhere. */
  readonly extendedPatterns: boolean;
  /** Reads commands up to the `)` that closes them or, without `closed`, up to the reader's limit. */
  readonly readScript: (reader: Reader, closed: boolean) => Script;
}

/** How much has been noted of a file: what an attempt to read goes back to when it fails. */
export interface Noted {
  readonly comments: number;
  readonly problems: number;
  readonly operators: number;
  readonly documents: number;
  readonly pending: number;
  readonly depth: number;
}

export function notedSoFar({ comments, problems, operators, documents, pending, depth }: FileState): Noted {
  return {
    comments: comments.length,
    problems: problems.length,
    operators: operators.length,
    documents: documents.length,
    pending: pending.length,
    depth,
  };
}

/** Forgets what was noted since. */
export function forgetSince(file: FileState, noted: Noted): void {
  file.comments.length = noted.comments;
  file.problems.length = noted.problems;
  file.operators.length = noted.operators;
  file.documents.length = noted.documents;
  file.pending.length = Math.min(noted.pending, file.pending.length);
  file.depth = noted.depth;
}

/** A place in a text that is being read. */
export interface Reader {
  readonly text: string;
  position: number;
  /** Nothing at or beyond this offset is read. */
  limit: number;
  /** Where each character of `text` stands in the file, when `text` is not the file's own (backticks with backslashes). */
  readonly offsets: readonly number[] | undefined;
  readonly file: FileState;
  /** Set when something opened at `start` has no end; everybody returns at once then. */
  failure: { readonly start: number; readonly message: string } | undefined;
}

/** Offset in the file of an offset in the reader's text. */
export function place(reader: Reader, offset: number): number {
  if (reader.offsets === undefined) return offset;
  return reader.offsets[Math.min(offset, reader.offsets.length - 1)] ?? 0;
}

/** How a stretch of word text is read. */
interface Mode {
  /** As in double quotes: `'` is a plain character, a backslash keeps only some characters. */
  readonly quoted: boolean;
  /** The character that ends the stretch; -1 when only the limit or a word break does. */
  readonly close: number;
  /** Blanks and operators end the stretch. */
  readonly breaks: boolean;
  /** `"` is a plain character (here-documents) or dropped (arithmetic). */
  readonly doubleQuote: 'quotes' | 'plain' | 'dropped';
  /** `@(a|b)` belongs to the word. */
  readonly extended: boolean;
  /** Tabs after a line end are dropped (`<<-`). */
  readonly stripTabs: boolean;
}

const TAB = 9;
const NEWLINE = 10;
const RETURN = 13;
const SPACE = 32;
const DOUBLE_QUOTE = 34;
const HASH = 35;
const DOLLAR = 36;
const AMPERSAND = 38;
const SINGLE_QUOTE = 39;
const OPEN = 40;
const CLOSE = 41;
const SEMICOLON = 59;
const LESS = 60;
const GREATER = 62;
const OPEN_BRACKET = 91;
const BACKSLASH = 92;
const CLOSE_BRACKET = 93;
const BACKQUOTE = 96;
const OPEN_BRACE = 123;
const BAR = 124;
const CLOSE_BRACE = 125;

const WORD: Mode = { quoted: false, close: -1, breaks: true, doubleQuote: 'quotes', extended: false, stripTabs: false };
const EXTENDED_WORD: Mode = { ...WORD, extended: true };
const DOUBLE: Mode = { ...WORD, quoted: true, close: DOUBLE_QUOTE, breaks: false };
const OPERAND: Mode = { ...WORD, close: CLOSE_BRACE, breaks: false };
const QUOTED_OPERAND: Mode = { ...OPERAND, quoted: true };
const INDEX: Mode = { ...OPERAND, close: CLOSE_BRACKET };
const DOCUMENT: Mode = { ...WORD, quoted: true, breaks: false, doubleQuote: 'plain' };
const TABBED_DOCUMENT: Mode = { ...DOCUMENT, stripTabs: true };
const ARITHMETIC: Mode = { ...WORD, quoted: true, breaks: false, doubleQuote: 'dropped' };

/** Characters that need a look; all others are text in every mode. */
const SPECIAL = new Uint8Array(128);
for (const code of [TAB, NEWLINE, RETURN, SPACE, DOUBLE_QUOTE, DOLLAR, AMPERSAND, SINGLE_QUOTE, OPEN, CLOSE, SEMICOLON, LESS, GREATER])
  SPECIAL[code] = 1;
for (const code of [BACKSLASH, CLOSE_BRACKET, BACKQUOTE, BAR, CLOSE_BRACE]) SPECIAL[code] = 1;

const NAME_START = /[A-Za-z_]/;
const ASSIGNMENT_START = /^[A-Za-z_][A-Za-z0-9_]*(?:\[[^\]]*\])?\+?=$/;

/** Whether the character ends a word: a blank, a line end or an operator. */
export function breaksWord(code: number): boolean {
  switch (code) {
    case TAB:
    case NEWLINE:
    case SPACE:
    case AMPERSAND:
    case OPEN:
    case CLOSE:
    case SEMICOLON:
    case LESS:
    case GREATER:
    case BAR:
      return true;
    default:
      return false;
  }
}

/** Whether something has no end. A function, as readers change the answer behind the compiler's back. */
export function hasFailed(reader: Reader): boolean {
  return reader.failure !== undefined;
}

/** Whether a line ends at the offset: LF, CR LF or the reader's limit. */
export function atLineEnd(reader: Reader, offset: number): boolean {
  if (offset >= reader.limit) return true;
  const code = reader.text.charCodeAt(offset);
  return code === NEWLINE || (code === RETURN && reader.text.charCodeAt(offset + 1) === NEWLINE);
}

/** The offset of the line's end (its LF, or the CR before it) at or after `offset`. */
export function lineEnd(reader: Reader, offset: number): number {
  let end = reader.text.indexOf('\n', offset);
  if (end === -1 || end > reader.limit) end = reader.limit;
  return end > offset && reader.text.charCodeAt(end - 1) === RETURN ? end - 1 : end;
}

/** Length of a backslash and line end at the offset; 0 when there is none. */
function continuationLength(reader: Reader, offset: number): number {
  if (reader.text.charCodeAt(offset) !== BACKSLASH || offset + 1 >= reader.limit) return 0;
  const next = reader.text.charCodeAt(offset + 1);
  if (next === NEWLINE) return 2;
  return next === RETURN && reader.text.charCodeAt(offset + 2) === NEWLINE && offset + 2 < reader.limit ? 3 : 0;
}

/** Moves over blanks, continuations and, when `lines` is set, line ends and comments. */
export function skipBlanks(reader: Reader, lines = false): void {
  while (reader.position < reader.limit) {
    const code = reader.text.charCodeAt(reader.position);
    if (code === SPACE || code === TAB || (code === RETURN && atLineEnd(reader, reader.position))) reader.position += 1;
    else if (code === BACKSLASH) {
      const length = continuationLength(reader, reader.position);
      if (length === 0) return;
      reader.position += length;
    } else if (lines && code === NEWLINE) {
      reader.position += 1;
      readHereDocuments(reader);
    } else if (lines && code === HASH) readComment(reader);
    else return;
  }
}

/** Reads a comment; the reader stands at its `#`. */
export function readComment(reader: Reader): void {
  const end = lineEnd(reader, reader.position);
  reader.file.comments.push({ start: place(reader, reader.position), end: place(reader, end) });
  reader.position = end;
}

function fail(reader: Reader, start: number, message: string): void {
  reader.failure ??= { start, message };
}

function enter(reader: Reader, start: number): boolean {
  if (reader.file.depth >= DEEPEST_NESTING) {
    fail(reader, start, `this is nested more than ${String(DEEPEST_NESTING)} deep`);
    return false;
  }
  reader.file.depth += 1;
  return true;
}

function textPart(reader: Reader, start: number, end: number, text: string, quoted: boolean): TextPart {
  return { kind: 'text', start: place(reader, start), end: place(reader, end), text, quoted };
}

/** Reads a word at the reader's place; undefined when none begins there. */
export function readWord(reader: Reader, arrays = false, extended = false): WordNode | undefined {
  const start = reader.position;
  const parts = readParts(reader, extended || reader.file.extendedPatterns ? EXTENDED_WORD : WORD);
  if (reader.position === start || reader.failure !== undefined) return undefined;
  const first = parts[0];
  if (
    arrays &&
    reader.text.charCodeAt(reader.position) === OPEN &&
    reader.position < reader.limit &&
    reader.text.charCodeAt(reader.position - 1) === 61 &&
    first?.kind === 'text' &&
    (parts.length > 1 || ASSIGNMENT_START.test(first.text))
  ) {
    const elements = readArray(reader);
    return { start: place(reader, start), end: place(reader, reader.position), parts, elements };
  }
  return { start: place(reader, start), end: place(reader, reader.position), parts };
}

function readArray(reader: Reader): WordNode[] {
  const start = reader.position;
  const elements: WordNode[] = [];
  reader.position += 1;
  for (;;) {
    skipBlanks(reader, true);
    if (reader.position >= reader.limit) fail(reader, start, 'the `(` of this array is never closed');
    if (reader.failure !== undefined) return elements;
    if (reader.text.charCodeAt(reader.position) === CLOSE) {
      reader.position += 1;
      return elements;
    }
    const word = readKeyedElement(reader) ?? readWord(reader);
    if (hasFailed(reader)) return elements;
    if (word === undefined) {
      fail(reader, start, `\`${reader.text.charAt(reader.position)}\` cannot stand in an array`);
      return elements;
    }
    elements.push(word);
  }
}

/** `[key]=value` in an array, whose key may hold blanks; undefined for another element. */
function readKeyedElement(reader: Reader): WordNode | undefined {
  const start = reader.position;
  // Looked for a little way ahead, so that many brackets without an end take no longer than others.
  if (reader.text.charCodeAt(start) !== OPEN_BRACKET || !/^\[[^\n]*\]\+?=/.test(reader.text.slice(start, start + LONGEST_KEY))) return undefined;
  reader.position = start + 1;
  const key = readParts(reader, INDEX);
  if (reader.failure !== undefined) return undefined;
  const at = reader.position;
  const closing = /^\]\+?=/.exec(reader.text.slice(at, Math.min(at + 3, reader.limit)))?.[0];
  if (closing === undefined) {
    reader.position = start;
    return undefined;
  }
  reader.position = at + closing.length;
  const value = readWord(reader)?.parts ?? [];
  const parts = [textPart(reader, start, start + 1, '[', false), ...key, textPart(reader, at, at + closing.length, closing, false), ...value];
  return { start: place(reader, start), end: place(reader, reader.position), parts };
}

function readParts(reader: Reader, mode: Mode): WordPart[] {
  const { text } = reader;
  const parts: WordPart[] = [];
  let from = reader.position;
  const flush = (): void => {
    if (reader.position > from) parts.push(textPart(reader, from, reader.position, text.slice(from, reader.position), mode.quoted));
  };
  while (reader.position < reader.limit) {
    const at = reader.position;
    const code = text.charCodeAt(at);
    if (code >= 128 || SPECIAL[code] === 0) {
      reader.position += 1;
      continue;
    }
    if (code === mode.close) break;
    switch (code) {
      case BACKSLASH: {
        const continuation = continuationLength(reader, at);
        if (continuation > 0) {
          flush();
          reader.position += continuation;
          from = reader.position;
        } else if (at + 1 < reader.limit && (!mode.quoted || isKept(text.charCodeAt(at + 1), mode))) {
          flush();
          parts.push(textPart(reader, at, at + 2, text.charAt(at + 1), true));
          reader.position += 2;
          from = reader.position;
        } else reader.position += 1;
        continue;
      }
      case SINGLE_QUOTE: {
        if (mode.quoted) break;
        const end = text.indexOf("'", at + 1);
        if (end === -1 || end >= reader.limit) {
          fail(reader, at, "this `'` is never closed");
          return parts;
        }
        flush();
        parts.push(textPart(reader, at + 1, end, text.slice(at + 1, end), true));
        reader.position = end + 1;
        from = reader.position;
        continue;
      }
      case DOUBLE_QUOTE:
        if (mode.doubleQuote === 'plain') break;
        flush();
        if (mode.doubleQuote === 'dropped') reader.position += 1;
        else readDoubleQuotes(reader, parts);
        if (reader.failure !== undefined) return parts;
        from = reader.position;
        continue;
      case DOLLAR: {
        if (!mode.quoted && text.charCodeAt(at + 1) === DOUBLE_QUOTE && at + 1 < reader.limit) {
          // $"…" is translated by the locale; the C locale leaves it alone.
          flush();
          reader.position += 1;
          readDoubleQuotes(reader, parts);
        } else if (!mode.quoted && text.charCodeAt(at + 1) === SINGLE_QUOTE && at + 1 < reader.limit) {
          flush();
          readEscapedQuotes(reader, parts);
        } else {
          flush();
          const part = readDollar(reader, mode.quoted);
          if (reader.failure !== undefined) return parts;
          if (part === undefined) {
            from = at;
            reader.position = at + 1;
            continue;
          }
          parts.push(part);
        }
        if (reader.failure !== undefined) return parts;
        from = reader.position;
        continue;
      }
      case BACKQUOTE: {
        flush();
        const part = readBackquotes(reader, mode.quoted && mode.doubleQuote === 'quotes');
        if (part === undefined) return parts;
        parts.push(part);
        from = reader.position;
        continue;
      }
      case RETURN:
        if (mode.breaks && atLineEnd(reader, at)) {
          flush();
          return parts;
        }
        break;
      case NEWLINE:
        if (mode.stripTabs) {
          reader.position += 1;
          flush();
          while (text.charCodeAt(reader.position) === TAB && reader.position < reader.limit) reader.position += 1;
          from = reader.position;
          continue;
        }
        if (!mode.breaks) break;
        flush();
        return parts;
      case LESS:
      case GREATER:
        if (!mode.breaks) break;
        flush();
        if (text.charCodeAt(at + 1) !== OPEN || at + 1 >= reader.limit) return parts;
        {
          const part = readProcess(reader);
          if (reader.failure !== undefined) return parts;
          parts.push(part);
        }
        from = reader.position;
        continue;
      case OPEN:
        if (mode.extended && at > from && '?*+@!'.includes(text.charAt(at - 1))) {
          flush();
          readPatternList(reader, parts);
          if (reader.failure !== undefined) return parts;
          from = reader.position;
          continue;
        }
        if (!mode.breaks) break;
        flush();
        return parts;
      case TAB:
      case SPACE:
      case AMPERSAND:
      case CLOSE:
      case SEMICOLON:
      case BAR:
        if (!mode.breaks) break;
        flush();
        return parts;
      default:
        break;
    }
    reader.position += 1;
  }
  flush();
  return parts;
}

/** Whether a backslash in double quotes keeps this character. (POSIX shell, 2.2.3; a here-document has no `"` to keep.) */
function isKept(code: number, mode: Mode): boolean {
  if (code === DOLLAR || code === BACKQUOTE || code === BACKSLASH) return true;
  if (code === DOUBLE_QUOTE) return mode.doubleQuote !== 'plain';
  return code === mode.close;
}

function readDoubleQuotes(reader: Reader, parts: WordPart[]): void {
  const start = reader.position;
  reader.position += 1;
  const inner = readParts(reader, DOUBLE);
  if (reader.failure !== undefined) return;
  if (reader.position >= reader.limit) {
    fail(reader, start, 'this `"` is never closed');
    return;
  }
  if (inner.length === 0) parts.push(textPart(reader, start + 1, reader.position, '', true));
  for (const part of inner) parts.push(part);
  reader.position += 1;
}

/** `@(a|b)` after its first character: text up to the matching parenthesis, with the quotes and expansions in it. */
function readPatternList(reader: Reader, parts: WordPart[]): void {
  const start = reader.position;
  if (!enter(reader, start)) return;
  parts.push(textPart(reader, start, start + 1, '(', false));
  reader.position += 1;
  for (;;) {
    const inner = readParts(reader, EXTENDED_WORD);
    if (reader.failure !== undefined) return;
    for (const part of inner) parts.push(part);
    if (reader.position >= reader.limit) {
      fail(reader, start, 'this `(` is never closed');
      return;
    }
    const code = reader.text.charCodeAt(reader.position);
    if (code === OPEN) readPatternList(reader, parts);
    else {
      parts.push(textPart(reader, reader.position, reader.position + 1, reader.text.charAt(reader.position), false));
      reader.position += 1;
    }
    if (hasFailed(reader)) return;
    if (code === CLOSE) {
      reader.file.depth -= 1;
      return;
    }
  }
}

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['a', '\x07'],
  ['b', '\b'],
  ['e', '\x1b'],
  ['E', '\x1b'],
  ['f', '\f'],
  ['n', '\n'],
  ['r', '\r'],
  ['t', '\t'],
  ['v', '\v'],
  ['\\', '\\'],
  ["'", "'"],
  ['"', '"'],
  ['?', '?'],
]);

const ESCAPED = /\\(?:([abefnrtvE\\'"?])|([0-7]{1,3})|x([0-9A-Fa-f]{1,2})|u([0-9A-Fa-f]{1,4})|U([0-9A-Fa-f]{1,8})|c([^']))/y;

/** What a backslash sequence of `$'…'` and `printf` stands for, and its length; undefined when the backslash is plain. */
export function readEscape(text: string, offset: number): { readonly text: string; readonly length: number } | undefined {
  ESCAPED.lastIndex = offset;
  const match = ESCAPED.exec(text);
  if (match === null) return undefined;
  const [whole, letter, octal, hex, short, long, control] = match;
  const length = whole.length;
  if (letter !== undefined) return { text: ESCAPES.get(letter) ?? letter, length };
  if (control !== undefined) return { text: String.fromCharCode(control.charCodeAt(0) & 31), length };
  const code = octal === undefined ? Number.parseInt(hex ?? short ?? long ?? '0', 16) : Number.parseInt(octal, 8) & 255;
  return { text: code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code), length };
}

/** `$'…'`. */
function readEscapedQuotes(reader: Reader, parts: WordPart[]): void {
  const { text } = reader;
  const start = reader.position;
  let from = start + 2;
  let at = from;
  let found = false;
  while (at < reader.limit) {
    const code = text.charCodeAt(at);
    if (code === SINGLE_QUOTE) {
      found = true;
      break;
    }
    if (code !== BACKSLASH) {
      at += 1;
      continue;
    }
    const escape = readEscape(text, at);
    if (escape === undefined) {
      at += 2;
      continue;
    }
    if (at > from) parts.push(textPart(reader, from, at, text.slice(from, at), true));
    parts.push(textPart(reader, at, at + escape.length, escape.text, true));
    at += escape.length;
    from = at;
  }
  if (!found) {
    fail(reader, start, "this `$'` is never closed");
    return;
  }
  if (at > from || at === start + 2) parts.push(textPart(reader, from, at, text.slice(from, at), true));
  reader.position = at + 1;
}

/** What begins with the `$` at the reader's place; undefined when the `$` is a plain character. */
function readDollar(reader: Reader, quoted: boolean): WordPart | undefined {
  const { text } = reader;
  const start = reader.position;
  if (start + 1 >= reader.limit) return undefined;
  const next = text.charCodeAt(start + 1);
  if (next === OPEN) {
    if (text.charCodeAt(start + 2) === OPEN) {
      const end = findArithmeticEnd(reader, start + 3);
      if (end !== -1) return readArithmetic(reader, start, start + 3, end, end + 2, quoted);
    }
    return readCommandSubstitution(reader, quoted);
  }
  if (next === OPEN_BRACE) return readParameter(reader, quoted);
  if (next === OPEN_BRACKET) {
    const end = findBracketEnd(reader, start + 2);
    return end === -1 ? undefined : readArithmetic(reader, start, start + 2, end, end + 1, quoted);
  }
  const character = text.charAt(start + 1);
  let end = start + 2;
  if (NAME_START.test(character)) end = nameEnd(reader, end);
  else if (!/[0-9@*#?$!-]/.test(character)) return undefined;
  reader.position = end;
  return parameterPart(reader, start, end, { name: text.slice(start + 1, end), quoted, length: false, indirect: false });
}

function parameterPart(reader: Reader, start: number, end: number, rest: Omit<ParameterPart, 'kind' | 'start' | 'end'>): ParameterPart {
  return { kind: 'parameter', start: place(reader, start), end: place(reader, end), ...rest };
}

function nameEnd(reader: Reader, offset: number): number {
  let end = offset;
  while (end < reader.limit) {
    const code = reader.text.charCodeAt(end);
    if ((code >= 97 && code <= 122) || (code >= 65 && code <= 90) || (code >= 48 && code <= 57) || code === 95) end += 1;
    else return end;
  }
  return end;
}

const OPERATOR = /:[-=?+]|[-=?+]|##?|%%?|\/[/#%]?|\^\^?|,,?|@|:|\*/y;

/** `${…}`. */
function readParameter(reader: Reader, quoted: boolean): ParameterPart | undefined {
  const { text } = reader;
  const start = reader.position;
  if (!enter(reader, start)) return undefined;
  let at = start + 2;
  const first = text.charAt(at);
  const second = text.charAt(at + 1);
  const length = first === '#' && /[A-Za-z_0-9@*?$!-]/.test(second) && !(/[-?]/.test(second) && text.charAt(at + 2) !== '}');
  const indirect = first === '!' && /[A-Za-z_0-9@*#]/.test(second) && !(second === '#' && text.charAt(at + 2) !== '}');
  if (length || indirect) at += 1;
  const nameStart = at;
  const character = text.charAt(at);
  if (NAME_START.test(character)) at = nameEnd(reader, at);
  else if (/[0-9]/.test(character)) while (at < reader.limit && /[0-9]/.test(text.charAt(at))) at += 1;
  else if (/[@*#?$!-]/.test(character)) at += 1;
  const name = text.slice(nameStart, at);
  let index: WordNode | undefined;
  if (name !== '' && text.charCodeAt(at) === OPEN_BRACKET) {
    reader.position = at + 1;
    const parts = readParts(reader, INDEX);
    if (reader.failure !== undefined) return undefined;
    index = { start: place(reader, at + 1), end: place(reader, reader.position), parts };
    at = Math.min(reader.position + 1, reader.limit);
  }
  let operator: string | undefined;
  if (name !== '' && text.charCodeAt(at) !== CLOSE_BRACE) {
    OPERATOR.lastIndex = at;
    operator = OPERATOR.exec(text)?.[0];
    if (operator !== undefined) at += operator.length;
  }
  const known = name !== '' && (operator !== undefined || text.charCodeAt(at) === CLOSE_BRACE);
  // In double quotes the words after `:-` and its kin are read as in double quotes, patterns are not. (POSIX shell, 2.6.2)
  const isDefault = operator !== undefined && /^:?[-=?+]$/.test(operator);
  reader.position = at;
  const parts = readParts(reader, quoted && isDefault ? QUOTED_OPERAND : OPERAND);
  if (reader.failure !== undefined) return undefined;
  if (reader.position >= reader.limit) {
    fail(reader, start, 'this `${` is never closed');
    return undefined;
  }
  const operand: WordNode = { start: place(reader, at), end: place(reader, reader.position), parts };
  reader.position += 1;
  reader.file.depth -= 1;
  return parameterPart(reader, start, reader.position, {
    name: known ? name : '',
    quoted,
    length,
    indirect,
    ...(index === undefined ? {} : { index }),
    ...(operator === undefined ? {} : { operator, operand }),
  });
}

function readCommandSubstitution(reader: Reader, quoted: boolean): CommandPart | undefined {
  const start = reader.position;
  if (!enter(reader, start)) return undefined;
  reader.position += 2;
  const script = reader.file.readScript(reader, true);
  if (reader.failure !== undefined) return undefined;
  if (reader.position >= reader.limit) {
    fail(reader, start, 'this `$(` is never closed');
    return undefined;
  }
  reader.position += 1;
  reader.file.depth -= 1;
  return { kind: 'command', start: place(reader, start), end: place(reader, reader.position), quoted, script };
}

function readProcess(reader: Reader): ProcessPart {
  const start = reader.position;
  const direction = reader.text.charCodeAt(start) === LESS ? '<' : '>';
  const empty: Script = { start: place(reader, start), end: place(reader, start), commands: [] };
  if (!enter(reader, start)) return { kind: 'process', start, end: start, direction, script: empty };
  reader.position += 2;
  const script = reader.file.readScript(reader, true);
  if (reader.failure === undefined && reader.position >= reader.limit) fail(reader, start, `this \`${direction}(\` is never closed`);
  if (reader.failure === undefined) {
    reader.position += 1;
    reader.file.depth -= 1;
  }
  return { kind: 'process', start: place(reader, start), end: place(reader, reader.position), direction, script };
}

/** Backticks. In them a backslash keeps `$`, a backtick and a backslash, and `"` when they stand in double quotes. (POSIX shell, 2.6.3) */
function readBackquotes(reader: Reader, quoted: boolean): CommandPart | undefined {
  const { text } = reader;
  const start = reader.position;
  let end = start + 1;
  let escaped = false;
  while (end < reader.limit && text.charCodeAt(end) !== BACKQUOTE) {
    if (text.charCodeAt(end) === BACKSLASH) {
      escaped = true;
      end += 1;
    }
    end += 1;
  }
  if (end >= reader.limit) {
    fail(reader, start, 'this backtick is never closed');
    return undefined;
  }
  if (!enter(reader, start)) return undefined;
  let script: Script;
  if (escaped) {
    const characters: string[] = [];
    const offsets: number[] = [];
    for (let at = start + 1; at < end; at += 1) {
      offsets.push(place(reader, at));
      if (text.charCodeAt(at) === BACKSLASH && at + 1 < end) {
        const next = text.charCodeAt(at + 1);
        if (next === DOLLAR || next === BACKQUOTE || next === BACKSLASH || (quoted && next === DOUBLE_QUOTE)) at += 1;
      }
      characters.push(text.charAt(at));
    }
    offsets.push(place(reader, end));
    const inner: Reader = { text: characters.join(''), position: 0, limit: characters.length, offsets, file: reader.file, failure: undefined };
    script = reader.file.readScript(inner, false);
    if (inner.failure !== undefined) fail(reader, start, inner.failure.message);
  } else {
    const { limit } = reader;
    reader.limit = end;
    reader.position = start + 1;
    script = reader.file.readScript(reader, false);
    reader.limit = limit;
  }
  if (reader.failure !== undefined) return undefined;
  reader.position = end + 1;
  reader.file.depth -= 1;
  return { kind: 'command', start: place(reader, start), end: place(reader, end + 1), quoted, script };
}

function readArithmetic(reader: Reader, start: number, from: number, to: number, end: number, quoted: boolean): ArithmeticPart | undefined {
  const expression = readExpression(reader, start, from, to);
  if (expression === undefined) return undefined;
  reader.position = end;
  return { kind: 'arithmetic', start: place(reader, start), end: place(reader, end), quoted, expression };
}

/** The text of an arithmetic expression with the expansions in it; undefined after a failure. */
export function readExpression(reader: Reader, start: number, from: number, to: number): WordNode | undefined {
  if (!enter(reader, start)) return undefined;
  const { limit } = reader;
  reader.limit = to;
  reader.position = from;
  const parts = readParts(reader, ARITHMETIC);
  reader.limit = limit;
  if (reader.failure !== undefined) return undefined;
  reader.file.depth -= 1;
  return { start: place(reader, from), end: place(reader, to), parts };
}

/** The offset of the `))` that closes an expression begun before `from`; -1 when it is not one. */
export function findArithmeticEnd(reader: Reader, from: number): number {
  const { text } = reader;
  const last = Math.min(reader.limit, from + LONGEST_ARITHMETIC);
  let depth = 0;
  for (let at = from; at < last; at += 1) {
    switch (text.charCodeAt(at)) {
      case BACKSLASH:
        at += 1;
        break;
      case SINGLE_QUOTE:
      case DOUBLE_QUOTE: {
        const end = text.indexOf(text.charAt(at), at + 1);
        if (end === -1 || end >= last) return -1;
        at = end;
        break;
      }
      case OPEN:
        depth += 1;
        break;
      case CLOSE:
        if (depth === 0) return text.charCodeAt(at + 1) === CLOSE && at + 1 < reader.limit ? at : -1;
        depth -= 1;
        break;
      default:
        break;
    }
  }
  return -1;
}

function findBracketEnd(reader: Reader, from: number): number {
  const last = Math.min(reader.limit, from + LONGEST_BRACKETS);
  let depth = 0;
  for (let at = from; at < last; at += 1) {
    const code = reader.text.charCodeAt(at);
    if (code === NEWLINE) return -1;
    if (code === OPEN_BRACKET) depth += 1;
    else if (code === CLOSE_BRACKET) {
      if (depth === 0) return at;
      depth -= 1;
    }
  }
  return -1;
}

/** Notes that a here-document's text follows after the line. */
export function expectHereDocument(reader: Reader, redirection: RedirectionNode, written: string): void {
  const { parts } = redirection.target;
  const literal = /['"\\]/.test(written);
  const delimiter = parts.some((part) => part.kind !== 'text') ? written : parts.map((part) => (part.kind === 'text' ? part.text : '')).join('');
  reader.file.pending.push({ redirection, stripTabs: redirection.operator === '<<-', delimiter, literal });
}

/** Reads the texts of the here-documents whose operators stood on the line that just ended. */
export function readHereDocuments(reader: Reader): void {
  const { pending } = reader.file;
  if (pending.length === 0) return;
  for (const document of pending.splice(0)) {
    document.redirection.hereDocument = readHereDocument(reader, document);
  }
}

function readHereDocument(reader: Reader, { redirection, stripTabs, delimiter, literal }: PendingHereDocument): HereDocument {
  const { text } = reader;
  const start = reader.position;
  let contentEnd = reader.limit;
  let end = reader.limit;
  let found = false;
  for (let at = start; at < reader.limit;) {
    let next = text.indexOf('\n', at);
    if (next === -1 || next >= reader.limit) next = reader.limit;
    let from = at;
    if (stripTabs) while (from < next && text.charCodeAt(from) === TAB) from += 1;
    const to = next > from && text.charCodeAt(next - 1) === RETURN ? next - 1 : next;
    if (to - from === delimiter.length && text.startsWith(delimiter, from)) {
      contentEnd = at;
      end = next;
      found = true;
      break;
    }
    at = next + 1;
  }
  if (!found) {
    reader.file.problems.push({
      start: redirection.start,
      end: redirection.end,
      message: `the here-document has no line \`${delimiter}\`; the shell takes everything up to the end of the file for it`,
      warning: true,
    });
  }
  const { limit } = reader;
  reader.limit = contentEnd;
  const before = notedSoFar(reader.file);
  let parts = literal ? literalLines(reader, stripTabs) : readDocument(reader, stripTabs);
  if (reader.failure !== undefined) {
    // The lines still are what the shell takes for the document, and commands begin again after them.
    forgetSince(reader.file, before);
    reader.file.problems.push({
      start: place(reader, reader.failure.start),
      end: place(reader, contentEnd),
      message: reader.failure.message,
      warning: false,
    });
    reader.failure = undefined;
    reader.position = start;
    parts = literalLines(reader, stripTabs);
  }
  reader.limit = limit;
  reader.position = Math.min(found ? end + 1 : end, reader.limit);
  const content: WordNode = { start: place(reader, start), end: place(reader, contentEnd), parts };
  const range = { start: place(reader, start), end: place(reader, end) };
  reader.file.documents.push(range);
  return { ...range, delimiter, literal, content };
}

function readDocument(reader: Reader, stripTabs: boolean): WordPart[] {
  if (stripTabs) while (reader.text.charCodeAt(reader.position) === TAB && reader.position < reader.limit) reader.position += 1;
  return readParts(reader, stripTabs ? TABBED_DOCUMENT : DOCUMENT);
}

function literalLines(reader: Reader, stripTabs: boolean): WordPart[] {
  const { text, limit, position } = reader;
  if (!stripTabs) return limit > position ? [textPart(reader, position, limit, text.slice(position, limit), true)] : [];
  const parts: WordPart[] = [];
  for (let at = position; at < limit;) {
    let from = at;
    while (from < limit && text.charCodeAt(from) === TAB) from += 1;
    const next = text.indexOf('\n', from);
    const to = next === -1 || next >= limit ? limit : next + 1;
    if (to > from) parts.push(textPart(reader, from, to, text.slice(from, to), true));
    at = to;
  }
  return parts;
}

/** Whether constructs are looked for on their own line only by now. */
export function readsLineByLine({ file, text }: Reader): boolean {
  return file.wasted > 1000 + text.length * WASTE_BEFORE_LINE_BY_LINE;
}
