/** A firewall command stands below an `exit` that every run takes. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { findProgram } from '../input/find-program.js';
import { positionAt } from '../text/source.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unreachable-command',
  summary: 'A firewall command stands below an `exit` that every run takes',
  why: 'The script ends there, and what stands below never runs: the rules look as if they were loaded and are not. `exec` ends a script as well.',
  advice: 'Take the `exit` out, put it at the end, or delete what stands below it.',
  severity: 'warning',
  category: 'script',
  fix: 'none',
  examples: {
    bad: 'iptables -P INPUT DROP\nexit 0\niptables -A INPUT -i lo -j ACCEPT',
    good: 'iptables -P INPUT DROP\niptables -A INPUT -i lo -j ACCEPT\nexit 0',
  },
  source: 'POSIX.1-2024, Shell Command Language, exit',
  since: '0.1.0',
  find: ({ shell, kind }) => {
    if (shell === undefined || kind !== 'script') return [];
    const problems: Problem[] = [];
    for (const { words, guards, context, span, subshell } of shell.commands) {
      const [first] = words;
      const ends = first?.text === 'exit' || (first?.text === 'exec' && words.length > 1);
      if (!ends || guards.length > 0 || context.length > 0 || subshell) continue;
      const below = shell.dead.filter(
        ({ command }) => command.span.source === span.source && command.span.start > span.end && findProgram(command.words) !== undefined,
      );
      const dead = below[0]?.command;
      if (dead === undefined) break;
      const rest = below.length - 1;
      const { line } = positionAt(span.source, span.start);
      problems.push({
        check: 'unreachable-command',
        at: dead.span,
        message: `never runs: the script ends at line ${String(line)}`,
        here: 'never runs',
        labels: [{ span, text: 'ends the script' }],
        also: below.slice(1).map(({ command }) => command.span),
        ...(rest === 0
          ? {}
          : {
              notes: [
                { kind: 'note', text: `nor ${rest === 1 ? 'does one more firewall command' : `do ${String(rest)} more firewall commands`} below` },
              ],
            }),
      });
      break;
    }
    return problems;
  },
});
