/** `-m owner`: the user and group whose socket a packet comes from. */

import { compare, match, meta, number } from '../../nft/build.js';
import { defineMatch, exact, flag, unsupported, value, type Constraint, type Lowering } from '../define.js';
import { owner, ownerExpr } from '../values/owner.js';

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

const FIELDS = [
  ['uid-owner', meta('skuid')],
  ['gid-owner', meta('skgid')],
] as const;

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
  toNft: (given): Lowering => {
    if (given['suppl-groups'] !== undefined)
      return unsupported(
        'nft does not know the supplementary groups of a process',
        'start the program with the group as its own (`sg GROUP COMMAND`, `Group=` in a unit), and ask for that',
      );
    const exists = given['socket-exists'];
    const anySocket = compare(meta('skuid'), '>=', number(0));
    const owners = FIELDS.flatMap(([option, field]) => {
      const one = given[option];
      return one === undefined ? [] : [{ field, expr: ownerExpr(one.value), negated: one.negated }];
    });
    const needsSocket = owners.some(({ negated }) => !negated);
    if (exists?.negated === true) {
      if (needsSocket) return { kind: 'never', why: 'packets without a socket have no owner' };
      return { kind: 'approximate', items: [{ kind: 'unless', alternatives: [[anySocket]] }], differs: KERNEL_SOCKETS };
    }
    // Packets without a socket pass if all is negated; the comparisons of nft fail for them either way.
    if (exists === undefined && !needsSocket) return exact([{ kind: 'unless', alternatives: owners.map(({ field, expr }) => [match(field, expr)]) }]);
    const tests = owners.map(({ field, expr, negated }) => match(field, expr, negated));
    if (needsSocket) return exact(tests);
    return { kind: 'approximate', items: tests.length === 0 ? [anySocket] : tests, differs: KERNEL_SOCKETS };
  },
});
