/** What the kernel writes to its log (dmesg) when it refuses a rule, or while rules are at work. */

import type { ErrorEntry } from './define.js';

/** (kernel: net/netfilter/x_tables.c, xt_check_match and xt_check_target; net/netfilter/xt_*.c; net/ipv4/netfilter/ipt_*.c) */
export const KERNEL_MESSAGES: readonly ErrorEntry[] = [
  {
    weight: 'reason',
    pattern: /(?:xt|ipt)_recent: hitcount \((\d+)\) is larger than packets to be remembered \((\d+)\)/,
    cause:
      '`--hitcount {1}` asks for more packets than xt_recent remembers for an address: {2}. Kernels up to 3.18 remember 20 unless the module was loaded with another ip_pkt_list_tot.',
    cure: 'Lower the hitcount to {2}; or write `options xt_recent ip_pkt_list_tot={1}` into a file of /etc/modprobe.d/, take the rules out, and reload the module (`modprobe -r xt_recent && modprobe xt_recent`); or compile the rules to nftables with `fwlint translate`.',
    checks: ['recent-hitcount-limit'],
  },
  {
    weight: 'reason',
    pattern: /xt_recent: hitcount \((\d+)\) is larger than allowed maximum \((\d+)\)/,
    cause: '`--hitcount {1}` is more than this kernel can count: {2}. (255 since Linux 3.19, 65535 since 6.11.)',
    cure: 'Lower the hitcount to {2} at most, or use `-m hashlimit` or nftables.',
    checks: ['recent-hitcount-limit'],
  },
  {
    weight: 'reason',
    pattern: /_tables: (\S+) (target|match): only valid in (\S+) table, not (\S+)/,
    cause: 'The {2} {1} works only in the table {3}, and the rule is for {4}. (Without `-t` a rule is for filter.)',
    cure: 'Write `-t {3}`, and a chain of that table.',
    checks: ['target-not-in-table', 'chain-not-in-table'],
  },
  {
    weight: 'reason',
    pattern: /_tables: (\S+) target: used from hooks (\S+), but only (?:usable|valid) from (\S+)/,
    cause: 'The target {1} works only for packets from {3}, and the rule is reached from {2}, directly or through user chains.',
    cure: 'Put the rule into {3}: SNAT and MASQUERADE belong into POSTROUTING, DNAT and REDIRECT into PREROUTING or OUTPUT.',
    checks: ['target-not-in-hook'],
  },
  {
    weight: 'reason',
    pattern: /_tables: (\S+) match: used from hooks (\S+), but only (?:usable|valid) from (\S+)/,
    cause: 'The match {1} looks at something that only packets from {3} have, and the rule is reached from {2}, directly or through user chains.',
    cure: 'Put the rule into {3}, or do without the match.',
    checks: ['match-not-in-hook'],
  },
  {
    weight: 'reason',
    pattern: /_tables: (\S+) (match|target): only valid for protocol (\d+)/,
    cause: 'The {2} {1} needs `-p` with protocol number {3} (6 is tcp, 17 udp, 1 icmp, 58 ipv6-icmp) in the same rule, not negated.',
    cure: 'Write `-p {3}` by its name, or take the {2} out.',
    checks: ['protocol-mismatch', 'ports-without-protocol', 'unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern: /_tables: (\S+) (match|target): invalid size (\d+) (?:\(kernel\) != \(user\)|!=) (\d+)/,
    cause:
      'iptables and the kernel differ about the {2} {1}: the program is much older or newer than the running kernel, or a module of another version was built in.',
    cure: 'Update both, and reboot after a kernel update.',
  },
  {
    weight: 'reason',
    pattern: /ipt_REJECT: TCP_RESET invalid for non-tcp|ip6t_REJECT: TCP_RESET illegal for non-tcp|REJECT.*tcp_?reset.*(?:invalid|illegal)/i,
    cause: '`--reject-with tcp-reset` can answer only TCP, and the rule has no `-p tcp`.',
    cure: 'Write `-p tcp`; give other protocols a rule of their own with another type, such as icmp-port-unreachable.',
    checks: ['reject-type'],
  },
  {
    weight: 'reason',
    pattern: /ipt_REJECT: ECHOREPLY no longer supported/,
    cause: 'The answer `echo-reply` was taken out of REJECT.',
    cure: 'Choose another type.',
    checks: ['reject-type'],
  },
  {
    weight: 'reason',
    pattern: /xt_TCPMSS: Only works on TCP SYN packets/,
    cause: 'TCPMSS changes an option that only SYN packets have, and iptables-legacy wants the rule to say so.',
    cure: 'Write `-p tcp --tcp-flags SYN,RST SYN` in the rule.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern: /xt_TCPMSS: path-MTU clamping only supported in FORWARD, OUTPUT and POSTROUTING/,
    cause: '`--clamp-mss-to-pmtu` needs the outgoing route, which packets in INPUT and PREROUTING do not have.',
    cure: 'Put the rule into FORWARD (table mangle) or POSTROUTING.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern: /xt_TPROXY: Can be used only with -p tcp or -p udp/,
    cause: 'TPROXY needs a protocol with ports.',
    cure: 'Write `-p tcp` or `-p udp` in the rule.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern: /xt_CT: You must specify a L4 protocol and not use inversions on it/,
    cause: '`-j CT --helper` needs a protocol, not negated.',
    cure: 'Write `-p tcp` or `-p udp`, and the port, in the rule.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern: /xt_CT: No such helper "?([^"\s]*)"?/,
    cause: 'The kernel has no connection tracking helper `{1}`: the name is wrong, or its module is not loaded.',
    cure: '`modprobe nf_conntrack_{1}`; the names are ftp, tftp, sip, h323 (Q.931, RAS), irc, pptp, amanda, netbios-ns, sane, snmp.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern: /(?:xt_limit|xt_hashlimit): [Oo]verflow,? try lower: (\d+)\/(\d+)/,
    cause: 'Rate and burst together are too much for the counter: {1} units between packets, with a burst of {2}.',
    cure: 'Lower the burst, or raise the rate. (A burst of 0 is refused with the same words.)',
    checks: ['rate-out-of-range'],
  },
  {
    weight: 'reason',
    pattern: /xt_physdev: .*--physdev-out/,
    cause: '`--physdev-out` is known only for traffic of a bridge that is forwarded; in OUTPUT it is not.',
    cure: 'Use it in FORWARD or POSTROUTING, with `--physdev-is-bridged`.',
    checks: ['unsupported-extension', 'match-not-in-hook'],
  },
  {
    weight: 'reason',
    pattern: /xt_addrtype: (input|output) interface limitation not valid in (.+)/,
    cause: '`--limit-iface-in` and `--limit-iface-out` look at an interface that packets in {2} do not have.',
    cure: 'Use the other one, or another chain.',
    checks: ['match-not-in-hook', 'excluded-option'],
  },
  {
    weight: 'reason',
    pattern: /xt_addrtype: ipv6 (?:does not support )?(.+) matching/,
    cause: 'The address type does not exist in IPv6 in that form: {1}.',
    cure: 'Choose another type, or do without.',
  },
  {
    weight: 'reason',
    pattern: /cannot load conntrack support for (?:proto|address family)\S*\s*(\d*)/,
    cause:
      'A match or target of connection tracking (state, conntrack, connlimit, NAT) found no connection tracking in the kernel: the module nf_conntrack is missing or belongs to another kernel.',
    cure: '`modprobe nf_conntrack`; reboot after a kernel update; on a virtual server ask the host.',
  },
  {
    weight: 'reason',
    pattern: /(?:nf|ip)_conntrack: (?:nf_conntrack: )?table full(?: in netns \d+)?, dropping packet/,
    cause:
      'The table of connections is full, so packets of new connections are dropped, whatever the rules say. Many short connections, a flood, or a small nf_conntrack_max do it.',
    cure: 'Raise `net.netfilter.nf_conntrack_max`, shorten timeouts, or exempt traffic in the raw table with `-j CT --notrack`.',
  },
  {
    weight: 'reason',
    pattern: /default automatic helper assignment has been turned off|automatic helper assignment is deprecated/,
    cause: 'Since Linux 4.7 helpers (ftp, sip …) do not come by themselves: RELATED does not let data connections in any more.',
    cure: 'Assign them: `iptables -t raw -A PREROUTING -p tcp --dport 21 -j CT --helper ftp`.',
  },
  {
    weight: 'reason',
    pattern: /[Pp]ossible SYN flooding on port (\S+?)\.? /,
    cause:
      'More connections to port {1} arrived than the program accepted; the kernel now answers with SYN cookies. A flood looks like this, and so does a busy server with a short queue.',
    cure: 'Raise the backlog of the program and `net.core.somaxconn`; limit new connections for each source with `-m hashlimit` or nftables.',
  },
];

/** Forms of words that many modules share when they refuse a rule. (kernel: net/netfilter/xt_*.c, net/ipv4/netfilter/ipt_*.c) */
const FORMS: readonly ErrorEntry[] = [
  {
    weight: 'reason',
    pattern: /(?:xt|ipt|ip6t)_(\w+): (?:.*\b)?only (?:valid|allowed|usable) in (?:the )?(.+?) table\b(?:, not ['"]?(\w+))?/,
    cause: '{1} works only in the table {2}, and the rule is for {3}. (Without `-t` a rule is for filter.)',
    cure: 'Write `-t` with that table, and a chain of it.',
    checks: ['target-not-in-table', 'chain-not-in-table', 'unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern:
      /(?:xt|ipt|ip6t)_(\w+): (.*\b(?:not valid in|only (?:valid|supported|allowed) (?:in|from)|allowed only from)\b.*(?:PREROUTING|INPUT|FORWARD|OUTPUT|POSTROUTING).*?)\.?\s*$/,
    cause: '{1} does not work for the packets of this chain, or of the built-in chain that leads to it: {2}.',
    cure: 'Put the rule into a chain that the message names, or use the option for the other direction.',
    checks: ['match-not-in-hook', 'target-not-in-hook', 'unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern:
      /(?:xt|ipt|ip6t)_(\w+): .*(?:[Oo]nly works (?:with|on|for)|for non-tcp|on non-tcp|in rule for non-tcp|used only with|only be used by L3)/,
    cause:
      '{1} looks at, or changes, something that only packets of one protocol have, and the rule has no `-p` for it, another one, or a negated one.',
    cure: 'Write `-p tcp` (or the protocol that the message names) in the rule.',
    checks: ['protocol-mismatch', 'ports-without-protocol', 'unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern: /(?:xt|ipt|ip6t)_(\w+): (.*\b(?:does not exists?|[Nn]o such|[Cc]annot find)\b.*?)\.?\s*$/,
    cause: 'The rule names something that must exist before it is loaded, and does not: {2}.',
    cure: 'Create it first, before iptables-restore at boot: `nfacct add NAME`, `nfct add timeout …`, `ipset create …`, or `modprobe` the helper.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern:
      /(?:xt|ipt|ip6t)_(\w+): (?!.*\btruncated to \d)(.*(?:\bout of range|exceeded?\b|too (?:large|many|high|long|big)|over the limit|(?:is|be) zero|is 0$|greater than|invalid (?:rate|argument|mode|ECT)).*?)[.!]?\s*$/,
    cause: 'A value in the rule is outside of what the kernel takes for {1}: {2}.',
    cure: 'Lower or correct the value; `iptables -m {1} -h` and `iptables -j {1} -h` show the range.',
    checks: ['invalid-value', 'rate-out-of-range', 'unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern: /(?:xt|ipt|ip6t)_(\w+): (.*(?:cannot (?:both )?be selected|cannot mix|can(?:'t|not) be combined|and .* specified).*?)\.?\s*$/,
    cause: 'Two options of {1} exclude each other: {2}.',
    cure: 'Keep one of them, or write two rules.',
    checks: ['excluded-option', 'unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern: /(?:xt|ipt|ip6t)_(\w+): ((?:neither|[Nn]o .*(?:selected|specified|given)|missing).*?)\.?\s*$/,
    cause: '{1} lacks an option that it cannot do without: {2}.',
    cure: 'Add it; `iptables -m {1} -h` and `iptables -j {1} -h` list the options.',
    checks: ['missing-required-option', 'unsupported-extension'],
  },
  {
    weight: 'reason',
    pattern: /(?:xt|ipt|ip6t)_(\w+): (?:.*\brevision \d+ not supported|no module|.*unknown (?:flags|options)\b.*)/,
    cause: 'The kernel does not know {1} in the form that this iptables uses: the program is newer than the running kernel.',
    cure: 'Reboot after a kernel update; update the kernel, or use the iptables of the distribution.',
    checks: ['unsupported-extension'],
  },
];

/** Any other line of a module; looked at last. */
export const OTHER_KERNEL_MESSAGES: readonly ErrorEntry[] = [
  {
    weight: 'reason',
    pattern: /xt_hashlimit: max count of (\d+) reached/,
    cause: 'A hashlimit has {1} clients in its table, as many as it may have; packets of further ones are dropped, whatever the rule says.',
    cure: 'Raise `--hashlimit-htable-max`, shorten `--hashlimit-htable-expire`, or count networks (`--hashlimit-srcmask 24`).',
  },
  {
    weight: 'symptom',
    pattern: /(\w+): (?:.*\bis deprecated\b.*|.*\bwill be removed\b.*|.*deprecated and it will removed.*|.*obsolete.*)/,
    near: /(?:xt|ipt|ip6t|nf|nft|ebt|ip|x)_\w+:/,
    cause: 'A note of the kernel, no error: {1} still works, and will be taken out of a later kernel.',
    cure: 'Use what the line names instead (xt_cluster for CLUSTERIP, `-j CT` for automatic helpers, nftables for the rest).',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'symptom',
    pattern: /nf_(?:nat|conntrack)_\w+: (?:partial packet|partial \S+|Not in sequence|wrong seq)/,
    cause: 'A note: a helper (ftp, sip …) got a command in several pieces and waits for the rest. Only when data connections fail it matters.',
    cure: 'Nothing to do; use passive FTP, or a protocol that needs no helper.',
  },
  {
    weight: 'symptom',
    pattern: /xt_hashlimit: (?:size|max|hashsize) .*truncated to (\d+)/,
    cause: 'A note of the kernel: the table of a hashlimit was to be larger than the kernel allows, and has {1} places now. The rule works.',
    cure: 'Write a smaller `--hashlimit-htable-size`.',
    checks: ['invalid-value'],
  },
  {
    weight: 'symptom',
    pattern: /IPVS: (?!\w+: \w+ \S+ - no destination)(.+)/,
    cause: 'A note of IPVS, the load balancer of the kernel, which Kubernetes may use instead of iptables: {1}.',
    cure: 'Nothing to do, unless a service does not work: `ipvsadm -ln` shows the table.',
  },
  {
    weight: 'reason',
    pattern: /(?:Out of memory|[Mm]emory cgroup out of memory).*\((ip6?tables[\w-]*|nft|ipset|xtables[\w-]*)\)/,
    cause: 'There was no memory left while {1} changed the rules, so the kernel ended it. What it had not given to the kernel by then is not loaded.',
    cure: 'Give the host or container more memory; use ipsets instead of thousands of rules; load sets in parts.',
  },
  {
    weight: 'reason',
    pattern: /nf_conntrack: expectation table full/,
    cause: 'Helpers (ftp, sip …) wait for more data connections than the kernel keeps in mind.',
    cure: 'Raise `net.netfilter.nf_conntrack_expect_max`.',
  },
  {
    weight: 'symptom',
    pattern: /martian (?:source|destination) (\S+) from (\S+?),? on dev (\S+)/,
    cause:
      'A packet to {1} claims to come from {2} and came in on {3}, where no such address can come from. The kernel drops it (rp_filter), not a rule.',
    cure: 'Look for a wrong route or cable, or a forged address; `net.ipv4.conf.all.log_martians=0` only silences it.',
  },
  {
    weight: 'symptom',
    pattern: /net_ratelimit: (\d+) callbacks suppressed/,
    cause: 'No error: the kernel left out {1} more messages of the kind above, so as not to fill the log.',
    cure: 'Read the message before it.',
  },
  {
    weight: 'symptom',
    pattern: /neighbou?r(?::| table).*overflow/i,
    cause: 'The table of neighbours (ARP) is full: more hosts on the local network are talked to than it holds. It has nothing to do with rules.',
    cure: 'Raise `net.ipv4.neigh.default.gc_thresh3` and its like.',
  },
  {
    weight: 'symptom',
    pattern: /bridge-nf-call-ip6?tables(?: is disabled| does not exist|.*contents are not set|['"]?: [Nn]o such file)/,
    cause:
      'Packets that a bridge carries do not come to iptables: the module br_netfilter is not loaded, or its setting is off. Docker and Kubernetes want it.',
    cure: '`modprobe br_netfilter` and `sysctl -w net.bridge.bridge-nf-call-iptables=1`.',
  },
  {
    weight: 'symptom',
    pattern: /ip_forward contents are not set to 1|IPv[46] forwarding is disabled/i,
    cause: 'This host does not pass packets on from one interface to another, whatever the rules of FORWARD say.',
    cure: '`sysctl -w net.ipv4.ip_forward=1`, and the same line in /etc/sysctl.d/.',
  },
  {
    weight: 'reason',
    pattern: /Cannot find (?:(?:add_|del_|map_)?set (?:index|identified by id) \d+|set index) (?:to match|(?:as|for) (?:map )?target)/,
    cause: 'The ipset that the rule names is gone: it was destroyed, or not restored yet, when the rule was loaded.',
    cure: '`ipset restore` before `iptables-restore`; `ipset list -n` shows what there is.',
    checks: ['ipset-unknown'],
  },
  {
    weight: 'echo',
    pattern:
      /_tables: \([Cc]\) \d{4}|Bridge firewalling registered|nf_conntrack version |ctnetlink v\S+: registering|Ebtables v\S+ (?:un)?registered|Netfilter messages via NETLINK|ip_set: protocol \d|ip_set: (?:Loading|loaded)|(?:xt|nft?|ip_set|ebt)_\w+: (?:loading out-of-tree module|module verification failed|module license)/,
    cause: 'A note, no error: a part of the packet filter was loaded.',
    cure: 'Nothing to do. (With br_netfilter, packets that a bridge carries come to iptables as well.)',
  },
  {
    weight: 'reason',
    pattern: /((?:xt|ipt|ip6t|x|ip|ip6|nf|nft|ebt|br)_\w+|ebtables): (?:disagrees about version of symbol|Unknown symbol|version magic)/,
    cause: 'The module {1} was built for another kernel than the one that runs, so the kernel does not load it.',
    cure: 'Reboot after a kernel update; build modules that are not of the kernel itself (xtables-addons) again.',
  },
  {
    weight: 'reason',
    pattern:
      /(ip6?tables\S*|nft|ipset|ebtables\S*): page allocation failure|(?:task|\[)(?: )?(ip6?tables\S*|nft|ipset):\d+(?: blocked for more than|\])/,
    cause:
      'While {1}{2} changed the rules, the kernel found no memory in one piece for them, or did not get done: a very big ruleset, little or much divided memory, or a busy machine.',
    cure: 'Use ipsets instead of thousands of rules, load with iptables-restore in one go, and look at the memory limit of the container.',
  },
  {
    weight: 'reason',
    pattern: /(?:RIP|PC is at|pc)\b.*\[(x_tables|nf_\w+|nft_\w+|xt_\w+|ip6?_tables|ip6?table_\w+|ebt\w*|br_netfilter|ip_set\w*|nfnetlink\w*)\]/,
    cause: 'The kernel itself went wrong in {1}, a module of the packet filter. That is a bug of the kernel or the module, not of the rules.',
    cure: 'Update the kernel, and modules that are not part of it (xtables-addons); report the whole trace to the distribution.',
  },
  {
    weight: 'reason',
    pattern: /WARNING: .* at \S*net\/(?:\w+\/)?(?:netfilter|bridge\/br_netfilter)\S* (\w+)/,
    cause: 'The kernel found something in the packet filter that must not be ({1}). That is a bug of the kernel or of a module, not of the rules.',
    cure: 'Update the kernel, and modules that are not part of it; report the whole trace to the distribution.',
  },
  {
    weight: 'reason',
    pattern:
      /WARNING: .*\bat (\w+)\+0x\w+\/0x\w+ \[(x_tables|nf_\w+|nft_\w+|xt_\w+|ip6?_tables|ip6?table_\w+|ebt\w*|br_netfilter|ip_set\w*|nfnetlink\w*)\]/,
    cause:
      'The kernel found something in {2} (function {1}) that must not be. That is a bug of the kernel or of a module that is not part of it, not of the rules.',
    cure: 'Update the kernel, and modules that are not part of it; report the whole trace to the distribution.',
  },
  {
    weight: 'reason',
    pattern: /(xt_\w+): .*version mis+match/,
    cause: 'The kernel module {1} and the library of iptables for it are of different versions: one was built or installed anew, the other not.',
    cure: 'Build and install both from the same source, remove old copies of the library (`pkg-config --variable=xtlibdir xtables` shows the folder), and load the module again.',
  },
  {
    weight: 'reason',
    pattern: /(ip6?tables\S*?|nft|ipset|xtables\S*?|ebtables\S*?|conntrack)\[\d+\]:? (?:segfault|general protection|trap|unhandled)/,
    cause: 'The program {1} itself broke down. That is a bug, or its libraries are of another version.',
    cure: 'Install the package of the distribution again, without libraries built by hand; update it.',
  },
  {
    weight: 'reason',
    pattern: /kernel BUG at \S*net\/(?:\w+\/)?netfilter\/(\S+?)!?$/,
    cause: 'The kernel itself went wrong in the packet filter ({1}). That is a bug of the kernel, not of the rules.',
    cure: 'Update the kernel; report the whole trace to the distribution.',
  },
  {
    weight: 'symptom',
    pattern: /filtering via arp\/ip\/ip6tables is no longer available by default/,
    cause: 'A note, no error: packets that a bridge carries come to iptables only when the module br_netfilter is loaded (since Linux 3.18).',
    cure: '`modprobe br_netfilter` where rules (Docker, Kubernetes, `-m physdev`) shall see them; otherwise nothing.',
  },
  {
    weight: 'reason',
    pattern: /nf_?(?:netlink)?_queue: .*full at (\d+) entries/,
    cause: 'More than {1} packets wait for the program behind `-j NFQUEUE`: it is too slow or stands still, and packets are dropped.',
    cure: 'Let the program read faster or raise its queue length; `--queue-balance` spreads them, `--queue-bypass` accepts when no program listens.',
  },
  {
    weight: 'reason',
    pattern: /nf_ct_(?:proto_)?(\w+): (?:invalid|bad|short|ACK is|SEQ is|malformed|protocol)/,
    cause:
      'No error of the rules: connection tracking takes a packet for INVALID and says why, since `net.netfilter.nf_conntrack_log_invalid` is set. Late, broken or one-way packets look like that.',
    cure: '`sysctl -w net.netfilter.nf_conntrack_log_invalid=0` silences it; look for asymmetric routes when connections hang.',
  },
  {
    weight: 'cause',
    pattern: /(?:avc: +denied|apparmor="DENIED").*comm="(ip6?tables\S*|nft|ipset|xtables\S*|conntrack|fail2ban\S*|firewalld)"/,
    cause: 'SELinux or AppArmor keeps {1} from what it wants to do, although it runs as root.',
    cure: 'Read what is denied in this line; `restorecon` the file it names, or put it where the policy lets the service read; `ausearch -m avc` shows all.',
  },
  {
    weight: 'echo',
    pattern: /(?:type=1325|NETFILTER_CFG)\b.*table=(\S+)/,
    cause: 'A note of the audit log, no error: a program (`comm=`) changed the table {1}.',
    cure: 'Nothing to do, unless nobody should have changed it.',
  },
  {
    weight: 'reason',
    pattern: /nf_(?:ct|nat)_(\w+): dropping packet/,
    cause: 'The helper for {1} could not read, or not change, a packet of a control connection, and dropped it.',
    cure: 'Where nothing needs the helper, take its `-j CT --helper` rule out or unload nf_conntrack_{1}.',
  },
  {
    weight: 'echo',
    pattern: /conntrack: falling back to vmalloc/,
    cause: 'A note, no error: the table of connections is so big that the kernel takes its memory in pieces.',
    cure: 'Nothing to do; `nf_conntrack_buckets` sets the size.',
  },
  ...FORMS,
  {
    weight: 'reason',
    pattern:
      /(?:xt|ipt|ip6t|x|ip|ip6)_[A-Za-z]\w*: (?!falling back|\(C\)|loading out-of-tree|module (?:verification|license)|version |disagrees about|Unknown symbol|page allocation)(?!range \S+ is reversed|.*\bis deprecated\b|.*\btruncated to \d|protocol \d)(.+?)\.?\s*$/,
    cause:
      'A module of the packet filter says: {1}. If a command was refused just before, that is the reason; if not, it is a note and nothing was refused.',
    cure: "Look up its options in `man iptables-extensions`, or check the command: `fwlint - <<< 'iptables …'`.",
  },
];
