/** ICMP that the network cannot do without is dropped. */

import { isCertain } from '../analysis/outcomes.js';
import type { Problem } from '../diagnostics/diagnostic.js';
import {
  filterTables,
  fromFarAway,
  FROM_OUTSIDE,
  isIcmp,
  IS_RELATED,
  IS_UNTRACKED,
  outcomesOf,
  type Demands,
  type FilterTable,
} from '../policy/filter-tables.js';
import type { Input } from '../input/input.js';
import { takesFromOthers } from '../policy/unreached-rules.js';
import type { Chain } from '../ruleset/model.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'icmp-essential-blocked',
  summary: 'ICMP that the network cannot do without is dropped',
  why:
    '"Fragmentation needed" and "packet too big" tell a sender to send smaller packets; where they are dropped, connections open and then stand still as ' +
    'soon as much is sent. In IPv6, neighbour solicitations and advertisements do what ARP does in IPv4: without them no packet comes in at all. ' +
    'Connection tracking calls the former RELATED, the latter UNTRACKED.',
  advice: 'Accept RELATED before anything drops ICMP; in ip6tables accept `-p ipv6-icmp`, or at least types 1 to 4 and 133 to 136.',
  severity: 'warning',
  category: 'posture',
  fix: 'none',
  examples: {
    bad: 'iptables -A INPUT -p icmp -j DROP\niptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT',
    good: 'iptables -A INPUT -m conntrack --ctstate ESTABLISHED,RELATED -j ACCEPT\niptables -A INPUT -p icmp -j DROP',
  },
  source: 'RFC 4890, section 4.4; RFC 1191; kernel: net/netfilter/nf_conntrack_proto_icmpv6.c, nf_conntrack_icmpv6_error (noct_valid_new)',
  since: '0.1.0',
  find: (input) => filterTables(input).flatMap((table) => findIn(input, table)),
});

interface Essential {
  readonly what: string;
  readonly without: string;
  readonly demands: readonly Demands[];
}

const TOO_BIG: Essential = {
  what: '"fragmentation needed"',
  without: 'connections that send much stand still where a link takes smaller packets only',
  demands: [isIcmp('ip', 3, 4), IS_RELATED],
};
const TOO_BIG_6: Essential = {
  what: '"packet too big"',
  without: 'connections that send much stand still where a link takes smaller packets only',
  demands: [isIcmp('ip6', 2), IS_RELATED],
};
const NEIGHBOURS: Essential = {
  what: 'the search for neighbours',
  without: 'no IPv6 packet finds this host',
  demands: [isIcmp('ip6', 135), IS_UNTRACKED],
};

function findIn(input: Input, table: FilterTable): readonly Problem[] {
  const problems: Problem[] = [];
  const blocks = (hook: 'INPUT' | 'FORWARD', essential: Essential): void => {
    const chain = table.chainOf(hook);
    const problem = chain === undefined || chain.rules.length === 0 ? undefined : report(input, table, chain, essential);
    if (problem !== undefined && !problems.some(({ at }) => at.start === problem.at.start)) problems.push(problem);
  };
  if (table.family === 'ip') {
    blocks('INPUT', TOO_BIG);
    blocks('FORWARD', TOO_BIG);
  } else {
    blocks('INPUT', NEIGHBOURS);
    blocks('INPUT', TOO_BIG_6);
    blocks('FORWARD', TOO_BIG_6);
  }
  return problems;
}

function report(input: Input, table: FilterTable, chain: Chain, { what, without, demands }: Essential): Problem | undefined {
  const far = demands.includes(IS_UNTRACKED) ? [] : fromFarAway(table.family);
  const outcomes = outcomesOf(table, chain, FROM_OUTSIDE, far, ...demands);
  if (!isCertain(outcomes, 'dropped')) return undefined;
  const rule = outcomes.get('dropped');
  // A chain in which nothing is let through is closed on purpose; that open connections are forgotten is another finding.
  if (rule === undefined && (table.family === 'ip' || chain.policyCommand === undefined || chain.name !== 'INPUT')) return undefined;
  if (rule !== undefined && table.family === 'ip' && rule.spec.base.given['protocol'] === undefined) return undefined;
  const command = rule?.command ?? chain.policyCommand;
  // A rule that takes every packet has a finding of its own; one that takes all of ICMP is this one.
  if (command === undefined || (table.family === 'ip6' && takesFromOthers(input, rule))) return undefined;
  return {
    check: 'icmp-essential-blocked',
    at: command.at,
    message: `${what} is dropped in ${chain.name}: ${without}`,
    here: 'drops it',
    notes: [
      {
        kind: 'do',
        text: table.family === 'ip' ? 'accept RELATED above this, or drop `--icmp-type echo-request` only' : 'accept `-p ipv6-icmp` above this',
      },
    ],
  };
}
