/** Later fragments of packets: where nobody puts them together, iptables and nft do not see the same in them. */

import type { Hook, LoweredItem } from '../extensions/define.js';
import type { PortRange } from '../extensions/values/port-range.js';
import type { RuleSpec } from '../iptables/command.js';
import { binary, compare, hex, match, number, payload } from '../nft/build.js';
import type { Ruleset } from '../ruleset/model.js';
import { extensionsIn } from '../ruleset/used-extensions.js';
import { oncePer } from '../text/once-per.js';

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

const tracksConnections = oncePer((ruleset: Ruleset): boolean =>
  [...ruleset.tables.values()].some((table) => {
    const used = extensionsIn(table);
    return [...TRACKS].some((name) => used.has(name)) || (table.name === 'nat' && [...table.chains.values()].some(({ rules }) => rules.length > 0));
  }),
);

/**
 * Whether later fragments may come to rules that are reached from these hooks: nothing in the ruleset tracks connections, and IPv4 packets
 * are not yet those for this host, which are put together before INPUT. (kernel: net/ipv4/ip_input.c, ip_local_deliver; IPv6 does so behind it)
 */
export function seesLaterFragments(ruleset: Ruleset, hooks: readonly Hook[]): boolean {
  return hooks.some((hook) => ruleset.family === 'ip6' || hook !== 'INPUT') && !tracksConnections(ruleset);
}

/** Matches on the header behind that of IP, which later fragments do not have. */
const READS_TRANSPORT: ReadonlySet<string> = new Set(['tcp', 'udp', 'udplite', 'sctp', 'dccp', 'icmp', 'icmp6', 'multiport']);

/** Ports in a range from which on it is no accident that bytes of a later fragment look like one of them: more than one fragment in 256. */
const MANY_PORTS = 256;

/**
 * Whether a rule asks for something that the bytes in a later fragment often look like: iptables finds no header there, so it does not match; nft compares
 * what stands there. (kernel: net/netfilter/xt_tcpudp.c, tcp_mt, `par->fragoff`; nf_tables_core.c, nft_payload_fast_eval; measured on 6.18)
 */
export function passesFragments({ base, matches }: RuleSpec): boolean {
  if (base.given['fragment']?.negated === true) return false;
  let asks = false;
  for (const { extension, given } of matches) {
    if (!READS_TRANSPORT.has(extension.name)) continue;
    for (const [option, { value, negated }] of Object.entries(given)) {
      if (!negated && !isUsual(option, value)) return false;
      asks = true;
    }
  }
  return asks;
}

function isUsual(option: string, value: unknown): boolean {
  if (option === 'syn' || option === 'tcp-flags') return true;
  if (option === 'source-port' || option === 'destination-port') return countPorts(value as PortRange) > MANY_PORTS;
  return Array.isArray(value) && (value as readonly PortRange[]).some((ports) => countPorts(ports) > MANY_PORTS);
}

const countPorts = ({ from, to }: PortRange): number => to - from + 1;

/** What only packets that are no later fragments pass. */
export function keepFragmentsOut(family: Ruleset['family']): LoweredItem {
  if (family === 'ip') return compare(binary(payload('ip', 'frag-off'), '&', hex(0x1fff)), '==', number(0));
  return { kind: 'unless', alternatives: [[match({ kind: 'exthdr', header: 'frag', field: 'frag-off' }, number(0), true)]] };
}
