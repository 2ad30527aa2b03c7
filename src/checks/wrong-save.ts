/** A script saves the rules where they are not loaded from, or nowhere. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { findProgram } from '../input/find-program.js';
import type { Input } from '../input/input.js';
import { programOf, wholeScript } from '../input/whole-script.js';
import { spanOf } from '../text/source.js';
import { defineCheck } from './define.js';

const SERVICE_SAVE = {
  check: 'wrong-save',
  severity: 'info',
  message: 'saves the rules only where the package iptables-services is installed (Fedora, RHEL and their kin)',
  notes: [{ kind: 'do', text: 'elsewhere: `iptables-save > FILE`, and `iptables-restore < FILE` at boot' }],
} as const;

export default defineCheck({
  name: 'wrong-save',
  summary: 'Rules are saved where nothing loads them from',
  why:
    '`iptables-save` only writes to standard output: without `>` the rules are shown and not kept. It saves IPv4 alone; `ip6tables-save` saves IPv6, and a file of ' +
    'the one cannot be loaded by the other. `service iptables save` exists where the package iptables-services is installed (Fedora, RHEL).',
  advice:
    'Debian and its kin: `iptables-save > /etc/iptables/rules.v4` and `ip6tables-save > /etc/iptables/rules.v6`, or `netfilter-persistent save`.',
  severity: 'warning',
  category: 'script',
  fix: 'none',
  examples: {
    bad: '#!/bin/sh\niptables -A INPUT -j DROP\nip6tables-save > /etc/iptables/rules.v4',
    good: '#!/bin/sh\niptables -A INPUT -j DROP\niptables-save > /etc/iptables/rules.v4',
  },
  source: 'iptables-save(8); iptables-persistent 1.0.20',
  since: '0.1.0',
  find: (input) => {
    const script = wholeScript(input);
    if (script === undefined) return findServiceSave(input);
    const problems: Problem[] = [];
    for (const command of script.shell.commands) {
      const { words, redirections, span } = command;
      if (/^(?:service|rc-service)$/.test(programOf(command)) && words.at(-2)?.text === 'iptables' && words.at(-1)?.text === 'save') {
        problems.push({ ...SERVICE_SAVE, at: span });
        continue;
      }
      const program = findProgram(words);
      if (program?.kind !== 'save') continue;
      const file = redirections.find(
        ({ operator, descriptor }) => /^(?:>|>>|>\||&>|&>>)$/.test(operator) && (descriptor === '' || descriptor === '1'),
      )?.target;
      const named = file ?? words[words.findIndex(({ text }) => text === '-f' || text === '--file') + 1];
      const other = file === undefined ? undefined : /(?:\.|_|-|\/)(?:v|ipv)?(?:rules\.?)?v(4|6)$|rules\.v([46])$/.exec(file.text);
      const version = other?.[1] ?? other?.[2];
      if (file !== undefined && version !== undefined && (version === '6') !== (program.family === 'ip6')) {
        const right = version === '6' ? 'ip6tables-save' : 'iptables-save';
        problems.push({
          check: 'wrong-save',
          at: span,
          message: `writes the IPv${program.family === 'ip' ? '4' : '6'} rules into \`${file.text}\`, which is loaded as IPv${version}`,
          notes: [{ kind: 'do', text: `write \`${right} > ${file.text}\`` }],
        });
      } else if (
        file === undefined &&
        named === words[0] &&
        !command.outputUsed &&
        command.pipeline === undefined &&
        words.length === program.word + 1
      ) {
        problems.push({
          check: 'wrong-save',
          at: span,
          message: 'shows the rules and saves nothing: the output goes to the terminal',
          notes: [{ kind: 'do', text: 'write it to a file: `> /etc/iptables/rules.v4`' }],
        });
      }
    }
    return problems;
  },
});

/** `service iptables save` among commands that are no script of their own. */
function findServiceSave({ kind, source }: Input): readonly Problem[] {
  if (kind === 'save' || kind === 'ipset') return [];
  const found = /^[ \t]*(?:[#$][ \t]+)?((?:sudo[ \t]+)?(?:service|rc-service)[ \t]+ip6?tables[ \t]+save)[ \t]*\r?$/m.exec(source.text);
  if (found === null) return [];
  const start = found.index + found[0].indexOf(found[1] ?? '');
  return [{ ...SERVICE_SAVE, at: spanOf(source, start, start + (found[1] ?? '').length) }];
}
