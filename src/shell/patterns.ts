/** Shell patterns: `*`, `?` and `[…]`, matched in time proportional to text times pattern. */

/** Characters of a pattern; a quoted one stands for itself. */
export interface PatternPiece {
  readonly text: string;
  readonly quoted: boolean;
}

/** A star, or what one character must be. */
type Element = 'star' | ((character: string) => boolean);

/** Whether a pattern has no special characters, so that it stands for its own text. */
export function isPlain(pieces: readonly PatternPiece[]): boolean {
  return pieces.every(({ text, quoted }) => quoted || !/[*?[\\]|[@!+]\(/.test(text));
}

const CLASSES: ReadonlyMap<string, RegExp> = new Map([
  ['alpha', /[A-Za-z]/],
  ['digit', /[0-9]/],
  ['alnum', /[A-Za-z0-9]/],
  ['upper', /[A-Z]/],
  ['lower', /[a-z]/],
  ['space', /[ \t\n\r\f\v]/],
  ['blank', /[ \t]/],
  ['punct', /[!-/:-@[-`{-~]/],
  ['xdigit', /[0-9A-Fa-f]/],
  ['print', /[ -~]/],
  ['graph', /[!-~]/],
  ['cntrl', /[\x00-\x1f\x7f]/],
]);

/** The elements of a pattern; undefined for one that is not understood. */
function compile(pieces: readonly PatternPiece[]): Element[] | undefined {
  const elements: Element[] = [];
  const exactly =
    (wanted: string): Element =>
    (character) =>
      character === wanted;
  for (const { text, quoted } of pieces) {
    for (let at = 0; at < text.length; at += 1) {
      const character = text.charAt(at);
      if (quoted) elements.push(exactly(character));
      else if ('?*+@!'.includes(character) && text.charAt(at + 1) === '(') return undefined;
      else if (character === '*') elements.push('star');
      else if (character === '?') elements.push(() => true);
      else if (character === '\\' && at + 1 < text.length) {
        at += 1;
        elements.push(exactly(text.charAt(at)));
      } else if (character === '[') {
        const bracket = readBracket(text, at);
        if (bracket === undefined) elements.push(exactly('['));
        else {
          elements.push(bracket.matches);
          at = bracket.end;
        }
      } else elements.push(exactly(character));
    }
  }
  return elements;
}

function readBracket(text: string, start: number): { readonly matches: (character: string) => boolean; readonly end: number } | undefined {
  let at = start + 1;
  const negated = text.charAt(at) === '!' || text.charAt(at) === '^';
  if (negated) at += 1;
  const first = at;
  const members: ((character: string) => boolean)[] = [];
  for (; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (character === ']' && at > first) {
      return { matches: (candidate) => members.some((matches) => matches(candidate)) !== negated, end: at };
    }
    if (character === '[' && text.charAt(at + 1) === ':') {
      const end = text.indexOf(':]', at + 2);
      const expression = end === -1 ? undefined : CLASSES.get(text.slice(at + 2, end));
      if (expression !== undefined) {
        members.push((candidate) => expression.test(candidate));
        at = end + 1;
        continue;
      }
    }
    const last = text.charAt(at + 2);
    if (text.charAt(at + 1) === '-' && last !== ']' && last !== '') {
      members.push((candidate) => candidate >= character && candidate <= last);
      at += 2;
    } else members.push((candidate) => candidate === character);
  }
  return undefined;
}

/** The lengths of the parts of the text, begun at `from`, that the pattern takes: the shortest and the longest; -1 when it takes none. */
function takenLengths(
  elements: readonly Element[],
  text: string,
  from: number,
  backwards: boolean,
): { readonly shortest: number; readonly longest: number } {
  let shortest = -1;
  let longest = -1;
  const count = elements.length;
  const at = (index: number): Element | undefined => elements[backwards ? count - 1 - index : index];
  let states = new Uint8Array(count + 1);
  const close = (set: Uint8Array): void => {
    for (let state = 0; state < count; state += 1) if (set[state] === 1 && at(state) === 'star') set[state + 1] = 1;
  };
  states[0] = 1;
  close(states);
  const limit = backwards ? from : text.length - from;
  for (let length = 0; ; length += 1) {
    if (states[count] === 1) {
      if (shortest === -1) shortest = length;
      longest = length;
    }
    if (length === limit) break;
    const character = text.charAt(backwards ? from - 1 - length : from + length);
    const next = new Uint8Array(count + 1);
    let alive = false;
    for (let state = 0; state < count; state += 1) {
      if (states[state] !== 1) continue;
      const element = at(state);
      if (element === 'star') next[state] = 1;
      else if (element?.(character) === true) next[state + 1] = 1;
      else continue;
      alive = true;
    }
    if (!alive) break;
    close(next);
    states = next;
  }
  return { shortest, longest };
}

/** Texts longer than this are matched with plain patterns only. */
const LONGEST_TEXT = 20_000;

/** Whether the text matches the whole pattern; undefined when that cannot be said. */
export function matchesPattern(text: string, pieces: readonly PatternPiece[]): boolean | undefined {
  if (isPlain(pieces)) return text === pieces.map((piece) => piece.text).join('');
  const elements = text.length > LONGEST_TEXT ? undefined : compile(pieces);
  if (elements === undefined) return undefined;
  return takenLengths(elements, text, 0, false).longest === text.length;
}

/** How many characters at the start (or end) of the text the pattern takes: the fewest or the most. Undefined when that cannot be said. */
export function affixLength(text: string, pieces: readonly PatternPiece[], where: 'start' | 'end', longest: boolean): number | undefined {
  const elements = text.length > LONGEST_TEXT ? undefined : compile(pieces);
  if (elements === undefined) return undefined;
  const taken = takenLengths(elements, text, where === 'start' ? 0 : text.length, where === 'end');
  return Math.max(longest ? taken.longest : taken.shortest, 0);
}

/** The places in the text that the pattern takes, from the left, each as long as can be; undefined when that cannot be said. */
export function findPattern(
  text: string,
  pieces: readonly PatternPiece[],
  all: boolean,
): { readonly start: number; readonly end: number }[] | undefined {
  const found: { readonly start: number; readonly end: number }[] = [];
  if (isPlain(pieces)) {
    const plain = pieces.map((piece) => piece.text).join('');
    if (plain === '') return found;
    for (let at = text.indexOf(plain); at !== -1; at = text.indexOf(plain, at + plain.length)) {
      found.push({ start: at, end: at + plain.length });
      if (!all) break;
    }
    return found;
  }
  const elements = text.length > 1000 ? undefined : compile(pieces);
  if (elements === undefined) return undefined;
  for (let at = 0; at < text.length; at += 1) {
    const { longest } = takenLengths(elements, text, at, false);
    if (longest <= 0) continue;
    found.push({ start: at, end: at + longest });
    if (!all) break;
    at += longest - 1;
  }
  return found;
}
