/** A network gets the address of the host on its way out, and is dropped before it comes to that. */

import { isCertain } from '../analysis/outcomes.js';
import type { Box } from '../analysis/packet-set.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { placedRules, type PlacedRule } from '../input/intended-ruleset.js';
import { filterTables, FROM_OUTSIDE, IS_NEW, outcomesOf } from '../policy/filter-tables.js';
import { packetsOfRule } from '../policy/packets-of-rule.js';
import { unreachedRuleSet } from '../policy/unreached-rules.js';
import { positionAt } from '../text/source.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'masquerade-without-forward',
  summary: 'A network is masqueraded on its way out, and dropped in FORWARD before that',
  why:
    'MASQUERADE and SNAT change the source of packets that leave the host; whether packets of other hosts may pass through it is decided in FORWARD, ' +
    'before. Where FORWARD lets nothing new out there, the rule only sees what the host itself sends, and the network has no way to the Internet.',
  advice:
    'Accept the way out and the answers: `-A FORWARD -i eth1 -o eth0 -j ACCEPT` and `-A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT`. The ' +
    'kernel must forward, too: `net.ipv4.ip_forward=1`.',
  severity: 'warning',
  category: 'nat',
  fix: 'none',
  examples: {
    bad: 'iptables -P FORWARD DROP\niptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE',
    good: 'iptables -P FORWARD DROP\niptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -A FORWARD -i eth1 -o eth0 -j ACCEPT\niptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE',
  },
  source: 'kernel: include/uapi/linux/netfilter.h, NF_INET_FORWARD before NF_INET_POST_ROUTING',
  since: '0.1.0',
  find: (input) => {
    const tables = filterTables(input);
    if (tables.length === 0) return [];
    const unreached = unreachedRuleSet(input);
    const problems: Problem[] = [];
    for (const place of placedRules(input)) {
      const box = packetsOf(place);
      if (box === undefined || unreached.has(place.rule)) continue;
      const table = tables.find(({ family }) => family === place.context.family);
      const forward = table?.chainOf('FORWARD');
      if (table === undefined || forward === undefined) continue;
      const outcomes = outcomesOf(table, forward, FROM_OUTSIDE, IS_NEW, [...box]);
      if (!isCertain(outcomes, 'dropped')) continue;
      const by = outcomes.get('dropped')?.command ?? forward.policyCommand;
      const drops = by === undefined ? 'the policy of FORWARD drops' : `FORWARD, line ${String(positionAt(by.at.source, by.at.start).line)}, drops`;
      problems.push({
        check: 'masquerade-without-forward',
        at: place.rule.command.at,
        message: `${drops} whatever other hosts would send here: this rule only sees packets of the host itself`,
        here: 'for packets that do not come',
        labels: by === undefined ? [] : [{ span: by.at, text: 'drops them' }],
        notes: [{ kind: 'do', text: 'accept what the network sends out in FORWARD, and the answers (ESTABLISHED,RELATED)' }],
      });
    }
    return problems;
  },
});

/** The packets a MASQUERADE or SNAT is asked for, where it names the way out; undefined for any other rule. */
function packetsOf(place: PlacedRule): Box | undefined {
  const { rule, chain, context } = place;
  const { action } = rule.spec;
  if (context.table.name !== 'nat' || action?.kind !== 'target' || !['MASQUERADE', 'SNAT'].includes(action.use.extension.name)) return undefined;
  const out = rule.spec.base.given['out-interface'];
  return out === undefined || out.negated || chain.hook === 'INPUT' ? undefined : packetsOfRule(place)?.box;
}
