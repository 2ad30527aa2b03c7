/** A rule that logs stands below the rules that decide about its packets. */

import { andMore, labelsOfRules, linesOfRules, unreachedRules } from '../policy/unreached-rules.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'log-after-verdict',
  summary: 'A rule that logs stands below the rules that decide about its packets',
  why:
    'ACCEPT, DROP and REJECT end the way of a packet; LOG does not. A LOG below the rule that drops the same packets never writes a line, and the drops ' +
    'nobody sees are taken for silence.',
  advice: 'Put the LOG above the rule that decides.',
  severity: 'warning',
  category: 'order',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p udp -j DROP\niptables -A INPUT -p udp -m limit --limit 5/min -j LOG --log-prefix "udp: "',
    good: 'iptables -A INPUT -p udp -m limit --limit 5/min -j LOG --log-prefix "udp: "\niptables -A INPUT -p udp -j DROP',
  },
  source: 'iptables-extensions(8), LOG: "a non-terminating target"; kernel: net/ipv4/netfilter/ip_tables.c, ipt_do_table',
  since: '0.1.0',
  find: (input) =>
    unreachedRules(input)
      .filter(({ loss }) => loss === 'log')
      .map(({ by, rules }) => ({
        check: 'log-after-verdict',
        at: rules[0].command.at,
        message: `this rule${andMore(rules)} never logs a packet: ${linesOfRules(by)} ${by.length === 1 ? 'takes all' : 'together take all'} that ${rules.length === 1 ? 'it asks' : 'they ask'} for`,
        here: 'never asked',
        labels: labelsOfRules(by, 'decides about its packets'),
        notes: [{ kind: 'do', text: by.length === 1 ? 'put it above that rule' : 'put it above those rules' }],
      })),
});
