/** A rule masquerades whatever leaves the host, on any interface. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { placedRules } from '../input/intended-ruleset.js';
import { conditionsOf } from '../ruleset/conditions.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'masquerade-without-out',
  summary: 'A rule masquerades whatever leaves the host, on any interface',
  why:
    'MASQUERADE and SNAT are meant for the way out to the Internet. Without `-o` they also take what goes into the local network: servers there see the ' +
    'router as the source of every connection, in logs, in access rules and in the limits of fail2ban.',
  advice: 'Name the interface: `-o eth0`. Where there is none to name, leave out what stays within: `! -d 10.0.0.0/8`.',
  severity: 'warning',
  category: 'nat',
  fix: 'none',
  examples: {
    bad: 'iptables -t nat -A POSTROUTING -j MASQUERADE',
    good: 'iptables -t nat -A POSTROUTING -o eth0 -j MASQUERADE',
  },
  source: 'kernel: net/netfilter/nf_nat_masquerade.c; measured',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    for (const { rule, chain, context } of placedRules(input)) {
      const { action } = rule.spec;
      if (context.table.name !== 'nat' || chain.name !== 'POSTROUTING' || action?.kind !== 'target') continue;
      const { name } = action.use.extension;
      if (name !== 'MASQUERADE' && name !== 'SNAT') continue;
      const { all, uncertain } = conditionsOf(rule.spec, context.family);
      if (uncertain || all.some(({ kind }) => kind !== 'network' && kind !== 'protocol')) continue;
      const networks = all.flatMap((one) => (one.kind === 'network' ? [one] : []));
      if (networks.some(({ side }) => side === 'destination')) continue;
      const bySource = networks.length > 0;
      // One address mapped to one address is no way out for a network.
      if (bySource && name === 'SNAT') continue;
      problems.push({
        check: 'masquerade-without-out',
        severity: bySource ? 'hint' : 'warning',
        at: rule.command.at,
        message: bySource
          ? 'the packets of this network get another source on every interface, also on the way into other local networks'
          : 'every packet that leaves this host gets its address as the source, also on the way into local networks',
        here: 'no `-o`',
        notes: [{ kind: 'do', text: 'name the interface that leads out: `-o eth0`' }],
      });
    }
    return problems;
  },
});
