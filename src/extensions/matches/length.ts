/** `-m length`: the length of the IP packet in bytes, headers and all. */

import { match, meta, number, range } from '../../nft/build.js';
import { defineMatch, exact, value } from '../define.js';
import { numberRange, refusesReversedRange } from '../values/number-range.js';

const LONGEST = 65535;

const options = { length: value(numberRange({ name: 'length', most: LONGEST, extension: 'length', option: 'length' }), { invertible: true }) };

export default defineMatch({
  name: 'length',
  summary: 'length of the IP packet in bytes, headers included',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    { kind: 'atLeastOne', of: ['length'], says: 'length: option "--length" must be specified' },
    refusesReversedRange<typeof options>('length'),
  ],
  // Both are the length of what the kernel has of the packet, once it is cut to what the header says. (kernel: net/netfilter/xt_length.c and
  // nft_meta.c; before Linux 6.3 xt_length read the header, which only differs for packets above 64 KiB)
  toNft: ({ length }) => {
    if (length === undefined) return exact([]);
    const { from, to } = length.value;
    if (from > to) return length.negated ? exact([]) : { kind: 'never', why: 'the range ends before it begins and holds no length' };
    return exact([match(meta('length'), from === to ? number(from) : range(number(from), number(to)), length.negated)]);
  },
});
