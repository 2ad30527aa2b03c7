/** A variable that the shell itself changes is used as if it were an ordinary one. */

import type { Edit, Fix, Problem } from '../diagnostics/diagnostic.js';
import type { Input } from '../input/input.js';
import { findProgram } from '../input/find-program.js';
import type { ShellReading, SpecialAssignment, SpecialEffect } from '../shell/reading.js';
import { spanOf, spanText, type Span } from '../text/source.js';
import { defineCheck } from './define.js';

const EFFECTS: Readonly<Record<SpecialEffect, (name: string, value: string) => string>> = {
  counts: (name, value) =>
    name === 'SECONDS'
      ? `bash counts \`SECONDS\` up by one every second: it is ${value} only in the first second`
      : `bash changes \`${name}\` by itself: it does not stay ${value}`,
  random: (name) => `bash gives \`${name}\` another random value each time it is used; what is assigned only seeds it`,
  readonly: (name) => `\`${name}\` is read-only in bash: the assignment fails and the old value stays`,
  ignored: (name) => `bash ignores what is assigned to \`${name}\``,
};

/** Names that say more than the old one with a prefix. */
const BETTER_NAMES: ReadonlyMap<string, string> = new Map([['SECONDS', 'WINDOW']]);

export default defineCheck({
  name: 'special-shell-variable',
  summary: 'A variable that the shell itself changes is used as if it were an ordinary one',
  why:
    'bash keeps some variables for itself: `SECONDS` is a clock that runs on from the value it is given, `RANDOM` another number at each use, `UID` ' +
    'read-only. A rule built with them gets another number than the script says: after `SECONDS=100` and a pause of two seconds, `--seconds ' +
    '${SECONDS}` is 102.',
  advice: 'Give the variable another name.',
  severity: 'error',
  category: 'script',
  fix: 'sometimes',
  examples: {
    bad: '#!/bin/bash\nSECONDS=100\niptables -A INPUT -m recent --name web --update --seconds $SECONDS --hitcount 9 -j DROP\niptables -A INPUT -m recent --name web --set',
    good: '#!/bin/bash\nWINDOW=100\niptables -A INPUT -m recent --name web --update --seconds $WINDOW --hitcount 9 -j DROP\niptables -A INPUT -m recent --name web --set',
  },
  source: 'bash(1), "Shell Variables"; measured with bash 5.2: `--seconds 102` two seconds after `SECONDS=100`',
  since: '0.1.0',
  find: (input) => {
    const { shell } = input;
    if (shell === undefined) return [];
    const problems: Problem[] = [];
    for (const assignment of shell.specialAssignments) {
      const { name, value, effect } = assignment;
      const inRules = usesInRules(shell, name);
      // `SECONDS=0` and a look at the clock later is what the variable is for.
      if (inRules.length === 0) continue;
      problems.push({
        check: 'special-shell-variable',
        at: assignment.span,
        message: EFFECTS[effect](name, value),
        here: 'a variable of the shell itself',
        labels: inRules.slice(0, 3).map((span) => ({ span, text: 'what stands here is not what was assigned' })),
        notes: [{ kind: 'do', text: 'give the variable another name' }],
        fixes: rename(input, shell, assignment),
      });
    }
    return problems;
  },
});

/** The words of firewall commands that the variable has gone into, by itself or in another one. */
function usesInRules(shell: ShellReading, name: string): readonly Span[] {
  const places = new Map<number, Span>();
  for (const command of shell.commands) {
    if (findProgram(command.words) === undefined) continue;
    for (const { span, pieces } of command.words)
      if (pieces.some(({ via }) => via.some((step) => step.kind === 'variable' && step.name === name))) places.set(span.start, span);
  }
  for (const use of shell.uses) {
    const command = use.name === name && use.command !== undefined ? shell.commands[use.command] : undefined;
    if (command !== undefined && findProgram(command.words) !== undefined) places.set(use.span.start, use.span);
  }
  return [...places.values()];
}

/** Renames the variable wherever its name stands; nothing when the name also stands where fwlint does not see a variable. */
function rename(input: Input, shell: ShellReading, assignment: SpecialAssignment): readonly Fix[] {
  const { name } = assignment;
  const { source } = input;
  const fresh = freshName(source.text, BETTER_NAMES.get(name) ?? `MY_${name}`);
  const places = new Map<number, Edit>();
  const add = (start: number): boolean => {
    if (source.text.slice(start, start + name.length) !== name) return false;
    places.set(start, { span: spanOf(source, start, start + name.length), text: fresh });
    return true;
  };
  for (const { name: assigned, span } of [...shell.assignments, ...shell.specialAssignments])
    if (assigned === name && !(span.source === source && add(span.start))) return [];
  for (const use of shell.uses) {
    if (use.name !== name) continue;
    const offset = spanText(use.span).indexOf(name);
    if (use.span.source !== source || offset === -1 || !add(use.span.start + offset)) return [];
  }
  // Every other place where the name stands in the code could be a use, too: `eval`, a here-document, `export SECONDS`.
  for (const found of source.text.matchAll(new RegExp(`\\b${name}\\b`, 'g')))
    if (!places.has(found.index) && !shell.comments.some(({ span }) => span.start <= found.index && found.index < span.end)) return [];
  const [first, ...rest] = [...places.values()].sort((a, b) => a.span.start - b.span.start);
  if (first === undefined) return [];
  return [{ title: `call it \`${fresh}\``, applicability: 'safe', edits: [first, ...rest] }];
}

function freshName(text: string, wanted: string): string {
  let name = wanted;
  for (let number = 2; new RegExp(`\\b${name}\\b`).test(text); number += 1) name = `${wanted}${String(number)}`;
  return name;
}
