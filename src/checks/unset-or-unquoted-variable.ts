/** A variable that is set nowhere stands in a firewall command. */

import type { Edit, Problem } from '../diagnostics/diagnostic.js';
import { findProgram } from '../input/find-program.js';
import type { ShellCommand, ShellReading, VariableUse } from '../shell/reading.js';
import { nearest } from '../text/distance.js';
import { oncePer } from '../text/once-per.js';
import { lineIndexAt, spanOf, spanText, type Span } from '../text/source.js';
import { isUnknown } from '../text/word.js';
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
    if (shell === undefined || shell.unset.length === 0) return [];
    const asked = namesAskedFor(shell);
    const uses = new Map(shell.uses.map((use) => [keyOf(use.span), use]));
    const places = new Map<string, VariableUse[]>();
    const spaced = spacedAssignments(shell);
    const misspelt = new Map<string, Misspelt>();
    let isFragment = false;
    for (const { name, span } of shell.unset) {
      if (spaced.has(name)) continue;
      const use = uses.get(keyOf(span));
      const command = use?.command === undefined ? undefined : shell.commands[use.command];
      if (use === undefined || command === undefined || use.defaulted) continue;
      const program = findProgram(command.words);
      if (program === undefined) continue;
      // A name nobody set in place of the program is taken for what it says: `$IPT`.
      const word = command.words.findIndex(({ span: place }) => place.start <= span.start && span.end <= place.end);
      if (word !== -1 && word <= program.word) {
        const meant = asked.has(name)
          ? undefined
          : nearest(
              name,
              [...programVariables(shell)].filter((program) => program !== name),
            );
        if (meant === undefined || name.includes('6') !== meant.includes('6')) isFragment = true;
        else misspelt.set(name, { meant, places: [...(misspelt.get(name)?.places ?? []), span] });
        continue;
      }
      // A finding that it is a placeholder says the same.
      if (input.problems.some(({ problem }) => problem.check === 'placeholder' && contains(problem.at, span))) continue;
      if (asked.has(name)) continue;
      places.set(name, [...(places.get(name) ?? []), use]);
    }
    return [
      ...[...spaced].map(([name, command]) => reportSpaced(name, command)),
      ...[...misspelt].flatMap(([name, found]) => reportMisspelt(name, found)),
      ...[...places].flatMap(([name, found]) => problemOf(name, found, isFragment)),
    ];
  },
});

/** Uses of a variable that nothing sets in place of the program, and the variable that was meant. */
interface Misspelt {
  readonly meant: string;
  readonly places: readonly Span[];
}

/** The variables that are set, and stand for the program in commands. Found once for each script. */
const programVariables = oncePer(({ commands }: ShellReading): ReadonlySet<string> => {
  const names = new Set<string>();
  for (const { words } of commands) {
    const program = findProgram(words);
    const word = program === undefined ? undefined : words[program.word];
    if (word === undefined || isUnknown(word)) continue;
    for (const { via } of word.pieces) for (const step of via) if (step.kind === 'variable') names.add(step.name);
  }
  return names;
});

function reportMisspelt(name: string, { meant, places }: Misspelt): readonly Problem[] {
  const [first, ...others] = places;
  if (first === undefined) return [];
  const edits = places.map((span): Edit => ({ span, text: spanText(span).replace(name, meant) }));
  const [edit, ...more] = edits;
  return [
    {
      check: 'unset-or-unquoted-variable',
      severity: 'error',
      at: first,
      message: `\`${name}\` is set nowhere: the shell takes the option behind it for the command`,
      here: 'set nowhere',
      ...(others.length === 0 ? {} : { also: others }),
      notes: [{ kind: 'do', text: `write \`$${meant}\`, which is set` }],
      ...(edit === undefined ? {} : { fixes: [{ title: `write \`$${meant}\``, applicability: 'unsafe', edits: [edit, ...more] }] }),
    },
  ];
}

/** Commands that were meant to set a variable, by its name: `IPT = /sbin/iptables`. Only of variables that firewall commands use and nothing sets. */
function spacedAssignments(shell: ShellReading): ReadonlyMap<string, ShellCommand> {
  const found = new Map<string, ShellCommand>();
  const uses = new Map(shell.uses.map((use) => [keyOf(use.span), use]));
  for (const { name, span } of shell.unset) {
    const user = uses.get(keyOf(span))?.command;
    if (found.has(name) || user === undefined || findProgram(shell.commands[user]?.words ?? []) === undefined) continue;
    const command = shell.commands.find(({ words: [first, second] }) => first?.text === name && second?.text.startsWith('=') === true);
    if (command !== undefined) found.set(name, command);
  }
  return found;
}

/** (POSIX.1-2024, Shell Command Language, 2.9.1: an assignment is one word) */
function reportSpaced(name: string, { words, span }: ShellCommand): Problem {
  const [first, second, third] = words;
  const next = second?.text === '=' ? third : undefined;
  const from = first?.span.end;
  const to = next?.span.start ?? second?.span.start;
  return {
    check: 'unset-or-unquoted-variable',
    severity: 'error',
    at: span,
    message: `a blank stands before or behind the \`=\`: the shell runs \`${name}\` as a command and sets nothing`,
    here: 'no assignment',
    notes: [
      { kind: 'why', text: `bash: ${name}: command not found` },
      { kind: 'do', text: `write \`${name}=…\` without blanks` },
    ],
    fixes:
      from === undefined || to === undefined
        ? []
        : [
            {
              title: 'take the blanks out',
              applicability: 'unsafe',
              edits: [{ span: spanOf(span.source, from, to), text: next === undefined ? '' : '=' }],
            },
          ],
  };
}

/** Names the script asks for: who writes `[ -z "$port" ] && exit` or `: "${port:?}"` expects them from the environment, and knows they may be missing. */
function namesAskedFor(shell: ShellReading): ReadonlySet<string> {
  const names = new Set<string>();
  for (const { name, span, defaulted } of shell.uses) {
    if (names.has(name)) continue;
    const before = span.source.text.slice(span.source.lineStarts[lineIndexAt(span.source, span.start)], span.start);
    if (defaulted || TEST_BEFORE.test(before)) names.add(name);
  }
  return names;
}

const TEST_BEFORE = /(?:\[|\btest)[ \t][^;&|]*$/;

function contains(outer: Span, inner: Span): boolean {
  return outer.source === inner.source && outer.start <= inner.start && inner.end <= outer.end;
}

function keyOf({ source, start, end }: Span): string {
  return `${source.name}\0${String(start)}\0${String(end)}`;
}

/** `isFragment`: the script does not even set the name of the program: another one sources it, and sets what it needs. */
function problemOf(name: string, places: readonly VariableUse[], isFragment: boolean): readonly Problem[] {
  const [first, ...others] = places;
  if (first === undefined) return [];
  const edits = places.flatMap(({ span, quoted }): Edit[] => {
    const text = spanText(span);
    return text === `$${name}` || text === `\${${name}}` ? [{ span, text: quoted ? `\${${name}:?}` : `"\${${name}:?}"` }] : [];
  });
  const [edit, ...more] = edits;
  const safe = first.quoted ? `\${${name}:?}` : `"\${${name}:?}"`;
  const consequence = first.stops
    ? 'unless it comes with the environment, the script stops here (`set -u`)'
    : first.quoted
      ? 'an empty word stands here'
      : 'without quotes it vanishes, and the option before it takes the next word';
  return [
    {
      check: 'unset-or-unquoted-variable',
      at: first.span,
      message: isFragment ? `\`${name}\` is set nowhere in this file` : `\`${name}\` is set nowhere: ${consequence}`,
      here: 'set nowhere',
      ...(isFragment || first.stops ? { severity: 'info' as const } : {}),
      ...(others.length === 0 ? {} : { also: others.map(({ span }) => span) }),
      notes: [
        ...(isFragment ? [{ kind: 'note', text: 'whoever sources the file has to set it' } as const] : []),
        { kind: 'do', text: `set \`${name}\` before${first.stops ? '' : `, or let the script stop here: \`${safe}\``}` },
        ...(others.length === 0
          ? []
          : [{ kind: 'note', text: `the same in ${String(others.length)} more place${others.length === 1 ? '' : 's'}` } as const]),
        { kind: 'note', text: `with \`--define ${name}=VALUE\` fwlint takes it as set` },
      ],
      ...(edit === undefined || first.stops
        ? {}
        : { fixes: [{ title: `write \`${safe}\`, which stops the script when it is not set`, applicability: 'unsafe', edits: [edit, ...more] }] }),
    },
  ];
}
