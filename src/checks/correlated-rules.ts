/** Two rules decide differently about packets that both match, and neither is the exception of the other. */

import { boxContains, boxesOverlap, type Box } from '../analysis/packet-set.js';
import { boxOf } from '../analysis/rule-set.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { runsWhenever } from '../input/guards.js';
import { intendedRulesets } from '../input/intended-ruleset.js';
import type { Input } from '../input/input.js';
import { unreachedRuleSet } from '../policy/unreached-rules.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { effectOf, type FlowContext } from '../ruleset/flow.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { positionAt } from '../text/source.js';
import { defineCheck } from './define.js';

/** Rules of a chain that are compared with each other; in longer lists somebody else keeps order. */
const MOST_RULES = 400;

export default defineCheck({
  name: 'correlated-rules',
  summary: 'Two rules decide differently about packets that both match, and neither is the exception of the other',
  why:
    'One rule takes the wider network and the narrower ports, the other the narrower network and the wider ports. For the packets that both match the ' +
    'order decides, and whoever moves one of them changes what the firewall does without seeing it.',
  advice: 'Say for the common packets what is to become of them, in a rule of its own above both.',
  severity: 'hint',
  category: 'order',
  fix: 'none',
  examples: {
    bad: 'iptables -A FORWARD -s 10.0.0.0/8 -p tcp --dport 443 -j ACCEPT\niptables -A FORWARD -s 10.1.0.0/16 -p tcp --dport 1:1023 -j DROP',
    good: 'iptables -A FORWARD -s 10.1.0.0/16 -p tcp --dport 443 -j ACCEPT\niptables -A FORWARD -s 10.0.0.0/8 -p tcp --dport 1:1023 -j DROP',
  },
  source: 'E. Al-Shaer, H. Hamed: Modeling and Management of Firewall Policies (2004), correlation anomaly',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    const unreached = unreachedRuleSet(input);
    for (const { family, ruleset, unknownChains } of intendedRulesets(input))
      for (const table of ruleset.tables.values()) {
        const context: FlowContext = { table, family, unknownChains: unknownChains.get(table.name) ?? new Set() };
        for (const chain of table.chains.values()) problems.push(...findInChain(input, context, chain, unreached));
      }
    return problems;
  },
});

interface Deciding {
  readonly rule: Rule;
  readonly box: Box;
  readonly accepts: boolean;
  /** What it asks about; only rules that ask about the same things are compared. */
  readonly asks: string;
}

function findInChain(input: Input, context: FlowContext, chain: Chain, unreached: ReadonlySet<Rule>): readonly Problem[] {
  if (chain.rules.length > MOST_RULES) return [];
  const above: Deciding[] = [];
  const problems: Problem[] = [];
  for (const rule of chain.rules) {
    const deciding = unreached.has(rule) ? undefined : readDeciding(context, rule);
    if (deciding === undefined) continue;
    const other = above.find((candidate) => isCorrelated(candidate, deciding) && runsWhenever(input, candidate.rule.command, rule.command));
    if (other !== undefined) problems.push(report(other.rule, rule, other.accepts));
    above.push(deciding);
  }
  return problems;
}

function readDeciding(context: FlowContext, rule: Rule): Deciding | undefined {
  const conditions = conditionsOf(rule.spec, context.family);
  if (conditions.uncertain || conditions.all.length < 2 || rule.spec.action?.kind !== 'target') return undefined;
  const effect = effectOf(context, rule);
  const box = boxOf(conditions);
  if (box === undefined || (effect !== 'accepts' && effect !== 'drops')) return undefined;
  return { rule, box, accepts: effect === 'accepts', asks: [...box.keys()].sort().join(' ') };
}

function isCorrelated(one: Deciding, other: Deciding): boolean {
  if (one.accepts === other.accepts || one.asks !== other.asks || !boxesOverlap(one.box, other.box)) return false;
  return !boxContains(one.box, other.box) && !boxContains(other.box, one.box);
}

function report(above: Rule, below: Rule, accepted: boolean): Problem {
  const { source, start } = above.command.at;
  return {
    check: 'correlated-rules',
    at: below.command.at,
    message: `some packets of this rule are ${accepted ? 'accepted' : 'dropped'} by line ${String(positionAt(source, start).line)} already, and neither rule is an exception of the other: their order decides`,
    labels: [{ span: above.command.at, text: accepted ? 'accepts some of them' : 'drops some of them' }],
  };
}
