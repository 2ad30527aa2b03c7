/** A rate limit that accepts, with nothing that drops the rest. */

import type { Edit, Fix, Problem } from '../diagnostics/diagnostic.js';
import limit from '../extensions/matches/limit.js';
import { placedRulesWith, type PlacedRule } from '../input/intended-ruleset.js';
import type { Command, Use } from '../iptables/command.js';
import { deleteWords, fixOf, linesOf, replaceWord } from '../iptables/edit.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { effectOf, endedAbove, fateBehind } from '../ruleset/flow.js';
import { positionAt, spanOf } from '../text/source.js';
import { wordsSpan, wordText } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'limit-accept-without-drop',
  summary: 'A rate limit accepts, and nothing drops the rest',
  why:
    '`-m limit … -j ACCEPT` accepts packets while they stay under the rate. The others go on to the next rule. Where no rule drops them and the policy ' +
    'is ACCEPT, they are accepted as well: the limit does nothing. So does one with `-j RETURN` as the last rule of a chain: its end returns the others.',
  advice: 'Put a rule with the same conditions and `-j DROP` behind it, or give the chain the policy DROP.',
  severity: 'error',
  category: 'rate-limits',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -p icmp --icmp-type echo-request -m limit --limit 3/s -j ACCEPT',
    good: 'iptables -A INPUT -p icmp --icmp-type echo-request -m limit --limit 3/s -j ACCEPT\niptables -A INPUT -p icmp --icmp-type echo-request -j DROP',
  },
  source: 'kernel: net/netfilter/xt_limit.c, limit_mt; measured: 20 of 20 packets are accepted',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const place of placedRulesWith(input, 'limit'))
      for (const use of place.rule.spec.matches)
        if (use.extension === limit && isPlain(use)) {
          const found = report(place, use);
          if (found !== undefined) problems.push(found);
        }
    return problems;
  },
});

/** A `!` before `--limit` is refused; without it, which is the only way to load the rule, it is this. */
function isPlain(use: Use): boolean {
  return use.unsettled.length === 0 || use.unsettled.every((option) => option === 'limit');
}

function report(place: PlacedRule, use: Use): Problem | undefined {
  const { rule, chain, index, context } = place;
  // Another match that counts makes something else of the rest.
  if (rule.spec.matches.some((other) => other !== use && other.extension.stateful === true)) return undefined;
  const effect = effectOf(context, rule);
  if (effect === 'returns' && chain.hook === undefined && index === chain.rules.length - 1) return reportReturn(place, use);
  if (effect !== 'accepts') return undefined;
  const asked = conditionsOf(rule.spec, context.family, { without: use });
  const { fate, by, policyOf } = fateBehind(context, chain, index, asked);
  if (asked.uncertain || fate !== 'accepted') return undefined;
  // Where a rule above takes all these packets, that is what is wrong.
  if (endedAbove(context, chain, index, asked) !== undefined) return undefined;
  const { command } = rule;
  const acceptedBy = by?.command ?? policyOf?.policyCommand;
  const said = acceptedBy !== undefined;
  const reason =
    by === undefined
      ? said
        ? `by the policy ACCEPT of ${policyOf?.name ?? chain.name}`
        : `by the policy of ${policyOf?.name ?? chain.name}, which is ACCEPT unless set elsewhere`
      : `by the rule of line ${String(positionAt(by.command.at.source, by.command.at.start).line)}`;
  const action = rule.spec.action?.kind === 'target' ? rule.spec.action : undefined;
  return {
    check: 'limit-accept-without-drop',
    severity: said ? 'error' : 'warning',
    at: wordsSpan(command.words, use.first, use.last),
    message: `what is above this rate is accepted all the same, ${reason}: the limit does nothing`,
    here: 'limits nothing',
    labels: acceptedBy === undefined ? [] : [{ span: acceptedBy.at, text: 'accepts the rest' }],
    notes: [{ kind: 'do', text: 'put a rule with the same conditions and `-j DROP` behind it' }],
    fixes: action === undefined ? [] : dropRest(command, use, action.name.word, chain.name),
  };
}

/** `-j RETURN` as the last rule of a chain: what the limit does not let return, the end of the chain does. */
function reportReturn({ rule, chain, context }: PlacedRule, use: Use): Problem | undefined {
  if (context.unknownChains?.has(chain.name) === true) return undefined;
  return {
    check: 'limit-accept-without-drop',
    severity: 'warning',
    at: wordsSpan(rule.command.words, use.first, use.last),
    message: `what is above this rate comes back from ${chain.name} as well, at its end: the limit does nothing`,
    here: 'limits nothing',
    notes: [{ kind: 'do', text: `put \`-A ${chain.name} -j DROP\` behind it` }],
  };
}

/** Writes the command again below, without the limit and with DROP. */
function dropRest(command: Command, use: Use, target: number, chain: string): readonly Fix[] {
  const lines = linesOf(command);
  const text = wordText(command.words, target);
  if (lines === undefined || text !== 'ACCEPT') return [];
  // What else is refused in the command would be refused in the copy; a `!` before `--limit` is not in it.
  if (command.problems.some(({ fatal, check }) => fatal && check !== 'negation-not-allowed')) return [];
  const edits: (Edit | undefined)[] = [deleteWords(command, use.first, use.last), replaceWord(command, target, 'DROP')];
  if (command.kind === 'insert') {
    const { word } = command.chain;
    // Below the one that is inserted: the place behind it.
    const number = wordText(command.words, word + 1);
    const place = String(command.position + 1);
    edits.push(/^\d+$/.test(number) ? replaceWord(command, word + 1, place) : replaceWord(command, word, `${chain} ${place}`));
  } else if (command.kind !== 'append') return [];
  const { source } = lines.span;
  let copy = '';
  let at = lines.command.start;
  const sorted = edits.filter((edit) => edit !== undefined).sort((a, b) => a.span.start - b.span.start);
  if (sorted.length !== edits.length) return [];
  for (const { span, text: replacement } of sorted) {
    if (span.source !== source || span.start < at) return [];
    copy += source.text.slice(at, span.start) + replacement;
    at = span.end;
  }
  copy += source.text.slice(at, lines.command.end);
  // A here-document belongs to one command.
  if (copy.includes('<<')) return [];
  const end = spanOf(source, lines.span.end, lines.span.end);
  const below = `\n${lines.indent}${copy}`;
  // It is there already, and another command has put a rule before it.
  if (source.text.startsWith(below, end.start)) return [];
  return fixOf('drop the rest: add the same rule with `-j DROP` below', 'unsafe', [{ span: end, text: below }]);
}
