/** `-j DROPIn above rules we …`: the sentence behind a rule was copied with it. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import { dashLengthAt, skipBlanks, withoutInvisible } from './characters.js';
import type { Command, Repair, Word } from './command.js';
import type { Reader } from './commands.js';
import { BARE_TARGETS, behindLastOption, takesFreeText, isBuiltInChain, isOperation, isOption, KNOWN_TARGETS, optionName } from './options.js';
import { readsAsProse, surelyProse } from './prose.js';
import { lineEnd, optionAt, type Scan } from './scan.js';
import { refusalOf } from './tool-words.js';
import { problemOf, quoted } from './problem.js';

// What a compound command on one line has behind its rule; a comment must not swallow it.
const SHELL_BEHIND = /[;&|][ \t]*(?:fi|done|esac|else|elif|then|do|\}|exit|return|(?:sudo[ \t]+)?\S{0,60}ip6?tables|\$\{?IPT)|;;|^[^(]*\)|\}[ \t]*$/;

// The end of an element in the source of a page.
const TAG = /^(?:<|&lt;)\/?(?:br|p|code|pre|tt|samp|span|div|li|td|tr|b|i|em|strong|a|kbd|blockquote|font)(?:[\s/][^<>&]*)?(?:>|&gt;)/i;

/** Whether the text at `scan.at`, where a word of the command would begin, is prose. */
export function proseAt(reader: Reader, scan: Scan, command: Command): boolean {
  const { text } = scan;
  const { at } = scan;
  const first = text.charAt(at);
  if ((first === '<' || first === '&') && reader.kind === 'text' && TAG.test(text.slice(at, at + 100))) return true;
  if (
    first === '!' ||
    first === '#' ||
    first === '<' ||
    first === '>' ||
    (first === '&' && !/&(?:[lr]dquo|quot|[mn]dash|minus);/y.test(text.slice(at, at + 8)))
  )
    return false;
  const position = behindLastOption(command);
  if (position === undefined) return false;
  const dash = dashLengthAt(text, at) > 0;
  if (dash && optionAt(text, at, scan.end) !== undefined) return false;
  const end = Math.min(lineEnd(scan, at), at + 400);
  let rest = withoutInvisible(text.slice(at, end));
  // The argument has gone from a page: `--to-destination While you can …`.
  if (!dash && position.count === 0 && position.arguments > 0) return reader.kind === 'text' && !takesFreeText(position.option) && surelyProse(rest);
  if (reader.kind === 'text') return cutsInText(command, position, rest, first);
  // `-j LOG $OPTIONS "text for the log"`
  if (SHELL_BEHIND.test(rest) || '$"\'`'.includes(first)) return false;
  if (dash) {
    const behind = skipBlanks(text, at + dashLengthAt(text, at), scan.end);
    if (behind === at + dashLengthAt(text, at) && behind < end) return false;
    return readsAsProse(withoutInvisible(text.slice(behind, end)), false);
  }
  if (rest.startsWith('//') || first === '(') rest = rest.replace(/^\/*\(?/, '');
  else if (first === ';' || first === '|' || first === ')') return false;
  if (afterTarget(command)) return readsAsProse(rest, !BARE_TARGETS.has(command.words[command.words.length - 1]?.text ?? ''));
  if (first === '(') return false;
  if (position.count < position.arguments) return false;
  if ((position.option === 'P' || position.option === 'policy') && position.count === 2) return readsAsProse(rest, false);
  return surelyProse(rest);
}

/** Whether the last word is the target of `-j`. */
function afterTarget(command: Command): boolean {
  const before = command.words[command.words.length - 2]?.text ?? '';
  const last = command.words[command.words.length - 1];
  if (last === undefined || command.words.length - 2 <= command.programWord) return false;
  return isOption(before) && /^(?:j|jump|g|goto)$/.test(optionName(before)) && !isOption(last.text) && last.text !== '!';
}

/** On a page of prose a command ends where its words cannot go on. */
function cutsInText(
  command: Command,
  position: { readonly option: string; readonly count: number; readonly arguments: number },
  rest: string,
  first: string,
): boolean {
  if (first === ';' || first === '|' || first === '&') return false;
  if (first === '(') return true;
  // `-s 192.0.2.1 DROP`: the -j is missing.
  if (KNOWN_TARGETS.has(rest.trim())) return false;
  // `-A INPUT 1` is wrong in its own way.
  if (position.count === 1 && isOperation(position.option) && /^\d/.test(first)) return false;
  if (position.count < position.arguments && !afterTarget(command)) {
    // -L, -I and the like may go without their second argument.
    if (position.count === 0 || /^["'“‘$\d]/.test(first) || position.option === 'P' || position.option === 'policy') return false;
    return /^(?:tcp-flags|match-set)$/.test(position.option) ? false : readsAsProse(rest, false) || /^[a-z]+[ \t]/.test(rest);
  }
  const last = command.words[command.words.length - 1]?.text ?? '';
  // A list with blanks in it is one argument to its author.
  if (last.endsWith(',') || first === ',') return false;
  return true;
}

const HEAD = /^(?:tcp-reset|icmp6?-[a-z-]*(?:unreachable|prohibited)|\d[\d:.,/]*|--?(?:set|syn|rcheck|update|reap|rttl))/;
const TAIL = /^(?:(?:[A-Z][a-z]*|[a-z]+)[,.:]?|[.,:]|#.*|[^\u0000-\u00bf\u2000-\u2bff\u3000-\u303f\uff00-\uffef].*)$/;

/** What a word begins with that may be all of it: a target, a number, a flag. */
function headOf(word: string): string | undefined {
  if (!/^[A-Z]/.test(word)) return HEAD.exec(word)?.[0];
  for (let length = Math.min(12, word.length - 1); length > 1; length -= 1)
    if (KNOWN_TARGETS.has(word.slice(0, length))) return word.slice(0, length);
  return undefined;
}

/**
 * Where prose begins inside of a word that was just read: `ACCEPTWhen`, `4The`. Only when no chain of that name is created
 * anywhere and the line goes on like a sentence.
 */
export function gluedProseAt(reader: Reader, scan: Scan, command: Command, word: Word): number | undefined {
  const raw = scan.text.slice(word.start, Math.min(word.end, word.start + 80));
  if (word.places.length > 0 && word.text !== raw) return undefined;
  const head = headOf(raw);
  if (head === undefined || head === raw) return undefined;
  const tail = raw.slice(head.length);
  if (!TAIL.test(tail)) return undefined;
  const before = command.words[command.words.length - 1]?.text ?? '';
  const option = isOption(before) ? optionName(before) : '';
  const target = /^(?:j|jump|g|goto)$/.test(option);
  const policy =
    command.words.length >= 2 && /^(?:P|policy)$/.test(optionName(command.words[command.words.length - 2]?.text ?? '')) && isBuiltInChain(before);
  if (/^[A-Z]/.test(head)) {
    if (!(target || policy) || KNOWN_TARGETS.has(raw) || reader.chains().has(raw)) return undefined;
  } else if (head.startsWith('-') ? /^[a-z]/.test(tail) : option === '' || !/^[A-Z#.,]|^[^\u0000-\u00ff]/.test(tail)) return undefined;
  if (!/^[A-Z-]/.test(head) && /^[#.,]/.test(tail) && !(option === 'reject-with' || /port/.test(option))) return undefined;
  const cut = word.start + head.length;
  const end = lineEnd(scan, cut);
  const rest = scan.text.slice(cut, Math.min(end, cut + 400));
  if (SHELL_BEHIND.test(rest)) return undefined;
  if (/^[.,:]$/.test(tail)) return skipBlanks(scan.text, word.end, scan.end) >= end || readsAsProse(rest.slice(1), false) ? cut : undefined;
  if (/^#|^[^\u0000-\u00ff]/.test(tail)) return cut;
  return readsAsProse(rest, !BARE_TARGETS.has(head) && /^[A-Z]/.test(head)) ? cut : undefined;
}

/** The finding for the prose behind one rule. */
export function proseProblem(
  source: Source,
  command: Command,
  prose: { readonly start: number; readonly end: number; readonly glued: boolean },
  repairs: readonly [Repair, ...Repair[]],
  kind: 'script' | 'text' | 'save',
): Problem {
  const last = command.words[command.words.length - 1];
  const text = source.text.slice(prose.start, prose.end).trim();
  const before = command.words[command.words.length - 2]?.text ?? '';
  const words = wordsAbout(
    source.text.slice(last?.start ?? prose.start, prose.end),
    text,
    isOption(before) ? optionName(before) : undefined,
    prose.glued,
    kind,
  );
  return problemOf(source, 'prose-after-rule', repairs, {
    message: prose.glued
      ? `a sentence is glued to \`${last === undefined ? '' : last.text}\`: ${quoted(text)}`
      : `a sentence stands behind the rule: ${quoted(text)}`,
    here: 'not part of the rule',
    again: 'and here',
    at: spanOf(source, prose.start, Math.max(prose.start + 1, prose.start + source.text.slice(prose.start, prose.end).trimEnd().length)),
    labels: [],
    notes: [
      { kind: 'why', text: words },
      { kind: 'note', text: `left out of the rule: ${text}` },
    ],
    title: kind === 'text' ? 'end the line behind the rule' : 'make the sentence a comment',
    applicability: 'unsafe',
  });
}

/** What happens to a command that has a sentence behind it. `line`: from the last word of the rule on. */
function wordsAbout(line: string, prose: string, option: string | undefined, glued: boolean, kind: 'script' | 'text' | 'save'): string {
  const shell = kind !== 'save';
  for (const quote of ["'", '"', '`']) {
    if (shell && prose.split(quote).length % 2 === 0)
      return `to the shell the \`${quote === '`' ? "'" : quote}' opens a quotation, which swallows the lines behind it: unexpected EOF while looking for matching \`${quote}'`;
  }
  if (shell && prose.startsWith('(')) return "the shell knows no parentheses here: syntax error near unexpected token `('";
  const [first = '', second] = line.split(/\s+/);
  const reads = 'iptables reads it as part of the command';
  if (!glued) return `${reads}: Bad argument \`${prose.split(/\s/, 1)[0] ?? ''}'`;
  if (first.startsWith('-')) return `${reads}: unknown option "${first}"`;
  // Targets are looked for when all words are read; other arguments at once.
  if (option !== undefined && /^(?:j|jump|g|goto)$/.test(option) && second !== undefined && second !== '')
    return `${reads}: Bad argument \`${second}'`;
  const refused = option === undefined ? undefined : refusalOf(option, first);
  return refused === undefined ? reads : `${reads}: ${refused}`;
}
