/** ipset or the kernel refuses a command or a line of an ipset file. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'ipset-refused',
  summary: 'A command or line that ipset or the kernel refuses',
  why:
    '`ipset restore` stops at the first line it does not take: what stands below is not loaded, and rules that name a set of below are refused in turn. ' +
    'A set that lacks an element lets through, or blocks, what it was made for.',
  advice: 'Mend the line as said, or load the file with `ipset -exist restore` where elements are in it twice.',
  severity: 'error',
  category: 'validity',
  fix: 'sometimes',
  examples: {
    bad: 'create bad hash:ip family inet hashsize 1024 maxelem 65536\nadd bad 192.0.2.300',
    good: 'create bad hash:ip family inet hashsize 1024 maxelem 65536\nadd bad 192.0.2.30',
  },
  source: 'ipset 7.17: lib/parse.c, lib/errcode.c; measured with `ipset restore`',
  since: '0.1.0',
});
