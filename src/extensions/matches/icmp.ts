/** `-p icmp`: the type and code of an ICMP message. */

import { defineMatch, value } from '../define.js';
import { icmpType, lowerIcmpType } from '../values/icmp-type.js';

export default defineMatch({
  name: 'icmp',
  summary: 'type and code of an ICMP message',
  families: ['ip'],
  protocols: [1],
  options: { 'icmp-type': value(icmpType, { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['icmp-type'], says: 'icmp: option "--icmp-type" must be specified' }],
  toNft: (given) => lowerIcmpType(given['icmp-type']),
});
