/** A blocked client that keeps trying never gets in again. */

import type { Fix, Problem } from '../diagnostics/diagnostic.js';
import recent from '../extensions/matches/recent.js';
import { givenTo } from '../iptables/command.js';
import { fixOf, replaceWord } from '../iptables/edit.js';
import { intendedRecentLimiters } from '../policy/intended-limiters.js';
import type { RecentLimiter } from '../policy/limiters.js';
import { wordSpan, wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'recent-self-extending-ban',
  summary: 'A blocked client that keeps trying never gets in again',
  why:
    '`--update` stamps every try that it blocks, and a `--set` above the check stamps it, too. So the window never empties while the client goes on: ' +
    'one that tries as often as the limit or more is shut out for good, also a user whose mail program tries again by itself. Whoever can send with ' +
    "somebody else's address keeps that address out. Only `--rcheck` above the `--set` lets go after the window.",
  advice: 'Use `--rcheck`, and put it before the rule with `--set`. If shutting out stubborn clients is what you want, leave it.',
  severity: 'info',
  category: 'rate-limits',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --update --seconds 60 --hitcount 4 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 4 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
  },
  source:
    'kernel: net/netfilter/xt_recent.c, recent_mt; measured: 3 in 2 s, one try each half second: none after the third with --update, three in each 2 s with --rcheck',
  since: '0.1.0',
  find: (input) => intendedRecentLimiters(input).flatMap((limiter) => report(limiter)),
});

function report(limiter: RecentLimiter): readonly Problem[] {
  const { effect, lets, recovery, use, rule, match, stampsBefore } = limiter;
  if (effect !== 'blocks' || lets === undefined || recovery.kind !== 'silence') return [];
  const given = givenTo(match, recent);
  const verb = given?.update ?? given?.rcheck;
  const { words } = rule.command;
  const seconds = String(recovery.seconds);
  const fewer = recovery.fewerThan === 1 ? 'without a try' : `with fewer than ${String(recovery.fewerThan)} tries`;
  const setFirst = stampsBefore > 0;
  return [
    {
      check: 'recent-self-extending-ban',
      at: verb === undefined ? wordsSpan(words, match.first, match.last) : wordSpan(words, verb.word),
      message: 'every blocked try renews the block; a client that keeps trying never gets in',
      here: setFirst
        ? use.operation === 'update'
          ? 'counts a blocked try once more'
          : 'the --set above has counted the try already'
        : 'counts what it blocks',
      notes: [
        { kind: 'note', text: `a blocked client gets in again after ${seconds} s ${fewer}` },
        {
          kind: 'do',
          text: setFirst
            ? `put this rule before the one with \`--set\`, with \`--rcheck\` and \`--hitcount ${String(lets)}\``
            : '`--rcheck` lets go when the window is over',
        },
      ],
      fixes: setFirst || use.operation !== 'update' ? [] : checkOnly(limiter),
    },
  ];
}

function checkOnly({ rule, match }: RecentLimiter): readonly Fix[] {
  const update = givenTo(match, recent)?.update;
  return update === undefined
    ? []
    : fixOf('write `--rcheck`: blocked tries no longer count', 'unsafe', [replaceWord(rule.command, update.word, '--rcheck')]);
}
