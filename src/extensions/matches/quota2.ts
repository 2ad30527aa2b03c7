/** `-m quota2` (xtables-addons, Android): a quota with a name, which programs read and set. */

import type { LoweredItem } from '../define.js';
import { defineMatch, flag, unsupported, value, type ValueType } from '../define.js';
import { longNumber } from '../values/long-number.js';

const name: ValueType<string> = { name: 'name', read: (text) => ({ kind: 'read', value: text }), print: (text) => text, saveQuotes: 'if needed' };

// iptables-save of Android has the `!` of the quota before the first option: `! --name globalAlert --quota 2097152`.
const options = {
  grow: flag({ invertible: true }),
  'no-change': flag({ invertible: true }),
  name: value(name, { invertible: true }),
  packets: flag({ invertible: true }),
  quota: value(longNumber('number of bytes', { extension: 'quota2', option: 'quota' }), { invertible: true }),
};

export default defineMatch({
  name: 'quota2',
  summary: 'a quota with a name (xtables-addons, Android)',
  families: ['ip', 'ip6'],
  options,
  stateful: true,
  // (xtables-addons: extensions/xt_quota2.c, quota_mt2)
  toNft: ({ quota, grow, packets, name: named, 'no-change': unchanged }) => {
    const over = [quota, grow, packets, named, unchanged].some((one) => one?.negated === true);
    const programs = 'programs that read it or wait for its messages do not hear of it';
    // It counts up, and matches every packet.
    if (grow !== undefined) return { kind: 'approximate', items: [], differs: `nothing is counted under the name: ${programs}` };
    if (packets !== undefined) return unsupported('nft quotas count bytes, not packets');
    if (unchanged !== undefined) return unsupported('nft cannot ask for what is left of a quota without using it up');
    if (quota === undefined) return unsupported('no quota is given');
    const most = BigInt(Number.MAX_SAFE_INTEGER);
    const items: readonly LoweredItem[] =
      quota.value > most && !over ? [] : [{ kind: 'quota', over, bytes: Number(quota.value > most ? most : quota.value) }];
    const apart = named === undefined ? '' : 'rules that share the name count apart, and ';
    return { kind: 'approximate', items, differs: `${apart}the quota has no file in /proc: ${programs}` };
  },
});
