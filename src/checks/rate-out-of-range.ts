/** A rate or burst is too fast, too slow or zero. */

import { defineCheck } from './define.js';

export default defineCheck({
  name: 'rate-out-of-range',
  summary: 'A rate or burst is too fast, too slow or zero',
  why:
    '`-m limit` goes from 1/day to 10000/s: `Rate too fast "20000/s"`, `bad rate "0/s"`. A slow rate with a big burst ' +
    'overflows in the kernel: iptables-legacy says `Numerical result out of range.`, while iptables-nft accepts it.',
  advice: 'Choose a rate and burst the match can count.',
  severity: 'error',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -m limit --limit 20000/s -j ACCEPT',
    good: 'iptables -A INPUT -m limit --limit 10000/s -j ACCEPT',
  },
  source: 'iptables: extensions/libxt_limit.c, parse_rate; kernel: net/netfilter/xt_limit.c, limit_mt_check; measured',
  since: '0.1.0',
});
