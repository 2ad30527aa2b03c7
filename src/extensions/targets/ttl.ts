/** `-j TTL`: changes the hop counter of IPv4 packets. */

import { defineTarget, exact, value } from '../define.js';
import { lowerSet, lowerStep } from '../values/hop-count.js';
import { wholeNumber } from '../values/number.js';

const steps = (option: string, least: number) => value(wholeNumber('number of hops', least, 255, { extension: 'TTL', option }));

export default defineTarget({
  name: 'TTL',
  summary: 'changes the time to live of IPv4 packets',
  families: ['ip'],
  flow: 'continues',
  tables: ['mangle'],
  options: { 'ttl-set': steps('ttl-set', 0), 'ttl-dec': steps('ttl-dec', 1), 'ttl-inc': steps('ttl-inc', 1) },
  constraints: [{ kind: 'exactlyOne', of: ['ttl-set', 'ttl-dec', 'ttl-inc'], says: 'TTL: You must specify an action' }],
  toNft: (given, context) => {
    if (given['ttl-set'] !== undefined) return lowerSet(context, given['ttl-set'].value);
    if (given['ttl-inc'] !== undefined) return lowerStep(context, given['ttl-inc'].value);
    return given['ttl-dec'] === undefined ? exact([]) : lowerStep(context, -given['ttl-dec'].value);
  },
});
