/** A time of day is asked for, and counts in UTC. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { placedRulesWith } from '../input/intended-ruleset.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

const TIMES = ['timestart', 'timestop', 'weekdays', 'monthdays'];
const ZONES = ['utc', 'kerneltz', 'localtz'];

export default defineCheck({
  name: 'time-is-utc',
  summary: 'A time of day is asked for, and counts in UTC',
  why:
    '`-m time` compares with UTC, not with the clock on the wall: `--timestart 08:00` is 10 in the morning in Berlin in summer, 9 in winter. `--kerneltz` takes ' +
    'the zone the kernel was told at boot, without summer time, and is often not set at all.',
  advice: 'Write the times in UTC, and say so in a comment; for times of the wall clock switch rules with a timer (cron, systemd).',
  severity: 'info',
  category: 'values',
  fix: 'none',
  examples: {
    bad: 'iptables -A OUTPUT -m time --timestart 08:00 --timestop 17:00 -j DROP',
    good: 'iptables -A OUTPUT -m time --datestart 2027-01-01 -j DROP',
  },
  source: 'iptables-extensions(8), time; kernel: net/netfilter/xt_time.c, time_mt',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { rule } of placedRulesWith(input, 'time'))
      for (const use of rule.spec.matches) {
        if (use.extension.name !== 'time' || !TIMES.some((name) => use.given[name] !== undefined)) continue;
        if (ZONES.some((name) => use.given[name] !== undefined)) continue;
        const earlier = problems[0];
        if (earlier !== undefined) {
          problems[0] = { ...earlier, also: [...(earlier.also ?? []), wordsSpan(rule.command.words, use.first, use.last)] };
          continue;
        }
        problems.push({
          check: 'time-is-utc',
          at: wordsSpan(rule.command.words, use.first, use.last),
          message: 'these times are UTC, whatever zone the host is in',
          notes: [{ kind: 'do', text: 'see that they are meant in UTC' }],
        });
      }
    return problems;
  },
});
