/** `-m esp`: the index of ESP packets. */

import { payload } from '../../nft/build.js';
import { defineMatch, value } from '../define.js';
import { lowerHeader } from '../values/header-tests.js';
import { printUnlessAll, rangeTest, refusesReversedRange } from '../values/number-range.js';
import { hasSpi, LARGEST_SPI, spiRange } from '../values/spi.js';

const options = { espspi: value(spiRange('esp', 'espspi'), { invertible: true }) };

export default defineMatch({
  name: 'esp',
  summary: 'index of ESP packets (SPI)',
  families: ['ip', 'ip6'],
  protocols: [50],
  options,
  constraints: [refusesReversedRange<typeof options>('espspi')],
  print: ({ espspi }) => printUnlessAll('espspi', espspi, LARGEST_SPI),
  toNft: ({ espspi }) =>
    lowerHeader(espspi === undefined ? [] : [rangeTest(payload('esp', 'spi'), espspi, LARGEST_SPI)], hasSpi('esp'), 'no index is in the range'),
});
