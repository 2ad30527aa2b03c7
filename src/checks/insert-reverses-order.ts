/** Rules that are inserted one after another are asked in the reverse order. */

import type { Edit, Fix, Label, Note, Problem } from '../diagnostics/diagnostic.js';
import { reversedInserts, type InsertCommand, type ReversedInserts } from '../input/reversed-inserts.js';
import { rulesetOf } from '../input/intended-ruleset.js';
import type { Input } from '../input/input.js';
import { deleteWords, fixOf, insertAfter, replaceWord, writeInOrder } from '../iptables/edit.js';
import { blockedBy, counted, intendedRecentLimiters, windowOf } from '../policy/intended-limiters.js';
import { findRecentLimiters, type RecentLimiter } from '../policy/limiters.js';
import { ordinal } from '../text/ordinal.js';
import { positionAt } from '../text/source.js';
import { wordCount, wordsSpan, wordText } from '../text/word.js';
import type { Command } from '../iptables/command.js';
import type { Span } from '../text/source.js';
import { defineCheck } from './define.js';

export default defineCheck({
  name: 'insert-reverses-order',
  summary: 'Rules that are inserted one after another are asked in the reverse order',
  why:
    '`-I` puts a rule at the top of its chain. A second `-I` goes above the first, so the rules are asked from the last to the first. For `-m recent` ' +
    'that changes the limit: asked before the `--set`, `--hitcount 26` lets 26 through, behind it 25.',
  advice:
    'Write the rules with `-A`, in the order in which they are to be asked, or number the inserts: `-I INPUT 1`, `-I INPUT 2`. Whoever turns `-I` into ' +
    '`-A` and leaves the order as it is changes the limit.',
  severity: 'warning',
  category: 'order',
  fix: 'unsafe',
  examples: {
    bad: 'iptables -I INPUT -p tcp --syn --dport 22 -m recent --name ssh --set\niptables -I INPUT -p tcp --syn --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 3 -j DROP',
    good: 'iptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --rcheck --seconds 60 --hitcount 3 -j DROP\niptables -A INPUT -p tcp --syn --dport 22 -m recent --name ssh --set',
  },
  source: 'iptables(8), -I; measured: the pair above lets 3 connections through, with -A in the same order 2',
  since: '0.1.0',
  find: (input) => reversedInserts(input).map((run) => report(input, run)),
});

function lineOf({ at }: Command): string {
  return String(positionAt(at.source, at.start).line);
}

/** `-I INPUT`, with the number if there is one. */
function placeOf(command: InsertCommand): Span {
  const { word } = command.chain;
  const numbered = wordText(command.words, word + 1) === String(command.position);
  return wordsSpan(command.words, Math.max(0, word - 1), numbered ? word + 1 : word);
}

function report(input: Input, run: ReversedInserts): Problem {
  const { commands, position, reversal } = run;
  const written = commands.find((command) => command === reversal.written.command) ?? commands[0];
  const asked = commands.find((command) => command === reversal.asked.command) ?? commands[0];
  const where = position === 1 ? 'at the top' : `at place ${String(position)}`;
  const both = commands.length === 2;
  const sameLine = written !== undefined && asked !== undefined && lineOf(written) === lineOf(asked);
  const order = sameLine
    ? 'so the second is asked before the first'
    : `so line ${asked === undefined ? '' : lineOf(asked)} is asked before line ${written === undefined ? '' : lineOf(written)}`;
  const labels: Label[] = asked === undefined ? [] : [{ span: placeOf(asked), text: both ? 'ends up first' : 'ends up above it' }];
  return {
    check: 'insert-reverses-order',
    at: written === undefined ? (run.rules[0]?.command.at ?? reversal.written.command.at) : placeOf(written),
    message: both
      ? `both rules are inserted ${where}, ${order}`
      : `these ${String(commands.length)} rules are inserted ${where} one after another, ${order}`,
    here: both ? 'ends up second' : 'ends up below',
    labels,
    notes: notesOf(input, run),
    fixes: fixesOf(run),
  };
}

function notesOf(input: Input, run: ReversedInserts): readonly Note[] {
  const { reversal } = run;
  switch (reversal.kind) {
    case 'list': {
      const numbers = limitsOf(input, run);
      return [
        ...(numbers === undefined ? [] : [{ kind: 'note' as const, text: numbers }]),
        {
          kind: 'do',
          text: 'write them in the order they are to be asked, with -A; or number them: `-I INPUT 1`, `-I INPUT 2`'.replaceAll(
            'INPUT',
            run.chain.name,
          ),
        },
      ];
    }
    case 'hidden':
      return [
        {
          kind: 'why',
          text: `the rule of line ${lineOf(reversal.written.command)} never sees a packet: that of line ${lineOf(reversal.asked.command)} takes them all`,
        },
        { kind: 'do', text: 'write them with -A: then they are asked in the order they are written' },
      ];
    case 'verdict':
      return [
        { kind: 'why', text: 'packets that both match get the verdict of the rule that was written last' },
        { kind: 'do', text: 'write them in the order they are to be asked, with -A' },
      ];
  }
}

/** What the limit of the list is, and what it would be if the rules were asked in the order they are written. */
function limitsOf(input: Input, run: ReversedInserts): string | undefined {
  const { intended } = run;
  const now = intendedRecentLimiters(input).find((limiter) => run.rules.includes(limiter.rule) && limiter.effect === 'blocks');
  if (now === undefined) return undefined;
  const inOrder = intended.commands.map((command): Command => {
    const place = run.commands.findIndex((candidate) => candidate === command);
    const insert = run.commands[place];
    return insert === undefined ? command : { ...insert, position: run.position + place };
  });
  const then = findRecentLimiters(rulesetOf(intended.family, inOrder), input.target).find((limiter) => limiter.match === now.match);
  const asWritten = then === undefined || then.lets === now.lets ? '' : `; with -A in this order ${limitText(then, true)}`;
  return `as it stands: ${limitText(now, false)}${asWritten}`;
}

function limitText(limiter: RecentLimiter, short: boolean): string {
  const { lets } = limiter;
  if (lets === undefined) return short ? 'there would be no limit' : 'there is no limit';
  if (short) return `it would be ${String(lets)}`;
  return `${counted(lets, limiter)} ${windowOf(limiter)} get${lets === 1 ? 's' : ''} through, the ${ordinal(lets + 1)} is ${blockedBy(limiter)}`;
}

function fixesOf(run: ReversedInserts): readonly Fix[] {
  const { commands, position, onTopOfOthers, reversal, hidesSome, chain } = run;
  // The order they are asked in keeps what gets through, but leaves a rule without packets; the other order changes the limit.
  if (hidesSome && reversal.kind === 'list') return [];
  // Where one rule takes all packets of another, the order they are written in is surely the one that was meant; else nothing is to change.
  const asWritten = reversal.kind === 'hidden';
  const numbered = onTopOfOthers || position !== 1;
  const order = asWritten ? 'in the order they are written' : 'in the order they are asked';
  const title = numbered
    ? `number the inserts ${order}: \`-I ${chain.name} ${String(position)}\`, \`-I ${chain.name} ${String(position + 1)}\``
    : `write them with -A ${order}${reversal.kind === 'list' ? ', hitcount kept at what gets through now' : ''}`;
  const edit = writeInOrder(commands, asWritten ? commands : [...commands].reverse(), (command, place) =>
    numbered ? [numberInsert(command, position + place)] : appendInstead(command),
  );
  return fixOf(title, 'unsafe', [edit]);
}

/** The word that says `-I` or `--insert`; undefined when the chain's name is glued to it. */
function operationWord(command: Command): number | undefined {
  if (!('chain' in command)) return undefined;
  const word = command.chain.word - 1;
  const text = wordText(command.words, word);
  return text === '-I' || text === '--insert' ? word : undefined;
}

function isNumber(command: Command, word: number): boolean {
  return word < wordCount(command.words) && /^\d+$/.test(wordText(command.words, word));
}

function appendInstead(command: Command): readonly (Edit | undefined)[] {
  const word = operationWord(command);
  if (word === undefined) return [undefined];
  const edits = [replaceWord(command, word, wordText(command.words, word) === '-I' ? '-A' : '--append')];
  if (isNumber(command, word + 2)) edits.push(deleteWords(command, word + 2, word + 2));
  return edits;
}

function numberInsert(command: Command, position: number): Edit | undefined {
  const word = operationWord(command);
  if (word === undefined) return undefined;
  return isNumber(command, word + 2) ? replaceWord(command, word + 2, String(position)) : insertAfter(command, word + 1, String(position));
}
