/** What `cut`, `tr` and `sed` make of text that is known: scripts pick addresses and ports apart with them. (POSIX utilities cut, tr, sed) */

import type { Word } from '../text/word.js';
import { addFragments, computedValue, sliceValue, valueText, type Fragment, type Value } from './value.js';

/** The output of a filter for known text; undefined where an option, a pattern or a character is not understood. */
export function filtered(name: string, words: readonly Word[], input: Value): Value | undefined {
  const texts = words.map(({ text }) => text);
  if (name === 'cut') return cut(texts, input);
  if (name === 'tr') return translateCharacters(texts, input);
  return name === 'sed' ? substitute(texts, words, input) : undefined;
}

/** The lines of a text, without their ends. */
function linesOf(text: string): readonly { readonly from: number; readonly to: number }[] {
  const lines: { from: number; to: number }[] = [];
  for (let from = 0; from < text.length;) {
    const end = text.indexOf('\n', from);
    const to = end === -1 ? text.length : end;
    lines.push({ from, to });
    from = to + 1;
  }
  return lines;
}

/** `cut -d X -f LIST`. */
function cut(words: readonly string[], input: Value): Value | undefined {
  let delimiter = '\t';
  let list: string | undefined;
  let onlyDelimited = false;
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    const argument = (): string => {
      if (word.length > 2) return word.slice(2);
      index += 1;
      return words[index] ?? '';
    };
    if (word.startsWith('-d')) delimiter = argument();
    else if (word.startsWith('-f')) list = argument();
    else if (word === '-s') onlyDelimited = true;
    else return undefined;
  }
  if (delimiter.length !== 1 || list === undefined || !/^(?:\d+(?:-\d*)?|-\d+)(?:,(?:\d+(?:-\d*)?|-\d+))*$/.test(list)) return undefined;
  const ranges = list.split(',').map((item): readonly [number, number] => {
    const [first = '', last] = item.split('-');
    return [first === '' ? 1 : Number(first), last === undefined ? Number(first) : last === '' ? Infinity : Number(last)];
  });
  const text = valueText(input);
  const result: Fragment[] = [];
  for (const { from, to } of linesOf(text)) {
    const places: { readonly from: number; readonly to: number }[] = [];
    for (let start = from; start <= to;) {
      const found = text.indexOf(delimiter, start);
      const end = found === -1 || found >= to ? to : found;
      places.push({ from: start, to: end });
      start = end + 1;
    }
    if (places.length < 2 && onlyDelimited) continue;
    const chosen = places.length < 2 ? places : places.filter((_, index) => ranges.some(([first, last]) => index + 1 >= first && index + 1 <= last));
    chosen.forEach((place, index) => {
      if (index > 0) addFragments(result, sameAs(input, place.from, delimiter));
      addFragments(result, sliceValue(input, place.from, place.to));
    });
    addFragments(result, sameAs(input, from, '\n'));
  }
  return result;
}

/** Text that was made of what stands at an offset of a value. */
function sameAs(value: Value, offset: number, text: string): Value {
  const [at] = sliceValue(value, Math.max(offset - 1, 0), offset + 1);
  return at === undefined ? [] : computedValue(text, at.span);
}

const CLASSES: ReadonlyMap<string, string> = new Map([
  ['[:space:]', ' \t\n\v\f\r'],
  ['[:blank:]', ' \t'],
  ['[:digit:]', '0123456789'],
  ['[:upper:]', 'ABCDEFGHIJKLMNOPQRSTUVWXYZ'],
  ['[:lower:]', 'abcdefghijklmnopqrstuvwxyz'],
]);

const ESCAPES: ReadonlyMap<string, string> = new Map([
  ['\\n', '\n'],
  ['\\t', '\t'],
  ['\\r', '\r'],
  ['\\\\', '\\'],
]);

/** The characters a set of `tr` stands for; undefined when it is none of the plain ones. */
function charactersOf(set: string): string | undefined {
  let characters = '';
  for (const [item] of set.matchAll(/\[:[a-z]+:\]|\\.?|.-.|[^]/g)) {
    const known = CLASSES.get(item) ?? ESCAPES.get(item);
    if (known !== undefined) characters += known;
    else if (item.length === 3) {
      const [first, last] = [item.charCodeAt(0), item.charCodeAt(2)];
      if (last < first || last > 126) return undefined;
      for (let code = first; code <= last; code += 1) characters += String.fromCharCode(code);
    } else if (item.length === 1 && /[ -Z^-~\n\t]/.test(item)) characters += item;
    else return undefined;
  }
  return characters;
}

/** `tr A B`, `tr -d A`, `tr -s A [B]`. */
function translateCharacters(words: readonly string[], input: Value): Value | undefined {
  const [first = ''] = words;
  const option = /^-[ds]$/.test(first) ? first : '';
  const sets = words.slice(option === '' ? 0 : 1);
  const [from, to] = sets.map(charactersOf);
  const count = option === '-d' ? 1 : option === '-s' ? sets.length : 2;
  if (sets.length !== count || count > 2 || from === undefined || (count === 2 && (to === undefined || to === ''))) return undefined;
  const squeezed = option === '-s' ? (to ?? from) : '';
  let before = '';
  return input.flatMap((fragment): Value => {
    let text = '';
    for (const character of fragment.text) {
      const index = from.lastIndexOf(character);
      if (index !== -1 && option === '-d') continue;
      const made = index === -1 || to === undefined ? character : to.charAt(Math.min(index, to.length - 1));
      if (made === before && squeezed.includes(made)) continue;
      text += made;
      before = made;
    }
    if (text === fragment.text) return [fragment];
    return text === '' ? [] : [{ ...fragment, text, literal: false }];
  });
}

/** `sed s/TEXT/TEXT/` and `sed s/TEXT/TEXT/g`, without patterns. */
function substitute(words: readonly string[], given: readonly Word[], input: Value): Value | undefined {
  const script = words.length === 2 && words[0] === '-e' ? words[1] : words.length === 1 ? words[0] : undefined;
  const delimiter = script?.charAt(1) ?? '';
  if (script?.startsWith('s') !== true || !/[/|,#:;@!%]/.test(delimiter)) return undefined;
  const [, search = '', replacement = '', flags, ...more] = script.split(delimiter);
  if (flags === undefined || more.length > 0 || !/^g?$/.test(flags) || !/^(?:[^\\.*^$[\]]|\\\.)+$/.test(search) || /[&\\]/.test(replacement))
    return undefined;
  const wanted = search.replaceAll('\\.', '.');
  const text = valueText(input);
  const at = given[given.length - 1]?.span;
  const result: Fragment[] = [];
  let done = 0;
  for (const { to } of linesOf(text)) {
    for (let found = text.indexOf(wanted, done); found !== -1 && found + wanted.length <= to; found = text.indexOf(wanted, done)) {
      addFragments(result, sliceValue(input, done, found));
      if (at !== undefined) addFragments(result, computedValue(replacement, at));
      done = found + wanted.length;
      if (flags === '') break;
    }
    addFragments(result, sliceValue(input, done, to + 1));
    done = to + 1;
  }
  return result;
}
