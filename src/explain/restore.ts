/** What iptables-restore says about a file. It names a line, which is not always the line that is wrong. */

import type { ErrorEntry } from './define.js';

/** (measured with iptables-restore and iptables-nft-restore 1.8.9) */
export const RESTORE_ERRORS: readonly ErrorEntry[] = [
  {
    weight: 'cause',
    pattern: /Unknown arguments found on commandline/,
    cause: 'iptables-restore takes one file at most, or its standard input; the command names more than that.',
    cure: 'Load the files one by one: `iptables-restore FILE`; what shall be added to the rules that are there, with `iptables-restore -n FILE`.',
  },
  {
    weight: 'cause',
    pattern: /COMMIT expected at line (\d+)/,
    cause: 'The file ends before a line `COMMIT`. Nothing of the table was loaded.',
    cure: 'End each table with a line `COMMIT`.',
    checks: ['restore-structure'],
  },
  {
    weight: 'cause',
    pattern: /The -t option (?:\(seen in line \d+\) )?cannot be used in ip6?tables(?:-nft)?-restore/,
    cause: 'In a file for iptables-restore the line `*table` says which table it is.',
    cure: 'Put the rule below `*nat` (or the table that is meant), and take `-t` out.',
    checks: ['restore-structure'],
  },
  {
    weight: 'cause',
    pattern: /unable to initialize table '(filter|nat|mangle|raw|security)'/,
    cause:
      'The kernel has no table {1} for this family, or did not load its module: it is not built, belongs to another kernel than the one that runs (after an update without a reboot), this is a container, or IPv6 is off (ip6tables).',
    cure: '`modprobe iptable_{1}` (`ip6table_{1}`) on the host; reboot after a kernel update; or let iptables be iptables-nft.',
  },
  {
    weight: 'cause',
    pattern: /unable to initialize table '(\S+?)\r?(?:'|\s*$)|line (\d+) table name '[^']*' invalid/,
    cause:
      'The name behind the `*` is no table. If it looks right, the line ends with a carriage return (the file has the line ends of Windows), or the kernel has no such table, as for ip6tables where IPv6 is off.',
    cure: 'Save the file with Unix line ends (`fwlint --fix`), or correct the name.',
    checks: ['carriage-return', 'unknown-table', 'wrong-letter-case'],
  },
  {
    weight: 'cause',
    pattern: /[Cc]an't set policy `([^']*)' on `([^']*)' line (\d+)/,
    cause: 'Line {3} gives the chain {2} the policy {1}. A policy is ACCEPT or DROP, and user chains have `-`.',
    cure: 'Write `:{2} DROP [0:0]`, and a rule `-j REJECT` at the end of the chain; for a user chain `:{2} - [0:0]`.',
    checks: ['bad-policy'],
  },
  {
    weight: 'cause',
    pattern: /restore: line (\d+) failed: Bad policy name/,
    cause: 'Line {1} gives a chain a policy that is neither ACCEPT nor DROP.',
    cure: 'Write `:INPUT DROP [0:0]`, and a rule `-j REJECT` at the end of the chain.',
    checks: ['bad-policy'],
  },
  {
    weight: 'cause',
    pattern: /restore: line (\d+) failed: (No chain\/target\/match by that name)/,
    cause: 'Line {1} names a chain that the file has not declared.',
    cure: 'Add a line `:NAME - [0:0]` below the `*table` line.',
    checks: ['unknown-target-or-chain', 'wrong-letter-case'],
  },
  {
    weight: 'cause',
    pattern: /invalid policy counters for chain '([^']*)'/,
    cause: 'Behind the policy of {1} stand no counters of the form `[PACKETS:BYTES]`.',
    cure: 'Write `:{1} ACCEPT [0:0]`, or leave the brackets out.',
    checks: ['restore-structure'],
  },
  {
    weight: 'cause',
    pattern: /restore: line (\d+) (chain name|policy|table name) invalid|restore: line (\d+) failed - no chain found/,
    cause: 'Line {1}{3} is not of the form a dump has: `*TABLE`, `:CHAIN POLICY [0:0]`, rules that begin with `-A`, `COMMIT`.',
    cure: 'Compare it with what `iptables-save` prints; `fwlint FILE` shows what is wrong.',
    checks: ['restore-structure', 'bad-policy', 'bad-chain-name'],
  },
  {
    weight: 'symptom',
    pattern: /(?:restore|restore-translate|problem): line (\d+) failed/,
    cause:
      'If line {1} is `COMMIT`, the kernel refused one of the rules above it, and iptables-restore does not say which: the reason is in the newest line of dmesg. Otherwise line {1} stands before a `*table` line, begins with a blank, or names a chain that is not declared. Nothing of the table was loaded.',
    cure: 'Run `dmesg | tail`; check the file with `fwlint FILE`; `iptables-restore --test FILE` and iptables-nft-restore, which names the line, help to find the rule.',
    checks: ['restore-structure', 'target-not-in-table', 'target-not-in-hook', 'reject-type', 'unknown-target-or-chain', 'chain-loop'],
  },
  {
    weight: 'symptom',
    pattern: /line (\d+): (?:RULE|CHAIN)_\w+ failed \(No such file or directory\)(?:: (?:rule in )?chain (\S+))?/,
    cause:
      'The kernel refused line {1}, for chain {2}: the chain, or the number of a rule in it, is not there (any more), or the kernel lacks the module of a match or target that the line names. Nothing of the table was loaded.',
    cure: 'Look at line {1}: declare its chain with `:NAME - [0:0]`, load its modules (`modprobe xt_NAME`), reboot after a kernel update; or check the file with `fwlint FILE`.',
    checks: ['unknown-target-or-chain', 'chain-not-in-table', 'wrong-letter-case', 'unsupported-extension'],
  },
  {
    weight: 'symptom',
    pattern: /line (\d+): (RULE_\w+|CHAIN_\w+|TABLE_\w+) failed \(([^)]*)\)/,
    cause: 'The kernel refused line {1}. The reason is in the newest line of dmesg, if there is one. Nothing of the table was loaded.',
    cure: 'Run `dmesg | tail`, or check the file with `fwlint FILE`.',
    checks: ['target-not-in-table', 'target-not-in-hook', 'match-not-in-hook', 'reject-type', 'chain-loop'],
  },
  {
    weight: 'echo',
    pattern: /Error occurred at line: (\d+)/,
    cause:
      'iptables-restore stopped at line {1}; nothing of the table was loaded. The line before this message says why. For an unknown chain iptables-nft-restore names the line behind it.',
    cure: 'Look at line {1} of the file, or check the whole file with `fwlint FILE`.',
  },
];
