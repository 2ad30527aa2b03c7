/**
 * What iptables and ip6tables say before they ask the kernel, and what they make of its answer.
 * (measured with iptables 1.8.9, legacy and nft; older wordings from the sources of their time)
 */

import type { ErrorEntry } from './define.js';

/** Programs of all kinds say these words; somewhere in the text it has to be told that it is about a firewall. */
const NEAR_FIREWALL = /tables|\bnft\b|netfilter|firewall|ipset|(?:RULE|CHAIN|TABLE|SET)_[A-Z]+ failed/i;

/** A stray word. What it looks like tells how it came to be there. */
const BAD_ARGUMENT: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /Bad argument `(\*(?:filter|nat|mangle|raw|security))'/,
    cause:
      'A table begins (`{1}`) while the one above it goes on: its line `COMMIT` is missing, so iptables-restore takes the line for a part of a rule.',
    cure: 'End each table with a line `COMMIT`; in a file of ufw put new rules before the `COMMIT` that is there, or a whole table behind it.',
    checks: ['restore-structure'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `((?:eth|en[opsx]\d|wlan|wl[opsx]\d|br-|br\d|docker\d|tun\d|tap\d|wg\d|ppp\d|venet|veth|bond|virbr|vmbr)[^']*)'/,
    cause: 'The interface `{1}` stands where nothing asked for one: the `-i` or `-o` before it is missing.',
    cure: 'Write `-o {1}` (POSTROUTING, OUTPUT) or `-i {1}` (PREROUTING, INPUT).',
    checks: ['parse-error'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `([‐-―−﹣-][^']*)'/,
    cause:
      '`{1}` begins with a dash that is not the ASCII hyphen: a web page or word processor changed it. To iptables it is a plain word, which nothing asked for. The other dashes of the command are wrong as well; iptables only names the first.',
    cure: 'Write `-` and `--` again, or let `fwlint --fix` do it.',
    checks: ['unicode-dash'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `((?:\/\S*\/)?ip6?tables[^']*)'/,
    cause: 'A second command begins in the middle of the first: a line break was lost. Neither was carried out.',
    cure: 'Put each command on a line of its own. In a file for iptables-restore, begin the lines with `-A`, not with `iptables`.',
    checks: ['two-commands-one-line', 'restore-shell-syntax'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `( [^']*)'/,
    cause:
      'The word begins with a blank: a backslash stands before that blank and makes it part of the word. The backslash was to continue the line, but something follows it: a blank, a comment, or the rest of joined lines.',
    cure: 'A backslash continues the line only as its very last character. Delete what follows it, or the backslash.',
    checks: ['collapsed-continuation', 'space-after-backslash', 'comment-after-backslash'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `\\(?:n)?'|Bad argument `\\$/,
    cause: 'A line of the dump ends with a backslash. iptables-restore is no shell and does not continue lines.',
    cure: 'Write the rule in one line.',
    checks: ['restore-shell-syntax'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `(#[^']*)'/,
    cause: 'A comment stands behind the rule. iptables-restore knows comments only on lines of their own.',
    cure: 'Put the comment on a line before the rule.',
    checks: ['restore-shell-syntax'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `(!-[^']*)'/,
    cause: 'There is no blank between `!` and the option. `!` is a word of its own.',
    cure: 'Put a blank behind the `!`.',
    checks: ['bang-without-space'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `(["”“’‘«„″][^']*|[^']*["”“’‘»″]|[^']+')'/,
    cause:
      'A quoted text was cut at its blanks, so that a word of it arrived alone: the quotes are typographic ones, or single ones in a file for iptables-restore, which knows only `"`.',
    cure: 'Write the text in plain double quotes.',
    checks: ['smart-quote', 'restore-shell-syntax'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `(\d{1,5})'/,
    cause:
      'A number stands where nothing asked for one. It is a port behind an option with a single dash (`-dport 22` is read as `-d port`), a port behind a variable that became two words, or a rule number behind `-A`, which takes none.',
    cure: 'Write `--dport` with two dashes; for several ports use `-m multiport --dports 80,443`; use `-I CHAIN NUMBER` to insert at a place.',
    checks: ['single-dash-long-option', 'rule-number', 'list-with-space', 'parse-error'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `((?:\d+\.){3}\d+[^']*|[0-9a-fA-F:]*::[^']*)'/,
    cause:
      'An address stands where nothing asked for one: behind a `!` that stands after its option (`-s ! ADDRESS`, which iptables took until 1.4.2), or behind a comma and a blank.',
    cure: 'Write `! -s ADDRESS`; write lists without blanks.',
    checks: ['intrapositioned-negation', 'list-with-space'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `(ACCEPT|DROP|REJECT|tcp|udp|icmp|INPUT)'/,
    cause:
      'The option before `{1}` was taken for the argument of the one before that, which has none: in `-s -j ACCEPT` the address is `-j`. Often a variable was empty (`-s $LAN`), or an address was removed from the text.',
    cure: 'Give the option its argument. In scripts quote variables and stop at empty ones: `"${LAN:?}"`.',
    checks: ['missing-argument', 'unset-or-unquoted-variable', 'missing-command'],
  },
  {
    weight: 'cause',
    pattern: /Bad argument `([^']*)'?/,
    cause:
      'Nothing in the command asks for the word `{1}`: the option before it is missing or takes no argument, a text with blanks is not quoted, or words of the page were copied along.',
    cure: 'Take the word out, quote the text it belongs to, or write the option before it.',
    checks: ['parse-error', 'prose-after-rule', 'intrapositioned-negation', 'missing-argument', 'list-with-space'],
  },
];

const UNKNOWN_OPTION: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /[Uu]nknown arg [`"]\(null\)['"]/,
    cause:
      'An old iptables that does not know an option of the command, and has lost its name: mostly `--dport` or `--to-ports` without `-p tcp` before it, or an option of a module that this version has not.',
    cure: "Write `-p tcp` or `-p udp` and the `-m` or `-j` before the option; `fwlint - <<< 'iptables …'` names the option.",
    checks: ['ports-without-protocol', 'unknown-option'],
  },
  {
    weight: 'cause',
    pattern: /tables-restore\S*: (?:unrecognized|invalid) option (?:-- )?'?(?:--wait\S*|-?w|-?W)'/,
    cause: 'This iptables-restore is older than 1.6.2 and does not know `--wait`, which waits for the lock.',
    cure: 'Update iptables, or take the option out.',
  },
  {
    weight: 'cause',
    pattern: /[Uu]nknown (?:option|arg) ["`](-\S+?)[\s\u00a0]+([^"']+)["']/,
    cause:
      'The words `{1}` and `{2}` arrived as one: the blank between them is a non-breaking one of a web page, or quotes stand around both (`"$OPTIONS"`).',
    cure: 'Write a plain blank, and put several options into a shell array; `fwlint --fix` mends the blanks.',
    checks: ['unicode-space', 'quoted-option-bundle'],
  },
  {
    weight: 'cause',
    pattern: /[Uu]nknown (?:option|arg) ["`]--random-fully["']/,
    cause: 'This iptables is older than 1.6.2 and does not know `--random-fully`; or it stands before the `-j` that brings it.',
    cure: 'Update iptables, or take the option out (kube-proxy and CNI plugins leave it out when they find an old iptables).',
    checks: ['option-before-module', 'unknown-option'],
  },
  {
    weight: 'cause',
    pattern: /option [`"]--?w(?:ait)?['"] requires an argument|[Uu]nknown (?:option|arg) ["`]--?w(?:ait)?["']/,
    cause: 'This iptables is older than 1.4.20 and does not know `-w`, which waits for the lock.',
    cure: 'Update iptables, or take `-w` out (for fail2ban: `lockingopt =` in action.d/iptables-common.local).',
  },
  {
    weight: 'cause',
    pattern: /[Uu]nknown (?:option|arg) ["`](ip6?tables[^"']*|INPUT|FORWARD|OUTPUT)["']/,
    cause:
      'iptables names a word that is none of its options, because it lost count: a long option is written with a single dash (`-append`), or a short one with `=`.',
    cure: 'Write long options with two dashes.',
    checks: ['single-dash-long-option'],
  },
  {
    weight: 'cause',
    pattern: /[Uu]nknown (?:option|arg) ["`](--?(?:[sd]ports?|source-ports?|destination-ports?|ports|syn|tcp-flags|icmp-type|icmpv6-type))["']/,
    cause:
      '`{1}` exists only behind the `-p` that brings it. The `-p` is missing, stands further right, or names a protocol that has no such option. (`--dports` and `--ports` come with `-m multiport`.)',
    cure: 'Write `-p tcp`, `-p udp` or `-p icmp` before the option; `-p ipv6-icmp` and `--icmpv6-type` in ip6tables.',
    checks: ['ports-without-protocol', 'option-before-module', 'missing-match-module', 'protocol-mismatch', 'family-mismatch'],
  },
  {
    weight: 'cause',
    pattern:
      /[Uu]nknown (?:option|arg) ["`](--?(?:log-\S*|reject-with|to-\S*|set-\S*mark|(?:and|or|xor|save|restore)-mark|random(?:-fully)?|helper|ttl-\S+|hl-\S+|on-port|queue-num|clamp-mss-to-pmtu|to))["']/,
    cause:
      '`{1}` belongs to a target and exists only behind the `-j` that names it: LOG, REJECT, DNAT, SNAT, MARK and so on. The `-j` is missing, stands further right, or names another target. If it is right, the library of the target is not installed (OpenWrt keeps them in packages of their own).',
    cure: 'Write the `-j` first, and the option behind it; on OpenWrt install iptables-mod-tproxy, iptables-mod-conntrack-extra or the one that has the target.',
    checks: ['option-before-module', 'unknown-option'],
  },
  {
    weight: 'cause',
    pattern:
      /[Uu]nknown (?:option|arg) ["`](--(?:state|ctstate|limit|limit-burst|src-range|dst-range|mac-source|mark|comment|hitcount|seconds|update|rcheck|set|name|connlimit-\S*|hashlimit-\S*|length|uid-owner|match-set))["']/,
    cause:
      '`{1}` belongs to a match and exists only behind the `-m` that loads it. The `-m` is missing or stands further right, or another match was loaded (`--state` belongs to `-m state`, `--ctstate` to `-m conntrack`).',
    cure: 'Write `-m NAME` before the option.',
    checks: ['missing-match-module', 'option-before-module', 'unknown-option'],
  },
  {
    weight: 'cause',
    pattern: /[Uu]nknown (?:option|arg) ["`]([^"']*)["']/,
    cause:
      'Neither iptables nor any module that the command had loaded up to there knows the option `{1}`. Options of a module exist only behind its `-p`, `-m` or `-j`; some were taken out long ago (`--pid-owner`, `--days`).',
    cure: 'Check the spelling, and write the option behind the `-p`, `-m` or `-j` that brings it.',
    checks: ['unknown-option', 'option-before-module', 'missing-match-module', 'ports-without-protocol'],
  },
];

const PROTOCOLS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /unknown protocol [`"]([\u2010-\u2015\u2212][^"']*)["'] specified/,
    cause:
      '`-p` has no protocol: the next word is the option `{1}`, whose dash is not the ASCII hyphen. A web page or word processor changed it, and the other dashes of the command with it.',
    cure: 'Write the protocol behind `-p`, and `-` and `--` again; `fwlint --fix` does the dashes.',
    checks: ['unicode-dash', 'missing-argument'],
  },
  {
    weight: 'cause',
    pattern: /unknown protocol [`"]([^"']*[,/][^"']*)["'] specified/,
    cause: '`-p` takes one protocol, not a list.',
    cure: 'Write one rule for each protocol.',
    checks: ['protocol-list'],
  },
  {
    weight: 'cause',
    pattern: /unknown protocol [`"](![^"']*)["'] specified/,
    cause: '`!` stands behind `-p`. iptables took that until 1.4.2; now `!` belongs before the option.',
    cure: 'Write `! -p tcp`.',
    checks: ['intrapositioned-negation'],
  },
  {
    weight: 'cause',
    pattern: /unknown protocol [`"](-p\s*(?:tcp|udp|icmp)|\s*\u00a0[^"']*|-[^"']+)["'] specified/,
    cause:
      'Option and protocol arrived as a single word. Either a no-break space stands between them, which looks like a blank and separates nothing; or a variable with several words was quoted (`"$OPTIONS"`); or they are written without a blank (`-ptcp`), which iptables 1.8.8 and 1.8.9 do not understand.',
    cure: 'Put a plain blank between `-p` and the protocol; put several words into a shell array.',
    checks: ['unicode-space', 'glued-argument'],
  },
  {
    weight: 'cause',
    pattern: /unknown protocol [`"]([^"']*)["'] specified/,
    cause: '`{1}` is neither a protocol that iptables knows, nor in /etc/protocols, nor a number from 0 to 255.',
    cure: 'Correct the name, or write the number.',
    checks: ['unknown-protocol'],
  },
  {
    weight: 'cause',
    pattern: /rule would never match protocol/,
    cause: '`! -p all` excludes every protocol.',
    cure: 'Name the protocol that is to be excluded.',
    checks: ['excluded-option'],
  },
];

const ADDRESSES: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /host\/network `' not found/,
    cause: 'The address is empty: a variable had no value.',
    cure: 'Set the variable; let the script stop at empty ones: `"${LAN:?}"`.',
    checks: ['unset-or-unquoted-variable', 'missing-argument'],
  },
  {
    weight: 'cause',
    pattern: /host\/network `(\$[^']*)' not found/,
    cause: '`{1}` is a shell variable in a file for iptables-restore, which replaces none.',
    cure: 'Write the value, or make the file with a script.',
    checks: ['restore-shell-syntax'],
  },
  {
    weight: 'cause',
    pattern: /host\/network `(-s[^'.]*|-d[a-z][^'.]*)' not found/,
    cause: 'A long option is written with a single dash: iptables reads `-syn` as `-s yn`, `-dport` as `-d port`.',
    cure: 'Write two dashes.',
    checks: ['single-dash-long-option'],
  },
  {
    weight: 'cause',
    pattern: /host\/network `(-\S*[=.]\S*)' not found/,
    cause: 'iptables 1.8.8 and 1.8.9 do not take the address out of a word such as `{1}`.',
    cure: 'Put a blank between option and address.',
    checks: ['glued-argument'],
  },
  {
    weight: 'cause',
    pattern: /host\/network `([\d.]+-[\d.]+)' not found/,
    cause: '`-s` and `-d` take addresses and networks, no ranges.',
    cure: 'Write `-m iprange --src-range {1}`, or `--dst-range`.',
    checks: ['dash-range'],
  },
  {
    weight: 'cause',
    pattern: /host\/network `([0-9a-fA-F]*:[0-9a-fA-F:./]*)' not found/,
    cause: '`{1}` is an IPv6 address, and iptables handles IPv4 only.',
    cure: 'Put the rule into ip6tables.',
    checks: ['family-mismatch'],
  },
  {
    weight: 'cause',
    pattern: /ip6tables.*host\/network `(\d+(?:\.\d+){3})' not found/,
    cause: '`{1}` is an IPv4 address, and ip6tables handles IPv6 only.',
    cure: 'Put the rule into iptables.',
    checks: ['family-mismatch'],
  },
  {
    weight: 'cause',
    pattern: /host\/network `(![^']*)' not found/,
    cause: '`!` belongs before the option, as a word of its own.',
    cure: 'Write `! -s ADDRESS`.',
    checks: ['intrapositioned-negation'],
  },
  {
    weight: 'cause',
    pattern: /host\/network `([\d.]+)' not found/,
    cause: '`{1}` is no IPv4 address: a part is above 255, or there are too many parts. In ip6tables an IPv4 address gets the same answer.',
    cure: 'Correct the address.',
    checks: ['invalid-address-or-mask', 'family-mismatch'],
  },
  {
    weight: 'cause',
    pattern: /host\/network `([^']*)' not found/,
    cause:
      '`{1}` is no address, so iptables asked the name server for a host of that name, and got none. At boot the name server may not be there yet; a placeholder or a typing error looks the same.',
    cure: 'Write the address. iptables resolves a name only once, when the rule is loaded.',
    checks: ['hostname-in-rule', 'placeholder', 'invalid-address-or-mask'],
  },
  {
    weight: 'cause',
    pattern: /invalid mask `([^']*)' specified/,
    cause: '`{1}` is no mask: a prefix length is at most 32 (128 in ip6tables), a dotted mask has four numbers of at most 255.',
    cure: 'Correct what stands behind the slash.',
    checks: ['invalid-address-or-mask'],
  },
  {
    weight: 'cause',
    pattern: /! not allowed with multiple source or destination/,
    cause: 'iptables makes one rule for each address of a list. Negated, each of them would match nearly everything, so it refuses.',
    cure: 'Let the addresses RETURN or ACCEPT in rules above, or put them into an ipset and write `! --match-set`.',
    checks: ['negation-not-allowed'],
  },
  {
    weight: 'cause',
    pattern: /Bad IP address "([^"]*)"/,
    cause: '`{1}` is no address for NAT: a NAT target takes an address of its own family, no host name, and a range of ports with `-`, not `:`.',
    cure: 'Write ADDRESS, ADDRESS:PORT or ADDRESS:PORT-PORT; in ip6tables [ADDRESS]:PORT.',
    checks: ['invalid-address-or-mask', 'family-mismatch', 'dnat-ipv6-brackets'],
  },
  {
    weight: 'cause',
    pattern: /getaddrinfo: (Address family for hostname not supported|Name or service not known|Temporary failure in name resolution)/,
    near: NEAR_FIREWALL,
    cause:
      'iptables took an argument for a host name, and the resolver had no answer of the right family: the address is misspelt, belongs to the other family, or the name server cannot be reached.',
    cure: 'Write an address of the right family.',
    checks: ['family-mismatch', 'hostname-in-rule'],
  },
];

const PORTS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /invalid port\/service `(-[^']*)' specified/,
    cause: 'The port is missing, and the next option was taken for it: a variable was empty or not set (`--dport $port`).',
    cure: 'Set the variable; quote it and let the script stop when it is empty: `"${port:?}"`.',
    checks: ['unset-or-unquoted-variable', 'missing-argument'],
  },
  {
    weight: 'cause',
    pattern: /invalid port\/service `' specified/,
    cause: 'A port is empty: there is a blank behind the comma of a list, a comma too many, or a variable without value.',
    cure: 'Write the list without blanks: `--dports 80,443`.',
    checks: ['list-with-space', 'unset-or-unquoted-variable'],
  },
  {
    weight: 'cause',
    pattern: /invalid port\/service `(![^']*)' specified/,
    cause: '`!` stands behind the option. It belongs before it.',
    cure: 'Write `! --dport 22`.',
    checks: ['intrapositioned-negation'],
  },
  {
    weight: 'cause',
    pattern: /invalid port\/service `([^',]*,[^']*)' specified/,
    cause: '`--dport` and `--sport` take one port or one range, no list.',
    cure: 'Write `-m multiport --dports {1}`.',
    checks: ['ports-need-multiport'],
  },
  {
    weight: 'cause',
    pattern: /invalid port\/service `(\d+-\d+)' specified/,
    cause: 'A range of ports to match is written with a colon.',
    cure: 'Write the two ports with `:` between them.',
    checks: ['dash-range'],
  },
  {
    weight: 'cause',
    pattern: /invalid port\/service `([^']*[^\u0020-\u007e'][^']*)' specified/,
    cause: 'There is a character in the port that cannot be seen, such as a zero-width space. It came along when the text was copied.',
    cure: 'Delete it, or let `fwlint --fix` do it.',
    checks: ['invisible-character'],
  },
  {
    weight: 'cause',
    pattern: /invalid port\/service `([^']*)' specified/,
    cause:
      '`{1}` is no port from 0 to 65535 and no service that /etc/services knows for this protocol. (If it looks right, it holds an invisible character.)',
    cure: 'Write the number of the port.',
    checks: ['port-range', 'unresolved-name', 'placeholder', 'invisible-character'],
  },
  {
    weight: 'cause',
    pattern: /invalid portrange \(min > max\)/,
    cause: 'A range of ports ends before it begins.',
    cure: 'Write the smaller port first.',
    checks: ['port-range'],
  },
  {
    weight: 'cause',
    pattern: /too many ports specified/,
    cause: 'A multiport match has room for 15 ports, and a range takes two places.',
    cure: 'Split the list over two rules.',
    checks: ['multiport-limit'],
  },
  {
    weight: 'cause',
    pattern: /multiport needs `?-p tcp'|multiport only works with TCP/,
    cause: 'Ports need a protocol that has ports, and multiport wants it to its left.',
    cure: 'Write `-p tcp` or `-p udp` before `-m multiport`.',
    checks: ['ports-without-protocol', 'option-before-module'],
  },
  {
    weight: 'cause',
    pattern: /[Nn]eed TCP, UDP, SCTP or DCCP with port specification/,
    cause: 'A NAT target was given a port, and the rule names no protocol that has ports.',
    cure: 'Write `-p tcp` or `-p udp` before the target.',
    checks: ['nat-port-without-protocol'],
  },
  {
    weight: 'cause',
    pattern: /(TCP|UDP|SCTP|DCCP) match requires '-p (\w+)'/i,
    cause: 'The match needs `-p {2}` in the same rule, not negated.',
    cure: 'Write `-p {2}`, or take the match out.',
    checks: ['protocol-mismatch', 'ports-without-protocol'],
  },
];

const SYNTAX: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /no command specified/,
    cause: 'The command has no -A, -I, -D or other operation, so iptables does not know what to do with the rule.',
    cure: 'Say which chain the rule goes to: `-A INPUT`.',
    checks: ['missing-command'],
  },
  {
    weight: 'cause',
    pattern: /Cannot use -(\w) with -(\w)/,
    cause: 'The command has two operations, -{1} and -{2}. iptables does one thing a command.',
    cure: 'Write one command for each. If both are rules, a line break was lost.',
    checks: ['multiple-commands', 'two-commands-one-line'],
  },
  {
    weight: 'cause',
    pattern: /Illegal option `?(-?-?[\w-]+)'? with this command/,
    cause: '`{1}` does not go with the operation: -n and --line-numbers (shown as -0) only with -L, matches and targets only with rules.',
    cure: 'Take the option out.',
    checks: ['misplaced-option'],
  },
  {
    weight: 'cause',
    pattern: /multiple (-\w) flags not allowed|Only one `(--?[\w-]+)' allowed|option "([^"]+)" can only be used once/,
    cause: 'An option that counts once is given twice.',
    cure: 'Write one rule for each value, or a list where the option takes one.',
    checks: ['repeated-option'],
  },
  {
    weight: 'cause',
    pattern: /multiple consecutive ! not allowed|Multiple `!' flags not allowed/,
    cause: 'There are two `!` before one option.',
    cure: 'Write one of them, or none.',
    checks: ['negation-not-allowed'],
  },
  {
    weight: 'cause',
    pattern: /option "(--?[\w-]+)" cannot be inverted|cannot have ! before (\S+)|unexpected ! flag before --match/,
    cause:
      'What stands behind the `!` cannot be negated. For a match, `!` goes before its option, not before `-m`; a rate such as `--limit` cannot be negated at all.',
    cure: 'Turn the rules round: let pass what is to pass, and catch the rest in the next rule. For "above a rate" use `-m hashlimit --hashlimit-above`.',
    checks: ['negation-not-allowed'],
  },
  {
    weight: 'cause',
    pattern: /[Uu]sing intrapositioned negation/,
    cause: 'iptables 1.4.3 and later warn of `--option ! value`; newer ones refuse it.',
    cure: 'Write `! --option value`.',
    checks: ['intrapositioned-negation'],
  },
  {
    weight: 'cause',
    pattern:
      /option [`"]?(--?[\w-]+)["']? requires an argument|option requires an argument -- '?\w'?|([\w-]+) requires (?:a chain and a policy|a rule number|old-chain-name and new-chain-name|packet and byte counter)/,
    cause: 'The command ends, or goes on with another option, before the option has its argument.',
    cure: 'Give the option what it asks for. If a variable stands there, it was empty.',
    checks: ['missing-argument', 'unset-or-unquoted-variable', 'rule-number'],
  },
  {
    weight: 'cause',
    pattern: /--(tcp-flags|match-set) requires two args/,
    cause: '`--{1}` takes two arguments with a blank between them, such as `--tcp-flags SYN,ACK SYN` or `--match-set NAME src`.',
    cure: 'Give both.',
    checks: ['missing-argument', 'list-with-space'],
  },
  {
    weight: 'cause',
    pattern: /option "(--?[\w-]+)" must be specified|(--?[\w-]+) must be specified when using/,
    cause: 'The match or target does nothing without `{1}{2}`, and that is missing.',
    cure: 'Add `{1}{2}` with its value; `iptables -m NAME -h` and `iptables -j NAME -h` show which.',
    checks: ['missing-required-option', 'recent-bad-combination'],
  },
  {
    weight: 'cause',
    pattern: /no ports specified|multiport expection an option/,
    cause: '`-m multiport` has no ports to match.',
    cure: 'Write `-p tcp -m multiport --dports 80,443`.',
    checks: ['missing-required-option'],
  },
  {
    weight: 'cause',
    pattern: /Multiple --to-(?:source|destination) not supported/,
    cause: 'A rule can have one `--to-source` or `--to-destination` only (since Linux 2.6.11); a range of addresses is one.',
    cure: 'Write a range, `192.0.2.1-192.0.2.4`, or several rules with `-m statistic`.',
    checks: ['repeated-option'],
  },
  {
    weight: 'cause',
    pattern: /This is the (IPv4|IPv6) version of (ip6?tables)/,
    cause: '`-6` was given to iptables or `-4` to ip6tables: {2} handles {1} only.',
    cure: 'Call the program of the family that is meant, without `-4` and `-6`.',
    checks: ['family-mismatch'],
  },
  {
    weight: 'cause',
    pattern: /At least one option is required|[Yy]ou (?:must|have to) specify|[Mm]ust specify/,
    cause: 'A match or target lacks the option that tells it what to do.',
    cure: 'Add the option; `iptables -m NAME -h` and `iptables -j NAME -h` list them.',
    checks: ['missing-required-option', 'recent-bad-combination'],
  },
  {
    weight: 'cause',
    pattern: /option "(--?[\w-]+)" cannot be used together with "(--?[\w-]+)"/,
    cause: '`{1}` and `{2}` exclude each other.',
    cure: 'Use the match twice, or write two rules.',
    checks: ['excluded-option', 'recent-bad-combination'],
  },
  {
    weight: 'cause',
    pattern: /option "(--?[\w-]+)" also requires "(--?[\w-]+)"/,
    cause: '`{1}` means nothing without `{2}`.',
    cure: 'Add `{2}`, or take `{1}` out.',
    checks: ['missing-required-option', 'recent-bad-combination', 'reap-useless'],
  },
  {
    weight: 'cause',
    pattern: /bad value for option "(--?[\w-]+)", or out of range$/,
    cause: 'What stands behind `{1}` is not of the form that the option takes, or too big for it.',
    cure: "Look up the option in `man iptables-extensions`, or check the command: `fwlint - <<< 'iptables …'`.",
    checks: ['invalid-value', 'placeholder'],
  },
  {
    weight: 'cause',
    pattern: /bad value for option "(--?[\w-]+)"(?: near "([^"]*)")?, or out of range \(([^)]*)\)/,
    cause: 'What stands behind `{1}` is no number, or not one of {3}. A placeholder such as `N` that was not replaced gets the same answer.',
    cure: 'Give a number of that range.',
    checks: ['invalid-value', 'placeholder', 'rate-out-of-range'],
  },
  {
    weight: 'cause',
    pattern: /Bad value for "(--(?:hash)?limit(?:-upto|-above)?)" option: "([^"]*)"/,
    cause: '`{2}` is no rate: it is a number and a unit, s, m, h or d, written out or not.',
    cure: 'Write it like `{1} 3/minute`; for bytes `--hashlimit-above 512kb/s`.',
    checks: ['rate-out-of-range', 'invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /Bad value for "(--?[\w-]+)" option: "([^"]*)"|trailing garbage after value for option "(--?[\w-]+)"|doesn't allow an argument/,
    cause: 'The option does not take the value it was given.',
    cure: 'Look up what it takes: `iptables -m NAME -h`, or `man iptables-extensions`.',
    checks: ['invalid-value', 'placeholder'],
  },
  {
    weight: 'cause',
    pattern: /Argument must have a minimum length of 1|Newlines not allowed in (--[\w-]+)/,
    cause: 'A text is empty or has a line break in it.',
    cure: 'Give a text in one line.',
    checks: ['invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /-c packet counter not numeric|-c byte counter not numeric/,
    cause: '`-c` takes two numbers. Mostly it was not meant at all: `-connlimit-above`, with a single dash, is read as `-c`.',
    cure: 'Write long options with two dashes.',
    checks: ['single-dash-long-option', 'invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /--wait-interval only makes sense with --wait|Ignoring deprecated --wait-interval/,
    cause: '`-W` says how often to look while waiting for the lock, and is not looked at any more since iptables 1.8.8.',
    cure: 'Use `-w SECONDS` alone.',
  },
];

const NAMES: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern:
      /Couldn't load target `(accept|drop|reject|log|masquerade|return|dnat|snat|redirect|mark)'|Chain '(accept|drop|reject|log|masquerade|return|dnat|snat|redirect|mark)' does not exist/,
    cause: 'Targets are written in capitals.',
    cure: 'Write the name in capitals.',
    checks: ['wrong-letter-case'],
  },
  {
    weight: 'cause',
    pattern:
      /Couldn't load target `((?:ACCEPT|DROP|REJECT|LOG|RETURN)[A-Z]?[a-z]+)'|Chain '((?:ACCEPT|DROP|REJECT|LOG|RETURN)[A-Z]?[a-z]+)' does not exist/,
    cause: 'The text of the page is glued to the target.',
    cure: 'Cut it off.',
    checks: ['prose-after-rule'],
  },
  {
    weight: 'cause',
    pattern: /Couldn't load target `(-[^']*)'|Chain '(-[^']*)' does not exist/,
    cause: 'iptables 1.8.8 and 1.8.9 do not understand a target in the same word as its option.',
    cure: 'Write `-j TARGET` with a blank.',
    checks: ['glued-argument'],
  },
  {
    weight: 'cause',
    pattern:
      /(?:Couldn't (?:load|find)|[Cc]an't find library for) (?:match|target) `(limit|conntrack|state|multiport|recent|hl|ttl|comment|tcp|udp|icmp6?|mark|addrtype|mac|owner|set|hashlimit|connlimit|iprange|length|string|socket|rpfilter|time|owner|statistic|physdev|pkttype|policy|connmark|connbytes|cgroup|dscp|ecn|esp|ah|helper|realm|sctp|tos|u32|bpf|quota|cluster|cpu|dccp|devgroup|ipvs|osf|nfacct|tcpmss|CONNMARK|CLASSIFY|NFQUEUE|NFLOG|TEE|TTL|HL|TOS|DSCP|NETMAP|NOTRACK|SET|AUDIT|CHECKSUM|IDLETIMER|SECMARK|CONNSECMARK|SYNPROXY|TCPOPTSTRIP|TRACE|HMARK|LOG|REJECT|DNAT|SNAT|MASQUERADE|REDIRECT|MARK|CT|TCPMSS|TPROXY)'/,
    cause:
      '`{1}` is part of iptables, and its library libxt_{1}.so (or libipt_{1}.so) was not found: iptables is older than it or installed only in part, runs with the libraries of another version or architecture, or the system keeps extensions in packages of their own (OpenWrt: iptables-mod-…).',
    cure: 'Install the whole package again; look into /usr/lib/xtables and its like; on OpenWrt install iptables-mod-… and kmod-ipt-….',
  },
  {
    weight: 'cause',
    pattern: /(?:Couldn't (?:load|find)|[Cc]an't find library for) target `([^']*)'/,
    cause:
      'There is neither a chain `{1}` in this table nor a target of that name. A chain must be created with `-N {1}` before a rule jumps to it; targets of xtables-addons (TARPIT, CHAOS) and of old kernels (MIRROR, ULOG) may not be installed.',
    cure: 'Create the chain first, in the same table (`iptables -t TABLE -N {1}`), or correct the name.',
    checks: ['unknown-target-or-chain', 'wrong-letter-case', 'prose-after-rule'],
  },
  {
    weight: 'cause',
    pattern: /Chain '([^']*)' does not exist|goto '([^']*)' is not a chain/,
    cause:
      'There is no chain of that name in this table, and no target either. A chain must be created with `-N` before a rule refers to it; `-g` takes chains only.',
    cure: 'Create the chain first, in the same table, or correct the name.',
    checks: ['unknown-target-or-chain', 'wrong-letter-case', 'prose-after-rule'],
  },
  {
    weight: 'cause',
    pattern: /Couldn't load (?:match|target) `([^']*[^\s'])[\s\u00a0]+([\u2010-\u2015\u2212-][^']*)'/,
    cause: 'The words `{1}` and `{2}` arrived as one: the blank between them is a non-breaking one of a web page, or quotes stand around both.',
    cure: 'Write a plain blank, and no quotes around several options.',
    checks: ['unicode-space', 'quoted-option-bundle'],
  },
  {
    weight: 'cause',
    pattern: /Couldn't load (?:match|target) `([^'\s]*)\s*$/,
    cause: 'The name `{1}` has a line end at its end: a carriage return of Windows, or a variable whose value ends with a line break.',
    cure: 'Save the file with Unix line ends: `fwlint --fix`.',
    checks: ['carriage-return'],
  },
  {
    weight: 'cause',
    pattern: /(?:Couldn't load match `|Invalid match name ")( [^'"]*)['"]/,
    cause: 'A variable that holds several words was quoted, so that all of them arrived as the name of a match.',
    cure: 'Put the words into a shell array: `LIMIT=(-m limit --limit 3/s)`, then `"${LIMIT[@]}"`.',
    checks: ['unknown-match', 'unset-or-unquoted-variable'],
  },
  {
    weight: 'cause',
    pattern: /(?:Couldn't (?:load|find)|[Cc]an't find library for) match `([^']*)'/,
    cause:
      'There is no match `{1}` among the installed modules of iptables. It is misspelt, or comes with xtables-addons (geoip, psd, ipp2p) or from an old kernel (unclean).',
    cure: 'Correct the name, or install the package that has the module.',
    checks: ['unknown-match'],
  },
  {
    weight: 'cause',
    pattern: /Invalid target name `/,
    cause:
      'The target has a character that cannot be part of it, most often a carriage return: the file has the line ends of Windows, and the message is broken where the cursor jumped back.',
    cure: "Save the file with Unix line ends: `fwlint --fix`, or `sed -i 's/\\r$//'`.",
    checks: ['carriage-return'],
  },
  {
    weight: 'cause',
    pattern: /Warning: Extension (\S+) (?:revision \d+|is) not supported, missing kernel module/,
    cause:
      'The kernel has no module for {1}. It was taken out of Linux (ULOG, CLUSTERIP), is not built for this kernel, or cannot be loaded inside of a container.',
    cure: 'Try `modprobe ipt_{1}` on the host (ip6t_{1} for ip6tables; these names find the module, whatever its file is called); otherwise use what took its place: NFLOG for ULOG.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'cause',
    pattern: /can't open lock file (\S+): (?:Read-only file system|No such file or directory|Is a directory)/,
    cause:
      'iptables-legacy takes a lock, the file {1}, and cannot make it: its folder is missing or lies on a file system that is read-only, as in containers, early at boot and in systemd units with ProtectSystem.',
    cure: 'Make /run writable (`ReadWritePaths=/run`, a tmpfs for the container), or name another file: `XTABLES_LOCKFILE=/tmp/xtables.lock` (newer versions).',
  },
  {
    weight: 'cause',
    pattern:
      /can't initialize ip6?tables table [`']([^']*)': (?:Permission denied|Operation not permitted)|Permission denied \(you must be root\)|Could not fetch rule set generation id: (?:Permission|Operation not permitted)|can't open lock file|getsockopt failed strangely: Operation not permitted|Operation not permitted \(you must be root\)/,
    cause: 'Only root, or a process with CAP_NET_ADMIN, may look at and change the firewall. In a container the capability is usually missing.',
    cure: 'Use sudo; give the container `--cap-add NET_ADMIN`.',
  },
  {
    weight: 'cause',
    pattern: /Failed to initialize nft: ([^`'"\\)]*)/,
    cause:
      'This iptables works through nf_tables, and the kernel has none ({1}): an old kernel, one of a virtual server, or the host of a container.',
    cure: 'Use the legacy back end (`update-alternatives --set iptables /usr/sbin/iptables-legacy`), or a kernel with nf_tables.',
  },
  {
    weight: 'cause',
    pattern: /can't initialize ip6tables table `[^']*': Address family not supported/,
    cause: 'IPv6 is switched off in this kernel (`ipv6.disable=1`, or not built), so that there is nothing for ip6tables to filter.',
    cure: 'Leave the rules of ip6tables out, or switch IPv6 on.',
  },
  {
    weight: 'cause',
    pattern:
      /Could not fetch rule set generation id: (?!Permission|Operation not permitted)([^`'"\\)]*)|TABLE_ADD failed \((Invalid argument|Operation not supported)\)/,
    cause: 'This iptables works through nf_tables, and the kernel does not answer as it expects ({1}{2}): it is too old, or has no nf_tables.',
    cure: 'Use the legacy back end (`update-alternatives --set iptables /usr/sbin/iptables-legacy`), or a newer kernel.',
  },
  {
    weight: 'cause',
    pattern: /can't initialize ip6?tables table [`'](\w+)': (?:Memory allocation problem|Cannot allocate memory)/,
    cause:
      'The kernel had no room for the table {1}: too many rules, little memory in one piece, or the limit of a container or virtual server (numiptent of OpenVZ).',
    cure: 'Use ipsets instead of thousands of rules; ask for a higher limit (`cat /proc/user_beancounters` shows it in OpenVZ).',
  },
  {
    weight: 'cause',
    pattern: /can't initialize ip6?tables table [`']((?:filter|nat|mangle|raw|security))'/,
    cause:
      'The kernel has no table `{1}`: its module (iptable_{1}, ip6table_{1}) is not built, not loaded, or belongs to another kernel than the one that runs, as after an update without a reboot. In containers and on virtual servers the host must load it. Newer systems have no legacy tables at all: use iptables-nft.',
    cure: '`modprobe iptable_{1}`; reboot after a kernel update; or switch with `update-alternatives --set iptables /usr/sbin/iptables-nft`.',
  },
  {
    weight: 'cause',
    pattern: /can't initialize ip6?tables table [`']([^']*)'|table '([^']*)' does not exist/,
    cause: 'There is no table of that name. Loading a module does not help. The tables are filter, nat, mangle, raw and security, in small letters.',
    cure: 'Correct the name behind `-t`.',
    checks: ['wrong-letter-case', 'unknown-table'],
  },
  {
    weight: 'cause',
    pattern: /chain name `([^']*)' too long|chain name may not clash|Invalid chain name|chain name not allowed to start with/,
    cause: 'A chain name has at most 28 bytes, no blank, no `-` or `!` in front, and is not the name of a target.',
    cure: 'Choose another name.',
    checks: ['bad-chain-name'],
  },
  {
    weight: 'cause',
    pattern: /Chain already exists|: File exists\.|CHAIN_USER_ADD failed \(File exists\)/,
    cause: 'There is a chain of that name already. A script that runs a second time gets this at every `-N`.',
    cure: 'Empty and delete the chain first (`-F NAME`, `-X NAME`), or write `iptables -N NAME 2>/dev/null || iptables -F NAME`.',
    checks: ['bad-chain-name'],
  },
  {
    weight: 'cause',
    pattern: /(?<!\/\S+: )Too many levels of symbolic links|RULE_\w+ failed \(Too many links\)/,
    near: NEAR_FIREWALL,
    cause:
      'Chains jump in a circle. The kernel says so at the rule that makes the circle reachable from a built-in chain, which need not be the one that closes it.',
    cure: 'Take one of the jumps out.',
    checks: ['chain-loop'],
  },
  {
    weight: 'cause',
    pattern:
      /Directory not empty|Too many links|ip6?tables(?: v\S+ \(\w+\))?: +Device or resource busy|CHAIN_DEL failed \(Device or resource busy\)|CHAIN_USER_DEL failed/,
    near: NEAR_FIREWALL,
    cause: 'The chain cannot be deleted: it still has rules, or rules still jump to it.',
    cure: 'Delete the rules that jump to it, empty it with `-F`, then delete it with `-X`.',
    checks: ['chain-in-use'],
  },
  {
    weight: 'cause',
    pattern: /Bad policy name|Can't set policy `([^']*)'|Bad built-in chain name/,
    cause: 'A policy is ACCEPT or DROP, in capitals, and only built-in chains have one. The policy stayed what it was.',
    cure: 'Set the policy DROP and put `-j REJECT` at the end of the chain; in a user chain, end with a rule without matches.',
    checks: ['bad-policy'],
  },
  {
    weight: 'cause',
    pattern: /Index of (?:insertion|deletion|replacement|counter) too big/,
    cause: 'The chain has fewer rules at this point than the number says.',
    cure: 'Use `-A` to add at the end; list the numbers with `iptables -L CHAIN --line-numbers`.',
    checks: ['rule-number'],
  },
  {
    weight: 'cause',
    pattern: /Invalid rule number `([^']*)'/,
    cause: '`{1}` is no rule number. The number comes behind the chain and counts from 1: `-I INPUT 1`.',
    cure: 'Correct the number, or put it behind the chain.',
    checks: ['rule-number'],
  },
  {
    weight: 'cause',
    pattern: /Bad rule \(does a matching rule exist in that chain\?\)/,
    cause:
      'There is no such rule to delete or check. It must be written with the same options as when it was added; addresses, states and protocols are compared after normalising, their order does not matter.',
    cure: 'Look at the rules with `iptables -S CHAIN` and delete with the words printed there. With `-C` this is the answer "no", not an error.',
  },
  {
    weight: 'cause',
    pattern: /(?<!chain .*)[Tt]able [`']([^']*)' is incompatible, use 'nft' tool/,
    cause:
      'iptables-nft cannot show the table {1}, because it holds something that iptables cannot have: chains or rules that nft, or a program that uses it, put there.',
    cure: 'Look with `nft list table ip {1}`; take out with nft what does not come from iptables, and give rules of nft a table of another name; or use iptables-legacy for both.',
    checks: ['mixed-backends'],
  },
  {
    weight: 'cause',
    pattern: /chain [`']([^']*)' in table \S+ is incompatible, use 'nft' tool/,
    cause: 'iptables-nft found something it cannot show: rules that nft itself made, or no chain of that name (`-Ln` asks for a chain named `n`).',
    cure: 'Look with `nft list ruleset`; write `-nL` instead of `-Ln`.',
  },
];

const VALUES: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /Can't use (-[io]|--(?:in|out)-interface) with (\w+)/,
    cause: 'Packets in {2} have no such interface: those that come in have no outgoing one yet, those that go out no incoming one.',
    cure: 'Use the other option, or another chain.',
    checks: ['interface-direction'],
  },
  {
    weight: 'cause',
    pattern: /must be shorter than IFNAMSIZ/,
    cause: 'The name of an interface has at most 15 characters. What stands there is something else: an address, an option, or several words.',
    cure: 'Correct the name; addresses go behind `-s` and `-d`.',
    checks: ['interface-wildcard', 'interface-is-address', 'glued-argument'],
  },
  {
    weight: 'cause',
    pattern: /w(?:ei|ie)rd character in interface `([^':]+):(\w+)'/,
    cause: '`{1}:{2}` is a second address of {1} (an alias), no interface of its own: all its packets come in by {1}, so the rule never matches.',
    cure: 'Write `-i {1}`, and `-d ADDRESS` for the address of the alias.',
    checks: ['interface-alias'],
  },
  {
    weight: 'cause',
    pattern: /w(?:ei|ie)rd character in interface `([^']*)'/,
    cause: 'No interface can have the name `{1}`, so the rule is loaded and never matches. An address with a mask belongs behind `-s` or `-d`.',
    cure: 'Name the interface, or use `-s`.',
    checks: ['interface-is-address'],
  },
  {
    weight: 'cause',
    pattern: /Empty interface is likely to be undesired/,
    cause: 'The name of the interface is empty: a variable had no value.',
    cure: 'Set the variable.',
    checks: ['interface-wildcard', 'unset-or-unquoted-variable'],
  },
  {
    weight: 'cause',
    pattern: /Bad (?:ct)?state "(!?[^"]*)"/,
    cause:
      '`{1}` is no connection state. There are INVALID, NEW, ESTABLISHED, RELATED and UNTRACKED, for --ctstate SNAT and DNAT, too. `!` goes before the option.',
    cure: 'Correct the word.',
    checks: ['bad-state', 'intrapositioned-negation'],
  },
  {
    weight: 'cause',
    pattern: /requires a list of states with no spaces/,
    cause: 'A blank stands behind a comma of the list.',
    cure: 'Write the list without blanks: `ESTABLISHED,RELATED`.',
    checks: ['list-with-space'],
  },
  {
    weight: 'cause',
    pattern: /[Tt]he state match is obsolete/,
    cause: 'A warning only: `-m state` is the older name of `-m conntrack`.',
    cure: 'Write `-m conntrack --ctstate`.',
    checks: ['deprecated-state-match'],
  },
  {
    weight: 'cause',
    pattern: /Maximum prefix length (\d+) for --(\w+-prefix)/,
    cause: 'The text behind `--{2}` is longer than {1} bytes. (Newer versions cut it.)',
    cure: 'Write a shorter one.',
    checks: ['truncated-string'],
  },
  {
    weight: 'cause',
    pattern: /iprange(?: match)?: [Bb]ad IP address [`"]([^'"]*)['"]/,
    cause: '`{1}` is no address. A range is two whole addresses with a dash between them.',
    cure: 'Write `--src-range 192.0.2.10-192.0.2.20`.',
    checks: ['invalid-value', 'dash-range'],
  },
  {
    weight: 'cause',
    pattern: /bad rate "(![^"]*)"/,
    cause: '`!` stands behind `--limit`, and a rate cannot be negated at all.',
    cure: 'Take the `!` out; for "above a rate" use `-m hashlimit --hashlimit-above`.',
    checks: ['negation-not-allowed'],
  },
  {
    weight: 'cause',
    pattern: /bad rate ["`]([^"']*)["']|[Rr]ate too fast ["`]([^"']*)["']|[Rr]ate too slow/,
    cause: 'A rate is a number and a unit, s, m, h or d: `3/minute`. -m limit goes from 1/day to 10000/s, -m hashlimit to 1000000/s.',
    cure: 'Write a rate of that range.',
    checks: ['rate-out-of-range', 'invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /Numerical result out of range/,
    near: NEAR_FIREWALL,
    cause:
      'Burst and time between packets together are too much for the counter of xt_limit or hashlimit. dmesg says `Overflow, try lower`. iptables-nft takes some of these for -m limit.',
    cure: 'Lower the burst, or raise the rate.',
    checks: ['rate-out-of-range'],
  },
  {
    weight: 'cause',
    pattern: /(?:Unknown|Invalid|Ambiguous) ICMP(?:v6)? type `([^']*)'/,
    cause: 'The ICMP type is misspelt, or the beginning of several.',
    cure: 'Write the whole name (`iptables -p icmp -h` lists them), such as echo-request, or the number.',
    checks: ['bad-icmp-type'],
  },
  {
    weight: 'cause',
    pattern: /unknown reject type "([^"]*)"/,
    cause: '`{1}` is no way to reject. The names differ between iptables (icmp-port-unreachable) and ip6tables (icmp6-port-unreachable).',
    cure: 'Choose a type of the right family; `iptables -j REJECT -h` lists them.',
    checks: ['reject-type'],
  },
  {
    weight: 'cause',
    pattern: /log level "?([^"\s]*)"? unknown|log-level "?([^"\s]*)"? unknown/,
    cause: 'The log level is no number from 0 to 7 and no name such as info, notice, warning or debug.',
    cure: 'Correct the level.',
    checks: ['invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /The "nat" table is not intended for filtering/,
    cause: 'The nat table sees only the first packet of a connection, so DROP is not allowed in it, neither as target nor as policy.',
    cure: 'Drop in the filter table, or in raw PREROUTING to be earlier.',
    checks: ['target-not-in-table'],
  },
  {
    weight: 'cause',
    pattern: /is reversed and will never match/,
    cause: 'A warning: the range ends before it begins. The rule is loaded and never matches.',
    cure: 'Write the smaller address first.',
    checks: ['contradictory-match'],
  },
  {
    weight: 'cause',
    pattern: /(\S+) is not a valid day|[Ii]nvalid date "([^"]*)"/,
    cause:
      '`{1}{2}` is no day that -m time knows: days of the week are Mon, Tue, Wed, Thu, Fri, Sat and Sun (or 1 to 7), days of the month 1 to 31, dates of the form 2026-11-23T08:00:00.',
    cure: 'Write `--weekdays Mon,Tue`, `--monthdays 1,15` or `--datestart 2026-11-23`.',
    checks: ['invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /invalid time "([^"]*)" specified/,
    cause: '`{1}` is no time of day of the form hh:mm or hh:mm:ss.',
    cure: 'Correct it, and mind that -m time reads UTC.',
    checks: ['invalid-value', 'unsupported-extension'],
  },
  {
    weight: 'cause',
    pattern: /Set (\S+) doesn't exist/,
    cause: 'There is no ipset `{1}`. It must exist before a rule names it; after a reboot it is gone unless it is restored before the rules.',
    cure: '`ipset create {1} hash:ip` first, or `ipset restore` before `iptables-restore`.',
    checks: ['ipset-unknown', 'unsupported-extension'],
  },
  {
    weight: 'cause',
    pattern: /--set option deprecated, please use --match-set/,
    cause: 'A warning: `-m set --set` is the old name.',
    cure: 'Write `--match-set`.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'cause',
    pattern: /Can't be more src\/dst options than|You must spe[cf]ify \(the comma separated list of\) 'src' or 'dst'/,
    cause: 'Behind the name of a set stands what of the packet is looked up: src or dst, one for each part of the set, up to six.',
    cure: 'Write `--match-set NAME src`, or `src,dst` for a set of two parts.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'cause',
    pattern: /The protocol family of set (\S+) is (\S+), which is not applicable/,
    cause: 'The set `{1}` holds addresses of the other family.',
    cure: 'Make a set for each family (`family inet6`), and use ip6tables for the IPv6 one.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'cause',
    pattern: /Invalid MAC address specified/,
    cause: 'A MAC address is six pairs of hexadecimal digits with colons: 00:11:22:33:44:55.',
    cure: 'Correct it.',
    checks: ['invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /(?:Bad|Unknown) TCP (?:flag|option) [`"]([^"']*)["']/,
    cause: '`{1}` is no TCP flag or option.',
    cure: 'The flags are SYN, ACK, FIN, RST, URG, PSH, ALL and NONE; an option is a number from 1 to 255.',
    checks: ['invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /`-f' is not supported in IPv6/,
    cause: 'IPv6 has no fragment flag in its header.',
    cure: 'Use `-m frag` in ip6tables.',
    checks: ['family-mismatch'],
  },
];

/** Words that many causes share. */
const SYMPTOMS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /Another app is currently holding the xtables lock|Stopped waiting after|Resource temporarily unavailable/,
    near: NEAR_FIREWALL,
    cause: 'Another iptables (a second script, Docker, fail2ban) changes the rules at the same moment and holds the lock.',
    cure: 'Use `iptables -w`, which waits, with a number of seconds if you like.',
  },
  {
    weight: 'cause',
    pattern: /Unknown error (4294967295|18446744073709551615|-1)/,
    cause:
      "An old iptables prints the kernel's answer -1 as a number. The kernel refused what iptables took: it lacks the module of a match or target (usual on virtual servers such as OpenVZ), or a value is too big for it (`--hitcount` above 20 with old kernels).",
    cure: 'Look at the newest line of dmesg; load the module on the host (`modprobe xt_recent`, `xt_connlimit` …); lower the value.',
    checks: ['recent-hitcount-limit', 'unsupported-extension', 'unicode-dash'],
  },
  {
    weight: 'cause',
    pattern: /RULE_(?:DELETE|REPLACE) failed \((?:Invalid argument|No such file or directory)\)(?:: rule in chain (\S+))?/,
    cause:
      'The rule of chain {1} could not be deleted or replaced: it is not there any more, as when another program changed the chain at the same moment, or it was made by nft or an iptables of another version, which this one does not read as it was written.',
    cure: 'Look with `iptables -S {1}`, and delete it by its number (`iptables -L {1} --line-numbers`, `iptables -D {1} NUMBER`), or with nft by its handle: `nft -a list chain ip TABLE {1}`.',
    checks: ['rule-number', 'mixed-backends'],
  },
  {
    weight: 'symptom',
    pattern:
      /(?:RULE|TABLE|CHAIN)_\w+ failed \(Invalid argument\)|(?:ip6?tables: )?Invalid argument\. Run `dmesg'|(?:tables|restore)[^:]*: Invalid argument|can't commit: b?'?Invalid argument|iptc_commit.*Invalid argument/,
    cause:
      'iptables took the command and the kernel refused it. The reason is in the newest line of dmesg that begins with `x_tables:`, `xt_…:` or `ipt_…:`, if there is one. The frequent ones: a target or match in the wrong table or chain; `--reject-with tcp-reset` without `-p tcp`; `--hitcount` beyond what xt_recent remembers (20 in kernels up to 3.18); `--set` of -m recent together with `--seconds` or `--hitcount`; a jump to a built-in chain.',
    cure: 'Run `dmesg | tail` and explain that line with `fwlint explain "…"`; or check the command itself: `fwlint - <<< \'iptables …\'`.',
    checks: [
      'target-not-in-table',
      'target-not-in-hook',
      'match-not-in-hook',
      'reject-type',
      'recent-hitcount-limit',
      'recent-bad-combination',
      'protocol-mismatch',
      'chain-loop',
    ],
  },
  {
    weight: 'cause',
    pattern: /CHAIN_ADD failed \((?:No such file or directory|Operation not supported)\): chain (\w+)/,
    cause:
      'iptables-nft could not make the built-in chain {1}: the kernel has no chains of that kind. For NAT that is the module nft_chain_nat, for the rest nf_tables itself.',
    cure: 'Reboot after a kernel update; `modprobe nft_chain_nat`; otherwise use the legacy back end (`update-alternatives --set iptables /usr/sbin/iptables-legacy`).',
  },
  {
    weight: 'symptom',
    pattern: /Parsing nftables rule failed|Error: meta sreg key not supported/,
    cause: 'iptables-nft met a rule that it cannot read: a newer iptables, nft or a container wrote it into the same tables.',
    cure: 'Look with `nft list ruleset`; use one version of iptables for the host and its containers, and no nft rules in the tables of iptables.',
    checks: ['mixed-backends', 'accept-not-final'],
  },
  {
    weight: 'symptom',
    pattern: /ip6?tables(?:-restore)?: (Match|Target) problem/,
    cause:
      'An old iptables (1.2, 1.3): the kernel took the rule apart and refused its {1}. It has no module for it, one of another version, or the options do not go with the table or chain.',
    cure: 'Look at the newest line of dmesg; `modprobe ipt_NAME` (xt_NAME in kernels since 2.6.16); use an iptables and a kernel of the same time.',
    checks: ['target-not-in-table', 'target-not-in-hook', 'unsupported-extension'],
  },
  {
    weight: 'symptom',
    pattern: /getsockopt failed strangely/,
    cause:
      'An old iptables asked the kernel whether it knows a match or target, and got no answer it understands: the two are too far apart in age, or the process may not ask.',
    cure: 'Use sudo; update iptables, and reboot after a kernel update.',
  },
  {
    weight: 'symptom',
    pattern: /[Nn]o chain\/target\/match by that name|iptables: No such file or directory|RULE_\w+ failed \(No such file or directory\)/,
    cause:
      'The same words for two things. Either the chain is not there: built-in chains are in capitals, PREROUTING and POSTROUTING are not in the table filter (add `-t nat`), user chains must be created first. Or the kernel lacks the module of a match or target: it is not built, cannot be loaded inside of a container or virtual server, or belongs to another kernel than the one that runs.',
    cure: 'See whether the chain exists: `iptables -t TABLE -S CHAIN`. If it does, load the module (`modprobe ipt_NAME`, ip6t_NAME for ip6tables), and reboot after a kernel update.',
    checks: ['chain-not-in-table', 'wrong-letter-case', 'unknown-target-or-chain', 'unsupported-extension', 'backend-divergence'],
  },
  {
    weight: 'symptom',
    pattern: /Memory allocation problem/,
    cause:
      'The kernel had no room for the table: too many rules, a value such as the size of a hash table that is far too big, or the limits of a virtual server (numiptent of OpenVZ).',
    cure: 'Use an ipset instead of thousands of rules; ask for a higher limit.',
  },
  {
    weight: 'symptom',
    pattern: /Protocol wrong type for socket|Operation not supported|Protocol not available/,
    near: NEAR_FIREWALL,
    cause: 'iptables and the kernel do not understand each other: the kernel lacks a part of netfilter, or the two are too far apart in age.',
    cure: 'Update both, and reboot after a kernel update.',
  },
  {
    weight: 'symptom',
    pattern: /(?:RULE|CHAIN|TABLE|SET)_\w+ failed \(([^)]*)\)/,
    cause: 'iptables-nft handed the command to the kernel, and the kernel refused it. The reason may stand in dmesg.',
    cure: "Run `dmesg | tail`, or check the command: `fwlint - <<< 'iptables …'`.",
    checks: [],
  },
  {
    weight: 'cause',
    pattern: /(ip6?tables[\w-]*|ebtables\S*|arptables\S*): (?:invalid|unrecognized) option (?:-- )?'?([^'\s]+)'?/,
    cause: 'The program {1} has no option `{2}`: it is misspelt, newer than this version, or belongs to another program.',
    cure: 'Look at `{1} --help`.',
    checks: ['unknown-option'],
  },
  {
    weight: 'symptom',
    pattern: /Something happened \(or did not\)|Can you establish NEW connections|Reverting to old iptables rules/,
    cause:
      'iptables-apply loaded the rules and got no answer in time (10 seconds unless `-t` says more), so it put the old ones back: nobody typed `y`, or the new rules cut off the connection.',
    cure: 'Let the file accept ESTABLISHED connections and your own port before anything is dropped, and answer from a new connection.',
    checks: ['established-not-first', 'lockout-order'],
  },
  {
    weight: 'cause',
    pattern: /^\s*nft # -[AI] (.*)/,
    cause:
      'No error message, but what iptables-translate writes when it cannot translate a part of a rule: the whole rule becomes a comment, and nothing of it is loaded.',
    cure: 'Translate it with `fwlint translate`, which writes sets and meters for such parts and says what it cannot do.',
  },
  {
    weight: 'symptom',
    pattern:
      /iptables: unrecognized service|Unit ip6?tables\.service (?:could not be found|not found)|Failed to (?:restart|start|stop|enable) ip6?tables(?:\.service)?/,
    cause: '`service iptables` is a script of Red Hat and its relatives (package iptables-services). Other systems do not have it.',
    cure: 'On Debian and Ubuntu: `netfilter-persistent save`, or `iptables-save > /etc/iptables/rules.v4`.',
  },
  {
    weight: 'echo',
    pattern: /Perhaps ip6?tables or your kernel needs to be upgraded/,
    cause: 'This line follows every "table does not exist". The line before it tells more.',
    cure: 'Correct the name of the table, or load its module.',
    checks: ['unknown-table', 'wrong-letter-case'],
  },
  {
    weight: 'echo',
    pattern: /tables-legacy tables present, use \S*tables-legacy\S* to see them/,
    cause:
      'A note, no error: rules were loaded with iptables-legacy as well. Both sets are asked for every packet, and each program shows only its own.',
    cure: 'Look at both (`iptables-legacy -S`, `iptables-nft -S`), and keep to one.',
    checks: ['backend-divergence'],
  },
  {
    weight: 'echo',
    pattern: /Try `ip6?tables(?:-nft)?(?:-restore)? -h' or/,
    cause:
      'iptables refused the command while reading it; nothing was changed. The line before this one says why. When this is the only line, the command began with `-6` in iptables or with `-4` in ip6tables.',
    cure: 'Look at the line before it.',
    checks: ['family-mismatch'],
  },
];

export const IPTABLES_ERRORS: readonly ErrorEntry[] = [
  ...BAD_ARGUMENT,
  ...UNKNOWN_OPTION,
  ...PROTOCOLS,
  ...ADDRESSES,
  ...PORTS,
  ...SYNTAX,
  ...NAMES,
  ...VALUES,
  ...SYMPTOMS,
];
