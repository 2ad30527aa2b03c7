/** A rule below a RETURN that sends every packet back. */

import { andMore, labelsOfRules, linesOfRules, unreachedRules } from '../policy/unreached-rules.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'rules-after-return',
  summary: 'A rule stands below a RETURN that sends every packet back',
  why:
    '`-j RETURN` without conditions ends a chain: packets go on behind the jump, in a built-in chain to its policy. What is added below it with `-A` is ' +
    'never asked. Tools such as fail2ban and Docker end their chains with such a RETURN; rules for those chains have to be inserted.',
  advice: 'Insert it above the RETURN (`-I`), or take it out.',
  severity: 'warning',
  category: 'order',
  fix: 'none',
  examples: {
    bad: 'iptables -N office\niptables -A office -p tcp --dport 22 -j ACCEPT\niptables -A office -j RETURN\niptables -A office -s 192.0.2.7 -j DROP\niptables -A INPUT -j office',
    good: 'iptables -N office\niptables -A office -p tcp --dport 22 -j ACCEPT\niptables -A office -s 192.0.2.7 -j DROP\niptables -A office -j RETURN\niptables -A INPUT -j office',
  },
  source: 'kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table (XT_RETURN)',
  since: '0.1.0',
  find: (input) =>
    unreachedRules(input)
      .filter(({ loss }) => loss === 'returned')
      .map(({ chain, by, rules }) => ({
        check: 'rules-after-return',
        at: rules[0].command.at,
        message: `no packet comes to this rule${andMore(rules)}: ${linesOfRules(by)} sends every packet back from ${chain.name}`,
        here: 'never asked',
        labels: labelsOfRules(by, 'sends every packet back'),
        notes: [{ kind: 'do', text: 'put it above that rule, or take it out' }],
      })),
});
