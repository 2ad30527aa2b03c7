/** `fwlint [lint] FILE…`: finds mistakes, repairs them with --fix. */

import { createTwoFilesPatch } from 'diff';

import { CHECKS, fix, lint, type Applicability, type Diagnostic, type Severity, type Source } from '../api.js';
import { isAtLeast } from '../diagnostics/diagnostic.js';
import { printFinding, printSummary } from '../report/human.js';
import { printJson, type FileFindings } from '../report/json.js';
import { readSource, writeSource, type FileProblem } from './files.js';
import { UsageProblem } from './options.js';
import { filesOf, readingOptions, type InputOptions } from './shared.js';
import { createPaint, usesColor, widthOf } from './terminal.js';

export interface LintOptions extends InputOptions {
  readonly fix?: true;
  readonly unsafeFixes?: true;
  readonly diff?: true;
  readonly exitNonZeroOnFix?: true;
  readonly format: 'human' | 'json';
  readonly select: readonly string[];
  readonly ignore: readonly string[];
  readonly failLevel: Severity;
}

/** Runs the command; the result is the exit status. */
export function runLint(names: readonly string[], options: LintOptions): number {
  const unknown = [...options.select, ...options.ignore].find((name) => !CHECKS.some((check) => check.name === name));
  if (unknown !== undefined) throw new UsageProblem(`there is no check \`${unknown}\`; \`fwlint checks\` lists them`);
  if (options.unsafeFixes === true && options.fix !== true && options.diff !== true)
    throw new UsageProblem('--unsafe-fixes goes with --fix or --diff');
  const allowed: readonly Applicability[] = options.unsafeFixes === true ? ['safe', 'unsafe'] : ['safe'];
  const files: FileFindings[] = [];
  const problems: FileProblem[] = [];
  let repaired = 0;
  for (const { name, shown } of filesOf(names, options)) {
    const result = readSource(name, shown);
    if (result.kind === 'problem') {
      problems.push(result.problem);
      continue;
    }
    const { source } = result;
    const reading = readingOptions(options, name, options);
    if (options.fix !== true && options.diff !== true) {
      files.push({ source, findings: lint(source, reading).findings });
      continue;
    }
    const fixed = fix(source, allowed, reading);
    repaired += fixed.repaired.length;
    if (options.diff === true) {
      process.stdout.write(unifiedDiff(source, fixed.source));
      files.push({ source, findings: lint(source, reading).findings });
      continue;
    }
    files.push({ source: fixed.source, findings: fixed.findings });
    if (fixed.source.text === source.text) continue;
    if (name === '-') process.stdout.write(fixed.source.text);
    else {
      const problem = writeSource(name, fixed.source.text);
      if (problem !== undefined) problems.push(problem);
    }
  }
  const readsStandardInput = options.fix === true && (names.length === 0 || names.includes('-'));
  if (options.diff !== true) print(files, repaired, options, readsStandardInput ? process.stderr : process.stdout);
  for (const problem of problems) process.stderr.write(`fwlint: ${problem.name}: ${problem.reason}\n`);
  if (problems.length > 0) return 2;
  if (options.diff === true) return repaired > 0 ? 1 : 0;
  if (options.exitNonZeroOnFix === true && repaired > 0) return 1;
  return files.some(({ findings }) => findings.some((finding) => isAtLeast(finding.severity, options.failLevel))) ? 1 : 0;
}

function print(files: readonly FileFindings[], repaired: number, options: LintOptions, stream: NodeJS.WriteStream): void {
  if (options.format === 'json') {
    stream.write(printJson(files));
    return;
  }
  const frame = { width: widthOf(stream), paint: createPaint(usesColor(options.color, stream)) };
  const all: Diagnostic[] = [];
  const parts: string[] = [];
  for (const { findings } of files) {
    for (const finding of findings) parts.push(printFinding(finding, frame), '\n');
    all.push(...findings);
  }
  if (repaired > 0) parts.push(`${String(repaired)} repaired\n`);
  if (files.length > 0) parts.push(printSummary(files.length, all));
  stream.write(parts.join(''));
}

function unifiedDiff(before: Source, after: Source): string {
  if (before.text === after.text) return '';
  return createTwoFilesPatch(before.name, before.name, before.text, after.text, '', '', { context: 3 }).replace(/^=+\n/, '');
}
