/** The ipsets that the files of one command define: rules in one of them may name sets of another. */

import { read, type Options } from '../lint/lint.js';
import type { Ipset } from '../ipset/model.js';
import { readSource } from './files.js';

/** A line that creates a set, in a file of its own or in a script. */
const CREATES = /^[^#\n]*(?:\bcreate|-N)[ \t]+\S+[ \t]+(?:hash:|bitmap:|list:|\w*(?:hash|map|setlist)\b)/m;

/** Sets by name; of several of one name the last. Files that cannot be read are told about where they are linted. */
export function givenIpsets(
  files: readonly { readonly name: string; readonly shown: string; readonly reading: Options }[],
): ReadonlyMap<string, Ipset> {
  const sets = new Map<string, Ipset>();
  if (files.length < 2) return sets;
  for (const { name, shown, reading } of files) {
    // Somebody who types is asked when it is the turn of what is typed.
    if (name === '-' && process.stdin.isTTY) continue;
    const found = readSource(name, shown);
    if (found.kind === 'problem' || !CREATES.test(found.source.text)) continue;
    for (const [setName, set] of read(found.source, reading).ipsets.run.sets) sets.set(setName, set);
  }
  return sets;
}
