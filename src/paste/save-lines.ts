/** Reads the lines of a dump, or of an ipset file, through the damage of pasting. */

import { isLineEnd, lineEndAfter, nextLineStart, skipBackslashes, skipBlanks } from './characters.js';
import { forgetFrom, lastWord, newCommand, pushWord, type Command, type Word } from './command.js';
import type { Reader } from './commands.js';
import { isOption, mayBeOperation, optionName, takesFreeText, takesNoArgument, takesRule } from './options.js';
import { gluedProseAt, proseAt } from './prose-after-rule.js';
import { strangeLine, templateWordEnd } from './template.js';
import { backslashAt, newScan, optionAt, readWord, skipDamagedBlanks, type Scan } from './scan.js';

/** Reads the line that begins at `at`, with the lines that turn out to belong to it; returns where the next one begins. */
export function readSaveLine(reader: Reader, at: number, end: number, rules: boolean): number {
  const { text } = reader;
  const scan = newSaveScan(text, at, end);
  if (rules && strangeLine(text, at, lineEndAfter(text, at, end)) !== undefined)
    return Math.min(nextLineStart(text, lineEndAfter(text, at, end)), end);
  const command = newCommand(at);
  command.program = rules ? 'iptables-restore' : 'ipset';
  for (;;) {
    skipDamagedBlanks(scan, command);
    if (scan.at >= end) break;
    if (isLineEnd(text, scan.at)) {
      if (!rules || !joins(scan, command)) break;
      continue;
    }
    const character = text.charAt(scan.at);
    if (character === '#' && command.words.length === 0) {
      // iptables-restore knows comments only at the very beginning of a line.
      if (rules && scan.at > at && command.places.length === 0)
        command.repairs.push({ check: 'restore-shell-syntax', start: at, end: scan.at, text: '' });
      else command.places.length = 0;
      scan.at = lineEndAfter(text, scan.at, end);
      break;
    }
    if (rules) {
      if (character === '#' && !awaitsArgument(command)) {
        moveAway(scan, command, 'comment');
        continue;
      }
      if (character === '\\' && passBackslash(scan, command)) continue;
      if (proseAt(reader, scan, command)) {
        moveAway(scan, command, 'prose');
        continue;
      }
    }
    const templateEnd = rules && awaitsArgument(command) ? templateWordEnd(text, scan.at, lineEndAfter(text, scan.at, end)) : undefined;
    if (templateEnd !== undefined) {
      pushWord(command, { start: scan.at, end: templateEnd, text: text.slice(scan.at, templateEnd), quoted: false, places: [] });
      scan.at = templateEnd;
      continue;
    }
    const before = scan.at;
    const word = readWord(scan, command);
    if (word.end === before) {
      scan.at += 1;
      continue;
    }
    if (rules && command.words.length === 0 && isProgramWord(word)) {
      const option = optionAt(text, scan.at, end);
      // Of anything else no line is left that stands by itself.
      if (option !== undefined && option.start > scan.at && (mayBeOperation(option.name) || BEFORE_OPERATION.test(option.name))) {
        const rule = skipWait(text, option.start);
        command.repairs.push({ check: 'restore-shell-syntax', start: word.start, end: rule, text: '' });
        command.places.length = 0;
        scan.at = rule;
        continue;
      }
    }
    const cut = rules && !word.quoted ? gluedProseAt(reader, scan, command, word) : undefined;
    if (cut !== undefined) {
      pushWord(command, { ...word, end: cut, text: text.slice(word.start, cut), places: [] });
      scan.at = cut;
      moveAway(scan, command, 'glued');
      continue;
    }
    pushWord(command, word);
  }
  command.end = scan.at;
  // gluedProseAt and the others count words from the program; a dump has none.
  reader.finished(command);
  return Math.min(scan.at >= end ? end : nextLineStart(text, scan.at), end);
}

function newSaveScan(text: string, at: number, end: number): Scan {
  return newScan(text, 'save', at, end, true, (scan) => void (scan.at = Math.min(scan.at + 1, scan.end)));
}

function isProgramWord(word: Word): boolean {
  return /^(?:\S*\/)?ip6?tables(?:-legacy|-nft)?$/.test(word.text);
}

const WAIT = /(?:(?:-w|--wait)(?:[ \t]+\d+)?[ \t]+)*/y;

/** Where a rule begins behind the `-w` of its program, which iptables-restore takes for itself only. */
function skipWait(text: string, at: number): number {
  WAIT.lastIndex = at;
  WAIT.test(text);
  return WAIT.lastIndex;
}

function awaitsArgument(command: Command): boolean {
  const last = lastWord(command)?.text ?? '';
  return last === '!' || (isOption(last) && !takesNoArgument(optionName(last)));
}

/** What stands behind a rule becomes a comment line above it. */
function moveAway(scan: Scan, command: Command, what: 'comment' | 'prose' | 'glued'): void {
  const { text } = scan;
  const end = lineEndAfter(text, scan.at, scan.end);
  const start = lastWord(command)?.end ?? scan.at;
  const words = text.slice(scan.at, end).trim();
  forgetFrom(command, start);
  command.comments.push({ start, end, text: what === 'comment' ? words : `# ${words}` });
  if (what === 'comment') command.comment = { start: scan.at, end };
  else command.prose = { start: scan.at, end, glued: what === 'glued' };
  scan.at = end;
}

function passBackslash(scan: Scan, command: Command): boolean {
  const { text } = scan;
  const found = backslashAt(text, scan.at, scan.end);
  const start = lastWord(command)?.end ?? scan.at;
  if (found.kind === 'continuation' || found.kind === 'blanks') {
    const eol = found.kind === 'blanks' ? found.blanksEnd : scan.at + 1;
    const next = nextLineStart(text, eol);
    forgetFrom(command, start);
    // Joined with what follows, unless that is a line of its own.
    const joined = next < scan.end && goesOn(scan, next);
    command.repairs.push({ check: 'restore-shell-syntax', start, end: joined ? next : Math.min(eol, scan.end), text: joined ? ' ' : '' });
    scan.at = joined ? next : Math.min(eol, scan.end);
    return true;
  }
  if (found.kind === 'inside' && optionAt(text, found.next, scan.end) !== undefined) {
    const behind = Math.min(scan.at + 2, found.next);
    command.repairs.push({
      check: 'collapsed-continuation',
      start: scan.at,
      end: behind,
      text: /[ \t]/.test(text.charAt(scan.at - 1)) || found.next > behind ? '' : ' ',
    });
    scan.at = behind;
    return true;
  }
  return false;
}

function goesOn(scan: Scan, at: number): boolean {
  const start = skipBlanks(scan.text, at, scan.end);
  if (start >= scan.end || isLineEnd(scan.text, start)) return false;
  const option = optionAt(scan.text, at, scan.end);
  if (option !== undefined) return !mayBeOperation(option.name);
  return !'#*:['.includes(scan.text.charAt(start)) && !scan.text.startsWith('COMMIT', start);
}

/** What stands before an operation; -t and -6 have a meaning of their own in dumps. */
const BEFORE_OPERATION = /^(?:t(?:able|filter|nat|mangle|raw|security)?|4|6|ipv4|ipv6|w|wait|W|wait-interval|v|verbose)$/;

/** Whether the line of a dump that begins at `at` begins with an option that is no operation: the rest of the rule above. */
export function goesOnAt(text: string, at: number, end: number): boolean {
  const option = at < end ? optionAt(text, skipBackslashes(text, skipBlanks(text, at, end), end), end) : undefined;
  return option !== undefined && !mayBeOperation(option.name) && !BEFORE_OPERATION.test(option.name);
}

/** Joins the next line when it begins with an option that is no operation: the rest of this rule. */
function joins(scan: Scan, command: Command): boolean {
  const { text } = scan;
  if (command.prose !== undefined || !command.words.some(({ text: word }) => isOption(word) && takesRule(optionName(word)))) return false;
  const first = lastWord(command);
  let next = nextLineStart(text, scan.at);
  const own = skipBlanks(text, next, scan.end);
  if (own < scan.end && isLineEnd(text, own)) next = nextLineStart(text, own);
  if (first === undefined || !goesOnAt(text, next, scan.end) || takesFreeText(optionName(first.text))) return false;
  forgetFrom(command, first.end);
  if (command.comment !== undefined) {
    const comment = command.comments.pop();
    if (comment !== undefined) command.comments.push({ ...comment, start: first.end, end: first.end });
    command.comment = undefined;
  }
  command.repairs.push({ check: 'broken-line', start: first.end, end: next, text: ' ' });
  scan.at = next;
  return true;
}
