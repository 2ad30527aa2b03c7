/** Which bits of the packet mark a ruleset uses, and which it leaves free for a note of our own. */

import { usesOf, type Use } from '../../iptables/command.js';
import { ALL_BITS, type MarkAndMask } from '../../extensions/values/mark.js';
import type { Ruleset } from '../../ruleset/model.js';
import { extensionsIn } from '../../ruleset/used-extensions.js';

/** Matches and targets that read or write marks of packets or connections. */
const ABOUT_MARKS: ReadonlySet<string> = new Set(['mark', 'connmark', 'MARK', 'CONNMARK', 'TPROXY']);

/** Options by which any bit may get into the mark, or be asked for. */
const ANY_BIT: Readonly<Record<string, string>> = {
  HMARK: '',
  SET: 'map-mark',
  socket: 'restore-skmark',
  rpfilter: 'validmark',
};

/**
 * The bits that rules of the ruleset name: those of values, and of masks for some of the bits. A mask of all bits, which is what rules have without one,
 * names none: such rules can be told to pass over bits (see NftContext.keptMark).
 */
export function namedMarkBits(ruleset: Ruleset): number {
  let bits = 0;
  for (const table of ruleset.tables.values()) {
    const used = extensionsIn(table);
    if (![...ABOUT_MARKS, ...Object.keys(ANY_BIT)].some((name) => used.has(name))) continue;
    for (const { rules } of table.chains.values()) for (const { spec } of rules) for (const use of usesOf(spec)) bits = (bits | bitsOf(use)) >>> 0;
  }
  return bits;
}

function bitsOf({ extension, given, unsettled }: Use): number {
  const { name } = extension;
  if (Object.hasOwn(ANY_BIT, name)) {
    const option = ANY_BIT[name] ?? '';
    return option === '' || Object.hasOwn(given, option) ? ALL_BITS : 0;
  }
  if (!ABOUT_MARKS.has(name)) return 0;
  if (unsettled.length > 0) return ALL_BITS;
  let bits = 0;
  for (const [option, { value }] of Object.entries(given)) {
    if (/shift/.test(option) && value !== 0) return ALL_BITS;
    if (typeof value === 'number') bits |= partOf(value);
    else if (isMark(value)) bits |= value.value | partOf(value.mask);
  }
  return bits >>> 0;
}

const partOf = (mask: number): number => (mask === ALL_BITS ? 0 : mask);

function isMark(value: unknown): value is MarkAndMask {
  return typeof value === 'object' && value !== null && 'mask' in value && 'value' in value;
}

/** The lowest bit of the highest `width` free bits that lie together; undefined where there are none. */
export function freeBits(used: number, width: number): number | undefined {
  for (let lowest = 32 - width; lowest >= 0; lowest -= 1) if ((used & bitMask(lowest, width)) === 0) return lowest;
  return undefined;
}

/** `width` bits from `lowest` on; at most 32 in all. */
export function bitMask(lowest: number, width: number): number {
  return (2 ** (lowest + width) - 2 ** lowest) >>> 0;
}
