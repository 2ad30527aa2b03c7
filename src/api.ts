/** What the package exports: lint, fix and translate, text in and data out. */

import { CHECKS } from './checks/index.js';
import { judge, type CheckSelection, type Silenced } from './checks/run.js';
import { applyFixes } from './diagnostics/apply-fixes.js';
import type { Applicability, Diagnostic } from './diagnostics/diagnostic.js';
import type { Family, Target } from './extensions/define.js';
import type { Input, InputKind } from './input/input.js';
import { readInput } from './input/read-input.js';
import type { Ipset } from './ipset/model.js';
import { createSource, type Source } from './text/source.js';

export { CHECKS } from './checks/index.js';
export type { Check } from './checks/define.js';
export type { CheckSelection, Silenced } from './checks/run.js';
export type { Applicability, Diagnostic, Edit, Fix, Label, Note, Severity } from './diagnostics/diagnostic.js';
export type { Family, Target } from './extensions/define.js';
export type { Input, InputKind } from './input/input.js';
export { createRulePrinter, printNft, printNftParts } from './nft/print-text.js';
export { listUnknowns, type Unknowns, type UnknownValue } from './input/unknowns.js';
export { dumpRuleset } from './ruleset/dump.js';
export { readPattern, type PatternResult } from './simulate/pattern.js';
export { drawUp, type Timeline } from './simulate/timeline.js';
export { createSource, positionAt, type Position, type Source, type Span } from './text/source.js';
export { translate, translateAll, translateInto, type TranslateOptions, type Translation } from './translate/translate.js';
export { joinFamilies, type JoinedFile } from './translate/join-families.js';
export { translateScripts, type ScriptOptions } from './translate/script.js';
export type { ReportItem, TranslationReport } from './translate/report.js';

/** How an input is to be read and judged. */
export interface Options {
  readonly kind?: InputKind;
  readonly family?: Family;
  readonly target?: Target;
  readonly defines?: ReadonlyMap<string, string>;
  /** Sets of other files that are given along with this one. */
  readonly ipsets?: ReadonlyMap<string, Ipset>;
  /**
   * Gives a file that a script sources, with a name of its own; undefined when it is not known. A relative name begins at the folder
   * `from` is in. Asked again for the same file it has to give the same source.
   */
  readonly readFile?: (file: string, from: Source) => Source | undefined;
  readonly selection?: CheckSelection;
}

/** An input read, with what is wrong with it. */
export interface LintResult {
  readonly input: Input;
  readonly findings: readonly Diagnostic[];
  /** What comments in the source silence. */
  readonly silenced: readonly Silenced[];
}

/** Reads a source without looking for mistakes. */
export function read(source: Source, options: Options = {}): Input {
  return readInput(source, {
    target: options.target ?? {},
    defines: options.defines ?? new Map<string, string>(),
    ...(options.kind === undefined ? {} : { kind: options.kind }),
    ...(options.family === undefined ? {} : { family: options.family }),
    ...(options.ipsets === undefined ? {} : { ipsets: options.ipsets }),
    ...(options.readFile === undefined ? {} : { readFile: options.readFile }),
  });
}

/** Finds what is wrong with a source. Total: no text makes it throw. */
export function lint(source: Source, options: Options = {}): LintResult {
  const input = read(source, options);
  return { input, ...judge(input, CHECKS, options.selection) };
}

/** How often the result of a repair is looked at again for more. */
const MAX_PASSES = 10;

export interface FixResult {
  readonly source: Source;
  /** The same after reading. */
  readonly input: Input;
  /** The findings that were repaired, in the order of repair. */
  readonly repaired: readonly { readonly finding: Diagnostic; readonly title: string }[];
  /** What is left. */
  readonly findings: readonly Diagnostic[];
  /** What comments in the source silence. */
  readonly silenced: readonly Silenced[];
}

/** Repairs a source as far as fixes of the allowed kinds go; files it sources stay as they are. The kind of input stays what it was. */
export function fix(source: Source, allowed: readonly Applicability[], options: Options = {}): FixResult {
  let current = source;
  let result = lint(current, options);
  const fixed: Options = { ...options, kind: result.input.kind };
  const repaired: { finding: Diagnostic; title: string }[] = [];
  for (let pass = 0; pass < MAX_PASSES; pass += 1) {
    const applied = applyFixes(current, result.findings, allowed);
    if (applied.applied.length === 0 || applied.text === current.text) break;
    for (const { diagnostic, fix: made } of applied.applied) repaired.push({ finding: diagnostic, title: made.title });
    current = createSource(source.name, applied.text);
    result = lint(current, fixed);
  }
  return { source: current, input: result.input, repaired, findings: result.findings, silenced: result.silenced };
}
