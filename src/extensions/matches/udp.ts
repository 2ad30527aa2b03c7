/** `-p udp`: source and destination ports. */

import { defineMatch, exact, value } from '../define.js';
import { refusesReversedPorts, resolvedPortRange } from '../values/resolved-port-range.js';
import { lowerPorts, printPorts } from '../values/transport-ports.js';

const options = {
  'source-port': value(resolvedPortRange({ extension: 'udp', option: 'source-port' }), { aliases: ['sport'], invertible: true }),
  'destination-port': value(resolvedPortRange({ extension: 'udp', option: 'destination-port' }), { aliases: ['dport'], invertible: true }),
};

export default defineMatch({
  name: 'udp',
  summary: 'UDP source and destination ports',
  families: ['ip', 'ip6'],
  protocols: [17],
  options,
  constraints: [refusesReversedPorts<typeof options>('source-port'), refusesReversedPorts<typeof options>('destination-port')],
  print: printPorts,
  toNft: (given) => {
    const ports = lowerPorts(given, 'udp');
    return 'never' in ports ? { kind: 'never', why: ports.never } : exact(ports);
  },
});
