/**
 * The limit that people wrote beside the rules: "at most 25 in 5 seconds", "the fourth is dropped". Comments, names and prose are read
 * for numbers only; a sentence that is not understood says nothing.
 */

import type { Command } from '../iptables/command.js';
import { oncePer } from '../text/once-per.js';
import { lineIndexAt, lineText, spanOf, type Source, type Span } from '../text/source.js';
import { wordAt } from '../text/word.js';
import type { Input } from './input.js';

/** A number of tries that a text says get through. */
export interface StatedLimit {
  readonly lets: number;
  readonly span: Span;
}

/** Lines of prose above a rule that may speak of it. */
const PROSE_LINES = 8;
/** Lines below a command on a page, and lines of prose among them, that may speak of it. */
const LINES_BELOW = 6;
const PROSE_BELOW = 2;
/** Lines above a command of a script that are looked at for comments. */
const LINES_ABOVE = 40;
/** Sentences longer than this are none. */
const SENTENCE = 1000;

/** The texts that may speak of these commands' limit: comments at them and above them, or the prose before them. */
function textsAbout(input: Input, commands: readonly Command[]): readonly Span[] {
  const texts = new Map<number, Span>();
  for (const command of commands) {
    for (const span of linesAbout(input, command.at)) texts.set(span.start, span);
    // A number that comes out of a variable is explained where that is set.
    const { words } = command;
    if (words.kind !== 'words') continue;
    for (const word of words.words)
      for (const piece of word.pieces)
        for (const step of piece.via)
          if (step.kind === 'variable' && step.assignedAt.source === input.source)
            for (const span of linesAbout(input, step.assignedAt)) texts.set(span.start, span);
  }
  return [...texts.values()].sort((a, b) => a.start - b.start);
}

function linesAbout(input: Input, at: Span): readonly Span[] {
  const { source } = at;
  if (source !== input.source) return [];
  const found: Span[] = [];
  const last = lineText(source, lineIndexAt(source, at.end));
  const comment = /(?:^|\s)#/.exec(last.slice(Math.max(0, at.end - (source.lineStarts[lineIndexAt(source, at.end)] ?? 0))));
  if (comment !== null) {
    const end = (source.lineStarts[lineIndexAt(source, at.end)] ?? 0) + last.length;
    found.push(spanOf(source, at.end + comment.index, end));
  }
  const first = lineIndexAt(source, at.start);
  if (input.kind === 'text') found.push(...proseBelow(input, lineIndexAt(source, at.end)));
  let prose = 0;
  for (let index = first - 1; index >= Math.max(0, first - LINES_ABOVE); index -= 1) {
    const text = lineText(source, index);
    const start = source.lineStarts[index] ?? 0;
    if (/^\s*#/.test(text)) {
      if (!text.startsWith('#!')) found.push(spanOf(source, start, start + text.length));
      continue;
    }
    if (input.kind === 'text') {
      if (text.trim() === '') continue;
      prose += 1;
      if (prose > PROSE_LINES) break;
      if (!commandLines(input).has(index)) found.push(spanOf(source, start, start + text.length));
      continue;
    }
    // Within a paragraph, comments above the commands before this one belong to all of them.
    if (text.trim() === '') break;
  }
  return found;
}

/** The first sentence or two below a command, when no other command stands between: "this lets three connections through …". */
function proseBelow(input: Input, last: number): readonly Span[] {
  const { source } = input;
  const found: Span[] = [];
  for (let index = last + 1; index <= last + LINES_BELOW && index < source.lineStarts.length; index += 1) {
    if (commandLines(input).has(index)) break;
    const text = lineText(source, index);
    if (text.trim() === '' || /^\s*#/.test(text)) continue;
    const start = source.lineStarts[index] ?? 0;
    found.push(spanOf(source, start, start + text.length));
    if (found.length === PROSE_BELOW) break;
  }
  return found;
}

/** The lines (from 0) that commands stand on. */
const commandLines = oncePer((input: Input): ReadonlySet<number> => {
  const made = new Set<number>();
  for (const { at } of input.commands)
    for (let line = lineIndexAt(at.source, at.start); line <= lineIndexAt(at.source, Math.max(at.start, at.end - 1)); line += 1) made.add(line);
  return made;
});

const NUMBER_WORDS: ReadonlyMap<string, number> = new Map(
  'one two three four five six seven eight nine ten eleven twelve'.split(' ').map((word, index) => [word, index + 1]),
);
const ORDINAL_WORDS: ReadonlyMap<string, number> = new Map(
  'first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth'.split(' ').map((word, index) => [word, index + 1]),
);
const UNITS: Readonly<Record<string, number>> = { s: 1, sec: 1, second: 1, m: 60, min: 60, minute: 60, h: 3600, hour: 3600, d: 86_400, day: 86_400 };

const COUNT = `(\\d{1,5}|${[...NUMBER_WORDS.keys()].join('|')})`;
const THINGS =
  '(?:(?:new|tcp|ssh|http|web|incoming|inbound|concurrent|parallel|login|failed|further|echo|icmp|syn)\\s+)*(?:connection|connect|attempt|tr(?:y|ie)|request|hit|ping|packet|login|time|syn|session)[a-z]*';

const ORDINAL = `(\\d+(?=st\\b|nd\\b|rd\\b|th\\b)|${[...ORDINAL_WORDS.keys()].join('|')})(?:st|nd|rd|th)?`;
const STOPS = '(?:drop|block|reject|refus|den[yi]|ban|stop)';

/** Sentences that give a number, and how many get through by them. */
const PATTERNS: readonly { readonly pattern: RegExp; readonly lets: (count: number) => number }[] = [
  { pattern: new RegExp(`\\b(?:more|greater)\\s+(?:than|then)\\s+${COUNT}\\b`, 'gi'), lets: (count) => count },
  { pattern: new RegExp(`\\b(?:exceeds?|exceeding|over|above|beyond|after)\\s+${COUNT}\\s+${THINGS}`, 'gi'), lets: (count) => count },
  {
    pattern: new RegExp(
      `\\b(?:at\\s+most|up\\s+to|only|just|limit(?:ed)?\\s+to|max(?:imum)?\\.?(?:\\s+(?:of|is))?|allow(?:s|ed)?|lets?)\\s*:?\\s*${COUNT}\\b`,
      'gi',
    ),
    lets: (count) => count,
  },
  { pattern: new RegExp(`\\b${COUNT}\\s+${THINGS}\\s+(?:in|per|within|every|each|an?|during)\\b`, 'gi'), lets: (count) => count },
  {
    pattern: new RegExp(
      `\\b${COUNT}\\s*(?:/|per|an?|in|in\\s+an?|within|every)\\s*(?:any\\s+|one\\s+)?(?:\\d+\\s*)?(?:s|sec|second|min|minute|hour|day)s?\\b`,
      'gi',
    ),
    lets: (count) => count,
  },
  { pattern: new RegExp(`\\b(?:less|fewer)\\s+than\\s+${COUNT}\\b`, 'gi'), lets: (count) => count - 1 },
  { pattern: new RegExp(`\\b${COUNT}\\s+or\\s+more\\b`, 'gi'), lets: (count) => count - 1 },
  { pattern: new RegExp(`\\bat\\s+least\\s+${COUNT}\\b`, 'gi'), lets: (count) => count - 1 },
  { pattern: new RegExp(`\\b${ORDINAL}\\b(?=[^.;]*\\b${STOPS})`, 'gi'), lets: (count) => count - 1 },
  { pattern: new RegExp(`\\b${STOPS}[a-z]*\\s+(?:the\\s+|every\\s+|from\\s+the\\s+)?${ORDINAL}\\b`, 'gi'), lets: (count) => count - 1 },
];

/** What an option or the rule's numbers may be mistaken for. */
const NO_COUNT_BEFORE = /(?:\b(?:ports?|rfc|line|rule|chain|version|kernel|https?|ipv)\s*|[:.#-])$/i;
const NO_COUNT_AFTER = /^\s*(?:s|sec|secs|seconds?|min|mins|minutes?|hours?|days?|ms|bytes?|kb|mb|%)\b/i;

/** Durations a text speaks of, in seconds. */
function durationsIn(text: string): readonly number[] {
  const found: number[] = [];
  const pattern = /(?:(\d+|one|two|five|ten|an?|per|each|every|last|past|any|\/)[\s-]*)(s|sec|second|min|minute|h|hour|d|day)s?\b/gi;
  for (const match of text.matchAll(pattern)) {
    const unit = UNITS[(match[2] ?? '').toLowerCase()] ?? 1;
    const word = (match[1] ?? '').toLowerCase();
    found.push(unit * (/^\d+$/.test(word) ? Number(word) : (NUMBER_WORDS.get(word) ?? 1)));
  }
  return found;
}

/**
 * The limits that the text around some commands states for a window of `seconds`. Texts that speak of other times only are about
 * something else; in prose, only sentences that name the window count.
 */
export function statedLimits(input: Input, commands: readonly Command[], seconds: number | undefined): readonly StatedLimit[] {
  const found: StatedLimit[] = [];
  for (const span of textsAbout(input, commands)) found.push(...limitsIn(span, seconds, input.kind === 'text' && !isComment(span)));
  for (const command of commands) found.push(...commentLimits(command, seconds));
  return found;
}

function isComment({ source, start, end }: Span): boolean {
  return /^\s*#/.test(source.text.slice(start, end));
}

/** The text of `-m comment`. */
function commentLimits(command: Command, seconds: number | undefined): readonly StatedLimit[] {
  if (!('rule' in command)) return [];
  const found: StatedLimit[] = [];
  for (const use of command.rule.matches) {
    const given = use.extension.name === 'comment' ? use.given['comment'] : undefined;
    const word = given === undefined ? undefined : wordAt(command.words, given.argument);
    if (word !== undefined) found.push(...limitsIn(word.span, seconds, false));
  }
  return found;
}

function limitsIn({ source, start, end }: Span, seconds: number | undefined, windowNeeded: boolean): readonly StatedLimit[] {
  const found: StatedLimit[] = [];
  for (const sentence of sentencesOf(source, start, end)) {
    const text = source.text.slice(sentence.start, sentence.end);
    if (text.length > SENTENCE) continue;
    const durations = durationsIn(text);
    if (seconds !== undefined && durations.length > 0 ? !durations.includes(seconds) : windowNeeded) continue;
    for (const { pattern, lets } of PATTERNS)
      for (const match of text.matchAll(pattern)) {
        const word = match[1] ?? '';
        const at = match.index + match[0].lastIndexOf(word);
        if (NO_COUNT_BEFORE.test(text.slice(0, at)) || NO_COUNT_AFTER.test(text.slice(at + word.length))) continue;
        const count = /^\d+$/.test(word) ? Number(word) : (NUMBER_WORDS.get(word.toLowerCase()) ?? ORDINAL_WORDS.get(word.toLowerCase()));
        if (count !== undefined) found.push({ lets: lets(count), span: spanOf(source, sentence.start + at, sentence.start + at + word.length) });
      }
  }
  return found;
}

function sentencesOf(source: Source, start: number, end: number): readonly { readonly start: number; readonly end: number }[] {
  const found: { start: number; end: number }[] = [];
  let from = start;
  for (const match of source.text.slice(start, end).matchAll(/[.;!?](?=\s|$)/g)) {
    const to = start + match.index + 1;
    found.push({ start: from, end: to });
    from = to;
  }
  if (from < end) found.push({ start: from, end });
  return found;
}
