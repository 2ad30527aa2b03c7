/**
 * The language in which clients are described: when each of them tries.
 *
 *     timeline = source { ";" source }
 *     source   = [ name ":" ] train { "," train } [ "holding" duration ]
 *     train    = "every" duration "for" duration [ "from" time ]
 *              | "burst" count "every" duration "for" duration [ "from" time ]
 *              | count "at" time
 *              | time { time }
 *     duration = number [ "ms" | "s" | "m" | "min" | "h" | "d" ]
 *
 * Seconds are meant where no unit is given. A name may be an address, which then is the source's own.
 */

/** A client that tries at certain times. */
export interface PatternSource {
  /** As written; undefined when the source has no name. */
  readonly name: string | undefined;
  /** What it does, as written, without the name. */
  readonly text: string;
  /** Seconds, in ascending order; two tries may be at one time. */
  readonly times: readonly number[];
  /** Seconds its connections stay open; undefined: for good. */
  readonly holds: number | undefined;
}

/** What is wrong with a pattern, and where. */
export interface PatternProblem {
  readonly kind: 'problem';
  /** Offsets in the pattern, the end exclusive. */
  readonly start: number;
  readonly end: number;
  /** One sentence, no final period: what is wrong, and what to write. */
  readonly message: string;
}

export type PatternResult = { readonly kind: 'pattern'; readonly sources: readonly PatternSource[] } | PatternProblem;

/** More tries than this are no picture any more. */
export const MOST_TRIES = 10_000;
/** Seconds: a hundred days. */
const LONGEST = 8_640_000;

const UNITS: ReadonlyMap<string, number> = new Map([
  ['', 1],
  ['ms', 0.001],
  ['s', 1],
  ['sec', 1],
  ['m', 60],
  ['min', 60],
  ['h', 3600],
  ['d', 86_400],
]);

interface Word {
  readonly text: string;
  readonly start: number;
}

/** Reads on from word to word; the first problem ends it. */
interface Reader {
  readonly words: readonly Word[];
  /** Where the part ends, for what is missing there. */
  readonly end: number;
  at: number;
}

const FORMS = '`every 0.5s for 30s`, `burst 10 every 60s for 5m`, `10 at 0s`, or times such as `0 0 1.5`';

/** Reads a pattern. */
export function readPattern(text: string): PatternResult {
  const sources: PatternSource[] = [];
  const names = new Set<string>();
  let total = 0;
  for (const part of partsOf(text, 0, ';')) {
    const source = readSource(text, part);
    if ('kind' in source) return source;
    if (source.name !== undefined && names.has(source.name)) {
      const problem = `two sources are called ${source.name}; give them different names, or put their tries into one with a comma`;
      return problemAt(part.start, part.start + part.text.trimEnd().length, problem);
    }
    if (source.name !== undefined) names.add(source.name);
    total += source.times.length;
    if (total > MOST_TRIES)
      return problemAt(0, text.length, `these are more than ${String(MOST_TRIES)} tries; make the time shorter or the pauses longer`);
    sources.push(source);
  }
  return { kind: 'pattern', sources };
}

function problemAt(start: number, end: number, message: string): PatternProblem {
  return { kind: 'problem', start, end: Math.max(end, start + 1), message };
}

function partsOf(text: string, offset: number, separator: string): readonly Word[] {
  let start = offset;
  return text.split(separator).map((part) => {
    const word = { text: part, start };
    start += part.length + 1;
    return word;
  });
}

function readSource(whole: string, part: Word): PatternSource | PatternProblem {
  const named = /^\s*(\S+):(?=\s|$)/.exec(part.text) ?? /^\s*([A-Za-z][\w-]*):/.exec(part.text);
  const name = named?.[1];
  const from = named?.[0].length ?? 0;
  const body: Word = { text: part.text.slice(from), start: part.start + from };
  const text = body.text.trim();
  if (text === '')
    return problemAt(body.start, body.start + body.text.length, `${name === undefined ? 'a source' : name} does nothing; write ${FORMS}`);
  const holding = /\sholding(?=\s|$)/.exec(` ${body.text}`);
  const trains = holding === null ? body.text : body.text.slice(0, holding.index);
  let holds: number | undefined;
  if (holding !== null) {
    const reader = readerOf({ text: body.text.slice(holding.index), start: body.start + holding.index });
    reader.at += 1;
    const duration = readTime(reader, 'a time such as `5s` behind `holding`');
    if (typeof duration !== 'number') return duration;
    const rest = reader.words[reader.at];
    if (rest !== undefined) return problemAt(rest.start, rest.start + rest.text.length, '`holding` and its time stand at the end of a source');
    holds = duration;
  }
  const times: number[] = [];
  for (const train of partsOf(trains, body.start, ',')) {
    const read = readTrain(train);
    if ('kind' in read) return read;
    if (times.length + read.length > MOST_TRIES)
      return problemAt(
        train.start,
        train.start + train.text.length,
        `these are more than ${String(MOST_TRIES)} tries; make the time shorter or the pauses longer`,
      );
    times.push(...read);
  }
  const late = times.find((time) => time > LONGEST);
  if (late !== undefined) return problemAt(0, whole.length, `it lasts more than ${String(LONGEST / 86_400)} days`);
  return { name, text, times: times.sort((left, right) => left - right), holds };
}

function readerOf({ text, start }: Word): Reader {
  const words = [...text.matchAll(/\S+/g)].map((found) => ({ text: found[0], start: start + found.index }));
  return { words, end: start + text.trimEnd().length, at: 0 };
}

function readTrain(part: Word): readonly number[] | PatternProblem {
  const reader = readerOf(part);
  const [first] = reader.words;
  if (first === undefined) return problemAt(part.start, part.start + part.text.length, `nothing stands between two commas; write ${FORMS}`);
  const times =
    first.text === 'every' || first.text === 'burst' ? readSteady(reader) : reader.words[1]?.text === 'at' ? readBurst(reader) : readTimes(reader);
  if ('kind' in times) return times;
  const rest = reader.words[reader.at];
  return rest === undefined
    ? times
    : problemAt(rest.start, rest.start + rest.text.length, `\`${rest.text}\` is not understood here; a source is ${FORMS}`);
}

/** `every 1s for 30s from 5s`, `burst 10 every 60s for 5m`. */
function readSteady(reader: Reader): readonly number[] | PatternProblem {
  let count = 1;
  if (reader.words[0]?.text === 'burst') {
    reader.at += 1;
    const read = readCount(reader, 'how many tries a burst has, such as `burst 10`');
    if (typeof read !== 'number') return read;
    count = read;
  }
  const start = reader.words[reader.at]?.start ?? reader.end;
  const steps = readAfter(reader, 'every', '`every` and a time, such as `every 60s`');
  if (typeof steps !== 'number') return steps;
  if (steps === 0)
    return problemAt(
      start,
      reader.words[reader.at - 1]?.start ?? reader.end,
      'the time between tries is 0; several tries at once are written `10 at 0s`',
    );
  const length = readAfter(reader, 'for', '`for` and how long it goes on, such as `for 30s`');
  if (typeof length !== 'number') return length;
  let from = 0;
  if (reader.words[reader.at]?.text === 'from') {
    const read = readAfter(reader, 'from', 'a time behind `from`');
    if (typeof read !== 'number') return read;
    from = read;
  }
  const rounds = Math.max(1, Math.ceil(length / steps - 1e-9));
  if (rounds * count > MOST_TRIES)
    return problemAt(
      start,
      reader.end,
      `these are ${String(rounds * count)} tries, more than ${String(MOST_TRIES)}; make the time shorter or the pauses longer`,
    );
  return Array.from({ length: rounds * count }, (_, index) => rounded(from + Math.floor(index / count) * steps));
}

/** `10 at 0s`. */
function readBurst(reader: Reader): readonly number[] | PatternProblem {
  const count = readCount(reader, 'how many tries');
  if (typeof count !== 'number') return count;
  const time = readAfter(reader, 'at', 'a time behind `at`');
  return typeof time === 'number' ? Array.from({ length: count }, () => time) : time;
}

/** `0 0 0 1.5`. */
function readTimes(reader: Reader): readonly number[] | PatternProblem {
  const times: number[] = [];
  while (reader.at < reader.words.length) {
    const time = readTime(reader, FORMS);
    if (typeof time !== 'number') return time;
    times.push(time);
  }
  return times;
}

function readCount(reader: Reader, what: string): number | PatternProblem {
  const word = reader.words[reader.at];
  if (word === undefined) return problemAt(reader.end, reader.end + 1, `here stands ${what}`);
  const count = Number(word.text);
  if (!/^\d+$/.test(word.text) || count < 1 || count > MOST_TRIES)
    return problemAt(word.start, word.start + word.text.length, `\`${word.text}\` is no number of tries of 1 to ${String(MOST_TRIES)}`);
  reader.at += 1;
  return count;
}

function readAfter(reader: Reader, wanted: string, what: string): number | PatternProblem {
  const word = reader.words[reader.at];
  if (word?.text !== wanted)
    return word === undefined
      ? problemAt(reader.end, reader.end + 1, `here is missing ${what}`)
      : problemAt(word.start, word.start + word.text.length, `\`${word.text}\` stands where ${what} is expected`);
  reader.at += 1;
  return readTime(reader, `a time behind \`${wanted}\`, such as \`30s\``);
}

function readTime(reader: Reader, what: string): number | PatternProblem {
  const word = reader.words[reader.at];
  if (word === undefined) return problemAt(reader.end, reader.end + 1, `here is missing ${what}`);
  const found = /^(\d+(?:\.\d*)?|\.\d+)([a-z]*)$/.exec(word.text);
  const next = reader.words[reader.at + 1];
  // `30 s` is one time in two words.
  const apart = found?.[2] === '' && next !== undefined && next.text !== '' && UNITS.has(next.text) ? next.text : undefined;
  const unit = UNITS.get(apart ?? found?.[2] ?? '');
  if (found === null || unit === undefined)
    return problemAt(
      word.start,
      word.start + word.text.length,
      found === null
        ? `\`${word.text}\` is not understood; here stands ${what}`
        : `\`${found[2] ?? ''}\` is no unit of time; units are ms, s, m, h and d`,
    );
  reader.at += apart === undefined ? 1 : 2;
  return rounded(Number(found[1]) * unit);
}

/** To a microsecond, so that 3 × 0.1 is 0.3. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}
