/** `-j DNAT`: gives a connection another destination address. */

import { defineTarget, flag, value } from '../define.js';
import { lowerNat, natRange, PORTS_NEED_PROTOCOL, takesPorts } from '../values/nat-range.js';

export default defineTarget({
  name: 'DNAT',
  summary: 'gives a connection another destination address',
  families: ['ip', 'ip6'],
  flow: 'ends',
  tables: ['nat'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options: {
    'to-destination': value(natRange('used')),
    random: flag(),
    persistent: flag(),
  },
  constraints: [
    { kind: 'atLeastOne', of: ['to-destination'], says: 'DNAT: option "--to-destination" must be specified' },
    {
      ...PORTS_NEED_PROTOCOL,
      at: 'to-destination',
      when: (given, context) => given['to-destination']?.value.ports !== undefined && !takesPorts(context, given['to-destination'].word),
    },
  ],
  toNft: (given, context) =>
    lowerNat(
      'dnat',
      given['to-destination']?.value ?? {},
      [...(given.random === undefined ? [] : (['random'] as const)), ...(given.persistent === undefined ? [] : (['persistent'] as const))],
      context,
    ),
});
