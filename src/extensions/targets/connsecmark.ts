/** `-j CONNSECMARK`: copies the security mark between packet and connection. */

import { ct, meta } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { defineTarget, flag } from '../define.js';

export default defineTarget({
  name: 'CONNSECMARK',
  summary: 'copies the security mark between packet and connection',
  families: ['ip', 'ip6'],
  flow: 'continues',
  tables: ['mangle', 'security'],
  options: { save: flag(), restore: flag() },
  constraints: [{ kind: 'exactlyOne', of: ['save', 'restore'], says: 'CONNSECMARK target: parameter required' }],
  toNft: (given) => {
    const save = given.save !== undefined;
    const statement: Statement = save
      ? { kind: 'assign', to: ct('secmark'), value: meta('secmark') }
      : { kind: 'assign', to: meta('secmark'), value: ct('secmark') };
    // (kernel: net/netfilter/xt_CONNSECMARK.c, secmark_save and secmark_restore)
    return {
      kind: 'approximate',
      items: [statement],
      differs: `iptables copies only where the ${save ? 'connection' : 'packet'} has no security mark yet, and only a mark that is there; nft overwrites, and cannot ask for it`,
    };
  },
});
