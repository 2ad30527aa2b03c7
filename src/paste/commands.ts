/** Finds the commands of a text and reads each, deciding on the way where it really begins and ends. */

import { blankLengthAt, damagedCharacterAt, isLineEnd, nextLineStart, skipBackslashes, skipBlanks, withoutInvisible } from './characters.js';
import { forgetFrom, lastWord, newCommand, placeOf, pushWord, type Command, type Place, type Repair, type Word } from './command.js';
import {
  changesRules,
  isOption,
  isOperation,
  KNOWN_TARGETS,
  mayBeOperation,
  needsArgument,
  optionName,
  takesFreeText,
  takesNoArgument,
} from './options.js';
import { misspeltCallAt, noteMisspeltValue, pushMisspelt } from './misspelt-program.js';
import { bracketsEnd, bracketsWord } from './placeholder.js';
import { BYSTANDERS, KEYWORDS, programOf, RUNNERS, takesRules, type Program, type ProgramNames } from './programs.js';
import { gluedProseAt, proseAt } from './prose-after-rule.js';
import { explainsOption, isProseLine } from './prose.js';
import { backslashAt, DEPTH_LIMIT, lineEnd, optionAt, readWord, skipDamagedBlanks, type Scan } from './scan.js';
import { promptAt } from './shell-prompt.js';
import { companionAt } from './two-commands-one-line.js';

/** What is known of the text whose commands are read, and who gets them. */
export interface Reader {
  readonly text: string;
  readonly kind: 'script' | 'text';
  readonly names: ProgramNames;
  /** Chains the text creates. */
  readonly chains: () => ReadonlySet<string>;
  /** `# iptables …` is a prompt, not a comment. */
  readonly hashIsPrompt: boolean;
  /** Called for every command as it ends, in order. */
  readonly finished: (command: Command) => void;
  /** Called for the lines of a here-document. */
  readonly hereDocument: (start: number, end: number) => void;
  /** Here-documents whose bodies begin on the next line. */
  readonly pending: { readonly delimiter: string; readonly tabs: boolean }[];
  /** The program called last, as it is written: for rules that lost theirs. */
  lastProgram: string;
}

/**
 * Reads commands from `scan.at` on, up to the end of the scan, or up to the parenthesis that closes a `$(` or `(`. With `oneLine`
 * up to the end of the first line that does not go on.
 */
export function readCommands(reader: Reader, scan: Scan, closer: '' | ')', oneLine: boolean, list = false): void {
  const { text } = scan;
  let command = newCommand(scan.at, list);
  let lineStart = scan.at;
  let fresh = closer === '';
  let redirected = false;
  const finish = (): void => {
    const carried = finishCommand(reader, command, scan.at);
    command = newCommand(lineStart, list);
    addPlaces(command, carried);
    redirected = false;
  };
  scan.depth += 1;
  for (;;) {
    if (fresh) {
      startLine(reader, scan, command);
      fresh = false;
    }
    skipDamagedBlanks(scan, command);
    if (scan.at >= scan.end) {
      finish();
      break;
    }
    const character = text.charAt(scan.at);
    if (character === '\n' || character === '\r') {
      // Behind `<<EOF` the next line is the document's.
      if (!list && reader.pending.length === 0 && joinBrokenLine(reader, scan, command)) continue;
      const next = nextLineStart(text, scan.at);
      finish();
      scan.at = Math.min(next, scan.end);
      if (reader.pending.length > 0) skipHereDocuments(reader, scan);
      if (oneLine) break;
      lineStart = scan.at;
      command = newCommand(lineStart, list);
      fresh = closer === '' && !list;
      continue;
    }
    if (character === '#') {
      const end = lineEnd(scan, scan.at);
      command.comment = { start: scan.at, end };
      scan.at = end;
      continue;
    }
    if (character === '\\' && passBackslash(reader, scan, command)) continue;
    if (takesRules(command.program)) {
      const behind = promptInside(reader, scan, command);
      if (behind !== undefined) {
        scan.at = behind;
        command = splitCommand(reader, scan, command, readWord(scan, command));
        continue;
      }
      if (cutProse(reader, scan, command, scan.at, false)) continue;
    }
    const operator = operatorAt(scan, command);
    if (operator === '<' && (text.startsWith('<<', scan.at - 1) || text.startsWith('<', scan.at)) && takeHereDocument(reader, scan)) continue;
    if (operator === '<' || operator === '>') {
      const word = lastWord(command);
      if (word !== undefined && word.end === scan.at - 1 && /^\d+$/.test(word.text)) command.words.pop();
      skipOperators(scan, command, '<>&|');
      redirected = true;
      continue;
    }
    if (operator === '&' && text.charCodeAt(scan.at) === 0x3e) {
      skipOperators(scan, command, '<>&|');
      redirected = true;
      continue;
    }
    if (operator === '(') {
      command = openParenthesis(reader, scan, command, lineStart, oneLine);
      continue;
    }
    if (operator === ')' && closer === ')') {
      finish();
      break;
    }
    if (operator !== undefined) {
      // `&&`, `||` and `;;` are one operator, however they are written.
      skipOperators(scan, command, operator);
      finish();
      continue;
    }
    const brackets = takesRules(command.program) ? bracketsEnd(text, scan.at, scan.end, command.words) : undefined;
    if (brackets !== undefined) {
      pushWord(command, bracketsWord(text, scan.at, brackets));
      scan.at = brackets;
      continue;
    }
    const before = scan.at;
    const word = readWord(scan, command);
    if (word.end === before) {
      // A backslash, a lone `&` or the like that nothing above knew what to do with.
      scan.at += 1;
      continue;
    }
    if (redirected) {
      addPlaces(command, word.places);
      redirected = false;
      continue;
    }
    if (command.program !== undefined && takesRules(command.program) && splitsHere(reader, scan, command, word)) {
      const second = splitCommand(reader, scan, command, word);
      command = second;
      continue;
    }
    const glued = takesRules(command.program) ? gluedCallAt(reader, scan, command, word) : undefined;
    if (glued !== undefined) {
      pushWord(command, glued.head);
      command = splitCommand(reader, scan, command, glued.call);
      continue;
    }
    addWord(reader, scan, command, word);
  }
  scan.depth -= 1;
}

function addPlaces(command: Command, places: readonly Place[]): void {
  for (const place of places) command.places.push(place);
}

/** Takes the prompt, and gives a program to a rule that stands without one. */
function startLine(reader: Reader, scan: Scan, command: Command): void {
  const { text } = scan;
  const prompt = promptAt(text, scan.at, scan.end, reader.names, reader.hashIsPrompt);
  if (prompt !== undefined) {
    const start = skipBlanks(text, scan.at, scan.end);
    command.repairs.push({ check: 'shell-prompt', start, end: prompt, text: '' });
    command.prompted = true;
    scan.at = prompt;
    return;
  }
  if (scan.depth > 1) return;
  const rule = ruleWithoutProgram(text, scan.at, scan.end);
  if (rule === undefined) return;
  command.repairs.push({ check: 'broken-line', start: rule, end: rule, text: `${reader.lastProgram} ` });
  pushWord(command, { start: rule, end: rule, text: reader.lastProgram, quoted: false, places: [] });
  command.program = reader.lastProgram.includes('6') ? 'ip6tables' : 'iptables';
  command.programWord = 0;
}

const CHAIN_THEN_OPTION = /[A-Za-z][\w.-]{0,40}(?=[ \t\u00a0]+[!\d-]|[ \t\u00a0]+[\u2010-\u2015\u2212]|[ \t\u00a0]+&[mn]dash;)/y;
const POLICY = /(?:INPUT|OUTPUT|FORWARD|PREROUTING|POSTROUTING)[ \t\u00a0]+(?:ACCEPT|DROP)(?=[ \t\u00a0\r]*(?:\n|\r|$|#))/y;

const TABLE = /(?:filter|nat|mangle|raw|security)(?=[ \t])/y;

/** Where a rule without a program (`-A INPUT -p tcp …`, as iptables-save prints it) begins on the line that begins at `at`. */
export function ruleWithoutProgram(text: string, at: number, end: number): number | undefined {
  const option = optionAt(text, at, end);
  if (option === undefined || text.charCodeAt(option.start) === 0x21) return undefined;
  if (blankLengthAt(text, option.nameEnd) === 0) return undefined;
  if (option.name === 't' || option.name === 'table') {
    TABLE.lastIndex = skipBlanks(text, option.nameEnd, end);
    return TABLE.test(text) && ruleWithoutProgram(text, TABLE.lastIndex, end) !== undefined ? option.start : undefined;
  }
  const behind = skipBlanks(text, option.nameEnd, end);
  if (/^(?:[AIDR]|append|insert|delete|replace)$/.test(option.name)) {
    CHAIN_THEN_OPTION.lastIndex = behind;
    return CHAIN_THEN_OPTION.test(text) ? option.start : undefined;
  }
  if (option.name !== 'P' && option.name !== 'policy') return undefined;
  POLICY.lastIndex = behind;
  return POLICY.test(text) ? option.start : undefined;
}

/** Ends a command; returns the damage at its end that belongs to the next one if this is no firewall command. */
function finishCommand(reader: Reader, command: Command, end: number): readonly Place[] {
  command.end = end;
  const word = command.words[command.programWord];
  if (command.program !== undefined && takesRules(command.program) && word !== undefined && word.end > word.start) {
    const misspelt = command.repairs.some(({ check }) => check === 'misspelt-program');
    const name = misspelt ? word.text : reader.text.slice(word.start, word.end);
    reader.lastProgram = name.length <= 60 && word.places.length === 0 ? name : 'iptables';
  }
  if (command.program === undefined && command.places.length > 0) {
    const last = lastWord(command)?.end ?? command.lineStart;
    // Only what stands between the two commands: an operator of two characters at most.
    const carried = command.places.slice(-2).filter((place) => place.start >= last && place.role === 'operator' && command.words.length > 0);
    if (carried.length > 0) {
      forgetFrom(command, carried[0]?.start ?? last);
      reader.finished(command);
      return carried;
    }
  }
  reader.finished(command);
  return [];
}

/** The operator at `scan.at`, which it moves past; damaged ones are noted. */
function operatorAt(scan: Scan, command: Command): string | undefined {
  const { text } = scan;
  const character = text.charAt(scan.at);
  if (character === '&') {
    const damaged = damagedCharacterAt(text, scan.at);
    if (damaged !== undefined) {
      if (damaged.role !== 'operator') return undefined;
      if (damaged.meant === '<' && bracketsEnd(text, scan.at, scan.end, command.words) !== undefined) return undefined;
      const end = scan.at + damaged.length;
      command.places.push(placeOf(damaged, scan.at, end));
      scan.at = end;
      return damaged.meant;
    }
  }
  if ((character === '<' || character === '(') && takesRules(command.program) && bracketsEnd(text, scan.at, scan.end, command.words) !== undefined)
    return undefined;
  if (character === '' || !'&;|<>()'.includes(character)) return undefined;
  scan.at += 1;
  return character;
}

function skipOperators(scan: Scan, command: Command, which: string): void {
  for (;;) {
    const { at } = scan;
    const damaged = scan.text.charCodeAt(at) === 0x26 ? damagedCharacterAt(scan.text, at) : undefined;
    const meant = damaged?.role === 'operator' ? damaged.meant : scan.text.charAt(at);
    if (at >= scan.end || meant === '' || !which.includes(meant)) return;
    if (damaged !== undefined && damaged.role !== 'operator') return;
    operatorAt(scan, command);
    if (scan.at === at) return;
  }
}

const HERE_DOCUMENT = /<(-?)[ \t]*(?:'([^'\n]{1,80})'|"([^"\n]{1,80})"|\\?([\w.-]{1,80}))/y;

/** Remembers a here-document; `scan.at` stands behind its first `<`. */
function takeHereDocument(reader: Reader, scan: Scan): boolean {
  HERE_DOCUMENT.lastIndex = scan.at;
  if (scan.text.charCodeAt(scan.at) !== 0x3c || scan.text.charCodeAt(scan.at + 1) === 0x3c) return false;
  const found = HERE_DOCUMENT.exec(scan.text);
  if (found === null || HERE_DOCUMENT.lastIndex > scan.end) return false;
  reader.pending.push({ delimiter: found[2] ?? found[3] ?? found[4] ?? '', tabs: found[1] === '-' });
  scan.at = HERE_DOCUMENT.lastIndex;
  return true;
}

function skipHereDocuments(reader: Reader, scan: Scan): void {
  const { text } = scan;
  for (const { delimiter, tabs } of reader.pending.splice(0)) {
    const start = scan.at;
    let end = scan.end;
    while (scan.at < scan.end) {
      const lineStart = scan.at;
      const eol = lineEnd(scan, lineStart);
      scan.at = eol >= scan.end ? scan.end : Math.min(nextLineStart(text, eol), scan.end);
      const line = text.slice(lineStart, Math.min(eol, lineStart + 200));
      if ((tabs ? line.replace(/^\t+/, '') : line) === delimiter) {
        end = lineStart;
        break;
      }
    }
    reader.hereDocument(start, end);
  }
}

/** `(`: a list of words, arithmetic, a function's parentheses, or commands in a subshell. Returns the command that goes on. */
function openParenthesis(reader: Reader, scan: Scan, command: Command, lineStart: number, oneLine: boolean): Command {
  const { text } = scan;
  const before = lastWord(command);
  if (before?.end === scan.at - 1 && before.text.endsWith('=') && command.program === undefined) {
    if (scan.depth >= DEPTH_LIMIT) return command;
    const list: Command[] = [];
    readCommands({ ...reader, pending: [], finished: (item) => void list.push(item) }, scan, ')', oneLine, true);
    for (const item of list) {
      for (const word of item.words) addPlaces(command, word.places);
      addPlaces(command, item.places);
    }
    command.places.sort((a, b) => a.start - b.start);
    return command;
  }
  if (text.charCodeAt(scan.at) === 0x28 && command.words.length === 0) {
    const end = Math.min(lineEnd(scan, scan.at), scan.at + 400);
    const close = text.slice(scan.at, end).indexOf('))');
    if (close !== -1) {
      scan.at += close + 2;
      return command;
    }
  }
  const blank = skipBlanks(text, scan.at, scan.end);
  if (text.charCodeAt(blank) === 0x29 && blank < scan.end) {
    scan.at = blank + 1;
    return newCommand(lineStart);
  }
  finishCommand(reader, command, scan.at - 1);
  if (scan.depth < DEPTH_LIMIT) readCommands(reader, scan, ')', oneLine);
  return newCommand(lineStart);
}

function addWord(reader: Reader, scan: Scan, command: Command, word: Word): void {
  if (command.program === undefined && !command.list) {
    if (command.words.length === 0 && !word.quoted && KEYWORDS.has(word.text)) {
      addPlaces(command, word.places);
      return;
    }
    const program = programOf(word.text, reader.names);
    if (program !== undefined && callsProgram(command, word, program)) {
      command.program = program;
      command.programWord = command.words.length;
    }
    if (program === undefined && !word.quoted && command.words.every((before) => RUNNERS.has(before.text))) {
      const meant = misspeltCallAt(scan.text, word, scan.end, reader.names);
      if (meant !== undefined) {
        pushMisspelt(command, word, meant);
        return;
      }
    }
    if (word.places.length === 0) noteMisspeltValue(scan.text, command, word, reader.names);
  } else if (takesRules(command.program) && !word.quoted) {
    const cut = gluedProseAt(reader, scan, command, word);
    if (cut !== undefined) {
      pushWord(command, { ...word, end: cut, text: reader.text.slice(word.start, cut), places: [] });
      cutProse(reader, scan, command, cut, true);
      return;
    }
  }
  pushWord(command, word);
}

function callsProgram(command: Command, word: Word, program: Program): boolean {
  const first = command.words.find((before) => !/^[A-Za-z_]\w*=/.test(before.text))?.text;
  if (first === undefined) return true;
  const name = first.slice(first.lastIndexOf('/') + 1);
  if (BYSTANDERS.has(name)) return false;
  if (RUNNERS.has(name)) return true;
  // `run iptables -A …`: some function that runs or records the command given to it.
  return takesRules(program) && /tables/.test(word.text) && !word.text.startsWith('$');
}

/** Ends the command where prose begins, if it begins at `cut`. */
function cutProse(reader: Reader, scan: Scan, command: Command, cut: number, glued: boolean): boolean {
  if (!glued && isPlainOption(scan)) return false;
  if (!glued && (secondCommandAt(reader, scan, command) || !proseAt(reader, scan, command))) return false;
  let end = lineEnd(scan, cut);
  // A comment ends with its line, whatever stands at the end of it: what the line goes on with is prose, too.
  if (reader.kind === 'script')
    while (end > cut && end < scan.end && scan.text.charAt(end - 1) === '\\') end = lineEnd(scan, Math.min(scan.end, nextLineStart(scan.text, end)));
  // As a comment it would leave the lines of a here-document to the shell.
  if (reader.kind === 'script' && /<<-?[ \t]*['"\\]?\w/.test(scan.text.slice(cut, end))) return false;
  // Behind a comment a command goes on, and the words in between are no sentence.
  const next = nextLineStart(scan.text, end);
  if (reader.kind === 'script' && next < scan.end && lastWord(command) !== undefined && restOfCommand(reader, scan, command, next, true))
    return false;
  command.prose = { start: cut, end, glued };
  forgetFrom(command, lastWord(command)?.end ?? cut);
  scan.at = end;
  return true;
}

/** A hyphen and a letter, or two hyphens: what most words of a command begin with. */
function isPlainOption(scan: Scan): boolean {
  if (scan.text.charCodeAt(scan.at) !== 0x2d) return false;
  const next = scan.text.charCodeAt(scan.at + 1);
  return next === 0x2d || (next >= 0x41 && next <= 0x7a);
}

/** Whether the word calls a program in the middle of an iptables command, so that a second command begins here. */
function splitsHere(reader: Reader, scan: Scan, command: Command, word: Word): boolean {
  if (command.words.length < command.programWord + 2) return false;
  const before = lastWord(command);
  if (before === undefined) return false;
  if (companionAt(scan.text, word.start, scan.end)) return !awaitsArgument(command.words);
  const program = programOf(word.text, reader.names);
  if (program === undefined) return false;
  if (!takesRules(program)) return program === 'iptables-save' && !awaitsArgument(command.words);
  const option = optionAt(scan.text, scan.at, scan.end);
  if (option === undefined || option.start === scan.at) return false;
  const sudo = before.text === 'sudo' ? command.words.slice(0, -1) : command.words;
  if (sudo.length < command.programWord + 2) return false;
  const last = sudo[sudo.length - 1]?.text ?? '';
  const operation = isOperation(option.name) || option.name === 't' || option.name === 'table';
  if (!awaitsArgument(sudo)) return operation || command.words.length > command.programWord + 2;
  // `--set iptables -I`: whether an option takes an argument is not known for all; names and texts surely do.
  const name = optionName(last);
  return operation && !needsArgument(name) && !takesFreeText(name);
}

const CALL_AHEAD = /(?:sudo[ \t]+)?[^\s"'`;|&<>]{1,100}/y;

/** Whether the next word, or the one behind `sudo`, calls a program in the middle of a command. */
function secondCommandAt(reader: Reader, scan: Scan, command: Command): boolean {
  CALL_AHEAD.lastIndex = scan.at;
  const call = CALL_AHEAD.exec(scan.text)?.[0];
  if (call === undefined) return false;
  if (companionAt(scan.text, scan.at, scan.end)) return !awaitsArgument(command.words);
  const program = programOf(call.replace(/^sudo[ \t]+/, ''), reader.names);
  if (program === undefined) return false;
  return program === 'iptables-save' || (takesRules(program) && optionAt(scan.text, scan.at + call.length, scan.end) !== undefined);
}

/** Where the program begins of a second command that was copied with its prompt: `-j DROP root@fw:~# iptables -A …`. */
function promptInside(reader: Reader, scan: Scan, command: Command): number | undefined {
  // `#` alone begins a comment, `>` names a file, and a number may be an argument.
  if (!command.operation || !/[[~$\w]/.test(scan.text.charAt(scan.at)) || awaitsArgument(command.words)) return undefined;
  const end = lineEnd(scan, scan.at);
  const behind = promptAt(scan.text, scan.at, end, reader.names, false);
  return behind !== undefined && /[$#%]/.test(scan.text.slice(scan.at, behind)) ? behind : undefined;
}

const CALL_AT_END = /^(.+?)((?:(?:\/[\w.-]{1,40})*\/)?ip6?tables(?:-legacy|-nft)?)$/s;
/** A number, an address, ports or a rate: what has letters glued to it that are none of it. */
const NUMBERS = /^\d[\d.:/,]*(?:\/[a-z]{1,6})?$/;

/** The two words of one in which a lost line break has glued a second command to the last argument: `DROPiptables`, `"a "/sbin/iptables`. */
function gluedCallAt(reader: Reader, scan: Scan, command: Command, word: Word): { readonly head: Word; readonly call: Word } | undefined {
  if (!command.operation || word.end - word.start > 200 || !word.text.endsWith('tables')) return undefined;
  const found = CALL_AT_END.exec(scan.text.slice(word.start, word.end));
  const option = optionAt(scan.text, scan.at, scan.end);
  if (found === null || option === undefined || option.start === scan.at) return undefined;
  if (!isOperation(option.name) && option.name !== 't' && option.name !== 'table') return undefined;
  const [, head = '', call = ''] = found;
  const ends = /["'”’]$/.test(head) || KNOWN_TARGETS.has(head) || reader.chains().has(head) || NUMBERS.test(head);
  if (!ends && !(isOption(head) && takesNoArgument(optionName(head)))) return undefined;
  const cut = word.end - call.length;
  return {
    head: { ...word, end: cut, text: word.text.slice(0, word.text.length - call.length), places: word.places.filter(({ end }) => end <= cut) },
    call: { start: cut, end: word.end, text: call, quoted: false, places: [] },
  };
}

function awaitsArgument(words: readonly Word[]): boolean {
  const last = words[words.length - 1]?.text ?? '';
  if (last === '!') return true;
  return isOption(last) && !last.includes('=') && !takesNoArgument(optionName(last));
}

/** Ends the command before the word and begins another with it. */
function splitCommand(reader: Reader, scan: Scan, command: Command, word: Word): Command {
  let start = word.start;
  const sudo = lastWord(command)?.text === 'sudo' ? command.words.pop() : undefined;
  if (sudo !== undefined) start = sudo.start;
  const end = lastWord(command)?.end ?? start;
  forgetFrom(command, end);
  command.repairs.push({ check: 'two-commands-one-line', start: end, end: start, text: '\n' });
  finishCommand(reader, command, end);
  const second = newCommand(start);
  if (sudo !== undefined) second.words.push(sudo);
  second.prompted = command.prompted;
  addWord(reader, scan, second, word);
  return second;
}

/** Looks at a backslash at the beginning of a word; true when it was dealt with. */
function passBackslash(reader: Reader, scan: Scan, command: Command): boolean {
  const { text } = scan;
  const found = backslashAt(text, scan.at, scan.end);
  if (found.kind === 'escape') return false;
  if (found.kind === 'continuation') {
    passContinuation(scan, command, found.next);
    return true;
  }
  if (!takesRules(command.program)) return false;
  const end = lastWord(command)?.end ?? scan.at;
  switch (found.kind) {
    case 'blanks': {
      const next = nextLineStart(text, found.blanksEnd);
      if (continuesOn(reader, scan, next)) {
        command.repairs.push({ check: 'space-after-backslash', start: scan.at + 1, end: found.blanksEnd, text: '' });
        passContinuation(scan, command, next);
      } else {
        forgetFrom(command, end);
        command.repairs.push({ check: 'space-after-backslash', start: end, end: found.blanksEnd, text: '' });
        scan.at = found.blanksEnd;
      }
      return true;
    }
    case 'comment': {
      const eol = lineEnd(scan, found.hash);
      const next = nextLineStart(text, eol);
      if (eol < scan.end && continuesOn(reader, scan, next)) {
        command.comments.push({ start: scan.at + 1, end: eol, text: text.slice(found.hash, eol).trimEnd() });
        passContinuation(scan, command, next);
        return true;
      }
      // `\#` may be meant; `\ #` never is.
      if (found.hash === scan.at + 1) return false;
      command.repairs.push({ check: 'comment-after-backslash', start: scan.at, end: found.hash, text: '' });
      scan.at = found.hash;
      return true;
    }
    case 'inside': {
      const program = programWordAt(reader, scan, found.next);
      if (!program && optionAt(text, skipBackslashes(text, found.next, scan.end), scan.end) === undefined) return false;
      // Before a second program the blank and all is replaced by a line end.
      if (program) {
        scan.at = found.next;
        return true;
      }
      // More blanks behind it may be damaged; they are looked at by themselves.
      const behind = Math.min(scan.at + 2, found.next);
      command.repairs.push({ check: 'collapsed-continuation', start: scan.at, end: behind, text: needsBlank(text, scan.at) ? ' ' : '' });
      scan.at = behind;
      return true;
    }
  }
}

/** Whether deleting a backslash and the blank behind it would glue two words. */
function needsBlank(text: string, at: number): boolean {
  const code = text.charCodeAt(at - 1);
  const next = text.charCodeAt(at + 2);
  return code !== 0x20 && code !== 0x09 && next !== 0x20 && next !== 0x09;
}

function programWordAt(reader: Reader, scan: Scan, at: number): boolean {
  const word = /^[^\s"';|&<>]{1,200}/.exec(scan.text.slice(at, at + 200))?.[0] ?? '';
  return word === 'sudo' || programOf(word, reader.names) !== undefined;
}

/** Moves on to the next line of a command, past the prompt (`> `) and comment lines that may stand there. */
function passContinuation(scan: Scan, command: Command, next: number): void {
  const { text } = scan;
  scan.at = Math.min(next, scan.end);
  const start = skipBlanks(text, scan.at, scan.end);
  if (command.prompted && text.charCodeAt(start) === 0x3e && blankLengthAt(text, start + 1) > 0) {
    command.repairs.push({ check: 'shell-prompt', start, end: start + 2, text: '' });
    scan.at = start + 2;
    return;
  }
  if (text.charCodeAt(start) !== 0x23 || !takesRules(command.program)) return;
  // The shell ends the command at a comment line; when options follow, that was not meant.
  const comments: Command['comments'][number][] = [];
  let at = scan.at;
  for (let line = 0; line < 50; line += 1) {
    const begin = skipBlanks(text, at, scan.end);
    if (begin >= scan.end) return;
    if (text.charCodeAt(begin) !== 0x23) {
      if (optionAt(text, at, scan.end) === undefined) return;
      for (const comment of comments) command.comments.push(comment);
      scan.at = at;
      return;
    }
    const eol = lineEnd(scan, begin);
    const after = nextLineStart(text, eol);
    comments.push({ start: at, end: Math.min(after, scan.end), text: withoutBackslash(text.slice(begin, eol)) });
    at = after;
  }
}

/** A comment line in the middle of a command may have its own backslash; nothing follows it above the command. */
function withoutBackslash(comment: string): string {
  const text = comment.trimEnd();
  return text.endsWith('\\') ? text.slice(0, -1).trimEnd() : text;
}

/** Whether the line that begins at `at` can be the next line of an iptables command. */
function continuesOn(reader: Reader, scan: Scan, at: number): boolean {
  const { text } = scan;
  if (at >= scan.end) return false;
  if (optionAt(text, at, scan.end) !== undefined) return ruleWithoutProgram(text, at, scan.end) === undefined;
  const start = skipBlanks(text, at, scan.end);
  if (start >= scan.end || isLineEnd(text, start) || '#(){};|&'.includes(text.charAt(start)) || reader.kind === 'text') return false;
  if (promptAt(text, at, scan.end, reader.names, reader.hashIsPrompt) !== undefined || programWordAt(reader, scan, start)) return false;
  const line = text.slice(start, Math.min(start + 200, lineEnd(scan, start)));
  const first = withoutInvisible(/^[^\s;|&()]*/.exec(line)?.[0] ?? '');
  return !KEYWORDS.has(first) && !BYSTANDERS.has(first) && !/^[A-Za-z_]\w*\+?=/.test(first) && !isProseLine(line);
}

/** Joins the next line when it can only be the rest of this command; true when the command goes on there. */
function joinBrokenLine(reader: Reader, scan: Scan, command: Command): boolean {
  const { text } = scan;
  const last = lastWord(command);
  if (!takesRules(command.program) || last === undefined || command.prose !== undefined) return false;
  let next = nextLineStart(text, scan.at);
  if (next >= scan.end) return false;
  if (joinHyphenated(reader, scan, command, next) || joinDashes(reader, scan, command, next)) return true;
  const firstLine = next;
  const own = skipBlanks(text, next, scan.end);
  // One empty line between the halves is how web pages set paragraphs.
  if (own < scan.end && isLineEnd(text, own)) next = nextLineStart(text, own);
  if (!restOfCommand(reader, scan, command, next, next === firstLine)) return false;
  const at = last.end;
  forgetFrom(command, at);
  if (command.comment !== undefined) {
    command.comments.push({ start: at, end: at, text: text.slice(command.comment.start, command.comment.end).trimEnd() });
    command.comment = undefined;
  }
  // The second line is what a reader has to look at; what is replaced ends where it begins.
  const until = lineBreakBefore(text, next);
  command.repairs.push({ check: 'broken-line', start: at, end: until, text: ' \\' } satisfies Repair);
  scan.at = next;
  return true;
}

/** A word that a typesetter has divided at the end of the line: `--connlimit-ab‐` and `ove`. */
function joinHyphenated(reader: Reader, scan: Scan, command: Command, next: number): boolean {
  const { text } = scan;
  const last = lastWord(command);
  const hyphen = last?.places[last.places.length - 1];
  if (last === undefined || hyphen === undefined || hyphen.end !== last.end || last.start === hyphen.start || last.end !== scan.at) return false;
  if (!/^[\u2010\u00ad]$/.test(text.slice(hyphen.start, hyphen.end))) return false;
  const start = skipBlanks(text, next, scan.end);
  if (start >= scan.end || !/[A-Za-z0-9]/.test(text.charAt(start))) return false;
  const head = { ...last, text: last.text.slice(0, last.text.length - hyphen.text.length), places: last.places.slice(0, -1) };
  joinWords(reader, scan, command, head, hyphen.start, start);
  return true;
}

/** An option whose dashes were left at the end of the line above: `--` and `limit-burst 5`. */
function joinDashes(reader: Reader, scan: Scan, command: Command, next: number): boolean {
  const { text } = scan;
  const last = lastWord(command);
  if (last?.text !== '--' || last.quoted || last.end !== scan.at) return false;
  const start = skipBlanks(text, next, scan.end);
  const name = /^[a-z][a-z-]{2,40}(?=[ \t=])/.exec(text.slice(start, Math.min(scan.end, start + 42)))?.[0];
  if (name === undefined || !(needsArgument(name) || takesNoArgument(name))) return false;
  joinWords(reader, scan, command, last, last.end, start);
  return true;
}

/** Puts the word that begins at `start` behind what the last word, at the end of the line above, keeps; what stands between, from `from` on, goes. */
function joinWords(reader: Reader, scan: Scan, command: Command, head: Word, from: number, start: number): void {
  command.words.pop();
  command.repairs.push({ check: 'broken-line', start: from, end: start, text: '' });
  scan.at = start;
  const rest = readWord(scan, command);
  addWord(reader, scan, command, { ...rest, start: head.start, text: head.text + rest.text, places: [...head.places, ...rest.places] });
}

/** Where the line end before `at` begins, CRs included. */
function lineBreakBefore(text: string, at: number): number {
  let offset = at;
  if (text.charCodeAt(offset - 1) === 0x0a) offset -= 1;
  while (text.charCodeAt(offset - 1) === 0x0d) offset -= 1;
  return offset;
}

function restOfCommand(reader: Reader, scan: Scan, command: Command, at: number, adjacent: boolean): boolean {
  const { text } = scan;
  const option = optionAt(text, skipBackslashes(text, skipBlanks(text, at, scan.end), scan.end), scan.end);
  const eol = lineEnd(scan, at);
  const line = text.slice(at, Math.min(eol, at + 400));
  if (option !== undefined) {
    // `-x)` is a pattern of `case`.
    const behind = text.charAt(option.nameEnd);
    if (behind === ')' || behind === '|') return false;
    if (explainsOption(line) || isProseLine(line.replace(/^[^\w]*\S+/, ''))) return false;
    const operation = mayBeOperation(option.name);
    if (command.operation && (operation || ruleWithoutProgram(text, at, scan.end) !== undefined)) return false;
    if (operation || option.name === 't' || option.name === 'table') return adjacent || changesRules(option.name);
    return command.operation || command.words.length > command.programWord + 1;
  }
  const last = lastWord(command);
  if (!adjacent || last === undefined || last.quoted || !isOption(last.text) || last.text.includes('=') || !needsArgument(optionName(last.text)))
    return false;
  const start = skipBlanks(text, at, scan.end);
  if (!/[\w$"'/]/.test(text.charAt(start)) || /^[A-Za-z_]\w*=/.test(line.trimStart())) return false;
  const first = withoutInvisible(/^[^\s;|&()]*/.exec(text.slice(start, start + 200))?.[0] ?? '');
  return !KEYWORDS.has(first) && !BYSTANDERS.has(first) && !programWordAt(reader, scan, start) && !isProseLine(line);
}
