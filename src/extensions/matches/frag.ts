/** `-m frag`: the fragment header of IPv6 packets. */

import { match, number, symbol } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import { defineMatch, flag, value } from '../define.js';
import { lowerHeader, type HeaderTest } from '../values/header-tests.js';
import { numberRange, printUnlessAll, rangeTest, refusesReversedRange } from '../values/number-range.js';
import { wholeNumber } from '../values/number.js';

const LARGEST_ID = 0xffffffff;

const options = {
  fragid: value(numberRange({ name: 'identification', most: LARGEST_ID, extension: 'frag', option: 'fragid' }), { invertible: true }),
  fraglen: value(wholeNumber('length', 0, 0xffffffff, { extension: 'frag', option: 'fraglen' }), { invertible: true }),
  fragres: flag(),
  fragfirst: flag(),
  fragmore: flag(),
  fraglast: flag(),
};

const field = (name: string): Expr => ({ kind: 'exthdr', header: 'frag', field: name });
const isZero = (name: string): HeaderTest => match(field(name), number(0));

export default defineMatch({
  name: 'frag',
  summary: 'fragment header of IPv6 packets',
  families: ['ip6'],
  options,
  constraints: [refusesReversedRange<typeof options>('fragid'), { kind: 'excludes', option: 'fragmore', others: ['fraglast'] }],
  print: ({ fragid, fraglen, ...flags }) => [
    ...printUnlessAll('fragid', fragid, LARGEST_ID),
    ...(fraglen === undefined ? [] : [...(fraglen.negated ? ['!'] : []), '--fraglen', String(fraglen.value)]),
    ...(['fragres', 'fragfirst', 'fragmore', 'fraglast'] as const).filter((name) => flags[name] !== undefined).map((name) => `--${name}`),
  ],
  // The kernel takes --fraglen and looks at no length. (kernel: net/ipv6/netfilter/ip6t_frag.c, frag_mt6)
  toNft: ({ fragid, fragres, fragfirst, fragmore, fraglast }) =>
    lowerHeader(
      [
        ...(fragid === undefined ? [] : [rangeTest(field('id'), fragid, LARGEST_ID)]),
        ...(fragres === undefined ? [] : [isZero('reserved'), isZero('reserved2')]),
        ...(fragfirst === undefined ? [] : [isZero('frag-off')]),
        ...(fragmore === undefined ? [] : [match(field('more-fragments'), number(1))]),
        ...(fraglast === undefined ? [] : [isZero('more-fragments')]),
      ],
      match({ kind: 'exthdr', header: 'frag' }, symbol('exists')),
      'no identification is in the range',
    ),
});
