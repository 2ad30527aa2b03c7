/** Finds matches and targets by name, and options across all of them. */

import type { Extension, Family, MatchDefinition, OptionSpec, OptionTable, TargetDefinition } from './define.js';

/** An option found in the tables. */
export interface OptionEntry {
  readonly extension: Extension;
  readonly name: string;
  readonly spec: OptionSpec;
}

/** The tables of one family, indexed. */
export interface Registry {
  readonly family: Family;
  readonly matches: ReadonlyMap<string, MatchDefinition>;
  readonly targets: ReadonlyMap<string, TargetDefinition>;
  /** Matches that `-p NAME` (by number) loads when one of their options turns up; see matchOfProtocol. */
  readonly byProtocol: ReadonlyMap<number, MatchDefinition>;
  /** Every long option, aliases included, with all entries that have it. */
  readonly options: ReadonlyMap<string, readonly OptionEntry[]>;
}

/** The option names of one extension, aliases included. */
export function optionNames(extension: Extension): ReadonlyMap<string, OptionEntry> {
  let names = OPTION_NAMES.get(extension);
  if (names === undefined) {
    const made = new Map<string, OptionEntry>();
    for (const [name, spec] of Object.entries(extension.options as OptionTable)) {
      const entry = { extension, name, spec };
      made.set(name, entry);
      for (const alias of spec.aliases ?? []) made.set(alias, entry);
    }
    names = made;
    OPTION_NAMES.set(extension, names);
  }
  return names;
}
const OPTION_NAMES = new WeakMap<Extension, ReadonlyMap<string, OptionEntry>>();

/** Protocol numbers whose name loads a match of the same purpose. (iptables: xshared.c, load_proto) */
const PROTOCOL_MATCHES: readonly (readonly [number, string])[] = [
  [1, 'icmp'],
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [50, 'esp'],
  [51, 'ah'],
  [58, 'icmp6'],
  [108, 'ipcomp'],
  [132, 'sctp'],
  [135, 'mh'],
  [136, 'udplite'],
];

/**
 * The match `-p` loads when one of its options turns up. iptables looks for one with the name of the protocol as `-p` has it, and a
 * number has the name of /etc/protocols: 135 is `mobility-header` there, so only `-p mh` loads that match. (iptables: libxtables/xtables.c,
 * find_proto; measured with 1.8.7 to 1.8.13)
 */
export function matchOfProtocol(registry: Registry, protocol: number, written: string): MatchDefinition | undefined {
  const match = registry.byProtocol.get(protocol);
  return match?.name === 'mh' && written.toLowerCase() !== 'mh' ? undefined : match;
}

/** Indexes extension tables for one family. */
export function createRegistry(family: Family, matches: readonly MatchDefinition[], targets: readonly TargetDefinition[]): Registry {
  const matchIndex = new Map<string, MatchDefinition>();
  const targetIndex = new Map<string, TargetDefinition>();
  const options = new Map<string, OptionEntry[]>();
  const add = (extension: Extension): void => {
    for (const [name, entry] of optionNames(extension)) {
      const entries = options.get(name);
      if (entries === undefined) options.set(name, [entry]);
      else entries.push(entry);
    }
  };
  for (const match of matches) {
    if (!match.families.includes(family)) continue;
    for (const name of [match.name, ...(match.aliases ?? [])]) matchIndex.set(name, match);
    add(match);
  }
  for (const target of targets) {
    if (!target.families.includes(family)) continue;
    for (const name of [target.name, ...(target.aliases ?? [])]) targetIndex.set(name, target);
    add(target);
  }
  const byProtocol = new Map<number, MatchDefinition>();
  for (const [number, name] of PROTOCOL_MATCHES) {
    const match = matchIndex.get(name);
    if (match !== undefined) byProtocol.set(number, match);
  }
  return { family, matches: matchIndex, targets: targetIndex, byProtocol, options };
}
