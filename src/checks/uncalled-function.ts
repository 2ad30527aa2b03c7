/** Firewall commands stand in a function that nothing calls. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { findProgram } from '../input/find-program.js';
import { hasUnknownParts, wholeScript } from '../input/whole-script.js';
import { isUnknown } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'uncalled-function',
  summary: 'Firewall commands stand in a function that nothing calls',
  why: 'A function does nothing until it is called. What stands in this one is not loaded, unless another file calls it.',
  advice: 'Call it, or delete it.',
  severity: 'info',
  category: 'script',
  fix: 'none',
  examples: {
    bad: '#!/bin/sh\nweb() { iptables -A INPUT -p tcp --dport 80 -j ACCEPT; }\nmail() { iptables -A INPUT -p tcp --dport 25 -j ACCEPT; }\nweb',
    good: '#!/bin/sh\nweb() { iptables -A INPUT -p tcp --dport 80 -j ACCEPT; }\nweb',
  },
  source: 'POSIX.1-2024, Shell Command Language, 2.9.5',
  since: '0.1.0',
  find: (input) => {
    const script = wholeScript(input);
    // A script that only defines functions is there for others to call them.
    if (script === undefined || script.commands.length === 0) return [];
    const { shell } = script;
    // Something that only the run knows may call any of them: `"$1"`, a file, a text.
    if (
      hasUnknownParts(shell) ||
      shell.commands.some(({ words: [first] }) => first !== undefined && isUnknown(first) && findProgram([first]) === undefined)
    )
      return [];
    const problems: Problem[] = [];
    for (const { name, nameAt, calls } of shell.functions) {
      // What another file defines is there for other scripts as well.
      if (calls > 0 || nameAt.source !== input.source) continue;
      const count = shell.commands.filter(
        ({ words, guards }) =>
          guards.some(({ kind, span }) => kind === 'uncalled' && span.start === nameAt.start) && findProgram(words) !== undefined,
      ).length;
      if (count === 0) continue;
      problems.push({
        check: 'uncalled-function',
        at: nameAt,
        message: `nothing calls \`${name}\`: ${count === 1 ? 'its firewall command is' : `its ${String(count)} firewall commands are`} not run`,
        here: 'never called',
      });
    }
    return problems;
  },
});
