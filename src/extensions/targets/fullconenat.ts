/** `-j FULLCONENAT` (OpenWrt and others): masquerading whose ports anybody may call. */

import { defineTarget, flag, unsupported, value } from '../define.js';
import { lowerNat, natPorts } from '../values/nat-range.js';

export default defineTarget({
  name: 'FULLCONENAT',
  summary: 'masquerading whose ports anybody may call (OpenWrt)',
  families: ['ip', 'ip6'],
  flow: 'ends',
  tables: ['nat'],
  hooks: ['PREROUTING', 'POSTROUTING'],
  options: { 'to-ports': value(natPorts('lost')), random: flag(), 'random-fully': flag() },
  toNft: (given, context) => {
    if (context.hooks.length > 0 && context.hooks.every((hook) => hook === 'PREROUTING'))
      return {
        kind: 'approximate',
        items: [],
        differs: 'nothing sends packets of others to the host that a port was mapped for: nft has no full cone NAT',
      };
    if (!context.hooks.every((hook) => hook === 'POSTROUTING')) return unsupported('nft can masquerade in POSTROUTING only');
    const lowered = lowerNat(
      'masquerade',
      given['to-ports'] === undefined ? {} : { ports: given['to-ports'].value },
      given['random-fully'] !== undefined ? ['fully-random'] : given.random !== undefined ? ['random'] : [],
      context,
    );
    if (lowered.kind !== 'exact') return lowered;
    return {
      ...lowered,
      kind: 'approximate',
      differs: 'a mapped port lets in answers of those that were called; with a full cone, packets of anybody',
    };
  },
});
