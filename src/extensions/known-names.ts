/** Names of matches and targets that exist outside of fwlint's tables, so that nobody is told they do not. */

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

/** What was only ever in xtables-addons, patch-o-matic or kernels long gone. */
const FOREIGN = {
  match:
    'account childlevel condition connrate dstlimit fuzzy geoip gradm iface ipp2p ipv4options length2 layer7 lscan mport nth pknock psd quota2 random set2 time2 unclean web',
  target:
    'ACCOUNT BALANCE CHAOS DELUDE DHCPMAC DNETMAP ECHO IMQ IPMARK IPV4OPTSSTRIP LOGMARK MIRROR PROTO RAWDNAT RAWSNAT ROUTE SAME STEAL SYSRQ TARPIT XOR',
} as const;

const names = (list: string): ReadonlySet<string> => new Set(list.split(' '));
const IPTABLES_NAMES = { match: names(OF_IPTABLES.match), target: names(OF_IPTABLES.target) };
const FOREIGN_NAMES = { match: names(FOREIGN.match), target: names(FOREIGN.target) };

/** Every match or target that iptables itself has. */
export function namesOfIptables(kind: 'match' | 'target'): Iterable<string> {
  return IPTABLES_NAMES[kind];
}

/** Whether iptables itself has a match or target of that name. */
export function isOfIptables(kind: 'match' | 'target', name: string): boolean {
  return IPTABLES_NAMES[kind].has(name);
}

/** Whether some add-on or old kernel had it. */
export function isForeign(kind: 'match' | 'target', name: string): boolean {
  return FOREIGN_NAMES[kind].has(name);
}
