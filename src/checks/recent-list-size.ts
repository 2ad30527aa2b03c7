/** A list of 100 addresses guards a service with more clients than that. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { placeOf, recentLists, type PlacedRecent } from '../input/recent-lists.js';
import { LIST_SIZE } from '../policy/limiters.js';
import { conditionsOf, together } from '../ruleset/conditions.js';
import { entryConditions } from '../ruleset/flow.js';
import { ordinal } from '../text/ordinal.js';
import { defineCheck } from './define.js';

/** Ports of services that anybody on the Internet uses: web, mail, names. */
const PUBLIC_PORTS = [25, 53, 80, 443, 8080, 8443];
/** From so many addresses on a list is taken to be made for the public. */
const LARGE = 1000;

export default defineCheck({
  name: 'recent-list-size',
  summary: 'A list of 100 addresses guards a service with more clients than that',
  why:
    'A list of `-m recent` remembers ip_list_tot addresses, 100 unless the module is loaded with another number. The next one pushes out the address ' +
    'that was seen longest ago, with its count: a web server with a hundred visitors in the window forgets whom it was counting, and a flood from ' +
    'many addresses, real or made up, empties the list. A rule with a hitcount above 32 that is added later empties it as well.',
  advice:
    'Load the module with more: `options xt_recent ip_list_tot=5000` in /etc/modprobe.d/; or use `-m hashlimit`, or compile the rules to nftables, ' +
    'whose sets hold 65535. Say what the target has with `--target ip_list_tot=…`.',
  severity: 'info',
  category: 'rate-limits',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p tcp --syn --dport 80 -m recent --name web --rcheck --seconds 5 --hitcount 20 -j DROP\niptables -A INPUT -p tcp --syn --dport 80 -m recent --name web --set',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 4 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
  },
  source: 'kernel: net/netfilter/xt_recent.c, recent_entry_init; measured: of 150 addresses 100 are kept',
  since: '0.1.0',
  find: (input) => {
    const problems: Problem[] = [];
    const remembers = input.target.ipListTot ?? LIST_SIZE;
    if (remembers >= LARGE) return problems;
    for (const list of recentLists(input).lists.values()) {
      const set = list.sets.find(isForThePublic);
      if (set === undefined || !list.checks.some(({ rule }) => rule.spec.action !== undefined)) continue;
      problems.push({
        check: 'recent-list-size',
        at: placeOf(set),
        message: `list \`${list.name}\` remembers ${String(remembers)} addresses; the ${ordinal(remembers + 1)} pushes the oldest out, and its count with it`,
        notes: [
          { kind: 'do', text: '`options xt_recent ip_list_tot=5000` in /etc/modprobe.d/, or `-m hashlimit`, or compile to nftables' },
          { kind: 'note', text: 'with `--target ip_list_tot=5000` this is no finding' },
        ],
      });
    }
    return problems;
  },
});

/** Whether a rule counts clients of a public service from anywhere, or of all services. */
function isForThePublic({ rule, chain, context, use }: PlacedRecent): boolean {
  const own = conditionsOf(rule.spec, context.family, { before: use });
  const entry = entryConditions(context, chain);
  const { all } = entry === undefined ? own : together(entry, own);
  if (all.some((condition) => (condition.kind === 'network' && condition.side === 'source' && !condition.negated) || condition.kind === 'icmpType'))
    return false;
  if (all.some((condition) => condition.kind === 'protocol' && !condition.negated && condition.number !== 6 && condition.number !== 17)) return false;
  const ports = all.filter((condition) => condition.kind === 'ports' && condition.side === 'destination');
  return ports.every(
    (condition) =>
      condition.kind === 'ports' &&
      PUBLIC_PORTS.some((port) => condition.ranges.some(({ from, to }) => from <= port && port <= to) !== condition.negated),
  );
}
