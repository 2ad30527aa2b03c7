/** Run a second time, a script adds its rules a second time. */

import { shellCommandOf } from '../input/guards.js';
import { asksFirst, emptiesTable, hasUnknownParts, isBuiltinChain, isEverTakenOut, wholeScript, type RuleAddition } from '../input/whole-script.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'not-idempotent',
  summary: 'Run a second time, a script adds its rules a second time',
  why:
    'iptables adds a rule that is there already once more, without a word. Run by hand, from cron or by every `ifup`, such a script makes chains ' +
    'that grow: packets are compared with each copy, LOG writes several lines, and deleting a rule once leaves the others.',
  advice: "Empty the chain first (`iptables -F INPUT`, or a chain of the script's own), or ask first: `iptables -C … 2>/dev/null || iptables -A …`.",
  severity: 'info',
  category: 'script',
  fix: 'none',
  examples: {
    bad: '#!/bin/sh\niptables -A INPUT -p tcp --dport 22 -j ACCEPT',
    good: '#!/bin/sh\niptables -F INPUT\niptables -A INPUT -p tcp --dport 22 -j ACCEPT',
  },
  source: 'measured: iptables 1.8.9 adds the same rule again and exits with 0',
  since: '0.1.0',
  find: (input) => {
    const script = wholeScript(input);
    if (script === undefined || hasUnknownParts(script.shell)) return [];
    const { commands } = script;
    // What resets in a way that is not seen here may empty them, too; a reset that leaves a table out is another finding.
    if (commands.some(({ kind, refused }) => kind === 'malformed' || (kind === 'flush' && refused))) return [];
    if (commands.some((command) => emptiesTable(command, 'filter', command.family))) return [];
    const grows = (addition: RuleAddition): boolean => {
      const own = shellCommandOf(input, addition);
      // Lines for iptables-restore are not added one by one: it empties the table, unless it is told not to.
      if (own === undefined || addition.refused || !isBuiltinChain(addition.chain.text) || asksFirst(script, own)) return false;
      return !isEverTakenOut(script, addition);
    };
    const growing = script.additions.filter(grows);
    const [first] = growing;
    if (first === undefined) return [];
    const chains = [...new Set(growing.map(({ chain }) => chain.text))];
    return [
      {
        check: 'not-idempotent',
        at: first.at,
        message: `every run of the script adds ${growing.length === 1 ? 'this rule' : `these ${String(growing.length)} rules`} to ${chains.join(', ')} once more`,
        also: growing.slice(1).map(({ at }) => at),
        notes: [{ kind: 'do', text: `empty the chain first, or ask: \`${first.program} -C … 2>/dev/null || ${first.program} -A …\`` }],
      },
    ];
  },
});
