/** `-j DNPT`: gives the destination of an IPv6 packet another prefix, without connection tracking. */

import { defineTarget } from '../define.js';
import { lowerPrefixTranslation, prefixConstraints, prefixOptions } from '../values/prefix-translation.js';

export default defineTarget({
  name: 'DNPT',
  summary: 'gives the destination another IPv6 prefix, without connection tracking',
  families: ['ip6'],
  flow: 'continues',
  tables: ['mangle'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options: prefixOptions('DNPT'),
  constraints: prefixConstraints('DNPT'),
  toNft: () => lowerPrefixTranslation('dnat'),
});
