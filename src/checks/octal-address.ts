/** A part of an address begins with 0 and is read as octal. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'octal-address',
  summary: 'A part of an address begins with 0 and is read as octal',
  why: '`010.0.0.1` is silently 8.0.0.1: the C library reads a leading 0 as octal.',
  advice: 'Leave the zeros out.',
  severity: 'error',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -s 010.0.0.1 -j DROP',
    good: 'iptables -A INPUT -s 10.0.0.1 -j DROP',
  },
  source: 'inet_aton(3); measured with iptables 1.8.9',
  since: '0.1.0',
});
