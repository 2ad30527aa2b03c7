/** `-m owner`: the user and group whose socket a packet comes from. */

import { compare, match, meta, number } from '../../nft/build.js';
import type { Statement } from '../../nft/ir.js';
import { defineMatch, exact, flag, unsupported, value, type Constraint, type Given, type Lowering } from '../define.js';
import { owner, ownerExpr, type Owner } from '../values/owner.js';

const options = {
  'socket-exists': flag({ invertible: true }),
  'uid-owner': value(owner('uid-owner'), { invertible: true }),
  'gid-owner': value(owner('gid-owner'), { invertible: true }),
  'suppl-groups': flag(),
};

/** (kernel: net/netfilter/xt_owner.c, owner_check) */
const refusesReversed = (option: 'uid-owner' | 'gid-owner'): Constraint<typeof options> => ({
  kind: 'refuses',
  by: 'kernel',
  when: ({ [option]: given }) => given !== undefined && 'from' in given.value && given.value.from > given.value.to,
  message: 'the range ends before it begins',
  at: option,
  check: 'contradictory-match',
});

const KERNEL_SOCKETS = 'packets of sockets that the kernel itself opened count as without a socket';

const test = (key: 'skuid' | 'skgid', given: Given<Owner>): Statement => match(meta(key), ownerExpr(given.value), given.negated);

export default defineMatch({
  name: 'owner',
  summary: 'user and group whose socket the packet comes from',
  families: ['ip', 'ip6'],
  hooks: ['OUTPUT', 'POSTROUTING'],
  options,
  constraints: [
    {
      kind: 'refuses',
      by: 'iptables',
      when: ({ 'suppl-groups': groups, 'gid-owner': gid }) => groups !== undefined && (gid === undefined || gid.word > groups.word),
      message: '`--suppl-groups` needs `--gid-owner` before it',
      at: 'suppl-groups',
      check: 'missing-required-option',
      says: 'owner: Bad value for "--suppl-groups" option: "you need to use --gid-owner first"',
    },
    {
      kind: 'atLeastOne',
      of: ['uid-owner', 'gid-owner', 'socket-exists'],
      says: 'owner: At least one of --uid-owner, --gid-owner or --socket-exists is required',
    },
    refusesReversed('uid-owner'),
    refusesReversed('gid-owner'),
  ],
  // (kernel: net/netfilter/xt_owner.c, owner_mt, and net/netfilter/nft_meta.c, nft_meta_get_eval_skugid)
  toNft: ({ 'socket-exists': exists, 'uid-owner': uid, 'gid-owner': gid, 'suppl-groups': groups }): Lowering => {
    if (groups !== undefined) return unsupported('nft does not know the supplementary groups of a process');
    const anySocket = compare(meta('skuid'), '>=', number(0));
    const owners = [...(uid === undefined ? [] : [test('skuid', uid)]), ...(gid === undefined ? [] : [test('skgid', gid)])];
    const all = [exists, uid, gid].filter((given) => given !== undefined);
    if (exists?.negated === true) {
      if (all.some(({ negated }) => !negated)) return { kind: 'never', why: 'packets without a socket have no owner' };
      return { kind: 'approximate', items: [{ kind: 'unless', alternatives: [[anySocket]] }], differs: KERNEL_SOCKETS };
    }
    if (all.every(({ negated }) => negated)) {
      // Packets without a socket pass; the comparisons of nft fail for them either way.
      const own = [uid, gid].flatMap((given, place) =>
        given === undefined ? [] : [[test(place === 0 ? 'skuid' : 'skgid', { ...given, negated: false })]],
      );
      return exact([{ kind: 'unless', alternatives: own }]);
    }
    if (exists !== undefined && [uid, gid].every((given) => given?.negated !== false))
      return { kind: 'approximate', items: owners.length === 0 ? [anySocket] : owners, differs: KERNEL_SOCKETS };
    return exact(owners);
  },
});
