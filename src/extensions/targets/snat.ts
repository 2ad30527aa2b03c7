/** `-j SNAT`: gives a connection another source address. */

import { defineTarget, flag, value } from '../define.js';
import { lowerNat, natRange, PORTS_NEED_PROTOCOL, takesPorts } from '../values/nat-range.js';

export default defineTarget({
  name: 'SNAT',
  summary: 'gives a connection another source address',
  families: ['ip', 'ip6'],
  flow: 'ends',
  tables: ['nat'],
  hooks: ['INPUT', 'POSTROUTING'],
  options: {
    'to-source': value(natRange('lost')),
    random: flag(),
    'random-fully': flag(),
    persistent: flag(),
  },
  constraints: [
    { kind: 'atLeastOne', of: ['to-source'], says: 'SNAT: option "--to-source" must be specified' },
    {
      ...PORTS_NEED_PROTOCOL,
      at: 'to-source',
      when: (given, context) => given['to-source']?.value.ports !== undefined && !takesPorts(context, given['to-source'].word),
    },
  ],
  toNft: (given, context) =>
    lowerNat(
      'snat',
      given['to-source']?.value ?? {},
      [
        ...(given.random === undefined ? [] : (['random'] as const)),
        ...(given['random-fully'] === undefined ? [] : (['fully-random'] as const)),
        ...(given.persistent === undefined ? [] : (['persistent'] as const)),
      ],
      context,
    ),
});
