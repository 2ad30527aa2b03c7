/** Later fragments of packets: where nobody puts them together, iptables and nft do not see the same in them. */

import type { RuleSpec } from '../iptables/command.js';
import type { Ruleset } from '../ruleset/model.js';
import { extensionsIn } from '../ruleset/used-extensions.js';

/** Whatever loads the tracking of connections, and with it the putting together of fragments. */
const TRACKS: ReadonlySet<string> = new Set([
  'state',
  'conntrack',
  'connlimit',
  'connmark',
  'connbytes',
  'connlabel',
  'helper',
  'cluster',
  'CONNMARK',
  'CONNSECMARK',
  'CT',
  'NOTRACK',
  'SYNPROXY',
  'socket',
  'TPROXY',
]);

/** Matches on the header behind that of IP, which later fragments do not have. */
const READS_TRANSPORT: ReadonlySet<string> = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmp6', 'multiport']);

/**
 * What to say about a ruleset that tracks no connections and asks for what a transport header does *not* have: iptables finds no
 * header in a later fragment, so the rule does not match; nft compares the bytes that stand there. Undefined when there is nothing
 * to say. (kernel: net/netfilter/xt_tcpudp.c, tcp_mt, `par->fragoff`; nf_tables_core.c, nft_payload_fast_eval; measured on 6.18)
 */
export function fragmentRemark(ruleset: Ruleset): string | undefined {
  let negated = 0;
  for (const table of ruleset.tables.values()) {
    const used = extensionsIn(table);
    for (const name of TRACKS) if (used.has(name)) return undefined;
    for (const chain of table.chains.values()) {
      if (table.name === 'nat' && chain.rules.length > 0) return undefined;
      for (const { spec } of chain.rules) if (asksForAbsence(spec)) negated += 1;
    }
  }
  if (negated === 0) return undefined;
  const rules = negated === 1 ? '1 rule asks' : `${String(negated)} rules ask`;
  return `${rules} with \`!\` for ports, flags or types, and none tracks connections: if nothing else on the host does, nft finds something in later fragments of packets too, iptables does not`;
}

function asksForAbsence({ matches }: RuleSpec): boolean {
  return matches.some((use) => READS_TRANSPORT.has(use.extension.name) && Object.values(use.given).some(({ negated }) => negated));
}
