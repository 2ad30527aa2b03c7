/** `-m mac`: the Ethernet address a packet came from. */

import { match, payload, symbol } from '../../nft/build.js';
import { defineMatch, exact, value } from '../define.js';
import { macAddress } from '../values/mac-address.js';

export default defineMatch({
  name: 'mac',
  summary: 'Ethernet address the packet came from',
  families: ['ip', 'ip6'],
  hooks: ['PREROUTING', 'INPUT', 'FORWARD'],
  options: { 'mac-source': value(macAddress, { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['mac-source'], says: 'mac: option "--mac-source" must be specified' }],
  // nft asks by itself that the packet came in over Ethernet, as the kernel does for iptables. (kernel: net/netfilter/xt_mac.c)
  toNft: ({ 'mac-source': address }) =>
    exact(address === undefined ? [] : [match(payload('ether', 'saddr'), symbol(address.value), address.negated)]),
});
