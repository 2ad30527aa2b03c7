/** `-m ah` of iptables: the index of AH packets. */

import { payload } from '../../nft/build.js';
import { defineMatch, value } from '../define.js';
import { lowerHeader } from '../values/header-tests.js';
import { printUnlessAll, rangeTest, refusesReversedRange } from '../values/number-range.js';
import { hasSpi, LARGEST_SPI, spiRange } from '../values/spi.js';

const options = { ahspi: value(spiRange('ah', 'ahspi'), { invertible: true }) };

export default defineMatch({
  name: 'ah',
  summary: 'index of AH packets (SPI)',
  families: ['ip'],
  protocols: [51],
  options,
  constraints: [refusesReversedRange<typeof options>('ahspi')],
  print: ({ ahspi }) => printUnlessAll('ahspi', ahspi, LARGEST_SPI),
  toNft: ({ ahspi }) =>
    lowerHeader(ahspi === undefined ? [] : [rangeTest(payload('ah', 'spi'), ahspi, LARGEST_SPI)], hasSpi('ah'), 'no index is in the range'),
});
