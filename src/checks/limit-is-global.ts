/** A service limited with one bucket for all clients. */

import type { Problem } from '../diagnostics/diagnostic.js';
import limit, { bucketOfLimit } from '../extensions/matches/limit.js';
import { packetsPerSecond, printPacketRate, ratePerUnit } from '../extensions/values/rate.js';
import { placedRulesWith, type PlacedRule } from '../input/intended-ruleset.js';
import { givenTo, type Use } from '../iptables/command.js';
import { conditionsOf, together, type Condition, type Conditions } from '../ruleset/conditions.js';
import { asksForNew, effectOf, entryConditions, fateBehind } from '../ruleset/flow.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

const TCP = 6;
const UDP = 17;

/** Packets a second from which on a rate is not meant for single clients. */
const FOR_ALL = 100;

export default defineCheck({
  name: 'limit-is-global',
  summary: 'A service is limited for all clients together: one of them can keep the others out',
  why:
    '`-m limit` has one bucket for all packets of its rule, whoever sent them. Where what is above the rate is dropped, one client that tries often enough, ' +
    'or sends from forged addresses, takes every token, and nobody else gets in.',
  advice: 'Limit each source by itself with `-m hashlimit --hashlimit-mode srcip` or `-m recent`; as a bound for all together `-m limit` is right.',
  severity: 'info',
  category: 'rate-limits',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 22 --syn -m limit --limit 3/minute -j ACCEPT\niptables -A INPUT -p tcp --dport 22 --syn -j DROP',
    good: 'iptables -A INPUT -p tcp --dport 22 --syn -m hashlimit --hashlimit-upto 3/minute --hashlimit-mode srcip --hashlimit-name ssh --hashlimit-htable-expire 120000 -j ACCEPT\niptables -A INPUT -p tcp --dport 22 --syn -j DROP',
  },
  source: 'iptables-extensions(8), limit; kernel: net/netfilter/xt_limit.c, limit_mt: one bucket a rule',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const place of placedRulesWith(input, 'limit'))
      for (const use of place.rule.spec.matches) {
        const given = givenTo(use, limit);
        if (given === undefined || use.unsettled.length > 0 || !isService(place, use)) continue;
        const { rate, nft: burst } = bucketOfLimit(given, input.target);
        if (packetsPerSecond(rate) >= FOR_ALL) continue;
        const { command } = place.rule;
        const { count, unit } = ratePerUnit(rate);
        problems.push({
          check: 'limit-is-global',
          at: wordsSpan(command.words, use.first, use.last),
          message: `all clients together get ${String(count)} a ${unit}: one that takes them keeps the others out`,
          here: 'one bucket for all',
          notes: [
            {
              kind: 'do',
              text: `for each source by itself: \`-m hashlimit --hashlimit-upto ${printPacketRate(rate)} --hashlimit-burst ${String(burst)} --hashlimit-mode srcip --hashlimit-name NAME\``,
            },
          ],
        });
      }
    return problems;
  },
});

/** Whether the rule lets anybody's packets to a service through up to the rate, and what is above it is dropped. */
function isService({ rule, chain, index, context }: PlacedRule, use: Use): boolean {
  const effect = effectOf(context, rule);
  if ((effect !== 'accepts' && effect !== 'returns') || rule.spec.matches.some((other) => other !== use && other.extension.stateful === true))
    return false;
  const asked = conditionsOf(rule.spec, context.family, { without: use });
  const entry = entryConditions(context, chain);
  if (asked.uncertain || entry === undefined) return false;
  return takesService(together(entry, asked)) && fateBehind(context, chain, index, asked).fate === 'dropped';
}

/** Whether conditions let in whoever opens connections over TCP or UDP. */
function takesService(asked: Conditions): boolean {
  const { all } = asked;
  const isTransport = all.some((condition) => condition.kind === 'protocol' && !condition.negated && [TCP, UDP].includes(condition.number));
  const isOpening =
    asksForNew(asked) || all.some((condition) => condition.kind === 'ports' && condition.side === 'destination' && !condition.negated);
  return isTransport && isOpening && !all.some(choosesSource);
}

/** Whether only some senders fulfil a condition, or this host alone. */
function choosesSource(condition: Condition): boolean {
  switch (condition.kind) {
    case 'network':
      return condition.side === 'source';
    case 'interface':
      return condition.side === 'out' || condition.name.name === 'lo';
    case 'other':
      return /^(! )?(iprange|mac|owner|physdev|pkttype|addrtype) /.test(condition.text);
    default:
      return false;
  }
}
