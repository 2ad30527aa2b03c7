/** More packets get through at once than the rate says. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Family, Given } from '../extensions/define.js';
import limit, { bucketOfLimit } from '../extensions/matches/limit.js';
import { limitRate, ratePerUnit, type PacketRate } from '../extensions/values/rate.js';
import { placedRulesWith } from '../input/intended-ruleset.js';
import { givenTo, type Command, type Use } from '../iptables/command.js';
import { fixOf, insertAfter } from '../iptables/edit.js';
import { effectOf } from '../ruleset/flow.js';
import { wordsSpan, wordText } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'limit-burst-surprise',
  summary: 'More packets get through at once than the rate says',
  why:
    '`-m limit` is a bucket that is full at the start. `--limit-burst` says how many packets are in it, 5 unless given: with `--limit 3/minute` five get ' +
    'through at once, and only then three a minute.',
  advice: 'Say how many may come at once: `--limit-burst 3`.',
  severity: 'info',
  category: 'rate-limits',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p icmp -m limit --limit 3/minute -j ACCEPT\niptables -A INPUT -p icmp -j DROP',
    good: 'iptables -A INPUT -p icmp -m limit --limit 3/minute --limit-burst 3 -j ACCEPT\niptables -A INPUT -p icmp -j DROP',
  },
  source: 'iptables-extensions(8), limit; kernel: net/netfilter/xt_limit.c; measured: 5 of `3/minute` at once',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { rule, context } of placedRulesWith(input, 'limit')) {
      // How often a LOG writes at once hurts nobody.
      const effect = effectOf(context, rule);
      if (effect === 'passes' || effect === 'unknown') continue;
      for (const use of rule.spec.matches) {
        const given = givenTo(use, limit);
        if (given === undefined || given['limit-burst'] !== undefined || use.unsettled.includes('limit-burst')) continue;
        const rate = given.limit ?? refusedRate(rule.command, use, context.family);
        if (rate === undefined) continue;
        const bucket = bucketOfLimit({ limit: rate }, input.target);
        const { count, unit } = ratePerUnit(bucket.rate);
        const burst = bucket.legacy ?? bucket.nft;
        if (burst <= count) continue;
        const { command } = rule;
        problems.push({
          check: 'limit-burst-surprise',
          at: wordsSpan(command.words, rate.word, rate.argument),
          message: `${String(burst)} packets get through at once before ${String(count)} a ${unit} hold: \`--limit-burst\` is 5 unless given`,
          notes: [{ kind: 'do', text: `for at most ${String(count)} at once write \`--limit-burst ${String(count)}\`` }],
          fixes: fixOf(`write \`--limit-burst ${String(count)}\``, 'unsafe', [insertAfter(command, rate.argument, `--limit-burst ${String(count)}`)]),
        });
      }
    }
    return problems;
  },
});

/** The rate behind a `! --limit`, which is refused because of its `!` only. */
function refusedRate(command: Command, use: Use, family: Family): Given<PacketRate> | undefined {
  if (!use.unsettled.includes('limit')) return undefined;
  for (let word = use.first; word <= use.last; word += 1) {
    if (!/^!?--limit$/.test(wordText(command.words, word))) continue;
    const text = wordText(command.words, word + 1);
    const read = limitRate.read(text, { family });
    return read.kind === 'read' ? { value: read.value, negated: false, word, argument: word + 1 } : undefined;
  }
  return undefined;
}
