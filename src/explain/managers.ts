/** What the programs that write firewall rules for somebody say when one is refused: Docker, fail2ban, ufw, firewalld, Kubernetes, services. */

import type { ErrorEntry } from './define.js';

/** (wordings from the programs' logs; what iptables itself said stands in the same line or near it and tells more) */
export const MANAGER_ERRORS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /iptables failed:.*can't initialize ip6?tables table `(\w+)': Table does not exist/,
    cause:
      'Docker needs the table {1}, and the kernel has none: its module is not built, not loaded, or belongs to another kernel than the one that runs, as after an update without a reboot.',
    cure: 'Reboot after a kernel update; `modprobe iptable_{1}`; with a kernel without legacy tables let iptables be iptables-nft.',
  },
  {
    weight: 'cause',
    pattern:
      /(?:[Ff]ailed to (?:inject|program)|[Uu]nable to add \w+ rule|[Ff]ailed to [Ss]etup IP tables|[Ee]rror creating default "bridge" network).*(?:[Nn]o chain\/target\/match by that name|RULE_\w+ failed \(No such file or directory\))/,
    cause:
      'Docker makes its chains when it starts, and one of its rules was refused: the kernel has no module for a match or target in the command that is named (xt_addrtype, xt_conntrack, xt_MASQUERADE, for `ip6tables -t nat` ip6table_nat), as in WSL, small kernels and after a kernel update without a reboot; or another program emptied the firewall at the same moment.',
    cure: 'Reboot after a kernel update; `modprobe xt_addrtype xt_conntrack xt_MASQUERADE`; with an iptables-nft that the kernel does not fit `update-alternatives --set iptables /usr/sbin/iptables-legacy`; then `systemctl restart docker`.',
    checks: ['unsupported-extension', 'foreign-chains', 'mixed-backends'],
  },
  {
    weight: 'cause',
    pattern: /CHAIN_(?:USER_)?ADD failed \(File exists\): chain (ufw6?-\S+)/,
    cause:
      'ufw makes the chain {1}, and it is there already: ufw was started twice at the same moment, an earlier start stopped half-way, or a saved dump with the chains of ufw was loaded (iptables-persistent beside ufw).',
    cure: '`ufw disable`, empty what is left (`iptables -F; iptables -X`, with ACCEPT as policy first), `ufw enable`; keep only one of ufw and iptables-persistent.',
    checks: ['foreign-chains'],
  },
  {
    weight: 'cause',
    pattern: /fw3_ipt_rule_append\(\): Can't find (match|target) '(\w+)'/,
    cause: 'The firewall of OpenWrt (fw3) wants the {1} {2}, and its library is not installed: OpenWrt keeps extensions in packages of their own.',
    cure: 'Install the package that has it: `opkg install iptables-mod-…` and `kmod-ipt-…` (tproxy, ipopt, conntrack-extra, extra …).',
    checks: ['unsupported-extension'],
  },
  {
    weight: 'cause',
    pattern: /No module named '?(ufw|firewall|nftables|iptc|iptables)\b/,
    cause:
      'The program is written in Python, and the Python that runs it does not find its module {1}: Python was updated or replaced, or the package is installed only in part.',
    cure: 'Install the package again (`apt install --reinstall ufw`, python3-nftables, python3-firewall), and let /usr/bin/python3 be the Python of the distribution.',
  },
  {
    weight: 'symptom',
    pattern:
      /org\.freedesktop\.DBus\.Error\.(\w+).*org\.fedoraproject\.FirewallD1|org\.fedoraproject\.FirewallD1.*(?:not provided|was not provided|not allowed)/,
    cause:
      'firewalld and firewall-cmd talk over D-Bus, and that did not work ({1}): the service does not run, the caller is not root, or the policy file of firewalld for D-Bus is missing or not read yet.',
    cure: 'Use sudo; `systemctl restart dbus firewalld` (a reboot is safer for dbus); install firewalld again when /usr/share/dbus-1/system.d/FirewallD.conf is missing.',
  },
  {
    weight: 'echo',
    pattern: /felix\/\w+\.go\b.*(?:[Ff]ailed|[Ee]rror)/,
    cause:
      'Felix, the part of Calico that writes rules, called iptables or ipset and failed. What it said stands behind `stderr=` or `output=`, or in lines near it.',
    cure: 'See that `iptables -V` is the same in the container and on the host (`FELIX_IPTABLESBACKEND`), and that the host has loaded ip_set and xt_set; run the command that is named by hand.',
    checks: ['mixed-backends'],
  },
  {
    weight: 'cause',
    pattern:
      /(?:-[ADCIN] |-j )(DOCKER[\w-]*)\b.*(?:No chain\/target\/match by that name|does not exist|Couldn't load target)|Chain '(DOCKER[\w-]*)' does not exist|Couldn't load target `(DOCKER[\w-]*)'/,
    cause:
      "Docker's own chain {1}{2}{3} is gone. Docker makes its chains when it starts; whatever empties the firewall after that (`iptables -F` with `-X`, a restart of firewalld or of the iptables service, iptables-restore without `-n`) deletes them. Or Docker and the other program use different back ends, legacy and nft.",
    cure: 'Restart Docker (`systemctl restart docker`), and let scripts leave its chains alone: `iptables-restore -n`, `-F` for single chains.',
    checks: ['foreign-chains', 'mixed-backends'],
  },
  {
    weight: 'cause',
    pattern:
      /Couldn't load target `((?:f2b|fail2ban|CNI|KUBE|NETAVARK|LIBVIRT|ufw6?|cali|FLANNEL|WEAVE|ts|sshguard|CROWDSEC|LXC|FWD[IO]?|IN|IIB)[-_][\w-]+)'|[Cc]hain [`'"]?((?:f2b|fail2ban|CNI|KUBE|NETAVARK|LIBVIRT|ufw6?|cali|FLANNEL|WEAVE|ts|CROWDSEC|LXC)[-_][\w-]+)[`'"]? does not exist/,
    cause:
      'The chain {1}{2} belongs to a program that makes it when it starts (f2b- to fail2ban, KUBE- and CNI- to Kubernetes, NETAVARK to Podman, LIBVIRT to libvirt, ufw- to ufw, cali- to Calico, ts- to Tailscale), and is gone: another program or script emptied the firewall after that, or the two use different back ends, legacy and nft.',
    cure: 'Restart the program that owns it (`systemctl restart fail2ban`, `podman network reload --all` …), start it after the firewall, and let scripts leave the chains of others alone: `iptables-restore -n`. `iptables -V` shows the back end.',
    checks: ['foreign-chains', 'mixed-backends'],
  },
  {
    weight: 'cause',
    pattern: /UFW is disabled or you are not root user, or mismatched iptables/,
    cause:
      'ufw-docker did not find the chains of ufw: ufw is not enabled, the caller is not root, or ufw and this iptables use different back ends, legacy and nft.',
    cure: '`ufw status` and `iptables -V` as root; let both use one back end: `update-alternatives --config iptables`, then `ufw reload`.',
    checks: ['mixed-backends'],
  },
  {
    weight: 'cause',
    pattern: /numiptent/,
    cause:
      'The virtual server (OpenVZ) may have only so many rules of iptables (numiptent), and the rules are more than that. What does not fit is not loaded.',
    cure: 'Ask the host for a higher limit (`vzctl set CTID --numiptent 2000 --save`), or use ipsets instead of many rules; `cat /proc/user_beancounters` shows the limit.',
  },
  {
    weight: 'symptom',
    pattern: /network '([^']*)' is not active/,
    cause: "libvirt's network {1} is not started. Often it could not be, because its rules of the firewall were refused.",
    cure: '`virsh net-start {1}` shows why; `virsh net-autostart {1}` starts it at boot.',
  },
  {
    weight: 'symptom',
    pattern: /firewalld is active, please ensure ports \[([^\]]*)\] are open/,
    cause: 'A note of kubeadm: firewalld runs on this host, and Kubernetes needs the ports {1}, which it may not let in.',
    cure: '`firewall-cmd --permanent --add-port=6443/tcp --add-port=10250/tcp`, then `firewall-cmd --reload`; more ports for the network of the pods.',
  },
  {
    weight: 'symptom',
    pattern: /iptables module\(s\) loaded, but no rules active/,
    cause: 'A note of Lynis: the kernel has iptables, and nothing filters. Rules of nftables are not counted there.',
    cure: 'Look with `nft list ruleset` and `iptables-save`; when both are empty, nothing guards this host.',
    checks: ['default-accept'],
  },
  {
    weight: 'cause',
    pattern: /Error in (\S*ferm\S*) line (\d+): ?(.*)/,
    cause: 'ferm does not take line {2} of {1}: {3}. Nothing of the file was loaded.',
    cure: '`ferm --noexec --lines {1}` shows what it makes of the file; compare the line with `man ferm`.',
  },
  {
    weight: 'symptom',
    pattern: /nft did not return successfully while applying ruleset/,
    cause:
      "Podman (netavark) gave its rules to nft, and the kernel refused them. The lines of nft above this one say what; `No such file or directory` there is mostly a module that the kernel lacks (WSL, a small kernel, an update without a reboot), or netavark's table, which another program deleted.",
    cure: 'Reboot after a kernel update; `modprobe nft_chain_nat nft_masq nft_fib_inet nft_ct`; older versions can be told to use iptables: `firewall_driver = "iptables"` below `[network]` in /etc/containers/containers.conf.',
  },
  {
    weight: 'cause',
    pattern: /(?:^|[\s:"'])[Ii]ptables not found\b/,
    near: /docker|chain|daemon|network|firewall/i,
    cause: 'A program (Docker) wants to call iptables and does not find it: it is not installed, or not on the path of the service.',
    cure: 'Install the package iptables, and start the program again: `systemctl restart docker`.',
  },
  {
    weight: 'cause',
    pattern: /ERROR: (?:COMMAND_FAILED: )?'handle'/,
    cause:
      'firewalld gave rules to nft and did not get back the number (handle) of each: libnftables, its Python module and firewalld are of different versions, or the kernel is too old for them.',
    cure: 'Update nftables and firewalld together and restart firewalld; until then `FirewallBackend=iptables` in /etc/firewalld/firewalld.conf.',
  },
  {
    weight: 'cause',
    pattern: /Could not open socket to kernel: (.*)/,
    cause:
      'The program asked the kernel for a raw socket and got none ({1}): it is not root, or there is no Linux kernel with a packet filter beneath it, as in WSL 1.',
    cure: 'Use sudo; in Windows move to WSL 2: `wsl --set-version NAME 2`.',
  },
  {
    weight: 'cause',
    pattern: /lockingopt: No such file or directory|actionflush>|<lockingopt>|near unexpected token `newline'.*action/,
    cause:
      'A file in action.d of fail2ban is older or newer than the program: it uses a name in angle brackets that is not filled in, and the shell reads it as a redirection.',
    cure: 'Take the action files of the installed version again, and keep changes in `.local` files.',
  },
  {
    weight: 'symptom',
    pattern: /Invariant check failed\. Trying to restore a sane environment/,
    cause: 'The chain of fail2ban is not there any more: another program or script emptied the firewall after fail2ban had made it.',
    cure: 'Restart fail2ban after the firewall (`systemctl restart fail2ban`), and let scripts leave chains called `f2b-…` alone.',
    checks: ['foreign-chains'],
  },
  {
    weight: 'echo',
    pattern: /fail2ban\S*.*\b(?:ERROR|returned \d+)|Failed to (?:execute ban|start) jail '([^']*)'/,
    cause:
      'fail2ban ran the commands that stand here, and one of them failed. The line with `stderr:` says why; old versions write only `returned 100` and the like, which is the exit status times 100.',
    cure: 'Run the commands one by one as root. `--dport 80,443` is refused: several ports need `-m multiport --dports`, the action iptables-multiport.',
    checks: ['ports-need-multiport'],
  },
  {
    weight: 'symptom',
    pattern: /Could not load logging rules/,
    cause:
      'ufw could not add its rules with LOG: the kernel lacks xt_LOG or xt_limit, iptables and the kernel belong to different versions or back ends, or the chains of ufw were deleted.',
    cure: 'See whether `ufw logging off` helps; `ufw disable`, `ufw reset` and `ufw enable` make the chains anew; reboot after a kernel update.',
  },
  {
    weight: 'cause',
    pattern: /ERROR: Could not find a profile matching '([^']*)'/,
    cause: 'ufw has no application profile `{1}`: the package that brings it is not installed, or the name is misspelt.',
    cure: 'List them with `ufw app list`, or write the port: `ufw allow 80/tcp`.',
  },
  {
    weight: 'cause',
    pattern: /WARN: Rule changed after normalization/,
    cause: 'ufw keeps networks without host bits: 192.168.1.5/24 becomes 192.168.1.0/24.',
    cure: 'Write the network, or the host without a mask.',
    checks: ['host-bits-set'],
  },
  {
    weight: 'symptom',
    pattern: /Couldn't determine iptables version|(?:ERROR|WARN): initcaps/,
    cause: 'ufw asks iptables what it can do, and gets no answer: iptables is missing, fails to start, or the kernel lacks its modules.',
    cure: 'Run `iptables --version` and `iptables -S` as root; reboot after a kernel update.',
  },
  {
    weight: 'cause',
    pattern:
      /(?:ERROR: |"msg": ?"|^)(Bad port|Bad (?:source|destination) (?:address|port)|Bad interface|Bad network|Invalid (?:position|interface|syntax|token|'?from'?|'?to'?|port|protocol|command|profile|policy|IP)|Wrong number of arguments|Need '?\w*'?|Improper rule syntax|Mixed IP versions|Protocol mismatch|Unsupported (?:protocol|action|direction|policy)|Must specify 'tcp' or 'udp'|Direction must be specified|Cannot (?:insert|specify|delete) |Could not find rule|IPv6 support not enabled|Adding IPv6 rule failed)(.*)/,
    near: /ufw|ERROR: (?:Bad (?:port|source|destination|interface)|Invalid (?:position|syntax|interface|token|port|IP)|Wrong number|Need|Improper|Mixed|Protocol|Unsupported|Must|Cannot (?:insert|delete)|Could not find rule|Adding IPv6)|Direction must be specified when creating a rule/,
    cause: 'ufw does not take the rule: {1} {2}.',
    cure: 'Write it like `ufw allow proto tcp from 192.0.2.0/24 to any port 80,443`; `ufw status numbered` shows the positions.',
  },
  {
    weight: 'symptom',
    pattern: /Skipping adding existing rule|Skipping inserting existing rule|Could not delete non-existent rule/,
    cause: 'No error: ufw has the rule already, or has it not.',
    cure: 'Nothing; `ufw status` shows the rules.',
  },
  {
    weight: 'echo',
    pattern: /problem running ufw-init|Problem running '(\/etc\/ufw\/[^']*)'|Problem loading ipv6/,
    cause: 'ufw could not load one of its files. The lines of iptables-restore around this one say which line of it is wrong, and why.',
    cure: 'Look at that line in the file that is named with "Problem running", or check it: `fwlint /etc/ufw/before.rules`.',
  },
  {
    weight: 'cause',
    pattern: /Section (@?\S+) (?:\(([^)]*)\) )?(option .+|requires .+|is .+|has .+|does .+|references .+|must .+|cannot .+|overlaps .+)/,
    near: /@(?:rule|redirect|zone|forwarding|ipset|defaults|include|nat)\[|\bfw[34]\b|iptables|firewall/,
    cause: 'The firewall of OpenWrt (fw3, fw4) does not carry out, or only in part, the section {1} {2} of /etc/config/firewall: {3}.',
    cure: 'Correct the section; where it "requires" a module, install that package (`opkg install kmod-ipt-…`); `fw4 check` or `fw3 print` shows the outcome.',
  },
  {
    weight: 'symptom',
    pattern: /Unable to locate ipset utility/,
    cause: 'A note of fw3 of OpenWrt: ipset is not installed, so sections that use sets are left out. Without such sections nothing is missing.',
    cure: '`opkg install ipset`, if sets are used.',
  },
  {
    weight: 'cause',
    pattern: /sshguard.*Could not initialize firewall/,
    cause: 'sshguard could not make its chain or set: the program of its backend (iptables, nft, ipset, firewall-cmd) is missing, or it is not root.',
    cure: 'Look at `BACKEND` in /etc/sshguard.conf, and run that program by hand as root.',
  },
  {
    weight: 'cause',
    pattern: /Parser error: (.*?) ?Discarding rule|Could not prefetch firewall provider/,
    cause: 'The firewall module of Puppet does not understand a rule that `iptables-save` printed, made by another program.',
    cure: 'Update the module, or let it ignore the chains of others (`ignore`, `purge => false`).',
  },
  {
    weight: 'cause',
    pattern:
      /(ufw|iptables-persistent|netfilter-persistent|firewalld)\b.*(?:Breaks|Conflicts): (ufw|iptables-persistent|netfilter-persistent|firewalld)/,
    cause: 'The packages {1} and {2} exclude each other: each wants to load the rules at boot.',
    cure: 'Keep one. Rules beside those of ufw belong into /etc/ufw/before.rules.',
  },
  {
    weight: 'cause',
    pattern:
      /Not starting ip6?tables\.|First create some rules then run|ip6?tables: [Nn]o config file|(?:not loading|No) saved (?:ip6?tables )?rules/,
    cause: 'The service has no file of rules to load: nothing was ever saved.',
    cure: '`/etc/init.d/iptables save` (Gentoo, Alpine), or `iptables-save > FILE` into the file that the service names; then start it.',
    checks: ['wrong-save'],
  },
  {
    weight: 'symptom',
    pattern: /SuSEfirewall2: Error: iptables-batch failed/,
    cause: 'SuSEfirewall2 could not load its rules in one go and tries them one by one; the line of iptables after this one says which is refused.',
    cure: 'Look at FW_CUSTOMRULES and the options in /etc/sysconfig/SuSEfirewall2; update, and reboot after a kernel update.',
  },
  {
    weight: 'cause',
    pattern: /IPVS: \w+: \w+ (\S+) - no destination available/,
    cause: 'The service {1} has no server behind it (in Kubernetes: no ready pod), so IPVS drops its packets. That is no rule.',
    cure: 'Look with `ipvsadm -ln` or `kubectl get endpoints`.',
  },
  {
    weight: 'symptom',
    pattern: /WARN: (?:uid is \d+ but '([^']*)' is owned by|'?([^' ]*)'? is (?:world|group) writable)/,
    cause: 'A note of ufw, no error of the rules: {1}{2} does not belong to root, or others may write to it, so others could change the firewall.',
    cure: '`chown root:root {1}{2}` and `chmod go-w {1}{2}`, if that is not meant.',
  },
  {
    weight: 'cause',
    pattern: /failed to apply rules\. A firewall reload might solve/i,
    cause:
      'firewalld wanted to change rules that are not there any more: another program (iptables, Docker, a script) changed or flushed them. Or iptables, ebtables and nft of the system do not fit to each other.',
    cure: '`firewall-cmd --reload`; leave the rules to one program; look at the lines with "failed:" around this one.',
    checks: ['foreign-chains'],
  },
  {
    weight: 'cause',
    pattern: /Running modprobe (.+?) failed with message/,
    cause:
      'A program (Docker) wanted the modules {1}, and the kernel has none of that name: they are built in, missing for the running kernel, or this is a container.',
    cure: 'When the network works, nothing; otherwise reboot after a kernel update, or load them on the host.',
  },
  {
    weight: 'cause',
    pattern: /could not load module (\S+)|modules could not be initialized/,
    near: /iptables|netfilter|nf_|ip_tables|xt_/,
    cause:
      'A module of the packet filter could not be loaded: it is not built, belongs to another kernel than the one that runs, or this is a container without the right to load it.',
    cure: '`modprobe` it on the host, and reboot after a kernel update. What is built into the kernel needs no module.',
  },
  {
    weight: 'cause',
    pattern:
      /(?:ip6?tables[\w-]*)(?: and (?:ip6?tables[\w-]*))? (?:(?:binaries|binary|executables?) (?:not found|(?:is|are) missing)|is not available on this host)/,
    cause:
      'A program wants to call iptables and does not find it: it is not installed, or not on the path of the service or container that the program runs in.',
    cure: 'Install it, inside of the container where the program runs in one.',
  },
  {
    weight: 'cause',
    pattern: /RPF check is set to|rp_filter to be set to/,
    cause: 'A program (Calico) wants the kernel to check where packets come from, and net.ipv4.conf.all.rp_filter does not say so (2 is "loose").',
    cure: '`sysctl -w net.ipv4.conf.all.rp_filter=1`, or tell Calico to ignore it: `FELIX_IGNORELOOSERPF=true`.',
  },
  {
    weight: 'cause',
    pattern: /(?:set(?:ting)? )?conntrack\S*.*(?:\/proc\/sys\/net\/netfilter\/\S+|nf_conntrack\S*): (?:permission denied|read-only file system)/i,
    cause: 'A program in a container wants to set the size of the table of connections, and may not: /proc/sys belongs to the host, or is read-only.',
    cure: 'Set `net.netfilter.nf_conntrack_max` on the host, and tell the program to leave it (kube-proxy: `--conntrack-max-per-core=0`).',
  },
  {
    weight: 'cause',
    pattern: /FirewallD is not running/,
    cause: 'firewall-cmd talks to the firewalld service, and that does not run.',
    cure: '`systemctl start firewalld`; when another program keeps the firewall, use that one instead.',
  },
  {
    weight: 'symptom',
    pattern:
      /\b(ALREADY_(?:ENABLED|SET)|NOT_(?:ENABLED|RUNNING|AUTHORIZED|APPLIED|OVERLOADABLE)|ZONE_CONFLICT|ZONE_ALREADY_SET|UNKNOWN_\w+|INVALID_\w+|NAME_CONFLICT|BUILTIN_\w+|MISSING_\w+|RUNNING_BUT_FAILED|ACCESS_DENIED|PARSE_ERROR|NO_IPV[46]_NAT|NO_DEFAULTS|PANIC_MODE|FAILED_TO_\w+|NOT_USING_\w+)\b:? ?(.*)/,
    cause:
      'firewalld refused the request: {1} {2}. ALREADY_ENABLED and NOT_ENABLED are no errors: nothing had to be done. RUNNING_BUT_FAILED: it could not load its rules, and keeps everything as it is.',
    cure: 'Compare with `firewall-cmd --list-all-zones`; `firewall-cmd --check-config` checks the files; `journalctl -u firewalld` says why it failed.',
  },
  {
    weight: 'symptom',
    pattern: /ebtables(?:-nft|-legacy)?-restore\b.*failed|ebtables.*(?:Bad argument|not supported)/,
    cause: 'The rules of ebtables, which filters bridges, were refused: an old program cannot load what the manager of the firewall writes.',
    cure: 'Update ebtables (or iptables-nft, which brings it) and the program that called it.',
  },
  {
    weight: 'echo',
    pattern: /COMMAND_FAILED/,
    cause: 'firewalld handed a rule to iptables or nft, and it was refused. What they said stands behind "failed:" or in the lines around this one.',
    cure: 'Look at `/var/log/firewalld` and `journalctl -u firewalld`; a direct rule or a rich rule is often the one that is wrong.',
  },
  {
    weight: 'symptom',
    pattern: /[Ii]ptables canary (\S+?):?\s.*(?:deleted|reload)|check for iptables canary (\S+?):? /,
    cause:
      'kube-proxy and kubelet watch over a chain of their own, {1}{2}, to see when another program empties the firewall. It is gone, or could not be looked up because the lock of iptables was taken (exit status 4).',
    cure: 'Find out what flushes the rules (a firewall service, a script); the rules of Kubernetes are written again by themselves.',
    checks: ['foreign-chains'],
  },
  {
    weight: 'symptom',
    pattern: /Could not get ipvs family information from the kernel|can't use the IPVS proxier|ipvs.*(?:not loaded|not available)/i,
    cause: 'kube-proxy wants IPVS, and the kernel has no module ip_vs. It goes on with iptables.',
    cure: '`modprobe ip_vs ip_vs_rr ip_vs_wrr ip_vs_sh nf_conntrack` on the host, or set the mode to iptables or nftables.',
  },
  {
    weight: 'cause',
    pattern: /Redirecting to \/bin\/systemctl save|Unknown (?:operation|command verb) '?save|service command supports only basic LSB actions/,
    cause:
      '`service iptables save` is an action of the package iptables-services; systemd knows only start, stop and the like. Nothing was saved, and after a reboot the rules are gone.',
    cure: 'Install iptables-services, or write `iptables-save > /etc/sysconfig/iptables`; with firewalld use `firewall-cmd --runtime-to-permanent`.',
    checks: ['wrong-save'],
  },
  {
    weight: 'symptom',
    pattern: /netavark: .*(?:RULE_\w+ failed \(No such file|[Nn]o chain\/target\/match|exited|code: \d)/,
    cause:
      'Podman (netavark) could not add a rule of its network: its chains were deleted by another program, as by a flush or a restart of firewalld, or the kernel lacks a module for the rule.',
    cure: '`podman network reload --all` makes the chains anew; load the modules on the host (`modprobe xt_MASQUERADE xt_comment`), reboot after a kernel update.',
    checks: ['foreign-chains'],
  },
  {
    weight: 'echo',
    pattern:
      /Failed to (?:ensure|bootstrap|set ?up|sync|create|apply|program|check|add|append|insert|run|execute|list|restore|save|flush|initialize)\b.*(?:ip6?tables|ip ?tables|nftables|nft|firewall) ?(?:rules?|chains?|tables?|command|FILTER|NAT|-restore|-save)?|(?:can't|could not|cannot|unable to) (?:apply|set up|create|load|add|append|insert|flush).*(?:ip6?tables|nftables|firewall) (?:rules?|chains?)/i,
    cause:
      'A program could not put its own rules into the firewall. What iptables or nft said about it stands behind this line or near it; `exit status -1` means that the program was killed or did not start.',
    cure: 'Run the command that is named by hand as root; see that iptables is installed, that its modules are loaded on the host, and that it uses the same back end (`iptables -V`) as the rest.',
    checks: ['mixed-backends'],
  },
  {
    weight: 'echo',
    pattern: /Looked up iptables command backendMode="?(\w+)/,
    cause: 'A note of Calico, no error: it found the back end {1} of iptables and uses that.',
    cure: 'When the host uses the other one (`iptables -V`), set `FELIX_IPTABLESBACKEND` to it.',
  },
  {
    weight: 'cause',
    pattern: /Failed to initialize a valid firewall backend/,
    cause: 'libvirt found neither iptables nor nft, which it needs for its networks.',
    cure: 'Install iptables or nftables and restart libvirtd; `firewall_backend` in /etc/libvirt/network.conf says which is taken.',
  },
  {
    weight: 'cause',
    pattern: /Have not found any log file for (\S+) jail|No file\(s\) found for glob (\S+)/,
    cause: 'fail2ban does not start: the log file that the jail {1} reads does not exist ({2}). Systems without rsyslog have no /var/log/auth.log.',
    cure: 'Write `backend = systemd` for the jail, set its `logpath`, or switch the jail off.',
  },
  {
    weight: 'symptom',
    pattern: /\[([\w.-]+)\] (\S+) already banned/,
    cause:
      'fail2ban banned {2} before, and it comes again: the rule does not stop it, because it is for other ports or a chain that the packets do not pass (those for containers pass FORWARD), an ACCEPT stands above it, or the connection is still open.',
    cure: 'Compare `iptables -S` with the port; for Docker use `chain = DOCKER-USER`; `port = 0:65535` bans from all ports.',
    checks: ['shadowed-rule'],
  },
  {
    weight: 'cause',
    pattern:
      /ERROR: (.* requires? .* in your kernel and iptables|.*kernel\/iptables do not include .* support.*|.* (?:is|are) not supported by your .*(?:kernel|iptables).*)/,
    cause: 'Shorewall asked iptables what it and the kernel can do, and one thing is missing: {1}.',
    cure: '`shorewall show capabilities` lists them; load the module on the host, reboot after a kernel update, and delete an old /etc/shorewall/capabilities.',
  },
  {
    weight: 'symptom',
    pattern: /ERROR: ip6?tables-restore Failed\. Input is in (\S+)/,
    cause:
      'Shorewall compiled its rules, and iptables-restore refused them. The line of iptables-restore above this one says which line of {1} it is.',
    cure: 'Look at that line, or check the file: `fwlint {1}`.',
  },
  {
    weight: 'cause',
    pattern: /(?:ERROR|WARNING): (.+?) (\/\S*shorewall\S*) \(line (\d+)\)/,
    cause: 'The compiler of Shorewall does not take line {3} of {2}: {1}.',
    cure: 'Compare the line with `man shorewall-FILE`, such as shorewall-rules; zones and interfaces must be declared in their files first.',
  },
  {
    weight: 'symptom',
    pattern: /TESTING mode is enabled/,
    cause: 'No error: csf is in its test mode, and takes all rules away again after some minutes so that nobody is locked out for good.',
    cure: 'When everything works, write `TESTING = "0"` in /etc/csf/csf.conf and run `csf -r`.',
  },
  {
    weight: 'cause',
    pattern: /Testing (ip\w+|xt_\w+)\S*\.\.\.\s*FAILED/,
    cause: 'csf tried a rule with {1}, and the kernel has no such module, or does not load it inside of a container or virtual server.',
    cure: 'Load {1} (or its newer name, xt_ instead of ipt_) on the host; for OpenVZ the host allows it for the container; what is not "Required" can be missing.',
  },
  {
    weight: 'cause',
    pattern: /alternative path (\S+) doesn't exist/,
    near: /tables|nft/,
    cause:
      'There is no program {1} here: the iptables of this system is built without that back end, or is older than 1.8 (Debian before 10, Ubuntu before 19.04) and has one only.',
    cure: '`ls /usr/sbin/*tables*` shows what there is; `apt install iptables` brings both back ends on newer systems; otherwise leave the alternative as it is.',
  },
  {
    weight: 'cause',
    pattern: /alternative (\S+) for (\S*(?:tables|nft)\S*) not registered|no alternatives for (\S*tables\S*)/,
    cause:
      'update-alternatives knows no such choice {1} for {2}{3}: the package of it is not installed, or this system has one iptables only (Debian before 10, Red Hat, Alpine, a program built by hand).',
    cure: '`update-alternatives --display iptables` shows the choices; without them call iptables-nft or iptables-legacy by name.',
  },
  {
    weight: 'cause',
    pattern: /Rollback applied to previous state|iptables_state .*timed out/,
    cause:
      'The Ansible module iptables_state loaded the rules, got no answer in time, and put the old ones back: the new rules cut off the connection, or the task did not run with `async` and `poll: 0`.',
    cure: 'Accept ESTABLISHED connections and SSH in the file first; write `async` and `poll: 0` as its documentation shows.',
    checks: ['established-not-first', 'lockout-order'],
  },
  {
    weight: 'cause',
    pattern: /Make sure polkit agent is running/,
    cause: 'firewall-cmd ran as a user who may not change the firewall.',
    cure: 'Use `sudo firewall-cmd …`.',
  },
  {
    weight: 'cause',
    pattern: /Could not (?:read|open) (?:geo database|\S*xt_geoip\S*)/,
    cause: '`-m geoip` finds no list of addresses for the country: the database was never built, or is of another format than this version reads.',
    cure: 'Run xt_geoip_dl and xt_geoip_build of xtables-addons; the files belong into /usr/share/xt_geoip.',
  },
  {
    weight: 'cause',
    pattern: /listen (tcp|udp)\S* (\S+): bind: address already in use|[Bb]ind for (\S+) failed: port is already allocated/,
    near: /external connectivity|userland proxy|docker|endpoint/,
    cause: 'No matter of rules: another program or container has the port {2}{3} already.',
    cure: '`ss -tulpn` shows which; stop it, or publish another port.',
  },
  {
    weight: 'symptom',
    pattern: /Skipping unsupported IPv[46]|IPv6 rate limit not supported/,
    cause: 'A note of ufw: the kernel or iptables of this system cannot do the rule for this family, and ufw left it out there.',
    cure: 'Update iptables and the kernel, or do without the rule for this family.',
  },
  {
    weight: 'cause',
    pattern: /iptables command \[?(\S+?)\]? not found/,
    cause: 'A program (csf) looked for iptables at {1} and found none there: it is not installed, or lies in another folder.',
    cure: '`command -v iptables` shows where it is; write that into the settings of the program, such as /etc/csf/csf.conf.',
  },
  {
    weight: 'cause',
    pattern:
      /(firewall-cmd|firewall-offline-cmd|ufw|fail2ban-client)\S*: error: (unrecognized arguments|argument|the following arguments|invalid choice|no such option)(.*)/,
    cause: '{1} does not take the command: {2}{3}. An option is misspelt, missing, or newer than this version.',
    cure: 'Look at `{1} --help`.',
  },
  {
    weight: 'cause',
    pattern: /Shorewall6?(?:-lite)? is (?:not running|stopped|cleared)/,
    cause: 'Shorewall has not loaded its rules: it was never started, or the start failed.',
    cure: '`shorewall check`, then `shorewall start`; /var/log/shorewall-init.log tells what failed. At boot it starts only with `STARTUP_ENABLED=Yes`.',
  },
  {
    weight: 'symptom',
    pattern: /skipping IPv([46]) \(no (?:rules to load|modules? loaded)/,
    cause: 'A note of netfilter-persistent: there is no /etc/iptables/rules.v{1}, so nothing was loaded for IPv{1}.',
    cure: '`netfilter-persistent save` writes the rules that are loaded now.',
    checks: ['wrong-save'],
  },
  {
    weight: 'symptom',
    pattern: /AllowZoneDrifting is enabled/,
    cause: 'A note of firewalld, no error: packets of one zone may also go through another one, as old versions had it.',
    cure: 'Write `AllowZoneDrifting=no` into /etc/firewalld/firewalld.conf, and see that everything works.',
  },
  {
    weight: 'symptom',
    pattern: /Failed to load kernel module.*with modprobe/,
    cause:
      'kube-proxy could not load a module of IPVS or connection tracking: in a container without /lib/modules it cannot, and it is no matter when the host has loaded it.',
    cure: 'Load the modules on the host (`modprobe ip_vs ip_vs_rr nf_conntrack`), if services do not work.',
  },
  {
    weight: 'symptom',
    pattern: /Unloading (?:ip6?tables )?modules:.*\[ *FAILED *\]/,
    cause:
      'The service could not unload the modules of the firewall, since something uses them (Docker, libvirt, a container). The rules are not touched by that.',
    cure: 'Write `IPTABLES_MODULES_UNLOAD="no"` into /etc/sysconfig/iptables-config.',
  },
  {
    weight: 'symptom',
    pattern: /problem running sysctl/,
    cause:
      'ufw could not set what /etc/ufw/sysctl.conf says: in a container /proc/sys is read-only, or the kernel has no such setting (IPv6 is off).',
    cure: 'Put `IPT_SYSCTL=` (empty) into /etc/default/ufw, or a `#` before the lines that fail: `sysctl -p /etc/ufw/sysctl.conf` names them.',
  },
  {
    weight: 'cause',
    pattern: /nftables not supported on this system|kernel must be [\d.]+ or later/,
    near: /nftables|iptables|proxier/,
    cause: 'kube-proxy (or another program) was told to use nftables, and the kernel or nft of this host is too old for it.',
    cure: 'Update the kernel (kube-proxy wants 5.13) and nft (1.0.1), or set the mode to iptables.',
  },
  {
    weight: 'symptom',
    pattern: /TABLE_FLUSH failed \(Device or resource busy\)|problem running (ip6?tables)\s*$/i,
    cause:
      'A call of iptables or ip6tables failed: the kernel lacks its modules (IPv6 switched off, a kernel update without a reboot, a container), or something else holds the tables.',
    cure: 'Run `iptables -S` and `ip6tables -S` as root to see its own words; `IPV6=no` in /etc/default/ufw where there is no IPv6; look at `nft list ruleset`.',
  },
  {
    weight: 'symptom',
    pattern: /netfilter-persistent\/plugins\.d\/\d+-ip(\d)tables\b.*(?:exited|return(?:ed)?) .*code (\d+)/,
    cause: 'netfilter-persistent could not load /etc/iptables/rules.v{1}: iptables-restore refused the file.',
    cure: 'Run `iptables-restore --test /etc/iptables/rules.v{1}` (ip6tables-restore for rules.v6), or `fwlint /etc/iptables/rules.v{1}`, to see the line.',
  },
  {
    weight: 'symptom',
    pattern: /Setting chains to policy ACCEPT:.*\[ *FAILED *\]/,
    cause:
      'The iptables service of Red Hat sets policies in every table the kernel knows, and one of them (often security or raw) does not let it: the kernel of a container or virtual server, or an old script with a newer kernel.',
    cure: 'The rules of the other tables are loaded all the same. Update iptables-services.',
  },
  {
    weight: 'cause',
    pattern: /Unit (ip6?tables|nftables|firewalld|ufw|netfilter-persistent)\.service is masked/,
    cause:
      'The service {1} was masked, so that nothing starts it: usually because another program keeps the firewall (firewalld masks iptables, and the other way round).',
    cure: '`systemctl unmask {1}` if it is wanted, and disable the other one first.',
  },
  {
    weight: 'echo',
    pattern: /WARN: Duplicate profile '([^']*)'/,
    cause: 'A note of ufw: two files in /etc/ufw/applications.d describe `{1}`, and the last one counts.',
    cure: 'Delete one of them.',
  },
  {
    weight: 'symptom',
    pattern: /Loading (?:IPv4|IPv6|iptables) rules\W.*(?:fail|error)/i,
    cause: 'The rules of the file that is loaded at boot were refused by iptables-restore.',
    cure: 'Run `iptables-restore --test < FILE` as root, or `fwlint FILE`, to see the line: /etc/iptables/rules.v4, or /etc/sysconfig/iptables.',
  },
  {
    weight: 'cause',
    pattern: /ERROR: '(\S*ip6?tables\S*)' is not executable/,
    cause: 'ufw looked for iptables at {1} and found no program there: it is not installed, or lies in another folder.',
    cure: 'Install iptables; `command -v iptables` shows where it is.',
  },
  {
    weight: 'echo',
    pattern: /Job for (\S+?)(?:\.service)? failed because|(\S+)\.service: (?:(?:Main|Control) process exited|Failed with result)/i,
    cause: 'systemd says only that the service failed. What iptables-restore or nft said is in the journal.',
    cure: '`journalctl -u {1}{2} -b` and `systemctl status {1}{2}`; then check the file that the service loads with fwlint.',
  },
  {
    weight: 'echo',
    pattern: /Failed to start (?:.*(?:iptables|nftables|netfilter|firewall).*)/i,
    cause: 'systemd says only that the service failed. What iptables-restore or nft said is in the journal.',
    cure: '`journalctl -b -p err` and `systemctl status` with the name of the service; then check the file that the service loads with fwlint.',
  },
  {
    weight: 'cause',
    pattern:
      /Failed to (?:restart|start|stop|enable|reload) (nftables|netfilter-persistent|ufw|firewalld|ipset)(?:\.service)?: Unit|Unit (nftables|netfilter-persistent|ufw|firewalld|ipset)\.service (?:could not be found|not found|is masked)/,
    cause: 'There is no service {1}{2} here: its package is not installed, or it is masked because another program keeps the firewall.',
    cure: 'Install the package (netfilter-persistent comes with iptables-persistent), or `systemctl unmask` it.',
  },
  {
    weight: 'echo',
    pattern:
      /ip6?tables(?:-restore)?\b.*(?:returned|exited with(?: status| code| return code)?|exit (?:status|code)|return(?:ed| code)|rc):?[ =]*([1-4])\b/,
    cause:
      'A program called iptables, which ended with status {1}: 1 is a rule that is refused or missing, 2 a mistake in the options, 3 a table that does not exist or a kernel that does not fit, 4 a lock that was taken or the kernel refusing through nft. Its own words are missing here.',
    cure: 'Run the command by hand as root to see them, or check the file with `fwlint FILE`.',
  },
  {
    weight: 'symptom',
    pattern: /\bIN=(\S*) OUT=(\S*) .*\bSRC=(\S+) DST=(\S+)/,
    cause:
      'No error, but what a rule with `-j LOG` wrote about a packet from {3} to {4}. IN is the interface it came in by, OUT the one it leaves by; the text before IN= is the `--log-prefix` of the rule (`[UFW BLOCK]` is that of ufw).',
    cure: 'Look for the prefix in `iptables-save` to find the rule. To log less, put `-m limit` into it.',
    checks: ['log-without-limit'],
  },
];
