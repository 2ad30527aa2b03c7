/** Forms of words that many extensions of iptables share when they refuse an option, and the last resort for messages that no other entry knows. */

import type { ErrorEntry } from './define.js';

/** The program that speaks, with its version: `iptables v1.8.9 (nf_tables): `. */
const SPEAKER = String.raw`(?:ip6?|eb|arp|x)tables[\w-]* v?\d[\d.]*(?: \((?:legacy|nf_tables)\))?: +`;

/** Other programs use some of these words, too. */
const NEAR_TABLES = /(?:ip6?|eb|arp|x)tables/;

/** (from the messages in the programs and extensions of iptables 1.8.9) */
export const FORM_ERRORS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern:
      /"(--?[\w-]+)" option may only be (?:specified|used) once|Option "(--?[\w-]+)" already specified|[Cc]an't specify (--[\w-]+|\S+) twice|double (--[\w-]+) option|Multiple use of same option|one action is (?:possible|allowed)/,
    near: NEAR_TABLES,
    cause: 'The option {1}{2}{3}{4} stands twice in one match or target, which keeps only one value.',
    cure: 'Write it once; for two values write two rules.',
    checks: ['repeated-option'],
  },
  {
    weight: 'cause',
    pattern: /mutually[- ]exclusive|[Oo]nly one of (.+?) (?:is )?allowed|cannot be together with other options/,
    near: NEAR_TABLES,
    cause: 'Two options of the command exclude each other.',
    cure: 'Keep the one that is meant, or write two rules.',
    checks: ['excluded-option'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(
      `can(?:not|'t) be (?:inverted|negated)|does not support invert|[Uu]nexpected [\`']?![\`']? (?:flag|after)|use of '!' makes no sense|Double use of '!'|(?:${SPEAKER}).*[\`']![\`'] (?:is )?not (?:allowed|supported)`,
    ),
    near: NEAR_TABLES,
    cause: '`!` stands where nothing can be turned into its opposite, or stands twice.',
    cure: 'Take the `!` out, or let what is meant RETURN in a rule above.',
    checks: ['negation-not-allowed'],
  },
  {
    weight: 'cause',
    pattern:
      /(?:some|an?) (?:option|operation|action) (?:is )?required|[Pp]arameter (?:--\S+ )?(?:is )?required|At least one (?:of|parameter|option)|No operation specified|no physdev option specified|neither --dir in nor --dir out|you need to (?:specify|supply|use)|option(?:s)? is required|One of the .* (?:options )?is required|(?:`--[\w-]+'|--[\w-]+ parameter|parameter) is missing|missing --[\w-]+ parameter/i,
    near: NEAR_TABLES,
    cause: 'A match or target lacks the option that tells it what to do, or an option lacks another one that it needs.',
    cure: 'Add the option; `iptables -m NAME -h` and `iptables -j NAME -h` list them.',
    checks: ['missing-required-option'],
  },
  {
    weight: 'cause',
    pattern: /[Kk]ernel (?:is )?too old|Kernel doesn't support (--\S+)|tables(?: v[^:]*)?: Incompatible with this kernel|Module is wrong version/,
    near: NEAR_TABLES,
    cause: 'The running kernel is older, or of another build, than this option of iptables needs.',
    cure: 'Reboot after a kernel update, update the kernel, or do without the option.',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'cause',
    pattern: /Kernel module (xt_\w+) is not loaded/,
    cause: 'The module {1} is not loaded, and could not be loaded by itself: it is not built, or this is a container.',
    cure: '`modprobe {1}` on the host.',
  },
  {
    weight: 'cause',
    pattern:
      /invalid port ?range|Port range .* (?:funky|not valid)|Garbage after port (?:range|value): `([^']*)'|Invalid port:port syntax|Port [`']([^']*)' not valid|Port "([^"]*)" does not resolve|port range to map/i,
    near: NEAR_TABLES,
    cause: 'The ports of a NAT target are not of the form it takes: numbers from 1 to 65535, a range with `-`, the smaller one first.',
    cure: 'Write `--to-ports 8000-8080`, or `--to-destination ADDRESS:8000-8080`; only what is matched has a colon (`--dport 8000:8080`).',
    checks: ['port-range', 'nat-port-without-protocol'],
  },
  {
    weight: 'cause',
    pattern:
      /[Pp]refix too long|[Pp]arameter too long|[Hh]ostname too long|setname [`'].*too long|Chain name length can't exceed|maximum length of (\d+)/,
    near: NEAR_TABLES,
    cause: 'A text is longer than the kernel has room for: 29 bytes for `--log-prefix`, 63 for `--nflog-prefix`, 31 for the name of a set.',
    cure: 'Shorten it.',
    checks: ['truncated-string', 'bad-chain-name'],
  },
  {
    weight: 'cause',
    pattern: /Multiple commands are not allowed|Command and option do not match|You need to supply the `-\w' option for this command/,
    near: NEAR_TABLES,
    cause: 'The command has two operations (such as -A and -D), or an option that its operation does not take.',
    cure: 'Write one operation for each command.',
    checks: ['multiple-commands', 'misplaced-option'],
  },
  {
    weight: 'cause',
    pattern: /Chain is not empty|Can't delete (?:built-in chain|chain with references left)/,
    cause: 'The chain cannot be deleted: it is built-in, still has rules, or rules still jump to it.',
    cure: 'Delete the rules that jump to it, empty it with `-F`, then delete it with `-X`. Built-in chains always stay.',
    checks: ['chain-in-use'],
  },
  {
    weight: 'cause',
    pattern: /must not be installed setuid|Refusing to run/,
    near: /tables/,
    cause: 'The program iptables has the setuid bit, so that any user could change the firewall. It refuses to run like that.',
    cure: '`chmod u-s` the program that `command -v iptables` and `readlink -f` show, and use sudo.',
  },
  {
    weight: 'cause',
    pattern: /Loop found in table/,
    cause: 'Chains jump in a circle.',
    cure: 'Take one of the jumps out.',
    checks: ['chain-loop'],
  },
  {
    weight: 'cause',
    pattern: /# Table [`']([^']*)' contains incompatible base-chains/,
    cause: 'iptables-nft found chains in the table {1} that iptables cannot have: nft, or a program that uses it, made them there.',
    cure: 'Look with `nft list ruleset`; give rules of nft a table of another name.',
    checks: ['mixed-backends'],
  },
  {
    weight: 'cause',
    pattern: /[Nn]ever matched protocol: (\S+)\. use extension match instead/,
    cause: '`-p {1}` of ip6tables matches no packet: {1} is an extension header, which is never the last protocol.',
    cure: 'Use the match of that name: `-m frag`, `-m hbh`, `-m dst`, `-m rt`, `-m ah`.',
    checks: ['contradictory-match'],
  },
  {
    weight: 'cause',
    pattern: /For (\S+) (?:filtering|DSAP\/SSAP filtering) the protocol must be/,
    cause: 'ebtables looks into packets of {1} only when the rule says before that it is for them.',
    cure: 'Write `-p IPv4` (or IPv6, ARP, 802_1Q) before the options of {1}.',
  },
  {
    weight: 'cause',
    pattern: /Unknown argument: '(--?[^']*)'/,
    cause:
      'ebtables or arptables does not know the option `{1}`: it is misspelt, has its `-p` (as `-p IPv4` for `--ip-…`) missing, or belongs to iptables.',
    cure: 'Write the `-p`, `-m` or `-j` that brings the option before it.',
    checks: ['unknown-option'],
  },
  {
    weight: 'echo',
    pattern: /Notice: [Tt]he \S+ (?:match|target) is converted into \S+/,
    cause: 'A note, no error: iptables writes the rule down under its newer name.',
    cure: 'Nothing to do.',
  },
  {
    weight: 'cause',
    pattern:
      /(?:[Bb]ad|[Ii]nvalid) (?:integer )?value for option "(--?[\w-]+)"|an integer value for option "(--?[\w-]+)"|Argument to "(--?[\w-]+)" has unexpected characters/,
    near: NEAR_TABLES,
    cause: 'What stands behind `{1}{2}{3}` is not of the form that the option takes, or too large.',
    cure: '`iptables -m NAME -h` shows what it takes.',
    checks: ['invalid-value', 'placeholder'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`${SPEAKER}(?:u32: (?:at char \\d+: )?(.*)|bpf: (.*))`),
    cause: 'The expression of the match cannot be read: {1}{2}.',
    cure: 'Quote it as one word: `-m u32 --u32 "0&0xFF=0x11"`; for bpf let a program write it: `--bytecode "$(nfbpf_compile RAW \'ip proto 6\')"`.',
    checks: ['invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /Symbolic name "([^"]*)" is unknown|Match type has to be one of .*|(\d+ should be less than \d+)/,
    near: NEAR_TABLES,
    cause: 'The value {1}{2} is none that the option takes.',
    cure: '`iptables -m NAME -h` and `iptables -j NAME -h` list the values.',
    checks: ['invalid-value'],
  },
  {
    weight: 'cause',
    pattern: /Badly formed tablename|tables[^:]*: Bad table name/,
    cause: 'The name of the table is none that iptables takes.',
    cure: 'Tables are filter, nat, mangle, raw and security, in small letters.',
    checks: ['unknown-table', 'wrong-letter-case'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(
      `${SPEAKER}(?:\\S+: |\\S+ (?:match|target): )?(?:[Bb]ad|[Ii]nvalid|Illegal|[Uu]nknown|Ambiguous|(?:[Cc]an(?:not|'t)|[Cc]ould not|unable to) (?:parse|map)|error parsing)\\b(?!.*option ")(?! arg).*?(?:[\`'"]([^\`'"]*)['"])`,
    ),
    cause: 'The value `{1}` is not of the form that its option takes, or is misspelt.',
    cure: "`iptables -m NAME -h` shows what the option takes; check the command: `fwlint - <<< 'iptables …'`.",
    checks: ['invalid-value', 'placeholder'],
  },
  {
    weight: 'symptom',
    pattern: new RegExp(`${SPEAKER}(?!Try |Perhaps )(.*?\\w.*?)\\.?\\s*$`),
    cause: 'The program refused the command while reading it, and changed nothing. In its own words: {1}.',
    cure: "Look up the option in `man iptables-extensions`, or check the command: `fwlint - <<< 'iptables …'`.",
  },
  {
    weight: 'echo',
    // Not what package managers and compilers say of a package or file of that name.
    pattern:
      /^(?!(?:[EWN]: (?:Unable|Could not|Package|Failed|The|Sub-process)|dpkg|rpm|yum|dnf|opkg|apt|fatal|make|gcc|cc|ld|collect2|warning|npm|pip)\b)(?=.*(?<![\w/.-])(?:\/\S*\/)?(?:ip6?tables|nft|nftables|netfilter|ipset|ebtables|arptables|conntrack|ufw|firewalld|firewall-cmd)(?:-(?:legacy|nft|restore|save|batch))*(?![\w/.-]*\.(?:[ch]|py|js|rs)\b)\b)(?=.*\b(?:fail(?:ed|s|ure)?|error|fatal|could not|couldn't|cannot|can't|unable|not permitted|denied|refused|missing|problem|timed out|killed)\b)(?!.*\b(?:package|repository|module named|import|undefined reference|pathspec|Cannot find module|Module not found|Unable to find a match)\b).+$/i,
    cause:
      'The line says that a call of the firewall failed, and does not say why. What iptables or nft said stands in another line, or in the log of the program.',
    cure: 'Paste the lines around it as well; run the command by hand as root; look at `journalctl -b`, and for reasons of the kernel at `dmesg | tail`.',
  },
];
