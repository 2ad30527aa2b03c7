/** A rule of nft asks for the time of day: it means the zone of whoever loads it. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'time-zone-shift',
  summary: 'A rule of nft asks for the time of day: it means the zone of whoever loads it',
  why:
    '`-m time` of iptables counts in UTC. `meta hour "08:00"` and `meta day` of nft are turned into UTC by the program that loads them, with its own zone: the same text ' +
    'loaded at boot, by cron or in a container gives other hours, and none of them follows summer time afterwards.',
  advice: 'Load with `TZ=UTC nft -f …` and write the times in UTC, or let `fwlint translate` write them.',
  severity: 'info',
  category: 'migration',
  fix: 'none',
  examples: {
    bad: 'nft add rule ip filter output meta hour "08:00"-"17:00" drop',
    good: 'TZ=UTC nft add rule ip filter output meta hour "08:00"-"17:00" drop',
  },
  source: 'nftables: src/meta.c, hour_type_parse; measured with nft 1.0.6 under TZ=UTC and TZ=America/New_York',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const command of input.shell?.commands ?? []) {
      const words = command.words.map(({ text }) => text);
      const at = words.findIndex((word) => word === 'nft' || word.endsWith('/nft'));
      if (at === -1 || at > 2 || !/\bmeta (?:hour|day)\b/.test(words.slice(at).join(' '))) continue;
      if (command.assignments.some(({ name }) => name === 'TZ') || words.slice(0, at).some((word) => word.startsWith('TZ='))) continue;
      problems.push({
        check: 'time-zone-shift',
        at: wordsSpan({ kind: 'words', words: command.words }, at, words.length - 1),
        message: 'these times mean the zone in which nft is run, not UTC as with iptables',
        notes: [{ kind: 'do', text: 'put `TZ=UTC` in front, and write the times in UTC' }],
      });
    }
    return problems;
  },
});
