/** What commands write to standard output, for those whose output follows from their words. */

import { readEscape } from '../../grammar/shell/words.js';
import { isUnknown, type Word } from '../text/word.js';
import { filtered } from './filters.js';
import { meetLimit, takeSteps, type InputStream, type Shell } from './state.js';
import { addFragments, computedValue, isKnown, knownText, sliceValue, valueOfWord, valueText, type Fragment, type Value } from './value.js';

/** Most numbers `seq` may count. */
const LONGEST_SEQUENCE = 100_000;

/** What a command writes; undefined when that is not known. */
export function outputOf(shell: Shell, words: readonly Word[], input: InputStream | undefined): Value | undefined {
  const [command, ...rest] = words;
  if (command === undefined || isUnknown(command)) return undefined;
  const name = command.text.slice(command.text.lastIndexOf('/') + 1);
  switch (name) {
    case 'echo':
      return echo(shell, rest);
    case 'printf':
      return printf(rest);
    case 'cat': {
      const files = rest.map((word) => (isUnknown(word) ? undefined : shell.written.get(word.text)));
      if (shell.capture !== undefined && (input?.given.uncertain === true || files.some((file) => file?.uncertain === true)))
        shell.capture.uncertain = true;
      if (files.length > 0) return files.every((file) => file?.unknown === false) ? files.flatMap((file) => file?.fragments ?? []) : undefined;
      return input === undefined ? undefined : valueOfWord(input.given);
    }
    case 'cut':
    case 'tr':
    case 'sed': {
      if (input === undefined || input.position > 0 || rest.some(isUnknown)) return undefined;
      const value = valueOfWord(input.given);
      if (!isKnown(value) || !takeSteps(shell, input.given.text.length >> 4)) return undefined;
      if (shell.capture !== undefined && input.given.uncertain === true) shell.capture.uncertain = true;
      return filtered(name, rest, value);
    }
    case 'seq':
      return sequence(shell, rest, command);
    case 'which':
    case 'type':
    case 'whereis':
    case 'command':
      return whereIs(name, rest, command);
    case 'basename':
    case 'dirname':
      return partOfPath(name, rest, command);
    case 'expr':
      return expr(rest, command);
    default:
      return undefined;
  }
}

function lineEnd(command: Word): Fragment {
  return { text: '\n', span: command.span, literal: false, via: [] };
}

/** Puts words together with blanks between them. */
export function joinWords(words: readonly Word[]): Value {
  return words.flatMap((word, index) => [...(index === 0 ? [] : computedValue(' ', word.span)), ...valueOfWord(word)]);
}

function echo(shell: Shell, words: readonly Word[]): Value {
  let first = 0;
  let ends = true;
  // dash's echo always reads backslashes. (dash(1), echo)
  let escapes = shell.dash;
  for (; first < words.length; first += 1) {
    const text = words[first]?.text ?? '';
    if (!(shell.dash ? /^-n$/ : /^-[neE]+$/).test(text)) break;
    if (text.includes('n')) ends = false;
    if (text.includes('e')) escapes = true;
    if (text.includes('E')) escapes = false;
  }
  const rest = words.slice(first);
  let value = joinWords(rest);
  if (escapes) {
    const unescaped = withEscapes(value, true);
    value = unescaped.value;
    if (unescaped.stopped) return value;
  }
  const last = words[words.length - 1];
  const at = last ?? { text: '', span: shell.script.origin.span(0, 0), pieces: [] };
  return ends ? [...value, lineEnd(at)] : value;
}

/** Replaces the backslash sequences of known text. `zero`: octal numbers begin with a 0. */
function withEscapes(value: Value, zero: boolean): { readonly value: Value; readonly stopped: boolean } {
  const result: Fragment[] = [];
  for (const fragment of value) {
    const { text } = fragment;
    if (fragment.unknown !== undefined || !text.includes('\\')) {
      result.push(fragment);
      continue;
    }
    let from = 0;
    for (let at = text.indexOf('\\'); at !== -1; at = text.indexOf('\\', at)) {
      if (text.charAt(at + 1) === 'c') {
        addFragments(result, sliceValue([fragment], from, at));
        return { value: result, stopped: true };
      }
      const octal = zero && text.charAt(at + 1) === '0' ? /^[0-7]{0,3}/.exec(text.slice(at + 2))?.[0] : undefined;
      const escape =
        octal !== undefined
          ? { text: String.fromCharCode(Number.parseInt(octal === '' ? '0' : octal, 8) & 255), length: 2 + octal.length }
          : readEscape(text, at);
      if (escape === undefined || (zero && octal === undefined && /[1-7"'?]/.test(text.charAt(at + 1)))) {
        at += 2;
        continue;
      }
      // The shell drops NULs from what it reads.
      const written = escape.text === '\0' ? '' : escape.text;
      addFragments(result, sliceValue([fragment], from, at));
      result.push({ ...fragment, text: written, literal: false });
      at += escape.length;
      from = at;
    }
    addFragments(result, sliceValue([fragment], from, text.length));
  }
  return { value: result, stopped: false };
}

const CONVERSION = /%(%|([-+ #0]*)(\*|\d*)(?:\.(\*|\d*))?([diouxXscbq]))/g;

/** What `printf` writes. */
export function printf(words: readonly Word[]): Value | undefined {
  const [format, ...given] = words[0]?.text === '--' ? words.slice(1) : words;
  if (format === undefined || isUnknown(format)) return undefined;
  const { value: template, stopped } = withEscapes(valueOfWord(format), false);
  if (stopped) return template;
  const text = valueText(template);
  const result: Fragment[] = [];
  let used = 0;
  const count = [...text.matchAll(CONVERSION)].filter((match) => match[1] !== '%').length;
  const rounds = count === 0 ? 1 : Math.max(Math.ceil(given.length / count), 1);
  for (let round = 0; round < rounds; round += 1) {
    let from = 0;
    for (const match of text.matchAll(CONVERSION)) {
      addFragments(result, sliceValue(template, from, match.index));
      from = match.index + match[0].length;
      if (match[1] === '%') {
        addFragments(result, computedValue('%', format.span));
        continue;
      }
      const word = given[used];
      used += 1;
      const converted = convert(match, word, format);
      if (converted === undefined) return undefined;
      addFragments(result, converted);
    }
    const rest = text.slice(from);
    if (/%/.test(rest.replace(/%%/g, ''))) return undefined;
    addFragments(result, sliceValue(template, from, text.length));
  }
  return result;
}

function convert(match: RegExpExecArray, word: Word | undefined, format: Word): Value | undefined {
  const [, , flags = '', width = '', precision, conversion = ''] = match;
  const value = word === undefined ? [] : valueOfWord(word);
  if (width === '*' || precision === '*') return undefined;
  if (conversion === 's' && width === '' && precision === undefined) return value;
  const text = knownText(value);
  if (text === undefined) return undefined;
  let formatted: string;
  if (conversion === 's') formatted = precision === undefined ? text : text.slice(0, Number(precision));
  else if (conversion === 'c') formatted = text.charAt(0);
  else if ('diuxXo'.includes(conversion)) {
    if (!/^-?\d*$/.test(text) || /^-?0\d/.test(text) || precision !== undefined || /[+ #]/.test(flags)) return undefined;
    const number = BigInt(text === '' || text === '-' ? '0' : text);
    const unsigned = BigInt.asUintN(64, number);
    if (conversion === 'x') formatted = unsigned.toString(16);
    else if (conversion === 'X') formatted = unsigned.toString(16).toUpperCase();
    else if (conversion === 'o') formatted = unsigned.toString(8);
    else formatted = String(conversion === 'u' ? unsigned : number);
  } else return undefined;
  const length = Number(width === '' ? '0' : width);
  if (length > 10_000) return undefined;
  if (flags.includes('-')) formatted = formatted.padEnd(length);
  else if (flags.includes('0') && conversion !== 's')
    formatted = formatted.startsWith('-') ? `-${formatted.slice(1).padStart(length - 1, '0')}` : formatted.padStart(length, '0');
  else formatted = formatted.padStart(length);
  return formatted === text && value.length > 0 ? value : computedValue(formatted, word?.span ?? format.span);
}

function sequence(shell: Shell, words: readonly Word[], command: Word): Value | undefined {
  let separator = '\n';
  const numbers: number[] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index];
    if (word === undefined || isUnknown(word)) return undefined;
    if (word.text === '-s' && words[index + 1] !== undefined) {
      separator = words[index + 1]?.text ?? '';
      index += 1;
    } else if (/^-?\d{1,15}$/.test(word.text)) numbers.push(Number(word.text));
    else return undefined;
  }
  const [first = 1, second, third] = numbers;
  if (numbers.length === 0 || numbers.length > 3) return undefined;
  const from = numbers.length === 1 ? 1 : first;
  const step = numbers.length === 3 ? (second ?? 1) : 1;
  const to = numbers.length === 1 ? first : numbers.length === 2 ? (second ?? 1) : (third ?? 1);
  if (step === 0) return undefined;
  const count = Math.floor((to - from) / step) + 1;
  if (count <= 0) return [];
  if (count > LONGEST_SEQUENCE) {
    meetLimit(shell, command.span, 'this `seq` counts further than fwlint reads');
    return undefined;
  }
  const texts = Array.from({ length: count }, (_, index) => String(from + index * step));
  return computedValue(`${texts.join(separator)}\n`, command.span);
}

/** `which x`, `command -v x`: the path is not known, but it leads to `x`. */
function whereIs(name: string, words: readonly Word[], command: Word): Value | undefined {
  if (name === 'whereis') return undefined;
  const options = words.filter((word) => word.text.startsWith('-'));
  const names = words.filter((word) => !word.text.startsWith('-'));
  const [only] = names;
  if (only === undefined || names.length !== 1 || isUnknown(only)) return undefined;
  if (name === 'command' && !options.some((word) => word.text === '-v')) return undefined;
  if (name === 'type' && !options.some((word) => /^-[pP]$/.test(word.text))) return undefined;
  return [...valueOfWord(only), lineEnd(command)];
}

function partOfPath(name: string, words: readonly Word[], command: Word): Value | undefined {
  const [path, suffix] = words;
  if (path === undefined || isUnknown(path) || path.text.startsWith('-') || (suffix !== undefined && (name === 'dirname' || isUnknown(suffix))))
    return undefined;
  const value = valueOfWord(path);
  const text = path.text.replace(/(.)\/+$/, '$1');
  const slash = text.lastIndexOf('/');
  if (name === 'dirname') {
    if (slash === -1) return computedValue('.\n', command.span);
    return [...sliceValue(value, 0, Math.max(slash, 1)), lineEnd(command)];
  }
  let end = text.length;
  if (suffix !== undefined && suffix.text !== text.slice(slash + 1) && text.endsWith(suffix.text)) end -= suffix.text.length;
  return [...sliceValue(value, slash + 1, end), lineEnd(command)];
}

function expr(words: readonly Word[], command: Word): Value | undefined {
  const [left, operator, right] = words.map((word) => (isKnown(valueOfWord(word)) ? word.text : undefined));
  if (words.length !== 3 || left === undefined || operator === undefined || right === undefined) return undefined;
  if (!/^-?\d{1,18}$/.test(left) || !/^-?\d{1,18}$/.test(right)) return undefined;
  const [a, b] = [BigInt(left), BigInt(right)];
  let result: bigint | undefined;
  if (operator === '+') result = a + b;
  else if (operator === '-') result = a - b;
  else if (operator === '*') result = a * b;
  else if (operator === '/' && b !== 0n) result = a / b;
  else if (operator === '%' && b !== 0n) result = a % b;
  return result === undefined ? undefined : computedValue(`${String(result)}\n`, command.span);
}
