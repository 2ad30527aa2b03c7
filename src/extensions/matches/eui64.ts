/** `-m eui64`: whether the end of the IPv6 source address is made of the Ethernet address. */

import { defineMatch, unsupported } from '../define.js';

export default defineMatch({
  name: 'eui64',
  summary: 'IPv6 source address that is made of the Ethernet address',
  families: ['ip6'],
  hooks: ['PREROUTING', 'INPUT', 'FORWARD'],
  options: {},
  toNft: () =>
    unsupported(
      'nft cannot compare the source address with the Ethernet address',
      'list the pairs that are allowed in a set of `ether saddr . ip6 saddr`',
    ),
});
