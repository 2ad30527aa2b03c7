/** `-j FLOWOFFLOAD` (OpenWrt): the rest of the connection goes past the rules. */

import { defineTarget, flag } from '../define.js';

export default defineTarget({
  name: 'FLOWOFFLOAD',
  summary: 'lets the rest of a connection go past the rules (OpenWrt)',
  families: ['ip', 'ip6'],
  flow: 'continues',
  options: { hw: flag() },
  toNft: () => ({
    kind: 'approximate',
    items: [],
    differs:
      'the rule does nothing: all packets of a connection go through the rules, which takes more time; a `flowtable` with the devices, and `flow add @NAME` here, take it off them',
  }),
});
