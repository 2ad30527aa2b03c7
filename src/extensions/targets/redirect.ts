/** `-j REDIRECT`: sends a connection to this machine itself. */

import { defineTarget, flag, value } from '../define.js';
import { lowerNat, natPorts, PORTS_NEED_PROTOCOL, takesPorts } from '../values/nat-range.js';

export default defineTarget({
  name: 'REDIRECT',
  summary: 'sends a connection to this machine itself',
  families: ['ip', 'ip6'],
  flow: 'ends',
  tables: ['nat'],
  hooks: ['PREROUTING', 'OUTPUT'],
  options: {
    'to-ports': value(natPorts('refused')),
    random: flag(),
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
      'redirect',
      given['to-ports'] === undefined ? {} : { ports: given['to-ports'].value },
      given.random === undefined ? [] : ['random'],
      context,
    ),
});
