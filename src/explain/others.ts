/** What ipset and the shell say when a command of the firewall goes wrong. */

import type { ErrorEntry } from './define.js';
import { NO_PERMISSION, NO_SUCH_FILE, NOT_FOUND, NOT_PERMITTED } from './languages.js';

export const IPSET_ERRORS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /Set cannot be destroyed: it is in use by a kernel component/,
    cause: 'A rule of iptables or a list of sets still names the set.',
    cure: 'Delete the rules that name it, then the set. To replace its contents: create a new one and `ipset swap`.',
  },
  {
    weight: 'cause',
    pattern: /Set cannot be created: set with the same name already exists/,
    cause: 'There is a set of that name, with another type or other options.',
    cure: '`ipset create -exist` for the same definition; otherwise destroy the old one first.',
  },
  {
    weight: 'cause',
    pattern: /The value of the CIDR parameter of the IP address is invalid/,
    cause: 'A hash set cannot hold a network of this length; 0.0.0.0/0 is one of them.',
    cure: 'Write 0.0.0.0/1 and 128.0.0.0/1 for everything, or leave the match out.',
  },
  {
    weight: 'cause',
    pattern: /Hash is full, cannot add more elements/,
    cause: 'The set has as many elements as it may have: 65536 unless it was created with another `maxelem`.',
    cure: 'Create it with a larger `maxelem`.',
  },
  {
    weight: 'cause',
    pattern: /Syntax error: cannot parse (\S+): resolving to IPv(\d) address failed/,
    cause: '`{1}` is no IPv{2} address, and no host of that name was found.',
    cure: 'Write an address of the family of the set.',
    checks: ['hostname-in-rule'],
  },
  {
    weight: 'cause',
    pattern: /The set with the given name does not exist/,
    cause: 'There is no set of that name.',
    cure: 'Create it first; after a reboot restore it before the rules that name it.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`Kernel error received: ${NOT_PERMITTED}`),
    cause: 'Only root, or a process with CAP_NET_ADMIN, may look at and change sets.',
    cure: 'Use sudo; give a container `--cap-add NET_ADMIN`.',
  },
  {
    weight: 'cause',
    pattern: /Kernel error received: set type not supported/,
    cause:
      'The running kernel has no module for this type of set (ip_set_hash_net and the like): it is not built, or the modules belong to another kernel, as after an update without a reboot. A container needs it on the host.',
    cure: 'Reboot after a kernel update; `modprobe ip_set_hash_net` (by the name of the type) shows what is missing.',
  },
  {
    weight: 'cause',
    pattern: /Kernel error received: Invalid argument/,
    cause:
      'The kernel took none of the options of the set, and ipset does not say which: `hashsize` or `maxelem` is more than it has memory for, an option is unknown to this kernel, or ipset and the kernel are of different ages.',
    cure: 'Leave options out until it is created; compare `ipset version` (protocol and kernel); the newest line of dmesg may say more.',
  },
  {
    weight: 'cause',
    pattern: /Cannot open session to kernel|Can't open socket to ipset/,
    cause: 'The kernel has no ipset (module ip_set), or the process is not root (CAP_NET_ADMIN), as in most containers.',
    cure: 'Use sudo; `modprobe ip_set`; give a container `--cap-add NET_ADMIN`, and load the module on the host.',
  },
  {
    weight: 'cause',
    pattern: /Kernel (?:and userspace incompatible|support protocol versions?)(.*)/,
    cause: 'ipset and the kernel are of different ages, so that one does not know what the other means.',
    cure: 'Update ipset, and reboot after a kernel update.',
  },
  {
    weight: 'cause',
    pattern: /Unknown settype (\S+)|Syntax error: unknown settype (\S+)/,
    cause: 'ipset knows no type {1}{2}: it is misspelt, or newer than this ipset.',
    cure: '`ipset help` lists the types; hash:ip, hash:net, hash:ip,port and list:set are the usual ones.',
    checks: ['ipset-refused'],
  },
  {
    weight: 'cause',
    pattern: /Element cannot be added to the set: it's already added/,
    cause: 'The address is on the set already. In `ipset restore` this ends the load.',
    cure: 'Write `ipset -exist add …`, or `ipset -exist restore`.',
  },
  {
    weight: 'cause',
    pattern: /Element cannot be deleted from the set: it's not added/,
    cause: 'The address is not on the set.',
    cure: 'Write `ipset -exist del …`.',
  },
  {
    weight: 'cause',
    pattern: /(\w+) cannot be used: set was created without (\w+) support/i,
    cause: 'The set was created without the option `{2}`, so its elements cannot have one.',
    cure: 'Create it anew with `{2}` (for timeout: `timeout 0`), and `ipset swap` the two.',
  },
  {
    weight: 'cause',
    pattern: /Kernel error received: ipset protocol error|Protocol error, we sent command/,
    cause: 'The kernel did not understand the message of ipset: the program is newer than the running kernel, or the modules belong to another one.',
    cure: 'Reboot after a kernel update; leave out new options; use the ipset of the distribution.',
  },
  {
    weight: 'cause',
    pattern:
      /ipset v[\d.]+: (?:Error in line \d+: )?(?:Unknown argument:? [`']?([^'\s]+)'?|Mandatory option `([^']+)' is missing|Missing (?:second |third )?mandatory argument.*)/,
    cause: 'The command has a word too many or one too few for this type of set: {1}{2}. Each type has its own options.',
    cure: '`ipset help TYPE`, such as `ipset help hash:net`, lists what the type takes; older versions lack `counters`, `comment` and `skbinfo`.',
    checks: ['ipset-refused'],
  },
  {
    weight: 'cause',
    pattern: /Sets? cannot be (swapped|renamed): (.+?)["']?$|sets cannot be (swapped): (.+?)["']?$/,
    cause: 'ipset cannot do it: {2}{4}. Two sets can be swapped only when both exist and are of the same type; a name can be given only once.',
    cure: '`ipset list -n` shows the names, `ipset list -t NAME` the type; create the second one like the first.',
  },
  {
    weight: 'cause',
    pattern: /Syntax error: '([^']*)' is (?:invalid as number)["']?$/,
    cause: '`{1}` is no number that ipset takes here: times are seconds, without a letter (`600`, not `10m`).',
    cure: 'Write the number alone.',
    checks: ['ipset-refused'],
  },
  {
    weight: 'cause',
    pattern: /Syntax error: '([^']*)' is out of range ([\d-]+)/,
    cause: '`{1}` is outside of what ipset takes here: {2}.',
    cure: 'Correct the number: the length of a network, a port, a size.',
    checks: ['ipset-refused'],
  },
  {
    weight: 'cause',
    pattern: /Syntax error: setname '([^']*)' is longer than (\d+)/,
    cause: 'The name `{1}` is too long: a set has a name of at most {2} bytes.',
    cure: 'Choose a shorter one.',
    checks: ['ipset-refused'],
  },
  {
    weight: 'cause',
    pattern: /Kernel error received: (?:Resource busy|Device or resource busy)/,
    cause:
      'The set is in use: a rule or another set names it, or two programs (two engines of network policies, a script) change the sets at the same moment.',
    cure: 'Delete what names it first, or fill a new set and `ipset swap`; let one program keep the sets.',
  },
  {
    weight: 'cause',
    pattern: /Kernel error received: maximal number of sets reached/,
    cause: 'There are as many sets as the kernel keeps (256 unless the module ip_set was loaded with another `max_sets`).',
    cure: 'Destroy sets that nobody uses, or load ip_set with `max_sets=1024`.',
  },
  {
    weight: 'symptom',
    pattern: /ipset v[\d.]+: (.+)/,
    cause: 'ipset refused the command: {1}.',
    cure: 'Look up the type of the set in `man ipset`.',
  },
];

/** What the programs beside iptables say: conntrack, ebtables and arptables. (from their sources) */
export const SIBLING_ERRORS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /you must be root or get CAP_NET_ADMIN/,
    cause: 'Only root, or a process with CAP_NET_ADMIN, may look at and change connections.',
    cure: 'Use sudo; give a container `--cap-add NET_ADMIN`.',
  },
  {
    weight: 'cause',
    pattern: /such conntrack doesn't exist/,
    cause: 'There is no connection like the one the command names: it ended, or one of its addresses or ports is written differently.',
    cure: 'Look with `conntrack -L`; NAT makes the reply direction differ (`--reply-src`).',
  },
  {
    weight: 'symptom',
    pattern: /\b0 flow entries have been (?:deleted|shown|updated)/,
    cause: 'No error: no connection fits the command, so nothing was done.',
    cure: 'Look with `conntrack -L`.',
  },
  {
    weight: 'echo',
    pattern: /\d+ flow entries have been (?:deleted|shown|updated)/,
    cause: 'No error: conntrack says how many connections it found.',
    cure: 'Nothing to do.',
  },
  {
    weight: 'symptom',
    pattern: /conntrack v[\d.]+ \(conntrack-tools\): (.+)/,
    cause: 'conntrack refused the command or could not reach the kernel: {1}.',
    cure: '`modprobe nf_conntrack_netlink`; look up the options in `man conntrack`.',
  },
  {
    weight: 'cause',
    pattern: /kernel doesn't support the ebtables '(\w+)' table|ebt_get_kernel_table\(\) failed.*'(\w+)'/,
    cause:
      'The kernel has no table {1}{2} for rules of bridges: the module ebtable_{1}{2} is not built or belongs to another kernel (after an update without a reboot), or this is a container.',
    cure: '`modprobe ebtable_{1}{2}` on the host; reboot after a kernel update; ebtables-nft does without the module.',
  },
  {
    weight: 'cause',
    pattern:
      /Unable to update the kernel\. Two possible causes|Multiple ebtables programs were executing simultaneously|kernel doesn't support a certain ebtables extension/,
    cause:
      'Two programs changed the rules of ebtables at the same moment, or the kernel lacks the module of a match or target in the rule (ebt_ip, ebt_arp …).',
    cure: 'Call it with `ebtables --concurrent`; `modprobe ebt_NAME`.',
  },
  {
    weight: 'cause',
    pattern: /Unable to (?:open|create) lock file \S*ebtables|Trying to obtain lock \S*ebtables/,
    cause: 'Another ebtables holds its lock file, or one that was killed left the file behind, or its folder cannot be written.',
    cure: 'When no ebtables runs, delete the file; see that the folder exists and is writable.',
  },
  {
    weight: 'cause',
    pattern: /can't initialize arptables table `(\w+)'/,
    cause: 'The kernel has no table {1} for ARP: the module arptable_{1} is not built or not loaded.',
    cure: '`modprobe arptable_{1}`, or use arptables-nft.',
  },
];

/** (measured with bash 5.2, dash and zsh; other languages from the catalogues of bash and glibc) */
export const SHELL_ERRORS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /zsh: no matches found: (\S+)/,
    cause: 'The shell took `{1}` for the names of files, found none, and ran nothing.',
    cure: "Quote it: `'{1}'`. For interfaces iptables wants `+`, not `*`: `-i eth+`.",
    checks: ['interface-wildcard'],
  },
  {
    weight: 'cause',
    pattern: /!?-?\S*: event not found|event not found: (\S+)/,
    cause: 'An interactive shell takes `!` with something glued to it for an event of its history. Nothing was run.',
    cure: 'Write a blank behind the `!`; `set +H` in bash, `setopt nobanghist` in zsh.',
    checks: ['bang-without-space'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`(?:^|[\\s:])(--?[A-Za-z][\\w-]*) ?: ${NOT_FOUND}`),
    cause:
      'A line begins with `{1}`: the command above it was broken in two. Its first half was run alone, and may have loaded a rule that says less than was meant.',
    cure: 'Join the lines, or end the first one with a backslash and nothing behind it.',
    checks: ['broken-line', 'space-after-backslash', 'comment-after-backslash'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`(?:^|[\\s:])([\u2010-\u2015\u2212]{1,2}[A-Za-z][\\w-]*) ?: ${NOT_FOUND}`),
    cause: 'A line begins with `{1}`: the command above it was broken in two, and its dashes are not ASCII hyphens, as web pages write them.',
    cure: 'Join the lines and write the dashes again; `fwlint --fix --unsafe-fixes` does both.',
    checks: ['broken-line', 'unicode-dash'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`(?:^|[\\s:])(gt|lt|amp|quot|nbsp|#39) ?: ${NOT_FOUND}`),
    cause: 'The text has HTML in it: `&{1};`. The shell took the `&` for the end of the command.',
    cure: 'Write the character that is meant, or let `fwlint --fix` do it.',
    checks: ['html-entity'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(
      `(\\S*(?:ip6?t[a-z-]*|\\bnft|\\bipset|\\bufw|firewall-cmd)) ?: ${NOT_FOUND}|(?:not found|Unknown command):? (\\S*(?:ip6?tables\\S*|nft|ipset))|((?:\\/[\\w.-]+)*\\/s?bin\\/ip6?ta\\w*) ?: ${NO_SUCH_FILE}`,
      'i',
    ),
    cause:
      'The shell does not find the program {1}{2}{3}: it is not installed, lies in /usr/sbin, which is not on the path of users, or its name is misspelt. A script without `set -e` runs on and loads nothing.',
    cure: 'Install it; use sudo; check the name and the path in the script.',
    checks: ['misspelt-program'],
  },
  {
    weight: 'cause',
    pattern:
      /exec: \\*"?([^"\s\\]*(?:tables[\w-]*|nft|ipset|conntrack))\\*"?: (?:executable file )?(?:not found|no such file)|(?:required executable|FileNotFoundError.*:) \\*["']([^"'\\]*(?:tables[\w-]*|nft|ipset|conntrack))\b|ERROR FileExisting-(ip6?tables|nft|ipset|conntrack|ebtables)\]|(?:Cannot|Could not|couldn't) find (ip6?tables|nft|ipset|ebtables)\b(?: (?:binary|command|executable))?|requires (?:ip6?tables|nft|ipset|ebtables|conntrack) to be installed/i,
    cause:
      'A program wants to call {1}{2}{3}{4} and does not find it: it is not installed, or not on the path of the service or container that the program runs in.',
    cure: 'Install it (conntrack is in the package conntrack or conntrack-tools), inside of the container where the program runs in one.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(`(?:^|[\\s:])(\\$|#|\\S+@\\S+[#$]|\\[\\S+@[^\\]]*\\][#$]?) ?: ${NOT_FOUND}`),
    cause: 'The prompt of a shell was copied along with the command.',
    cure: 'Delete it.',
    checks: ['shell-prompt'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`\\$'\\\\r' ?: ${NOT_FOUND}|\\/bin\\/\\w+\\^M: |\\/bin\\/\\w+\\r: |syntax error near unexpected token \`\\$'\\S*\\\\r''`),
    cause: 'The file has the line ends of Windows: a carriage return stands at the end of every line.',
    cure: 'Save the file with Unix line ends: `fwlint --fix`.',
    checks: ['carriage-return'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(
      `\\[\\[ ?: ${NOT_FOUND}|Bad for loop variable|Bad substitution|redirection unexpected|Syntax error: "\\(" unexpected|(?:declare|source|local|let|shopt|function|pushd) ?: ${NOT_FOUND}`,
    ),
    cause: 'The script is written for bash, and a smaller shell runs it: `sh script`, or `#!/bin/sh` where sh is dash or busybox.',
    cure: 'Run it with `bash script`, or write `#!/bin/bash` in the first line.',
  },
  {
    weight: 'cause',
    pattern: /syntax error near unexpected token [`']\}'|Syntax error: "\}" unexpected|parse error near [`']\}'/,
    cause:
      'The shell cannot read a `}`: a command of nft with braces and `;` stands without quotes, and the shell cut it at each `;`; or a function of the script is empty, or closed twice.',
    cure: "Quote the whole command: `nft 'add chain inet filter input { type filter hook input priority 0; policy drop; }'`; in a script `bash -n SCRIPT` names the line.",
    checks: ['parse-error'],
  },
  {
    weight: 'cause',
    pattern:
      /syntax error near unexpected token [`'](fi|then|else|elif|do|done|esac|\})'|Syntax error: "(fi|then|else|elif|do|done|esac|\})" unexpected|Syntax error: end of file unexpected \(expecting "(\w+|\})"\)|syntax error: unexpected end of file/,
    cause:
      'A branch or loop of the script is not whole ({1}{2}{3}): an `if` without `then`, a `for` without `do`, one that is never closed, or one with nothing but comments in it. Line ends of Windows do the same, as `then` followed by a carriage return is no `then`.',
    cure: '`bash -n SCRIPT` names the line; put `:` into an empty branch; `file SCRIPT` shows line ends of Windows, and `fwlint --fix SCRIPT` mends them.',
    checks: ['carriage-return', 'parse-error'],
  },
  {
    weight: 'cause',
    pattern: /here-document (?:at line (\d+) )?delimited by end-of-file(?: \(wanted [`']([^']*)'\))?/,
    cause:
      'The text that begins in line {1} with `<<` never ends: its end mark `{2}` must stand alone on a line, without blanks before or behind it and without a carriage return. All lines below went into that text, and none of them was run.',
    cure: 'Write `{2}` at the beginning of a line of its own (with `<<-` tabs may stand before it).',
    checks: ['carriage-return'],
  },
  {
    weight: 'cause',
    pattern:
      /syntax error near unexpected token [`']?([^'\s]*)'?|Syntax error: (?:word|newline|end of file|"[^"]*"|Unterminated quoted string)(?: unexpected)?|parse error near [`'](.*)'/,
    cause:
      'The shell cannot read the line: a character that means something to it stands there without quotes. `(`, `)`, `<`, `>`, `&` and `;` do; they come from a placeholder such as `<port>`, from a sentence that was copied along, or from HTML. Nothing of the command was run.',
    cure: 'Take out what is no part of the command, put real values for placeholders, or quote the text.',
    checks: ['prose-after-rule', 'placeholder', 'html-entity', 'parse-error'],
  },
  {
    weight: 'cause',
    pattern: /unexpected EOF while looking for matching|unterminated quoted string|unmatched ["'`]/i,
    cause:
      'A quotation is opened and never closed: a typographic quote stands where it should end, or the apostrophe of a sentence that was copied along opens one. The lines behind it are swallowed.',
    cure: 'Write plain quotes, and take out what is no part of the command.',
    checks: ['smart-quote', 'prose-after-rule'],
  },
  {
    weight: 'cause',
    pattern: /unbound variable|parameter not set|parameter null or not set/,
    cause:
      'The script uses a variable that nobody set, and is told to stop at that (`set -u` or `${NAME:?}`). That is better than a rule with an empty address.',
    cure: 'Set the variable.',
    checks: ['unset-or-unquoted-variable'],
  },
  {
    weight: 'cause',
    pattern: /\[: (?:too many arguments|=: unary operator expected|.*(?:unary|binary) operator expected|missing `\]')|ambiguous redirect/,
    cause: 'A variable without quotes is empty or holds several words, so the condition or redirection it stands in lost its form.',
    cure: 'Quote it: `[ "$LAN" = on ]`, `> "$FILE"`.',
    checks: ['unset-or-unquoted-variable'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`(\\/(?:etc|proc|sys|var|root)\\/\\S+?) ?: ${NO_PERMISSION}`),
    cause:
      'The shell itself opens the file {1} behind `>`, before sudo starts: `sudo iptables-save > FILE` writes with the rights of the user. (In a container /proc/sys may be read-only for root as well.)',
    cure: "Write `sudo sh -c 'iptables-save > FILE'` or `sudo iptables-save | sudo tee FILE`; for kernel settings `sudo sysctl -w NAME=VALUE`.",
    checks: ['wrong-save'],
  },
  {
    weight: 'cause',
    pattern: new RegExp(`(\\S+\\.sh|\\.\\/\\S+) ?: ${NO_PERMISSION}`),
    cause: 'The file {1} is not marked as a program, or lies on a file system mounted with noexec.',
    cure: '`chmod +x` it, or run it with `sh FILE`.',
  },
  {
    weight: 'cause',
    pattern:
      /(\/?\S*(?:ip6?tables|nft|ipset)[\w-]*): (?:cannot execute(?: binary file)?(?:: required file not found)?|Exec format error)|(\/\S*(?:ip6?tables|nft|ipset)[\w-]*): Too many levels of symbolic links/,
    cause:
      'The file {1}{2} cannot be run: it is built for another architecture, its loader is missing, or it is a link that leads in a circle (a broken alternative).',
    cure: '`file -L {1}{2}` and `readlink -f {1}{2}` show what it is; install the package again: `apt install --reinstall iptables`, `update-alternatives --auto iptables`.',
  },
  {
    weight: 'cause',
    pattern:
      /failed to find a module named (\S+)|[Cc]annot satisfy the following dependencies for (?:iptables|nftables|kmod|firewall|ipset)\S*:?\s*(.*)/,
    cause:
      'OpenWrt has no module {1}{2} for the kernel that runs: packages with modules fit exactly one build of the kernel, the one they were made with; some names (nf_tproxy_core) are of older kernels and are not needed any more.',
    cure: '`opkg update`, and install kmod-… of the very release that runs (`cat /etc/openwrt_release`); for an image built by hand build the modules along with it.',
  },
  {
    weight: 'cause',
    pattern: /modprobe: can't change directory|Could not (?:load|open) \S*modules\.dep|could not open moddep file/i,
    cause:
      'There are no modules for the running kernel: this is a container or virtual server (OpenVZ, LXC, Docker) that uses the kernel of its host, or the kernel was updated and not started yet.',
    cure: 'Load the modules on the host; reboot after a kernel update.',
  },
  {
    weight: 'cause',
    pattern: /(?:modprobe|insmod).*(?:Required key not available|Key was rejected by service)/,
    cause: 'Secure Boot lets in only modules that are signed.',
    cure: 'Sign the module, or install the one of the distribution.',
  },
  {
    weight: 'cause',
    pattern:
      /could not insert '?([^':]+)'?: (?:Exec format error|Invalid module format|Unknown symbol)|(?:insmod|modprobe).*(?:[Ii]nvalid module format|Exec format error|unknown symbol in module)/,
    cause:
      'The module {1} was built for another kernel or another architecture than the one that runs, or this is a container that has the modules of another kernel.',
    cure: 'Reboot after a kernel update; install the modules of the running kernel (`uname -r`); in a container load them on the host.',
  },
  {
    weight: 'cause',
    pattern: /Module (ip6?_tables|ip6?table_\w+|x_tables) not found/,
    cause:
      'The running kernel has no module {1}: after an update without a reboot the modules on the disk belong to the newer kernel; a container has those of its host; and the newest kernels are built without iptables-legacy.',
    cure: 'Reboot after a kernel update; load the module on the host; or let iptables be iptables-nft: `update-alternatives --set iptables /usr/sbin/iptables-nft`.',
  },
  {
    weight: 'cause',
    pattern:
      /modprobe: (?:FATAL: |ERROR: )?Module (\S+) (?:is in use|is builtin|not found)|(?:FATAL|ERROR): Module (\S+) (?:not found|is in use|is builtin)|(?:modprobe|insmod): (?:ERROR: )?could not (?:insert|remove) '?([^':]+)'?/,
    cause:
      'The kernel module cannot be loaded or removed: there is none for the running kernel (often after an update without a reboot), a rule still uses it, or this is a container.',
    cure: 'Reboot after a kernel update; take the rules out before `modprobe -r`; load modules on the host.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(
      `sysctl: cannot stat (\\S+): ${NO_SUCH_FILE}|error: "?(net\\.[\\w.-]*)"? is an unknown key|(\\/proc\\/\\S*(?:conntrack|netfilter|recent)\\S*) ?: ${NO_SUCH_FILE}`,
    ),
    cause:
      'The kernel has no {1}{2}{3}: the module it belongs to is not loaded (nf_conntrack, br_netfilter, xt_recent, the last only while a rule uses it), or the name is that of an old kernel (`net.ipv4.netfilter.ip_conntrack_…`, `/proc/net/ipt_recent`).',
    cure: 'Load the module first; the names are now `net.netfilter.nf_conntrack_…` and `/proc/net/xt_recent`.',
  },
  {
    weight: 'cause',
    pattern: /sysctl: (?:setting key "?(net\.[\w./]+)"?|permission denied on key '?(net\.[\w./]+)'?|cannot (?:set|open) \S*(net[./]\S+))/i,
    cause: 'The setting {1}{2}{3} cannot be changed here: this is no root, or a container, where /proc/sys is read-only or belongs to the host.',
    cure: 'Set it on the host, or for a container with `docker run --sysctl NAME=VALUE`.',
  },
  {
    weight: 'cause',
    pattern:
      /(?:iptables|ip6tables|xtables|nft|ipset)\S*: (?:error while loading shared libraries: ([^:]+)|symbol lookup error: (.+)|(.*version [`'].*' not found.*))/,
    cause: 'The program does not start: a library is missing or of another version ({1}{2}{3}). It was installed by hand or only in part.',
    cure: 'Install the package of the distribution again, or run `ldconfig` after building it.',
  },
  {
    weight: 'cause',
    pattern: /\b(?:iptables|ip6tables|nft|ipset)\b.*(?:exit (?:status|code)|returned(?: non-zero exit status)?) 12[67]\b/,
    cause: 'The shell found no such program, or may not run it (126): iptables is not installed, or not on the path of the program that called it.',
    cure: 'Install it, or give the whole path, such as /usr/sbin/iptables.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(
      `(?:iptables|ip6tables|nft|ipset)[\\w-]*: ${NO_PERMISSION}|is not in the sudoers file|[Yy]ou need to be root|must be run as root`,
    ),
    cause: 'Only root may look at and change the firewall, and this user is not root or may not use sudo.',
    cure: 'Become root (`su -`), or have the user added to the sudoers.',
  },
  {
    weight: 'cause',
    pattern: new RegExp(
      `(?<![\\w/])((?!\\/(?:proc|sys)\\/)\\/\\S*(?:tables|rules|nft|ipset)[\\w.-]*)'? ?: ${NO_SUCH_FILE}|Can't open (?:file )?'?(\\/\\S+?)'?:? `,
    ),
    cause: 'There is no file {1}{2}: nothing was ever saved there, or under another name; when it was to be written (`>`), its folder is missing.',
    cure: 'Save the rules there first: `mkdir -p` its folder, then `iptables-save > FILE`.',
    checks: ['wrong-save'],
  },
  {
    weight: 'symptom',
    pattern: /RTNETLINK answers: Operation not permitted/,
    cause: 'Only root, or a process with CAP_NET_ADMIN, may change the network.',
    cure: 'Use sudo; give a container `--cap-add NET_ADMIN`.',
  },
  {
    weight: 'symptom',
    pattern: new RegExp(`(?:sh|bash|dash|zsh|line \\d+|\\d+): ([\\w.-]{1,40}) ?: ${NO_SUCH_FILE}|no such file or directory: ([\\w.-]{1,40})$`),
    cause:
      'The shell looks for a file `{1}{2}`. If a placeholder such as `<{1}{2}>` stands in the command, it reads `<` as "take the input from this file". Nothing of the command was run.',
    cure: 'Put the real value where the angle brackets are; otherwise check the path.',
    checks: ['placeholder'],
  },
];
