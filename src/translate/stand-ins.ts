/** Values nothing else has, which stand in rules for values that nobody knows yet: rules are read and compiled with them, and a name is put in their place afterwards. */

import type { Family } from '../extensions/define.js';
import { chainsElsewhere, chainsNamed, chainsOfFragment } from '../input/chains-elsewhere.js';
import { registryOf, targetNames } from '../input/families.js';
import { findProgram } from '../input/find-program.js';
import type { Input } from '../input/input.js';
import type { Command, Counters } from '../iptables/command.js';
import { readCommand } from '../iptables/read.js';
import { runCommands, type RunResult } from '../ruleset/run.js';
import { spanText } from '../text/source.js';
import { wordAt, wordCount, wordSpan, type Word } from '../text/word.js';

/** What an argument has to be for a name to stand in its place. */
export type StandInKind = 'address' | 'interface' | 'port' | 'owner' | 'mark' | 'protocol' | 'hardware address' | 'ICMP type';

/** The arguments of which options can have a name. Protocols, hardware addresses and ICMP types only have one in dumps (`open-values.ts`). */
export const KIND_OF_OPTION: ReadonlyMap<string, StandInKind> = new Map<string, StandInKind>([
  ...['-s', '--source', '--src', '-d', '--destination', '--dst', '--to-destination', '--to-source'].map((option) => [option, 'address'] as const),
  ...['-i', '--in-interface', '-o', '--out-interface'].map((option) => [option, 'interface'] as const),
  ...['--dport', '--sport', '--destination-port', '--source-port'].map((option) => [option, 'port'] as const),
  ...['--dports', '--sports', '--ports', '--destination-ports', '--source-ports'].map((option) => [option, 'port'] as const),
  ...['--mark', '--set-mark'].map((option) => [option, 'mark'] as const),
  ...['--uid-owner', '--gid-owner'].map((option) => [option, 'owner'] as const),
]);

/** All stand-ins look like this: 240.0.0.0/4, which no host has, the prefix for documentation, a hardware address of nobody's, and large numbers. */
const SHAPE =
  /247\.91\.\d{1,3}\.\d{1,3}|2001:db8:f00d::[\da-f]+|0e:f0:0d:91:[\da-f]{2}:[\da-f]{2}|\b(?:standin\d+|6[1-4]\d{3}|3777\d{6}|29\d{8}|1[5-9]\d|2[0-5]\d)\b/g;

/** How many stand-ins there are of a kind, where it is not as many as addresses. */
const MOST: ReadonlyMap<StandInKind, number> = new Map([
  ['port', 1_900],
  ['protocol', 50],
  ['ICMP type', 50],
]);
const MOST_ADDRESSES = 0x10000;

/** The stand-in of a number, of a kind. */
function standInOf(kind: StandInKind, family: Family, number: number): string {
  const high = number >> 8;
  const low = number & 255;
  switch (kind) {
    case 'interface':
      return `standin${String(number)}`;
    case 'port':
      // Neighbours could become a range.
      return String(61_001 + 2 * number);
    case 'owner':
      return String(3_777_000_001 + number);
    case 'mark':
      return String(2_900_000_001 + number);
    case 'protocol':
      // Numbers that nobody has. (IANA, protocol numbers: 148-252 unassigned, 253 and 254 for experiments)
      return String(254 - number);
    case 'ICMP type':
      // (IANA, ICMP type numbers: 44-252 and ICMPv6 162-199 unassigned)
      return String(199 - number);
    case 'hardware address':
      return `0e:f0:0d:91:${high.toString(16).padStart(2, '0')}:${low.toString(16).padStart(2, '0')}`;
    case 'address':
      return family === 'ip' ? `247.91.${String(high)}.${String(low)}` : `2001:db8:f00d::${number.toString(16)}1`;
  }
}

/** Gives out one stand-in after the other; undefined when there are no more of the kind. */
export type StandIns = (kind: StandInKind, family: Family) => string | undefined;

/** Stand-ins for the inputs of one run, none twice and none that stands in their texts. */
export function createStandIns(inputs: readonly Input[]): StandIns {
  const met = new Set(inputs.flatMap(({ sources }) => sources.flatMap(({ text }) => text.match(SHAPE) ?? [])));
  const next = new Map<StandInKind, number>();
  return (kind, family) => {
    for (let number = next.get(kind) ?? 0; number < (MOST.get(kind) ?? MOST_ADDRESSES); number += 1) {
      const standIn = standInOf(kind, family, number);
      next.set(kind, number + 1);
      if (!met.has(standIn)) return standIn;
    }
    return undefined;
  };
}

/** What looks like a stand-in in a text. */
export function standInsIn(text: string): ReadonlySet<string> {
  return new Set(text.match(SHAPE) ?? []);
}

/** A text with others in the place of stand-ins. */
export function replaceInText(text: string, others: ReadonlyMap<string, string>): string {
  return text.replace(SHAPE, (found) => others.get(found) ?? found);
}

/** A command read with other texts in the place of some words. */
export function readWith(command: Command, words: ReadonlyMap<number, string>, { kind, target }: Input): Command {
  const texts = Array.from({ length: wordCount(command.words) }, (_, index): Word => {
    const span = wordSpan(command.words, index);
    const text = words.get(index);
    if (text === undefined) return wordAt(command.words, index) ?? { text: '', span, pieces: [] };
    return { text, span, pieces: [{ length: text.length, span, literal: false, via: [] }] };
  });
  const program = findProgram(texts);
  return readCommand({ kind: 'words', words: texts }, command.at, {
    registry: registryOf(command.family),
    target,
    start: program === undefined ? 0 : program.word + 1,
    // The line of a dump names neither.
    ...(kind === 'save' ? { table: command.table } : {}),
    ...countersOf(command),
  });
}

/** The counters of a rule; of one that could not be read, those that stand before it. */
function countersOf(command: Command): { readonly counters?: Counters } {
  if ('rule' in command) return command.rule.counters === undefined ? {} : { counters: command.rule.counters };
  const found = /^\[(\d+):(\d+)\]/.exec(spanText(command.at));
  return found === null ? {} : { counters: { packets: Number(found[1]), bytes: Number(found[2]) } };
}

/** The input with other commands in the place of some. */
export function withCommands(input: Input, others: ReadonlyMap<Command, Command>): Input {
  const commands = input.commands.map((command) => others.get(command) ?? command);
  const elsewhere =
    input.shell === undefined
      ? chainsNamed(input.kind === 'save' ? chainsOfFragment(input.text.text) : new Set())
      : chainsElsewhere(input.shell, commands, input.notRun, input.kind === 'text' ? input.source.text : undefined);
  const runs = new Map<Family, RunResult>();
  for (const family of input.runs.keys()) {
    const own = commands.filter((command) => command.family === family && !input.notRun.has(command));
    runs.set(family, runCommands(family, own, targetNames(family), elsewhere));
  }
  return { ...input, commands, runs };
}
