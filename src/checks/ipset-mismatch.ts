/** A rule uses an ipset in a way that cannot match. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Ipset } from '../ipset/model.js';
import { definedIpsets, ipsetUses, type IpsetUse } from '../input/ipset-uses.js';
import { programOfFamily } from '../extensions/define.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'ipset-mismatch',
  summary: 'A rule gives an ipset too few directions, or packets of the other family',
  why:
    'Each part of the set’s type (`hash:ip,port` has two) takes one `src` or `dst`. With fewer the set is never asked: the rule matches nothing, and with ' +
    '`!` everything. A set of IPv6 addresses in an iptables rule, or of IPv4 addresses in an ip6tables one, is refused.',
  advice: 'Write one `src` or `dst` for each part of the type: `--match-set NAME src,dst`.',
  severity: 'error',
  category: 'validity',
  fix: 'none',
  examples: {
    bad: 'ipset create web hash:ip,port\niptables -A INPUT -m set --match-set web dst -j ACCEPT',
    good: 'ipset create web hash:ip,port\niptables -A INPUT -m set --match-set web dst,dst -j ACCEPT',
  },
  source: 'kernel: net/netfilter/ipset/ip_set_core.c, ip_set_test; iptables: extensions/libxt_set.h, get_set_byname',
  since: '0.1.0',
  find: (input) => {
    const defined = definedIpsets(input);
    if (defined === undefined) return [];
    return ipsetUses(input).flatMap((use): Problem[] => {
      const set = defined.sets.get(use.set);
      return set === undefined ? [] : (problemOf(use, set) ?? []);
    });
  },
});

function problemOf(use: IpsetUse, set: Ipset): Problem[] | undefined {
  const wanted = use.family === 'ip' ? 'inet' : 'inet6';
  const program = programOfFamily(use.family);
  const version = wanted === 'inet' ? 'IPv6' : 'IPv4';
  if (set.options.family !== undefined && set.options.family !== wanted)
    return [
      {
        check: 'ipset-mismatch',
        message: `the ipset \`${use.set}\` holds ${version} addresses, and this is a rule of ${program}`,
        at: use.at,
        notes: [{ kind: 'note', text: `${program} says: The protocol family of set ${use.set} is ${version}, which is not applicable.` }],
      },
    ];
  const needed = set.type.dimensions.length;
  if (use.ends.length >= needed || set.type.method === 'list') return undefined;
  const outcome = use.option === 'match-set' ? (use.negated ? 'every packet matches' : 'no packet matches') : 'nothing happens';
  return [
    {
      check: 'ipset-mismatch',
      severity: 'warning',
      message: `\`${use.set}\` is a ${set.type.name} and takes ${String(needed)} directions, here ${use.ends.length === 1 ? 'is one' : `are ${String(use.ends.length)}`}: ${outcome}`,
      at: use.at,
      notes: [{ kind: 'do', text: `write ${String(needed)} of \`src\` and \`dst\` with commas between them` }],
    },
  ];
}
