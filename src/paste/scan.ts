/** Reads commands word by word, in the syntax of a shell or of a dump, through whatever pasting did to them. */

import {
  blankLengthAt,
  damagedCharacterAt,
  dashLengthAt,
  isLineEnd,
  lineEndAfter,
  nextLineStart,
  skipBlanks,
  type DamagedCharacter,
} from './characters.js';
import { placeOf, type Command, type Place, type Word } from './command.js';
import { takesRules } from './programs.js';

/** A reading position in a text, with what is remembered so that no stretch is searched twice. */
export interface Scan {
  readonly text: string;
  readonly syntax: 'shell' | 'save';
  /** Reading stops here. */
  readonly end: number;
  at: number;
  /** Quotes end with their line: an apostrophe in prose must not swallow a page. */
  readonly lineBound: boolean;
  /** The line looked at last: no line end stands between the two. */
  readonly line: { from: number; to: number };
  /** Where searches for a closing brace, quote or typographic quote failed: they fail up to there from later places, too. */
  readonly hopeless: { brace: number; double: number; single: number };
  /** Offset of the last `'`, `"` and backtick of the text. */
  readonly last: { readonly single: number; readonly double: number; readonly backtick: number };
  /** Behind this place the shell's quotes are not those of the text: a plain one before it has a typographic partner. */
  astray: number;
  /** How deep in `$( … )` and `( … )` reading is. */
  depth: number;
  /** Reads the commands of `$( … )` in a word; returns with `at` behind the closing parenthesis. */
  readonly substitution: (scan: Scan) => void;
}

/** Nesting beyond this is read as plain characters. */
export const DEPTH_LIMIT = 60;

/** Makes a scan of the stretch `at`..`end` of a text. */
export function newScan(
  text: string,
  syntax: 'shell' | 'save',
  at: number,
  end: number,
  lineBound: boolean,
  substitution: (scan: Scan) => void,
): Scan {
  return {
    text,
    syntax,
    end,
    at,
    lineBound,
    line: { from: 0, to: -1 },
    hopeless: { brace: -1, double: -1, single: -1 },
    // Of a text many short stretches are read; looking through all of it each time would be too slow.
    last: lineBound
      ? { single: end, double: end, backtick: end }
      : { single: text.lastIndexOf("'", end), double: text.lastIndexOf('"', end), backtick: text.lastIndexOf('`', end) },
    astray: Infinity,
    depth: 0,
    substitution,
  };
}

/** Where the line that holds `at` ends. */
export function lineEnd(scan: Scan, at: number): number {
  if (at < scan.line.from || at > scan.line.to) {
    scan.line.from = at;
    scan.line.to = lineEndAfter(scan.text, at, scan.end);
  }
  return scan.line.to;
}

/** A word while it is read. */
interface Draft {
  readonly start: number;
  text: string;
  /** From here on the source's characters are the word's. */
  from: number;
  quoted: boolean;
  places: Place[] | undefined;
}

const NO_PLACES: readonly Place[] = [];

const ORDINARY = 0;
const END = 1;
const SPECIAL = 2;

function classes(ends: string, specials: string): Uint8Array {
  const table = new Uint8Array(128);
  for (let code = 0; code < 0x20; code += 1) table[code] = SPECIAL;
  table[0x7f] = SPECIAL;
  for (const character of ends) table[character.charCodeAt(0)] = END;
  for (const character of specials) table[character.charCodeAt(0)] = SPECIAL;
  return table;
}

const SHELL = classes(' \t\n\r;|<>()', '&\'"\\$`');
const SAVE = classes(' \t\n\r', '&\'"\\');

/**
 * Reads the word that begins at `scan.at`, which is no blank, line end or operator. Stops before a backslash that only was
 * to carry the command on, so that the caller can look at it. Always moves on or returns an empty word before a backslash.
 */
export function readWord(scan: Scan, command: Command): Word {
  const { text } = scan;
  const table = scan.syntax === 'shell' ? SHELL : SAVE;
  const draft: Draft = { start: scan.at, text: '', from: scan.at, quoted: false, places: undefined };
  while (scan.at < scan.end) {
    const code = text.charCodeAt(scan.at);
    const kind = code < 128 ? table[code] : SPECIAL;
    if (kind === ORDINARY) {
      scan.at += 1;
      continue;
    }
    if (kind === END || !readSpecial(scan, draft, command, code)) break;
  }
  flush(scan, draft);
  return { start: draft.start, end: scan.at, text: draft.text, quoted: draft.quoted, places: draft.places ?? NO_PLACES };
}

function flush(scan: Scan, draft: Draft): void {
  if (draft.from < scan.at) draft.text += scan.text.slice(draft.from, scan.at);
  draft.from = scan.at;
}

function isEmpty(scan: Scan, draft: Draft): boolean {
  return draft.text === '' && draft.from === scan.at && !draft.quoted;
}

/** Reads what is not an ordinary character; false when the word ends before it. */
function readSpecial(scan: Scan, draft: Draft, command: Command, code: number): boolean {
  const { text } = scan;
  switch (code) {
    case 0x27:
      return readSingleQuotes(scan, draft);
    case 0x22:
      return readDoubleQuotes(scan, draft, command);
    case 0x5c:
      return readBackslash(scan, draft, command);
    case 0x24:
      return readDollar(scan, draft);
    case 0x60: {
      const close = scan.last.backtick > scan.at ? text.indexOf('`', scan.at + 1) : -1;
      scan.at = close === -1 || close >= scan.end || (scan.lineBound && close > lineEnd(scan, scan.at)) ? scan.at + 1 : close + 1;
      return true;
    }
    default: {
      const damaged = damagedCharacterAt(text, scan.at);
      if (damaged === undefined) {
        if (code === 0x26 && scan.syntax === 'shell') return false;
        scan.at += 1;
        return true;
      }
      return readDamaged(scan, draft, damaged);
    }
  }
}

/** Takes a repaired place into a word; quotes (`grouping`) are no part of its text. */
function put(scan: Scan, draft: Draft, place: Place, grouping = false): void {
  flush(scan, draft);
  (draft.places ??= []).push(place);
  if (!grouping) draft.text += place.text;
  scan.at = place.end;
  draft.from = place.end;
}

/** Passes blanks, damaged or not, and invisible characters between words; the damaged ones become places of the command. */
export function skipDamagedBlanks(scan: Scan, command: Command): void {
  const { text } = scan;
  while (scan.at < scan.end) {
    const code = text.charCodeAt(scan.at);
    if (code === 0x20 || code === 0x09) {
      scan.at += 1;
      continue;
    }
    if (code < 0x80 && code !== 0x26 && code >= 0x20 && code !== 0x7f) return;
    if (code === 0x0a || code === 0x0d) return;
    const damaged = damagedCharacterAt(text, scan.at);
    if (damaged === undefined || (damaged.role !== 'blank' && damaged.role !== 'nothing')) return;
    const end = Math.min(scan.at + damaged.length, scan.end);
    command.places.push(placeOf(damaged, scan.at, end));
    scan.at = end;
  }
}

function readDamaged(scan: Scan, draft: Draft, damaged: DamagedCharacter): boolean {
  const { at } = scan;
  const place = (text: string): Place => ({ ...placeOf(damaged, at, Math.min(at + damaged.length, scan.end)), text });
  switch (damaged.role) {
    case 'blank':
      return false;
    case 'operator':
      if (scan.syntax === 'shell') return false;
      put(scan, draft, place(damaged.meant));
      return true;
    case 'nothing':
    case 'letter':
      put(scan, draft, place(damaged.meant));
      return true;
    case 'dash':
      flush(scan, draft);
      put(scan, draft, dashPlace(scan, draft.text, draft.start, damaged, false));
      return true;
    case 'double':
    case 'single':
      return readSmartQuotes(scan, draft, damaged, place);
  }
}

/** Nothing longer stands before the name of an option. */
const LONGEST_START = 12;

/** The run of dashes around a damaged one, as one place. `before` is the text of the word, or of the quoted word, so far. */
function dashPlace(scan: Scan, before: string, wordStart: number, damaged: DamagedCharacter, quoted: boolean): Place {
  const { text } = scan;
  const opens = before.length <= LONGEST_START && /^!?-*$/.test(before);
  let start = scan.at;
  if (opens) while (start > wordStart && text.charCodeAt(start - 1) === 0x2d && before.endsWith('-')) start -= 1;
  let end = scan.at;
  let runs = 0;
  for (let length = dashLengthAt(text, end); length > 0 && end < scan.end; length = dashLengthAt(text, end)) {
    end += length;
    runs += 1;
    // A long row of dashes is a rule drawn under a heading, not an option.
    if (runs > 8) break;
  }
  end = Math.min(end, scan.end);
  const name = skipInvisible(text, end, scan.end);
  // Hyphens before the run that are already in the word's text are taken over by the place.
  return {
    check: damaged.check,
    role: 'dash',
    start: scan.at,
    end,
    text: opens ? missingDashes(text, name, before, scan.at - start) : '-',
    name: damaged.name,
    quoted,
    opensOption: opens && /[A-Za-z0-9]/.test(text.charAt(name)),
  };
}

const NAME = /[A-Za-z0-9]+/y;

/** How many hyphens an option needs beyond the `present` ones before a name that begins at `at`. */
function missingDashes(text: string, at: number, before: string, present: number): string {
  NAME.lastIndex = at;
  const letters = NAME.exec(text)?.[0] ?? '';
  const after = at + letters.length;
  const goesOn = dashLengthAt(text, after) > 0 || text.charAt(after) === '_' || invisibleThenLetter(text, after);
  let wanted = 2;
  if (letters === '' || /^[0-9]/.test(letters) || (letters.length === 1 && !goesOn)) wanted = 1;
  // Long options have small letters only; -nvL is a bundle, and so is -jACCEPT.
  else if (/[A-Z]/.test(letters) || (!goesOn && /^[nvxw]+$/.test(letters))) wanted = 1;
  return '-'.repeat(Math.max(present > 0 || before.endsWith('-') ? 0 : 1, wanted - present));
}

function invisibleThenLetter(text: string, at: number): boolean {
  const damaged = damagedCharacterAt(text, at);
  return damaged?.role === 'nothing' && /[A-Za-z0-9]/.test(text.charAt(at + damaged.length));
}

function readSmartQuotes(scan: Scan, draft: Draft, damaged: DamagedCharacter, place: (text: string) => Place): boolean {
  const { text } = scan;
  const role = damaged.role === 'double' ? 'double' : 'single';
  const inner = scan.at + damaged.length;
  const edge = isEdge(scan, inner);
  const empty = isEmpty(scan, draft) || (draft.from === scan.at && draft.text === '');
  const atStart = empty || '=,:'.includes(text.charAt(scan.at - 1));
  const close = edge && !atStart ? undefined : role === 'single' && !atStart ? undefined : closingQuote(scan, inner, role);
  if (close === undefined) {
    // Not a pair: at the edge of a word it is left over from one, inside of a word it is an apostrophe.
    if (edge || empty) put(scan, draft, place(''));
    else scan.at = inner;
    return true;
  }
  const content = text.slice(inner, close.start);
  let quote = scan.syntax === 'save' || role === 'double' ? '"' : "'";
  if (quote === "'" && content.includes("'")) quote = '"';
  const plain = close.length === 1 && text.charAt(close.start) === quote;
  const runsOn =
    scan.syntax === 'shell' &&
    ((role === 'double' && plain && scan.last.double > close.start) || (content.includes("'") && scan.last.single >= close.start));
  if (scan.syntax === 'shell' && (plain || runsOn)) scan.astray = Math.min(scan.astray, close.start);
  put(scan, draft, { ...place(quote), role, runsOn }, true);
  draft.quoted = true;
  readQuoted(scan, draft, close.start, quote === '"', false);
  if (plain) {
    flush(scan, draft);
    scan.at = close.start + 1;
    draft.from = scan.at;
  } else {
    const closing = damagedCharacterAt(text, close.start);
    put(
      scan,
      draft,
      {
        check: closing?.check ?? 'smart-quote',
        role,
        start: close.start,
        end: close.start + close.length,
        text: quote,
        name: closing?.name ?? `plain ${text.charAt(close.start)}`,
        quoted: false,
        opensOption: false,
      },
      true,
    );
  }
  return true;
}

/** Whether a word could end at `at`. */
function isEdge(scan: Scan, at: number): boolean {
  if (at >= scan.end || isLineEnd(scan.text, at)) return true;
  const code = scan.text.charCodeAt(at);
  if (code < 0x80 && code !== 0x26) return ' \t;|<>()&'.includes(scan.text.charAt(at));
  if (blankLengthAt(scan.text, at) > 0) return true;
  if (code !== 0x26) return false;
  const damaged = damagedCharacterAt(scan.text, at);
  return damaged === undefined || damaged.role === 'operator' || damaged.role === 'blank';
}

/** The quote that closes one opened before `from`: damaged or plain, on the same line. */
function closingQuote(scan: Scan, from: number, role: 'double' | 'single'): { readonly start: number; readonly length: number } | undefined {
  const { text } = scan;
  const plain = role === 'double' ? 0x22 : 0x27;
  if (from < scan.hopeless[role]) return undefined;
  let at = from;
  for (; at < scan.end;) {
    const code = text.charCodeAt(at);
    if (code === 0x0a || code === 0x0d) break;
    if (code < 0x80 && code !== 0x26) {
      if (code === plain && (role === 'double' || isEdge(scan, at + 1))) return { start: at, length: 1 };
      at += code === 0x5c && role === 'double' && at + 1 < scan.end && !isLineEnd(text, at + 1) ? 2 : 1;
      continue;
    }
    const damaged = damagedCharacterAt(text, at);
    const length = damaged?.length ?? 1;
    if (damaged?.role === role && at + length <= scan.end) {
      const edge = isEdge(scan, at + length);
      // A new opening quote: the one before never was closed.
      if (damaged.side === 'open' && !edge && at > from && blankLengthAt(text, at - 1) > 0) return undefined;
      if (edge || (role === 'double' && damaged.side !== 'open')) return { start: at, length };
    }
    at += length;
  }
  scan.hopeless[role] = at;
  return undefined;
}

/** Reads the inside of quotes up to `end`, noting damage in it; `escapes`: a backslash keeps the next character. */
function readQuoted(scan: Scan, draft: Draft, end: number, escapes: boolean, substitutes: boolean): void {
  const { text } = scan;
  let wordStart = scan.at;
  while (scan.at < end) {
    const code = text.charCodeAt(scan.at);
    if (code === 0x5c && escapes && scan.at + 1 < end) {
      const next = text.charAt(scan.at + 1);
      if (scan.syntax === 'save' || '$`"\\\n'.includes(next)) {
        flush(scan, draft);
        scan.at += 2;
        draft.from = next === '\n' ? scan.at : scan.at - 1;
      } else scan.at += 2;
      continue;
    }
    if (code === 0x24 && substitutes && scan.syntax === 'shell' && text.charCodeAt(scan.at + 1) === 0x28) {
      if (text.charCodeAt(scan.at + 2) === 0x28 || scan.depth >= DEPTH_LIMIT) {
        scan.at += 2;
        continue;
      }
      scan.at += 2;
      scan.substitution(scan);
      continue;
    }
    if (code === 0x20 || code === 0x09) {
      scan.at += 1;
      wordStart = scan.at;
      continue;
    }
    const damaged = code >= 0x80 || code === 0x26 || code < 0x20 || code === 0x7f ? damagedCharacterAt(text, scan.at) : undefined;
    if (damaged === undefined || scan.at + damaged.length > end) {
      scan.at += 1;
      continue;
    }
    if (damaged.role === 'dash') {
      flush(scan, draft);
      const before = wordStart >= scan.at ? '' : text.slice(Math.max(wordStart, scan.at - LONGEST_START - 1), scan.at);
      put(scan, draft, dashPlace(scan, before, wordStart, damaged, true));
    } else if (damaged.check === 'smart-quote') scan.at += damaged.length;
    else {
      const text = escapes && damaged.meant === '"' ? '\\"' : damaged.meant;
      const first = wordStart >= scan.at;
      put(scan, draft, { ...placeOf(damaged, scan.at, scan.at + damaged.length), text, quoted: true });
      if (damaged.role === 'blank' || (damaged.role === 'nothing' && first)) wordStart = scan.at;
    }
  }
}

function readSingleQuotes(scan: Scan, draft: Draft): boolean {
  const { text } = scan;
  if (scan.syntax === 'save') return readShellQuotesOfSave(scan, draft);
  const limit = scan.lineBound ? lineEnd(scan, scan.at) : scan.end;
  const close = scan.last.single > scan.at ? text.indexOf("'", scan.at + 1) : -1;
  if (close === -1 || close > lineEnd(scan, scan.at)) {
    const found = closingQuote(scan, scan.at + 1, 'single');
    if (found !== undefined) scan.astray = Math.min(scan.astray, found.start + found.length);
  }
  if (close === -1 || close >= limit) {
    scan.at += 1;
    return true;
  }
  flush(scan, draft);
  draft.quoted = true;
  scan.at += 1;
  draft.from = scan.at;
  readQuoted(scan, draft, close, false, false);
  flush(scan, draft);
  scan.at = close + 1;
  draft.from = scan.at;
  return true;
}

/** `'…'` in a dump, which knows only `"`. */
function readShellQuotesOfSave(scan: Scan, draft: Draft): boolean {
  const { text } = scan;
  const close = isEmpty(scan, draft) ? closingQuote(scan, scan.at + 1, 'single') : undefined;
  if (close === undefined) {
    scan.at += 1;
    return true;
  }
  const place = (start: number, end: number, replacement: string): Place => ({
    check: 'restore-shell-syntax',
    role: 'single',
    start,
    end,
    text: replacement,
    name: "`'`",
    quoted: false,
    opensOption: false,
  });
  put(scan, draft, place(scan.at, scan.at + 1, '"'), true);
  while (scan.at < close.start) {
    const character = text.charAt(scan.at);
    if (character === '"' || character === '\\') put(scan, draft, place(scan.at, scan.at + 1, `\\${character}`));
    else scan.at += 1;
  }
  put(scan, draft, place(close.start, close.start + close.length, '"'), true);
  draft.quoted = true;
  return true;
}

function readDoubleQuotes(scan: Scan, draft: Draft, command: Command): boolean {
  const { text } = scan;
  const open = scan.at;
  const limit = scan.lineBound || scan.syntax === 'save' ? lineEnd(scan, open) : scan.end;
  let close: { readonly start: number; readonly length: number } | undefined;
  const plain = scan.last.double > open ? plainClose(scan, open + 1, limit) : -1;
  if (plain !== -1) close = { start: plain, length: 1 };
  const ownLine = plain !== -1 && plain <= lineEnd(scan, open);
  if (!ownLine) {
    // Opened plain, closed typographic: the editor changed one of the two.
    const found = closingQuote(scan, open + 1, 'double');
    if (found !== undefined && text.charCodeAt(found.start) !== 0x22) {
      if (takesRules(command.program) || scan.syntax === 'save') close = found;
      if (scan.syntax === 'shell') scan.astray = Math.min(scan.astray, found.start + found.length);
    }
  }
  if (close === undefined) {
    scan.at += 1;
    return true;
  }
  flush(scan, draft);
  draft.quoted = true;
  scan.at = open + 1;
  draft.from = scan.at;
  readQuoted(scan, draft, close.start, true, close.length === 1);
  flush(scan, draft);
  // A substitution inside may have ended elsewhere.
  if (scan.at > close.start) {
    const end = scan.lineBound ? lineEnd(scan, scan.at) : scan.end;
    const again = plainClose(scan, scan.at, end);
    if (again === -1) return true;
    readQuoted(scan, draft, again, true, false);
    flush(scan, draft);
    scan.at = again + 1;
    draft.from = scan.at;
    return true;
  }
  if (close.length === 1 && text.charCodeAt(close.start) === 0x22) {
    scan.at = close.start + 1;
    draft.from = scan.at;
    return true;
  }
  const damaged = damagedCharacterAt(text, close.start);
  put(
    scan,
    draft,
    {
      check: damaged?.check ?? 'smart-quote',
      role: 'double',
      start: close.start,
      end: close.start + close.length,
      text: '"',
      name: damaged?.name ?? '',
      quoted: false,
      opensOption: false,
      runsOn: plain !== -1 && scan.syntax === 'shell',
    },
    true,
  );
  return true;
}

/** The next `"` that no backslash protects, before `limit`; -1 without one. */
function plainClose(scan: Scan, from: number, limit: number): number {
  const { text } = scan;
  for (let at = text.indexOf('"', from); at !== -1 && at < limit; at = text.indexOf('"', at + 1)) {
    let slashes = 0;
    while (at - slashes - 1 >= from && text.charCodeAt(at - slashes - 1) === 0x5c) slashes += 1;
    if (slashes % 2 === 0) return at;
  }
  return -1;
}

function readDollar(scan: Scan, draft: Draft): boolean {
  const { text } = scan;
  const next = text.charCodeAt(scan.at + 1);
  if (next === 0x7b) {
    const close = scan.at < scan.hopeless.brace ? -1 : closingBrace(scan, scan.at + 2);
    scan.at = close === -1 ? scan.at + 2 : close + 1;
    return true;
  }
  if (next !== 0x28 || scan.depth >= DEPTH_LIMIT) {
    scan.at += 1;
    return true;
  }
  if (text.charCodeAt(scan.at + 2) === 0x28) {
    const line = lineEndAfter(text, scan.at, Math.min(scan.end, scan.at + 400));
    const close = text.slice(scan.at, line).indexOf('))');
    if (close !== -1) {
      scan.at += close + 2;
      return true;
    }
  }
  flush(scan, draft);
  const start = scan.at;
  scan.at += 2;
  scan.substitution(scan);
  // How it is written stands for what it yields.
  draft.text += text.slice(start, Math.min(scan.at, start + 200));
  draft.from = scan.at;
  return true;
}

function closingBrace(scan: Scan, from: number): number {
  const { text } = scan;
  let open = 1;
  let at = from;
  for (; at < scan.end && !isLineEnd(text, at); at += 1) {
    const code = text.charCodeAt(at);
    if (code === 0x5c) at += 1;
    else if (code === 0x7b) open += 1;
    else if (code === 0x7d) {
      open -= 1;
      if (open === 0) return at;
    }
  }
  scan.hopeless.brace = at;
  return -1;
}

/** What a backslash is for. */
export type Backslash =
  /** It carries the command on to the line that begins at `next`. */
  | { readonly kind: 'continuation'; readonly next: number }
  /** Blanks up to `blanksEnd`, where the line ends, keep it from doing so. */
  | { readonly kind: 'blanks'; readonly blanksEnd: number }
  /** A comment at `hash` does. */
  | { readonly kind: 'comment'; readonly hash: number }
  /** It stands before blanks in the middle of a line; `next` is what comes behind them. */
  | { readonly kind: 'inside'; readonly next: number }
  | { readonly kind: 'escape' };

/** Looks at the backslash at `at`. */
export function backslashAt(text: string, at: number, end: number): Backslash {
  const next = at + 1;
  if (next >= end) return { kind: 'escape' };
  if (isLineEnd(text, next)) return { kind: 'continuation', next: nextLineStart(text, next) };
  if (text.charCodeAt(next) === 0x23) return { kind: 'comment', hash: next };
  const blanksEnd = skipBlanks(text, next, end);
  if (blanksEnd === next) return { kind: 'escape' };
  if (blanksEnd >= end || isLineEnd(text, blanksEnd)) return { kind: 'blanks', blanksEnd };
  if (text.charCodeAt(blanksEnd) === 0x23) return { kind: 'comment', hash: blanksEnd };
  return { kind: 'inside', next: blanksEnd };
}

function readBackslash(scan: Scan, draft: Draft, command: Command): boolean {
  const { text } = scan;
  const found = backslashAt(text, scan.at, scan.end);
  if (found.kind === 'continuation' && scan.syntax === 'shell') {
    // In the middle of a word it joins the two halves; the caller takes it when a blank follows.
    if (isEmpty(scan, draft) || blankLengthAt(text, found.next) > 0 || isLineEnd(text, found.next)) return false;
    flush(scan, draft);
    scan.at = found.next;
    draft.from = scan.at;
    return true;
  }
  if (found.kind !== 'escape' && isMisplaced(scan, draft, command, found)) return false;
  if (scan.syntax === 'save') {
    scan.at += 1;
    return true;
  }
  flush(scan, draft);
  scan.at = Math.min(scan.at + 2, scan.end);
  draft.from = Math.min(scan.at - 1, scan.end);
  return true;
}

/** Whether a backslash in a word is left from carrying the command on, rather than there to keep a blank or `#`. */
function isMisplaced(scan: Scan, draft: Draft, command: Command, found: Backslash): boolean {
  const { text } = scan;
  if (scan.syntax === 'save')
    return (
      found.kind === 'continuation' || found.kind === 'blanks' || (found.kind === 'inside' && optionAt(text, found.next, scan.end) !== undefined)
    );
  if (!takesRules(command.program)) return false;
  const empty = isEmpty(scan, draft);
  if (found.kind === 'blanks')
    return empty || optionAt(text, nextLineStart(text, found.blanksEnd), scan.end) !== undefined || !draftIsFreeText(command);
  if (found.kind === 'comment') {
    const line = lineEnd(scan, found.hash);
    const option = optionAt(text, nextLineStart(text, line), scan.end) !== undefined;
    return option || (empty && found.hash > scan.at + 1);
  }
  if (found.kind !== 'inside') return false;
  return optionAt(text, found.next, scan.end) !== undefined && (empty || !draftIsFreeText(command));
}

function draftIsFreeText(command: Command): boolean {
  const before = command.words[command.words.length - 1]?.text ?? '';
  return /^-{1,2}(?:comm|log-p|nflog-p|ulog-p|stri)/.test(before);
}

/** An option that begins at or behind blanks at `at`, on that line: how it reads, and where it and its name begin. */
export interface OptionAt {
  readonly start: number;
  readonly name: string;
  readonly nameEnd: number;
}

/** Skips what is not to be seen between a dash and the name behind it. */
function skipInvisible(text: string, at: number, end: number): number {
  let offset = at;
  for (let code = text.charCodeAt(offset); offset < end && (code < 0x20 || code > 0x7a); code = text.charCodeAt(offset)) {
    const damaged = damagedCharacterAt(text, offset);
    if (damaged?.role !== 'nothing') break;
    offset += damaged.length;
  }
  return offset;
}

const OPTION_NAME = /[A-Za-z][A-Za-z0-9]*(?:[-_\u2010-\u2015\u2212][A-Za-z0-9]+)*/y;
const REST_OF_NAME = /[-_\u2010-\u2015\u2212]?[A-Za-z0-9]+(?:[-_\u2010-\u2015\u2212][A-Za-z0-9]+)*/y;

/** Looks for an option behind the blanks at `at`: dashes of any kind, a `!` before them allowed, and a name. */
export function optionAt(text: string, at: number, end: number): OptionAt | undefined {
  const start = skipBlanks(text, at, end);
  let offset = start;
  if (text.charCodeAt(offset) === 0x21) offset = skipBlanks(text, offset + 1, end);
  let dashes = 0;
  for (let length = dashLengthAt(text, offset); length > 0 && dashes < 4; length = dashLengthAt(text, offset)) {
    offset = skipInvisible(text, offset + length, end);
    dashes += 1;
  }
  if (dashes === 0 || offset >= end) return undefined;
  OPTION_NAME.lastIndex = offset;
  let name = OPTION_NAME.exec(text)?.[0];
  if (name === undefined) return undefined;
  let nameEnd = offset + name.length;
  for (let next = skipInvisible(text, nameEnd, end); next > nameEnd; next = skipInvisible(text, nameEnd, end)) {
    REST_OF_NAME.lastIndex = next;
    const rest = REST_OF_NAME.exec(text)?.[0];
    if (rest === undefined) break;
    name += rest;
    nameEnd = next + rest.length;
  }
  return { start, name, nameEnd };
}
