/** `-j CHECKSUM`: computes a checksum that was left to the network card. */

import { defineTarget, flag, unsupported } from '../define.js';

export default defineTarget({
  name: 'CHECKSUM',
  summary: 'computes a checksum that was left to the network card',
  families: ['ip', 'ip6'],
  flow: 'continues',
  tables: ['mangle'],
  options: { 'checksum-fill': flag() },
  constraints: [{ kind: 'atLeastOne', of: ['checksum-fill'], says: 'CHECKSUM: option "--checksum-fill" must be specified' }],
  toNft: () =>
    unsupported(
      'nft cannot compute checksums; programs that see the packet before the network card does (old DHCP clients of virtual machines) take it for damaged',
      'leave the rule out where the guests are younger than 2012, or switch checksum offloading off: `ethtool -K INTERFACE tx off`',
    ),
});
