/** `N`, `xxx.xxx.xxx.56`, `<ip>`, `(port number)`, `YOUR_IP`: the page left a gap for the reader to fill, and nobody did. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';
import { damagedCharacterAt } from './characters.js';
import { placeOf, type Command, type Place, type Repair, type Word } from './command.js';
import { governingOption, isOption, takesFreeText } from './options.js';
import { listed, mergeProblems, problemOf, quoted } from './problem.js';
import { refusalOf } from './tool-words.js';

const ANGLES = /(?:<|&lt;)([A-Za-z][\w .,:'’/|\u2010-\u2015\u2212-]{0,60})(?:>|&gt;)/y;

/** What the reader shall write, in words: `(port number)`. */
const ROUND = /\([\p{L}][\p{L}\d .,:'’/_-]{0,60}\)(?:\/\d{1,2})?(?=$|[\s`"'”’])/uy;

/** The same for round brackets, where no shell takes them: behind an option that wants an argument. */
function roundBracketsEnd(text: string, at: number, end: number, words: readonly Word[]): number | undefined {
  const last = words[words.length - 1];
  if (last === undefined || last.end === at || !isOption(last.text) || last.text.includes('=')) return undefined;
  ROUND.lastIndex = at;
  return ROUND.test(text) && ROUND.lastIndex <= end ? ROUND.lastIndex : undefined;
}

/** Where the placeholder in angle or round brackets that begins at `at` ends, its tail included (`<network>/24`). Only behind an option, or behind iptables itself. */
export function bracketsEnd(text: string, at: number, end: number, words: readonly Word[]): number | undefined {
  const code = text.charCodeAt(at);
  if (code === 0x28) return roundBracketsEnd(text, at, end, words);
  if (code !== 0x3c && (code !== 0x26 || damagedCharacterAt(text, at)?.meant !== '<')) return undefined;
  const last = words[words.length - 1];
  if (last === undefined) return undefined;
  const touches = last.end === at;
  const option = touches ? words[words.length - 2] : last;
  // `iptables <options> -N …`: nobody has the rules of iptables in a file that it reads.
  if (!(words.length === 1 && !touches && /tables$/.test(last.text)) && (option === undefined || !isOption(option.text))) return undefined;
  ANGLES.lastIndex = at;
  const found = ANGLES.exec(text);
  if (found === null) return undefined;
  let close = ANGLES.lastIndex;
  const tail = /^[\w./:,-]{1,40}/.exec(text.slice(close, close + 41))?.[0] ?? '';
  close += tail.length;
  // `<in >out` has a blank before the second; `<in>out` without an option before it is a redirection, too.
  return close <= end && !/\s$/.test(found[1] ?? '') ? close : undefined;
}

/** The word such a placeholder is; its brackets may be HTML. */
export function bracketsWord(text: string, start: number, end: number): Word {
  const written = text.slice(start, end);
  const places: Place[] = [];
  for (const found of written.matchAll(/&[lg]t;/g)) {
    const at = start + found.index;
    const damaged = damagedCharacterAt(text, at);
    if (damaged === undefined) continue;
    places.push(placeOf(damaged, at, at + damaged.length));
  }
  return { start, end, text: written.replaceAll('&lt;', '<').replaceAll('&gt;', '>'), quoted: false, places };
}

const NUMERIC =
  /^(?:connlimit-above|connlimit-upto|connlimit-mask|hitcount|seconds|dports?|sports?|ports|destination-ports?|source-ports?|limit|limit-burst|to-ports?|mss|length|uid-owner|gid-owner|hashlimit|hashlimit-above|hashlimit-upto|hashlimit-burst|quota|every|mark|set-mark|ttl-set|tos|log-level)$/;
const ADDRESS = /^(?:s|d|source|destination|src|dst|src-range|dst-range|to|to-source|to-destination|on-ip)$/;
const INTERFACE = /^(?:i|o|in-interface|out-interface|physdev-in|physdev-out)$/;

const OCTET = '(?:x{1,3}|X{1,3}|n{1,3}|N{1,3}|y{1,3}|Y{1,3}|z{1,3}|Z{1,3}|[?*]{1,3}|\\d{1,3})';
const DOTTED = new RegExp(`^(?=.*[a-zA-Z?*])(?:[\\d.]+-)?${OCTET}(?:\\.${OCTET}){1,3}(?:[/:-].*)?$`);
/** What hides a value: `[REMOVED]`, `REDACTED`, `__ADMIN_IP__`, `XXXX`. */
const HIDDEN =
  /^(?:\[[A-Za-z][\w .-]*\]|\(?(?:REMOVED|REDACTED|HIDDEN|MASKED|CENSORED|OBFUSCATED|ANONYMI[SZ]ED)\)?|__[A-Za-z]\w*__|\*{3,}|[xX]{3,})(?:[/:]\S*)?$/;
/** A word with a value in it that Jinja, ERB or the like fill in. */
const TEMPLATE_VALUE = /\{\{[^{}]*\}\}|<%=[^%]*%>/;
const LETTERS = /^(?:a\.b\.c\.d|A\.B\.C\.D|aaa\.bbb\.ccc\.ddd|AAA\.BBB\.CCC\.DDD|w\.x\.y\.z|W\.X\.Y\.Z|www\.xxx\.yyy\.zzz)(?:[/:-].*)?$/;
const YOURS = /(?:^|[^A-Za-z])(?:your|YOUR|Your|MY|insert|INSERT|put|PUT)[-_. ]|^(?:YOUR|your)[A-Z]|[-_.](?:HERE|here)$/;
const ADDRESS_NAME =
  /^[A-Z][A-Z\d_]*\/(?:MASK|NETMASK|PREFIX)$|^(?:[A-Z]{2,12}[-_])?(?:IP|IPADDR|IPADDRESS|IP[-_]ADDR(?:ESS)?|ADDRESS|HOST|HOSTNAME|SUBNET|NETWORK|NETMASK|CIDR)(?:[-_]?(?:HERE|ADDRESS|ADDR|\d))?(?:\/\S*)?$/;
const PORT_NAME = /^(?:[A-Z]{2,12}[-_])?PORT(?:[-_]?(?:NUMBER|NUM|NO|HERE|\d))?$|^(?:port|port[-_]?number|portnumber)$/;
const INTERFACE_NAME =
  /^(?:eth|en|ens|enp|wlan|ppp|tun|tap|br)(?:[XNn#?]|\(n\))$|^(?:[A-Z]{2,12}[-_])?(?:INTERFACE|IFACE|IF|NIC|DEV|DEVICE)(?:[-_]?\d)?$/;

/** `XX:XX:XX:XX:XX:XX`, `00:1a:2b:xx:xx:xx`: what makes a dump anonymous. */
const HARDWARE_ADDRESS = /^(?=.*[xX?*])(?:[\da-fA-F]{2}|[xX]{2}|\?\?|\*\*)(?::(?:[\da-fA-F]{2}|[xX]{2}|\?\?|\*\*)){5}$/;

/** Characters of the longest word that is looked at: a loop of a template that puts a list together. */
const LONGEST = 400;

/** What kind of gap a word is, if it is one. */
type Gap = 'number' | 'address' | 'port' | 'interface' | 'hardware address' | 'text';

function gapOf(word: Word, option: string | undefined): Gap | undefined {
  const { text } = word;
  if (text.length > LONGEST || (isOption(text) && !text.includes('=')) || text === '!' || takesFreeText(option)) return undefined;
  if (/^(?:\.{3,}|…|\[(?:\.{3}|…)\])$/.test(text)) return 'text';
  if (/<[A-Za-z][^<>]*>/.test(text) || /^\([\p{L}][^()]*\)(?:\/\d+)?$/u.test(text)) return gapFor(option);
  if (TEMPLATE_VALUE.test(text)) return gapFor(option);
  if (option === undefined || text.includes('$')) return undefined;
  if (/^\[[A-Za-z][\w .-]*\]$|^\{\{?[ ]?[A-Za-z][\w. -]*\}\}?(?:\/\d{1,3})?$|^%[A-Za-z]\w*%$|^@[A-Z]\w*@$/.test(text)) return gapFor(option);
  if (HIDDEN.test(text) && (ADDRESS.test(option) || INTERFACE.test(option) || NUMERIC.test(option) || option === 'mac-source')) return gapFor(option);
  if (/^\{\{?$/.test(text)) return undefined;
  if (NUMERIC.test(option)) {
    if (/^[NnXx#?]{1,3}(?:\/(?:s|sec|second|m|min|minute|h|hour|d|day))?$/.test(text)) return 'number';
    if (PORT_NAME.test(text) || YOURS.test(text)) return /port/.test(option) ? 'port' : 'number';
    return undefined;
  }
  if (ADDRESS.test(option) && (DOTTED.test(text) || LETTERS.test(text) || ADDRESS_NAME.test(text) || YOURS.test(text))) return 'address';
  if (INTERFACE.test(option) && (INTERFACE_NAME.test(text) || YOURS.test(text))) return 'interface';
  return HARDWARE_ADDRESS.test(text) ? 'hardware address' : undefined;
}

function gapFor(option: string | undefined): Gap {
  if (option === undefined) return 'text';
  if (option === 'mac-source') return 'hardware address';
  if (ADDRESS.test(option)) return 'address';
  if (INTERFACE.test(option)) return 'interface';
  if (/port/.test(option)) return 'port';
  return NUMERIC.test(option) ? 'number' : 'text';
}

const WANTED: Readonly<Record<Gap, string>> = {
  number: 'a number',
  address: 'an address',
  port: 'a port',
  interface: 'the name of an interface',
  'hardware address': 'a hardware address',
  text: 'something of your own',
};

/** The words of a command that are placeholders. */
export function placeholdersOf(command: Command): readonly { readonly word: Word; readonly option: string | undefined; readonly gap: Gap }[] {
  const found: { readonly word: Word; readonly option: string | undefined; readonly gap: Gap }[] = [];
  for (const [index, word] of command.words.entries()) {
    if (index <= command.programWord) continue;
    const first = word.text.charCodeAt(0);
    // Most words: digits, options, and names in small letters cannot be one.
    if (
      (first === 0x2d && !word.text.includes('=') && !word.text.includes('<')) ||
      (first >= 0x30 && first <= 0x39 && !/[xXnNyYzZ?*<]/.test(word.text))
    )
      continue;
    const option = governingOption(command.words, index);
    const gap = gapOf(word, option);
    if (gap !== undefined) found.push({ word, option, gap });
  }
  return found;
}

const FAIL2BAN_ACTION = /^[ \t]*action(?:start|stop|check|ban|unban|flush|reload)[ \t]*=/m;
/** Characters of a file that are looked at for that. */
const HEAD = 20_000;

/** Whether a text is an action of fail2ban, which fills in what stands in angle brackets: jail.conf(5). */
export function isFail2banAction({ text }: Source): boolean {
  return FAIL2BAN_ACTION.test(text.slice(0, HEAD));
}

/** Quotes brackets in what is read, so that the shell's grammar takes them for a word and not for redirections or a subshell. */
export function placeholderRepairs(source: Source, word: Word): readonly Repair[] {
  const { text } = source;
  const repairs: Repair[] = [];
  if (word.quoted || !/[<>(]|&lt;/.test(text.slice(word.start, word.end))) return repairs;
  const stays = { text: undefined };
  repairs.push({ check: 'placeholder', start: word.start, end: word.start, text: '"', written: stays });
  repairs.push({ check: 'placeholder', start: word.end, end: word.end, text: '"', written: stays });
  return repairs;
}

/** Quotes words of a dump in which something of a template has blanks. */
export function templateRepairs({ text }: Source, word: Word): readonly Repair[] {
  if (word.quoted || !/[ \t]/.test(text.slice(word.start, word.end))) return [];
  const stays = { text: undefined };
  const put = (start: number, end: number, quote: string): Repair => ({ check: 'placeholder', start, end, text: quote, written: stays });
  const inner = [...text.slice(word.start, word.end).matchAll(/"/g)].map(({ index }) => put(word.start + index, word.start + index + 1, "'"));
  return [put(word.start, word.start, '"'), ...inner, put(word.end, word.end, '"')];
}

/** What Jinja, ERB and the like put a value in the place of. */
const TEMPLATE = /\{\{.*\}\}|\{%.*%\}|<%.*%>/s;

/** The finding for the placeholders of one command. There is nothing to fix: only the reader knows the value. */
export function placeholderProblem(source: Source, command: Command): Problem | undefined {
  const found = placeholdersOf(command);
  const first = found[0];
  if (first === undefined) return undefined;
  const [one, ...more] = found.map(({ word }) => ({
    check: 'placeholder' as const,
    start: word.start,
    end: word.end,
    text: '',
    written: { text: undefined },
  }));
  if (one === undefined) return undefined;
  const words = found.map(({ word }) => source.text.slice(word.start, word.end));
  return problemOf(source, 'placeholder', [one, ...more], {
    // Nobody forgot them: the file is made of this one.
    ...(words.every((word) => TEMPLATE.test(word)) ? { severity: 'info' as const } : {}),
    message:
      found.length === 1 ? `${quoted(words[0] ?? '')} is a placeholder: ${WANTED[first.gap]} has to stand here` : `${listed(words)} are placeholders`,
    here: `put ${WANTED[first.gap]} here`,
    again: 'and something here',
    at: spanOf(source, first.word.start, first.word.end),
    notes: [{ kind: 'why', text: refusal(first.word.text, first.option, first.gap) }],
    title: '',
    applicability: 'suggestion',
  });
}

/**
 * One finding for each placeholder of a dump, however many rules it stands in: an anonymised dump has the same word in a thousand.
 * The other problems stay as they are.
 */
export function mergePlaceholders(problems: readonly Problem[]): readonly Problem[] {
  return mergeProblems(problems, ({ check, message }) => (check === 'placeholder' ? message : undefined));
}

function refusal(word: string, option: string | undefined, gap: Gap): string {
  if (word.startsWith('(')) return "the shell refuses the whole script: bash: syntax error near unexpected token `('";
  if (/^</.test(word)) return `the shell looks for a file of that name: bash: ${word.slice(1).split(/[>\s]/, 1)[0] ?? ''}: No such file or directory`;
  if (gap === 'interface') return 'iptables accepts it, but no interface has that name: the rule never matches';
  const words = refusalOf(gap === 'text' ? undefined : option, word);
  return words === undefined ? `iptables refuses it${option === undefined ? '' : `: --${option} takes a number`}` : `iptables refuses it: ${words}`;
}
