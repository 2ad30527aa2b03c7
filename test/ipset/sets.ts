/** Runs ipset commands through fwlint and through the real ipset, and compares what is refused and what is in the sets afterwards. */

import { readIpsetCommand } from '../../src/ipset/command.js';
import { printIpsets } from '../../src/ipset/print.js';
import { runIpset } from '../../src/ipset/run.js';
import type { IpsetRun } from '../../src/ipset/model.js';
import { createSource, spanOf } from '../../src/text/source.js';
import type { Word } from '../../src/text/word.js';
import { runSessions } from '../support/kernel.js';

/** Runs commands, each given as its words without `ipset`, on fwlint's model. */
export function runWords(commands: readonly (readonly string[])[]): IpsetRun {
  return runIpset(
    commands.map((texts, index) => {
      // The name says which command a problem belongs to.
      const source = createSource(String(index), texts.join(' '));
      let at = 0;
      const words = texts.map((text): Word => {
        const span = spanOf(source, at, at + text.length);
        at += text.length + 1;
        return { text, span, pieces: [{ length: text.length, span, literal: true, via: [] }] };
      });
      return readIpsetCommand({ kind: 'words', words }, 0, spanOf(source, 0, source.text.length));
    }),
  );
}

/** What ipset says about each command (`''`: it takes it), and `ipset save` afterwards. */
export interface Outcome {
  readonly says: readonly string[];
  readonly saved: string;
}

/** fwlint's outcome. */
export function expectedOutcome(commands: readonly (readonly string[])[]): Outcome {
  const run = runWords(commands);
  const says = commands.map(() => '');
  for (const { problem, command } of run.problems) {
    const index = Number(command.at.source.name);
    if (!problem.fatal || says[index] !== '') continue;
    const note = (problem.notes ?? []).find((one) => one.text.startsWith('ipset says: '));
    says[index] = note === undefined ? `(${problem.message})` : note.text.slice('ipset says: '.length);
  }
  return { says, saved: canonical(printIpsets(run.sets.values())) };
}

/** The outcomes of the real ipset, each list of commands in a namespace of its own. */
export async function realOutcomes(lists: readonly (readonly (readonly string[])[])[]): Promise<readonly Outcome[]> {
  const sessions = lists.map((commands) => [...commands.map((words) => ({ argv: ['ipset', ...words] })), { argv: ['ipset', 'save'] }]);
  const results = await runSessions(sessions);
  return results.map((steps) => ({
    says: steps.slice(0, -1).map(({ status, stderr }) =>
      status === 0
        ? ''
        : (stderr
            .replace(/^ipset v[\d.]+: /gm, '')
            .split('\n')[0]
            ?.trim() ?? ''),
    ),
    saved: canonical(steps.at(-1)?.stdout ?? ''),
  }));
}

/**
 * `ipset save` without what the kernel draws (`initval`), what depends on the kernel (`bucketsize`) or on time (timeouts that ran down a second),
 * and without the order of a hash. Places in a list:set keep their order.
 */
export function canonical(saved: string): string {
  const lines = saved
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => line.replace(/ bucketsize \d+/, '').replace(/ initval 0x[0-9a-f]+/, ''));
  const lists = new Set(lines.flatMap((line) => /^create (\S+) list:set/.exec(line)?.[1] ?? []));
  const isPlace = (line: string): boolean => lists.has(/^add (\S+)/.exec(line)?.[1] ?? '');
  return [...lines.filter((line) => !isPlace(line)).sort(), ...lines.filter(isPlace)].join('\n');
}
