/** What ipset and the shell say when a command of the firewall goes wrong. */

import type { ErrorEntry } from './define.js';

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
    weight: 'symptom',
    pattern: /ipset v[\d.]+: (.+)/,
    cause: 'ipset refused the command: {1}.',
    cure: 'Look up the type of the set in `man ipset`.',
  },
];

/** (measured with bash 5.2 and dash) */
export const SHELL_ERRORS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /!-?\S*: event not found/,
    cause: 'An interactive bash takes `!` with something glued to it for an event of its history. Nothing was run.',
    cure: 'Write a blank behind the `!`, or `set +H`.',
    checks: ['bang-without-space'],
  },
  {
    weight: 'cause',
    pattern: /(?:^|[\s:])(--?[A-Za-z][\w-]*): (?:command )?not found/,
    cause:
      'A line begins with `{1}`: the command above it was broken in two. Its first half was run alone, and may have loaded a rule that says less than was meant.',
    cure: 'Join the lines, or end the first one with a backslash and nothing behind it.',
    checks: ['broken-line', 'space-after-backslash', 'comment-after-backslash'],
  },
  {
    weight: 'cause',
    pattern: /(?:^|[\s:])(gt|lt|amp|quot|nbsp|#39): (?:command )?not found/,
    cause: 'The text has HTML in it: `&{1};`. The shell took the `&` for the end of the command.',
    cure: 'Write the character that is meant, or let `fwlint --fix` do it.',
    checks: ['html-entity'],
  },
  {
    weight: 'cause',
    pattern: /\S*ip6?t[a-z]*: (?:command )?not found|\/\S*ip6?ta\S*: (?:No such file or directory|not found)/,
    cause:
      'The shell does not find the program: it is not installed, lies in /usr/sbin, which is not on the path of users, or its name is misspelt. A script without `set -e` runs on and loads nothing.',
    cure: 'Install iptables; use sudo; check the path in the script.',
  },
  {
    weight: 'cause',
    pattern: /(?:^|[\s:])(\$|#|\S+@\S+[#$]|\[\S+@[^\]]*\][#$]?): (?:command )?not found/,
    cause: 'The prompt of a shell was copied along with the command.',
    cure: 'Delete it.',
    checks: ['shell-prompt'],
  },
  {
    weight: 'cause',
    pattern: /\$'\\r': (?:command )?not found|\/bin\/\w+\^M: bad interpreter|syntax error near unexpected token `\$'\S*\\r''/,
    cause: 'The file has the line ends of Windows: a carriage return stands at the end of every line.',
    cure: 'Save the file with Unix line ends: `fwlint --fix`.',
    checks: ['carriage-return'],
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
    pattern: /modprobe: (?:FATAL: )?Module (\S+) (?:is in use|not found)|modprobe: (?:ERROR: )?could not insert '?([^':]+)'?/,
    cause:
      'The kernel module cannot be loaded or removed: there is none for the running kernel (often after an update without a reboot), a rule still uses it, or this is a container.',
    cure: 'Reboot after a kernel update; take the rules out before `modprobe -r`; load modules on the host.',
  },
];
