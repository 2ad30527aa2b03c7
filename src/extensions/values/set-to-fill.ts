/** Sets of nft that stand for what only another kernel or another file knows: they have no elements until somebody fills them in. */

import type { NamedSet } from '../../nft/ir.js';
import type { NftContext } from '../define.js';

/** A set of a table by what it stands for, and its declaration where no rule asked for it yet. */
export function setToFill(
  key: string,
  wanted: string,
  shape: Pick<NamedSet, 'type' | 'flags'>,
  context: NftContext,
): { readonly name: string; readonly sets: readonly NamedSet[] } {
  const before = context.shared?.get(key) as string | undefined;
  if (before !== undefined) return { name: before, sets: [] };
  const name = context.freeName(wanted);
  context.shared?.set(key, name);
  return { name, sets: [{ kind: 'set', name, ...shape }] };
}
