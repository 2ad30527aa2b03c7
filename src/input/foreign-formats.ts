/** Tells what a text without rules is, when it is something else that has to do with firewalls: nobody shall believe it was read. */

import type { Problem } from '../diagnostics/diagnostic.js';
import { spanOf, type Source } from '../text/source.js';

interface ForeignFormat {
  /** Of the line that gives it away. */
  readonly line: RegExp;
  /** Only the first line that is neither empty nor a comment tells. */
  readonly first?: true;
  readonly is: string;
  readonly do: string;
}

const FORMATS: readonly ForeignFormat[] = [
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
    line: /^Chain \S+ \((?:policy [A-Z]+|\d+ references?)/,
    is: 'this is a listing of `iptables -L`, which leaves out interfaces, options and more of the rules',
    do: 'give fwlint what `iptables-save` prints, or `iptables -S`',
  },
];

/** Lines that are looked at. */
const LINE_LIMIT = 200;

/** What a source is that has no rules in it; undefined when nothing is known about it. */
export function foreignFormat(source: Source): Problem | undefined {
  const { text, lineStarts } = source;
  let first = true;
  for (let index = 0; index < Math.min(LINE_LIMIT, lineStarts.length); index += 1) {
    const start = lineStarts[index] ?? 0;
    const raw = text.slice(start, Math.min(lineStarts[index + 1] ?? text.length, start + 500));
    const line = raw.replace(/^\ufeff/, '').trim();
    if (line === '' || line.startsWith('#')) continue;
    const found = FORMATS.find((format) => (first || format.first === undefined) && format.line.test(line));
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
