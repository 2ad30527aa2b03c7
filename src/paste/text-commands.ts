/** Finds the commands in a page of prose. Only they are kept; everything else is left out of what is read. */

import type { Replacement } from '../text/mapped-text.js';
import { isLineEnd, lineEndAfter, nextLineStart, skipBlanks } from './characters.js';
import { givesProgram } from './broken-line.js';
import { carriedCommandAt, endedByTag, programQuoteAt } from './carried.js';
import type { Command, Repair } from './command.js';
import { readCommands, ruleWithoutProgram, type Reader } from './commands.js';
import { misspeltCallAt } from './misspelt-program.js';
import { changesRules, isBuiltInChain, isOperation, isOption, optionName } from './options.js';
import { endOfJoinedText, takeProgramValues, valueBehind } from './program-values.js';
import { programOf, takesRules } from './programs.js';
import { isProseLine } from './prose.js';
import { newScan, optionAt, type Scan } from './scan.js';
import { lostDashAt, promptAt } from './shell-prompt.js';
import { assigned } from './variables.js';

/** What is kept of a page. */
export interface KeptCommands {
  /** The commands and the assignments they need, in order. */
  readonly commands: readonly Command[];
  /** Repairs nobody has to be told of: rules of a quoted dump become commands, line ends inside of a command are made plain. */
  readonly repairs: readonly Repair[];
  /** Everything else, to be left out. */
  readonly blanks: readonly Replacement[];
}

interface Stretch {
  readonly start: number;
  readonly end: number;
  readonly commands: readonly Command[];
  /** The variables it sets, when it is an assignment on a line of its own: kept only if a later command needs one. */
  readonly sets?: readonly string[];
}

interface Page {
  readonly reader: Reader;
  /** Where commands arrive as they are read. */
  readonly arrived: Command[];
  readonly stretches: Stretch[];
  readonly repairs: Repair[];
  /** The table of the quoted dump the line is in. */
  table: string | undefined;
  /** The rules that follow are what a listing printed. */
  listing: boolean;
  /** Several rules stand without a program: the page quotes a file for iptables-restore. */
  readonly quotesFile: boolean;
  /** Lines that may still be looked through for the ends of loops and functions that may not even be some. */
  patience: number;
}

/** Looks for the commands of a page line by line; `arrived` is where the reader puts them. */
export function keepCommands(reader: Reader, arrived: Command[]): KeptCommands {
  const { text } = reader;
  const page: Page = {
    reader,
    arrived,
    stretches: [],
    repairs: [],
    table: undefined,
    listing: false,
    quotesFile: quotesFile(text),
    patience: PATIENCE,
  };
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0;
  while (at < text.length) {
    const end = lineEndAfter(text, at, text.length);
    const next = Math.min(nextLineStart(text, end), text.length);
    const read = readLine(page, at, end);
    at = Math.max(next, read);
    // A command that took several lines ends in the middle of none of them.
    if (at > next && at < text.length && !isLineEnd(text, at - 1))
      at = Math.min(nextLineStart(text, lineEndAfter(text, at, text.length)), text.length);
  }
  const kept = neededStretches(page.stretches, text);
  return {
    commands: kept.flatMap((stretch) => stretch.commands),
    repairs: [...page.repairs, ...plainLineEnds(text, kept)],
    blanks: blanksBetween(text, kept),
  };
}

/** Reads one line; returns the end of what was read, which may be lines further on. */
function readLine(page: Page, at: number, end: number): number {
  const { reader } = page;
  const { text } = reader;
  const line = text.slice(at, Math.min(end, at + 4000));
  if (/^[\s\u00a0]*$/.test(line)) return end;
  if (line.startsWith('#!/')) {
    page.stretches.push({ start: at, end, commands: [], sets: ['#!'] });
    return end;
  }
  if (readDumpLine(page, at, end, line)) return end;
  const compound = compoundEnd(page, at, end, line);
  if (compound !== undefined) {
    const commands = readAs(page, at, compound, false);
    if (commands.some((command) => takesRules(command.program))) {
      page.stretches.push({ start: at, end: compound, commands });
      return compound;
    }
  }
  const rule = ruleWithoutProgram(text, at, end);
  if (rule !== undefined && !page.listing) {
    const read = keepCommandAt(page, rule, text.length, true);
    if (read !== undefined) {
      if (page.quotesFile) giveProgramsQuietly(page);
      return read;
    }
  } else if (rule === undefined) page.listing = false;
  let done = at;
  let fruitless = 0;
  for (const candidate of candidatesOf(page, at, end, line)) {
    if (candidate.start < done) continue;
    const read = keepCommandAt(page, candidate.start, candidate.limit ?? text.length, candidate.ownLine);
    if (read !== undefined && candidate.values !== undefined) takeValues(page, candidate.values);
    if (read !== undefined) done = read;
    else if ((fruitless += 1) >= FRUITLESS_READS) break;
  }
  if (done > at) return done;
  keepAssignment(page, at, end, line);
  return end;
}

/** Whether a text has more than one rule without a program, or one for a chain that only a file brings along. */
function quotesFile(text: string): boolean {
  let rules = 0;
  for (let at = 0; at < text.length && rules < 2;) {
    const end = lineEndAfter(text, at, text.length);
    const rule = ruleWithoutProgram(text, at, end);
    if (rule !== undefined) {
      const chain = /^\S+[ \t]+(\S{1,60})/.exec(text.slice(rule, Math.min(end, rule + 80)))?.[1] ?? '';
      rules += isBuiltInChain(chain.toUpperCase()) ? 1 : 2;
    }
    at = Math.max(at + 1, nextLineStart(text, end));
  }
  return rules > 1;
}

/** The last rule gets its program without a word about it. */
function giveProgramsQuietly(page: Page): void {
  for (const { repairs } of page.stretches.at(-1)?.commands ?? []) {
    const given = repairs.findIndex(givesProgram);
    if (given !== -1) page.repairs.push(...repairs.splice(given, 1));
  }
}

/** What a program of another language puts into the commands read last is not known. */
function takeValues(page: Page, values: 'inside' | 'behind'): void {
  const last = page.stretches.at(-1);
  if (last === undefined) return;
  for (const command of last.commands) page.repairs.push(...takeProgramValues(command));
  if (values === 'behind') page.repairs.push(valueBehind(last.end));
}

/** No command on a page is longer, its continuation lines included. */
const COMMAND_LENGTH = 8000;

/** A command that may begin somewhere on a line. */
interface Candidate {
  readonly start: number;
  /** It is all that stands on its line, bullets, numbers and prompts aside. */
  readonly ownLine: boolean;
  /** Where the quotes it stands in close. */
  readonly limit: number | undefined;
  /** A program of another language runs it and puts values into it, also `behind` its end. */
  readonly values?: 'inside' | 'behind';
}

const CALL =
  /(?:ip6?tables(?:-legacy|-nft)?(?:-save|-restore)?|nft|ipset)(?![\w./-])|\$\{?[A-Za-z_]\w*\}?(?=[ \t\u00a0]+(?:[-\u2010-\u2015\u2212]|&[mn]dash;))/g;
const BULLET =
  /^[ \t\u00a0]*(?:<\/?[a-z][^<>\n]{0,80}>[ \t\u00a0]*|(?:[-*+•·o–—]|>+|\(?\w{1,3}[.):]|\d{1,5}|Step \d+:?)[ \t\u00a0]+|[(（]?\w{1,3}[）、．：][ \t\u00a0]*|>)*$/;
/** What a prompt has in it; list numbers and the `>` of a quoted mail are layout. */
const IS_PROMPT = /[$#%❯➜»λ]/;
const OPENING = '"\'`“”‘’(«„‚';

function candidatesOf(page: Page, at: number, end: number, line: string): Candidate[] {
  const { reader } = page;
  const { text } = reader;
  const found: Candidate[] = [];
  const misspelt = misspeltAt(page, at, end, line);
  if (misspelt !== undefined) return [{ start: misspelt, ownLine: true, limit: undefined }];
  if (!/tables|nft|ipset|\$/.test(line)) return found;
  const carried = carriedCommandAt(line);
  const quote = carried === undefined ? undefined : programQuoteAt(line, carried);
  if (carried !== undefined && quote !== undefined) {
    const joined = endOfJoinedText(text, quote, at + carried + 1, end);
    const values = joined.valueBehind ? 'behind' : 'inside';
    return [{ start: skipBlanks(text, at + carried + 1, end), ownLine: true, limit: joined.at, values }];
  }
  const prompt = promptAt(text, at, end, reader.names, true);
  if (prompt !== undefined && IS_PROMPT.test(text.slice(at, prompt)))
    found.push({ start: skipBlanks(text, at, end), ownLine: true, limit: undefined });
  for (const match of line.matchAll(CALL)) {
    const begin = callStart(line, match.index, carried ?? 0);
    if (begin === undefined) continue;
    const start = at + begin;
    if (found[0]?.ownLine === true && prompt !== undefined && found[0].limit === undefined && start <= prompt) continue;
    const before = line.slice(0, begin);
    const delimiter = before.slice(-1);
    const closing = delimiter !== '' && OPENING.includes(delimiter) ? closingOf(text, delimiter, at + match.index + match[0].length, end) : undefined;
    const tag = endedByTag(line, match.index);
    const limit = tag === undefined ? closing : Math.min(at + tag, closing ?? Infinity);
    const lead = closing === undefined ? before : before.slice(0, -1);
    const variable = match[0].startsWith('$');
    const ownLine = BULLET.test(lead) || lead.length === carried || /<br[ \t/]*>[ \t]*$/i.test(lead);
    if (!mayBeCommand(text, at + match.index + match[0].length, end, ownLine || limit !== undefined, match[0])) continue;
    if (variable && (!ownLine || programOf(match[0], reader.names) === undefined)) continue;
    found.push({ start, ownLine, limit });
  }
  return found;
}

/** Where the call of a misspelt program begins that stands alone on its line: `# Iptables -A INPUT …`. */
function misspeltAt(page: Page, at: number, end: number, line: string): number | undefined {
  if (!/^.{0,60}ip?[tv6]/i.test(line)) return undefined;
  const { text, names } = page.reader;
  const prompt = promptAt(text, at, end, names, true);
  const prompted = prompt !== undefined && IS_PROMPT.test(text.slice(at, prompt));
  const start = prompted ? prompt : skipBlanks(text, at + (BULLET.exec(line)?.[0].length ?? 0), end);
  const call = /^(sudo[ \t]+)?(\S+)/.exec(text.slice(start, Math.min(end, start + 120)));
  if (call === null) return undefined;
  const word = start + (call[1] ?? '').length;
  if (misspeltCallAt(text, { start: word, end: word + (call[2] ?? '').length }, end, names) === undefined) return undefined;
  return prompted ? skipBlanks(text, at, end) : start;
}

/** Where a call begins whose program's name stands at `at`, not before `from`: its path and `sudo` included. Undefined in the middle of a word. */
function callStart(line: string, at: number, from: number): number | undefined {
  let start = at;
  if (line.charAt(start - 1) === '/') while (start > from && at - start < 100 && /[\w.~$\u007b\u007d/-]/.test(line.charAt(start - 1))) start -= 1;
  if (start > 0 && start !== from && /[\w.$/-]/.test(line.charAt(start - 1))) return undefined;
  const sudo = /(?:^|[^\w./-])(sudo[ \t\u00a0]+(?:-\w+[ \t\u00a0]+)?)$/.exec(line.slice(Math.max(0, start - 40), start))?.[1];
  return sudo === undefined ? start : start - sudo.length;
}

/** A quick look at what follows, before a command is read. */
function mayBeCommand(text: string, at: number, end: number, ownLine: boolean, call: string): boolean {
  if (!/tables(?:-legacy|-nft)?$/.test(call) && !call.startsWith('$')) return true;
  const option = optionAt(text, at, end);
  // A program alone on its line may have lost the rest to the next one, or go on there.
  if (option === undefined) {
    const next = skipBlanks(text, at, end);
    return ownLine && (/^\\?\s*$/.test(text.slice(next, end)) || lostDashAt(text, next, end));
  }
  return option.start > at && (ownLine || /^(?:[AIDRPNFXZEt]|append|insert|delete|replace|policy|new-chain|flush|zero|table)$/.test(option.name));
}

/** Reads of a line that lead to nothing, after which the rest of it is given up. */
const FRUITLESS_READS = 8;

function closingOf(text: string, opening: string, from: number, end: number): number | undefined {
  const closing: Readonly<Record<string, string>> = {
    '(': ')',
    '“': '”"“″',
    '”': '”"',
    '„': '“”"',
    '‘': "’'‘",
    '’': "’'",
    '‚': '‘',
    '«': '»',
    '`': "`'",
    '"': '"”',
    "'": "'’",
  };
  const wanted = closing[opening] ?? opening;
  for (let at = from; at < Math.min(end, from + COMMAND_LENGTH / 2); at += 1) {
    if (!wanted.includes(text.charAt(at))) continue;
    // Quotes inside of the command are followed by more of it.
    if (opening === '(' || opening === '`' || at + 1 >= end || /[\s.,;:!?)\]]/.test(text.charAt(at + 1))) {
      const behind = skipBlanks(text, at + 1, end);
      if (opening !== '(' && opening !== '`' && behind > at + 1 && optionAt(text, behind, end) !== undefined) continue;
      return at;
    }
  }
  return undefined;
}

/** Reads the commands that begin at `start` and keeps them if they are commands and no part of a sentence. */
function keepCommandAt(page: Page, start: number, limit: number, ownLine: boolean): number | undefined {
  const { text } = page.reader;
  const commands = readAs(page, start, Math.min(limit, text.length, start + COMMAND_LENGTH), true);
  const [first] = commands;
  if (first?.program === undefined || !isKept(page, first, ownLine)) return undefined;
  const kept: Command[] = [first];
  let end = endOf(first, text);
  for (const command of commands.slice(1)) {
    if (command.program === undefined) continue;
    const split = first.repairs.length > 0 && kept[kept.length - 1]?.repairs.some((repair) => repair.check === 'two-commands-one-line') === true;
    if (!split && !isKept(page, command, ownLine)) continue;
    const between = commands.slice(commands.indexOf(kept[kept.length - 1] ?? first) + 1, commands.indexOf(command));
    if (between.length > 0 && !ownLine) break;
    for (const other of between) kept.push(other);
    kept.push(command);
    end = endOf(command, text);
  }
  page.stretches.push({ start: Math.min(start, first.words[0]?.start ?? start), end, commands: kept });
  page.listing = kept.some(prints);
  return end;
}

function readAs(page: Page, start: number, end: number, oneLine: boolean): Command[] {
  const { reader, arrived } = page;
  arrived.length = 0;
  reader.pending.length = 0;
  const substitution = (scan: Scan): void => {
    readCommands(reader, scan, ')', oneLine);
  };
  readCommands(reader, newScan(reader.text, 'shell', start, end, true, substitution), '', oneLine);
  return arrived.splice(0).filter((command) => command.words.length > 0);
}

/** Where what is kept of a command ends: behind its last word, or where prose begins. */
function endOf(command: Command, text: string): number {
  if (command.prose !== undefined) {
    const last = command.words[command.words.length - 1];
    return last?.end ?? command.prose.start;
  }
  let { end } = command;
  if (command.comment !== undefined) end = Math.min(end, command.comment.end);
  while (end > 0 && /[ \t\u00a0\r\n;&|]/.test(text.charAt(end - 1))) end -= 1;
  return Math.max(end, command.words[command.words.length - 1]?.end ?? 0);
}

/** Listing what is there prints rules that are no commands. */
function prints(command: Command): boolean {
  if (command.program === 'iptables-save') return true;
  return (
    takesRules(command.program) &&
    command.words.some((word) => isOption(word.text) && /^(?:[nvx]*[SL][nvx]*|list|list-rules)$/.test(optionName(word.text)))
  );
}

function isKept(page: Page, command: Command, ownLine: boolean): boolean {
  const { words, programWord, program, prose } = command;
  if (!takesRules(program)) return isKeptOther(command, ownLine);
  const next = words[programWord + 1];
  if (next === undefined) return false;
  if (!isOption(next.text)) return ownLine && prose === undefined && lostDashAt(page.reader.text, next.start, page.reader.text.length);
  const operation = words.findIndex((word, index) => index > programWord && isOption(word.text) && isOperation(optionName(word.text)));
  const name = operation === -1 ? '' : optionName(words[operation]?.text ?? '');
  const chain = words[operation + 1]?.text ?? '';
  const options = operation === -1 ? 0 : words.slice(operation + 1).filter((word) => isOption(word.text)).length;
  const rule = changesRules(name);
  const chained =
    operation !== -1 &&
    chain !== '' &&
    !isOption(chain) &&
    (isBuiltInChain(chain) || page.reader.chains().has(chain) || options > 0 || chain.startsWith('$'));
  if (command.prompted) return prose === undefined || rule || words.length <= programWord + 3;
  if (ownLine) {
    if (prose === undefined) return operation !== -1 || hasRule(command) || words.filter((word) => isOption(word.text)).length > 1;
    return chained || (operation === -1 && hasRule(command));
  }
  // Inside of a sentence only what names an operation and a chain.
  if (!rule && !/^(?:F|X|Z|flush|delete-chain|zero)$/.test(name)) return false;
  if (!chained) return false;
  if (name === 'P' || name === 'policy') return /^(?:ACCEPT|DROP)$/.test(words[operation + 2]?.text ?? '');
  if (name === 'N' || name === 'new-chain' || !rule) return prose === undefined || isBuiltInChain(chain);
  return options > 0;
}

function hasRule(command: Command): boolean {
  return !command.operation && command.words.some((word) => /^--?(?:j|jump|g|goto)$/.test(word.text));
}

const NFT_VERB = /^(?:add|create|insert|delete|destroy|replace|flush|rename|reset|list|monitor|-f|--file|-c)$/;
const IPSET_VERB = /^(?:create|add|del|destroy|flush|rename|swap|test|list|save|restore|-?-?[NADXFEWTLSR]|-exist|-!)$/;

function isKeptOther(command: Command, ownLine: boolean): boolean {
  const { program, words, programWord } = command;
  if (!ownLine) return false;
  const next = words[programWord + 1]?.text ?? '';
  if (program === 'nft') return NFT_VERB.test(next) && words.length > programWord + 2;
  if (program === 'ipset') return IPSET_VERB.test(next) && words.length > programWord + 2;
  // `iptables-save > file`, and nothing that reads like a sentence.
  return words.slice(programWord + 1).every((word) => word.text.startsWith('-') || /^(?:filter|nat|mangle|raw|security|\/\S*)$/.test(word.text));
}

const CHAIN_LINE = /^:([^\s:]{1,60})[ \t]+(ACCEPT|DROP|-)(?:[ \t]+\[\d+:\d+\])?[ \t]*$/;

/** Rules of a dump that is quoted on the page become commands for its table. */
function readDumpLine(page: Page, at: number, end: number, line: string): boolean {
  const { reader } = page;
  const header = /^[ \t]*\*(filter|nat|mangle|raw|security)[ \t]*$/.exec(line)?.[1];
  if (header !== undefined) {
    page.table = header;
    return true;
  }
  if (page.table === undefined) return false;
  if (/^[ \t]*COMMIT[ \t]*$/.test(line)) {
    page.table = undefined;
    page.listing = false;
    return true;
  }
  if (page.listing) return ruleWithoutProgram(reader.text, at, end) !== undefined || line.startsWith(':');
  const program = page.table === 'filter' ? 'iptables' : `iptables -t ${page.table}`;
  const chain = CHAIN_LINE.exec(line);
  if (chain !== null) {
    const name = chain[1] ?? '';
    if (chain[2] === '-') {
      page.repairs.push({ check: 'broken-line', start: at, end: at + 1, text: `${program} -N ` });
      page.repairs.push({ check: 'broken-line', start: at + 1 + name.length, end, text: '' });
    } else {
      page.repairs.push({ check: 'broken-line', start: at, end: at + 1, text: `${program} -P ` });
      const policy = line.indexOf(chain[2] ?? '', name.length + 1);
      page.repairs.push({ check: 'broken-line', start: at + policy + (chain[2] ?? '').length, end, text: '' });
    }
    page.stretches.push({ start: at, end, commands: [] });
    return true;
  }
  const counters = /^[ \t]*\[\d+:\d+\][ \t]*/.exec(line)?.[0].length ?? 0;
  const rule = ruleWithoutProgram(reader.text, at + counters, end);
  if (rule === undefined) {
    // Prose: the dump was not ended.
    if (isProseLine(line)) page.table = undefined;
    return false;
  }
  const [command] = readAs(page, rule, end, true);
  if (command === undefined) return true;
  const own = command.repairs.findIndex((repair) => repair.check === 'broken-line');
  if (own !== -1) command.repairs.splice(own, 1);
  page.repairs.push({ check: 'broken-line', start: rule, end: rule, text: `${program} ` });
  page.stretches.push({ start: rule, end: endOf(command, reader.text), commands: [command] });
  return true;
}

const ASSIGNMENT =
  /^[ \t\u00a0]*(?:export[ \t]+)?[A-Za-z_]\w*=(?:[^\s;|&<>()'"`“”‘’]|["“”][^"“”]*["“”]|['‘’][^'‘’]*['‘’]|\$\([^()]*\)|`[^`]*`)*[ \t]*;?[ \t]*(?:#.*)?$/;

function keepAssignment(page: Page, at: number, end: number, line: string): void {
  if (!line.includes('=') || !ASSIGNMENT.test(line)) return;
  const commands = readAs(page, at, end, true);
  const [command] = commands;
  if (command === undefined || commands.length !== 1) return;
  const sets = assigned(command).map(({ name }) => name);
  if (sets.length > 0) page.stretches.push({ start: at, end: endOf(command, page.reader.text), commands: [command], sets });
}

const OPENER =
  /^[ \t]*(?:(for|while|until)[ \t]+\S.*|(if)[ \t]+(?:\[|!|test\b|.*;[ \t]*then\b|\S*ip6?tables\b).*|(?:function[ \t]+[\w-]+[ \t]*(?:\(\))?|[\w-]+[ \t]*\([ \t]*\))[ \t]*(\{).*)$/;
const COMPOUND_LINES = 120;
const PATIENCE = 50_000;

/** Where the loop, condition or function that begins on a line ends; undefined when none begins or its end is not found. */
function compoundEnd(page: Page, at: number, end: number, line: string): number | undefined {
  const opener = OPENER.exec(line);
  if (opener === null) return undefined;
  const { text } = page.reader;
  const which = opener[1] !== undefined ? 'loop' : opener[2] !== undefined ? 'if' : 'braces';
  if (which === 'loop' && !/^[ \t]*(?:for[ \t]+\w+[ \t]+in\b|for[ \t]*\(\(|while|until)/.test(line)) return undefined;
  let depth = 0;
  let from = at;
  let to = end;
  for (let count = 0; count < COMPOUND_LINES && page.patience > 0; count += 1) {
    page.patience -= 1;
    const current = text.slice(from, Math.min(to, from + 1000)).replace(/#.*$/, '');
    depth += difference(current, which);
    if (depth <= 0 && (count > 0 || closes(current, which))) return to;
    if (count > 0 && isProseLine(current)) return undefined;
    if (to >= text.length) return undefined;
    from = nextLineStart(text, to);
    to = lineEndAfter(text, from, text.length);
  }
  return undefined;
}

const WORDS: Readonly<Record<'loop' | 'if' | 'braces', readonly [RegExp, RegExp]>> = {
  loop: [/(?:^|[;|&])[ \t]*(?:for|while|until)[ \t(]/g, /(?:^|[;&|])[ \t]*done\b/g],
  if: [/(?:^|[;|&])[ \t]*(?:(?:then|else|do)[ \t]+)?if[ \t]/g, /(?:^|[;&|])[ \t]*fi\b/g],
  braces: [/\{(?=[ \t]*$|[ \t])/g, /(?:^|[;&|])[ \t]*\}/g],
};

function difference(line: string, which: 'loop' | 'if' | 'braces'): number {
  const [open, close] = WORDS[which];
  return (line.match(open)?.length ?? 0) - (line.match(close)?.length ?? 0);
}

function closes(line: string, which: 'loop' | 'if' | 'braces'): boolean {
  return line.match(WORDS[which][1]) !== null;
}

/** The stretches without assignments nobody needs. */
function neededStretches(stretches: readonly Stretch[], text: string): Stretch[] {
  const needed = new Set<string>();
  const kept: Stretch[] = [];
  for (let index = stretches.length - 1; index >= 0; index -= 1) {
    const stretch = stretches[index];
    if (
      stretch === undefined ||
      (stretch.sets !== undefined && !stretch.sets.some((name) => needed.has(name)) && !opensScript(stretch, kept[kept.length - 1], text))
    )
      continue;
    kept.push(stretch);
    for (const found of text.slice(stretch.start, stretch.end).matchAll(/\$\{?([A-Za-z_]\w*)/g)) needed.add(found[1] ?? '');
  }
  kept.reverse();
  // Stretches come in order; one that begins inside of another is part of it.
  return kept.filter((stretch, index) => index === 0 || stretch.start >= (kept[index - 1]?.end ?? 0));
}

/** Whether a `#!` line stands at the head of the script the next stretch belongs to: it tells which shell that is for. */
function opensScript(stretch: Stretch, next: Stretch | undefined, text: string): boolean {
  if (stretch.sets?.[0] !== '#!' || next === undefined || next.start - stretch.end > 2000) return false;
  return !text
    .slice(stretch.end, next.start)
    .split('\n')
    .some((line) => isProseLine(line));
}

function blanksBetween(text: string, stretches: readonly Stretch[]): Replacement[] {
  const blanks: Replacement[] = [];
  let at = 0;
  const blank = (from: number, to: number, between: boolean): void => {
    let start = from;
    let broken = false;
    for (let lf = text.indexOf('\n', start); lf !== -1 && lf < to; lf = text.indexOf('\n', start)) {
      if (lf > start) blanks.push({ start, end: lf, text: '' });
      start = lf + 1;
      broken = true;
    }
    // Two commands on one line of prose.
    if (start < to || (between && !broken)) blanks.push({ start, end: to, text: between && !broken ? '\n' : '' });
  };
  for (const [index, stretch] of stretches.entries()) {
    blank(at, stretch.start, index > 0);
    at = stretch.end;
  }
  blank(at, text.length, false);
  return blanks;
}

function plainLineEnds(text: string, stretches: readonly Stretch[]): Repair[] {
  const repairs: Repair[] = [];
  for (const { start, end } of stretches) {
    for (let at = text.indexOf('\r', start); at !== -1 && at < end; at = text.indexOf('\r', at + 1)) {
      repairs.push({
        check: 'carriage-return',
        start: at,
        end: at + 1,
        text: text.charAt(at + 1) === '\n' || text.charAt(at + 1) === '\r' ? '' : '\n',
      });
    }
  }
  return repairs;
}
