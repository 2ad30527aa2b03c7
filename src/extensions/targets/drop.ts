/** `-j DROP`: discards the packet without an answer. */

import { verdict } from '../../nft/build.js';
import { defineTarget, exact } from '../define.js';

export default defineTarget({
  name: 'DROP',
  summary: 'discards the packet without an answer',
  families: ['ip', 'ip6'],
  flow: 'ends',
  options: {},
  constraints: [
    {
      kind: 'refuses',
      by: 'iptables',
      when: (_given, context) => context.table === 'nat',
      check: 'target-not-in-table',
      message: 'iptables lets nothing be dropped in the nat table: it sees only the first packet of a connection',
      says: 'The "nat" table is not intended for filtering, the use of DROP is therefore inhibited.',
      do: 'drop it in the filter table, or in raw PREROUTING to be earlier',
    },
  ],
  toNft: () => exact([verdict({ kind: 'drop' })]),
});
