/** A rule of the filter table asks for a destination that DNAT has changed before. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { filterTables } from '../policy/filter-tables.js';
import { redirections, ruleForOldDestination } from '../policy/redirections.js';
import { positionAt } from '../text/source.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'filter-on-pre-nat-address',
  summary: 'A rule of the filter table asks for a destination that DNAT has changed before',
  why:
    'DNAT and REDIRECT work in PREROUTING, before the filter table. INPUT and FORWARD see the new address and port: a rule there that asks for the public ' +
    'address, or for the port the client asked for, sees no packet of such a connection.',
  advice: 'Ask for the new address and port, or for the old ones with `-m conntrack --ctorigdst` and `--ctorigdstport`.',
  severity: 'warning',
  category: 'nat',
  fix: 'none',
  examples: {
    bad: 'iptables -P INPUT DROP\niptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\niptables -A INPUT -p tcp --dport 80 -j ACCEPT\niptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080',
    good: 'iptables -P INPUT DROP\niptables -A INPUT -m conntrack --ctstate ESTABLISHED -j ACCEPT\niptables -A INPUT -p tcp --dport 8080 -j ACCEPT\niptables -t nat -A PREROUTING -p tcp --dport 80 -j REDIRECT --to-ports 8080',
  },
  source: 'kernel: include/uapi/linux/netfilter_ipv4.h, NF_IP_PRI_NAT_DST before NF_IP_PRI_FILTER',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    const tables = filterTables(input);
    for (const redirection of redirections(input)) {
      const table = tables.find(({ family }) => family === redirection.place.context.family);
      const rule = table === undefined ? undefined : ruleForOldDestination(table, redirection);
      if (rule === undefined || problems.some(({ at }) => at === rule.command.at)) continue;
      const { command } = redirection.place.rule;
      problems.push({
        check: 'filter-on-pre-nat-address',
        at: rule.command.at,
        message: `this rule sees none of these packets: line ${String(positionAt(command.at.source, command.at.start).line)} has given them another destination before, and that one is dropped`,
        here: 'asks for the old destination',
        labels: [{ span: command.at, text: 'changes the destination' }],
        notes: [{ kind: 'do', text: 'ask for the new address and port' }],
      });
    }
    return problems;
  },
});
