/** Commands of a script that belong to its firewall and are no rules: kernel settings, modules, routes. A ruleset cannot hold them. */

import type { Input } from '../input/input.js';
import { programOf } from '../input/whole-script.js';
import type { ShellCommand } from '../shell/expand.js';
import { positionAt } from '../text/source.js';

/** One remark for each kind that occurs, with the lines. */
export function companionRemarks({ shell, source }: Input): readonly string[] {
  const found = new Map<string, Set<number>>();
  for (const command of shell?.commands ?? []) {
    const kind = kindOf(command);
    if (kind === undefined || command.span.source !== source) continue;
    const lines = found.get(kind) ?? new Set<number>();
    lines.add(positionAt(source, command.span.start).line);
    found.set(kind, lines);
  }
  return [...found].map(([kind, lines]) => {
    const shown = [...lines].slice(0, 8).join(', ');
    const more = lines.size > 8 ? ` and ${String(lines.size - 8)} more` : '';
    return `${source.name}: ${kind} (line${lines.size === 1 ? '' : 's'} ${shown}${more}): not part of a ruleset, has to be done beside it`;
  });
}

function kindOf(command: ShellCommand): string | undefined {
  if (command.redirections.some(({ operator, target }) => operator.startsWith('>') && target.text.startsWith('/proc/sys/')))
    return 'settings in /proc/sys';
  const program = programOf(command);
  const second = command.words[command.words.findIndex(({ text }) => text.endsWith(program)) + 1]?.text;
  if (program === 'sysctl') return 'sysctl';
  if (program === 'modprobe' || program === 'insmod') return program;
  if (program === 'ip' && /^(?:ro?u?t?e?|ru?l?e?|route|rule|link|addr|address|a|tunnel|neigh)$/.test(second ?? '')) return `ip ${second ?? ''}`;
  return program === 'tc' || program === 'route' || program === 'ifconfig' ? program : undefined;
}
