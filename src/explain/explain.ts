/** Explains a check by its name, and error messages of iptables, ip6tables, iptables-restore, nft, ipset and the kernel by their words. */

import type { Check } from '../checks/define.js';
import { CHECKS } from '../checks/index.js';
import type { Diagnostic } from '../diagnostics/diagnostic.js';
import type { ErrorEntry, Weight } from './define.js';
import { FORM_ERRORS } from './forms.js';
import { IPTABLES_ERRORS } from './iptables.js';
import { KERNEL_MESSAGES, OTHER_KERNEL_MESSAGES } from './kernel.js';
import { MANAGER_ERRORS } from './managers.js';
import { NFT_LANGUAGE } from './nft-language.js';
import { NFT_ERRORS } from './nft.js';
import { IPSET_ERRORS, SHELL_ERRORS, SIBLING_ERRORS } from './others.js';
import { RESTORE_ERRORS } from './restore.js';

/** What an error message means. */
export interface Explanation {
  /** The line of the text that tells most, without blanks around it; of a long one the part that tells. */
  readonly line: string;
  readonly cause: string;
  readonly cure: string;
  /** The checks that find the mistake in a command, a script or a dump. */
  readonly checks: readonly string[];
  /** Another line of the text that matters: the message that led to asking the kernel. */
  readonly also?: string;
}

/** Order matters: of those that fit a line and tell as much, the first is taken, so the particular ones come before the general. */
const ENTRIES: readonly ErrorEntry[] = [
  ...KERNEL_MESSAGES,
  ...MANAGER_ERRORS,
  ...NFT_LANGUAGE,
  ...NFT_ERRORS,
  ...RESTORE_ERRORS,
  ...IPTABLES_ERRORS,
  ...IPSET_ERRORS,
  ...SIBLING_ERRORS,
  ...FORM_ERRORS,
  ...SHELL_ERRORS,
  ...OTHER_KERNEL_MESSAGES,
];

const RANK: Readonly<Record<Weight, number>> = { reason: 3, cause: 2, symptom: 1, echo: 0 };

/** A log may be long; what matters is at its end. */
const LINE_LIMIT = 5000;
const LENGTH_LIMIT = 2000;

/**
 * Explains an error message, alone or in the middle of a log: of several lines the one that tells most, a reason of the kernel
 * before anything else. Undefined when there is none that fwlint knows.
 */
export function explainError(text: string): Explanation | undefined {
  let best: { readonly entry: ErrorEntry; readonly match: RegExpExecArray; readonly line: string } | undefined;
  let symptom: string | undefined;
  const lines = text
    .split('\n')
    .flatMap(linesWithin)
    .slice(-LINE_LIMIT)
    .map((line) => line.slice(0, LENGTH_LIMIT));
  const entries = ENTRIES.filter(({ near }) => near === undefined || lines.some((line) => near.test(line)));
  for (const [index, line] of lines.entries()) {
    const found = findEntry(lines, index, entries);
    if (found === undefined) continue;
    if (found.entry.weight === 'symptom') symptom ??= shown(line, found.match);
    // Of several reasons the newest counts: dmesg has those of earlier days, too.
    if (
      best === undefined ||
      RANK[found.entry.weight] > RANK[best.entry.weight] ||
      (found.entry.weight === 'reason' && best.entry.weight === 'reason')
    )
      best = { ...found, line };
  }
  if (best === undefined) return undefined;
  const { entry, match } = best;
  return {
    line: shown(best.line, match),
    cause: fill(entry.cause, match),
    cure: fill(entry.cure, match),
    checks: entry.checks ?? [],
    ...(entry.weight !== 'reason' || symptom === undefined ? {} : { also: symptom }),
  };
}

/** The lines of a message that a log has put into one: journald and syslog write `#012` for a line end, Python, Go and JSON `\\n`, and `\\"`. */
function linesWithin(line: string): readonly string[] {
  const parts = /#012|stderr|"msg"|FAILED!|\berr=/.test(line) ? line.split(/#012|\\n/) : [line];
  return parts.map((part) => part.replaceAll('\\"', '"'));
}

const SHOWN = 160;

/** A line without the blanks around it; of a long one, as of prose, what begins with the message. */
function shown(line: string, match: RegExpExecArray): string {
  const trimmed = line.trim();
  if (trimmed.length <= SHOWN) return trimmed;
  const part = line.slice(match.index, match.index + SHOWN);
  return match.index + part.length < line.length && part.length > match[0].length
    ? `${part.slice(0, Math.max(match[0].length, part.lastIndexOf(' ')))} …`
    : part;
}

/** nft shows the line it complains of and marks below it; newer versions say before that what they had expected. */
const SOURCE_LINES = 3;

function shownSource(lines: readonly string[], index: number): string {
  const behind = lines.slice(index + 1, index + 1 + SOURCE_LINES);
  const end = behind.findIndex((line) => line.includes('Error:'));
  return (end === -1 ? behind : behind.slice(0, end)).filter((line) => !line.startsWith('expected any of:')).join('\n');
}

interface Found {
  readonly entry: ErrorEntry;
  readonly match: RegExpExecArray;
}

/** The entry that tells most about a line, which web pages and logs may have given other quotes than the program wrote. */
function findEntry(lines: readonly string[], index: number, entries: readonly ErrorEntry[]): Found | undefined {
  const line = lines[index] ?? '';
  if (line.trim() === '') return undefined;
  const found = findIn(line, lines, index, entries, ({ pattern }) => pattern);
  if (!/['"`\u2018\u2019\u201c\u201d\u00b4]/.test(line)) return found;
  const plain = findIn(withPlainQuotes(line), lines, index, entries, plainPattern);
  if (found === undefined || plain === undefined) return found ?? plain;
  const gain = RANK[plain.entry.weight] - RANK[found.entry.weight];
  return gain > 0 || (gain === 0 && entries.indexOf(plain.entry) < entries.indexOf(found.entry)) ? plain : found;
}

/** Behind these words of iptables a quotation begins; pages that take Markdown swallow its backtick and leave the quote at its end. */
const SWALLOWED = /\b(argument|network|service|protocol|table|match|target|chain|type|interface|mask|policy|needs) ([^\s'"]+)'/;

function withPlainQuotes(line: string): string {
  const plain = line.replace(/[`\u2018\u2019\u00b4]/g, "'").replace(/[\u201c\u201d]/g, '"');
  return plain.replace(SWALLOWED, "$1 '$2'");
}

const plainPatterns = new Map<ErrorEntry, RegExp>();

/** The pattern for a text that has no other quotes than `'` and `"`. */
function plainPattern(entry: ErrorEntry): RegExp {
  let pattern = plainPatterns.get(entry);
  if (pattern === undefined) {
    pattern = new RegExp(entry.pattern.source.replaceAll('`', "'"), entry.pattern.flags);
    plainPatterns.set(entry, pattern);
  }
  return pattern;
}

function findIn(
  line: string,
  lines: readonly string[],
  index: number,
  entries: readonly ErrorEntry[],
  patternOf: (entry: ErrorEntry) => RegExp,
): Found | undefined {
  let best: Found | undefined;
  for (const entry of entries) {
    if (best !== undefined && RANK[entry.weight] <= RANK[best.entry.weight]) continue;
    const match = patternOf(entry).exec(line);
    if (match !== null && (entry.behind === undefined || entry.behind.test(shownSource(lines, index)))) best = { entry, match };
  }
  return best;
}

/** Puts what the pattern's groups matched into a text; an empty group is left out with the blank behind it. */
function fill(text: string, match: RegExpExecArray): string {
  return text.replace(/\{(\d)\}/g, (_, group: string) => (match[Number(group)] ?? '').trim()).replace(/ {2,}/g, ' ');
}

const WIDTH = 80;

/** An explanation for the terminal; `found` is what printFindings says of the text it is for. */
export function printExplanation(explanation: Explanation, found = ''): string {
  const lines: string[] = [visible(explanation.line), ''];
  lines.push(...wrap(`why: ${explanation.cause}`, '     '), ...wrap(`do:  ${explanation.cure}`, '     '));
  if (explanation.also !== undefined) lines.push(...wrap(`this is the reason behind: ${explanation.also}`, '     '));
  if (found !== '') lines.push('', found.trimEnd(), '');
  if (explanation.checks.length > 0)
    lines.push(...wrap(`see: fwlint explain ${explanation.checks.length === 1 ? '' : 'NAME, NAME being '}${listed(explanation.checks)}`, '     '));
  lines.push(...wrap("fwlint finds such mistakes before iptables does: fwlint FILE, or fwlint - <<< 'iptables …'", '     '));
  return `${lines.join('\n')}\n`;
}

/** No more than this many findings, and lines of a repair, are shown. */
const MOST_FINDINGS = 4;

/** What is wrong with rules that were pasted along with a message, and the lines of them that a repair changes, for the terminal. */
export function printFindings(findings: readonly Diagnostic[], repaired: readonly string[]): string {
  const lines = ['in the text itself:'];
  for (const { check, message } of findings.slice(0, MOST_FINDINGS)) lines.push(...wrap(`- ${message} (${check})`, '  '));
  if (findings.length > MOST_FINDINGS) lines.push(`- ${String(findings.length - MOST_FINDINGS)} more; put the rules into a file: fwlint FILE`);
  if (repaired.length > 0 && repaired.length <= MOST_FINDINGS) lines.push('meant, perhaps:', ...repaired.map((line) => `  ${visible(line)}`));
  return `${lines.join('\n')}\n`;
}

function listed(names: readonly string[]): string {
  return names.length < 2 ? (names[0] ?? '') : `${names.slice(0, -1).join(', ')} or ${names.at(-1) ?? ''}`;
}

const REPAIRS: Readonly<Record<Check['fix'], string>> = {
  safe: 'repaired by --fix',
  unsafe: 'repaired by --unsafe-fixes',
  sometimes: 'sometimes repaired',
  none: 'not repaired',
};

/** The page of a check for the terminal; undefined when there is no such check. */
export function explainCheck(name: string): string | undefined {
  const check = CHECKS.find((candidate) => candidate.name === name);
  if (check === undefined) return undefined;
  const lines: string[] = [
    ...wrap(`${check.name}  (${check.severity}, ${REPAIRS[check.fix]}, since ${check.since})`, '  '),
    ...wrap(check.summary, ''),
    '',
  ];
  for (const paragraph of check.why.split('\n\n')) lines.push(...wrap(plain(paragraph), ''), '');
  if (check.advice !== undefined) lines.push(...wrap(plain(check.advice), ''), '');
  if (check.examples !== undefined)
    for (const [title, text] of [
      ['bad', check.examples.bad],
      ['good', check.examples.good],
    ] as const)
      lines.push(`${title}:`, ...text.split('\n').map((line) => `    ${line}`.trimEnd()), '');
  lines.push(...wrap(`source: ${check.source}`, '  '));
  return `${lines.join('\n')}\n`;
}

/** Markdown for the terminal: double backticks are there for texts that hold a backtick, and become plain quotes. */
function plain(text: string): string {
  return text.replace(/``(.+?)``/g, '"$1"');
}

/** A terminal acts on control characters; an error text may hold any. */
function visible(text: string): string {
  return text.replace(/[\u0000-\u0008\u000b-\u001f\u007f-\u009f]/g, '\ufffd');
}

/** Breaks a text at blanks; lines but the first are indented. A word that is too long stands alone. */
function wrap(text: string, indent: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of visible(text).split(' ')) {
    const next = line === '' ? word : `${line} ${word}`;
    if (line !== '' && next.length > WIDTH) {
      lines.push(line);
      line = `${indent}${word}`;
    } else line = next;
  }
  lines.push(line);
  return lines;
}
