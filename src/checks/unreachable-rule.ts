/** A rule that no packet comes to. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { runsWhenever } from '../input/guards.js';
import { intendedRulesets } from '../input/intended-ruleset.js';
import type { Input } from '../input/input.js';
import { areReversed } from '../input/reversed-inserts.js';
import { deleteLines, fixOf } from '../iptables/edit.js';
import { conditionsOf, covers, textOfAction, textOfRule, type Condition, type Conditions } from '../ruleset/conditions.js';
import { effectOf, endsChain, type FlowContext } from '../ruleset/flow.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { limitOf } from '../policy/limiting-rules.js';
import { positionAt } from '../text/source.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unreachable-rule',
  summary: 'A rule that no packet comes to',
  why:
    'Rules are asked from the top. A rule that accepts, drops, refuses or returns ends the way of the packets it matches; one below it that asks for the ' +
    'same packets, or for some of them, never sees any. It looks as if it protected or opened something, and does nothing.',
  advice: 'Put the narrower rule above the wider one, or take it out.',
  severity: 'warning',
  category: 'order',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 80 -j ACCEPT\niptables -A INPUT -p tcp --dport 80 -s 192.0.2.7 -j DROP',
    good: 'iptables -A INPUT -p tcp --dport 80 -s 192.0.2.7 -j DROP\niptables -A INPUT -p tcp --dport 80 -j ACCEPT',
  },
  source: 'kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { family, ruleset, unknownChains } of intendedRulesets(input))
      for (const table of ruleset.tables.values()) {
        const context: FlowContext = { table, family, unknownChains: unknownChains.get(table.name) ?? new Set() };
        for (const chain of table.chains.values()) problems.push(...findInChain(input, context, chain));
      }
    return problems;
  },
});

/** A rule that ends the way of its packets, and the rules below that get none because of it. */
interface Shadow {
  readonly above: Rule;
  readonly below: Rule[];
}

function findInChain(input: Input, context: FlowContext, chain: Chain): readonly Problem[] {
  const index = createIndex();
  const shadows = new Map<Rule, Shadow>();
  const texts = new Set<string>();
  for (const rule of chain.rules) {
    const text = textOfRule(rule.spec, context.family);
    // A copy of a rule above is another finding: duplicate-rule.
    if (texts.has(text)) continue;
    texts.add(text);
    const conditions = conditionsOf(rule.spec, context.family);
    const above = index.find(conditions, (candidate) => isFirstCause(input, context, candidate, rule));
    if (above !== undefined) {
      const shadow = shadows.get(above) ?? { above, below: [] };
      shadow.below.push(rule);
      shadows.set(above, shadow);
    } else if (!conditions.uncertain && endsChain(context, rule)) index.add(conditions, rule);
  }
  return [...shadows.values()].map((shadow) => report(context, chain, shadow));
}

/** Whether nothing else explains why the lower rule gets no packets. */
function isFirstCause(input: Input, context: FlowContext, above: Rule, below: Rule): boolean {
  const { at } = below.command;
  if (above.command.at.source === at.source && above.command.at.start === at.start) return false;
  if (!runsWhenever(input, above.command, below.command) || areReversed(input, above, below)) return false;
  // accept-before-limiter says more.
  return !(limitOf({ rule: below, context }) !== undefined && effectOf(context, above) === 'accepts');
}

function report(context: FlowContext, chain: Chain, { above, below }: Shadow): Problem {
  const [first = above, ...others] = below;
  const line = String(positionAt(above.command.at.source, above.command.at.start).line);
  const everything = conditionsOf(above.spec, context.family).all.length === 0;
  const more = others.length === 0 ? '' : ` and ${String(others.length)} more`;
  const same = below.every((rule) => textOfAction(rule.spec, context.family) === textOfAction(above.spec, context.family));
  return {
    check: 'unreachable-rule',
    ...(same ? { severity: 'info' } : {}),
    at: first.command.at,
    message: everything
      ? `no packet comes to this rule${more}: line ${line} ends the way of every packet through ${chain.name}`
      : `no packet comes to this rule${more}: line ${line} takes all that ${others.length === 0 ? 'it asks' : 'they ask'} for${same ? ', and does the same with them' : ''}`,
    here: 'never asked',
    labels: [{ span: above.command.at, text: everything ? 'takes every packet' : 'takes its packets' }],
    notes: [{ kind: 'do', text: same ? 'take it out' : 'put it above that rule, or take it out' }],
    fixes: same && others.length === 0 ? fixOf('take it out', 'unsafe', [deleteLines(first.command)]) : [],
  };
}

/** How many rules are compared with one: so that dumps with a hundred thousand rules are done in time, some shadows go unnoticed. */
const COMPARED = 200;

interface Index {
  readonly add: (conditions: Conditions, rule: Rule) => void;
  /** The first rule that covers the conditions. */
  readonly find: (conditions: Conditions, accept: (rule: Rule) => boolean) => Rule | undefined;
}

/** Rules by one of their conditions, so that not all have to be compared with all. */
function createIndex(): Index {
  const buckets = new Map<string, { readonly conditions: Conditions; readonly rule: Rule }[]>();
  const lengths = new Set<string>();
  return {
    add: (conditions, rule) => {
      const key = keyOf(conditions);
      const [kind, side, mask] = key.split(' ');
      if (kind === 'network') lengths.add(`${side ?? ''} ${mask ?? ''}`);
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [{ conditions, rule }]);
      else bucket.push({ conditions, rule });
    },
    find: (conditions, accept) => {
      let compared = 0;
      for (const key of keysToLookUp(conditions, lengths))
        for (const candidate of buckets.get(key) ?? []) {
          compared += 1;
          if (compared > COMPARED) return undefined;
          if (covers(candidate.conditions, conditions) && accept(candidate.rule)) return candidate.rule;
        }
      return undefined;
    },
  };
}

/** The key of the condition that most rules differ in. */
function keyOf({ all }: Conditions): string {
  const keys = all.map(exactKey);
  for (const kind of ['network', 'ports', 'interface', 'protocol']) {
    const key = keys.find((candidate) => candidate?.startsWith(`${kind} `));
    if (key !== undefined) return key;
  }
  return 'rest';
}

/** The key of a condition that asks for one value. */
function exactKey(condition: Condition): string | undefined {
  switch (condition.kind) {
    case 'network': {
      const [network, ...others] = condition.networks;
      return condition.negated || network === undefined || others.length > 0
        ? undefined
        : `network ${condition.side} ${String(network.mask)} ${String(network.address)}`;
    }
    case 'ports': {
      const [range, ...others] = condition.ranges;
      return condition.negated || range === undefined || others.length > 0 || range.from !== range.to
        ? undefined
        : `ports ${condition.side} ${String(range.from)}`;
    }
    case 'interface':
      return condition.negated || condition.name.wildcard ? undefined : `interface ${condition.side} ${condition.name.name}`;
    case 'protocol':
      return condition.negated ? undefined : `protocol ${String(condition.number)}`;
    default:
      return undefined;
  }
}

function* keysToLookUp({ all }: Conditions, lengths: ReadonlySet<string>): Generator<string> {
  yield 'rest';
  for (const condition of all) {
    if (condition.kind === 'network' && !condition.negated && condition.networks.length === 1) {
      const [network] = condition.networks;
      // Every wider network that some rule asks for.
      for (const known of lengths) {
        const [side, mask = ''] = known.split(' ');
        if (side !== condition.side || network === undefined) continue;
        const address = network.kind === 'ip' ? String((network.address & Number(mask)) >>> 0) : String(network.address & BigInt(mask));
        yield `network ${side} ${mask} ${address}`;
      }
      continue;
    }
    if (condition.kind === 'ports' && !condition.negated) {
      for (const { from, to } of condition.ranges) if (from === to) yield `ports ${condition.side} ${String(from)}`;
      continue;
    }
    const key = exactKey(condition);
    if (key !== undefined) yield key;
  }
}
