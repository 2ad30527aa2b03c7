/** Which values, if they were given, would let how many firewall commands of a script be read to the end. */

import { DEFINABLE_NAME } from '../shell/definable-name.js';
import type { Span } from '../text/source.js';
import { wordAt, wordCount } from '../text/word.js';
import type { Input } from './input.js';

/** A value that only the run knows. */
export interface UnknownValue {
  /** A variable's name or the number of a positional parameter; else the construct as it is written: `$(hostname -I)`. */
  readonly name: string;
  /** Whether `--define` takes the name. */
  readonly definable: boolean;
  /** Commands that would be known whole if this value alone were given. */
  readonly settles: number;
  /** Commands it stands in. */
  readonly commands: number;
  /** The first place it is used. */
  readonly at: Span;
}

/** The values and the number of commands that depend on any of them. */
export interface Unknowns {
  readonly values: readonly UnknownValue[];
  readonly depending: number;
  /** All firewall commands, as often as they are run. */
  readonly commands: number;
}

/** Lists what is not known, what settles most first. */
export function listUnknowns({ commands }: Input): Unknowns {
  const found = new Map<string, { at: Span; settles: number; commands: number }>();
  let depending = 0;
  for (const { words } of commands) {
    const own = new Map<string, Span>();
    for (let index = 0; words.kind === 'words' && index < wordCount(words); index += 1)
      for (const { unknown, span } of wordAt(words, index)?.pieces ?? []) if (unknown !== undefined && !own.has(unknown)) own.set(unknown, span);
    if (own.size > 0) depending += 1;
    for (const [name, at] of own) {
      const value = found.get(name) ?? { at, settles: 0, commands: 0 };
      value.commands += 1;
      if (own.size === 1) value.settles += 1;
      found.set(name, value);
    }
  }
  const values = [...found].map(([name, value]): UnknownValue => ({ name, definable: DEFINABLE_NAME.test(name), ...value }));
  values.sort((left, right) => right.settles - left.settles || right.commands - left.commands || (left.name < right.name ? -1 : 1));
  return { values, depending, commands: commands.length };
}
