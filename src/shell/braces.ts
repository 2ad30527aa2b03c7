/** Brace expansion: `{a,b}` and `{1..5}` make several words of one before anything else is expanded. */

import type { TextPart, WordPart } from '../../grammar/shell/ast.js';

/** One character of unquoted text, or a part that braces only carry along. */
type Item =
  { readonly part: TextPart; readonly at: number; readonly character: string } | { readonly part: WordPart; readonly at: -1; readonly character: '' };

/** Whether a word has anything to expand. */
export function hasBraces(parts: readonly WordPart[]): boolean {
  return parts.some((part) => part.kind === 'text' && !part.quoted && part.text.includes('{'));
}

/** Words with more unquoted text than this are left as they are. */
const LONGEST = 20_000;

/** The words a word stands for, as lists of parts; undefined when they are more than `most`. */
export function expandBraces(parts: readonly WordPart[], most: number): (readonly WordPart[])[] | undefined {
  const items: Item[] = [];
  for (const part of parts) {
    if (part.kind !== 'text' || part.quoted) items.push({ part, at: -1, character: '' });
    else for (let at = 0; at < part.text.length; at += 1) items.push({ part, at, character: part.text.charAt(at) });
  }
  if (items.length > LONGEST) return [parts];
  const braces = matchBraces(items);
  // Counted first: making the words only to find that they are too many is what costs.
  if (countWords(items, braces, 0, items.length, most) > most) return undefined;
  return expandItems(items, braces, 0, items.length, most)?.map(partsOfItems);
}

/** How many words come of the items; may stop at any number above `most`. */
function countWords(items: readonly Item[], braces: ReadonlyMap<number, Brace>, from: number, to: number, most: number): number {
  let count = 1;
  for (let at = from; at < to; at += 1) {
    const brace = items[at]?.character === '{' ? braces.get(at) : undefined;
    if (brace === undefined || brace.close >= to) continue;
    let choices = 0;
    if (brace.commas.length === 0) choices = countSequence(items, at, brace.close);
    else {
      let start = at + 1;
      for (const comma of [...brace.commas, brace.close]) {
        choices += countWords(items, braces, start, comma, most);
        start = comma + 1;
      }
    }
    if (choices === 0) continue;
    count *= choices;
    if (count > most) return count;
    at = brace.close;
  }
  return count;
}

interface Brace {
  readonly close: number;
  readonly commas: readonly number[];
}

function matchBraces(items: readonly Item[]): ReadonlyMap<number, Brace> {
  const braces = new Map<number, Brace>();
  const open: { readonly at: number; readonly commas: number[] }[] = [];
  for (let at = 0; at < items.length; at += 1) {
    const character = items[at]?.character;
    if (character === '{') open.push({ at, commas: [] });
    else if (character === ',') open[open.length - 1]?.commas.push(at);
    else if (character === '}') {
      const brace = open.pop();
      if (brace !== undefined) braces.set(brace.at, { close: at, commas: brace.commas });
    }
  }
  return braces;
}

function expandItems(items: readonly Item[], braces: ReadonlyMap<number, Brace>, from: number, to: number, most: number): Item[][] | undefined {
  let words: Item[][] = [[]];
  for (let at = from; at < to; at += 1) {
    const item = items[at];
    if (item === undefined) break;
    const brace = item.character === '{' ? braces.get(at) : undefined;
    const choices = brace === undefined || brace.close >= to ? undefined : choicesOf(items, braces, at, brace, most);
    if (choices === 'too many') return undefined;
    if (brace === undefined || choices === undefined) {
      for (const word of words) word.push(item);
      continue;
    }
    if (words.length * choices.length > most) return undefined;
    words = words.flatMap((word) => choices.map((choice) => [...word, ...choice]));
    at = brace.close;
  }
  return words;
}

function choicesOf(
  items: readonly Item[],
  braces: ReadonlyMap<number, Brace>,
  open: number,
  brace: Brace,
  most: number,
): Item[][] | 'too many' | undefined {
  if (brace.commas.length === 0) return sequenceOf(items, open, brace.close, most);
  const choices: Item[][] = [];
  let from = open + 1;
  for (const comma of [...brace.commas, brace.close]) {
    const words = expandItems(items, braces, from, comma, most);
    if (words === undefined || choices.length + words.length > most) return 'too many';
    for (const word of words) choices.push(word);
    from = comma + 1;
  }
  return choices;
}

const SEQUENCE = /^(?:(-?\d+)\.\.(-?\d+)|([A-Za-z])\.\.([A-Za-z]))(?:\.\.(-?\d+))?$/;

interface Sequence {
  readonly from: number;
  readonly to: number;
  readonly step: number;
  readonly count: number;
  readonly letters: boolean;
  /** Least number of digits. */
  readonly width: number;
}

function readSequence(items: readonly Item[], open: number, close: number): Sequence | undefined {
  if (close - open > 64) return undefined;
  let inner = '';
  for (let at = open + 1; at < close; at += 1) {
    const character = items[at]?.character ?? '';
    if (character === '') return undefined;
    inner += character;
  }
  const match = SEQUENCE.exec(inner);
  if (match === null) return undefined;
  const [, fromText, toText, fromLetter, toLetter, stepText] = match;
  const letters = fromText === undefined;
  const from = letters ? (fromLetter?.charCodeAt(0) ?? 0) : Number(fromText);
  const to = letters ? (toLetter?.charCodeAt(0) ?? 0) : Number(toText);
  const step = Math.max(Math.abs(Number(stepText ?? '1')), 1);
  if (!Number.isSafeInteger(from) || !Number.isSafeInteger(to) || !Number.isSafeInteger(step)) return undefined;
  const isPadded = (text: string | undefined): boolean => text !== undefined && /^-?0\d/.test(text);
  const width = isPadded(fromText) || isPadded(toText) ? Math.max(fromText?.length ?? 0, toText?.length ?? 0) : 0;
  return { from, to, step, count: Math.floor(Math.abs(to - from) / step) + 1, letters, width };
}

function countSequence(items: readonly Item[], open: number, close: number): number {
  return readSequence(items, open, close)?.count ?? 0;
}

function sequenceOf(items: readonly Item[], open: number, close: number, most: number): Item[][] | 'too many' | undefined {
  const first = items[open];
  const last = items[close];
  const sequence = readSequence(items, open, close);
  if (first === undefined || last === undefined || sequence === undefined) return undefined;
  const { from, to, step, count, letters, width } = sequence;
  if (count > most) return 'too many';
  const choices: Item[][] = [];
  for (let index = 0; index < count; index += 1) {
    const value = from <= to ? from + index * step : from - index * step;
    const text = letters ? String.fromCharCode(value) : pad(value, width);
    const part: TextPart = { kind: 'text', start: placeOf(first), end: placeOf(last) + 1, text, quoted: true };
    choices.push([{ part, at: -1, character: '' }]);
  }
  return choices;
}

function pad(value: number, width: number): string {
  return value < 0 ? `-${String(-value).padStart(width - 1, '0')}` : String(value).padStart(width, '0');
}

function placeOf(item: Item): number {
  return item.part.start + Math.max(item.at, 0);
}

function partsOfItems(items: readonly Item[]): WordPart[] {
  const parts: WordPart[] = [];
  for (let index = 0; index < items.length;) {
    const item = items[index];
    if (item === undefined) break;
    if (item.at === -1) {
      parts.push(item.part);
      index += 1;
      continue;
    }
    let end = index + 1;
    for (let next = items[end]; next?.part === item.part && next.at === item.at + (end - index); next = items[end]) end += 1;
    const { part } = item;
    const start = part.start + item.at;
    if (part.kind === 'text')
      parts.push({ kind: 'text', start, end: start + (end - index), text: part.text.slice(item.at, item.at + (end - index)), quoted: false });
    index = end;
  }
  return parts;
}
