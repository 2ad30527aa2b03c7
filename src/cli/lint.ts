/** `fwlint [lint] FILE…`: finds mistakes, repairs them with --fix. */

import { CHECKS, fix, lint, type Applicability, type Diagnostic, type Severity, type Source } from '../api.js';
import { isAtLeast } from '../diagnostics/diagnostic.js';
import { printFinding, printSummary } from '../report/human.js';
import { printJson, type FileFindings } from '../report/json.js';
import type { Encoding } from './encoding.js';
import { encodeRepaired, readNamed, writeFile, writeProblem } from './files.js';
import { UsageProblem } from './options.js';
import { filesOf, type InputOptions } from './input-options.js';
import { readingOptions } from './reading.js';
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
export async function runLint(names: readonly string[], options: LintOptions): Promise<number> {
  const wrong = wrongCombination(options);
  if (wrong !== undefined) throw new UsageProblem(wrong);
  const allowed: readonly Applicability[] = options.unsafeFixes === true ? ['safe', 'unsafe'] : ['safe'];
  const files: FileFindings[] = [];
  let unreadable = false;
  let repaired = 0;
  // A broken configuration stops the command before it has changed a file.
  const tasks = filesOf(names, options).map((file) => ({ ...file, reading: readingOptions(options, file.name, options) }));
  for (const { name, shown, reading } of tasks) {
    const result = readNamed(name, shown);
    if (result === undefined) {
      unreadable = true;
      continue;
    }
    const { source, encoding } = result;
    if (options.fix !== true && options.diff !== true) {
      files.push({ source, findings: lint(source, reading).findings });
      continue;
    }
    const fixed = fix(source, allowed, reading);
    const reason = await deliver(name, source, fixed.source, encoding, options);
    if (reason !== undefined) {
      writeProblem({ name: shown, reason });
      unreadable = true;
      files.push({ source, findings: lint(source, reading).findings });
      continue;
    }
    repaired += fixed.repaired.length;
    files.push({ source: fixed.source, findings: fixed.findings });
  }
  if (options.diff === true) printDiffSummary(files, repaired);
  else {
    // What is repaired on the way through standard input leaves no room on standard output for anything else.
    const repairsStandardInput = options.fix === true && (names.length === 0 || names.includes('-'));
    printFindings(files, repaired, options, repairsStandardInput ? process.stderr : process.stdout);
  }
  if (unreadable) return 2;
  if (repaired > 0 && (options.diff === true || options.exitNonZeroOnFix === true)) return 1;
  return files.some(({ findings }) => findings.some((finding) => isAtLeast(finding.severity, options.failLevel))) ? 1 : 0;
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
    process.stdout.write(typeof encoded === 'string' ? diff : encoded);
    return undefined;
  }
  if (name !== '-') return writeFile(name, bytes);
  process.stdout.write(bytes);
  return undefined;
}

/** Why options contradict each other, or undefined. */
function wrongCombination(options: LintOptions): string | undefined {
  const unknown = [...options.select, ...options.ignore].find((name) => !CHECKS.some((check) => check.name === name));
  if (unknown !== undefined) return `there is no check \`${unknown}\`; \`fwlint checks\` lists them`;
  const repairs = options.fix === true || options.diff === true;
  if (options.unsafeFixes === true && !repairs) return '--unsafe-fixes goes with --fix or --diff';
  if (options.diff === true && options.format !== 'human') return `--diff prints a diff: it does not go with --format ${options.format}`;
  return undefined;
}

function printFindings(files: readonly FileFindings[], repaired: number, options: LintOptions, stream: NodeJS.WriteStream): void {
  if (options.format === 'json') {
    stream.write(printJson(files));
    return;
  }
  const frame = { width: widthOf(stream), paint: createPaint(usesColor(options.color, stream)) };
  const all: Diagnostic[] = [];
  const parts: string[] = [];
  for (const { findings } of files) {
    for (const finding of findings) {
      parts.push(printFinding(finding, frame), '\n');
      all.push(finding);
    }
  }
  if (repaired > 0) parts.push(`${String(repaired)} repaired\n`);
  if (files.length > 0) parts.push(printSummary(files.length, all));
  stream.write(parts.join(''));
}

function printDiffSummary(files: readonly FileFindings[], repaired: number): void {
  const left = files.reduce((count, { findings }) => count + findings.length, 0);
  if (repaired + left === 0) return;
  process.stderr.write(
    `${String(repaired)} finding${repaired === 1 ? '' : 's'} would be repaired, ${String(left)} would be left (nothing was changed; without --diff they are explained)\n`,
  );
}
