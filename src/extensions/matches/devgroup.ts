/** `-m devgroup`: the group of the interface a packet came in on or leaves by. */

import { meta } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { defineMatch, exact, value, type Constraint } from '../define.js';
import { matchBits, namedNumber } from '../values/named-number.js';

const group = (option: string) =>
  value(namedNumber({ name: 'group of interfaces', zero: 'default', extension: 'devgroup', option }), { invertible: true });

const options = { 'src-group': group('src-group'), 'dst-group': group('dst-group') };

/** (kernel: net/netfilter/xt_devgroup.c, devgroup_mt_checkentry) */
function refusesWithout(direction: 'incoming' | 'outgoing', option: keyof typeof options, chains: readonly string[]): Constraint<typeof options> {
  return {
    kind: 'refuses',
    by: 'kernel',
    when: (given, { chain }) => given[option] !== undefined && chain !== undefined && chains.includes(chain),
    at: option,
    check: 'match-not-in-hook',
    message: `packets in ${chains.join(' and ')} have no ${direction} interface: \`--${option}\` cannot be used there`,
  };
}

export default defineMatch({
  name: 'devgroup',
  summary: 'group of the interface a packet came in on or leaves by',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    { kind: 'atLeastOne', of: ['src-group', 'dst-group'], says: "devgroup match: You must specify either '--src-group' or '--dst-group'" },
    refusesWithout('incoming', 'src-group', ['OUTPUT', 'POSTROUTING']),
    refusesWithout('outgoing', 'dst-group', ['PREROUTING', 'INPUT']),
  ],
  toNft: (given) => {
    const items: Statement[] = [];
    for (const [option, key] of [
      ['src-group', 'iifgroup'],
      ['dst-group', 'oifgroup'],
    ] as const) {
      const use = given[option];
      if (use === undefined) continue;
      const { value: wanted, mask } = use.value;
      // Bits outside the mask do not count; with an empty mask every group will do. (kernel: xt_devgroup.c, devgroup_mt)
      if (mask !== 0) items.push(matchBits(meta(key), { value: (wanted & mask) >>> 0, mask }, use.negated));
      else if (use.negated) return { kind: 'never', why: 'no group differs in no bit' };
    }
    return exact(items);
  },
});
