/** A TCP connection is refused with an ICMP error. */

import type { BaseGiven } from '../extensions/base.js';
import reject from '../extensions/targets/reject.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { placedRules } from '../input/intended-ruleset.js';
import { givenTo } from '../iptables/command.js';
import { fixOf, insertAfter, replaceWord } from '../iptables/edit.js';
import { wordsSpan } from '../text/word.js';
import { defineCheck } from './define.js';

const TCP = 6;
const PORT_UNREACHABLE = /^icmp6?-port-unreachable$/;

export default defineCheck({
  name: 'reject-tcp-without-reset',
  summary: 'A TCP connection is refused with an ICMP error',
  why:
    '`-j REJECT` answers with "ICMP port unreachable". A closed TCP port answers with a reset: clients take that as an answer at once, while ICMP ' +
    'errors are lost in many networks and some systems go on trying.',
  advice: 'Write `-j REJECT --reject-with tcp-reset` in rules with `-p tcp`.',
  severity: 'hint',
  category: 'posture',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport 113 -j REJECT',
    good: 'iptables -A INPUT -p tcp --dport 113 -j REJECT --reject-with tcp-reset',
  },
  source: 'iptables-extensions(8), REJECT; RFC 9293, 3.5.2',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { rule } of placedRules(input)) {
      const { action, base } = rule.spec;
      const given = action?.kind === 'target' ? givenTo(action.use, reject) : undefined;
      const { protocol } = base.given as BaseGiven;
      if (given === undefined || action?.kind !== 'target' || protocol?.value !== TCP || protocol.negated) continue;
      const type = given['reject-with'];
      if (action.use.unsettled.length > 0 || (type !== undefined && !PORT_UNREACHABLE.test(type.value))) continue;
      const { command } = rule;
      problems.push({
        check: 'reject-tcp-without-reset',
        at: wordsSpan(command.words, action.use.first, action.use.last),
        message: 'TCP clients get an ICMP error here, not the reset that a closed port sends',
        notes: [{ kind: 'do', text: 'write `-j REJECT --reject-with tcp-reset`' }],
        fixes: fixOf(
          'write `--reject-with tcp-reset`',
          'unsafe',
          type === undefined
            ? [insertAfter(command, action.name.word, '--reject-with tcp-reset')]
            : type.argument === type.word
              ? [replaceWord(command, type.word, '--reject-with=tcp-reset')]
              : [replaceWord(command, type.argument, 'tcp-reset')],
        ),
      });
    }
    return problems;
  },
});
