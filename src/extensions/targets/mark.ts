/** `-j MARK`: changes the mark of the packet. */

import { meta } from '../../nft/build.js';
import { defineTarget, exact, value, type GivenOf } from '../define.js';
import { ALL_BITS, apartFrom, assignBits, bits, markAndMask, without, type MarkAndMask } from '../values/mark.js';

const place = (option: string): { extension: string; option: string } => ({ extension: 'MARK', option });

const options = {
  'set-xmark': value(markAndMask(place('set-xmark'))),
  'set-mark': value(markAndMask(place('set-mark'))),
  'and-mark': value(bits(place('and-mark'))),
  'or-mark': value(bits(place('or-mark'))),
  'xor-mark': value(bits(place('xor-mark'))),
};

/** What the kernel keeps: mark = (mark & ~mask) ^ value. (iptables: extensions/libxt_MARK.c, mark_tg_parse) */
export function changeOfMark(given: GivenOf<typeof options>): MarkAndMask {
  if (given['set-xmark'] !== undefined) return given['set-xmark'].value;
  const set = given['set-mark']?.value;
  if (set !== undefined) return { value: set.value, mask: (set.value | set.mask) >>> 0 };
  if (given['and-mark'] !== undefined) return { value: 0, mask: without(ALL_BITS, given['and-mark'].value) };
  const or = given['or-mark']?.value;
  if (or !== undefined) return { value: or, mask: or };
  return { value: given['xor-mark']?.value ?? 0, mask: 0 };
}

export default defineTarget({
  name: 'MARK',
  summary: 'changes the mark of the packet',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options,
  constraints: [
    {
      kind: 'exactlyOne',
      of: ['set-xmark', 'set-mark', 'and-mark', 'or-mark', 'xor-mark'],
      says: 'MARK: One of the --set-xmark, --{and,or,xor,set}-mark options is required',
    },
  ],
  print: (given) => ['--set-xmark', options['set-xmark'].value.print(changeOfMark(given), 'ip')],
  toNft: (given, { keptMark }) => exact(assignBits(meta('mark'), apartFrom(keptMark, changeOfMark(given)))),
});
