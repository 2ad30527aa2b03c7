/** `-m cpu`: the processor that handles the packet. */

import { match, meta, number } from '../../nft/build.js';
import { defineMatch, exact, value } from '../define.js';
import { wholeNumber } from '../values/number.js';

export default defineMatch({
  name: 'cpu',
  summary: 'the processor that handles the packet',
  families: ['ip', 'ip6'],
  options: { cpu: value(wholeNumber('number of a processor', 0, 0xffffffff, { extension: 'cpu', option: 'cpu' }), { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['cpu'], says: 'cpu: option "--cpu" must be specified' }],
  toNft: ({ cpu }) => exact(cpu === undefined ? [] : [match(meta('cpu'), number(cpu.value), cpu.negated)]),
});
