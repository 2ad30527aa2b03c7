/** The options of `fwlint policy` that simulate clients. */

import type { Ruleset } from '../ruleset/model.js';
import { readPattern, type PatternProblem, type PatternSource } from '../simulate/pattern.js';
import { readAddress } from '../simulate/timeline.js';
import type { Address } from '../simulate/packet.js';
import { UsageProblem } from './options.js';

/** What `--timeline` and `--source` ask for. */
export interface TimelineRequest {
  readonly sources: readonly PatternSource[];
  /** As written. */
  readonly addresses: readonly string[];
}

/** Reads `--timeline`; what is wrong with it is shown in it. */
export function readTimeline(pattern: string, addresses: readonly string[]): TimelineRequest {
  const result = readPattern(pattern);
  if (result.kind === 'problem') throw new UsageProblem(problemText(pattern, result));
  const wrong = addresses.find((text) => readAddress(text, 'ip') === undefined && readAddress(text, 'ip6') === undefined);
  if (wrong !== undefined) throw new UsageProblem(`--source takes addresses between commas (got \`${wrong}\`)`);
  return { sources: result.sources, addresses };
}

/** The message, and below it the pattern with the place underlined. */
function problemText(pattern: string, { start, end, message }: PatternProblem): string {
  const shown = pattern.replace(/\s/g, ' ');
  return `--timeline: ${message}\n  ${shown}\n  ${' '.repeat(start)}${'^'.repeat(Math.max(1, Math.min(end, shown.length) - start))}`;
}

/** The addresses of one family among those given. */
export function addressesFor({ addresses }: TimelineRequest, { family }: Ruleset): readonly Address[] {
  return addresses.flatMap((text) => readAddress(text, family) ?? []);
}
