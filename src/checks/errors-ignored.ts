/** A script goes on when a rule is refused. */

import { shellCommandOf } from '../input/guards.js';
import { hasUnknownParts, wholeScript } from '../input/whole-script.js';
import { defineCheck } from './define.js';

/** Rules from which on a missing one is not seen at a glance. */
const MANY = 5;

export default defineCheck({
  name: 'errors-ignored',
  summary: 'A script goes on when a rule is refused',
  why:
    'A rule that iptables refuses is missing, the next ones are loaded all the same, and the exit status is that of the last command: the script looks as if ' +
    'it had worked. An ACCEPT that is missing shuts somebody out, a DROP that is missing lets somebody in.',
  advice:
    'Begin with `set -eu`, and put `|| true` behind commands that may fail, such as `-X` of a chain that may not be there. All or nothing is what ' +
    '`iptables-restore` does: `iptables-restore --test` first.',
  severity: 'info',
  category: 'script',
  fix: 'none',
  examples: {
    bad: '#!/bin/sh\niptables -F\niptables -A INPUT -i lo -j ACCEPT\niptables -A INPUT -p tcp --dport 22 -j ACCEPT\niptables -A INPUT -p tcp --dport 80 -j ACCEPT\niptables -A INPUT -p icmp -j ACCEPT\niptables -A INPUT -j DROP',
    good: '#!/bin/sh\nset -eu\niptables -F\niptables -A INPUT -i lo -j ACCEPT\niptables -A INPUT -p tcp --dport 22 -j ACCEPT\niptables -A INPUT -p tcp --dport 80 -j ACCEPT\niptables -A INPUT -p icmp -j ACCEPT\niptables -A INPUT -j DROP',
  },
  source: 'POSIX.1-2024, Shell Command Language, set -e; measured with dash 0.5.12 and bash 5.2',
  since: '0.1.0',
  find: (input) => {
    const script = wholeScript(input);
    if (script === undefined || script.shell.stopsAtErrors || hasUnknownParts(script.shell)) return [];
    const { shell, additions } = script;
    // `$?` and ERR traps are other ways of noticing.
    if (
      shell.uses.some(({ name }) => name === '?') ||
      shell.commands.some(({ words }) => words[0]?.text === 'trap' && words.some(({ text }) => text === 'ERR'))
    )
      return [];
    const unasked = additions.filter((command) => {
      const own = shellCommandOf(input, command);
      // In a function it may be the caller who asks.
      return own !== undefined && !own.statusAsked && !own.context.some(({ kind }) => kind === 'call');
    });
    const [first] = unasked;
    if (first === undefined || unasked.length < MANY) return [];
    return [
      {
        check: 'errors-ignored',
        at: first.at,
        message: `if iptables refuses one of the script's ${String(unasked.length)} rules, the others are loaded without it and nobody is told`,
        notes: [{ kind: 'do', text: 'begin the script with `set -eu`, or load the rules with `iptables-restore`, which takes all or none' }],
      },
    ];
  },
});
