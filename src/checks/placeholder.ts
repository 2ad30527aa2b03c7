/** A placeholder was not replaced by a real value. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'placeholder',
  summary: 'A placeholder was not replaced by a real value',
  why:
    '`N`, `xxx.xxx.xxx.xxx`, `<your-ip>` or `PORT` stand in instructions for what only you know. iptables refuses them ' +
    '(`connlimit: bad value for option "--connlimit-above"`), or asks the name server for a host of that name.',
  advice: 'Put in the value.',
  severity: 'error',
  category: 'lexical',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -s xxx.xxx.xxx.xxx -j ACCEPT',
    good: 'iptables -A INPUT -s 192.0.2.7 -j ACCEPT',
  },
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
});
