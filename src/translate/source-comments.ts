/** Comments of a script that stand right above a firewall command, to be carried along with what it becomes. */

import type { Input } from '../input/input.js';
import type { Command } from '../iptables/command.js';
import { lineIndexAt } from '../text/source.js';

/** The lines above commands, for the first command of each place. */
export function commentsAbove(inputs: readonly Input[]): ReadonlyMap<Command, readonly string[]> {
  const found = new Map<Command, readonly string[]>();
  for (const input of inputs) {
    const { shell, source } = input;
    if (shell === undefined) continue;
    const first = new Map<number, Command>();
    for (const command of input.commands) if (command.at.source === source && !first.has(command.at.start)) first.set(command.at.start, command);
    const starts = [...first.keys()].sort((left, right) => left - right);
    let next = 0;
    let block: string[] = [];
    let last = -2;
    const attach = (from: number): void => {
      while (next < starts.length && (starts[next] ?? 0) < from) next += 1;
      const start = starts[next];
      const command = start === undefined ? undefined : first.get(start);
      // A blank line between them makes it a comment on something else.
      if (command !== undefined && start !== undefined && block.length > 0 && !/\n[ \t]*\r?\n/.test(source.text.slice(from, start)))
        found.set(command, block);
      block = [];
    };
    let end = 0;
    for (const { span, text } of shell.comments) {
      const line = lineIndexAt(source, span.start);
      const words = text.replace(/^#+[ \t]?/, '').trimEnd();
      // A comment behind a command, and one that is a command switched off, is not about the next one.
      const isOwnLine = /^[ \t]*$/.test(source.text.slice(source.lineStarts[line] ?? 0, span.start));
      if (!isOwnLine || span.source !== source) continue;
      if (line !== last + 1) attach(end);
      last = line;
      end = span.end;
      if (/^!|fwlint-ignore|^\s*(?:sudo\s+)?(?:\S*\/|\$\{?)?(?:ip6?tables|IP6?T(?:ABLES)?)\b/i.test(words) || /^[\s#=*_-]*$/.test(words)) continue;
      block.push(words);
    }
    attach(end);
  }
  return found;
}
