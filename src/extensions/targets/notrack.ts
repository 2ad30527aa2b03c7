/** `-j NOTRACK`: keeps the packet out of connection tracking; the old name of `-j CT --notrack`. */

import { defineTarget, exact } from '../define.js';

export default defineTarget({
  name: 'NOTRACK',
  summary: 'keeps the packet out of connection tracking',
  families: ['ip', 'ip6'],
  flow: 'continues',
  tables: ['raw'],
  options: {},
  toNft: () => exact([{ kind: 'notrack' }]),
});
