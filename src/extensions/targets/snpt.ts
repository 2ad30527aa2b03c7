/** `-j SNPT`: gives the source of an IPv6 packet another prefix, without connection tracking. */

import { defineTarget } from '../define.js';
import { lowerPrefixTranslation, prefixConstraints, prefixOptions } from '../values/prefix-translation.js';

export default defineTarget({
  name: 'SNPT',
  summary: 'gives the source another IPv6 prefix, without connection tracking',
  families: ['ip6'],
  flow: 'continues',
  tables: ['mangle'],
  hooks: ['INPUT', 'POSTROUTING'],
  options: prefixOptions('SNPT'),
  constraints: prefixConstraints('SNPT'),
  toNft: () => lowerPrefixTranslation('snat'),
});
