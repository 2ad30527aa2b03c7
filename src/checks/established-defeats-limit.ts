/** A limit for pings or datagrams below the rule that accepts established connections. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { areReversed } from '../input/reversed-inserts.js';
import { intendedLimiters } from '../policy/intended-limiters.js';
import type { Limiter } from '../policy/limiters.js';
import { conditionsOf, covers, together, type Condition, type Conditions } from '../ruleset/conditions.js';
import { asksForNew, effectOf, endedAbove, entryConditions, fateBehind, ofEstablished, type FlowContext } from '../ruleset/flow.js';
import type { Rule } from '../ruleset/model.js';
import { positionAt } from '../text/source.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

const PROTOCOLS: ReadonlyMap<number, string> = new Map([
  [1, 'pings'],
  [58, 'pings'],
  [17, 'datagrams'],
]);

export default defineCheck({
  name: 'established-defeats-limit',
  summary: 'A limit for pings or datagrams below the rule that accepts established connections',
  why:
    'For connection tracking a ping is a connection: once the first echo request is answered, all that follow with the same number are ESTABLISHED, and ' +
    'so are datagrams between the same ports. A rule above that accepts ESTABLISHED takes them all; the limit only sees the first of each stream, and a ' +
    'flood from one program passes.',
  advice:
    'Put the limit above the rule for established connections, and right behind it a rule that drops the rest. If only first packets are to be limited, say ' +
    'so: `--ctstate NEW`.',
  severity: 'warning',
  category: 'order',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -A INPUT -p icmp --icmp-type echo-request -m limit --limit 5/s -j ACCEPT\niptables -A INPUT -p icmp --icmp-type echo-request -j DROP',
    good: 'iptables -A INPUT -p icmp --icmp-type echo-request -m limit --limit 5/s -j ACCEPT\niptables -A INPUT -p icmp --icmp-type echo-request -j DROP\niptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
  },
  source: 'kernel: net/netfilter/nf_conntrack_proto_icmp.c; measured: the second echo request of a ping is ESTABLISHED',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    const reported = new Set<unknown>();
    for (const limiter of intendedLimiters(input)) {
      const { table, chain, rule, family } = limiter;
      if (reported.has(rule) || !decides(limiter)) continue;
      const context: FlowContext = { table, family };
      const own = conditionsOf(rule.spec, family);
      const entry = entryConditions(context, chain);
      const asked = { all: entry === undefined ? own.all : together(entry, own).all, uncertain: false };
      const what = streamsOf(asked.all);
      if (what === undefined || asksForNew(asked)) continue;
      const found = takenAsEstablished(limiter, context, asked);
      if (found === undefined || areReversed(input, found.by, rule)) continue;
      reported.add(rule);
      const { command } = rule;
      const match = limiter.kind === 'recent' ? limiter.match : rule.spec.matches.find(({ extension }) => extension.name === limiter.kind);
      const line = String(positionAt(found.by.command.at.source, found.by.command.at.start).line);
      const drop = limiter.effect === 'accepts' ? ', and a rule that drops the rest right behind it' : '';
      problems.push({
        check: 'established-defeats-limit',
        at: match === undefined ? command.at : wordsSpan(command.words, match.first, match.last),
        message: found.above
          ? `only the first of a stream of ${what} comes to this limit: line ${line} accepts the others as ESTABLISHED`
          : `what is above this rate is accepted as ESTABLISHED by line ${line}, as soon as the first of a stream of ${what} is answered`,
        here: found.above ? 'sees the first ones only' : 'limits the first ones only',
        labels: [{ span: found.by.command.at, text: found.above ? 'accepts what follows' : 'accepts the rest' }],
        notes: [{ kind: 'do', text: found.above ? `put the limit above that rule${drop}` : 'drop the rest right behind the limit' }],
      });
    }
    return problems;
  },
});

/** The rule that accepts what a stream sends after its first packet, although the limit is about it. */
function takenAsEstablished(limiter: Limiter, context: FlowContext, asked: Conditions): { readonly by: Rule; readonly above: boolean } | undefined {
  const { chain, index, rule } = limiter;
  const end = endedAbove(context, chain, index, ofEstablished(asked));
  // A rule that accepts new ones, too, leaves nothing to limit: accept-before-limiter.
  if (end !== undefined)
    return effectOf(context, end.rule) === 'accepts' && !covers(conditionsOf(end.rule.spec, context.family), asked)
      ? { by: end.rule, above: true }
      : undefined;
  if (limiter.effect !== 'accepts') return undefined;
  const { fate, by } = fateBehind(context, chain, index, ofEstablished(conditionsOf(rule.spec, context.family)));
  return fate === 'accepted' && by !== undefined ? { by, above: false } : undefined;
}

/** Whether the limit is there to stop packets. */
function decides(limiter: Limiter): boolean {
  if (limiter.kind === 'recent') return limiter.effect === 'blocks' && limiter.lets !== undefined;
  if (limiter.effect === 'accepts') return limiter.rest === 'dropped' && limiter.kind !== 'connlimit';
  return limiter.effect === 'drops' && limiter.kind !== 'connlimit';
}

/** What flows in streams of packets that are no connections to their user: pings and datagrams. */
function streamsOf(conditions: readonly Condition[]): string | undefined {
  const protocol = conditions.findLast((condition) => condition.kind === 'protocol');
  if (protocol?.kind !== 'protocol' || protocol.negated) return undefined;
  // Only echo requests have replies that make them a stream; errors are RELATED.
  const type = conditions.find((condition) => condition.kind === 'icmpType');
  if (type?.kind === 'icmpType' && (type.negated || !/^(?:8|128|any)$/.test(type.type))) return undefined;
  return PROTOCOLS.get(protocol.number);
}
