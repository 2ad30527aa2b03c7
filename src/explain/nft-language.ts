/** What nft says while it reads a ruleset, and of what the kernel answers: mistakes in its language that can be told from its words and the line it shows. */

import type { ErrorEntry } from './define.js';
import { EXISTS, NO_SUCH_FILE, NOT_PERMITTED, UNSUPPORTED } from './languages.js';

const UNEXPECTED = /Error: syntax error, unexpected /;

/** What cannot be read; the line that nft shows behind the message tells what was meant. (measured with nft 0.9.8, 1.0.6 and 1.1.7) */
const SYNTAX: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /syntax error, unexpected (?:CRLF line terminators|junk, expecting newline or semicolon)/,
    cause: 'The file has the line ends of Windows: a carriage return stands at the end of every line.',
    cure: "Save the file with Unix line ends: `sed -i 's/\\r$//' FILE`.",
    checks: ['carriage-return'],
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind:
      /(?:^|\s)(?:-[AIDPN] [A-Z]|-[psdmiojg]\s|--?(?:dports?|sports?|state|ctstate|reject-with|to-\w+|icmp-type)\b)|^\s*(?:sudo )?ip6?tables\b|^:[A-Z]+ (?:ACCEPT|DROP)|^\*(?:filter|nat|mangle|raw)/m,
    cause: 'The line is one of iptables. nft has a language of its own, without options.',
    cure: 'Translate the rules: `fwlint translate FILE`, then `nft -f` what it writes.',
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /\bxt (?:match|target) "/,
    cause:
      'The ruleset was printed by `nft list ruleset`, and iptables-nft made parts of it: nft shows them as `xt match …` and `xt target …`, and cannot read them again.',
    cure: 'Save with `iptables-save` and translate that: `iptables-save | fwlint translate -`.',
    checks: ['compat-expression'],
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /\b(?:ACCEPT|DROP|REJECT|MASQUERADE|RETURN|LOG|DNAT|SNAT)\b/,
    cause: 'Verdicts and statements of nft are written in small letters.',
    cure: 'Write `accept`, `drop`, `reject`, `masquerade` and so on.',
    checks: ['wrong-letter-case'],
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /^\s*(?:chain \w+ \{|type \w+ hook \w+)/m,
    cause:
      'A chain stands outside of a table: its `table … {` is missing or was closed too early, or the line above it lacks its end. On OpenWrt, files in /etc/nftables.d are put into the table fw4 and need none; those in ruleset-pre and ruleset-post of /usr/share/nftables.d need their own.',
    cure: 'Write `table inet NAME { chain … { … } }` around it, and count the braces above.',
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /\bpolicy\s+(?!accept\b|drop\b|\$)(\w+)/,
    cause: 'The policy of a chain is `accept` or `drop`; nothing else can be one.',
    cure: 'Write `policy drop;`, and `reject` as the last rule of the chain.',
    checks: ['bad-policy'],
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /\b(?:tcp|udp|sctp|th)\s+ports?\b/,
    cause: 'nft asks which port is meant, that of the sender or that of the receiver: there is no `port` alone.',
    cure: 'Write `tcp dport 22`, or `tcp sport 22`.',
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /\b\d+\s*(?:[kmg]?bytes)?\/(?:s|sec|secs|m|min|mins|h|hr|hours|d|days|minutes|seconds)\b|\b\d+\s*(?:gbytes|[kmg]?bits?)\b/,
    cause:
      'A rate or amount has a unit that nft does not know: times are second, minute, hour, day and week, written out; amounts are bytes, kbytes and mbytes.',
    cure: 'Write it like `limit rate 10/minute burst 5 packets`, or `limit rate over 1 mbytes/second`.',
    checks: ['invalid-value'],
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /\/255\.\d+\.\d+\.\d+/,
    cause: 'nft takes the length of a network behind the `/`, no mask with dots.',
    cure: 'Write `10.0.0.0/24` for `10.0.0.0/255.255.255.0`.',
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /\{[^{};,]*[\w.:/-]+[ \t]+[\w.:/-]+[^{};]*\}|\b[sd]port\s+\d+\s+\d+/,
    cause: 'Several values make a set: they stand in braces, with commas between them.',
    cure: 'Write `tcp dport { 22, 80, 443 }`.',
  },
  {
    weight: 'cause',
    pattern: /Error: syntax error, unexpected '?(?:=(?!=)|equal)'?/,
    cause: 'nft compares with `==` (or with nothing in between) and `!=`; a single `=` stands only in `define` and `elements =`.',
    cure: 'Write `tcp flags & (syn | ack) == syn`.',
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /\}\s+(?:add|insert|create|delete|flush|list)\s+(?:table|chain|rule|set|map|element|ruleset)\b/,
    cause: 'Two commands stand on one line with nothing between them.',
    cure: 'Put each on a line of its own, or `;` between them.',
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /\b(?:delete|replace) rule\b(?!.*\bhandle\b)/,
    cause: 'nft deletes and replaces a rule by its number (handle), not by its words.',
    cure: '`nft -a list chain FAMILY TABLE CHAIN` shows the handles; then `nft delete rule FAMILY TABLE CHAIN handle NUMBER`.',
  },
  {
    weight: 'cause',
    pattern: UNEXPECTED,
    behind: /(?:^|;|\bnft)\s*['"]?(?:destroy\s|reset (?:rules?|element|set)\b)/m,
    cause: 'This nft is too old for the command: `destroy` came with nft 1.0.7 and Linux 6.3, `reset rules` and `reset element` about the same time.',
    cure: 'Instead of `destroy table X` write `add table X` and `delete table X`; otherwise update nft.',
  },
  {
    weight: 'cause',
    pattern: /Error: syntax error, unexpected "?comment\b/,
    cause: 'In a rule the comment stands at its end. Comments on sets, tables and chains are newer than this nft, if they stand at the right place.',
    cure: 'Write `tcp dport 22 accept comment "ssh"`; in a file of rules `#` begins a comment anywhere.',
  },
  {
    weight: 'cause',
    pattern: /Error: syntax error, unexpected '\}'/,
    cause: 'A `;` is missing before the `}`, or there is one `}` too many. In one line nft wants a `;` behind every statement of a chain or set.',
    cure: 'Write it like `{ type filter hook input priority 0; policy drop; }`.',
  },
  {
    weight: 'cause',
    pattern: /Error: syntax error, unexpected "?(?:end of file|newline)"?/,
    cause:
      'The command ends too early: a `}` is missing, a set or chain begins on the next line, or the shell cut it at a `;` that stands without quotes.',
    cure: "Close the braces; in a shell quote the whole command: `nft 'add chain inet filter input { type filter hook input priority 0; policy drop; }'`.",
  },
  {
    weight: 'cause',
    pattern: /Error: syntax error, unexpected ("?[\w -]+"?), expecting "?string"?/,
    cause:
      'A name is wanted where {1} stands: the table or chain was left out (`add rule FAMILY TABLE CHAIN …`), or the name that was chosen is a word of the language of nft, such as `in`, `last` or `log`.',
    cure: 'Write family, table and chain; choose another name.',
  },
  {
    weight: 'cause',
    pattern: /Error: syntax error, unexpected "?(?:junk|invalid token)"?/,
    cause:
      'There is a character that nft does not know: a typographic quote or dash of a web page, a carriage return of Windows, or `%`, `?` and the like.',
    cure: 'Write the marked place again by hand, with plain quotes and dashes.',
    checks: ['smart-quote', 'unicode-dash', 'carriage-return'],
  },
];

/** What can be read and makes no sense. (nft: src/evaluate.c, src/datatype.c, src/netlink.c) */
const MEANING: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /Basetype of type (.+?) is not bitmask/,
    cause: 'Values with commas between them and no braces are flags to nft, and {1} has none.',
    cure: 'Write a set: `tcp dport { 80, 443 }`, `ip saddr { 192.0.2.1, 192.0.2.2 }`, `iifname { "eth0", "eth1" }`.',
  },
  {
    weight: 'cause',
    pattern:
      /Error: Could not parse ((?:conntrack|TCP|ICMP|ICMPv6|IGMP|icmp|reject|packet|Ethernet|ARP|Day|boolean|integer|symbolic|mark|priority|Internet|Differentiated|policy|fib|string|time|relative)[\w -]*?)(?: expression)?(?:; did you (?:you )?mean [`'‘](\S+?)['’`]\??)?\s*$/,
    cause:
      'What stands there is no {1} that nft knows. Words of nft are in small letters (`ct state new`, `tcp flags syn`), and some differ from those of iptables.',
    cure: '`nft describe ct state` (or `icmp type`, `icmpv6 type`, `tcp flags` …) lists the words; the message itself may suggest one.',
    checks: ['bad-state', 'bad-icmp-type', 'invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /Error: Could not resolve hostname: Address family for hostname not supported/,
    cause: 'The address is of the other family: `ip` takes IPv4, `ip6` IPv6, and a set of the type ipv4_addr or ipv6_addr only its own.',
    cure: 'Write `ip6 saddr` for IPv6 and `ip saddr` for IPv4, with a set for each.',
    checks: ['family-mismatch'],
  },
  {
    weight: 'cause',
    pattern: /Error: Could not resolve hostname: ?(.*)/,
    cause:
      'What stands for an address is none, so nft asked the name server for a host of that name, and got no answer. The name of a set without `@`, the word `any`, a misspelt address (300.1.1.1) and a name server that is not there yet at boot look the same.',
    cure: 'Write the address, `@NAME` for a set, and nothing at all for "any".',
    checks: ['hostname-in-rule', 'invalid-address-or-mask'],
  },
  {
    weight: 'cause',
    pattern: /Error: (Service|Protocol) out of range/,
    cause: 'A number is outside of what its field holds: ports end at 65535, protocols at 255.',
    cure: 'Correct the number.',
    checks: ['port-range'],
  },
  {
    weight: 'cause',
    pattern: /Error: Could not resolve (?:service|protocol)(?: name)?/,
    cause: 'What stands for a port or protocol is no number and no name that /etc/services or /etc/protocols has.',
    cure: 'Write the number; ranges have a dash: `tcp dport 8000-8080`.',
    checks: ['unresolved-name', 'unknown-protocol'],
  },
  {
    weight: 'cause',
    pattern: /Error: (?:unknown identifier|undefined symbol) ['`‘]([^'’]*)['’](?:; did you mean identifier ['`‘]?([^'’?]*))?/,
    cause: 'The variable `${1}` is used and not defined above it. The file that defines it may not be included, or it is a variable of a shell.',
    cure: 'Write `define {1} = …` above the tables, or set it on the command line: `nft -D {1}=… -f FILE`.',
    checks: ['unset-or-unquoted-variable'],
  },
  {
    weight: 'cause',
    pattern: /Error: redefinition of symbol '([^']*)'/,
    cause: 'The variable `{1}` is defined twice, perhaps because a file is included twice.',
    cure: 'Write `redefine {1} = …` the second time, or take it out.',
  },
  {
    weight: 'cause',
    pattern:
      /Error: (?:All-wildcard strings are not supported|Empty string is not allowed|empty interface name|log prefix must have a minimum length)/,
    cause: 'A text is empty, or matches everything (`iifname "*"`). What holds for every packet needs no match.',
    cure: 'Leave the match out, or write what is meant; when a variable stands there, it was empty.',
    checks: ['interface-wildcard', 'unset-or-unquoted-variable'],
  },
  {
    weight: 'cause',
    pattern: /Error: (?:negation can only be used with singleton bitmask|cannot combine negation with binary expression)/,
    cause: '`!` stands before a set or several flags; only a single flag can have it.',
    cure: 'Write `!=`: `ct state != { established, related }`.',
    checks: ['negation-not-allowed'],
  },
  {
    weight: 'cause',
    pattern: /Error: Interface does not exist/,
    cause:
      '`iif` and `oif` look the interface up when the ruleset is loaded, and it is not there: at boot it may come later (VPN, bridge, USB, Wi-Fi), or the name is misspelt.',
    cure: 'Write `iifname` and `oifname`, which compare the name for each packet.',
  },
  {
    weight: 'cause',
    pattern: /Error: (User|Group) does not exist/,
    cause: '`meta skuid` and `meta skgid` look the name up when the ruleset is loaded, and this system has none of that name.',
    cure: 'Write the number (`id -u NAME` shows it), or create the user first.',
  },
  {
    weight: 'cause',
    pattern: /Error: ip or ip6 must be specified with address for inet tables|Error: specify [`'‘](\w+) ip['’`]/,
    cause: 'In a table of the family inet nft has to be told which addresses are meant.',
    cure: 'Write `dnat ip to 192.0.2.1` or `dnat ip6 to 2001:db8::1`; in a match `ip saddr` or `ip6 saddr`.',
  },
  {
    weight: 'cause',
    pattern: /Error: Chains of type "nat" must have a priority value above -200/,
    cause: 'Connection tracking works at priority -200, and NAT needs it done before.',
    cure: 'Write `priority dstnat` (-100) at prerouting, `priority srcnat` (100) at postrouting.',
  },
  {
    weight: 'cause',
    pattern: /Error: Missing `device' in this chain definition|Error: cannot specify device|Error: This chain type cannot be bound to device/,
    cause: 'A chain at the hook ingress or egress works for one interface and has to name it; no other chain may.',
    cure: 'Write `type filter hook ingress device "eth0" priority 0;`.',
  },
  {
    weight: 'cause',
    pattern: /Error: Transparent proxy support requires transport protocol match/,
    cause: '`tproxy` needs a protocol with ports in the same rule.',
    cure: 'Write `meta l4proto tcp tproxy to :50080`, and one more rule for udp.',
    checks: ['nat-port-without-protocol'],
  },
  {
    weight: 'cause',
    pattern:
      /Error: you cannot use tcp reset with this protocol|Error: cannot reject (?:from|this)|Error: cannot infer ICMP reject variant|Error: abstracted ICMP unreachable not supported/,
    cause:
      'The kind of reject does not fit to what the rule matches: a reset is for tcp, icmp for IPv4, icmpv6 for IPv6, icmpx for both in a table inet.',
    cure: 'Write `reject with icmpx type port-unreachable`, or `meta l4proto tcp reject with tcp reset`.',
    checks: ['reject-type'],
  },
  {
    weight: 'cause',
    pattern: /Error: conflicting (?:\w+ layer )?(?:protocols|dependencies)(?: specified)?: (\S+) vs\.? (\S+?)\.?(?:\s|$)/,
    cause:
      'One rule asks for {1} and for {2} at the same place of the packet, and no packet is both. A table of the family ip has no ip6, and the other way round.',
    cure: 'Write two rules, or leave out the one that is too much; for both families use a table `inet`.',
    checks: ['protocol-mismatch'],
  },
  {
    weight: 'cause',
    pattern: /Error: (?:level|flags) and group are mutually exclusive|Error: invalid log level|log level audit doesn't support/,
    cause:
      'With `group` a log goes to a program (ulogd) and has no level or flags; without it, it goes to the kernel log, with a level such as info or warn.',
    cure: 'Write `log prefix "in: " level info`, or `log prefix "in: " group 1`.',
  },
  {
    weight: 'cause',
    pattern: /Error: Prefix length (\d+) is invalid for type of (\d+) bits/,
    cause: 'A network has at most {2} bits here, not {1}.',
    cure: 'Correct what stands behind the `/`: up to 32 for IPv4, up to 128 for IPv6.',
    checks: ['invalid-address-or-mask'],
  },
  {
    weight: 'cause',
    pattern: /Error: [Yy]ou (?:cannot set chain policy twice|can only specify this once)/,
    cause: 'The same thing is said twice in one chain, set or statement.',
    cure: 'Take one of them out.',
    checks: ['repeated-option'],
  },
  {
    weight: 'cause',
    pattern:
      /Error: (?:invalid data type, expected (.+)|Element mismatches .* definition, expected (.+?), not .*|datatype mismatch,? .*?expected (.+?), expression.*)/,
    cause: 'The value is not of the kind that the set or match takes: {1}{2}{3}.',
    cure: 'Give one value for each part, with ` . ` between them (`192.0.2.1 . 22`), or make the set of the type that is looked up: `typeof ip saddr`.',
  },
  {
    weight: 'cause',
    pattern: /Error: [Ww]rong (?:rate|time|unit|limit) format/,
    cause:
      'A rate, time or amount is not of the form nft takes: times of day are "08:00" to "23:59", rates have the units second, minute, hour, day, week.',
    cure: 'Write it like `limit rate 10/second`, `limit rate 1 mbytes/second` or `meta hour "08:00"-"18:00"`.',
    checks: ['invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /Error: (?:packet )?limit burst must be > 0/,
    cause: 'A burst of 0 packets would let nothing through.',
    cure: 'Write `burst 5 packets`, or leave it out (nft then takes 5).',
    checks: ['rate-out-of-range'],
  },
  {
    weight: 'cause',
    pattern: /Error: invalid event (\S+)/,
    cause: '`nft monitor` knows no event `{1}`.',
    cure: 'Write `nft monitor`, `nft monitor new rules`, `nft monitor destroy chains` or `nft monitor trace`.',
  },
  {
    weight: 'cause',
    pattern: /Error: (?:set is not a map|Expression is not a map|\w+ is not a map)|Error: [Yy]ou cannot (?:use|reference) a set here/,
    cause: 'A set stands where one value is wanted. A set can be looked up; only a map (`key : value`) gives a value.',
    cure: 'Write one value, or a map: `dnat to tcp dport map { 80 : 192.0.2.1 }`.',
  },
  {
    weight: 'cause',
    pattern: /Error: "(\w+)" command is not supported, perhaps kernel support is missing/,
    cause: 'The running kernel is too old for `{1}`, which came with Linux 6.3.',
    cure: 'Write `add table X` and `delete table X`, which does the same, or update the kernel.',
  },
  {
    weight: 'cause',
    pattern:
      /Error: meter '([^']*)' overlaps an existing|Error: existing (?:set|map) '([^']*)' (?:has|lacks)|\S+ already exists with different datatype/,
    cause: 'There is a set of the name {1}{2} already, made with another type, size or flags.',
    cure: 'Choose another name, or make the set with the flags that are wanted (`flags dynamic,timeout;`).',
  },
  {
    weight: 'cause',
    pattern: /Error: ambiguous payload specification: no (.+) protocol specified|Error: no transport protocol specified/,
    cause: 'The rule looks at a field and does not say of which protocol.',
    cure: 'Write the protocol before it: `tcp dport`, `ip saddr`, or `meta l4proto { tcp, udp } th dport 53`.',
    checks: ['ports-without-protocol'],
  },
  {
    weight: 'cause',
    pattern: /nft: \S+\.c:\d+: .*Assertion .* failed|^BUG: |Netlink ABI is broken/,
    near: /\bnft\b|BUG: (?:invalid|unknown|unhandled|missing|unexpected)/,
    cause: 'nft itself broke down. That is a bug of nft, or it does not fit to its libraries (libnftnl) or the kernel; no rule should do that.',
    cure: 'Update nftables and libnftnl; leave parts of the rule out to find what does it.',
  },
  {
    weight: 'cause',
    pattern: /Error: Either (\w+) or handle required|Error: unknown rule handle/,
    cause: 'The command does not say, or says wrongly, which one it is for.',
    cure: '`nft -a list ruleset` shows names and handles.',
  },
];

const REFUSED = `(?:${UNSUPPORTED}|${NO_SUCH_FILE})`;

/** What the kernel answers; the line that nft shows behind the message tells what for. (kernel: net/netfilter/nf_tables_api.c, nft_*.c; measured with Linux 6) */
const ANSWERS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: ${REFUSED}`),
    behind:
      /\btype (?:nat|route) hook (?:forward|ingress|egress)\b|\btype route hook (?!output)|\btable (?:arp|bridge|netdev) .*\btype (?:nat|route)\b|\b(?:chain|table) arp\b.*\bhook (?:forward|prerouting|postrouting)/,
    cause:
      'There is no chain of that type at that hook: `type nat` is for prerouting, input, output and postrouting of ip, ip6 and inet, `type route` for output only; arp has input and output.',
    cure: 'Write the hook where the packets are to be changed: `type nat hook prerouting priority dstnat;` or `type nat hook postrouting priority srcnat;`.',
    checks: ['target-not-in-hook'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: ${REFUSED}`),
    behind: /\btype nat hook\b/,
    cause:
      'The kernel has no chains for NAT: its module nft_chain_nat (nft_chain_nat_ipv4 before Linux 5.1) is not built or belongs to another kernel than the one that runs; in a container the host must have it. In tables `inet` it needs Linux 5.2, and the priority must be above -200.',
    cure: '`modprobe nft_chain_nat` on the host; reboot after a kernel update; with an older kernel use tables `ip` and `ip6`.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: ${UNSUPPORTED}`),
    behind: /\b(?:masquerade|redirect|snat|dnat)\b/,
    cause:
      'NAT works only in a chain of `type nat`, at its hook: masquerade and snat at postrouting (snat also at input), dnat and redirect at prerouting and output. A chain of `type filter` refuses it. Otherwise the kernel lacks nft_nat, nft_masq or nft_redir.',
    cure: 'Put the rule into a chain like `type nat hook postrouting priority srcnat;`; `modprobe nft_nat nft_masq nft_redir`.',
    checks: ['target-not-in-hook', 'target-not-in-table'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: ${UNSUPPORTED}`),
    behind: /\b(?:fib|tproxy|synproxy|reject|rt (?:ip6? )?(?:mtu|classid|nexthop)|notrack|socket|osf|queue|flow add|flow offload)\b/,
    cause:
      'The expression that is marked does not work at the hook of this chain (fib at prerouting, input and forward; tproxy at prerouting; reject at prerouting, input, forward and output; `rt mtu` at forward, output and postrouting), or the kernel has no module for it.',
    cure: 'Move the rule into a chain of the right hook; `modprobe nft_fib_inet nft_tproxy nft_reject_inet` or the like; reboot after a kernel update.',
    checks: ['target-not-in-hook', 'match-not-in-hook'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: ${UNSUPPORTED}`),
    behind: /\b(?:add|update) @|\b(?:update|add)\b.*\btimeout\b/,
    cause: 'A rule wants to fill a set that was not made for that: it lacks the flag `dynamic` (and `timeout`, when the elements shall have one).',
    cure: 'Make the set like `set NAME { type ipv4_addr; flags dynamic,timeout; timeout 1m; }`.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: (?:Could not process rule: )?${NO_SUCH_FILE}`),
    behind: /\b(?:handle|position|index) \d+/,
    cause: 'There is no rule of that number: handles change when a ruleset is loaded anew, and belong to one chain.',
    cure: '`nft -a list chain FAMILY TABLE CHAIN` shows the handles there are.',
    checks: ['rule-number'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: (?:Could not process rule: )?${NO_SUCH_FILE}`),
    behind: /\bdelete element\b/,
    cause: 'The element is not in the set, or there is no set of that name in this table.',
    cure: 'Look with `nft list set FAMILY TABLE NAME`; `nft destroy element` (nft 1.0.7, Linux 6.3) does not mind.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: (?:Could not process rule: )?${NO_SUCH_FILE}`),
    behind: /\b(?:devices? =? ?\{?|ingress|egress)\b/,
    cause: 'An interface that a chain (hook ingress) or a flowtable names is not there when the ruleset is loaded.',
    cure: 'Create the interface first, or load the ruleset after it comes up.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: (?:Could not process rule: )?${NO_SUCH_FILE}`),
    behind: /@[A-Za-z]\w*|\b(?:jump|goto) (?!\{)\S+|\b(?:counter|quota|limit) name\b|\bct (?:helper|timeout|expectation) set\b|\bflow add\b/,
    cause:
      'The rule names a chain, set or object (counter, ct helper …) that its table does not have: it must be created before, in the same table and family.',
    cure: 'Put `add chain …`, `add set …` or `ct helper NAME { … }` above the rules that use it; in a file every chain of a table may stand in any order within one `table { … }`.',
    checks: ['unknown-target-or-chain', 'ipset-unknown'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: (?:Could not process rule: )?${NO_SUCH_FILE}`),
    behind: /\b(?:delete|flush) (?:table|chain|set|map|flowtable)\b/,
    cause:
      'What is to be deleted or emptied is not there: it was never created, or is in another family (without one nft means `ip`). Nothing of the file was loaded.',
    cure: 'Write `add table inet filter` before `delete table inet filter`, so that it works the first time as well; `nft list tables` shows what there is.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: ${NO_SUCH_FILE}`),
    behind: /\b(?:add|insert) rule (?:(?:ip6?|inet|arp|bridge|netdev) )?(\w+) (\w+)/,
    cause:
      'The table or chain that the rule is for is not there: nft has none until somebody creates them (`filter` and `INPUT` exist only when iptables-nft made them), or the family is missing (without one nft means `ip`). Otherwise the kernel lacks the module of an expression in the rule.',
    cure: "`nft list ruleset` shows what there is; create it first: `nft add table inet filter`, `nft 'add chain inet filter input { type filter hook input priority 0; }'`.",
    checks: ['unknown-target-or-chain'],
  },
  {
    weight: 'cause',
    pattern: /Error: Could not process rule: Too many open files in system/,
    cause: 'The set is full: it has as many elements as its `size` says. (Nothing to do with files; the kernel has no better word for it.)',
    cure: 'Make the set anew with a larger `size`, or take `size` out; for a set that rules fill, let the elements end with a `timeout`.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: ${EXISTS}`),
    behind: /\belement\b|elements = /,
    cause: 'An element is in the set already, or overlaps another one, such as 10.1.0.0/16 and 10.0.0.0/8.',
    cure: 'Leave one out, or give the set `flags interval; auto-merge;`.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: ${NOT_PERMITTED}`),
    cause:
      'Only root, or a process with CAP_NET_ADMIN, may change the rules; in a container the capability is usually missing. A table that another program owns (flag `owner`, as that of firewalld) refuses everybody else, root as well.',
    cure: 'Use sudo; give a container `--cap-add NET_ADMIN`; leave tables of other programs to them.',
  },
  {
    weight: 'cause',
    pattern: /Error: unknown table option (\w+)/,
    cause: 'This nft does not know the flag `{1}` of tables, which is newer.',
    cure: 'Take it out, or update nft.',
  },
];

export const NFT_LANGUAGE: readonly ErrorEntry[] = [...SYNTAX, ...MEANING, ...ANSWERS];
