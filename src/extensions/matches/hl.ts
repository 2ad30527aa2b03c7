/** `-m hl`: the hops an IPv6 packet has left. */

import { payload } from '../../nft/build.js';
import { defineMatch, value } from '../define.js';
import { lowerHops } from '../values/hop-count.js';
import { wholeNumber } from '../values/number.js';

const hops = (option: string) => wholeNumber('number of hops', 0, 255, { extension: 'hl', option });

export default defineMatch({
  name: 'hl',
  summary: 'hop limit of IPv6 packets',
  families: ['ip6'],
  options: {
    'hl-eq': value(hops('hl-eq'), { aliases: ['hl'], invertible: true }),
    'hl-lt': value(hops('hl-lt')),
    'hl-gt': value(hops('hl-gt')),
  },
  constraints: [
    { kind: 'excludes', option: 'hl-lt', others: ['hl-eq', 'hl-gt'] },
    { kind: 'excludes', option: 'hl-gt', others: ['hl-eq'] },
    {
      kind: 'atLeastOne',
      of: ['hl-eq', 'hl-lt', 'hl-gt'],
      says: "HL match: You must specify one of `--hl-eq', `--hl-lt', `--hl-gt'",
    },
  ],
  toNft: (given) => lowerHops(payload('ip6', 'hoplimit'), { equal: given['hl-eq'], below: given['hl-lt'], above: given['hl-gt'] }),
});
