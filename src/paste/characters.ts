/** The characters that web pages, word processors and terminals put where a command needs plain ASCII, and the HTML entities for them. */

/** The checks that report single characters; see the files named like them. */
export type CharacterCheck = 'unicode-dash' | 'smart-quote' | 'unicode-space' | 'invisible-character' | 'html-entity';

/**
 * What a damaged character does in a command once it is read as it was meant. `operator` is one of `< > & | ; ( )`,
 * `letter` any other ASCII character (both only from HTML entities).
 */
export type CharacterRole = 'dash' | 'double' | 'single' | 'blank' | 'nothing' | 'operator' | 'letter';

/** A character that is not what it was meant to be. */
export interface DamagedCharacter {
  readonly check: CharacterCheck;
  readonly role: CharacterRole;
  /** The ASCII text that is meant; empty for what must go. Dashes at the beginning of a word may mean two. */
  readonly meant: string;
  /** How many UTF-16 units of the source it takes: more than one for an entity or a terminal's control sequence. */
  readonly length: number;
  /** For messages: `en dash (U+2013)`, `HTML for "<"`. */
  readonly name: string;
  /** Whether a quote can only open, only close, or either. */
  readonly side: 'open' | 'close' | 'either';
}

const DASHES: readonly (readonly [number, string])[] = [
  [0x058a, 'Armenian hyphen'],
  [0x05be, 'Hebrew maqaf'],
  [0x2010, 'Unicode hyphen'],
  [0x2011, 'non-breaking hyphen'],
  [0x2012, 'figure dash'],
  [0x2013, 'en dash'],
  [0x2014, 'em dash'],
  [0x2015, 'horizontal bar'],
  [0x2212, 'minus sign'],
  [0x2e3a, 'two-em dash'],
  [0x2e3b, 'three-em dash'],
  [0xfe63, 'small hyphen-minus'],
  [0xff0d, 'fullwidth hyphen-minus'],
];

const QUOTES: readonly (readonly [number, 'double' | 'single', 'open' | 'close' | 'either', string])[] = [
  [0x00ab, 'double', 'either', 'left guillemet'],
  [0x00bb, 'double', 'either', 'right guillemet'],
  [0x201c, 'double', 'open', 'left double quotation mark'],
  [0x201d, 'double', 'close', 'right double quotation mark'],
  [0x201e, 'double', 'open', 'low double quotation mark'],
  [0x201f, 'double', 'either', 'reversed double quotation mark'],
  [0x2033, 'double', 'close', 'double prime'],
  [0xff02, 'double', 'either', 'fullwidth quotation mark'],
  [0x00b4, 'single', 'close', 'acute accent'],
  [0x2018, 'single', 'open', 'left single quotation mark'],
  [0x2019, 'single', 'close', 'right single quotation mark'],
  [0x201a, 'single', 'open', 'low single quotation mark'],
  [0x201b, 'single', 'either', 'reversed single quotation mark'],
  [0x2032, 'single', 'close', 'prime'],
  [0xff07, 'single', 'either', 'fullwidth apostrophe'],
];

const SPACES: readonly (readonly [number, string])[] = [
  [0x00a0, 'no-break space'],
  [0x1680, 'Ogham space mark'],
  [0x2000, 'en quad'],
  [0x2001, 'em quad'],
  [0x2002, 'en space'],
  [0x2003, 'em space'],
  [0x2004, 'three-per-em space'],
  [0x2005, 'four-per-em space'],
  [0x2006, 'six-per-em space'],
  [0x2007, 'figure space'],
  [0x2008, 'punctuation space'],
  [0x2009, 'thin space'],
  [0x200a, 'hair space'],
  [0x2028, 'line separator'],
  [0x2029, 'paragraph separator'],
  [0x202f, 'narrow no-break space'],
  [0x205f, 'medium mathematical space'],
  [0x3000, 'ideographic space'],
];

const INVISIBLE: readonly (readonly [number, string])[] = [
  [0x00ad, 'soft hyphen'],
  [0x034f, 'combining grapheme joiner'],
  [0x061c, 'Arabic letter mark'],
  [0x180e, 'Mongolian vowel separator'],
  [0x200b, 'zero width space'],
  [0x200c, 'zero width non-joiner'],
  [0x200d, 'zero width joiner'],
  [0x200e, 'left-to-right mark'],
  [0x200f, 'right-to-left mark'],
  [0x202a, 'left-to-right embedding'],
  [0x202b, 'right-to-left embedding'],
  [0x202c, 'pop directional formatting'],
  [0x202d, 'left-to-right override'],
  [0x202e, 'right-to-left override'],
  [0x2060, 'word joiner'],
  [0x2061, 'invisible function application'],
  [0x2062, 'invisible times'],
  [0x2063, 'invisible separator'],
  [0x2064, 'invisible plus'],
  [0x2066, 'left-to-right isolate'],
  [0x2067, 'right-to-left isolate'],
  [0x2068, 'first strong isolate'],
  [0x2069, 'pop directional isolate'],
  [0x206a, 'inhibit symmetric swapping'],
  [0x206b, 'activate symmetric swapping'],
  [0x206c, 'inhibit Arabic form shaping'],
  [0x206d, 'activate Arabic form shaping'],
  [0x206e, 'national digit shapes'],
  [0x206f, 'nominal digit shapes'],
  [0xfe0e, 'variation selector-15'],
  [0xfe0f, 'variation selector-16'],
  [0xfeff, 'byte order mark'],
  [0xfff9, 'interlinear annotation anchor'],
  [0xfffa, 'interlinear annotation separator'],
  [0xfffb, 'interlinear annotation terminator'],
];

/** `U+2013` */
function codePointName(code: number): string {
  return `U+${code.toString(16).toUpperCase().padStart(4, '0')}`;
}

function damagedCharacters(): Map<number, DamagedCharacter> {
  const all = new Map<number, DamagedCharacter>();
  const add = (code: number, check: CharacterCheck, role: CharacterRole, meant: string, name: string, side: 'open' | 'close' | 'either'): void => {
    all.set(code, { check, role, meant, length: 1, name: `${name} (${codePointName(code)})`, side });
  };
  for (const [code, name] of DASHES) add(code, 'unicode-dash', 'dash', '-', name, 'either');
  for (const [code, role, side, name] of QUOTES) add(code, 'smart-quote', role, role === 'double' ? '"' : "'", name, side);
  for (const [code, name] of SPACES) add(code, 'unicode-space', 'blank', ' ', name, 'either');
  for (const [code, name] of INVISIBLE) add(code, 'invisible-character', 'nothing', '', name, 'either');
  for (let code = 0; code < 0x20; code += 1) {
    if (code === 0x09 || code === 0x0a || code === 0x0d || code === ESCAPE) continue;
    add(code, 'invisible-character', 'nothing', '', 'control character', 'either');
  }
  add(0x7f, 'invisible-character', 'nothing', '', 'delete character', 'either');
  return all;
}

const ESCAPE = 0x1b;
const DAMAGED = damagedCharacters();

/** Names of the entities that stand for what a command can hold. */
const ENTITIES: ReadonlyMap<string, number> = new Map([
  ['amp', 0x26],
  ['lt', 0x3c],
  ['gt', 0x3e],
  ['quot', 0x22],
  ['apos', 0x27],
  ['nbsp', 0xa0],
  ['ensp', 0x2002],
  ['emsp', 0x2003],
  ['thinsp', 0x2009],
  ['shy', 0xad],
  ['zwnj', 0x200c],
  ['zwj', 0x200d],
  ['lrm', 0x200e],
  ['rlm', 0x200f],
  ['hyphen', 0x2010],
  ['dash', 0x2010],
  ['ndash', 0x2013],
  ['mdash', 0x2014],
  ['horbar', 0x2015],
  ['minus', 0x2212],
  ['lsquo', 0x2018],
  ['rsquo', 0x2019],
  ['sbquo', 0x201a],
  ['ldquo', 0x201c],
  ['rdquo', 0x201d],
  ['bdquo', 0x201e],
  ['laquo', 0xab],
  ['raquo', 0xbb],
  ['prime', 0x2032],
  ['Prime', 0x2033],
  ['acute', 0xb4],
  ['dollar', 0x24],
  ['num', 0x23],
  ['excl', 0x21],
  ['colon', 0x3a],
  ['comma', 0x2c],
  ['period', 0x2e],
  ['sol', 0x2f],
  ['equals', 0x3d],
  ['lowbar', 0x5f],
  ['lpar', 0x28],
  ['rpar', 0x29],
  ['vert', 0x7c],
  ['semi', 0x3b],
]);

// A page that was escaped twice says &amp;gt; for >.
const ENTITY = /&(?:amp;)*(?:#(\d{1,7})|#[xX]([0-9a-fA-F]{1,6})|([A-Za-z]{2,8}));/y;

function entityAt(text: string, at: number): DamagedCharacter | undefined {
  ENTITY.lastIndex = at;
  const found = ENTITY.exec(text);
  if (found === null) return undefined;
  const [all, decimal, hexadecimal, word] = found;
  let code: number | undefined;
  if (decimal !== undefined) code = Number.parseInt(decimal, 10);
  else if (hexadecimal !== undefined) code = Number.parseInt(hexadecimal, 16);
  else code = ENTITIES.get(word ?? '');
  if (code === undefined) return undefined;
  const character = DAMAGED.get(code);
  if (character !== undefined && code >= 0x80) {
    return { ...character, check: 'html-entity', length: all.length, name: `HTML for ${character.name}` };
  }
  if (code < 0x20 || code > 0x7e) return undefined;
  const meant = String.fromCharCode(code);
  return { check: 'html-entity', role: roleOf(meant), meant, length: all.length, name: `HTML for \`${meant}\``, side: 'either' };
}

function roleOf(character: string): CharacterRole {
  if (character === '-') return 'dash';
  if (character === '"') return 'double';
  if (character === "'") return 'single';
  if (character === ' ') return 'blank';
  return '<>&|;()'.includes(character) ? 'operator' : 'letter';
}

// What terminals send: colours and cursor movements, window titles, the brackets around pasted text. (ECMA-48, 5.4 and 8.3)
const SEQUENCE = new RegExp(String.raw`\u001b(?:\[[0-?]{0,32}[ -/]{0,8}[@-~]|\][^\u0007\u001b\n]{0,200}(?:\u0007|\u001b\\)|[@-Z\\-_])?`, 'y');

/** The damaged character that begins at `at`, if one does. Plain ASCII never is, but for `&name;` and control characters. */
export function damagedCharacterAt(text: string, at: number): DamagedCharacter | undefined {
  const code = text.charCodeAt(at);
  if (code === 0x26) return entityAt(text, at);
  if (code !== ESCAPE) return DAMAGED.get(code);
  SEQUENCE.lastIndex = at;
  const length = SEQUENCE.exec(text)?.[0].length ?? 1;
  return {
    check: 'invisible-character',
    role: 'nothing',
    meant: '',
    length,
    name: length === 1 ? 'escape character (U+001B)' : 'terminal control sequence',
    side: 'either',
  };
}

/** Whether the character at `at` separates words, damaged or not; line ends do not count. Returns how long it is, or 0. */
export function blankLengthAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === 0x20 || code === 0x09) return 1;
  if (code < 0x80 && code !== 0x26 && code !== ESCAPE) return 0;
  const damaged = damagedCharacterAt(text, at);
  return damaged !== undefined && (damaged.role === 'blank' || damaged.role === 'nothing') ? damaged.length : 0;
}

/** Skips blanks, damaged or not, and invisible characters; stays on the line. */
export function skipBlanks(text: string, at: number, end: number): number {
  let offset = at;
  while (offset < end) {
    const length = blankLengthAt(text, offset);
    if (length === 0) break;
    offset += length;
  }
  return Math.min(offset, end);
}

/** Skips backslashes that are left of joined lines, `\ \ -j`, and the blanks behind them. */
export function skipBackslashes(text: string, at: number, end: number): number {
  let offset = at;
  while (text.charCodeAt(offset) === 0x5c && blankLengthAt(text, offset + 1) > 0) offset = skipBlanks(text, offset + 1, end);
  return offset;
}

/** A short text without the characters in it that cannot be seen. */
export function withoutInvisible(text: string): string {
  if (!/[^\u0020-\u007e]/.test(text)) return text;
  let shown = '';
  for (const character of text) if (damagedCharacterAt(character, 0)?.role !== 'nothing') shown += character;
  return shown;
}

/** How many characters the dash at `at` takes, hyphen or damaged; 0 when there is none. */
export function dashLengthAt(text: string, at: number): number {
  const code = text.charCodeAt(at);
  if (code === 0x2d) return 1;
  if (code < 0x80 && code !== 0x26) return 0;
  const damaged = damagedCharacterAt(text, at);
  return damaged?.role === 'dash' ? damaged.length : 0;
}

/** Whether a line ends at `at`. */
export function isLineEnd(text: string, at: number): boolean {
  const code = text.charCodeAt(at);
  return code === 0x0a || code === 0x0d || Number.isNaN(code);
}

/** The offset of the next LF or CR at or after `at`, or `end`. */
export function lineEndAfter(text: string, at: number, end: number): number {
  let offset = at;
  while (offset < end && !isLineEnd(text, offset)) offset += 1;
  return Math.min(offset, end);
}

/** Where the next line begins, given that a line ends at `at`: CR LF, also with several CR, is one line end, and so is a lone CR. */
export function nextLineStart(text: string, at: number): number {
  let offset = at;
  while (text.charCodeAt(offset) === 0x0d) offset += 1;
  if (text.charCodeAt(offset) === 0x0a) return offset + 1;
  return Math.max(offset, Math.min(at + 1, text.length));
}

/** Above ASCII and Latin-1, every character that a repair can concern; for skipping quickly through long texts. */
export const DAMAGED_ABOVE_LATIN_1 = new RegExp(
  `[${[...DAMAGED.keys()]
    .filter((code) => code > 0xff)
    .map((code) => `\\u${code.toString(16).padStart(4, '0')}`)
    .join('')}]`,
  'g',
);

/** The same up to U+00FF, CR and ESC with them, one string each. */
export const DAMAGED_UP_TO_LATIN_1: readonly string[] = [...DAMAGED.keys(), ESCAPE]
  .filter((code) => code <= 0xff)
  .map((code) => String.fromCharCode(code));
