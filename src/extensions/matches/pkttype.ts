/** `-m pkttype`: whether a packet came to this host, to all, to a group, or to another host. */

import { match, meta, symbol } from '../../nft/build.js';
import { defineMatch, exact, value } from '../define.js';
import { packetType } from '../values/packet-type.js';

export default defineMatch({
  name: 'pkttype',
  summary: 'for whom the packet was on the link: this host, all, a group, another host',
  families: ['ip', 'ip6'],
  options: { 'pkt-type': value(packetType, { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['pkt-type'], says: 'pkttype: option "--pkt-type" must be specified' }],
  // Packets of this host to itself count as broadcast or multicast in both. (kernel: xt_pkttype.c; nft_meta.c, nft_meta_get_eval_pkttype_lo)
  toNft: ({ 'pkt-type': type }) =>
    exact(type === undefined ? [] : [match(meta('pkttype'), symbol(type.value === 'otherhost' ? 'other' : type.value), type.negated)]),
});
