/** A script that starts afresh leaves a table as it is to which it adds rules. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { shellCommandOf } from '../input/guards.js';
import { asksFirst, emptiesTable, hasUnknownParts, isBuiltinChain, isEverTakenOut, wholeScript } from '../input/whole-script.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'incomplete-flush',
  summary: 'A script that starts afresh leaves a table as it is to which it adds rules',
  why:
    '`iptables -F` empties the table filter and no other: nat, mangle and raw keep what they have, and so does everything of ip6tables. A script that ' +
    'begins with it and adds to another table has the rules of that table twice after its second run; what an older version of it left there stays for good.',
  advice: 'Empty that table as well: `iptables -t nat -F`. The table of a chain of its own can be left alone: empty the chain.',
  severity: 'warning',
  category: 'script',
  fix: 'none',
  examples: {
    bad: '#!/bin/sh\niptables -F\niptables -t nat -A POSTROUTING -o ppp0 -j MASQUERADE',
    good: '#!/bin/sh\niptables -F\niptables -t nat -F\niptables -t nat -A POSTROUTING -o ppp0 -j MASQUERADE',
  },
  source: 'iptables(8), --flush; measured with iptables 1.8.9',
  since: '0.1.0',
  find: (input) => {
    const script = wholeScript(input);
    if (script === undefined || hasUnknownParts(script.shell)) return [];
    const { commands, additions } = script;
    const resets = commands.filter((command) => emptiesTable(command, 'filter', command.family) && !command.refused);
    const [reset] = resets;
    if (reset === undefined || commands.some(({ kind, refused }) => kind === 'malformed' || (kind === 'flush' && refused))) return [];
    const problems: Problem[] = [];
    const seen = new Set<string>();
    for (const addition of additions) {
      const { family, table, chain } = addition;
      const key = `${family} ${table}`;
      const shellCommand = shellCommandOf(input, addition);
      if (seen.has(key) || addition.refused || !isBuiltinChain(chain.text) || shellCommand === undefined || asksFirst(script, shellCommand)) continue;
      if (isEverTakenOut(script, addition)) continue;
      seen.add(key);
      const flush = `${addition.program}${table === 'filter' ? '' : ` -t ${table}`} -F`;
      const own = resets.find((command) => command.family === family) ?? reset;
      problems.push({
        check: 'incomplete-flush',
        at: addition.at,
        message: `table ${table}${family === own.family ? '' : ` of ${addition.program}`} is never emptied: a second run adds this rule a second time`,
        labels: [{ span: own.at, text: family === own.family ? 'only empties table filter' : `empties nothing of ${addition.program}` }],
        notes: [{ kind: 'do', text: `write \`${flush}\` as well` }],
      });
    }
    return problems;
  },
});
