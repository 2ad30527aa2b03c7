/** `-m quota`: matches until so many bytes went by. */

import { defineMatch, exact, value } from '../define.js';
import { longNumber } from '../values/long-number.js';

/** Bytes an nft quota counts to without loss here; at 100 Gbit/s they take a week and more. */
const COUNTED = BigInt(Number.MAX_SAFE_INTEGER);

const options = { quota: value(longNumber('number of bytes', { extension: 'quota', option: 'quota' }), { invertible: true }) };

export default defineMatch({
  name: 'quota',
  summary: 'matches until so many bytes went by, counted by this rule alone',
  families: ['ip', 'ip6'],
  options,
  stateful: true,
  constraints: [{ kind: 'atLeastOne', of: ['quota'], says: 'quota: option "--quota" must be specified' }],
  // The first packet that is too much uses up the rest in both. What is left is nowhere to be read: iptables-save prints what the rule began with.
  // (kernel: net/netfilter/xt_quota.c, quota_mt; nft_quota.c, nft_overquota)
  toNft: ({ quota }) => {
    if (quota === undefined) return exact([]);
    if (quota.value > COUNTED) return quota.negated ? { kind: 'never', why: 'the quota is more than ever goes by' } : exact([]);
    return exact([{ kind: 'quota', over: quota.negated, bytes: Number(quota.value) }]);
  },
});
