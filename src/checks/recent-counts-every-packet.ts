/** A limit on connections that counts every packet of them. */

import type { BaseGiven } from '../extensions/base.js';
import type { Fix, Problem } from '../diagnostics/diagnostic.js';
import { placeOf, recentLists, type PlacedRecent, type RecentList } from '../input/recent-lists.js';
import { deleteWords, fixOf, insertAfter, insertBefore, optionWord, replaceWord } from '../iptables/edit.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { asksForNew, asksForStates, effectOf, seesOnlyNew } from '../ruleset/flow.js';
import { spanText } from '../text/source.js';
import { wordCount, wordText } from '../text/word.js';
import { defineCheck } from './define.js';

const TCP = 6;
const UDP = 17;
const ICMP: readonly number[] = [1, 58];

export default defineCheck({
  name: 'recent-counts-every-packet',
  summary: 'A limit on connections counts every packet of them',
  why:
    'Matches are asked from left to right, and `-m recent` acts when it is asked: what stands behind it in the rule comes too late. Without `--syn` or ' +
    '`--ctstate NEW` before it, every packet of every connection is a "try", so that one connection uses up the limit by itself.',
  advice:
    'Ask for new connections first: `-p tcp --syn -m recent …`, or `-m conntrack --ctstate NEW -m recent …`; or accept established ones in a rule above.',
  severity: 'warning',
  category: 'rate-limits',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp -m recent --name flood --update --seconds 60 --hitcount 15 -m tcp --syn -j DROP\niptables -A INPUT -p tcp -m recent --name flood --set -m tcp --syn',
    good: 'iptables -A INPUT -p tcp -m tcp --syn -m recent --name flood --update --seconds 60 --hitcount 15 -j DROP\niptables -A INPUT -p tcp -m tcp --syn -m recent --name flood --set',
  },
  source: 'kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table; measured: the list is stamped by every TCP packet',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const list of recentLists(input).lists.values()) {
      // Without a number of hits it makes no difference how often an address was seen.
      if (!list.checks.some(({ recent }) => recent.hitsGiven && recent.hits > 1)) continue;
      for (const place of [...list.sets, ...list.checks.filter(({ recent }) => recent.operation === 'update')]) {
        const found = report(place, list);
        if (found !== undefined) problems.push(found);
      }
    }
    return problems;
  },
});

function report(place: PlacedRecent, list: RecentList): Problem | undefined {
  const { rule, chain, index, context, use, recent } = place;
  const before = conditionsOf(rule.spec, context.family, { before: use });
  if (before.uncertain || seesOnlyNew(context, chain, index, before)) return undefined;
  const { protocol } = rule.spec.base.given as BaseGiven;
  const asksStates = before.all.some(({ kind }) => kind === 'states');
  // Each echo request or datagram is a try of its own, unless the rule speaks of connections.
  if (protocol !== undefined && !protocol.negated && (ICMP.includes(protocol.value) || (protocol.value === UDP && !asksStates))) return undefined;
  const behind = asksForNew(conditionsOf(rule.spec, context.family));
  // A check is asked for every packet, which does no harm; but `--update` behind `--syn` looks as if only those were counted.
  if (recent.operation === 'update' && !behind) return undefined;
  // What the rule drops itself comes as first packets only.
  if (recent.operation === 'set' && !behind && effectOf(context, rule) === 'drops') return undefined;
  const what = protocol?.value === TCP ? 'TCP packet' : 'packet';
  const asked = asksStates ? '-m conntrack --ctstate NEW' : newConnections(place);
  return {
    check: 'recent-counts-every-packet',
    at: placeOf(place),
    message: behind
      ? `\`--${recent.operation}\` stands before the test for new connections, so every ${what} is counted`
      : `every ${what} that comes here is counted, not only the first of a connection`,
    here: behind ? 'asked first' : 'counts every packet',
    notes: [
      {
        kind: 'why',
        text: behind ? 'matches are asked from left to right, and `-m recent` acts when it is asked' : 'one connection uses up the limit by itself',
      },
      { kind: 'do', text: behind ? 'put `-m recent` behind the other matches' : `write \`${asked}\` before \`-m recent\`` },
    ],
    fixes: behind ? moveBehind(place) : asksStates ? onlyNew(place) : askFirst(place, list),
  };
}

/** Asks for new connections in the rule and in the checks of its list that stop packets: they would stop those of open connections, too. */
function askFirst(place: PlacedRecent, list: RecentList): readonly Fix[] {
  const checks = list.checks.filter(
    (check) =>
      check.chain === place.chain &&
      effectOf(check.context, check.rule) === 'drops' &&
      !seesOnlyNew(check.context, check.chain, check.index, conditionsOf(check.rule.spec, check.context.family)),
  );
  if (checks.some(({ rule }) => asksForStates(rule))) return [];
  const edits = [place, ...checks].map((each) => insertBefore(each.rule.command, each.use.first, newConnections(each)));
  return fixOf(`insert \`${newConnections(place)}\`${checks.length === 0 ? '' : ' here and where the list is checked'}`, 'unsafe', edits);
}

/** What asks for new connections where the match stands: `--syn` is known only behind `-p tcp`. */
function newConnections({ rule, use }: PlacedRecent): string {
  const { protocol } = rule.spec.base.given as BaseGiven;
  const isTcp = protocol?.value === TCP && !protocol.negated && protocol.word < use.first;
  return isTcp ? '--syn' : '-m conntrack --ctstate NEW';
}

/** Takes the other states out of the rule's list of states. */
function onlyNew({ rule }: PlacedRecent): readonly Fix[] {
  for (const { extension, given } of rule.spec.matches) {
    const states = extension.name === 'state' ? given['state'] : extension.name === 'conntrack' ? given['ctstate'] : undefined;
    if (states === undefined || states.negated || states.word === states.argument) continue;
    return fixOf('ask for NEW only', 'unsafe', [replaceWord(rule.command, states.argument, 'NEW')]);
  }
  return [];
}

/** Options that belong to something else than a match between them. */
const FOREIGN = /^(?:!|-[mpjgsdio]|--(?:match|protocol|jump|goto|source|destination|in-interface|out-interface))$/;

/** Moves the match to the end of the matches. */
function moveBehind({ rule, use }: PlacedRecent): readonly Fix[] {
  const { command } = rule;
  const { action } = rule.spec;
  for (let word = use.first + 1; word <= use.last; word += 1) if (FOREIGN.test(wordText(command.words, word))) return [];
  const text: string[] = [];
  for (let word = use.first; word <= use.last; word += 1) {
    const edit = deleteWords(command, word, word);
    if (edit === undefined) return [];
    text.push(spanText(edit.span).replace(/^(?:[ \t]|\\\r?\n)+/, ''));
  }
  const jump = action === undefined ? undefined : action.kind === 'target' ? action.use.first : optionWord(command, action.name);
  const moved = text.join(' ');
  const last = wordCount(command.words) - 1;
  return fixOf('put `-m recent` behind the other matches', 'unsafe', [
    deleteWords(command, use.first, use.last),
    jump !== undefined && jump > use.last ? insertBefore(command, jump, moved) : insertAfter(command, last, moved),
  ]);
}
