/** `-m ttl`: the hops an IPv4 packet has left. */

import { payload } from '../../nft/build.js';
import { defineMatch, value } from '../define.js';
import { lowerHops } from '../values/hop-count.js';
import { wholeNumber } from '../values/number.js';

const hops = (option: string) => wholeNumber('number of hops', 0, 255, { extension: 'ttl', option });

export default defineMatch({
  name: 'ttl',
  summary: 'time to live of IPv4 packets',
  families: ['ip'],
  options: {
    'ttl-eq': value(hops('ttl-eq'), { aliases: ['ttl'], invertible: true }),
    'ttl-lt': value(hops('ttl-lt')),
    'ttl-gt': value(hops('ttl-gt')),
  },
  constraints: [
    { kind: 'excludes', option: 'ttl-lt', others: ['ttl-eq', 'ttl-gt'] },
    { kind: 'excludes', option: 'ttl-gt', others: ['ttl-eq'] },
    {
      kind: 'atLeastOne',
      of: ['ttl-eq', 'ttl-lt', 'ttl-gt'],
      says: "TTL match: You must specify one of `--ttl-eq', `--ttl-lt', `--ttl-gt",
    },
  ],
  toNft: (given) => lowerHops(payload('ip', 'ttl'), { equal: given['ttl-eq'], below: given['ttl-lt'], above: given['ttl-gt'] }),
});
