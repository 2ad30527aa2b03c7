/** An option of old versions of ipset, which newer ones ignore. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'ipset-ignored-option',
  summary: 'An option of old versions of ipset, which newer ones ignore',
  why: '`probes`, `resize` and `gc` steered how old versions stored sets, `from`, `to` and `network` of some types what they held; ipset 6 and later take them and do nothing.',
  advice: 'Leave it out.',
  severity: 'hint',
  category: 'deprecated',
  fix: 'none',
  examples: {
    bad: 'create bad hash:ip hashsize 64 probes 4\nadd bad 192.0.2.1',
    good: 'create bad hash:ip hashsize 64\nadd bad 192.0.2.1',
  },
  source: 'ipset 7.17: lib/parse.c, ipset_parse_ignored',
  since: '0.1.0',
});
