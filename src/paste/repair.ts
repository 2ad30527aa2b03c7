/** Repairs what pasting did to a text, so that everything behind it reads what was meant; every repair is reported. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { mapText, type MappedText, type Replacement } from '../text/mapped-text.js';
import type { Source } from '../text/source.js';
import { carriageReturnProblem, carriageReturnRepairs } from './carriage-return.js';
import { DAMAGED_ABOVE_LATIN_1, DAMAGED_UP_TO_LATIN_1, isLineEnd, lineEndAfter } from './characters.js';
import type { Command, Repair } from './command.js';
import { readCommands, type Reader } from './commands.js';
import type { PastedKind } from './detect.js';
import { mergePlaceholders } from './placeholder.js';
import { byteOrderMarkProblem } from './invisible-character.js';
import { judgeAssignment, judgeCommand, judgeNamedProgram, type Judgement } from './judge.js';
import { findProgramNames, type ProgramNames } from './programs.js';
import { goesOnAt, readSaveLine } from './save-lines.js';
import { newScan, type Scan } from './scan.js';
import { hashIsPrompt, mergePrompts } from './shell-prompt.js';
import { keepCommands } from './text-commands.js';
import { addAssignmentUses, addCommandUses, endsInText, newUses, useOf } from './variables.js';

/** A text as it is read, and what was wrong with it. */
export interface RepairedPaste {
  /** Everything behind this layer reads this text. */
  readonly text: MappedText;
  /** In the order of their places. Findings of the checks of this layer only. */
  readonly problems: readonly Problem[];
}

/**
 * Repairs a pasted text. Total, and linear in the length of the text. Of a `text` only the commands are left, on the lines they
 * stood on; of the other kinds nothing is lost. The text that comes out is the source with the fixes of all problems applied;
 * only placeholders in angle brackets, for which there is no fix, are put in quotes so that they stay words.
 */
export function repairPaste(source: Source, kind: PastedKind): RepairedPaste {
  const out: Judgement = { repairs: [], problems: [], swallowed: 0, astray: Infinity };
  let blanks: readonly Replacement[] = [];
  if (kind === 'save' || kind === 'ipset') repairDump(source, kind, out);
  else if (kind === 'text') blanks = repairText(source, out);
  else repairScript(source, out);
  return {
    text: mapText(source, inOrder(out.repairs, blanks)),
    problems: mergePrompts(out.problems.sort((a, b) => a.at.start - b.at.start || a.at.end - b.at.end)),
  };
}

/** Replacements in order and without overlaps; of two that overlap the first one stays. */
function inOrder(repairs: readonly Repair[], blanks: readonly Replacement[]): Replacement[] {
  const all: Replacement[] = [...repairs.map(({ start, end, text }) => ({ start, end, text })), ...blanks];
  all.sort((a, b) => a.start - b.start || a.end - b.end);
  return all.filter(({ start, end, text }) => end > start || text !== '');
}

function readerOf(
  source: Source,
  kind: 'script' | 'text',
  names: ProgramNames,
  finished: (command: Command) => void,
  hereDocument: Reader['hereDocument'],
): Reader {
  const { text } = source;
  let chains: ReadonlySet<string> | undefined;
  return {
    text,
    kind,
    names,
    chains: () => (chains ??= chainsOf(text)),
    hashIsPrompt: kind === 'text' || hashIsPrompt(text, names),
    finished,
    hereDocument,
    pending: [],
    lastProgram: 'iptables',
  };
}

/** The chains a text creates, as a script or as a dump. */
function chainsOf(text: string): ReadonlySet<string> {
  const chains = new Set<string>();
  for (const found of text.matchAll(/(?:-N|--new-chain|--new|[\u2010-\u2015\u2212]N)[ \t]+([^\s"';]{1,60})|^:([^\s:]{1,60})[ \t]/gm))
    chains.add(found[1] ?? found[2] ?? '');
  return chains;
}

function repairScript(source: Source, out: Judgement): void {
  const { text } = source;
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const uses = newUses();
  const assignments: Command[] = [];
  let accepted = 0;
  let refused = 0;
  const names = findProgramNames(text);
  const finished = (command: Command): void => {
    out.astray = scan.astray;
    if (command.program !== undefined) {
      judgeCommand(source, command, 'script', out);
      addCommandUses(uses, command);
      if (text.charCodeAt(command.end) === 0x0d) {
        if (endsInText(command)) accepted += 1;
        else refused += 1;
      }
    } else {
      judgeNamedProgram(source, command, out);
      if (command.places.length > 0 || command.words.some((word) => word.places.length > 0)) assignments.push(command);
      else addAssignmentUses(uses, command);
    }
  };
  const rules = readerOf(
    source,
    'script',
    names,
    (command) => {
      judgeCommand(source, command, 'here-document', out);
    },
    () => undefined,
  );
  const reader = readerOf(source, 'script', names, finished, (from, to) => {
    readRules(rules, from, to);
  });
  const substitution = (scan: Scan): void => {
    readCommands(reader, scan, ')', false);
  };
  const scan = newScan(text, 'shell', start, text.length, false, substitution);
  readCommands(reader, scan, '', false);
  for (const command of assignments) addAssignmentUses(uses, command);
  for (const command of assignments) {
    const use = useOf(uses, command);
    if (use !== undefined) judgeAssignment(source, command, use, out);
  }
  if (start > 0) addByteOrderMark(source, 'script', out);
  addCarriageReturns(source, 'script', refused > 0 || accepted === 0, out);
}

/** A here-document that is a dump is read like one. */
function readRules(reader: Reader, start: number, end: number): void {
  const head = reader.text.slice(start, Math.min(end, start + 4000));
  if (!/^(?:[ \t]*(?:#.*)?\n)*[ \t]*(?:\*(?:filter|nat|mangle|raw|security)\b|:[A-Za-z]\S* |-[AI] [A-Z]+ )/.test(head)) return;
  for (let at = start; at < end;) at = Math.max(at + 1, readSaveLine(reader, at, end, true));
}

function repairText(source: Source, out: Judgement): readonly Replacement[] {
  const { text } = source;
  const names = findProgramNames(text);
  const commands: Command[] = [];
  const reader = readerOf(
    source,
    'text',
    names,
    (command) => void commands.push(command),
    () => undefined,
  );
  const kept = keepCommands(reader, commands);
  const uses = newUses();
  for (const command of kept.commands) if (command.program !== undefined) addCommandUses(uses, command);
  for (const command of kept.commands) if (command.program === undefined) addAssignmentUses(uses, command);
  for (const command of kept.commands) {
    if (command.program !== undefined) judgeCommand(source, command, 'text', out);
    else {
      judgeNamedProgram(source, command, out);
      const use = useOf(uses, command);
      if (use !== undefined) judgeAssignment(source, command, use, out);
    }
  }
  for (const repair of kept.repairs) out.repairs.push(repair);
  return kept.blanks;
}

function repairDump(source: Source, kind: 'save' | 'ipset', out: Judgement): void {
  const { text } = source;
  const start = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  const lines = doubtfulLines(text, kind === 'save');
  if (lines.length > 0) {
    const names = { variables: new Map(), functions: new Map() } satisfies ProgramNames;
    const reader = readerOf(
      source,
      'script',
      names,
      (command) => {
        judgeCommand(source, command, kind, out);
      },
      () => undefined,
    );
    let done = start;
    for (const line of lines) if (line >= done) done = readSaveLine(reader, line, text.length, kind === 'save');
    out.problems.splice(0, out.problems.length, ...mergePlaceholders(out.problems));
  }
  if (start > 0) addByteOrderMark(source, kind, out);
  addCarriageReturns(source, kind, true, out);
}

function addByteOrderMark(source: Source, kind: 'script' | 'save' | 'ipset', out: Judgement): void {
  const { problem, repair } = byteOrderMarkProblem(source, kind);
  out.problems.push(problem);
  out.repairs.push(repair);
}

function addCarriageReturns(source: Source, kind: 'script' | 'save' | 'ipset', safe: boolean, out: Judgement): void {
  const all = carriageReturnRepairs(source.text);
  if (all.length === 0) return;
  // Where a line was joined or a comment moved, its line end is gone already.
  const taken = out.repairs.filter(({ start, end }) => end > start).sort((a, b) => a.start - b.start);
  let index = 0;
  const [first, ...rest] = all.filter((repair) => {
    while (index < taken.length && (taken[index]?.end ?? 0) <= repair.start) index += 1;
    return (taken[index]?.start ?? Infinity) >= repair.end;
  });
  if (first === undefined) return;
  out.problems.push(carriageReturnProblem(source, [first, ...rest], kind, safe));
  out.repairs.push(first);
  for (const repair of rest) out.repairs.push(repair);
}

/**
 * The beginnings of the lines of a dump that may need a repair. A dump of many megabytes is passed in a few milliseconds:
 * searches for single characters run at memory speed, and a pattern of characters above U+00FF costs nothing in a text that
 * has none.
 */
function doubtfulLines(text: string, rules: boolean): number[] {
  const found = new Set<number>();
  let line = { start: 0, end: -1 };
  const add = (at: number): void => {
    if (at < line.start || at > line.end) line = { start: lineStartBefore(text, at), end: lineEndAfter(text, at, text.length) };
    found.add(line.start);
  };
  for (const character of DAMAGED_UP_TO_LATIN_1) eachIndex(text, character, add);
  for (const match of text.matchAll(DAMAGED_ABOVE_LATIN_1)) add(match.index);
  eachIndex(text, '&', (at) => {
    if (/[A-Za-z#]/.test(text.charAt(at + 1))) add(at);
  });
  if (rules) {
    for (const character of ["'", '\\', '$']) eachIndex(text, character, add);
    eachIndex(text, '#', (at) => {
      if (at > 0 && !isLineEnd(text, at - 1)) add(at);
    });
    for (const word of GAPS) eachIndex(text, word, add);
    for (const word of LETTERED)
      eachIndex(text, word.slice(2, 5), (at) => {
        if (text.startsWith(word, at - 2)) add(at);
      });
    for (const letters of ['xx', 'XX'])
      eachIndex(text, letters, (at) => {
        const [before, behind] = [text.charAt(at - 1), text.charAt(at + 2)];
        if (before === '.' || before === ':' || behind === '.' || behind === ':' || behind === letters.charAt(0)) add(at);
      });
    for (const pattern of text.length <= BY_HAND ? [...PATTERNS, HIDDEN_VALUES, SENTENCE] : PATTERNS)
      for (const match of text.matchAll(pattern)) add(match.index + match[0].length - 1);
  }
  return withLineBefore(
    text,
    [...found].sort((a, b) => a - b),
  );
}

/** What placeholders have in them, besides doubled x; see placeholder.ts. */
const GAPS: readonly string[] = ['<', 'x.x', 'X.X', 'YOUR', 'your', '_IP', 'IP_'];

/** Letters for the parts of an address. They are looked for by their middle: V8 takes ten times as long for words of seven characters. */
const LETTERED: readonly string[] = ['a.b.c.d', 'A.B.C.D', 'w.x.y.z', 'W.X.Y.Z'];

/** Rules that go on behind their target, lines that do not begin like those of a dump, and a letter where a number is wanted. */
const PATTERNS: readonly RegExp[] = [
  /-j[ \t]+(?:ACCEPT|DROP|RETURN|REJECT|LOG|MASQUERADE|QUEUE|NOTRACK|TRACE)(?: [^-\n]|[^ \r\n])/g,
  /[\r\n][ \t]*(?:!|--|-[a-zB-CGHJ-MOQ-Z]|ip6?tables|\/)/g,
  /[a-z] [NXx][ /]/g,
];

/** How long a dump may be that somebody went through by hand to hide values in it, characters. */
const BY_HAND = 1_000_000;

/** More that placeholders have in them, which takes longer to look for. */
const HIDDEN_VALUES =
  /\.[xXyYnN?*]{1,3}(?=[./:, \r\n-])| [xXyYnN?*]{1,3}\.|[ -][aA]\.[bB]\.|\[[A-Za-z]|\{[A-Za-z{%]|<%|REDACT|REMOVED|HIDDEN|MASKED|CENSOR|OBFUSC|ANONYM|__[A-Za-z]|[%@][A-Z]|[xX]{4}|\*{2}|\?{2}/g;

/** Words of prose behind a rule, which takes longer to look for, too. */
const SENTENCE = / [A-Za-z]+ [a-z]+ [a-z]+[ .,\r\n]/g;

/** A line that belongs to the rule above it is read with that rule. */
function withLineBefore(text: string, lines: readonly number[]): number[] {
  const all = new Set<number>();
  for (const line of lines) {
    let at = line;
    for (let back = 0; back < 3 && at > 0; back += 1) {
      const beginning = text.slice(at, lineEndAfter(text, at, Math.min(text.length, at + 80)));
      const first = /\S/.exec(beginning)?.[0] ?? '';
      if (back > 0 && first !== '') break;
      if (first !== '' && !goesOnAt(text, at, text.length) && back === 0) break;
      at = lineStartBefore(text, at - 1);
      all.add(at);
    }
    all.add(line);
  }
  return [...all].sort((a, b) => a - b);
}

function lineStartBefore(text: string, at: number): number {
  let start = at;
  while (start > 0 && !isLineEnd(text, start - 1)) start -= 1;
  return start;
}

function eachIndex(text: string, character: string, found: (at: number) => void): void {
  for (let at = text.indexOf(character); at !== -1; at = text.indexOf(character, at + 1)) found(at);
}
