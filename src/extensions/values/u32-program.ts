/** The programs of `-m u32`: which 32 bits of a packet to take, what to do to them, and what they may be. */

import type { ValueResult, ValueType } from '../define.js';
import { leadingNumber, shown } from './number.js';

/** `<<` and `>>` by bits; `@` takes 32 bits again, that many bytes behind what was computed. */
export type U32Operator = '&' | '<<' | '>>' | '@';

/** One test: 32 bits at `offset` (bytes from the IP header), changed step by step, are in one of the ranges. */
export interface U32Test {
  readonly offset: number;
  readonly steps: readonly { readonly operator: U32Operator; readonly number: number }[];
  /** Both ends are included; a range may end before it begins. */
  readonly ranges: readonly { readonly from: number; readonly to: number }[];
}

/** All must hold. */
export type U32Program = readonly U32Test[];

/** Tests of a program, numbers of a test, and ranges of a test. (kernel: include/uapi/linux/netfilter/xt_u32.h, XT_U32_MAXSIZE) */
const MOST = 10;

const OPERATORS: readonly U32Operator[] = ['&', '<<', '>>', '@'];

/** Where reading stands in the text, and what iptables says where it cannot go on. */
interface Reader {
  readonly text: string;
  place: number;
}

/** What is wrong, and the words of iptables for it. */
interface Fault {
  readonly message: string;
  readonly says: string;
}

const isFault = (result: object | number): result is Fault => typeof result === 'object' && 'says' in result;

function skipBlanks(reader: Reader): void {
  while (/^[ \t\n\v\f\r]/.test(reader.text.slice(reader.place))) reader.place += 1;
}

function fault(reader: Reader, says: string, message = says): Fault {
  return { message: `${message}, at ${shown(reader.text.slice(reader.place))}`, says: `u32: at char ${String(reader.place)}: ${says}` };
}

function readNumber(reader: Reader): number | Fault {
  const rest = reader.text.slice(reader.place);
  const found = leadingNumber(rest, 0, 0xffffffff);
  if (found === undefined) return fault(reader, 'not a number or out of range', 'a number of 0 to 0xffffffff is missing');
  reader.place += rest.length - found.rest.length;
  return found.value;
}

function readOperator(reader: Reader): U32Operator | Fault {
  const rest = reader.text.slice(reader.place);
  const operator = OPERATORS.find((candidate) => rest.startsWith(candidate));
  if (operator !== undefined) {
    reader.place += operator.length;
    return operator;
  }
  const half = /^[<>]/.exec(rest)?.[0];
  if (half === undefined) return fault(reader, 'operator expected', 'an operator is missing: `&`, `<<`, `>>`, `@` or `=`');
  reader.place += 1;
  return fault(reader, `a second '${half}' was expected`, `\`${half}${half}\` shifts; one \`${half}\` is nothing`);
}

/** The part of a test before its `=`. */
function readLocation(reader: Reader): Omit<U32Test, 'ranges'> | Fault {
  const numbers: { readonly operator: U32Operator; readonly number: number }[] = [];
  for (;;) {
    skipBlanks(reader);
    const rest = reader.text.slice(reader.place);
    if (rest === '') return { message: 'the test has no `=` and no value', says: 'u32: abrupt end of input after location specifier' };
    if (rest.startsWith('=')) {
      const [first, ...steps] = numbers;
      if (first === undefined) return fault(reader, 'location spec missing', 'nothing stands before the `=`');
      reader.place += 1;
      return { offset: first.number, steps };
    }
    // The first number has no operator before it.
    const operator = numbers.length === 0 ? '@' : readOperator(reader);
    if (typeof operator === 'object') return operator;
    const number = readNumber(reader);
    if (isFault(number)) return number;
    numbers.push({ operator, number });
    if (numbers.length > MOST) return fault(reader, 'too many operators', `a test has at most ${String(MOST)} numbers before the \`=\``);
  }
}

/** The part behind the `=`, up to `&&` or the end. */
function readRanges(reader: Reader): U32Test['ranges'] | Fault {
  const ranges: { readonly from: number; readonly to: number }[] = [];
  for (;;) {
    skipBlanks(reader);
    const next = reader.text[reader.place];
    if (next === undefined || next === '&') {
      if (ranges.length > 0) return ranges;
      return { message: 'nothing stands behind the `=`', says: 'u32: test ended with no value specified' };
    }
    if (ranges.length > 0) {
      if (next !== ',') return fault(reader, 'expected "," or "&&"', 'values are separated by `,` and tests by `&&`');
      reader.place += 1;
    }
    const from = readNumber(reader);
    if (isFault(from)) return from;
    skipBlanks(reader);
    let to: number | Fault = from;
    if (reader.text[reader.place] === ':') {
      reader.place += 1;
      to = readNumber(reader);
      if (isFault(to)) return to;
    }
    ranges.push({ from, to });
    if (ranges.length > MOST) return fault(reader, 'too many ","s', `a test has at most ${String(MOST)} values`);
  }
}

/** (iptables: extensions/libxt_u32.c, u32_parse) */
function parse(text: string): U32Program | Fault {
  const reader: Reader = { text, place: 0 };
  const tests: U32Test[] = [];
  for (;;) {
    const location = readLocation(reader);
    if (isFault(location)) return location;
    const ranges = readRanges(reader);
    if (isFault(ranges)) return ranges;
    tests.push({ ...location, ranges });
    if (tests.length > MOST) return fault(reader, 'too many "&&"s', `a program has at most ${String(MOST)} tests`);
    if (reader.place >= text.length) return tests;
    reader.place += 1;
    if (text[reader.place] !== '&') return fault(reader, "a second '&' was expected", 'behind the values only `&&` goes on');
    reader.place += 1;
  }
}

const hexText = (number: number): string => `0x${number.toString(16)}`;

function printTest({ offset, steps, ranges }: U32Test): string {
  const location = steps.map(({ operator, number }) => `${operator}${hexText(number)}`).join('');
  const values = ranges.map(({ from, to }) => (from === to ? hexText(from) : `${hexText(from)}:${hexText(to)}`)).join(',');
  return `${hexText(offset)}${location}=${values}`;
}

/** The value type of `--u32`. */
export const u32Program: ValueType<U32Program> = {
  name: 'u32 program',
  free: true,
  saveQuotes: 'always',
  read: (text): ValueResult<U32Program> => {
    const program = parse(text);
    if (isFault(program)) return { kind: 'refused', by: 'iptables', message: program.message, says: program.says };
    return { kind: 'read', value: program };
  },
  print: (program) => program.map(printTest).join('&&'),
};
