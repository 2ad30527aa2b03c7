/** `-m state`: the conntrack state of a packet. The older name of `-m conntrack --ctstate`. */

import { defineMatch, exact, value } from '../define.js';
import { lowerStates, states } from '../values/connection-state.js';

export default defineMatch({
  name: 'state',
  summary: 'conntrack state of a packet (older name of -m conntrack --ctstate)',
  families: ['ip', 'ip6'],
  options: { state: value(states, { invertible: true }) },
  constraints: [{ kind: 'atLeastOne', of: ['state'], says: 'state: option "--state" must be specified' }],
  toNft: ({ state }) => (state === undefined ? exact([]) : exact(lowerStates(state.value, state.negated, []).flat())),
});
