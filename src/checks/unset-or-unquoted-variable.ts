/** A variable that is set nowhere stands in a firewall command. */

import type { Edit, Problem } from '../diagnostics/diagnostic.js';
import { findProgram } from '../input/find-program.js';
import { spanText } from '../text/source.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'unset-or-unquoted-variable',
  summary: 'A variable that is set nowhere stands in a firewall command',
  why:
    'An unset variable without quotes vanishes, and the option before it takes the next word for its argument: `--dport $port -m connlimit` becomes ' +
    "`--dport -m connlimit`, and iptables says ``invalid port/service `-m' specified``. In quotes it is an empty word, which iptables refuses as well. " +
    'The script runs on, without that rule.',
  advice: 'Set it, or stop where it is missing: `"${port:?}"`. With `--define port=22` fwlint takes it as set.',
  severity: 'warning',
  category: 'script',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -A INPUT -p tcp --dport $port -j ACCEPT',
    good: 'port=22\niptables -A INPUT -p tcp --dport "$port" -j ACCEPT',
  },
  source: 'POSIX.1-2024, Shell Command Language, 2.6; measured with bash 5.2 and iptables 1.8.9',
  since: '0.1.0',
  find: (input) => {
    const { shell } = input;
    if (shell === undefined) return [];
    const problems: Problem[] = [];
    for (const { name, span, quoted } of shell.unset) {
      const use = shell.uses.find(
        (candidate) => candidate.name === name && candidate.span.start === span.start && candidate.span.source === span.source,
      );
      const command = use?.command === undefined ? undefined : shell.commands[use.command];
      if (use === undefined || command === undefined || use.defaulted) continue;
      const program = findProgram(command.words);
      if (program === undefined) continue;
      // A name nobody set in place of the program is taken for what it says: `$IPT`.
      const word = command.words.findIndex(({ span: place }) => place.start <= span.start && span.end <= place.end);
      if (word !== -1 && word <= program.word) continue;
      // A finding that it is a placeholder says the same.
      if (input.problems.some(({ problem }) => problem.check === 'placeholder' && problem.at.start <= span.start && span.end <= problem.at.end))
        continue;
      const text = spanText(span);
      const safe = quoted ? `\${${name}:?}` : `"\${${name}:?}"`;
      const plain = text === `$${name}` || text === `\${${name}}`;
      const edit: Edit = { span, text: safe };
      problems.push({
        check: 'unset-or-unquoted-variable',
        at: span,
        message: quoted
          ? `\`${name}\` is set nowhere: an empty word stands here`
          : `\`${name}\` is set nowhere: without quotes it vanishes, and the option before it takes the next word`,
        here: 'set nowhere',
        notes: [
          { kind: 'do', text: `set \`${name}\` before, or let the script stop here: \`${safe}\`` },
          { kind: 'note', text: `with \`--define ${name}=VALUE\` fwlint takes it as set` },
        ],
        ...(plain
          ? { fixes: [{ title: `write \`${safe}\`, which stops the script when it is not set`, applicability: 'unsafe', edits: [edit] }] }
          : {}),
      });
    }
    return problems;
  },
});
