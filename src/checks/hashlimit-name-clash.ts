/** Rules with one `--hashlimit-name` and different settings: those of the first count. */

import type { Problem } from '../diagnostics/diagnostic.js';
import hashlimit from '../extensions/matches/hashlimit.js';
import { ratePerUnit } from '../extensions/values/rate.js';
import { givenTo } from '../iptables/command.js';
import { intendedLimiters } from '../policy/intended-limiters.js';
import type { HashlimitLimiter } from '../policy/limiters.js';
import { firstLoaded } from '../ruleset/load-order.js';
import { positionAt } from '../text/source.js';
import { wordSpan, wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'hashlimit-name-clash',
  summary: 'Rules share a --hashlimit-name and say different things: what the first says counts',
  why:
    'A `--hashlimit-name` names a table of counts. Rules with the same name use the same table, and with it the rate, burst, mode and expiry of the rule ' +
    'that was loaded first; each packet is counted by every rule it meets. Loading rules with a new rate does not change it either, as long as the old table is in use. A rule with `--hashlimit-rate-match` and one without cannot share a table at all.',
  advice: 'Give each limit a name of its own.',
  severity: 'warning',
  category: 'rate-limits',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p udp --dport 53 -m hashlimit --hashlimit-name u --hashlimit-above 5/sec --hashlimit-mode srcip -j DROP\niptables -A INPUT -p udp --dport 123 -m hashlimit --hashlimit-name u --hashlimit-above 9/sec --hashlimit-mode srcip -j DROP',
    good: 'iptables -A INPUT -p udp --dport 53 -m hashlimit --hashlimit-name dns --hashlimit-above 5/sec --hashlimit-mode srcip -j DROP\niptables -A INPUT -p udp --dport 123 -m hashlimit --hashlimit-name ntp --hashlimit-above 9/sec --hashlimit-mode srcip -j DROP',
  },
  source: 'kernel: net/netfilter/xt_hashlimit.c, hashlimit_mt_check_common and htable_find_get; measured: bursts of 4 and 9 are 4 together',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    const named = new Map<string, HashlimitLimiter[]>();
    for (const limiter of intendedLimiters(input)) {
      if (limiter.kind !== 'hashlimit') continue;
      const key = `${limiter.family} ${limiter.limit.name}`;
      const known = named.get(key);
      if (known === undefined) named.set(key, [limiter]);
      else known.push(limiter);
    }
    for (const limiters of named.values()) {
      const first = firstLoaded(limiters);
      if (first === undefined) continue;
      for (const limiter of limiters) {
        if (settings(limiter) === settings(first)) continue;
        const { words } = limiter.rule.command;
        const name = givenName(limiter);
        const { at } = first.rule.command;
        const line = String(positionAt(at.source, at.start).line);
        const refused = countsInIntervals(limiter) !== countsInIntervals(first);
        const table = `table \`${limiter.limit.name}\``;
        problems.push({
          check: 'hashlimit-name-clash',
          ...(refused ? { severity: 'error' } : {}),
          at: name === undefined ? wordsSpan(words, 0, 0) : wordSpan(words, name),
          message: refused
            ? `the kernel refuses this rule (Invalid argument): ${table} counts with${countsInIntervals(first) ? '' : 'out'} --hashlimit-rate-match since line ${line}, this rule with${countsInIntervals(limiter) ? '' : 'out'}; older kernels take it and count wrong`
            : `${table} has ${settings(first)} from line ${line}; what this rule says (${settings(limiter)}) is not looked at`,
          labels: [{ span: at, text: 'makes the table' }],
          notes: [{ kind: 'do', text: 'give it a `--hashlimit-name` of its own' }],
        });
      }
    }
    return problems;
  },
});

/** The word the name stands in. */
function givenName({ rule, limit }: HashlimitLimiter): number | undefined {
  for (const match of rule.spec.matches) {
    const name = givenTo(match, hashlimit)?.['hashlimit-name'];
    if (name?.value === limit.name) return name.argument;
  }
  return undefined;
}

/** Whether a rule counts in intervals (`--hashlimit-rate-match`): those of a table all do, or none. (EINVAL; measured on 6.18) */
function countsInIntervals({ limit }: HashlimitLimiter): boolean {
  return limit.interval !== undefined;
}

/** What a table has from its first rule, in words: `5 a second, burst 5, by srcip`. */
function settings({ limit }: HashlimitLimiter): string {
  const { rate, modes, sourcePrefix, destinationPrefix, expire, burst, interval } = limit;
  const by = modes.length === 0 ? 'for all together' : `by ${modes.join(',')}`;
  const prefixes = `${modes.includes('srcip') && sourcePrefix % 32 !== 0 ? ` /${String(sourcePrefix)}` : ''}${modes.includes('dstip') && destinationPrefix % 32 !== 0 ? ` /${String(destinationPrefix)}` : ''}`;
  const kept = `${interval === undefined ? '' : `in intervals of ${String(interval)} s, `}kept ${String(expire / 1000)} s`;
  if (rate.kind === 'bytes') return `a byte rate (cost ${String(rate.cost)}), burst ${String(burst)} s, ${by}${prefixes}, ${kept}`;
  const { count, unit } = ratePerUnit(rate);
  return `${String(count)} a ${unit}, burst ${String(burst)}, ${by}${prefixes}, ${kept}`;
}
