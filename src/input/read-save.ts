/**
 * An iptables-save dump (or an `iptables -S` listing) → commands. Lines are cut by hand; lines of the same shape (the same
 * options, only other arguments) share one classification and one parse, which is most of the work.
 */

import { cutSaveLine, type SaveLine } from '../../grammar/iptables-save/lines.js';
import type { Edit, Problem } from '../diagnostics/diagnostic.js';
import type { Family, Target } from '../extensions/define.js';
import type { ReadContext } from '../iptables/draft.js';
import { classifyWords, interpretCommand } from '../iptables/read.js';
import { createTemplate, readByTemplate, type ChainNames, type Template } from '../iptables/template.js';
import type { Registry } from '../extensions/registry.js';
import type { Command, Counters } from '../iptables/command.js';
import { fixOf } from '../iptables/edit.js';
import { optionName, takesFreeText } from '../paste/options.js';
import { chainOfTemplate, holdsBranches, mayHoldBranches, strangeLine, type StrangeLine } from '../paste/template.js';
import { isLiteral, originalSpan, unknownWithin, type MappedText } from '../text/mapped-text.js';
import { spanOf, type Span } from '../text/source.js';
import { unquoteSaveWord, wordText, type Piece, type Word, type Words } from '../text/word.js';
import type { DumpPart } from './dump-parts.js';
import { registryOf } from './families.js';
import { tableMeant } from './table-meant.js';

export interface SaveReading {
  readonly commands: readonly Command[];
  readonly problems: readonly Problem[];
}

/** Options whose argument decides how the words after it are read. */
const DECIDES: readonly string[] = ['--match', '--protocol', '--wait', '--wait-interval'];

const NO_PROBLEMS: Command['problems'] = [];

/** How many shapes are kept; a dump has a few dozen, made-up input could have millions. */
const SHAPE_LIMIT = 4096;

/** A shell variable, which iptables-restore does not replace: whoever wrote the dump meant something else to read it first. */
const VARIABLE = /\$(?:([A-Za-z_]\w*)|\{([A-Za-z_]\w*)\})/;

/**
 * Reads a dump, or the part of a file that is one. Lines that make no sense are kept as problems; the rest of the file is read. `values`: what shell variables stand for; those
 * without one are only known at run time. Without `values` a `$` is nothing but itself. `begun`: the tables of the family that parts before this one ended with COMMIT, to which those
 * of this part are added; a table that goes on without a COMMIT before was never loaded, and is meant as one.
 */
export function readSave(
  text: MappedText,
  family: Family,
  target: Target,
  values?: ReadonlyMap<string, string>,
  part: Omit<DumpPart, 'family'> = { start: 0, end: text.text.length },
  begun = new Set<string>(),
): SaveReading {
  const registry = registryOf(family);
  const names: ChainNames = { met: new Map(), last: undefined };
  const commands: Command[] = [];
  const problems: Problem[] = [];
  const shapes = new Map<number, Shape>();
  let table = tableMeant(text.text, part);
  let tableLine: SaveLine | undefined;
  const met = { tables: 0, missing: false };
  /** Lines outside of the tables. */
  const stray: SaveLine[] = [];
  const strangeLines: Readonly<Record<StrangeLine, SaveLine[]>> = { template: [], 'left out': [], typed: [] };
  const { text: whole } = text;
  const hasBranches = mayHoldBranches(whole);
  const hasVariables = values !== undefined && VARIABLE.test(whole);
  const isTemplate = ({ start, end }: SaveLine): boolean => hasVariables && VARIABLE.test(whole.slice(start, end));

  const wordsOf = (line: SaveLine): Words => {
    if (text.segments === undefined && !isTemplate(line)) {
      // There are as many chain lines as rules in some dumps, and hardly one of their words is asked for.
      if (line.kind === 'chain') return { kind: 'line', source: text.source, start: line.start + 1, end: line.end };
      return { kind: 'offsets', source: text.source, offsets: line.offsets };
    }
    const words: Word[] = [];
    for (let index = 0; index < line.offsets.length; index += 2) {
      const start = line.offsets[index] ?? 0;
      const end = line.offsets[index + 1] ?? start;
      const span = originalSpan(text, start, end);
      const value = unquoteSaveWord(whole.slice(start, end));
      if (hasVariables && value.includes('$') && !isFreeText(words.at(-1))) {
        words.push(withValues(value, span, values));
        continue;
      }
      const unknown = unknownIn(start, end);
      const piece = { length: value.length, span, literal: isLiteral(text, start, end) && value.length === end - start, via: [] };
      words.push({ text: value, span, pieces: [unknown === undefined ? piece : { ...piece, unknown }] });
    }
    return { kind: 'words', words };
  };
  /** The name of what only the run knows in a stretch of the text. */
  const unknownIn = (start: number, end: number): string | undefined => unknownWithin(text, start, end);
  const problem = (check: string, line: SaveLine, message: string, more: Partial<Problem> = {}): void => {
    problems.push({ check, message, at: originalSpan(text, line.start, line.end), ...more });
  };

  for (let at = part.start; at < part.end;) {
    const line = cutSaveLine(whole, at);
    at = line.next;
    if (line.kind === 'blank' || line.kind === 'comment') continue;
    if (line.kind === 'table') {
      if (tableLine !== undefined) reportNoCommit(tableLine, line.start);
      // What stands behind the name is passed over. (iptables: iptables/iptables-restore.c, ip46tables_restore_main)
      table = whole
        .slice(line.start + 1, line.end)
        .trim()
        .replace(/\s.*$/, '');
      tableLine = line;
      if (begun.has(table)) beginAnew(line, table);
      met.tables += 1;
      continue;
    }
    const strange = line.kind === 'rule' ? strangeRule(line) : undefined;
    if (strange !== undefined) {
      strangeLines[strange].push(line);
      continue;
    }
    if (tableLine === undefined && met.tables > 0) stray.push(line);
    if (line.kind === 'commit') {
      if (tableLine !== undefined && table !== undefined) begun.add(table);
      if (met.tables === 0 && !met.missing) problem('restore-structure', line, 'COMMIT without a `*table` line before it');
      tableLine = undefined;
      continue;
    }
    if (line.kind === 'chain') {
      readChainLine(line);
      continue;
    }
    if (line.offsets.length === 0) problem('restore-structure', line, 'counters stand here without a rule behind them');
    else commands.push(readByShape(line));
  }
  if (tableLine !== undefined) reportNoCommit(tableLine, part.end);
  reportStray();
  reportStrange('template', strangeLines.template);
  reportStrange('left out', strangeLines['left out']);
  reportStrange('typed', strangeLines.typed);
  return { commands, problems };

  /** What a line that stands where rules do is, if it is no rule. */
  function strangeRule({ start, end }: SaveLine): StrangeLine | undefined {
    return strangeLine(whole, start, end) ?? (hasBranches && holdsBranches(whole.slice(start, end)) ? 'template' : undefined);
  }

  /** (iptables: iptables/iptables-restore.c, ip46tables_restore_main: outside of a table only `*TABLE`, comments and empty lines) */
  function reportStray(): void {
    const [first, ...others] = stray;
    if (first === undefined) return;
    const what = first.kind === 'commit' ? 'this COMMIT ends no table' : 'this line stands behind COMMIT, in no table';
    problem('restore-structure', first, `${what}: iptables-restore fails here and loads nothing of what follows`, {
      severity: 'error',
      also: others.map(({ start, end }) => originalSpan(text, start, end)),
      notes: [{ kind: 'do', text: first.kind === 'commit' ? 'take it out' : 'put it above the COMMIT of its table' }],
      fixes:
        first.kind === 'commit' && others.length === 0 && isLiteral(text, first.start, first.next)
          ? [{ title: 'delete it', applicability: 'safe', edits: [{ span: originalSpan(text, first.start, first.next), text: '' }] }]
          : [],
    });
  }

  /** Lines of whoever wrote the file, not of iptables-save: the rules around them are read. One problem for all of a kind. */
  function reportStrange(kind: StrangeLine, [first, ...others]: readonly SaveLine[]): void {
    if (first === undefined) return;
    const gone = ({ start, next }: SaveLine): Edit => ({ span: originalSpan(text, start, next), text: '' });
    const shown = `\`${whole.slice(first.start, Math.min(first.end, first.start + 60))}\``;
    const lines = others.length === 0 ? shown : `${shown} and ${String(others.length)} more line${others.length === 1 ? '' : 's'}`;
    const one = others.length === 0;
    const refuses = `iptables-restore refuses ${one ? 'it' : 'them'}`;
    const said: Readonly<Record<StrangeLine, readonly [message: string, advice: string]>> = {
      template: [
        `${lines} belong${one ? 's' : ''} to a template: ${refuses}, and which rules there are is only known when the file is made`,
        'give fwlint the file that is made of it',
      ],
      'left out': [
        `${lines} ${one ? 'is no rule' : 'are no rules'}: ${refuses}, and what was left out is not known`,
        'put in the rules that belong here',
      ],
      typed: [`${lines} ${one ? 'was' : 'were'} typed at a prompt and ${one ? 'is no line' : 'are no lines'} of the dump: ${refuses}`, 'take it out'],
    };
    const [message, advice] = said[kind];
    problem('restore-structure', first, message, {
      severity: 'error',
      ...(one ? {} : { also: others.map(({ start, end }) => originalSpan(text, start, end)) }),
      notes: [{ kind: 'do', text: advice }],
      fixes: [
        {
          title: one ? 'take the line out' : 'take the lines out',
          applicability: 'suggestion',
          edits: [gone(first), ...others.map(gone)],
        },
      ],
    });
  }

  /** Another dump of a table replaces what the first one made. (iptables: iptables/iptables-restore.c, ip46tables_restore_main: flush_entries and delete_chain2 without `--noflush`) */
  function beginAnew(line: SaveLine, name: string): void {
    problem('restore-structure', line, `table ${name} begins again here: iptables-restore empties it first, and the rules above are gone`, {
      severity: 'warning',
      notes: [{ kind: 'do', text: 'keep one of the two; with `--noflush` iptables-restore adds the second to the first' }],
    });
    for (const kind of ['flush', 'deleteChain'] as const) commands.push({ ...headOf(line), table: name, kind });
  }

  function headOf(line: SaveLine) {
    return {
      program: family === 'ip' ? 'iptables' : 'ip6tables',
      family,
      table: table ?? 'filter',
      words: wordsOf(line),
      at: originalSpan(text, line.start, line.end),
      problems: [],
      refused: false,
    } as const;
  }

  /** `end`: where the next table begins, or the text ends. */
  function reportNoCommit(line: SaveLine, end: number): void {
    let last = end;
    while (last > 0 && /\s/.test(whole.charAt(last - 1))) last -= 1;
    const place = last > 0 && isLiteral(text, last - 1, last) ? originalSpan(text, last - 1, last) : undefined;
    // Behind a COMMIT the same table would be emptied when it begins again.
    const beginsAgain = `\n${whole.slice(end)}`.includes(`\n*${table ?? ''}`);
    const edits = place === undefined ? [] : [{ span: spanOf(place.source, place.end, place.end), text: '\nCOMMIT' }];
    problem('restore-structure', line, `table ${table ?? ''} has no COMMIT: iptables-restore loads nothing of it`, {
      notes: [{ kind: 'do', text: 'end the table with a line `COMMIT`' }],
      fixes: fixOf('insert `COMMIT`', beginsAgain ? 'unsafe' : 'safe', edits),
    });
  }

  function readChainLine(line: SaveLine): void {
    if (met.tables === 0 && !met.missing) {
      met.missing = true;
      const meant = table ?? 'filter';
      problem('restore-structure', line, 'there is no `*table` line before this one: iptables-restore does not know which table it is for', {
        severity: 'error',
        notes: [{ kind: 'do', text: `begin with \`*${meant}\`, or with the table that is meant` }],
        fixes: [
          {
            title: `insert \`*${meant}\``,
            applicability: 'suggestion',
            edits: [{ span: originalSpan(text, line.start, line.start), text: `*${meant}\n` }],
          },
        ],
      });
    }
    const filledIn = hasBranches ? chainOfTemplate(whole.slice(line.start, line.end)) : undefined;
    const [nameWord, policyWord, counterWord] = [0, 1, 2].map((index) => {
      const start = line.offsets[index * 2];
      return start === undefined ? undefined : whole.slice(start, line.offsets[index * 2 + 1]);
    });
    const { name, policy } = filledIn ?? { name: nameWord, policy: policyWord };
    if (name === undefined || name === '') {
      problem('restore-structure', line, 'a chain line has the form `:NAME POLICY [packets:bytes]`', { severity: 'error' });
      return;
    }
    const counters = parseCounters(counterWord);
    const head = headOf(line);
    if (policy === undefined || policy === '-') {
      // Written out: with `...head` each of them has a layout of its own in V8, and all that reads commands afterwards is slow.
      const { program, words, at } = head;
      const chain = { text: name, word: 0 };
      commands.push({ program, family, table: head.table, words, at, problems: NO_PROBLEMS, refused: false, kind: 'newChain', chain });
      return;
    }
    if (unknownIn(line.start, line.end) !== undefined || /\{\{|<%=|^\$/.test(policy)) {
      const message = `what \`${whole.slice(line.start, line.end)}\` makes is only known at run time`;
      const reason = { check: 'unknown-words', message, at: head.at, fatal: true, severity: 'info' } as const;
      const names = { chain: { text: name, word: 0 }, policy: { text: policy, word: 1 } };
      commands.push({ ...head, kind: 'policy', ...names, problems: [reason], refused: true });
      return;
    }
    commands.push({
      ...head,
      kind: 'policy',
      chain: { text: name, word: 0 },
      policy: { text: policy, word: 1 },
      ...(counters === undefined ? {} : { counters }),
    });
  }

  /** One rule, the plain way. */
  function readRuleLine(line: SaveLine): Command {
    const words = wordsOf(line);
    const texts: string[] = [];
    for (let index = 0; index < line.offsets.length; index += 2)
      texts.push(words.kind === 'words' ? wordText(words, index >> 1) : unquoteSaveWord(whole.slice(line.offsets[index], line.offsets[index + 1])));
    const context: ReadContext = {
      registry,
      target,
      start: line.program ? 1 : 0,
      ...(table === undefined ? {} : { table }),
      ...(line.counters === undefined ? {} : { counters: line.counters }),
    };
    const span = text.segments === undefined ? spanOf(text.source, line.start, line.end) : originalSpan(text, line.start, line.end);
    const { classified, tree } = classifyWords(texts, words, context);
    return interpretCommand(words, texts, span, context, classified, tree);
  }

  /** One rule by the template of its shape; the plain way where there is none, or something is odd about the rule. */
  function readByShape(line: SaveLine): Command {
    if (text.segments !== undefined || line.program || table === undefined || isTemplate(line)) return readRuleLine(line);
    const { hash, fixed } = shapeOf(whole, line.offsets, registry);
    const shape = shapes.get(hash);
    if (shape === undefined) {
      const command = readRuleLine(line);
      if (shapes.size < SHAPE_LIMIT) {
        const template = createTemplate(command, (word) => fixed[word] === true);
        shapes.set(hash, {
          template,
          fixed,
          words: fixed.map((isFixed, index) => (isFixed ? whole.slice(line.offsets[index * 2], line.offsets[index * 2 + 1]) : '')),
        });
      }
      return command;
    }
    if (shape.template === undefined || !fits(shape, whole, line.offsets)) return readRuleLine(line);
    const { offsets } = line;
    const words = { kind: 'line', source: text.source, start: line.wordsFrom, end: line.end } as const;
    const command = readByTemplate(
      shape.template,
      (word) => unquoteSaveWord(whole.slice(offsets[word * 2], offsets[word * 2 + 1])),
      words,
      // The stretch of the words is the stretch of the rule, unless counters stand before it: one object less for each rule.
      line.wordsFrom === line.start ? words : spanOf(text.source, line.start, line.end),
      { family, target, table, counters: line.counters, names },
    );
    return command ?? readRuleLine(line);
  }
}

/** Whether the word behind this one is text for people, which may hold a `$`. */
function isFreeText(before: Word | undefined): boolean {
  return before?.text.startsWith('--') === true && takesFreeText(optionName(before.text));
}

/** A word with its variables replaced, as far as their values are known. */
function withValues(written: string, span: Span, values: ReadonlyMap<string, string>): Word {
  const pieces: Piece[] = [];
  let text = '';
  const push = (part: string, more: Partial<Piece> = {}): void => {
    if (part !== '') pieces.push({ length: part.length, span, literal: false, via: [], ...more });
    text += part;
  };
  let at = 0;
  for (const found of written.matchAll(new RegExp(VARIABLE, 'g'))) {
    const name = found[1] ?? found[2] ?? '';
    push(written.slice(at, found.index));
    const value = values.get(name);
    push(value ?? found[0], value === undefined ? { unknown: name } : {});
    at = found.index + found[0].length;
  }
  push(written.slice(at));
  return { text, span, pieces };
}

/** Lines that can share a template: those whose fixed words (options, and what decides how others are read) are the same. */
interface Shape {
  readonly template: Template | undefined;
  readonly fixed: readonly boolean[];
  /** The fixed words; `''` for the others. */
  readonly words: readonly string[];
}

/** A hash may be shared by chance: the words themselves decide. */
function fits(shape: Shape, whole: string, offsets: readonly number[]): boolean {
  if (offsets.length !== shape.words.length * 2) return false;
  for (let index = 0; index < shape.words.length; index += 1) {
    const start = offsets[index * 2] ?? 0;
    const length = (offsets[index * 2 + 1] ?? 0) - start;
    const word = shape.words[index] ?? '';
    if (shape.fixed[index] === true) {
      if (word.length !== length || !whole.startsWith(word, start)) return false;
    } else if (isFixedStart(whole, start, length)) return false;
  }
  return true;
}

const MINUS = 45;
const BANG = 33;
const QUOTE = 34;
const COMMA = 44;

/** Whether a word decides by its own form how it and others are read: options, `!`, and lists that a blank may have cut. */
function isFixedStart(whole: string, start: number, length: number): boolean {
  let first = whole.charCodeAt(start);
  if (first === QUOTE) first = whole.charCodeAt(start + 1);
  return (
    first === MINUS ||
    first === BANG ||
    first === COMMA ||
    whole.charCodeAt(start + length - 1) === COMMA ||
    whole.charCodeAt(start + length - 2) === COMMA
  );
}

/** Whether the word before makes this one decide: what -m, -p and -w take, and a target's name behind -j. */
function isFixedBy(whole: string, before: number, beforeEnd: number, start: number, end: number, registry: Registry): boolean {
  if (whole.charCodeAt(before) !== MINUS) return false;
  const length = beforeEnd - before;
  if (length === 2) {
    const letter = whole.charCodeAt(before + 1);
    // m p w W
    if (letter === 109 || letter === 112 || letter === 119 || letter === 87) return true;
    return letter === 106 && registry.targets.has(whole.slice(start, end));
  }
  if (whole.charCodeAt(before + 1) !== MINUS) return false;
  const name = whole.slice(before, beforeEnd);
  // Abbreviations decide as well.
  if (DECIDES.some((long) => long.startsWith(name))) return true;
  return '--jump'.startsWith(name) && registry.targets.has(whole.slice(start, end));
}

function shapeOf(whole: string, offsets: readonly number[], registry: Registry): { readonly hash: number; readonly fixed: readonly boolean[] } {
  const fixed: boolean[] = [];
  let low = 0x811c9dc5;
  let high = 0x1234567;
  for (let index = 0; index < offsets.length; index += 2) {
    const start = offsets[index] ?? 0;
    const end = offsets[index + 1] ?? start;
    const isFixed =
      isFixedStart(whole, start, end - start) ||
      (index > 0 && isFixedBy(whole, offsets[index - 2] ?? 0, offsets[index - 1] ?? 0, start, end, registry));
    fixed.push(isFixed);
    if (isFixed)
      for (let at = start; at < end; at += 1) {
        const code = whole.charCodeAt(at);
        low = Math.imul(low ^ code, 0x01000193);
        high = Math.imul(high + code, 0x85ebca6b) ^ (high >>> 13);
      }
    low = Math.imul(low ^ (isFixed ? 32 : 31), 0x01000193);
    high = Math.imul(high + 32, 0x85ebca6b);
  }
  return { hash: (low >>> 0) * 0x200000 + ((high >>> 0) & 0x1fffff), fixed };
}

function parseCounters(text: string | undefined): Counters | undefined {
  const found = text === undefined ? null : /^\[(\d+):(\d+)\]$/.exec(text);
  return found === null ? undefined : { packets: Number(found[1]), bytes: Number(found[2]) };
}
