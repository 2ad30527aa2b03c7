/** `-j CHECKSUM`: computes a checksum that was left to the network card. */

import { defineTarget, flag } from '../define.js';

const LEFT_OUT =
  'the rule does nothing, nft cannot compute checksums: programs that see the packet before the network card does (DHCP clients of virtual machines older than 2012) take it for damaged; `tc` can (action csum), or switch the offloading off: `ethtool -K INTERFACE tx off`';

export default defineTarget({
  name: 'CHECKSUM',
  summary: 'computes a checksum that was left to the network card',
  families: ['ip', 'ip6'],
  flow: 'continues',
  tables: ['mangle'],
  options: { 'checksum-fill': flag() },
  constraints: [{ kind: 'atLeastOne', of: ['checksum-fill'], says: 'CHECKSUM: option "--checksum-fill" must be specified' }],
  // What a packet meets in the firewall is the same; setting the field to 0 would change packets that iptables leaves alone.
  toNft: () => ({ kind: 'approximate', items: [], differs: LEFT_OUT }),
});
