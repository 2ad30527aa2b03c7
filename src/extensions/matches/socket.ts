/** `-m socket`: whether a program of this host has a socket open for the packet. */

import { compare, match, meta, number } from '../../nft/build.js';
import type { Expr } from '../../nft/ir.js';
import { compareVersions, defineMatch, exact, flag, unsupported, type LoweredItem } from '../define.js';

const socket = (key: 'transparent' | 'wildcard' | 'mark'): Expr => ({ kind: 'socket', key });

/** The first kernel that has `socket wildcard`. (nft_socket.c) */
const KNOWS_WILDCARD = '5.10';

export default defineMatch({
  name: 'socket',
  summary: 'a program of this host has a socket open for the packet',
  families: ['ip', 'ip6'],
  hooks: ['PREROUTING', 'INPUT'],
  options: { transparent: flag(), nowildcard: flag(), 'restore-skmark': flag() },
  // (kernel: net/netfilter/xt_socket.c, socket_match, and nft_socket.c, nft_socket_eval, which look for the socket in the same way)
  toNft: (given, { target }) => {
    const asksForAddress = given.nowildcard === undefined;
    if (asksForAddress && target.kernel !== undefined && compareVersions(target.kernel, KNOWS_WILDCARD) < 0)
      return unsupported(
        `kernels before ${KNOWS_WILDCARD} cannot tell in nft whether a socket is bound to an address`,
        'give `--nowildcard` if a socket of any address will do',
      );
    const items: LoweredItem[] = [];
    // Sockets of connections in TIME_WAIT, or half open, have no answer to `wildcard`, and count.
    if (asksForAddress) items.push({ kind: 'unless', alternatives: [[match(socket('wildcard'), number(1))]] });
    // Without --transparent either answer will do: there is a socket.
    items.push(given.transparent === undefined ? compare(socket('transparent'), '<=', number(1)) : match(socket('transparent'), number(1)));
    if (given['restore-skmark'] === undefined) return exact(items);
    return {
      kind: 'approximate',
      items: [...items, { kind: 'assign', to: meta('mark'), value: socket('mark') }],
      differs: 'packets of connections in TIME_WAIT, or half open, pass in iptables and keep their mark; nft has no mark for them and lets them fail',
    };
  },
});
