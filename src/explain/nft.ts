/** What nft says about its own language and about the kernel's answers. */

import type { ErrorEntry } from './define.js';
import { BUSY, EXISTS, INVALID, NO_SUCH_FILE, NOT_PERMITTED, UNSUPPORTED } from './languages.js';

/** What tells a message of nft from one of the many programs that begin theirs with `Error:`: its place, the name nft, or the line of marks. */
const NFT_NEAR = /:\d+:\d+-\d+: Error:|\bnft(?:ables)?\b|^\s*\^[\^~]*\s*$/;

/** (measured with nft 1.0.6; wordings of other versions from their sources) */
export const NFT_ERRORS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /Error: No such file or directory; did you mean (table|chain|set|map|object) [‘'`"]?([^’'"`\s]+)[’'"`]? in (?:family|table) ([^\s?]+)/,
    cause: 'The name or the family is wrong. nft found a {1} `{2}` in {3}. Without a family nft means `ip`.',
    cure: 'Write the family and the name as nft shows them.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(
      `cache initialization failed: (?:Protocol not supported|Protocol not available|${UNSUPPORTED})|Unable to initialize Netlink socket`,
    ),
    cause:
      'The kernel has no nf_tables, or no nfnetlink to talk to it: it is old, built without, or the modules belong to another kernel than the one that runs.',
    cure: '`modprobe nf_tables`; reboot after a kernel update; in a container the host must have it.',
  },
  {
    weight: 'cause',
    pattern:
      /[Oo]peration not permitted \(you must be root\)|netlink: Error: cache initialization failed: \S+ not permitted|cache initialization failed: Operation not permitted/,
    cause: 'Only root, or a process with CAP_NET_ADMIN, may look at the rules.',
    cure: 'Use sudo; give a container `--cap-add NET_ADMIN`.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: ${NO_SUCH_FILE}`),
    cause:
      'The kernel does not have what the marked part names: the table, chain or set was not created before (`add table`, `add chain`), the family is missing (`inet filter` and `filter` are two tables), or the kernel has no module for an expression.',
    cure: 'Look with `nft list ruleset`; create tables and chains first; `modprobe nft_…` for the expression.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: ${EXISTS}`),
    cause: 'What is to be created is there already, in another form: a chain of another type or priority, an element that is in the set.',
    cure: 'Delete the table first: `table ip filter`, `delete table ip filter`, then its new contents. fwlint writes it like that.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: (?:${BUSY}|Resource busy)`),
    cause: 'A chain or set is still used: rules jump to it or look it up.',
    cure: 'Delete these rules first, or the whole table.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: (?:${UNSUPPORTED}|${NOT_PERMITTED})`),
    cause:
      'The kernel cannot do what the marked part asks for: its module is missing, the chain type or hook does not exist for this family, the expression is not allowed in this hook; or the process is not root (CAP_NET_ADMIN).',
    cure: 'Run nft as root; load the module; check the hook and the type of the chain. NAT in chains of the family inet needs Linux 5.2.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: Could not process rule: (?:${INVALID}|Numerical result out of range|Value too large)`),
    cause:
      'The kernel refused a value of the marked part: a priority outside of its range, a limit it cannot count, a set with flags that do not go together.',
    cure: 'Compare with `man nft`, or leave parts out until it loads.',
  },
  {
    weight: 'cause',
    pattern: /Error: Could not process rule: Too many links|Error: Could not process rule: Too many levels/,
    cause: 'Chains jump in a circle.',
    cure: 'Take one of the jumps out.',
    checks: ['chain-loop'],
  },
  {
    weight: 'cause',
    pattern: /Error: conflicting intervals specified|Error: [Ii]nterval overlaps with an existing one/,
    cause: 'Two elements of a set overlap, such as 10.0.0.0/8 and 10.1.0.0/16.',
    cure: 'Give the set `flags interval` and `auto-merge`, or leave the smaller one out.',
  },
  {
    weight: 'cause',
    pattern: /Error: transport protocol mapping is only valid after transport protocol match/,
    cause: 'NAT to a port needs a protocol that has ports in the same rule.',
    cure: 'Write `tcp dport …` or `meta l4proto tcp` before `dnat to`.',
    checks: ['nat-port-without-protocol'],
  },
  {
    weight: 'cause',
    pattern: /Error: Statement after terminal statement has no effect/,
    cause: 'Something stands behind accept, drop, reject or jump and can never be reached.',
    cure: 'Put `counter`, `log` and `limit` before the verdict.',
  },
  {
    weight: 'cause',
    pattern: /Error: (?:unknown identifier|Could not resolve)\b:? ?[‘'`"]?([^’'"`]*)/,
    near: NFT_NEAR,
    cause: 'nft does not know the name: a variable without `$` or `define`, a misspelt keyword, a service or host it cannot look up.',
    cure: 'Correct the name, or write the number.',
  },
  {
    weight: 'cause',
    pattern: /syntax error, unexpected string, expecting - or number/,
    near: /priority/,
    cause: 'This nft is older than 0.9.1 and does not know names for priorities (`srcnat`, `filter`).',
    cure: 'Write the number: filter 0, dstnat -100, srcnat 100, mangle -150, raw -300.',
  },
  {
    weight: 'cause',
    pattern: /Error: syntax error, unexpected \+/,
    cause: '`+` is how iptables writes any rest of an interface name (`eth+`), or the rule is one of iptables: nft does not know either.',
    cure: 'Write `*` (`iifname "eth*"`); translate rules of iptables with `fwlint translate`.',
  },
  {
    weight: 'cause',
    pattern: /Error: (?:unknown chain (?:type|hook)|chain (?:type|hook) is not known|unknown chain priority|invalid (?:hook|priority))/i,
    cause:
      'A base chain names a type, hook or priority that nft does not know: types are filter, nat and route; hooks have small letters (input, prerouting).',
    cure: 'Write it like `type filter hook input priority 0; policy drop;`; versions before 0.9.1 want the priority as a number.',
  },
  {
    weight: 'cause',
    pattern: /Error: syntax error, unexpected (.+)/,
    cause:
      'nft does not understand the marked place: {1} cannot stand there. In a shell, `{`, `}`, `;`, `!` and `*` must be quoted; a name that is a keyword needs another name; older versions lack newer syntax (`destroy`, comments on tables).',
    cure: 'Put the rules into a file and load it with `nft -f FILE`; for an older nft translate again with `--target nft=VERSION`.',
  },
  {
    weight: 'echo',
    pattern: /table (\w+ \w+) is managed by iptables-nft, do not touch/,
    cause: 'A note of `nft list ruleset`: iptables-nft keeps the table {1}, and changes by nft confuse it.',
    cure: 'Change these rules with iptables, and put rules of nft into a table of their own. A packet must then be accepted by both.',
    checks: ['mixed-backends', 'accept-not-final'],
  },
  {
    weight: 'cause',
    pattern: /Error: Range has zero or negative size|Error: Range negative size/,
    cause: 'A range ends where it begins, or before.',
    cure: 'Write the smaller number first; a single number needs no range.',
    checks: ['port-range', 'contradictory-match'],
  },
  {
    weight: 'cause',
    pattern: /Error: ['‘`]?(masquerade|redirect|snat|dnat|tproxy|synproxy|notrack|queue|reject)['’]? is not supported here/,
    cause:
      'The statement {1} is for chains of another type or hook: masquerade and snat belong into a nat chain at postrouting, dnat and redirect at prerouting or output.',
    cure: 'Move the rule into a chain of that type and hook.',
    checks: ['target-not-in-hook'],
  },
  {
    weight: 'cause',
    pattern: /Error: unqualified (?:key |data )?type (\w+) specified in (\w+) definition|Error: Set definition does not specify key/,
    cause: 'The set does not say what its elements are, or names a type without a size, such as integer.',
    cure: 'Write `type ipv4_addr`, `type inet_service` and so on, or `typeof ip saddr`.',
  },
  {
    weight: 'cause',
    pattern: /Error: (?:[Ss]et is not a map|[Ii]nterval already exists)/,
    cause: 'The set was made of another kind than this line takes it for, or holds the element already.',
    cure: 'Look with `nft list set FAMILY TABLE NAME`; delete it and create it as it is used.',
  },
  {
    weight: 'cause',
    pattern: /Error: (?:Could not open|cannot open|failed to open) .*|Error: File not found: (.+)/,
    cause: 'nft cannot read a file: it does not exist, or not in the folders where `include` looks.',
    cure: 'Write the whole path.',
  },
  {
    weight: 'cause',
    pattern: /unsupported xtables compat expression|XT (?:match|target) \S+ not found|cannot be (?:parsed|loaded).*xt (?:match|target)/,
    cause:
      'The ruleset was printed by `nft list ruleset`, and iptables-nft made parts of it: nft shows them as `xt match …` or comments and cannot read them again.',
    cure: 'Save with `iptables-save` and translate that: `iptables-save | fwlint translate -`.',
    checks: ['compat-expression'],
  },
  {
    weight: 'cause',
    pattern: /Error: (?:Set member cannot be (?:range|prefix), missing interval flag|You must add 'flags interval')/,
    cause: 'A set without `flags interval` holds single addresses only, no ranges and networks.',
    cure: 'Add `flags interval` to the set.',
  },
  {
    weight: 'cause',
    pattern:
      /Error: [Ss]pecify [`‘']?(?:either )?(?:[ds]nat )?ip[’']? or [`‘']?(?:[ds]nat )?ip6[’']? (?:for address matching|in inet table)|Error: (?:ambiguous|must specify) .*address/,
    cause: 'In a table of the family inet nft has to be told which addresses are meant.',
    cure: 'Write `ip saddr` or `ip6 saddr`, `dnat ip to` or `dnat ip6 to`.',
  },
  {
    weight: 'cause',
    pattern: /Error: Value (\S+) exceeds (?:valid range|maximum value) (\S+)/,
    cause: '{1} does not fit into the field; it takes {2}.',
    cure: 'Correct the number.',
    checks: ['port-range'],
  },
  {
    weight: 'cause',
    pattern: /Error: Chain of type "?(\w+)"? is not supported/,
    cause:
      'The kernel has no chains of type {1} for this family or hook: its module (nft_chain_nat, nft_chain_route) is missing, or NAT in family inet needs Linux 5.2.',
    cure: 'Load the module, reboot after a kernel update, or use a table of family ip.',
  },
  {
    weight: 'cause',
    pattern: /syntax error, options must be specified before commands/,
    cause: 'An option of nft stands behind the command (`nft list ruleset -a`), which versions before 1.0.2 do not take.',
    cure: 'Write it first: `nft -a list ruleset`.',
  },
  {
    weight: 'cause',
    pattern: /Error: Could not process rule: (?:Message too long|No buffer space available|Cannot allocate memory)/,
    cause: 'The ruleset is too big for one message to the kernel: very large sets, or too many rules at once, or the limits of a container.',
    cure: 'Raise `net.core.wmem_max`, update nft, or load large sets in several steps.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Error: ${NO_SUCH_FILE}`),
    near: NFT_NEAR,
    cause: 'There is no table, chain or set of the name that the command uses, or it is in another family: without one nft means `ip`.',
    cure: 'Look with `nft list ruleset`, and write the family: `nft list table inet filter`. Create tables and chains before the rules in them.',
  },
  {
    weight: 'cause',
    pattern: /Error: Interface not found|[Ii]nterface "?(\S+?)"? does not exist/,
    near: NFT_NEAR,
    cause:
      '`iif` and `oif` look the interface up when the ruleset is loaded, and it is not there: at boot it may come later (VPN, bridge, USB, Wi-Fi), or the name is misspelt.',
    cure: 'Write `iifname` and `oifname`, which compare the name for each packet.',
  },
  {
    weight: 'cause',
    pattern:
      /Error: (?:Parsing (?:command array|expr array|list expression item) at index (\d+) failed|Unknown (?:object|statement object|expression type|constant|command).*|Invalid (?:JSON|\w+ property).*|Malformed JSON.*)/,
    near: /internal:\d|json|JSON|nftables/,
    cause:
      'A program gave nft rules as JSON, and nft does not know a part of them: the program is newer or older than this nft, or its JSON is wrong.',
    cure: 'Update nftables together with the program (firewalld, ansible); lines of nft near this one name the property.',
  },
  {
    weight: 'cause',
    pattern: /JSON support not compiled-in|JSON support is not available/i,
    cause: 'This nft was built without JSON, so `nft -j` and programs that use it (firewalld, ansible) cannot work with it.',
    cure: 'Install the nft of the distribution, or build it `--with-json`; OpenWrt: the package nftables-json.',
  },
  {
    weight: 'cause',
    pattern: /Error: (?:NAT is only supported for|NAT chains? .* not supported|The (\S+) family does not support this hook)/,
    cause:
      'The family of the table does not have this hook, or NAT: tables of the family inet have NAT since Linux 5.2 and nft 0.9.2; arp and netdev never.',
    cure: 'Put the chain into a table of the family ip (and one of ip6), or update nft and the kernel.',
  },
  {
    weight: 'cause',
    pattern: /Error: Could not process rule: No such device/,
    cause: 'An interface that a chain (hook ingress) or a flowtable names is not there when the ruleset is loaded.',
    cure: 'Create the interface first, or load the ruleset after it comes up; other hooks can use `iifname`.',
  },
  {
    weight: 'cause',
    pattern: /Error: (?:Not a directory|Failed to (?:open file|glob)|Include nested too deeply|Too long file path)(.*)/,
    cause: '`include` does not find its file or folder{1}, or files include each other in a circle.',
    cure: 'Write the whole path; a pattern (`"/etc/nftables.d/*.nft"`) needs a folder that exists, and may find nothing.',
  },
  {
    weight: 'cause',
    pattern:
      /Error: (?:(?:.* )?(?:name|prefix|[Cc]omment|[Ss]tring)(?: "[^"]*")? (?:is )?too long|String exceeds maximum length of (\d+)|Log prefix (?:is )?too long)/,
    cause: 'A name or text is longer than nft has room for: interfaces 15 bytes, log prefixes 127, comments 128.',
    cure: 'Shorten it.',
    checks: ['truncated-string'],
  },
  {
    weight: 'cause',
    pattern: /Error: (?:Service|Protocol|Port|Value|chain priority|.*priority.*) out of range/,
    near: NFT_NEAR,
    cause: 'A number is outside of what its field holds: ports end at 65535, protocols at 255; nat chains need a priority above -200.',
    cure: 'Correct the number.',
    checks: ['port-range'],
  },
  {
    weight: 'cause',
    pattern: /Error: Hostname resolves to multiple addresses/,
    cause: 'The name stands for several addresses, and nft takes one.',
    cure: 'Write the addresses as a set: `{ 192.0.2.1, 192.0.2.2 }`.',
    checks: ['hostname-in-rule'],
  },
  {
    weight: 'cause',
    pattern: /Error: Chain "?([^"\s]+)"? already exists|Error: .* already exists .*with different declaration/,
    cause: 'What is to be created is there already, in another form: a chain of another type, hook or priority.',
    cure: 'Delete it first (`delete chain …`, `delete table …`), then create it as it shall be.',
  },
  {
    weight: 'cause',
    pattern: /netlink receive: (?:operation not permitted|permission denied)/,
    cause: 'A program that speaks to nf_tables itself is not root and lacks CAP_NET_ADMIN.',
    cure: 'Run it as root; give a container `--cap-add NET_ADMIN` (and the network of the host, if it is to guard that).',
  },
  {
    weight: 'symptom',
    pattern: /(?:conn\.Receive: )?netlink receive: (.+?)["']?$/,
    cause:
      'A program that speaks to nf_tables itself was refused by the kernel: {1}. "no such file or directory" is a table, chain or set that is gone (somebody flushed the ruleset), or a module that is missing; "file exists" is one that is there already.',
    cure: 'Look with `nft list ruleset`; restart the program after the firewall was loaded.',
  },
  {
    weight: 'echo',
    pattern: /rendered ruleset contains errors/,
    cause: 'fw4 of OpenWrt made a ruleset that nft refused, and left the old one in place. The line of nft above this one says why.',
    cure: '`fw4 print` shows the ruleset with its line numbers; look for own files in /usr/share/nftables.d and /etc/nftables.d.',
  },
  {
    weight: 'cause',
    pattern: /Error: (Set|Map|Chain|Table|Flowtable|Object) ['`"]?([^'"\s]+)['"]? does not exist/i,
    near: NFT_NEAR,
    cause: 'There is no {1} `{2}` in the table of the rule: it was not created before, is in another table or family, or is misspelt.',
    cure: 'Create it in the same table, before the rules that name it.',
  },
  {
    weight: 'cause',
    pattern: /Error: No symbol type information/,
    cause: 'A word stands where nft knows only numbers, as behind a raw payload, `meta mark` without names, or in a set of an unfit type.',
    cure: 'Write the number, or put a variable as `$NAME` with its `define` above.',
  },
  {
    weight: 'symptom',
    pattern: /Error: Could not process rule: (.+)/,
    cause: 'The kernel refused the marked part: {1}. Often it is older than what nft asks for, or a module (nft_…) is missing.',
    cure: 'Reboot after a kernel update; `modprobe` the module; leave parts out until it loads.',
  },
  {
    weight: 'symptom',
    pattern: /\bError: (?!COMMAND_FAILED|INVALID|ALREADY|Failed |Could not (?:evaluate|prefetch)|\/Stage)(.+)/,
    near: NFT_NEAR,
    cause: 'nft refused the marked place: {1}.',
    cure: 'Look up the marked expression in `man nft`; `nft -c -f FILE` checks a file without loading it.',
  },
];
