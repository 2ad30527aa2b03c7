/** `-p ipcomp`: the compression parameter index of compressed packets. */

import { match, number, payload, range } from '../../nft/build.js';
import { defineMatch, exact, flag, value } from '../define.js';
import { numberRange, refusesReversedRange } from '../values/number-range.js';

/** What iptables takes, as if the index had the 32 bits of an SPI. */
const LARGEST = 0xffffffff;
/** (RFC 3173, 3.3) */
const LARGEST_INDEX = 0xffff;

const options = {
  ipcompspi: value(numberRange({ name: 'index', most: LARGEST, extension: 'ipcomp', option: 'ipcompspi' }), { invertible: true }),
  // The kernel does not look at it. (kernel: net/netfilter/xt_ipcomp.c, comp_mt)
  compres: flag(),
};

/** Without the option it is the index 0. (iptables: extensions/libxt_ipcomp.c has no defaults; measured) */
const NOTHING_GIVEN = { value: { from: 0, to: 0 }, negated: false };

export default defineMatch({
  name: 'ipcomp',
  summary: 'compression parameter index of IPComp packets',
  families: ['ip', 'ip6'],
  protocols: [108],
  options,
  constraints: [refusesReversedRange<typeof options>('ipcompspi')],
  // iptables-save leaves out a range that holds every index; loaded again, that would be the index 0.
  print: ({ ipcompspi = NOTHING_GIVEN, compres }, family) => [
    ...(ipcompspi.negated ? ['!'] : []),
    '--ipcompspi',
    options.ipcompspi.value.print(ipcompspi.value, family),
    ...(compres === undefined ? [] : ['--compres']),
  ],
  toNft: ({ ipcompspi = NOTHING_GIVEN }) => {
    const { from, to } = ipcompspi.value;
    const index = payload('comp', 'cpi');
    if (from > to || from > LARGEST_INDEX) {
      if (!ipcompspi.negated) return { kind: 'never', why: from > to ? 'the range ends before it begins' : 'an index has 16 bits' };
      return exact([match(index, range(number(0), number(LARGEST_INDEX)))]);
    }
    const last = Math.min(to, LARGEST_INDEX);
    if (ipcompspi.negated && from === 0 && last === LARGEST_INDEX) return { kind: 'never', why: 'the range holds every index' };
    return exact([match(index, from === last ? number(from) : range(number(from), number(last)), ipcompspi.negated)]);
  },
});
