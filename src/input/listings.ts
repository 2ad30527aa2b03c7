/** Which commands of a text belong together: a page with several examples is not one script. */

import recent, { readRecent } from '../extensions/matches/recent.js';
import { HOOKS } from '../iptables/builtin.js';
import { givenTo, ruleOf, type Command } from '../iptables/command.js';
import { lineIndexAt, lineText } from '../text/source.js';
import type { Input } from './input.js';

/**
 * The commands that are meant to run one after another. Scripts and dumps are one such listing. In prose a paragraph between two commands
 * divides them, unless one fills a list of `-m recent` that only the other asks for: "the first rule …, the second rule …".
 */
export function listingsOf(input: Input): readonly (readonly Command[])[] {
  if (input.kind !== 'text') return [input.commands];
  const listings: Command[][] = [];
  for (const command of input.commands) {
    const current = listings.at(-1);
    const before = current?.at(-1);
    if (current === undefined || before === undefined || (isProseBetween(before, command) && !completes(current, command))) listings.push([command]);
    else current.push(command);
  }
  return joinByChains(listings);
}

/**
 * Joins listings that speak of one chain of the author's own: "make a chain …, and now a rule that leads there". Two that both create
 * it are two examples.
 */
function joinByChains(listings: readonly (readonly Command[])[]): readonly (readonly Command[])[] {
  if (listings.length < 2) return listings;
  const groups: Listing[] = [];
  for (const commands of listings) {
    const chains = ownChains(commands);
    const known = groups.findLast((group) =>
      [...chains].some(([name, creates]) => group.chains.has(name) && !(creates && group.chains.get(name) === true)),
    );
    if (known === undefined) {
      groups.push({ commands: [...commands], chains: new Map(chains) });
      continue;
    }
    known.commands.push(...commands);
    for (const [name, creates] of chains) known.chains.set(name, creates || known.chains.get(name) === true);
  }
  return groups.map(({ commands }) => commands);
}

interface Listing {
  readonly commands: Command[];
  /** Chains it names that are not built in, by table and name, and whether it creates them. */
  readonly chains: Map<string, boolean>;
}

function ownChains(commands: readonly Command[]): ReadonlyMap<string, boolean> {
  const chains = new Map<string, boolean>();
  const add = ({ table, family }: Command, name: string, creates: boolean): void => {
    if ((HOOKS as readonly string[]).includes(name)) return;
    const key = `${family} ${table} ${name}`;
    chains.set(key, creates || chains.get(key) === true);
  };
  for (const command of commands) {
    if (command.kind === 'newChain') add(command, command.chain.text, true);
    if (command.kind === 'append' || command.kind === 'insert') add(command, command.chain.text, false);
    const action = ruleOf(command)?.action;
    if (action?.kind === 'chain') add(command, action.name.text, false);
  }
  return chains;
}

/** Whether a line of something else than commands stands between two commands. */
function isProseBetween(before: Command, after: Command): boolean {
  const { source } = after.at;
  if (before.at.source !== source) return true;
  for (let line = lineIndexAt(source, before.at.end) + 1; line < lineIndexAt(source, after.at.start); line += 1)
    if (!/^\s*(?:#|$)/.test(lineText(source, line))) return true;
  return false;
}

/** Whether a command does for a list what the commands before it leave to be done: asks for what they fill, or the other way round. */
function completes(listing: readonly Command[], command: Command): boolean {
  const present = new Set(listing.flatMap(operationsOn));
  return operationsOn(command).some((operation) => {
    const [kind = '', list = ''] = operation.split(' ');
    return !present.has(operation) && present.has(`${kind === 'set' ? 'check' : 'set'} ${list}`);
  });
}

/** `set ssh`, `check ssh`. */
function operationsOn(command: Command): readonly string[] {
  return (ruleOf(command)?.matches ?? []).flatMap((use) => {
    const given = use.unsettled.includes('name') ? undefined : givenTo(use, recent);
    const read = given === undefined ? undefined : readRecent(given, command.family);
    return read === undefined ? [] : [`${read.operation === 'set' ? 'set' : 'check'} ${read.list}`];
  });
}
