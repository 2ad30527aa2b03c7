/** Connections are sent on to another host, and dropped on the way there. */

import { isCertain } from '../analysis/outcomes.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import { filterTables } from '../policy/filter-tables.js';
import { outcomesAfter, redirections, ruleForOldDestination } from '../policy/redirections.js';
import { positionAt } from '../text/source.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'dnat-without-forward',
  summary: 'Connections are sent on to another host, and dropped on the way there',
  why:
    'DNAT changes where a packet goes; whether it may go there is decided in FORWARD of the filter table, by the new address and port. With the policy ' +
    'DROP and no rule that accepts them, the connections of the port forwarding time out.',
  advice:
    'Accept the new destination: `-A FORWARD -p tcp -d 10.0.0.5 --dport 80 -j ACCEPT`, or all that was sent on: `-m conntrack --ctstate DNAT`. The kernel ' +
    'must forward, too: `net.ipv4.ip_forward=1`.',
  severity: 'warning',
  category: 'nat',
  fix: 'none',
  examples: {
    bad: 'iptables -P FORWARD DROP\niptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.5:80',
    good: 'iptables -P FORWARD DROP\niptables -A FORWARD -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -A FORWARD -p tcp -d 10.0.0.5 --dport 80 -j ACCEPT\niptables -t nat -A PREROUTING -i eth0 -p tcp --dport 8080 -j DNAT --to-destination 10.0.0.5:80',
  },
  source: 'kernel: include/uapi/linux/netfilter_ipv4.h, NF_IP_PRI_NAT_DST before NF_IP_PRI_FILTER',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    const tables = filterTables(input);
    for (const redirection of redirections(input)) {
      const { place, toHost } = redirection;
      const table = tables.find(({ family }) => family === place.context.family);
      // filter-on-pre-nat-address says more.
      if (table === undefined || !toHost || ruleForOldDestination(table, redirection) !== undefined) continue;
      const outcomes = outcomesAfter(table, redirection);
      if (outcomes === undefined || !isCertain(outcomes, 'dropped')) continue;
      const by = outcomes.get('dropped')?.command;
      const { command } = place.rule;
      problems.push({
        check: 'dnat-without-forward',
        at: command.at,
        message:
          by === undefined
            ? 'what this rule sends on is dropped by the policy of FORWARD: no rule accepts the new destination'
            : `what this rule sends on is dropped in FORWARD, line ${String(positionAt(by.at.source, by.at.start).line)}: no rule above accepts the new destination`,
        here: 'sends it on',
        labels: by === undefined ? [] : [{ span: by.at, text: 'drops it' }],
        notes: [{ kind: 'do', text: 'accept the new address and port in FORWARD, or `-m conntrack --ctstate DNAT`' }],
      });
    }
    return problems;
  },
});
