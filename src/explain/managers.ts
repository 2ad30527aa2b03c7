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
      /(?:-[ADCIN] |-j )(DOCKER[\w-]*)\b.*(?:No chain\/target\/match by that name|does not exist|Couldn't load target)|Chain '(DOCKER[\w-]*)' does not exist|Couldn't load target `(DOCKER[\w-]*)'/,
    cause:
      "Docker's own chain {1}{2}{3} is gone. Docker makes its chains when it starts; whatever empties the firewall after that (`iptables -F` with `-X`, a restart of firewalld or of the iptables service, iptables-restore without `-n`) deletes them. Or Docker and the other program use different back ends, legacy and nft.",
    cure: 'Restart Docker (`systemctl restart docker`), and let scripts leave its chains alone: `iptables-restore -n`, `-F` for single chains.',
    checks: ['foreign-chains', 'mixed-backends'],
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
      /ERROR: (Bad port|Bad source address|Bad destination address|Invalid position|Wrong number of arguments|Need 'to' or 'from' clause|Invalid syntax)(.*)/,
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
    pattern: /FirewallD is not running/,
    cause: 'firewall-cmd talks to the firewalld service, and that does not run.',
    cure: '`systemctl start firewalld`; when another program keeps the firewall, use that one instead.',
  },
  {
    weight: 'symptom',
    pattern: /\b(ALREADY_ENABLED|NOT_ENABLED|ZONE_CONFLICT|ZONE_ALREADY_SET|UNKNOWN_\w+|INVALID_\w+|NAME_CONFLICT|BUILTIN_\w+|MISSING_\w+)\b:? ?(.*)/,
    cause: 'firewalld refused the request: {1} {2}. ALREADY_ENABLED and NOT_ENABLED are no errors: nothing had to be done.',
    cure: 'Compare with `firewall-cmd --list-all-zones`; `firewall-cmd --check-config` checks the files.',
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
    pattern:
      /Job for (\S+?)(?:\.service)? failed because|(\S+)\.service: (?:Main|Control) process exited|Failed to start (?:.*(?:iptables|nftables|netfilter|firewall).*)/i,
    cause: 'systemd says only that the service failed. What iptables-restore or nft said is in the journal.',
    cure: '`journalctl -u {1}{2} -b` and `systemctl status {1}{2}`; then check the file that the service loads with fwlint.',
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
    pattern: /ip6?tables(?:-restore)?\b.*(?:returned|exited with(?: status| code| return code)?|exit (?:status|code)):? ([1-4])\b/,
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
