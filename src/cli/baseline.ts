/** `--baseline FILE`, `--update-baseline`: reading and writing the file, and which entry is for which input. */

import { existsSync, writeFileSync } from 'node:fs';
import { dirname, relative, resolve, sep } from 'node:path';

import { compareWithBaseline, entriesOf, parseBaseline, printBaseline, type Baseline } from '../config/baseline.js';
import type { FileFindings } from '../report/findings.js';
import { readBytes, reasonOf } from './files.js';
import { UsageProblem } from './options.js';

/** The findings of a file, with which checks were run. */
export interface Linted extends FileFindings {
  readonly runs: (check: string) => boolean;
}

/** Findings with those held back that a baseline has, and how many it has that are gone. */
export interface Held {
  readonly files: readonly FileFindings[];
  readonly gone: number;
}

/** Reads a baseline; one that is not there or cannot be read is a usage problem. `mayBeNew`: it is about to be written. */
export function readBaseline(file: string, mayBeNew: boolean): Baseline {
  let text: string;
  try {
    text = readBytes(file).toString('utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw new UsageProblem(`${file}: ${reasonOf(error)}`);
    if (mayBeNew) return new Map();
    throw new UsageProblem(`${file}: no such file; --update-baseline writes it`);
  }
  const result = parseBaseline(text);
  if (result.kind === 'baseline') return result.baseline;
  throw new UsageProblem(`${file}: ${result.reason}`);
}

/** Holds back what the baseline has. */
export function holdBack(files: readonly Linted[], baseline: Baseline, file: string): Held {
  let gone = 0;
  const held = files.map(({ source, findings, suppressed = [], runs }): FileFindings => {
    const entries = baseline.get(pathFrom(file, source.name)) ?? [];
    const compared = compareWithBaseline(
      findings,
      entries.filter(({ check }) => runs(check)),
    );
    gone += compared.gone;
    const known = compared.known.map((finding) => ({ finding, by: 'baseline' as const, reason: '' }));
    return { source, findings: compared.added, suppressed: [...suppressed, ...known] };
  });
  return { files: held, gone };
}

/**
 * The baseline after writing the findings of these files into the file, or why it could not be written. What it has of other files
 * that are still there stays, and of checks that were not run.
 */
export function updateBaseline(files: readonly Linted[], before: Baseline, file: string): Baseline | string {
  const folder = dirname(resolve(file));
  const baseline = new Map([...before].filter(([path]) => existsSync(resolve(folder, path))));
  for (const { source, findings, runs } of files) {
    const path = pathFrom(file, source.name);
    baseline.set(path, [...entriesOf(findings), ...(before.get(path) ?? []).filter(({ check }) => !runs(check))]);
  }
  try {
    writeFileSync(file, printBaseline(baseline));
    return baseline;
  } catch (error) {
    return reasonOf(error);
  }
}

/** The path of an input from the folder of the baseline, with `/`. */
function pathFrom(baseline: string, name: string): string {
  return relative(dirname(resolve(baseline)), resolve(name)).replaceAll(sep, '/');
}
