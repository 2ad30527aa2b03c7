/**
 * An iptables-save dump (or an `iptables -S` listing) → commands. Lines are cut by hand; lines of the same shape (the same
 * options, only other arguments) share one classification and one parse, which is most of the work.
 */

import type { CommandTree } from '../../grammar/iptables/ast.js';
import { cutSaveLine, type SaveLine } from '../../grammar/iptables-save/lines.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import type { Family, Target } from '../extensions/define.js';
import type { Entry, Classified } from '../iptables/classify.js';
import { classifyWords, interpretCommand, type ReadContext } from '../iptables/read.js';
import type { Command, Counters } from '../iptables/command.js';
import { originalSpan, isLiteral, type MappedText } from '../text/mapped-text.js';
import { spanOf } from '../text/source.js';
import { unquoteSaveWord, type Word, type Words } from '../text/word.js';
import { registryOf } from './families.js';

export interface SaveReading {
  readonly commands: readonly Command[];
  readonly problems: readonly Problem[];
}

interface Shape {
  readonly classified: Classified;
  readonly tree: CommandTree<Entry>;
}

/** Options whose argument decides how the words after it are read. */
const DECIDES: ReadonlySet<string> = new Set(['-m', '-p', '-w', '-W', '--match', '--protocol', '--proto', '--wait', '--wait-interval']);

/** How many shapes are kept; a dump has a few dozen, made-up input could have millions. */
const SHAPE_LIMIT = 4096;

/** Reads a dump. Lines that make no sense are kept as problems; the rest of the file is read. */
export function readSave(text: MappedText, family: Family, target: Target): SaveReading {
  const registry = registryOf(family);
  const commands: Command[] = [];
  const problems: Problem[] = [];
  const shapes = new Map<string, Shape>();
  let table: string | undefined;
  let tableLine: SaveLine | undefined;
  const { text: whole } = text;

  const wordsOf = (line: SaveLine): Words => {
    if (text.segments === undefined) return { kind: 'offsets', source: text.source, offsets: line.offsets };
    const words: Word[] = [];
    for (let index = 0; index < line.offsets.length; index += 2) {
      const start = line.offsets[index] ?? 0;
      const end = line.offsets[index + 1] ?? start;
      const span = originalSpan(text, start, end);
      const value = unquoteSaveWord(whole.slice(start, end));
      words.push({ text: value, span, pieces: [{ length: value.length, span, literal: isLiteral(text, start, end) && value.length === end - start, via: [] }] });
    }
    return { kind: 'words', words };
  };
  const problem = (check: string, line: SaveLine, message: string, more: Partial<Problem> = {}): void => {
    problems.push({ check, message, at: originalSpan(text, line.start, line.end), ...more });
  };

  for (let at = 0; at < whole.length; ) {
    const line = cutSaveLine(whole, at);
    at = line.next;
    if (line.kind === 'blank' || line.kind === 'comment') continue;
    if (line.kind === 'table') {
      if (tableLine !== undefined) reportNoCommit(problem, tableLine, table);
      table = whole.slice(line.start + 1, line.end).trim();
      tableLine = line;
      continue;
    }
    if (line.kind === 'commit') {
      if (tableLine === undefined)
        problem('restore-structure', line, 'COMMIT without a `*table` line before it', { severity: 'warning' });
      tableLine = undefined;
      continue;
    }
    if (line.kind === 'chain') {
      readChainLine(line);
      continue;
    }
    readRuleLine(line);
  }
  if (tableLine !== undefined) reportNoCommit(problem, tableLine, table);
  return { commands, problems };

  function readChainLine(line: SaveLine): void {
    const words = wordsOf(line);
    const [name, policy, counterWord] = [0, 1, 2].map((index) => {
      const start = line.offsets[index * 2];
      return start === undefined ? undefined : whole.slice(start, line.offsets[index * 2 + 1]);
    });
    if (name === undefined || name === '') {
      problem('restore-structure', line, 'a chain line has the form `:NAME POLICY [packets:bytes]`', { severity: 'error' });
      return;
    }
    const counters = parseCounters(counterWord);
    const head = {
      program: family === 'ip' ? 'iptables' : 'ip6tables',
      family,
      table: table ?? 'filter',
      words,
      at: originalSpan(text, line.start, line.end),
      problems: [],
      refused: false,
    } as const;
    if (policy === undefined || policy === '-') {
      commands.push({ ...head, kind: 'newChain', chain: { text: name, word: 0 } });
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

  function readRuleLine(line: SaveLine): void {
    const words = wordsOf(line);
    const count = line.offsets.length >> 1;
    const texts: string[] = new Array<string>(count);
    let key = '';
    for (let index = 0; index < count; index += 1) {
      const start = line.offsets[index * 2] ?? 0;
      const end = line.offsets[index * 2 + 1] ?? start;
      const raw = unquoteSaveWord(whole.slice(start, end));
      texts[index] = raw;
      const first = whole.charCodeAt(start);
      // Dashes, `!` and quotes decide how words are classified; so does what -m, -p and -j name. Anything else is an argument.
      if (first === 45 || first === 33 || first === 34) key += `${raw} `;
      else {
        const before = texts[index - 1];
        if (before !== undefined && DECIDES.has(before)) key += `${raw} `;
        else if ((before === '-j' || before === '--jump') && registry.targets.has(raw)) key += `${raw} `;
        else key += '\u0000 ';
      }
    }
    const context: ReadContext = {
      registry,
      target,
      start: line.program ? 1 : 0,
      ...(table === undefined ? {} : { table }),
      ...(line.counters === undefined ? {} : { counters: line.counters }),
    };
    const span = text.segments === undefined ? spanOf(text.source, line.start, line.end) : originalSpan(text, line.start, line.end);
    let shape = shapes.get(key);
    if (shape === undefined) {
      shape = classifyWords(texts, words, context);
      if (shape.classified.problems.length === 0 && shapes.size < SHAPE_LIMIT && isPlainShape(shape)) shapes.set(key, shape);
    }
    commands.push(interpretCommand(words, texts, span, context, shape.classified, shape.tree));
  }
}

/** Whether words of another line with the same key are classified the same: jumps to chains differ in name only. */
function isPlainShape(shape: Shape): boolean {
  return shape.classified.loaded.every((loaded) => loaded.kind !== 'unknownMatch');
}

function reportNoCommit(
  problem: (check: string, line: SaveLine, message: string, more?: Partial<Problem>) => void,
  line: SaveLine,
  table: string | undefined,
): void {
  problem('restore-structure', line, `table ${table ?? ''} has no COMMIT: iptables-restore loads nothing of it`, {
    severity: 'warning',
    notes: [{ kind: 'do', text: 'end the table with a line `COMMIT`' }],
  });
}

function parseCounters(text: string | undefined): Counters | undefined {
  const found = text === undefined ? null : /^\[(\d+):(\d+)\]$/.exec(text);
  return found === null ? undefined : { packets: Number(found[1]), bytes: Number(found[2]) };
}
