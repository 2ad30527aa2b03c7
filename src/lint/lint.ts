/** Reading a source, finding what is wrong with it, and repairing it: text in, data out. */

import { CHECKS } from '../checks/index.js';
import { judge, type CheckSelection, type Silenced } from '../checks/run.js';
import { applyFixes } from '../diagnostics/apply-fixes.js';
import type { Applicability, Diagnostic } from '../diagnostics/diagnostic.js';
import type { Family, Target } from '../extensions/define.js';
import type { Input, InputKind } from '../input/input.js';
import { readInput } from '../input/read-input.js';
import type { Ipset } from '../ipset/model.js';
import { createSource, type Source } from '../text/source.js';

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
const MAX_PASSES = 20;

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

/**
 * Repairs a source as far as fixes of the allowed kinds go; files it sources stay as they are. The kind of input stays what it was. Repairs
 * that never come to rest, because each makes room for the next, are not made at all: so repairing twice changes nothing more.
 */
export function fix(source: Source, allowed: readonly Applicability[], options: Options = {}): FixResult {
  const first = lint(source, options);
  const restless = new Set<string>();
  for (;;) {
    const { result, unfinished } = fixWithout(restless, first, allowed, options);
    if (unfinished.length === 0) return result;
    for (const check of unfinished) restless.add(check);
  }
}

/** Repairs in passes, but not what the checks in `restless` find; `unfinished`: those whose repairs have still not come to rest in the last pass. */
function fixWithout(
  restless: ReadonlySet<string>,
  first: LintResult,
  allowed: readonly Applicability[],
  options: Options,
): { readonly result: FixResult; readonly unfinished: readonly string[] } {
  const fixed: Options = { ...options, kind: first.input.kind };
  const repaired: { finding: Diagnostic; title: string }[] = [];
  let current = first.input.source;
  let result = first;
  for (let pass = 0; ; pass += 1) {
    const { applied, text } = applyFixes(
      current,
      result.findings.filter(({ check }) => !restless.has(check)),
      allowed,
    );
    const isAtRest = applied.length === 0 || text === current.text;
    if (isAtRest || pass === MAX_PASSES) {
      const { input, findings, silenced } = result;
      return {
        result: { source: current, input, repaired, findings, silenced },
        unfinished: isAtRest ? [] : applied.map(({ diagnostic }) => diagnostic.check),
      };
    }
    for (const { diagnostic, fix: made } of applied) repaired.push({ finding: diagnostic, title: made.title });
    current = createSource(current.name, text);
    result = lint(current, fixed);
  }
}
