/** ICMP of the other family: a protocol that packets of this family do not have. */

import type { BaseGiven } from '../extensions/base.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { fixOf, replaceWord } from '../iptables/edit.js';
import { ruleOf } from '../iptables/command.js';
import { wordSpan } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'wrong-icmp-protocol',
  summary: 'ICMP of the other family: a protocol that packets of this family do not have',
  why:
    'IPv4 has the protocol `icmp` (1), IPv6 has `ipv6-icmp` (58). iptables and ip6tables take either without a word; the wrong one matches no packet that ' +
    'hosts send. `ip6tables -p icmp -j ACCEPT` opens nothing, and neighbour discovery stays blocked.',
  advice: 'Write `-p ipv6-icmp` in ip6tables and `-p icmp` in iptables.',
  severity: 'warning',
  category: 'validity',
  fix: 'unsafe',
  examples: { bad: 'ip6tables -A INPUT -p icmp -j ACCEPT', good: 'ip6tables -A INPUT -p ipv6-icmp -j ACCEPT' },
  source: 'measured with iptables 1.8.9: `ip6tables -S` shows `-p icmp`; IANA protocol numbers; RFC 4443',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const command of input.commands) {
      const { protocol }: BaseGiven = ruleOf(command)?.base.given ?? {};
      const wrong = command.family === 'ip' ? 58 : 1;
      if (command.refused || protocol?.value !== wrong || protocol.negated) continue;
      const right = command.family === 'ip' ? 'icmp' : 'ipv6-icmp';
      // In a loop over both programs each would be given the protocol of the other.
      const isRunByBoth = input.commands.some(
        ({ at, family }) => at.start === command.at.start && at.source === command.at.source && family !== command.family,
      );
      const isRepairable = protocol.argument !== protocol.word && !isRunByBoth;
      problems.push({
        check: 'wrong-icmp-protocol',
        at: wordSpan(command.words, protocol.argument),
        message: `no packet of ${command.family === 'ip' ? 'IPv4' : 'IPv6'} has this protocol: ${command.program} has \`${right}\``,
        notes: [{ kind: 'do', text: `write \`-p ${right}\`` }],
        fixes: isRepairable ? fixOf(`write ${right}`, 'unsafe', [replaceWord(command, protocol.argument, right)]) : [],
      });
    }
    return problems;
  },
});
