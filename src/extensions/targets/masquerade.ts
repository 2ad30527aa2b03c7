/** `-j MASQUERADE`: gives a connection the address of the interface it leaves by. */

import { defineTarget, flag, value } from '../define.js';
import { lowerNat, natPorts, PORTS_NEED_PROTOCOL, takesPorts } from '../values/nat-range.js';

export default defineTarget({
  name: 'MASQUERADE',
  summary: 'gives a connection the address of the interface it leaves by',
  families: ['ip', 'ip6'],
  flow: 'ends',
  tables: ['nat'],
  hooks: ['POSTROUTING'],
  options: {
    'to-ports': value(natPorts('lost')),
    random: flag(),
    'random-fully': flag(),
  },
  constraints: [
    {
      ...PORTS_NEED_PROTOCOL,
      at: 'to-ports',
      when: (given, context) => given['to-ports'] !== undefined && !takesPorts(context, given['to-ports'].word),
    },
  ],
  toNft: (given, context) =>
    lowerNat(
      'masquerade',
      given['to-ports'] === undefined ? {} : { ports: given['to-ports'].value },
      [...(given.random === undefined ? [] : (['random'] as const)), ...(given['random-fully'] === undefined ? [] : (['fully-random'] as const))],
      context,
    ),
});
