/** `-m mh`: the type of mobility headers. */

import { drop, match, number } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import { defineMatch, exact, value } from '../define.js';
import { LARGEST_MOBILITY_TYPE, mobilityTypes } from '../values/mobility-type.js';
import { printUnlessAll, rangeTest } from '../values/number-range.js';

const field = (name: string): Expr => ({ kind: 'exthdr', header: 'mh', field: name });

/** What has to stand in a mobility header for the header behind it: none. (RFC 6275, section 6.1.1) */
const NO_NEXT_HEADER = 59;

export default defineMatch({
  name: 'mh',
  summary: 'type of mobility headers',
  families: ['ip6'],
  protocols: [135],
  options: { 'mh-type': value(mobilityTypes, { invertible: true }) },
  print: (given) => printUnlessAll('mh-type', given['mh-type'], LARGEST_MOBILITY_TYPE),
  toNft: ({ 'mh-type': type }) => {
    const last = match(field('nexthdr'), number(NO_NEXT_HEADER));
    const test = type === undefined ? 'always' : rangeTest(field('type'), type, LARGEST_MOBILITY_TYPE);
    // The match drops a packet with another header behind this one, whatever the rule. (kernel: net/ipv6/netfilter/ip6t_mh.c, mh_mt6)
    const dropped = [match(field('nexthdr'), number(NO_NEXT_HEADER), true), drop];
    if (test === 'never') return exact([{ kind: 'anyOf', alternatives: [dropped] }]);
    return exact([{ kind: 'anyOf', alternatives: [dropped, test === 'always' ? [last] : [test]] }]);
  },
});
