/** Reads the Markdown fixtures of checks, runs them, proves their fixes, and writes their expectations anew. The format is told in test/checks/README.md. */

import { fix, lint, type LintResult, type Options } from '../../src/api.js';
import { CHECKS } from '../../src/checks/index.js';
import { applyEdits } from '../../src/diagnostics/apply-fixes.js';
import type { Applicability, Diagnostic, Fix } from '../../src/diagnostics/diagnostic.js';
import type { Family, Target } from '../../src/extensions/define.js';
import type { Input, InputKind } from '../../src/input/input.js';
import { readInput } from '../../src/input/read-input.js';
import type { Command } from '../../src/iptables/command.js';
import { dumpRuleset } from '../../src/ruleset/dump.js';
import { createSource, positionAt } from '../../src/text/source.js';

/** How an input is read: from the words behind the fence. */
export interface FixtureOptions {
  readonly kind: InputKind;
  readonly family?: Family;
  readonly target: Target;
  readonly defines: ReadonlyMap<string, string>;
  /** Characters that do not print stand in the file as `\u2013`, `\r`, `\t`. */
  readonly escapes: boolean;
}

/** A fenced block; the line numbers are indexes into the file's lines and take the fences in. */
interface Fence {
  readonly info: string;
  readonly body: string;
  readonly from: number;
  readonly to: number;
}

/** One example of a fixture: an input, what is found in it, and what fixing makes of it. */
export interface FixtureCase {
  readonly title: string;
  /** Line of the heading, from 1. */
  readonly line: number;
  readonly options: FixtureOptions;
  readonly text: string;
  /** Which findings are listed: those of the fixture's check, those of every check that only reading is needed for, or all. */
  readonly listed: 'own' | 'reading' | 'all';
  readonly input: Fence;
  readonly findings: Fence | undefined;
  readonly fixed: Fence | undefined;
  readonly fixedUnsafe: Fence | undefined;
}

export interface Fixture {
  /** The check it is of: the file's heading. */
  readonly check: string;
  readonly lines: readonly string[];
  readonly cases: readonly FixtureCase[];
}

const KINDS: ReadonlyMap<string, InputKind> = new Map([
  ['sh', 'script'],
  ['save', 'save'],
  ['text', 'text'],
  ['ipset', 'ipset'],
]);

const LISTED: ReadonlyMap<string, FixtureCase['listed']> = new Map([
  ['findings', 'own'],
  ['findings reading', 'reading'],
  ['findings all', 'all'],
]);

/** What a command alone shows to be wrong: one mistake must give one finding of these. */
const READING: ReadonlySet<string> = new Set(['lexical', 'syntax', 'validity', 'values']);

/** Reads a fixture. Throws on what is no fixture: the author is there to mend it. */
export function readFixture(name: string, text: string): Fixture {
  const lines = text.split('\n');
  const heading = /^# (\S+)$/.exec(lines[0] ?? '');
  if (heading?.[1] !== name) throw new Error(`${name}.md must begin with "# ${name}"`);
  const cases: FixtureCase[] = [];
  let title: { readonly text: string; readonly line: number } | undefined;
  let fences: Fence[] = [];
  const finish = (): void => {
    if (title !== undefined) cases.push(makeCase(name, title.text, title.line, fences));
    fences = [];
  };
  for (let index = 1; index < lines.length; index += 1) {
    const line = lines[index] ?? '';
    const section = /^## (.+)$/.exec(line);
    if (section !== null) {
      finish();
      title = { text: section[1] ?? '', line: index + 1 };
      continue;
    }
    const fence = /^(`{3,})(.*)$/.exec(line);
    if (fence === null) continue;
    const end = lines.indexOf(fence[1] ?? '```', index + 1);
    if (end === -1) throw new Error(`${name}.md:${String(index + 1)}: the fence is not closed`);
    fences.push({ info: (fence[2] ?? '').trim(), body: lines.slice(index + 1, end).join('\n'), from: index, to: end });
    index = end;
  }
  finish();
  return { check: name, lines, cases };
}

function makeCase(name: string, title: string, line: number, fences: readonly Fence[]): FixtureCase {
  const wrong = (why: string): never => {
    throw new Error(`${name}.md:${String(line)}: ${why}`);
  };
  let input: Fence | undefined;
  let findings: Fence | undefined;
  let fixed: Fence | undefined;
  let fixedUnsafe: Fence | undefined;
  for (const fence of fences) {
    const kind = fence.info.split(' ')[0] ?? '';
    if (KINDS.has(kind)) input = input === undefined ? fence : wrong('one input for each heading');
    else if (LISTED.has(fence.info)) findings = fence;
    else if (fence.info === 'fixed') fixed = fence;
    else if (fence.info === 'fixed unsafe') fixedUnsafe = fence;
    else wrong(`a fence of an unknown kind: ${fence.info}`);
  }
  if (input === undefined) return wrong('no input below the heading');
  const options = readInfo(input.info, wrong);
  const text = (options.escapes ? decode(input.body) : input.body) + '\n';
  return { title, line, options, text, listed: LISTED.get(findings?.info ?? '') ?? 'own', input, findings, fixed, fixedUnsafe };
}

function readInfo(info: string, wrong: (why: string) => never): FixtureOptions {
  const [kind, ...words] = info.split(/ +/);
  const target: Record<string, string | number> = {};
  const defines = new Map<string, string>();
  let family: Family | undefined;
  let escapes = false;
  let pairs: ((name: string, value: string) => void) | undefined;
  for (const word of words) {
    const equals = word.indexOf('=');
    if (word === 'escapes') escapes = true;
    else if (word === 'ip' || word === 'ip6') family = word;
    else if (word === 'target')
      pairs = (name, value) => (target[TARGET_KEYS.get(name) ?? wrong(`no target key ${name}`)] = /^ip_|^hz$/.test(name) ? Number(value) : value);
    else if (word === 'define') pairs = (name, value) => defines.set(name, value);
    else if (equals > 0 && pairs !== undefined) pairs(word.slice(0, equals), word.slice(equals + 1));
    else wrong(`the fence says ${word}`);
  }
  return { kind: KINDS.get(kind ?? '') ?? 'script', target: target as Target, defines, escapes, ...(family === undefined ? {} : { family }) };
}

const TARGET_KEYS: ReadonlyMap<string, string> = new Map([
  ['kernel', 'kernel'],
  ['nft', 'nft'],
  ['iptables', 'iptables'],
  ['backend', 'backend'],
  ['ip_pkt_list_tot', 'ipPktListTot'],
  ['ip_list_tot', 'ipListTot'],
  ['hz', 'hz'],
]);

/** `\u2013`, `\u{1f600}`, `\r`, `\t` become the characters; any other backslash stays. */
export function decode(text: string): string {
  return text.replace(/\\(?:u([0-9a-fA-F]{4})|u\{([0-9a-fA-F]{1,6})\}|([rt]))/g, (_, four?: string, braces?: string, letter?: string) => {
    if (letter !== undefined) return letter === 'r' ? '\r' : '\t';
    return String.fromCodePoint(Number.parseInt(four ?? braces ?? '0', 16));
  });
}

/** The reverse: everything but printing ASCII and line ends is escaped, and so are blanks at line ends. */
export function encode(text: string): string {
  return text
    .replace(/[^\n\u0020-\u007e]/gu, (character) => {
      if (character === '\r') return '\\r';
      if (character === '\t') return '\\t';
      const code = character.codePointAt(0) ?? 0;
      return code > 0xffff ? `\\u{${code.toString(16)}}` : `\\u${code.toString(16).padStart(4, '0')}`;
    })
    .replace(/ +$/gm, (blanks) => '\\u0020'.repeat(blanks.length));
}

/** Reads and checks a text. Only findings of the checks in `select`, when given. */
export function lintText(text: string, options: FixtureOptions, select?: ReadonlySet<string>): LintResult {
  return lint(createSource('input', text), optionsFor(options, select));
}

/** The text after all fixes of the allowed kinds. */
export function fixText(text: string, options: FixtureOptions, allowed: readonly Applicability[], select?: ReadonlySet<string>): string {
  return fix(createSource('input', text), allowed, optionsFor(options, select)).source.text;
}

function optionsFor({ kind, family, target, defines }: FixtureOptions, select: ReadonlySet<string> | undefined): Options {
  return { kind, target, defines, ...(family === undefined ? {} : { family }), ...(select === undefined ? {} : { selection: { select } }) };
}

/** What a fixture's case comes to. */
export interface Outcome {
  readonly findings: string;
  /** Undefined when no fix of the kind applies. */
  readonly fixed: string | undefined;
  readonly fixedUnsafe: string | undefined;
  /** What the runner demands of every case by itself and does not get, in words. */
  readonly faults: readonly string[];
}

/** Runs a case and proves what can be proved without looking at its expectations. */
export function runCase(check: string, item: FixtureCase): Outcome {
  const { options, text } = item;
  const select = selected(check, item.listed);
  const { input, findings } = lintText(text, options, select);
  const fixed = fixText(text, options, ['safe'], select);
  const fixedUnsafe = fixText(text, options, ['safe', 'unsafe'], select);
  const faults = [
    ...faultsOfFindings(text, findings),
    ...faultsOfFixes(text, input, findings, options),
    ...faultsOfResult(text, fixed, findings, options, check, select),
  ];
  const body = (result: string): string => (options.escapes ? encode(result) : result).replace(/\n$/, '');
  return {
    findings: findings.map((finding) => printFinding(text, finding)).join('\n'),
    fixed: fixed === text ? undefined : body(fixed),
    fixedUnsafe: fixedUnsafe === fixed ? undefined : body(fixedUnsafe),
    faults,
  };
}

function selected(check: string, listed: FixtureCase['listed']): ReadonlySet<string> | undefined {
  if (listed === 'all') return undefined;
  if (listed === 'own') return new Set([check]);
  return new Set([check, ...CHECKS.filter((candidate) => READING.has(candidate.category)).map((candidate) => candidate.name)]);
}

/** A finding as a fixture lists it. */
function printFinding(text: string, finding: Diagnostic): string {
  const { line, column } = positionAt(createSource('input', text), finding.at.start);
  return `${String(line)}:${String(column)} ${finding.severity} ${finding.check}: ${encode(finding.message.replaceAll('\n', '\\n'))}`;
}

function faultsOfFindings(text: string, findings: readonly Diagnostic[]): readonly string[] {
  const faults: string[] = [];
  for (const { check, message, at, labels } of findings) {
    for (const span of [at, ...labels.map((label) => label.span)])
      if (!(span.start >= 0 && span.start <= span.end && span.end <= text.length))
        faults.push(`${check}: the place ${String(span.start)}..${String(span.end)} is outside of the text`);
    if (at.start === at.end && at.end < text.length && text.length > 0) faults.push(`${check}: the place at ${String(at.start)} is empty`);
    if (message === '' || /\.$/.test(message)) faults.push(`${check}: a message is a sentence without final period: ${message}`);
  }
  return faults;
}

/** A safe fix leaves the ruleset as it is, or repairs a command that iptables refuses. */
export function faultsOfFixes(text: string, input: Input, findings: readonly Diagnostic[], options: FixtureOptions): readonly string[] {
  const faults: string[] = [];
  const before = dumpOf(input);
  for (const finding of findings)
    for (const repair of finding.fixes) {
      const outside = repair.edits.find(
        ({ span }) => !input.sources.includes(span.source) || span.start < 0 || span.end < span.start || span.end > span.source.text.length,
      );
      if (outside === undefined && repair.edits.some(({ span }) => span.source !== input.source)) continue;
      if (outside !== undefined) {
        faults.push(`${finding.check}: "${repair.title}" edits outside of the text`);
        continue;
      }
      if (/\.$/.test(repair.title)) faults.push(`${finding.check}: a fix's title has no final period: ${repair.title}`);
      const after = applyEdits(text, repair.edits);
      if (after === text) faults.push(`${finding.check}: "${repair.title}" changes nothing`);
      if (repair.applicability !== 'safe' || wasRefused(input, finding, repair)) continue;
      const reached = dumpOf(readInput(createSource('input', after), options));
      if (reached !== before)
        faults.push(
          `${finding.check}: "${repair.title}" is called safe and changes the ruleset\n--- before\n${before}\n--- after\n${reached}\n--- text\n${after}`,
        );
    }
  return faults;
}

/** Whether the command a finding or its fix stands in was refused before the fix, or was no command that could be found. */
function wasRefused(input: Input, finding: Diagnostic, fix: Fix): boolean {
  const spans = [finding.at, ...fix.edits.map((edit) => edit.span)];
  const standsThere = ({ at }: Command): boolean => spans.some((span) => span.start <= at.end && at.start <= span.end);
  return [...input.runs.values()].some((run) => [...run.refused].some(standsThere)) || !input.commands.some(standsThere);
}

function dumpOf(input: Input): string {
  return [...input.runs].map(([family, run]) => `${family}\n${dumpRuleset(run.ruleset)}`).join('');
}

/** After the safe fixes what they repaired is gone, nothing worse has come, and a second round changes nothing. */
function faultsOfResult(
  text: string,
  fixed: string,
  before: readonly Diagnostic[],
  options: FixtureOptions,
  check: string,
  select: ReadonlySet<string> | undefined,
): readonly string[] {
  if (fixed === text) return [];
  const faults: string[] = [];
  if (fixText(fixed, options, ['safe'], select) !== fixed) faults.push('fixing twice changes the text again');
  const left = lintText(fixed, options, select).findings.filter((finding) => finding.fixes.some((fix) => fix.applicability === 'safe'));
  for (const finding of left) faults.push(`${finding.check} is still there after its fix: ${finding.message}`);
  const expected = before.filter((finding) => finding.check === check && !finding.fixes.some((fix) => fix.applicability === 'safe')).length;
  const found = lintText(fixed, options, new Set([check])).findings.length;
  if (found > expected) faults.push(`${String(found)} findings of ${check} after the fixes, where ${String(expected)} were to stay`);
  const errors = (of: string): Map<string, number> => {
    const counts = new Map<string, number>();
    for (const finding of lintText(of, options).findings)
      if (finding.severity === 'error') counts.set(finding.check, (counts.get(finding.check) ?? 0) + 1);
    return counts;
  };
  const earlier = errors(text);
  for (const [name, count] of errors(fixed)) if (count > (earlier.get(name) ?? 0)) faults.push(`the fixed text has a new error: ${name}`);
  return faults;
}

/** The fixture with `findings`, `fixed` and `fixed unsafe` as they are now. */
export function updateFixture(fixture: Fixture): string {
  const lines = [...fixture.lines];
  for (const item of [...fixture.cases].reverse()) {
    const outcome = runCase(fixture.check, item);
    const blocks: string[] = [];
    const block = (info: string, body: string): void => {
      if (blocks.length > 0) blocks.push('');
      blocks.push(`\`\`\`${info}`, ...(body === '' ? [] : body.split('\n')), '```');
    };
    block(item.listed === 'own' ? 'findings' : `findings ${item.listed}`, outcome.findings);
    if (outcome.fixed !== undefined) block('fixed', outcome.fixed);
    if (outcome.fixedUnsafe !== undefined) block('fixed unsafe', outcome.fixedUnsafe);
    const old = [item.findings, item.fixed, item.fixedUnsafe].filter((fence) => fence !== undefined);
    const from = item.input.to + 1;
    const to = Math.max(item.input.to, ...old.map((fence) => fence.to)) + 1;
    lines.splice(from, to - from, '', ...blocks);
  }
  return lines.join('\n');
}
