/** Addresses are put on one list and looked for on another. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { hasOtherMask, placeOf, unfilledLists, type PlacedRecent } from '../input/recent-lists.js';
import { fixOf, insertAfter, replaceWord } from '../iptables/edit.js';
import type { Edit } from '../diagnostics/diagnostic.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'recent-name-mismatch',
  summary: 'Addresses are put on one list and looked for on another',
  why:
    'Each `-m recent` has its own `--name`; without one it uses the list DEFAULT, also when it is the second of a rule. Names are compared letter by ' +
    'letter, and capitals count. A check of a list that nothing fills never matches: the limit is not there.',
  advice: 'Give the same `--name` to the rule that sets and to the rule that checks.',
  severity: 'error',
  category: 'rate-limits',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn -m recent --name flood --set -m recent --rcheck --seconds 60 --hitcount 15 -j DROP',
    good: 'iptables -A INPUT -p tcp --syn -m recent --name flood --set -m recent --name flood --rcheck --seconds 60 --hitcount 15 -j DROP',
  },
  source: 'kernel: net/netfilter/xt_recent.c, recent_table_lookup; measured: 15 of 15 connections get through',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { list, meant } of unfilledLists(input)) {
      const [check] = list.checks;
      if (meant === undefined || check === undefined) continue;
      const wanted = meant.recent.list;
      const nameless = check.given.name === undefined;
      problems.push({
        check: 'recent-name-mismatch',
        at: nameless ? placeOf(check) : wordsSpan(check.rule.command.words, check.given.name.word, check.given.name.argument),
        message: `the check looks at list \`${list.name}\`, but addresses are put on list \`${wanted}\`: it ${check.recent.negated ? 'always' : 'never'} matches`,
        here: nameless ? 'no --name: list DEFAULT' : `list ${list.name}`,
        labels: [{ span: placeOf(meant), text: `puts addresses on list ${wanted}` }],
        notes: [
          {
            kind: 'why',
            text: `nothing puts addresses on list \`${list.name}\`, so ${check.recent.negated ? 'the rule matches whatever comes' : 'every packet passes the rule'}`,
          },
          { kind: 'do', text: `write \`--name ${wanted}\` where it is checked` },
        ],
        // A list has one mask: with another one, which of the two is meant is not known.
        fixes: hasOtherMask(list, meant)
          ? []
          : fixOf(
              `write \`--name ${wanted}\``,
              'unsafe',
              list.checks.map((each) => nameIt(each, wanted)),
            ),
      });
    }
    return problems;
  },
});

/** Gives a use the name of another list. */
function nameIt({ rule, given, recent }: PlacedRecent, name: string): Edit | undefined {
  if (given.name === undefined) return insertAfter(rule.command, given[recent.operation]?.word ?? -1, `--name ${name}`);
  if (given.name.word === given.name.argument) return replaceWord(rule.command, given.name.word, `--name=${name}`);
  return replaceWord(rule.command, given.name.argument, name);
}
