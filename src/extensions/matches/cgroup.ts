/** `-m cgroup`: the control group of the program that sends the packet. */

import { compare, match, meta, number } from '../../nft/build.js';
import { defineMatch, unsupported, value, type ValueType } from '../define.js';
import { wholeNumber } from '../values/number.js';

/** A path below the root of the cgroup2 hierarchy; the kernel takes one that is there. */
const path: ValueType<string> = {
  name: 'path of a control group',
  free: true,
  saveQuotes: 'always',
  read: (text) => ({ kind: 'read', value: text }),
  print: (text) => text,
};

/** iptables leaves the SYN/ACKs of listening sockets out; nft counts them with the socket. (kernel: xt_cgroup.c, cgroup_mt_v2; nft_meta.c; measured) */
const differs = 'a SYN/ACK belongs to no control group in iptables, and to that of the listening program in nft';

export default defineMatch({
  name: 'cgroup',
  summary: 'control group of the program that sends the packet',
  families: ['ip', 'ip6'],
  hooks: ['INPUT', 'OUTPUT', 'POSTROUTING'],
  options: {
    cgroup: value(wholeNumber('class of net_cls', 0, 0xffffffff, { extension: 'cgroup', option: 'cgroup' }), { invertible: true }),
    path: value(path, { invertible: true }),
  },
  constraints: [
    {
      kind: 'refuses',
      by: 'kernel',
      when: ({ cgroup, path: asked }) => cgroup !== undefined && asked !== undefined,
      check: 'excluded-option',
      message: '`--cgroup` asks for a class and `--path` for a path: not both',
      says: 'xt_cgroup: path and classid specified',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: ({ cgroup, path: asked }) => cgroup === undefined && asked === undefined,
      check: 'missing-required-option',
      message: '`-m cgroup` needs `--cgroup` or `--path`',
      says: 'xt_cgroup: no path or classid specified',
    },
  ],
  toNft: (given) => {
    if (given.cgroup !== undefined)
      return { kind: 'approximate', items: [match(meta('cgroup'), number(given.cgroup.value), given.cgroup.negated)], differs };
    // Every socket is below the root.
    if (/^\/*$/.test(given.path?.value ?? '')) {
      if (given.path?.negated === true) return { kind: 'never', why: 'every control group is below the root' };
      return { kind: 'approximate', items: [compare(meta('cgroup'), '>=', number(0))], differs };
    }
    return unsupported(
      'nft resolves the path of a control group when it loads the rules, to a number that changes when the group is made anew',
      'in OUTPUT, with nft 1.0.0 and kernel 5.13 or newer: `socket cgroupv2 level N "PATH"`, N being the number of names in the path',
    );
  },
});
