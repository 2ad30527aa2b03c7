/** iptables-legacy makes a smaller burst of the one that is written, because xt_limit computes with 32 bits. */

import type { Problem } from '../diagnostics/diagnostic.js';
import limit from '../extensions/matches/limit.js';
import { givenTo } from '../iptables/command.js';
import { intendedLimiters } from '../policy/intended-limiters.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'limit-overflow',
  summary: 'Burst and rate of a limit are too much for the 32 bits of iptables-legacy',
  why:
    'The kernel module behind `-m limit` keeps its bucket in 32 bits. When burst × time between two packets is more than about 134217 seconds (37 hours), ' +
    'the number wraps round: iptables-legacy refuses the rule, or takes it and lets another number of packets through at once. iptables-nft and ' +
    'nftables do what is written.',
  advice: 'Lower the burst or raise the rate, or use `-m hashlimit` without a mode.',
  severity: 'warning',
  category: 'rate-limits',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p icmp -m limit --limit 1/hour --limit-burst 60 -j ACCEPT',
    good: 'iptables -A INPUT -p icmp -m limit --limit 1/hour --limit-burst 20 -j ACCEPT',
  },
  source: 'kernel: net/netfilter/xt_limit.c, user2credits and limit_mt_check; measured: 1/hour with a burst of 60 lets 22 through',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    if (input.target.backend === 'nft') return problems;
    for (const limiter of intendedLimiters(input)) {
      if (limiter.kind !== 'limit') continue;
      const { bucket, rule } = limiter;
      const seconds = (bucket.written * bucket.rate.period) / bucket.rate.scale;
      if (bucket.legacy === bucket.nft || seconds < WRAPS) continue;
      // A rule that legacy refuses is reported as such where the backend is known.
      if (bucket.legacy === undefined && input.target.backend === 'legacy') continue;
      const match = rule.spec.matches.find((use) => givenTo(use, limit) !== undefined);
      if (match === undefined) continue;
      problems.push({
        check: 'limit-overflow',
        at: wordsSpan(rule.command.words, match.first, match.last),
        message:
          bucket.legacy === undefined
            ? `iptables-legacy refuses a burst of ${String(bucket.written)} at this rate: it does not fit into its 32 bits`
            : `iptables-legacy lets ${String(bucket.legacy)} through at once, not ${String(bucket.written)}: it computes with 32 bits`,
        notes: [{ kind: 'why', text: `it would take ${String(Math.round(seconds))} s to fill the bucket; more than ${String(WRAPS)} s do not fit` }],
      });
    }
    return problems;
  },
});

/** Seconds a bucket of xt_limit may take to fill at 250 or 1000 Hz: 2^32 credits, 32000 or 128000 a second. */
const WRAPS = 134_217;
