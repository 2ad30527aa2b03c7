/** How wide text is in a terminal, what is drawn for characters that cannot be seen, and breaking text into lines. */

/** Columns a character takes in a terminal: 2 for East Asian wide ones, 0 for combining and invisible ones. */
export function columnsOf(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20 || (code >= 0x7f && code < 0xa0)) return 1;
  if ((code >= 0x300 && code <= 0x36f) || (code >= 0x200b && code <= 0x200f) || (code >= 0xfe00 && code <= 0xfe0f) || code === 0xfeff) return 0;
  if (
    (code >= 0x1100 && code <= 0x115f) ||
    (code >= 0x2e80 && code <= 0xa4cf) ||
    (code >= 0xac00 && code <= 0xd7a3) ||
    (code >= 0xf900 && code <= 0xfaff) ||
    (code >= 0xfe30 && code <= 0xfe4f) ||
    (code >= 0xff00 && code <= 0xff60) ||
    (code >= 0x1f300 && code <= 0x1faff)
  )
    return 2;
  return 1;
}

/** What is drawn for a character: control and invisible ones become visible, a tab one blank. */
export function shownCharacter(character: string): string {
  const code = character.codePointAt(0) ?? 0;
  if (character === '\t') return ' ';
  if (code < 0x20) return String.fromCodePoint(0x2400 + code);
  if (code === 0xa0 || (code >= 0x2000 && code <= 0x200a) || code === 0x202f || code === 0x3000) return '⍽';
  if (columnsOf(character) === 0 && (code < 0x300 || code > 0x36f)) return '·';
  if (
    (code >= 0x7f && code < 0xa0) ||
    (code >= 0x2028 && code <= 0x202e) ||
    (code >= 0x2060 && code <= 0x206f) ||
    (code >= 0xd800 && code <= 0xdfff) ||
    code === 0xad
  )
    return '·';
  return character;
}

/** Nothing but what every terminal shows as it is, one column each. */
const PLAIN = /^[ -~]*$/;

/** Text for a terminal: control and invisible characters become visible, so that the text of a file cannot steer the terminal. */
export function visibleText(text: string): string {
  return PLAIN.test(text) ? text : Array.from(text, (character) => (character === '\n' ? ' ' : shownCharacter(character))).join('');
}

/** Columns a text takes in a terminal. */
export function widthOfText(text: string): number {
  if (PLAIN.test(text)) return text.length;
  let width = 0;
  for (const character of text) width += columnsOf(character);
  return width;
}

/** Breaks text at blanks so that no line is wider than `width`, unless a word is; later lines begin with `indent`. */
export function wrapText(text: string, width: number, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  let columns = 0;
  for (const word of text.split(' ')) {
    const wordWidth = widthOfText(word);
    const limit = lines.length === 0 ? width : width - indent.length;
    if (line !== '' && columns + 1 + wordWidth > limit) {
      lines.push(lines.length === 0 ? line : indent + line);
      line = word;
      columns = wordWidth;
    } else {
      columns += line === '' ? wordWidth : 1 + wordWidth;
      line = line === '' ? word : `${line} ${word}`;
    }
  }
  lines.push(lines.length === 0 ? line : indent + line);
  return lines;
}
