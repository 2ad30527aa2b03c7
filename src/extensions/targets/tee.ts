/** `-j TEE`: sends a copy of the packet to another host of a local network. */

import { symbol } from '../../nft/build.js';
import { defineTarget, exact, value } from '../define.js';
import { hostAddress } from '../values/masked-host.js';
import { addressText } from '../values/network.js';
import { shortName } from '../values/short-name.js';

/** (kernel: include/uapi/linux/if.h: IFNAMSIZ is 16 with the closing NUL) */
const NAME_LIMIT = 15;

/** A plain name: no wildcards, and nothing is checked. */
const device = shortName('interface name', 'an interface name', NAME_LIMIT);

export default defineTarget({
  name: 'TEE',
  summary: 'sends a copy of the packet to another host of a local network',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options: { gateway: value(hostAddress({ extension: 'TEE', option: 'gateway' })), oif: value(device) },
  constraints: [
    { kind: 'atLeastOne', of: ['gateway'], says: 'TEE: option "--gateway" must be specified' },
    {
      kind: 'refuses',
      by: 'kernel',
      // kernel: net/netfilter/xt_TEE.c, tee_tg_check
      when: (given) => given.gateway !== undefined && BigInt(given.gateway.value.address) === 0n,
      at: 'gateway',
      check: 'invalid-address-or-mask',
      message: 'the gateway must be an address: all zeros is none',
    },
  ],
  print: (given) => [
    ...(given.gateway === undefined ? [] : ['--gateway', addressText(given.gateway.value)]),
    ...(given.oif === undefined || given.oif.value === '' ? [] : ['--oif', given.oif.value]),
  ],
  toNft: (given) => {
    if (given.gateway === undefined) return exact([]);
    const device = given.oif?.value ?? '';
    return exact([{ kind: 'dup', address: symbol(addressText(given.gateway.value)), ...(device === '' ? {} : { device }) }]);
  },
});
