/** Tells what a text without rules is, when it is something else that has to do with firewalls: nobody shall believe it was read. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';

interface ForeignFormat {
  /** Of the line that gives it away. */
  readonly line: RegExp;
  /** Only the first line that is neither empty nor a comment tells. */
  readonly first?: true;
  /** It tells also where commands were found: they are not what the file is about. */
  readonly despiteCommands?: true;
  readonly is: string;
  readonly do: string;
}

const FORMATS: readonly ForeignFormat[] = [
  {
    line: /^@@ -\d+(?:,\d+)? \+\d+(?:,\d+)? @@/,
    despiteCommands: true,
    is: 'this is a diff, which shows only some lines of a file',
    do: 'give fwlint the file itself, before the change or after it',
  },
  {
    line: /^<(?:\?xml|!DOCTYPE)\b/,
    first: true,
    is: 'this is markup without iptables commands',
    do: 'give fwlint iptables commands, or what iptables-save prints',
  },
  {
    line: /^(?:flush ruleset\b|(?:(?:add|create|delete) )?table (?:(?:inet|ip6?|arp|bridge|netdev) )?[\w-]+ ?(?:\{|;|$)|define \w+ *=)/,
    first: true,
    is: 'this is an nftables ruleset already',
    do: 'check it with `nft -c -f FILE`; fwlint reads the rules of iptables',
  },
  { line: /^\{ ?"nftables" ?:/, first: true, is: 'this is an nftables ruleset in JSON', do: 'check it with `nft -j -c -f FILE`' },
  {
    line: /^action(?:start|stop|check|ban|unban|flush|reload) *= *<iptables>/,
    is: 'this is an action of fail2ban, which fills in what stands in angle brackets',
    do: 'give fwlint the rules that fail2ban made of it: `iptables-save`',
  },
  {
    line: /^\d{1,5}[.:)]?\s*(?:\[\d+:\d+\] )?-[AI] \S+ .*-[jg] \S/,
    is: 'these are rules with numbers in front of them',
    do: 'take the numbers away: `sed -E "s/^ *[0-9]+[.:)]? *//" FILE`',
  },
  {
    line: /^\{%[-+]?\s*(?:import|include|extends|from)\b/,
    first: true,
    is: 'this is a template that takes its rules from other files',
    do: 'give fwlint the file that is made of it',
  },
  {
    line: /^Chain \S+ \((?:policy [A-Z]+|\d+ references?)/,
    is: 'this is a listing of `iptables -L`, which leaves out interfaces, options and more of the rules',
    do: 'give fwlint what `iptables-save` prints, or `iptables -S`',
  },
];

/** Lines that are looked at. */
const LINE_LIMIT = 200;

/** What a source is that has no rules in it, or (`hasCommands`) none that may be read as if they were all; undefined when nothing is known about it. */
export function foreignFormat(source: Source, hasCommands: boolean): Problem | undefined {
  const formats = hasCommands ? FORMATS.filter(({ despiteCommands }) => despiteCommands) : FORMATS;
  const { text, lineStarts } = source;
  let first = true;
  for (let index = 0; index < Math.min(LINE_LIMIT, lineStarts.length); index += 1) {
    const start = lineStarts[index] ?? 0;
    const raw = text.slice(start, Math.min(lineStarts[index + 1] ?? text.length, start + 500));
    const line = raw.replace(/^\ufeff/, '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const found = formats.find((format) => (first || format.first === undefined) && format.line.test(line));
    first = false;
    if (found === undefined) continue;
    return {
      check: 'unsupported-input',
      severity: 'error',
      message: `${found.is}; nothing of it was read`,
      at: spanOf(source, start + raw.indexOf(line.charAt(0)), start + raw.trimEnd().length),
      notes: [{ kind: 'do', text: found.do }],
    };
  }
  return undefined;
}
