/** `fwlint [lint] FILE…`: finds mistakes, repairs them with --fix. */

import { relative, resolve, sep } from 'node:path';

import { CHECKS } from '../checks/index.js';
import { isRun } from '../checks/run.js';
import { noSuchCheck } from '../config/config.js';
import { isAtLeast, type Applicability, type Severity } from '../diagnostics/diagnostic.js';
import { fix, lint, type LintResult } from '../lint/lint.js';
import { printCheckstyle } from '../report/checkstyle.js';
import type { FileFindings, Surroundings } from '../report/findings.js';
import { printGcc } from '../report/gcc.js';
import { printGithub } from '../report/github.js';
import { printGitlab } from '../report/gitlab.js';
import { printFinding, printSummary } from '../report/human.js';
import { printJson } from '../report/json.js';
import { printSarif } from '../report/sarif.js';
import { countByCheck, printStatistics } from '../report/statistics.js';
import type { Source } from '../text/source.js';
import { holdBack, readBaseline, updateBaseline, type Linted } from './baseline.js';
import type { Encoding } from './encoding.js';
import { encodeRepaired, isWithin, readTold, writeFile, writeProblem, type FileProblem } from './files.js';
import { UsageProblem, type Format } from './options.js';
import { findingsByFile, joinFiles, type FileOfRun } from './files-of-run.js';
import { filesOf, type InputOptions } from './input-options.js';
import { startProgress } from './progress.js';
import { givenIpsets } from './given-ipsets.js';
import { CHECK_NAMES, readingOptions } from './reading.js';
import { createLink, createPaint, usesColor, widthOf } from './terminal.js';
import { VERSION } from './version.js';
import { standardError, standardOutput, type Output } from './output.js';

export interface LintOptions extends InputOptions {
  readonly fix?: true;
  readonly unsafeFixes?: true;
  readonly diff?: true;
  readonly exitNonZeroOnFix?: true;
  readonly format: Format;
  readonly statistics?: true;
  readonly quiet?: true;
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly failLevel: Severity;
  readonly baseline?: string;
  readonly updateBaseline?: true;
  readonly reportUnusedIgnores?: true;
  readonly listUnknowns?: true;
}

/** Runs the command; the result is the exit status. */
export async function runLint(names: readonly string[], options: LintOptions): Promise<number> {
  const wrong = wrongCombination(options);
  if (wrong !== undefined) throw new UsageProblem(wrong);
  if (options.listUnknowns === true) {
    const { runListUnknowns } = await import('./unknowns.js');
    return runListUnknowns(names, options);
  }
  const baseline = options.baseline === undefined ? undefined : readBaseline(options.baseline, options.updateBaseline === true);
  const { files: found, unreadable, repaired } = await lintFiles(names, options);
  let files: readonly FileFindings[] = found;
  if (baseline !== undefined && options.baseline !== undefined) {
    const current = options.updateBaseline === true ? updateBaseline(found, baseline, options.baseline) : baseline;
    if (typeof current === 'string') throw new UsageProblem(`${options.baseline}: not written: ${current}`);
    const held = holdBack(found, current, options.baseline);
    files = held.files;
    if (held.gone > 0 && options.quiet !== true)
      standardError.write(
        `fwlint: ${options.baseline}: ${String(held.gone)} finding${held.gone === 1 ? ' in it is' : 's in it are'} gone; --update-baseline takes ${held.gone === 1 ? 'it' : 'them'} out\n`,
      );
  }
  const counts = (finding: { readonly severity: Severity }): boolean => isAtLeast(finding.severity, options.failLevel);
  if (options.quiet === true) files = files.map((file) => ({ ...file, findings: file.findings.filter(counts) }));
  if (options.diff === true) {
    if (options.quiet !== true) printDiffSummary(files, repaired);
  } else {
    // What is repaired on the way through standard input leaves no room on standard output for anything else.
    const repairsStandardInput = options.fix === true && (names.length === 0 || names.includes('-'));
    printFindings(files, repaired, unreadable, options, repairsStandardInput ? standardError : standardOutput);
  }
  if (unreadable.length > 0) return 2;
  if (repaired > 0 && (options.diff === true || options.exitNonZeroOnFix === true)) return 1;
  return files.some(({ findings }) => findings.some(counts)) ? 1 : 0;
}

/** What looking at all files came to. */
interface Run {
  readonly files: readonly Linted[];
  /** Files that could not be read or written. */
  readonly unreadable: readonly FileProblem[];
  /** Findings that were repaired, or would be. */
  readonly repaired: number;
}

/** Looks at the files one by one, and repairs them if asked to. */
async function lintFiles(names: readonly string[], options: LintOptions): Promise<Run> {
  const allowed: readonly Applicability[] = options.unsafeFixes === true ? ['safe', 'unsafe'] : ['safe'];
  const repairs = options.fix === true || options.diff === true;
  const files: FileOfRun[] = [];
  const unreadable: FileProblem[] = [];
  let repaired = 0;
  // A broken configuration stops the command before it has changed a file.
  const asked = filesOf(names, options).map((file) => ({ ...file, reading: readingOptions(options, file.name, options) }));
  const progress = await startProgress(options.diff === true ? [] : asked.map(({ name }) => name));
  try {
    // Pipes are read here, and may keep us waiting.
    const ipsets = givenIpsets(asked);
    for (const { name, shown, reading: own } of asked) {
      const reading = { ...own, ipsets };
      const runs = (check: string): boolean => isRun(check, reading.selection ?? {});
      const add = (result: LintResult): void => {
        files.push(...findingsByFile(result, runs));
      };
      const result = readTold(name, shown, options.quiet === true ? () => undefined : undefined);
      if (result.kind === 'problem') unreadable.push(result.problem);
      else if (!repairs) add(lint(result.source, reading));
      else {
        const fixed = fix(result.source, allowed, reading);
        const reason = await deliver(name, result.source, fixed.source, result.encoding, options);
        if (reason === undefined) {
          repaired += fixed.repaired.length;
          add(fixed);
        } else {
          const problem = { name: shown, reason };
          writeProblem(problem);
          unreadable.push(problem);
          add(lint(result.source, reading));
        }
      }
      progress.step();
    }
  } finally {
    progress.end();
  }
  const joined = joinFiles(files);
  if (repairs && options.quiet !== true) tellUnrepaired(joined, allowed);
  return { files: joined, unreadable, repaired };
}

/** Says which files could be repaired but are not, because nobody named them. */
function tellUnrepaired(files: readonly FileOfRun[], allowed: readonly Applicability[]): void {
  for (const { source, findings, sourced } of files) {
    const count = sourced ? findings.filter(({ fixes }) => fixes.some(({ applicability }) => allowed.includes(applicability))).length : 0;
    if (count === 0) continue;
    standardError.write(
      `fwlint: ${source.name}: ${count === 1 ? 'a repair is' : `${String(count)} repairs are`} left: name the file as well to repair it\n`,
    );
  }
}

/** Brings a repaired text where it belongs: into the file, to standard output, or as a diff. Why it cannot be, or undefined. */
async function deliver(name: string, before: Source, after: Source, encoding: Encoding, options: LintOptions): Promise<string | undefined> {
  if (before.text === after.text && (options.diff === true || name !== '-')) return undefined;
  const bytes = encodeRepaired(after.text, encoding);
  if (typeof bytes === 'string') return bytes;
  if (options.diff === true) {
    const { unifiedDiff } = await import('./unified-diff.js');
    const diff = unifiedDiff(before.name, before.text, after.text);
    const encoded = encodeRepaired(diff, encoding);
    standardOutput.write(typeof encoded === 'string' ? diff : encoded);
    return undefined;
  }
  if (name !== '-') return writeFile(name, bytes);
  standardOutput.write(bytes);
  return undefined;
}

/** Why options contradict each other, or undefined. */
function wrongCombination(options: LintOptions): string | undefined {
  const unknown = [...options.select, ...options.ignore].find((name) => !CHECK_NAMES.has(name));
  if (unknown !== undefined) return noSuchCheck(unknown, CHECK_NAMES);
  if (options.listUnknowns === true) {
    const other = aboutFindings(options);
    return other === undefined ? undefined : `--list-unknowns lists values, not findings: it does not go with ${other}`;
  }
  const repairs = options.fix === true || options.diff === true;
  if (options.unsafeFixes === true && !repairs) return '--unsafe-fixes goes with --fix or --diff';
  if (options.exitNonZeroOnFix === true && !repairs) return '--exit-non-zero-on-fix goes with --fix';
  if (options.diff === true && options.format !== 'human') return `--diff prints a diff: it does not go with --format ${options.format}`;
  if (options.diff === true && options.statistics === true) return '--diff prints a diff: it does not go with --statistics';
  if (options.statistics === true && options.format !== 'human' && options.format !== 'json')
    return `--statistics goes with --format human and json, not with ${options.format}`;
  if (options.updateBaseline === true && options.baseline === undefined) return '--update-baseline needs --baseline FILE: the file to write';
  if (options.updateBaseline === true && options.diff === true) return '--diff changes nothing: it does not go with --update-baseline';
  return undefined;
}

/** An option given that is about findings or their repair, or undefined. */
function aboutFindings(options: LintOptions): string | undefined {
  if (options.format !== 'human') return `--format ${options.format}`;
  const given = [
    ['--fix', options.fix],
    ['--diff', options.diff],
    ['--statistics', options.statistics],
    ['--baseline', options.baseline],
    ['--update-baseline', options.updateBaseline],
    ['--report-unused-ignores', options.reportUnusedIgnores],
  ] as const;
  return given.find(([, value]) => value !== undefined)?.[0];
}

function printFindings(
  files: readonly FileFindings[],
  repaired: number,
  unreadable: readonly FileProblem[],
  options: LintOptions,
  stream: Output,
): void {
  const surroundings: Surroundings = { version: VERSION, pathOf, unreadable };
  switch (options.format) {
    case 'human':
      stream.write(printForPeople(files, repaired, options, stream));
      break;
    case 'json':
      stream.write(printJson(files, { statistics: options.statistics === true }));
      break;
    case 'sarif':
      stream.write(printSarif(files, CHECKS, surroundings));
      break;
    case 'github':
      stream.write(printGithub(files, surroundings));
      break;
    case 'gitlab':
      stream.write(printGitlab(files, surroundings));
      break;
    case 'checkstyle':
      stream.write(printCheckstyle(files, surroundings));
      break;
    case 'gcc':
      stream.write(printGcc(files));
      break;
  }
}

function printForPeople(files: readonly FileFindings[], repaired: number, options: LintOptions, stream: Output): string {
  const link = createLink(stream);
  const frame = { width: widthOf(stream), paint: createPaint(usesColor(options.color, stream)), ...(link === undefined ? {} : { link }) };
  const all = files.flatMap(({ findings }) => findings);
  const parts = options.statistics === true ? [printStatistics(countByCheck(all))] : all.flatMap((finding) => [printFinding(finding, frame), '\n']);
  if (options.quiet === true) return parts.join('').replace(/\n\n$/, '\n');
  if (options.statistics === true && all.length > 0) parts.push('\n');
  if (repaired > 0) parts.push(`${String(repaired)} repaired\n`);
  const inBaseline = files.reduce((count, { suppressed = [] }) => count + suppressed.filter(({ by }) => by === 'baseline').length, 0);
  if (files.length > 0) parts.push(printSummary(files.length, all, inBaseline));
  return parts.join('');
}

/** Where the sources are that GitHub and GitLab know: what they show findings in. (docs.github.com and docs.gitlab.com: variables of a job) */
const ROOTS = ['GITHUB_WORKSPACE', 'CI_PROJECT_DIR'];

/** The path of a file from the root of the sources or else the current folder, with `/`; a whole path when it is not in it. */
function pathOf(name: string): string {
  const file = resolve(name);
  const root = ROOTS.map((variable) => process.env[variable] ?? '').find((folder) => folder !== '' && isWithin(folder, file)) ?? '.';
  return (isWithin(root, file) ? relative(root, file) : file).replaceAll(sep, '/');
}

function printDiffSummary(files: readonly FileFindings[], repaired: number): void {
  const left = files.reduce((count, { findings }) => count + findings.length, 0);
  if (repaired + left === 0) return;
  standardError.write(
    `${String(repaired)} finding${repaired === 1 ? '' : 's'} would be repaired, ${String(left)} would be left (nothing was changed; without --diff they are explained)\n`,
  );
}
