/** A script closes IPv4 and says nothing about IPv6. */

import { hasUnknownParts, wholeScript } from '../input/whole-script.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'ipv6-unfiltered',
  summary: 'A script closes IPv4 and says nothing about IPv6',
  why:
    'iptables filters IPv4 only. A host with an IPv6 address, which most get without being asked, is open over IPv6 on every port that the script closes ' +
    'for IPv4, unless something else filters it.',
  advice: 'Run the same rules with ip6tables (ICMPv6 has to be let in), translate them to an nft table of family inet, or turn IPv6 off.',
  severity: 'warning',
  category: 'posture',
  fix: 'none',
  examples: {
    bad: '#!/bin/sh\niptables -A INPUT -p tcp --dport 22 -j ACCEPT\niptables -P INPUT DROP',
    good: '#!/bin/sh\niptables -A INPUT -p tcp --dport 22 -j ACCEPT\niptables -P INPUT DROP\nip6tables -P INPUT DROP',
  },
  source: 'measured: `ip6tables -S` shows policy ACCEPT after such a script',
  since: '0.1.0',
  find: (input) => {
    const script = wholeScript(input);
    if (script === undefined || hasUnknownParts(script.shell)) return [];
    // Whatever the script does about IPv6, it knows of it.
    if (input.sources.some(({ text }) => /ip6tables|ipv6|inet6|\bIP6|icmp6|\bnft\b|firewall-cmd|\bufw\b/i.test(text))) return [];
    const closing = script.commands.find(
      (command) =>
        command.kind === 'policy' &&
        command.table === 'filter' &&
        command.chain.text === 'INPUT' &&
        command.policy.text === 'DROP' &&
        !command.refused,
    );
    if (closing === undefined) return [];
    return [
      {
        check: 'ipv6-unfiltered',
        at: closing.at,
        message: 'closes the host for IPv4; IPv6 stays as it is, and nothing in the script filters it',
        here: 'IPv4 only',
        notes: [{ kind: 'do', text: 'write the rules for ip6tables as well, or turn IPv6 off' }],
      },
    ];
  },
});
