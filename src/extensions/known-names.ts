/** Names of matches and targets that exist outside of fwlint's tables, so that nobody is told they do not. */

import type { Family } from './define.js';

/** What iptables and ip6tables 1.8.9 come with. (`ls /usr/lib/x86_64-linux-gnu/xtables`) */
const OF_IPTABLES = {
  match:
    'addrtype ah bpf cgroup cluster comment connbytes connlabel connlimit connmark conntrack cpu dccp devgroup dscp dst ecn esp eui64 frag hashlimit hbh ' +
    'helper hl icmp icmp6 ipcomp iprange ipv6header ipvs length limit mac mark mh multiport nfacct osf owner physdev pkttype policy quota rateest ' +
    'realm recent rpfilter rt sctp set socket srh state statistic string tcp tcpmss time tos ttl u32 udp',
  target:
    'ACCEPT AUDIT CHECKSUM CLASSIFY CLUSTERIP CONNMARK CONNSECMARK CT DNAT DNPT DROP DSCP ECN HL HMARK IDLETIMER LED LOG MARK MASQUERADE NETMAP NFLOG ' +
    'NFQUEUE NOTRACK QUEUE RATEEST REDIRECT REJECT RETURN SECMARK SET SNAT SNPT SYNPROXY TCPMSS TCPOPTSTRIP TEE TOS TPROXY TRACE TTL ULOG',
} as const;

/** What was only ever in xtables-addons, patch-o-matic, the firmware of routers and telephones or kernels long gone. */
const FOREIGN = {
  match:
    'account asn bandwidth bcount bwmon childlevel connrate dnetmap dstlimit exp fuzzy gradm iface ipp2p ipv4options layer7 length2 lscan macsave mport ndpi nth ' +
    'opendpi pknock psd qtaguid random set2 time2 timerange tls unclean web webmon weburl webstr',
  target:
    'ACCOUNT AUTOFW BALANCE BCM_NAT BCOUNT CHAOS CONENAT DELUDE DHCPMAC DNETMAP ECHO IMQ IPMARK IPV4OPTSSTRIP LOGMARK MACSAVE MIRROR NATTYPE NDPI PROTO RAWDNAT RAWSNAT ROUTE ' +
    'RTPENGINE SAME SKIPLOG SNATP2P SYSRQ TARPIT TRIGGER VMARK XOR',
} as const;

/** Those of them that fwlint reads, and what has them. */
const READ_ALL_THE_SAME: ReadonlyMap<string, string> = new Map([
  ...['condition', 'geoip', 'STEAL'].map((name) => [name, 'xtables-addons'] as const),
  ['quota2', 'xtables-addons and with the kernels of Android'],
  ...['FLOWOFFLOAD', 'FULLCONENAT'].map((name) => [name, 'OpenWrt'] as const),
]);

/** What has a match or target that fwlint reads and iptables itself does not have; undefined for all others. */
export function foreignOrigin(name: string): string | undefined {
  return READ_ALL_THE_SAME.get(name);
}

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));
const IPTABLES_NAMES = { match: names(OF_IPTABLES.match), target: names(OF_IPTABLES.target) };
const FOREIGN_NAMES = { match: names(FOREIGN.match), target: names(FOREIGN.target) };

/** Every match or target that iptables itself has. */
export function namesOfIptables(kind: 'match' | 'target'): Iterable<string> {
  return IPTABLES_NAMES[kind];
}

/** Those of one family. (libipt_*.so and libip6t_*.so in the same folder, less what both have; libxt_osf.so says so itself) */
const OF_ONE_FAMILY: Readonly<Record<Family, { readonly match: ReadonlySet<string>; readonly target: ReadonlySet<string> }>> = {
  ip: { match: names('icmp osf realm ttl'), target: names('CLUSTERIP ECN TTL ULOG') },
  ip6: { match: names('dst eui64 frag hbh hl icmp6 ipv6header mh rt srh'), target: names('DNPT HL SNPT') },
};

/** What does the same in the other family. */
const COUNTERPARTS: ReadonlyMap<string, string> = new Map(
  [
    ['ttl', 'hl'],
    ['TTL', 'HL'],
    ['icmp', 'icmp6'],
  ].flatMap(([four = '', six = '']) => [
    [four, six],
    [six, four],
  ]),
);

/** Why the program of one family does not know a match or target: only the other has it. Undefined where that is not the reason. */
export function ofOtherFamily(kind: 'match' | 'target', name: string, family: Family): { readonly message: string; readonly do: string } | undefined {
  const other = family === 'ip' ? 'ip6' : 'ip';
  if (!OF_ONE_FAMILY[other][kind].has(name)) return undefined;
  const flag = kind === 'match' ? '-m' : '-j';
  const counterpart = COUNTERPARTS.get(name);
  return {
    message: `only ${other}tables has \`${flag} ${name}\`, and this is a rule of ${family}tables`,
    do: counterpart === undefined ? `put the rule into ${other}tables` : `use \`${flag} ${counterpart}\` here, or put the rule into ${other}tables`,
  };
}

/** Whether iptables itself has a match or target of that name. */
export function isOfIptables(kind: 'match' | 'target', name: string): boolean {
  return IPTABLES_NAMES[kind].has(name);
}

/** Whether some add-on or old kernel had it. */
export function isForeign(kind: 'match' | 'target', name: string): boolean {
  return FOREIGN_NAMES[kind].has(name);
}
