/** `-j STEAL` (xtables-addons): as DROP, but nobody hears of it. */

import { verdict } from '../../nft/build.js';
import { defineTarget } from '../define.js';

export default defineTarget({
  name: 'STEAL',
  summary: 'discards the packet, without an error for a program that sent it (xtables-addons)',
  families: ['ip', 'ip6'],
  flow: 'ends',
  options: {},
  toNft: () => ({
    kind: 'approximate',
    items: [verdict({ kind: 'drop' })],
    differs: 'a program of this host whose packet is dropped is told so (EPERM); of a stolen one it hears nothing',
  }),
});
