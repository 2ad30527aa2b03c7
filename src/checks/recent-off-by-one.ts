/** The number of tries that get through is not the one that was meant. */

import type { Edit, Fix, Problem } from '../diagnostics/diagnostic.js';
import recent from '../extensions/matches/recent.js';
import type { Input } from '../input/input.js';
import { statedLimits, type StatedLimit } from '../input/stated-limit.js';
import { givenTo, type Command } from '../iptables/command.js';
import { replaceWord } from '../iptables/edit.js';
import { blockedBy, counted, intendedRecentLimiters, windowOf } from '../policy/intended-limiters.js';
import { letThrough, type RecentLimiter } from '../policy/limiters.js';
import { ordinal } from '../text/ordinal.js';
import { wordAt, wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'recent-off-by-one',
  summary: 'The number of tries that get through is not the one that was meant',
  why:
    'A check matches when `--hitcount` tries are on the list already. Asked before the `--set`, the try itself is not among them: `--hitcount 6` lets 6 ' +
    'through and stops the 7th. Behind the `--set` it is, and 5 get through. A comment that says "more than 5" and a rule that lets 6 or 4 through ' +
    'are at odds.',
  advice: 'For "no more than N" write `--hitcount N` where the check comes first, `--hitcount N+1` where the `--set` does.',
  severity: 'warning',
  category: 'rate-limits',
  fix: 'sometimes',
  examples: {
    bad: '# no more than 5 connections in a minute\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 6 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
    good: '# no more than 5 connections in a minute\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 5 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
  },
  source: 'kernel: net/netfilter/xt_recent.c, recent_mt; measured: check first lets hitcount through, `--set` first hitcount - 1',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const limiter of intendedRecentLimiters(input)) {
      const { lets, effect, use } = limiter;
      if (lets === undefined || lets === 0 || effect !== 'blocks') continue;
      const stated = statedLimits(input, commandsOf(limiter), use.seconds);
      // One of the numbers is what happens: nobody is misled.
      if (stated.some((each) => each.lets === lets)) continue;
      const said = stated.find((each) => Math.abs(each.lets - lets) === 1);
      if (said !== undefined) problems.push(reportStated(input, limiter, lets, said));
      else if (lets !== use.hits && use.hitsGiven) problems.push(reportOrder(limiter, lets));
    }
    return problems;
  },
});

function commandsOf(limiter: RecentLimiter): readonly Command[] {
  const counting = limiter.others.filter(
    ({ use, counts }) => use.operation === 'set' && (counts === 'all' || (counts === 'first' && limiter.cutsOpen)),
  );
  return [limiter.rule, ...counting.map(({ rule }) => rule)].map(({ command }) => command);
}

/** `26 connections in 5 s get through, the 27th is dropped`. */
function truth(limiter: RecentLimiter, lets: number): string {
  return `${counted(lets, limiter)} ${windowOf(limiter)} get${lets === 1 ? 's' : ''} through, the ${ordinal(lets + 1)} is ${blockedBy(limiter)}`;
}

function placeOf({ rule, match }: RecentLimiter): Problem['at'] {
  const hitcount = givenTo(match, recent)?.hitcount;
  const { words } = rule.command;
  return hitcount === undefined ? wordsSpan(words, match.first, match.last) : wordsSpan(words, hitcount.word, hitcount.argument);
}

/** The hitcount with which so many get through in the order the rules have. */
function hitcountFor(limiter: RecentLimiter, lets: number): number | undefined {
  const { cutsOpen, use } = limiter;
  const stampsBefore = cutsOpen ? limiter.stampsBefore + limiter.stampsBehind : limiter.stampsBefore;
  const stampsBehind = cutsOpen ? 0 : limiter.stampsBehind;
  for (let hits = Math.max(1, use.hits - 3); hits <= use.hits + 3; hits += 1) if (letThrough(hits, stampsBefore, stampsBehind) === lets) return hits;
  return undefined;
}

function whyOf({ stampsBefore, use, cutsOpen }: RecentLimiter): string {
  if (cutsOpen)
    return `the check asks for no state: the second packet of a connection meets the stamp of its first, which is among the ${String(use.hits)} that \`--hitcount\` counts`;
  return stampsBefore > 0
    ? `the \`--set\` comes first, so the try itself is among the ${String(use.hits)} that \`--hitcount\` counts`
    : `the check comes before the \`--set\`, so \`--hitcount ${String(use.hits)}\` counts the tries before this one`;
}

function reportStated(input: Input, limiter: RecentLimiter, lets: number, said: StatedLimit): Problem {
  const wanted = hitcountFor(limiter, said.lets);
  return {
    check: 'recent-off-by-one',
    at: placeOf(limiter),
    message: `${truth(limiter, lets)}; the text beside it says ${String(said.lets)}`,
    here: `lets ${String(lets)} through`,
    labels: [{ span: said.span, text: `says that ${String(said.lets)} get through` }],
    notes: [
      { kind: 'why', text: whyOf(limiter) },
      ...(wanted === undefined ? [] : [{ kind: 'do' as const, text: `for ${String(said.lets)} write \`--hitcount ${String(wanted)}\`` }]),
    ],
    fixes: wanted === undefined ? [] : changeHitcount(input, limiter, wanted, said.lets),
  };
}

function reportOrder(limiter: RecentLimiter, lets: number): Problem {
  const { use } = limiter;
  const wanted = hitcountFor(limiter, use.hits);
  return {
    check: 'recent-off-by-one',
    severity: 'info',
    at: placeOf(limiter),
    message: `with \`--hitcount ${String(use.hits)}\` ${truth(limiter, lets)}`,
    here: `lets ${String(lets)} through`,
    notes: [
      { kind: 'why', text: whyOf(limiter) },
      ...(wanted === undefined
        ? []
        : [
            {
              kind: 'do' as const,
              text: `if ${String(use.hits)} are to get through, write \`--hitcount ${String(wanted)}\`, or put the check before the \`--set\``,
            },
          ]),
    ],
  };
}

/** Writes another hitcount in the command, or in the assignment of the variable that gives it and nothing else. */
function changeHitcount(input: Input, limiter: RecentLimiter, hits: number, lets: number): readonly Fix[] {
  const { rule, match } = limiter;
  const hitcount = givenTo(match, recent)?.hitcount;
  if (hitcount === undefined || hitcount.argument === hitcount.word) return [];
  const edit = replaceWord(rule.command, hitcount.argument, String(hits)) ?? changeAssignment(input, rule.command, hitcount.argument, hits);
  return edit === undefined
    ? []
    : [{ title: `write \`--hitcount ${String(hits)}\`, which lets ${String(lets)} through`, applicability: 'unsafe', edits: [edit] }];
}

function changeAssignment(input: Input, command: Command, argument: number, hits: number): Edit | undefined {
  const [piece, ...others] = wordAt(command.words, argument)?.pieces ?? [];
  const [step, ...further] = piece?.via ?? [];
  if (piece === undefined || others.length > 0 || step?.kind !== 'variable' || further.length > 0 || !piece.literal) return undefined;
  const uses = new Set((input.shell?.uses ?? []).filter(({ name }) => name === step.name).map(({ span }) => span.start));
  return uses.size === 1 && piece.span.source === input.source ? { span: piece.span, text: String(hits) } : undefined;
}
