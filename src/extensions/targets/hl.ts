/** `-j HL`: changes the hop limit of IPv6 packets. */

import { defineTarget, exact, value } from '../define.js';
import { lowerSet, lowerStep } from '../values/hop-count.js';
import { wholeNumber } from '../values/number.js';

const steps = (option: string, least: number) => value(wholeNumber('number of hops', least, 255, { extension: 'HL', option }));

export default defineTarget({
  name: 'HL',
  summary: 'changes the hop limit of IPv6 packets',
  families: ['ip6'],
  flow: 'continues',
  tables: ['mangle'],
  options: { 'hl-set': steps('hl-set', 0), 'hl-dec': steps('hl-dec', 1), 'hl-inc': steps('hl-inc', 1) },
  constraints: [{ kind: 'exactlyOne', of: ['hl-set', 'hl-dec', 'hl-inc'], says: 'HL: You must specify an action' }],
  toNft: (given, context) => {
    if (given['hl-set'] !== undefined) return lowerSet(context, given['hl-set'].value);
    if (given['hl-inc'] !== undefined) return lowerStep(context, given['hl-inc'].value);
    return given['hl-dec'] === undefined ? exact([]) : lowerStep(context, -given['hl-dec'].value);
  },
});
