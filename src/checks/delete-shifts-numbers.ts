/** Rules are deleted by their numbers from the top down, though every deletion changes the numbers below it. */

import type { Problem } from '../diagnostics/diagnostic.js';
import type { Input } from '../input/input.js';
import type { Command, Operation } from '../iptables/command.js';
import { fixOf, replaceWord } from '../iptables/edit.js';
import { ordinal } from '../text/ordinal.js';
import { wordsSpan, wordText } from '../text/word.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'delete-shifts-numbers',
  summary: 'Rules are deleted by number from the top down, though every deletion moves the rules below it up',
  why:
    'When rule 1 is gone, rule 2 is rule 1. `-D INPUT 2` and then `-D INPUT 3` take out what were rules 2 and 4 of the listing, and the third stays: a rule ' +
    'that was to stay is lost.',
  advice: 'Delete from the bottom up (`-D INPUT 3`, then `-D INPUT 2`), or name the rules by what they say: `-D INPUT -p tcp --dport 80 -j ACCEPT`.',
  severity: 'warning',
  category: 'order',
  fix: 'sometimes',
  examples: {
    bad: 'iptables -D INPUT 2\niptables -D INPUT 3',
    good: 'iptables -D INPUT 3\niptables -D INPUT 2',
  },
  source: 'iptables(8), -D; measured: of rules a, b, c, d the bad example leaves a and c',
  since: '0.1.0',
  find: (input) => {
    const runs = runsOf(input);
    const repeated = runs.length === 0 ? new Set<string>() : repeatedDeletions(input);
    return runs.map((run) => report(run, repeated));
  },
});

type Deletion = Command & Extract<Operation, { kind: 'deleteNumber' }>;

/** Deletions of one chain that follow each other, each with a greater number than the one before; at least two. */
function runsOf(input: Input): readonly (readonly [Deletion, Deletion, ...Deletion[]])[] {
  const open = new Map<string, Deletion[]>();
  const runs: (readonly Deletion[])[] = [];
  for (const command of input.commands) {
    if (input.notRun.has(command) || !('chain' in command)) continue;
    const chain = `${command.family} ${command.table} ${command.chain.text}`;
    const run = open.get(chain);
    const last = run?.at(-1);
    if (command.kind !== 'deleteNumber' || command.refused || !isGiven(command)) open.delete(chain);
    else if (run !== undefined && last !== undefined && last.position < command.position) run.push(command);
    else {
      const begun = [command];
      open.set(chain, begun);
      runs.push(begun);
    }
  }
  return runs.flatMap(([first, second, ...rest]) => (first === undefined || second === undefined ? [] : [[first, second, ...rest] as const]));
}

/** Deletions that a loop runs more than once: whatever the order, the greatest number comes behind a smaller one again. */
function repeatedDeletions({ commands }: Input): ReadonlySet<string> {
  const met = new Set<string>();
  const repeated = new Set<string>();
  for (const command of commands) {
    if (command.kind !== 'deleteNumber') continue;
    const place = placeOf(command);
    if (met.has(place)) repeated.add(place);
    met.add(place);
  }
  return repeated;
}

/** Where a deletion is written, and what it is for. */
function placeOf({ at, family, chain }: Deletion): string {
  return `${at.source.name}\0${String(at.start)} ${family} ${chain.text}`;
}

/** Whether the number is known: one that only the run knows is read as 1. */
function isGiven({ words, chain, position }: Deletion): boolean {
  return wordText(words, chain.word + 1) === String(position);
}

function numberWord({ chain }: Deletion): number {
  return chain.word + 1;
}

function report(run: readonly [Deletion, Deletion, ...Deletion[]], repeated: ReadonlySet<string>): Problem {
  const [first, second] = run;
  const downwards = run.map(({ position }) => position).reverse();
  return {
    check: 'delete-shifts-numbers',
    at: wordsSpan(second.words, second.chain.word, numberWord(second)),
    message: `this takes out what was the ${ordinal(second.position + 1)} rule of ${second.chain.text}: the deletion before it has moved the rules below up`,
    here: `no longer the ${ordinal(second.position)} rule`,
    labels: [{ span: wordsSpan(first.words, first.chain.word, numberWord(first)), text: 'moves the rules below up' }],
    notes: [{ kind: 'do', text: 'delete the greatest number first' }],
    fixes: run.some((deletion) => repeated.has(placeOf(deletion)))
      ? []
      : fixOf(
          'delete from the bottom up',
          'unsafe',
          run.map((command, index) => replaceWord(command, numberWord(command), String(downwards[index] ?? command.position))),
        ),
  };
}
