/** Where the rules of an input name ipsets. */

import type { Family, Given, SetUse } from '../extensions/define.js';
import { ruleOf, usesOf, type Command } from '../iptables/command.js';
import { isUnknownWord } from '../ipset/command.js';
import type { Ipset } from '../ipset/model.js';
import { wordText, wordSpan } from '../text/word.js';
import type { Span } from '../text/source.js';
import type { Input } from './input.js';

/** One `--match-set`, `--add-set`, `--del-set` or `--map-set` of a rule. */
export interface IpsetUse extends SetUse {
  readonly family: Family;
  readonly option: string;
  readonly negated: boolean;
  readonly command: Command;
  /** Where the name of the set stands. */
  readonly at: Span;
}

const OPTIONS: readonly (readonly [extension: string, options: readonly string[]])[] = [
  ['set', ['match-set']],
  ['SET', ['add-set', 'del-set', 'map-set']],
];

/** Every use, in the order of the commands. */
export function ipsetUses(input: Input): readonly IpsetUse[] {
  const uses: IpsetUse[] = [];
  for (const command of input.commands) {
    const rule = ruleOf(command);
    if (rule === undefined) continue;
    for (const { extension, given } of usesOf(rule))
      for (const option of OPTIONS.find(([name]) => name === extension.name)?.[1] ?? []) {
        const found = given[option] as Given<SetUse> | undefined;
        if (found === undefined) continue;
        const at = wordSpan(command.words, found.argument);
        uses.push({ ...found.value, family: command.family, option, negated: found.negated, command, at });
      }
  }
  return uses;
}

/** What the files at hand define: undefined where none of them makes sets, so that nothing can be said about names. */
export interface DefinedIpsets {
  /** Undefined where some are made in a way that only the run decides. */
  readonly names: ReadonlySet<string> | undefined;
  readonly sets: ReadonlyMap<string, Ipset>;
}

export function definedIpsets(input: Input): DefinedIpsets | undefined {
  const { commands, run, others } = input.ipsets;
  const names = new Set<string>([...run.sets.keys(), ...others.keys()]);
  let complete = true;
  // A set that is destroyed in the end was there when the rules were loaded.
  for (const { verb, words, operands } of commands) {
    const word = verb === 'create' ? operands[0] : verb === 'rename' ? operands[1] : undefined;
    if (word !== undefined) names.add(wordText(words, word));
    // `ipset restore < file`: what is in the file is not known.
    if (verb === 'restore' || (word !== undefined && isUnknownWord(words, word))) complete = false;
  }
  return names.size === 0 ? undefined : { names: complete ? names : undefined, sets: new Map([...others, ...run.sets]) };
}
