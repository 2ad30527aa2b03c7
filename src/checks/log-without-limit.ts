/** A rule logs every packet. */

import type { PlacedRule } from '../input/intended-ruleset.js';
import { placedRules } from '../input/intended-ruleset.js';
import { unreachedRuleSet } from '../policy/unreached-rules.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { defineCheck } from './define.js';

/** Matches that let a rule see some packets only. */
const RARE: ReadonlySet<string> = new Set(['limit', 'hashlimit', 'recent', 'connlimit', 'quota', 'statistic', 'set', 'connbytes']);

export default defineCheck({
  name: 'log-without-limit',
  summary: 'A rule logs every packet',
  why:
    'LOG writes a line to the kernel log for every packet. A port scan writes thousands of them a second, fills the disk, and drives out of the log what ' +
    'matters.',
  advice: 'Put `-m limit --limit 5/min` in front of `-j LOG`, or use NFLOG with a daemon that keeps up.',
  severity: 'info',
  category: 'posture',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -j LOG --log-prefix "dropped: "\niptables -A INPUT -j DROP',
    good: 'iptables -A INPUT -m limit --limit 5/min -j LOG --log-prefix "dropped: "\niptables -A INPUT -j DROP',
  },
  source: 'iptables-extensions(8), limit: "It can be used in combination with the LOG target to give limited logging"',
  since: '0.1.0',
  find: (input) => {
    // log-after-verdict says of those that they never log.
    const unreached = unreachedRuleSet(input);
    const logging = placedRules(input).filter((place) => logsEverything(place) && !unreached.has(place.rule));
    const [first, ...others] = logging;
    if (first === undefined) return [];
    const [second, ...rest] = others.filter(({ rule }) => rule.command.at.start !== first.rule.command.at.start);
    return [
      {
        check: 'log-without-limit',
        at: first.rule.command.at,
        message: second === undefined ? 'this rule logs every packet it matches' : `${String(rest.length + 2)} rules log every packet they match`,
        here: 'without a limit',
        also: second === undefined ? [] : [second, ...rest].map(({ rule }) => rule.command.at),
        notes: [{ kind: 'do', text: 'put `-m limit --limit 5/min` in front of `-j LOG`' }],
      },
    ];
  },
});

/** Whether strangers can make a rule log as much as they like: it is not asked for the first packets of connections to one host alone. */
function logsEverything({ rule, context }: PlacedRule): boolean {
  const { action, matches } = rule.spec;
  if (action?.kind !== 'target' || action.use.extension.name !== 'LOG' || context.table.name === 'nat') return false;
  // A list that is only filled holds nothing back.
  if (matches.some(({ extension, given }) => RARE.has(extension.name) && !(extension.name === 'recent' && given['set'] !== undefined))) return false;
  return !conditionsOf(rule.spec, context.family).all.some(({ kind }) => kind === 'states');
}
