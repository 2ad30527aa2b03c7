/** An address of fewer than four numbers in an ipset, which is not the network it looks like. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'ipset-short-address',
  summary: 'An address of fewer than four numbers is another one than it seems',
  why:
    'ipset reads addresses as the C library does: the last number fills all that is left. `10/8` is 0.0.0.10/8, hence 0.0.0.0/8, and `192.168/16` is ' +
    '192.0.0.168/16, hence 192.0.0.0/16. iptables reads `10/8` as 10.0.0.0/8, and so does the manual of ipset in its examples.',
  advice: 'Write all four numbers.',
  severity: 'warning',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'create nets hash:net family inet\nadd nets 10/8',
    good: 'create nets hash:net family inet\nadd nets 10.0.0.0/8',
  },
  source: 'inet_aton(3); measured with ipset 7.17',
  since: '0.1.0',
});
