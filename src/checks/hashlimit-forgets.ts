/** A client is forgotten before its bucket is full again, and begins with a new one. */

import type { Problem } from '../diagnostics/diagnostic.js';
import hashlimit from '../extensions/matches/hashlimit.js';
import { packetsPerSecond } from '../extensions/values/rate.js';
import { givenTo } from '../iptables/command.js';
import { intendedLimiters } from '../policy/intended-limiters.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'hashlimit-forgets',
  summary: 'A hashlimit forgets a client before its burst has filled up again',
  why:
    'A client that sends nothing for `--hashlimit-htable-expire` milliseconds is forgotten, and begins with a full burst. By default that is one unit of the ' +
    'rate: a second for `/sec`, a minute for `/min`. A burst that takes longer than that to fill up can be had again and again: send it, wait, send it.',
  advice:
    'Say how long clients are kept: `--hashlimit-htable-expire` of at least burst × time between two packets, in milliseconds; or lower the burst.',
  severity: 'info',
  category: 'rate-limits',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn --dport 22 -m hashlimit --hashlimit-name ssh --hashlimit-above 1/min --hashlimit-burst 10 --hashlimit-mode srcip -j DROP',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m hashlimit --hashlimit-name ssh --hashlimit-above 1/min --hashlimit-burst 10 --hashlimit-mode srcip --hashlimit-htable-expire 600000 -j DROP',
  },
  source: 'kernel: net/netfilter/xt_hashlimit.c, htable_selective_cleanup; libxt_hashlimit.c for the default; measured',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const limiter of intendedLimiters(input)) {
      if (limiter.kind !== 'hashlimit') continue;
      const { limit, rule } = limiter;
      const { rate, expire } = limit;
      if (rate.kind === 'bytes' || limit.interval !== undefined) continue;
      const burst = limiter.burst ?? limit.burst;
      const full = burst / packetsPerSecond(rate);
      const kept = expire / 1000;
      // Twice the rate and more in the long run.
      if (burst / kept < 2 * packetsPerSecond(rate)) continue;
      const match = rule.spec.matches.find((use) => givenTo(use, hashlimit)?.['hashlimit-name']?.value === limit.name);
      if (match === undefined) continue;
      problems.push({
        check: 'hashlimit-forgets',
        at: wordsSpan(rule.command.words, match.first, match.last),
        message: `a client is forgotten after ${String(kept)} s without a packet, and its burst of ${String(burst)} takes ${String(Math.round(full))} s to fill up: who waits gets ${String(burst)} every ${String(kept)} s`,
        notes: [{ kind: 'do', text: `keep clients as long: \`--hashlimit-htable-expire ${String(Math.ceil(full) * 1000)}\`` }],
      });
    }
    return problems;
  },
});
