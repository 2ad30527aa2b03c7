/** iptables-legacy and iptables-nft do different things with a rule. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { ruleOf } from '../iptables/command.js';
import { fixOf, replaceWord } from '../iptables/edit.js';
import { wordSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'backend-divergence',
  summary: 'iptables-legacy and iptables-nft do different things with a rule',
  why:
    'Both programs are called `iptables`, and which one it is depends on the system. Some rules load with one and not with ' +
    'the other: `-j QUEUE` is taken by iptables-legacy, while iptables-nft says `RULE_APPEND failed (No such file or ' +
    'directory)`.',
  advice: 'Write the rule so that both take it.',
  severity: 'warning',
  category: 'validity',
  fix: 'sometimes',
  source: 'measured with iptables 1.8.9, legacy and nft',
  since: '0.1.0',
  // With `--target backend=nft` reading the target notices it.
  find: (input) => {
    if (input.target.backend !== undefined) return [];
    const problems: Problem[] = [];
    for (const command of input.commands) {
      const action = ruleOf(command)?.action;
      if (command.refused || action?.kind !== 'target' || action.use.extension.name !== 'QUEUE') continue;
      problems.push({
        check: 'backend-divergence',
        at: wordSpan(command.words, action.name.word),
        message: 'iptables-legacy takes `-j QUEUE`, iptables-nft refuses it: the rule loads on some systems only',
        notes: [{ kind: 'do', text: 'write `-j NFQUEUE`, which is queue 0 as well' }],
        fixes: fixOf('write NFQUEUE', 'unsafe', [replaceWord(command, action.name.word, 'NFQUEUE')]),
      });
    }
    return problems;
  },
});
