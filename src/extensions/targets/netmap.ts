/** `-j NETMAP`: maps one whole network to another, host by host. */

import { formatNetwork, prefixLength, type Network } from '../../net/address.js';
import { accept, symbol } from '../../nft/build.js';
import { defineTarget, exact, unsupported, value, type ValueType } from '../define.js';
import { maskedHost } from '../values/masked-host.js';
import { addressText } from '../values/network.js';

const host = maskedHost({ extension: 'NETMAP', option: 'to' });

function masked(network: Network): Network {
  return network.kind === 'ip'
    ? { ...network, address: (network.address & network.mask) >>> 0 }
    : { ...network, address: network.address & network.mask };
}

/** The bits of the address outside the mask are cleared. */
const target: ValueType<Network> = {
  name: 'network',
  read: (text, context) => {
    const result = host.read(text, context);
    if (result.kind !== 'read') return result;
    const network = masked(result.value);
    if (result.changed !== undefined) return { ...result, value: network, changed: { ...result.changed, becomes: formatNetwork(network) } };
    if (network.address === result.value.address) return { kind: 'read', value: network };
    const becomes = formatNetwork(network);
    return {
      kind: 'read',
      value: network,
      changed: {
        check: 'host-bits-set',
        message: `\`${text}\` has bits outside its mask; iptables takes it for ${becomes}`,
        becomes,
        repair: { text: becomes, title: `write ${becomes}`, applicability: 'safe' },
      },
    };
  },
  print: formatNetwork,
};

export default defineTarget({
  name: 'NETMAP',
  summary: 'maps one whole network to another, host by host',
  families: ['ip', 'ip6'],
  flow: 'ends',
  tables: ['nat'],
  hooks: ['PREROUTING', 'INPUT', 'OUTPUT', 'POSTROUTING'],
  options: { to: value(target) },
  constraints: [{ kind: 'atLeastOne', of: ['to'], says: 'NETMAP: option "--to" must be specified' }],
  toNft: (given, { hooks }) => {
    const network = given.to?.value;
    if (network === undefined) return exact([]);
    const destination = hooks.some((hook) => hook === 'PREROUTING' || hook === 'OUTPUT');
    const source = hooks.some((hook) => hook === 'POSTROUTING' || hook === 'INPUT');
    if (destination && source)
      return unsupported(
        'the chain is used before and after routing: there it maps the destination, here the source, and an nft rule does one of both',
        'write one chain for each',
      );
    const length = prefixLength(network.mask) ?? 0;
    // Nothing of the address is replaced.
    if (length === 0) return exact([accept]);
    const type = source ? 'snat' : 'dnat';
    const whole = length === (network.kind === 'ip' ? 32 : 128);
    return exact([{ kind: 'nat', type, address: whole ? symbol(addressText(network)) : { kind: 'prefix', address: addressText(network), length } }]);
  },
});
