/** Puts together what a match asks of one header that a packet may have or not. */

import type { Statement } from '../../nft/ir.js';
import { exact, type Lowering } from '../define.js';

/** What one option asks; a word where every packet that has the header fares the same. */
export type HeaderTest = Statement | 'always' | 'never';

/** All tests of a header. `present` is what asks for the header itself, where no test is left that does. */
export function lowerHeader(tests: readonly HeaderTest[], present: Statement, never: string): Lowering {
  if (tests.includes('never')) return { kind: 'never', why: never };
  const items = tests.filter((test): test is Statement => typeof test !== 'string');
  return exact(items.length === 0 ? [present] : items);
}
