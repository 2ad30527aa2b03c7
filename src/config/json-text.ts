/** Reads JSON that people write by hand: says in words, and with the place, what is wrong with it, and remembers where each key stands. */

export type JsonResult =
  | { readonly kind: 'value'; readonly value: unknown; readonly places: JsonPlaces }
  /** `offset`: where in the text the mistake is. `message`: a clause, "a comma is missing". */
  | { readonly kind: 'mistake'; readonly offset: number; readonly message: string };

/** Offsets of keys and of entries of lists, by their paths, `overrides.0.files`. */
export type JsonPlaces = ReadonlyMap<string, number>;

/** Deeper than any configuration; what is deeper was not meant to be one. */
const MOST_DEPTH = 50;

interface Reader {
  readonly text: string;
  at: number;
  readonly places: Map<string, number>;
  mistake: { readonly offset: number; readonly message: string } | undefined;
}

/** What was read, or null once the reader has a mistake. */
type Read = { readonly value: unknown } | null;

/** Reads a whole text. Total: whatever the text is, the result is a value or a mistake. (RFC 8259) */
export function readJson(text: string): JsonResult {
  const reader: Reader = { text, at: text.startsWith('\ufeff') ? 1 : 0, places: new Map(), mistake: undefined };
  const read = readValue(reader, '', 0);
  skipBlanks(reader);
  if (read !== null && reader.at < text.length) fail(reader, reader.at, `nothing may stand behind the end, but there is ${shown(reader)}`);
  if (read === null || reader.mistake !== undefined) return { kind: 'mistake', offset: 0, message: 'there is nothing in it', ...reader.mistake };
  return { kind: 'value', value: read.value, places: reader.places };
}

/** `line 3, column 5` of an offset. */
export function placeInText(text: string, offset: number): string {
  const before = text.slice(0, offset).split('\n');
  return `line ${String(before.length)}, column ${String((before.at(-1) ?? '').length + 1)}`;
}

/** Remembers the first mistake. Null is what a reading function then gives back. */
function fail(reader: Reader, offset: number, message: string): null {
  reader.mistake ??= { offset, message };
  return null;
}

function readValue(reader: Reader, path: string, depth: number): Read {
  skipBlanks(reader);
  const { text, at } = reader;
  if (depth > MOST_DEPTH) return fail(reader, at, 'this is nested too deeply');
  switch (text.charAt(at)) {
    case '{':
      return readObject(reader, path, depth);
    case '[':
      return readList(reader, path, depth);
    case '"': {
      const value = readString(reader);
      return value === null ? null : { value };
    }
  }
  const word = matchHere(reader, /[-+.\w]*/y);
  if (word === 'true' || word === 'false') return { value: word === 'true' };
  if (word === 'null') return { value: null };
  if (/^-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?$/.test(word)) return { value: Number(word) };
  reader.at = at;
  return fail(
    reader,
    at,
    word === '' ? `a value must stand here, but there is ${shown(reader)}` : `\`${word}\` is no value; texts need double quotes`,
  );
}

function readObject(reader: Reader, path: string, depth: number): Read {
  // An own property, whatever its name: `__proto__` is a name somebody can type.
  const entries = new Map<string, unknown>();
  const done = readItems(reader, '}', (first) => {
    const { at } = reader;
    const next = reader.text.charAt(at);
    if (next !== '"') {
      fail(reader, at, first || next !== '}' ? `a key in double quotes must stand here, but there is ${shown(reader)}` : TRAILING);
      return;
    }
    const key = readString(reader);
    if (key === null) return;
    if (entries.has(key)) {
      fail(reader, at, `the key "${key}" stands here twice`);
      return;
    }
    const below = path === '' ? key : `${path}.${key}`;
    reader.places.set(below, at);
    skipBlanks(reader);
    if (reader.text.charAt(reader.at) !== ':') {
      fail(reader, reader.at, `a colon is missing behind "${key}"`);
      return;
    }
    reader.at += 1;
    entries.set(key, readValue(reader, below, depth + 1)?.value);
  });
  return done ? { value: Object.fromEntries(entries) } : null;
}

function readList(reader: Reader, path: string, depth: number): Read {
  const entries: unknown[] = [];
  const done = readItems(reader, ']', (first) => {
    if (!first && reader.text.charAt(reader.at) === ']') {
      fail(reader, reader.at, TRAILING);
      return;
    }
    const below = path === '' ? String(entries.length) : `${path}.${String(entries.length)}`;
    reader.places.set(below, reader.at);
    entries.push(readValue(reader, below, depth + 1)?.value);
  });
  return done ? { value: entries } : null;
}

const TRAILING = 'no comma may stand before the end of a list or object';

/** What stands between two brackets, with commas between; the reader stands at the first bracket. False after a mistake. */
function readItems(reader: Reader, end: '}' | ']', readItem: (first: boolean) => void): boolean {
  const { text, at: start } = reader;
  const unended = `this \`${text.charAt(start)}\` has no \`${end}\``;
  reader.at += 1;
  skipBlanks(reader);
  if (text.charAt(reader.at) === end) {
    reader.at += 1;
    return true;
  }
  for (let first = true; !isWrong(reader); first = false) {
    if (reader.at >= text.length) fail(reader, start, unended);
    else readItem(first);
    skipBlanks(reader);
    const next = text.charAt(reader.at);
    if (next === end && !isWrong(reader)) {
      reader.at += 1;
      return true;
    }
    if (next === '') fail(reader, start, unended);
    else if (next !== ',') fail(reader, reader.at, `a comma is missing before ${shown(reader)}`);
    reader.at += 1;
    skipBlanks(reader);
  }
  return false;
}

function readString(reader: Reader): string | null {
  const { at } = reader;
  const found = matchHere(reader, /"(?:[^"\\\n]|\\.)*"/y);
  if (found === '') return fail(reader, at, 'this text has no `"` at its end');
  try {
    return JSON.parse(found) as string;
  } catch {
    const escape = /\\(?!["\\/bfnrt]|u[0-9a-fA-F]{4})./.exec(found.replace(/\\\\/g, '""'));
    if (escape === null) return fail(reader, at, 'a control character stands in this text');
    return fail(reader, at + escape.index, `\`${escape[0]}\` means nothing; a backslash is written \`\\\\\``);
  }
}

/** Whether there is a mistake by now. */
function isWrong(reader: Reader): boolean {
  return reader.mistake !== undefined;
}

/** Takes what a sticky pattern finds at the reader, and goes behind it. */
function matchHere(reader: Reader, pattern: RegExp): string {
  pattern.lastIndex = reader.at;
  const [found = ''] = pattern.exec(reader.text) ?? [];
  reader.at += found.length;
  return found;
}

/** Comments are no JSON, but what somebody would try: they get words of their own. */
function skipBlanks(reader: Reader): void {
  matchHere(reader, /[ \t\r\n]*/y);
  if (/^(?:\/[/*]|#)/.test(reader.text.slice(reader.at, reader.at + 2))) fail(reader, reader.at, 'there are no comments in JSON');
}

/** What stands at the reader, in words. */
function shown({ text, at }: Reader): string {
  const character = String.fromCodePoint(text.codePointAt(at) ?? 0x20);
  return at >= text.length ? 'the end' : `\`${character}\``;
}
