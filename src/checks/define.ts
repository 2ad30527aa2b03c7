/** What a check is: one file, one name, one explanation, one way of finding it. */

import type { Problem, Severity } from '../diagnostics/diagnostic.js';
import type { Input } from '../input/input.js';

/** What part of a firewall a check is about; only for lists. */
export type Category =
  'lexical' | 'syntax' | 'validity' | 'values' | 'order' | 'rate-limits' | 'posture' | 'nat' | 'deprecated' | 'script' | 'migration';

export interface Check {
  /** The mistake, in kebab case: reads well after "allow". */
  readonly name: string;
  /** One sentence without final period. */
  readonly summary: string;
  /** Why it matters, what really happens; plain sentences, Markdown. */
  readonly why: string;
  /** What to do. */
  readonly advice?: string;
  readonly severity: Severity;
  readonly category: Category;
  readonly fix: 'safe' | 'unsafe' | 'sometimes' | 'none';
  /** Both are run as tests: `bad` has the finding, `good` has not. Undefined where an example needs bytes that do not print. */
  readonly examples?: { readonly bad: string; readonly good: string };
  /** Where the fact comes from. */
  readonly source: string;
  readonly since: string;
  /** Finds it in what was read. Absent: reading itself notices it and reports a problem of this name. */
  readonly find?: (input: Input) => readonly Problem[];
}

/** Declares a check; the identity at run time. */
export function defineCheck(check: Check): Check {
  return check;
}
