/** A way through the script leaves nothing but DROP. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { shellCommandOf } from '../input/guards.js';
import type { Input } from '../input/input.js';
import { emptiesTable, hasUnknownParts, wholeScript, type WholeScript } from '../input/whole-script.js';
import type { Command } from '../iptables/command.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'lockout-order',
  summary: 'The policy is DROP while no rule accepts anything',
  why:
    '`-F` takes the rules away and leaves the policy: after `iptables -F` under `-P INPUT DROP` nothing gets in, the SSH session that typed it included. ' +
    'And `-P INPUT DROP` before the first rule that accepts leaves the host closed if the script stops between the two.',
  advice: 'Set the policies to ACCEPT before emptying (`iptables -P INPUT ACCEPT`), and to DROP when the rules that accept are there.',
  severity: 'warning',
  category: 'script',
  fix: 'none',
  examples: {
    bad: '#!/bin/sh\ncase "$1" in\nstart)\n  iptables -P INPUT DROP\n  iptables -A INPUT -p tcp --dport 22 -j ACCEPT\n  ;;\nstop)\n  iptables -F\n  ;;\nesac',
    good: '#!/bin/sh\ncase "$1" in\nstart)\n  iptables -A INPUT -p tcp --dport 22 -j ACCEPT\n  iptables -P INPUT DROP\n  ;;\nstop)\n  iptables -P INPUT ACCEPT\n  iptables -F\n  ;;\nesac',
  },
  source: 'iptables(8), --flush and --policy; measured: `iptables -F` leaves the policy as it is',
  since: '0.1.0',
  find: (input) => {
    const script = wholeScript(input);
    if (script === undefined) return findTypedPolicy(input);
    if (hasUnknownParts(script.shell)) return [];
    return [...findEmptied(input, script), ...findEarlyPolicy(input, script)];
  },
});

/** `INPUT` is what keeps an administrator out. */
function setsPolicy(command: Command, policy: 'ACCEPT' | 'DROP', family: Command['family']): boolean {
  return (
    command.kind === 'policy' &&
    command.family === family &&
    command.table === 'filter' &&
    command.chain.text === 'INPUT' &&
    command.policy.text === policy &&
    !command.refused
  );
}

/** The branch of a `case` or `if` that a command stands in; an empty text outside of them. */
function branchOf(input: Input, command: Command): string {
  const guards = shellCommandOf(input, command)?.guards ?? [];
  return guards
    .filter(({ kind }) => kind === 'case' || kind === 'if')
    .map(({ construct, branch }) => `${String(construct)}.${String(branch)}`)
    .join(' ');
}

/** A branch that empties the table, while another one sets the policy to DROP: `stop`. */
function findEmptied(input: Input, { commands }: WholeScript): readonly Problem[] {
  const drop = commands.find((command) => setsPolicy(command, 'DROP', command.family) && branchOf(input, command) !== '');
  if (drop === undefined) return [];
  for (const flush of commands) {
    const branch = branchOf(input, flush);
    if (!emptiesTable(flush, 'filter', drop.family) || branch === '' || branch === branchOf(input, drop)) continue;
    // Whatever else runs with it may set a policy, or add rules.
    const together = commands.filter((command) => {
      const own = branchOf(input, command);
      return own.startsWith(branch) || branch.startsWith(own);
    });
    if (
      together.some(
        (command) =>
          command.family === drop.family &&
          command.table === 'filter' &&
          (command.kind === 'policy' || command.kind === 'append' || command.kind === 'insert' || command.kind === 'malformed'),
      )
    )
      continue;
    return [emptiedUnderDrop(flush, drop)];
  }
  return [];
}

/** The finding for the command that takes the rules away under the policy that `drop` sets. */
function emptiedUnderDrop(flush: Command, drop: Command): Problem {
  return {
    check: 'lockout-order',
    at: flush.at,
    message: 'the rules go and the policy stays: when it is DROP, nothing gets in any more',
    here: 'leaves the policy as it is',
    labels: [{ span: drop.at, text: 'sets it to DROP' }],
    notes: [{ kind: 'do', text: `write \`${drop.program} -P INPUT ACCEPT\` before it` }],
  };
}

/** `-P INPUT DROP` before the first rule that accepts, or before the rules are taken away, among commands that are typed one after another. */
function findTypedPolicy(input: Input): readonly Problem[] {
  if (input.kind === 'save' || input.kind === 'ipset') return [];
  const ofInput = input.commands.filter((command) => command.table === 'filter' && !input.notRun.has(command));
  const accepts = (command: Command): boolean =>
    (command.kind === 'append' || command.kind === 'insert') && command.chain.text === 'INPUT' && command.rule.action !== undefined;
  for (const [index, policy] of ofInput.entries()) {
    if (!setsPolicy(policy, 'DROP', policy.family)) continue;
    const own = (command: Command): boolean => command.family === policy.family && accepts(command);
    const below = ofInput.slice(index + 1);
    const emptied = below.findIndex((command) => emptiesTable(command, 'filter', policy.family));
    const flush = below[emptied];
    if (flush !== undefined && !below.some((command, place) => setsPolicy(command, 'ACCEPT', policy.family) || (place > emptied && own(command))))
      return [emptiedUnderDrop(flush, policy)];
    if (ofInput.slice(0, index).some(own) || !ofInput.slice(index + 1).some(own)) continue;
    return [
      {
        check: 'lockout-order',
        severity: 'info',
        at: policy.at,
        message: 'typed over the network, this is the last command that arrives: no rule accepts anything yet',
        here: 'closes the host',
        notes: [{ kind: 'do', text: 'write it behind the rules that accept, or load all at once with `iptables-restore`' }],
      },
    ];
  }
  return [];
}

/** `-P INPUT DROP` before the first rule that accepts, in a script that `set -e` may end in between. */
function findEarlyPolicy(input: Input, { commands, shell }: WholeScript): readonly Problem[] {
  for (const family of ['ip', 'ip6'] as const) {
    const policy = commands.findIndex((command) => setsPolicy(command, 'DROP', family));
    const own = commands[policy];
    if (own === undefined || !shell.stopsAtErrors) continue;
    const accepts = (command: Command): boolean =>
      (command.kind === 'append' || command.kind === 'insert') &&
      command.family === family &&
      command.table === 'filter' &&
      command.chain.text === 'INPUT' &&
      command.rule.action?.name.text === 'ACCEPT';
    const first = commands.findIndex(accepts);
    const accept = commands[first];
    const between = commands.slice(policy + 1, first);
    // Emptying comes first where a script starts afresh; what accepted before it counts for nothing.
    if (first < policy || accept === undefined || between.length === 0 || branchOf(input, own) !== branchOf(input, accept)) continue;
    const flush = commands.findIndex((command) => emptiesTable(command, 'filter', family));
    if (flush === -1) continue;
    return [
      {
        check: 'lockout-order',
        severity: 'info',
        at: own.at,
        message: `nothing gets in from here until the first rule that accepts; \`set -e\` ends the script if ${between.length === 1 ? 'the command' : `one of the ${String(between.length)} commands`} between fails`,
        labels: [{ span: accept.at, text: 'the first rule that accepts' }],
        notes: [{ kind: 'do', text: 'set the policy behind the rules that accept' }],
      },
    ];
  }
  return [];
}
