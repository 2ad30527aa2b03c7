/** `-p icmpv6`: the type and code of an ICMPv6 message. */

import { defineMatch, value } from '../define.js';
import { icmpv6Type, lowerIcmpv6Type } from '../values/icmp-type.js';

export default defineMatch({
  name: 'icmp6',
  aliases: ['icmpv6', 'ipv6-icmp'],
  summary: 'type and code of an ICMPv6 message',
  families: ['ip6'],
  protocols: [58],
  options: { 'icmpv6-type': value(icmpv6Type, { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['icmpv6-type'], says: 'icmp6: option "--icmpv6-type" must be specified' }],
  toNft: (given) => lowerIcmpv6Type(given['icmpv6-type']),
});
