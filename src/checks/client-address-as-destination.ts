/** A client's address stands behind -d in a chain where the destination is this machine. */

import type { BaseGiven } from '../extensions/base.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { placedRules } from '../input/intended-ruleset.js';
import { fixOf, replaceWord } from '../iptables/edit.js';
import { formatNetwork } from '../net/address.js';
import { reachingHooks } from '../ruleset/jumps.js';
import { wordsSpan, wordText } from '../text/word.js';
import { defineCheck } from './define.js';

/** Matches that count by the address of the sender, unless told otherwise. */
const COUNTS: ReadonlySet<string> = new Set(['connlimit', 'recent', 'hashlimit', 'limit']);
const OTHER_SIDE = ['connlimit-daddr', 'rdest'];

export default defineCheck({
  name: 'client-address-as-destination',
  summary: "A client's address stands behind -d in a chain where the destination is this machine",
  why:
    'In INPUT the destination of every packet is this machine, the client is the source. `! -d 192.0.2.44` is meant to spare a client, and is true for ' +
    'everybody: the client is limited like all others.',
  advice: 'Write `! -s`. One `!` spares one address; for several, accept or RETURN them in rules above.',
  severity: 'warning',
  category: 'posture',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn --dport 80 ! -d 192.0.2.44 -m connlimit --connlimit-above 20 -j REJECT --reject-with tcp-reset',
    good: 'iptables -A INPUT -p tcp --syn --dport 80 ! -s 192.0.2.44 -m connlimit --connlimit-above 20 -j REJECT --reject-with tcp-reset',
  },
  source: 'netfilter: packets in INPUT have passed the routing decision "for this host"',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { rule, chain, context } of placedRules(input)) {
      const { destination, source } = rule.spec.base.given as BaseGiven;
      if (destination?.negated !== true || source !== undefined) continue;
      const hooks = chain.hook === undefined ? (reachingHooks(context.table).get(chain) ?? []) : [chain.hook];
      if (hooks.length !== 1 || hooks[0] !== 'INPUT') continue;
      const counts = rule.spec.matches.some((use) => COUNTS.has(use.extension.name) && !OTHER_SIDE.some((option) => use.given[option] !== undefined));
      if (!counts) continue;
      const { command } = rule;
      const address = destination.value
        .map(formatNetwork)
        .join(',')
        .replace(/\/(?:32|128)$/, '');
      const option = wordText(command.words, destination.word);
      const renamed = option === '-d' ? '-s' : option.replace(/^--d(?:estination|st)$/, (name) => (name === '--dst' ? '--src' : '--source'));
      problems.push({
        check: 'client-address-as-destination',
        at: wordsSpan(command.words, Math.min(destination.word, destination.argument), destination.argument),
        message: `in INPUT the destination is this machine: \`! -d ${address}\` is true for every client, also for ${address}`,
        here: 'the address of this machine, not of the client',
        notes: [{ kind: 'do', text: `the client is the source: \`! -s ${address}\`` }],
        fixes: renamed === option ? [] : fixOf(`write \`! -s ${address}\``, 'unsafe', [replaceWord(command, destination.word, renamed)]),
      });
    }
    return problems;
  },
});
