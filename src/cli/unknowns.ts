/** `fwlint lint --list-unknowns`: the values of a script that only the run knows, and what giving them would settle. */

import { listUnknowns } from '../input/unknowns.js';
import { read } from '../lint/lint.js';
import { positionAt } from '../text/source.js';
import type { Unknowns } from '../input/unknowns.js';
import { readTold } from './files.js';
import { filesOf, type InputOptions } from './input-options.js';
import { readingOptions } from './reading.js';
import { standardOutput } from './output.js';

/** Prints the list for each file; the exit status is 2 when a file cannot be read, else 0: nothing here is a mistake. */
export function runListUnknowns(names: readonly string[], options: InputOptions): number {
  let status = 0;
  for (const { name, shown } of filesOf(names, options)) {
    const result = readTold(name, shown);
    if (result.kind === 'problem') status = 2;
    else standardOutput.write(printUnknowns(shown, listUnknowns(read(result.source, readingOptions(options, name)))));
  }
  return status;
}

function printUnknowns(file: string, { values, depending, commands }: Unknowns): string {
  if (values.length === 0) return `${file}: all values of its firewall commands are known (${String(commands)})\n`;
  const lines = [`${file}: ${String(depending)} of ${String(commands)} firewall commands depend on values that only the run knows`];
  const width = Math.max(...values.map(({ name }) => Math.min(name.length, 30)));
  for (const { name, definable, settles, commands: used, at } of values) {
    const place = `${at.source.name === file ? '' : `${at.source.name} `}line ${String(positionAt(at.source, at.start).line)}`;
    const counts = `settles ${String(settles)}, is in ${String(used)}`;
    const advice = definable ? `--define ${name}=VALUE` : 'no name: assign it to a variable first';
    lines.push(`  ${name.replace(/\s+/g, ' ').padEnd(width)}  ${counts.padEnd(22)}  ${place.padEnd(9)}  ${advice}`);
  }
  return `${lines.join('\n')}\n`;
}
