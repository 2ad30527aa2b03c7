/** Tells what kind of input a text is. */

import type { Source } from '../text/source.js';
import { carriedCommandAt } from './carried.js';
import { findProgramNames, type ProgramNames } from './programs.js';
import { isProseLine } from './prose.js';
import { ruleWithoutProgram } from './commands.js';
import { firewallCommandAt, promptAt } from './shell-prompt.js';
import { skipBlanks } from './characters.js';

/** script: shell, or bare commands; save: iptables-save or iptables -S; ipset: ipset save; text: prose with commands in it. */
export type PastedKind = 'script' | 'save' | 'ipset' | 'text';

/** Lines that are looked at; a file says what it is near its beginning. */
const LINE_LIMIT = 3000;

interface Counts {
  /** Table headers, chain lines and COMMIT. */
  frame: number;
  /** Rules without a program, as dumps have them. */
  rules: number;
  /** Lines of an ipset file. */
  sets: number;
  /** Calls of firewall programs. */
  commands: number;
  /** Other lines that only a shell understands. */
  shell: number;
  /** Of those, the ones that make up compound commands. */
  compound: number;
  prose: number;
  /** Lines of other kinds of files, with a command in them. */
  carried: number;
  /** What iptables prints: listings and errors. */
  output: number;
}

/** Detects the kind of an input. Damage of pasting does not matter; an empty text is a script. */
export function detectInput(source: Source): PastedKind {
  const text = source.text.charCodeAt(0) === 0xfeff ? source.text.slice(1) : source.text;
  const shebang = /^#![^\n\r]*/.exec(text)?.[0];
  if (shebang !== undefined) {
    if (/ip6?tables(?:-legacy|-nft)?-restore/.test(shebang)) return 'save';
    if (/\bipset\b/.test(shebang)) return 'ipset';
    if (!OTHER_LANGUAGE.test(shebang)) return 'script';
  }
  const counts = countLines(text);
  const { frame, rules, sets, commands, shell, compound, prose, carried, output } = counts;
  if (carried > 0) return 'text';
  if (shebang !== undefined) return 'script';
  const scripted = commands + shell;
  // An old `ipset -S` ends in COMMIT as well.
  if (sets > scripted && sets > frame + rules) return sets >= prose ? 'ipset' : 'text';
  if (frame > 0 && frame + rules > scripted) return frame + rules >= prose || frame >= 3 ? 'save' : 'text';
  // Without a table line it may be what a page quotes of a file.
  if (rules > 0 && rules > scripted) return prose === 0 ? 'save' : 'text';
  if (prose + output === 0) return 'script';
  if (scripted === 0) return 'text';
  // A sentence among commands makes a page; a script that is one may hold a few.
  if (compound >= 2 || shell > 4 * commands) return prose * 3 >= scripted ? 'text' : 'script';
  return 'text';
}

function countLines(text: string): Counts {
  const counts: Counts = { frame: 0, rules: 0, sets: 0, commands: 0, shell: 0, compound: 0, prose: 0, carried: 0, output: 0 };
  const names = findProgramNames(text.slice(0, 200_000));
  let hereDocument: string | undefined;
  let carriedOn = false;
  let quote = '';
  let at = 0;
  for (let line = 0; line < LINE_LIMIT && at < text.length; line += 1) {
    const end = lineBreakAfter(text, at);
    const start = at;
    at = end + 1;
    const raw = text.slice(start, Math.min(end, start + 500));
    const bare = raw.replace(/^[\s\u200b\ufeff]+|[\s\u200b\ufeff]+$/g, '');
    if (hereDocument !== undefined) {
      if (bare === hereDocument) hereDocument = undefined;
      continue;
    }
    const continues = carriedOn;
    carriedOn = bare.endsWith('\\');
    if (quote !== '') {
      if (oddQuotes(bare, quote)) quote = '';
      continue;
    }
    if (bare === '' || continues) continue;
    const kind = kindOfLine(text, start, end, bare, names);
    if (kind !== undefined) counts[kind] += 1;
    if (kind === 'compound') counts.shell += 1;
    if (kind === 'shell' || kind === 'compound' || kind === 'commands') {
      hereDocument = /<<-?[ \t]*["'\\]?([\w.-]+)/.exec(bare)?.[1];
      // Text over several lines, such as a script's usage, is no prose around it.
      if (kind === 'shell' && /^(?:echo|printf|\w+=)/.test(bare))
        quote = oddQuotes(bare, '"') ? '"' : oddQuotes(bare, "'") && !bare.includes('"') ? "'" : '';
    }
    // A dump says so at once.
    if (line > 200 && counts.frame > 0 && counts.rules > 100 && counts.commands + counts.shell + counts.prose === 0) break;
  }
  return counts;
}

function lineBreakAfter(text: string, at: number): number {
  const lf = text.indexOf('\n', at);
  const end = lf === -1 ? text.length : lf;
  // Old Mac files have CR only.
  if (lf === -1 || end - at > 2000) {
    const cr = text.indexOf('\r', at);
    if (cr !== -1 && cr < end - 1) return cr;
  }
  return end;
}

function oddQuotes(line: string, quote: string): boolean {
  return line.replaceAll(`\\${quote}`, '').split(quote).length % 2 === 0;
}

/** What a file begins with that no shell runs. */
const OTHER_LANGUAGE = /\b(?:python|perl|ruby|php|node|lua|tclsh|env -S)/;

const FRAME =
  /^(?:\*(?:filter|nat|mangle|raw|security|broute|rawpost)$|:[^\s:]{1,60} (?:ACCEPT|DROP|QUEUE|RETURN|REJECT|-)(?: \[\d+:\d+\])?$|COMMIT$)/;
const SET =
  /^(?:(?:-exist|-!) )?(?:create|add|-N|-A) (?:(?:-exist|-!) )?\S+ (?:(?:hash|bitmap|list):\S+|(?:ip(?:port(?:ip|net)?)?|net)hash|(?:mac)?ipmap|portmap|setlist|(?:\d{1,3}\.){3}\d{1,3}\S*|[0-9a-fA-F:]+:[0-9a-fA-F:./]+\S*)(?: |$)/;
const COMPOUND =
  /^(?:if|then|else|elif|fi|for|do|done|while|until|case|esac|;;|function|\{|\})(?:$|[\s;])|^[\w-]+[ \t]*\([ \t]*\)[ \t]*\{?$|;[ \t]*(?:then|do|fi|done|;)$|^\S+\)$/;
const SHELL =
  /^(?:echo|printf|export|local|readonly|declare|set|unset|shift|exit|return|source|\.|modprobe|insmod|rmmod|sysctl|depmod|service|systemctl|ip|ifconfig|route|tc|sleep|cat|rm|cp|mv|mkdir|touch|chmod|test|\[|\[\[|trap|wait|exec|eval|sudo|service|\/(?:etc|s?bin|usr|opt)\/\S+|nft|ipset|fail2ban-client|ufw|netfilter-persistent)(?:$|\s)|^[A-Za-z_]\w*\+?=|^\$\{?\w|&&|\|\||\$\(/;
const OUTPUT =
  /^(?:Chain \S+ \((?:policy|\d+ references)|(?:num\s+)?(?:pkts\s+bytes\s+)?target\s+prot\s+opt|ip6?tables(?: v\d|: )|Bad argument|Try `ip6?tables|bash: |-bash: |Couldn't load (?:target|match)|Perhaps ip6?tables|iptables-restore: )/;

/** Only elements of HTML, also with their brackets written as entities. */
const TAGS = /^(?:(?:<|&lt;)\/?(?:pre|code|p|div|span|br|blockquote|td|tr|li|ul|ol|tt|samp|font|h\d)\b[^<>&]{0,100}(?:>|&gt;)\s*)+$/i;

/** What stands before the first call of a firewall program that changes something, and its name. */
const CALL_INSIDE = /^.{8,400}?\s(?:sudo[ \t]+)?(?:\/\S*\/)?ip6?tables(?=[ \t]+(?:-t[ \t]+\w+[ \t]+)?[-\u2010-\u2015\u2212]{1,2}[AINPFXD]\b)/;

/** A word of another script and a call: `范例 iptables -A INPUT`. */
const NOTE = /^[^\u0000-\u024f]{1,20}[ \t:：]{1,3}(?:sudo[ \t]+)?(?:\/\S*\/)?ip6?tables[ \t]+-/u;

/** Two calls behind a `#`. */
const SWALLOWED =
  /(?:ip6?tables|\$\{?\w+\}?)[ \t]+(?:-t[ \t]+\w+[ \t]+)?-[AINPFX][ \t].*(?:ip6?tables|\$\{?\w+\}?)[ \t]+(?:-t[ \t]+\w+[ \t]+)?-[AINPFX][ \t]/;

function kindOfLine(text: string, start: number, end: number, bare: string, names: ProgramNames): keyof Counts | undefined {
  if (FRAME.test(bare)) return 'frame';
  if (carriedCommandAt(bare) !== undefined) return 'carried';
  const first = skipBlanks(text, start, end);
  if (firewallCommandAt(text, first, end, names))
    return isProseLine(bare.replace(/^.*?tables\s+-\S+/, '')) && !/\s-[A-Za-z]/.test(bare.replace(/^.*?tables\s+-\S+/, '')) ? 'prose' : 'commands';
  if (promptAt(text, start, end, names, false) !== undefined) return 'commands';
  // A page that lost its line breaks: what begins with a comment would be nothing else.
  if (bare.startsWith('#')) return SWALLOWED.test(bare) ? 'prose' : undefined;
  if (SET.test(bare)) return 'sets';
  if (ruleWithoutProgram(text, start, end) !== undefined || /^(?:\[\d+:\d+\] -|-[AIN] \S+(?: -|$)|-P \S+ (?:ACCEPT|DROP)\b)/.test(bare))
    return 'rules';
  if (OUTPUT.test(bare)) return 'output';
  if (COMPOUND.test(bare) && !isProseLine(bare)) return 'compound';
  if (isProseLine(bare) || TAGS.test(bare) || NOTE.test(bare)) return 'prose';
  // A command in the middle of a sentence.
  const call = CALL_INSIDE.exec(bare)?.[0];
  if (call !== undefined && isProseLine(call.replace(/\S*$/, ''))) return 'prose';
  if (SHELL.test(bare)) return 'shell';
  return undefined;
}
