/** Which variables of a text end up in firewall commands, so that damage in what is assigned to them matters. */

import type { Command, Word } from './command.js';
import type { Use } from './judge.js';
import { acceptsDamage, governingOption, takesFreeText } from './options.js';
import { takesRules } from './programs.js';

/** Uses of variables in firewall commands, and which variables' values are made of which. */
export interface Uses {
  readonly direct: Map<string, { matters: boolean; readonly options: Set<string | undefined> }>;
  /** From a variable to those in its value. */
  readonly parts: Map<string, Set<string>>;
  /** Set once the two above are put together. */
  resolved: boolean;
}

/** No uses yet. */
export function newUses(): Uses {
  return { direct: new Map(), parts: new Map(), resolved: false };
}

const REFERENCE = /\$\{?(?:#|!)?([A-Za-z_]\w*)/g;

/** Notes a use; false when nothing new was learnt. */
function noteUse(uses: Uses, name: string, matters: boolean, options: Iterable<string | undefined>): boolean {
  let known = uses.direct.get(name);
  let changed = known === undefined;
  if (known === undefined) uses.direct.set(name, (known = { matters: false, options: new Set() }));
  if (matters && !known.matters) {
    known.matters = true;
    changed = true;
  }
  for (const option of options) {
    if (known.options.has(option)) continue;
    known.options.add(option);
    changed = true;
  }
  return changed;
}

/** Notes the variables a firewall command uses. */
export function addCommandUses(uses: Uses, command: Command): void {
  for (const [index, word] of command.words.entries()) {
    if (!word.text.includes('$')) continue;
    const option = index > command.programWord && takesRules(command.program) ? governingOption(command.words, index) : undefined;
    for (const found of word.text.matchAll(REFERENCE)) noteUse(uses, found[1] ?? '', !takesFreeText(option), [option]);
  }
}

/** Notes the variables in the values an assignment gives. */
export function addAssignmentUses(uses: Uses, command: Command): void {
  for (const { name, value } of assigned(command)) {
    if (!value.includes('$')) continue;
    let parts = uses.parts.get(name);
    if (parts === undefined) uses.parts.set(name, (parts = new Set()));
    for (const found of value.matchAll(REFERENCE)) parts.add(found[1] ?? '');
  }
}

/** How the variables an assignment sets are used; undefined when no firewall command uses any, or when it is no assignment. */
export function useOf(uses: Uses, command: Command): Use | undefined {
  if (!uses.resolved) resolve(uses);
  let use: { matters: boolean; options: Set<string | undefined> } | undefined;
  for (const { name } of assigned(command)) {
    const own = uses.direct.get(name);
    if (own === undefined) continue;
    use ??= { matters: false, options: new Set() };
    use.matters ||= own.matters;
    for (const option of own.options) use.options.add(option);
  }
  return use;
}

/** What is in a used variable's value is used, too. */
function resolve(uses: Uses): void {
  const waiting = [...uses.direct.keys()];
  for (let name = waiting.pop(); name !== undefined; name = waiting.pop()) {
    const use = uses.direct.get(name);
    const parts = uses.parts.get(name);
    if (use === undefined || parts === undefined) continue;
    for (const part of parts) if (noteUse(uses, part, use.matters, use.options)) waiting.push(part);
  }
  uses.resolved = true;
}

/** Whether the last word of a command is one in which iptables accepts anything. */
export function endsInText(command: Command): boolean {
  const last = command.words.length - 1;
  return last > command.programWord && acceptsDamage(governingOption(command.words, last), command.words[last]?.text ?? '');
}

/** The variables a command sets, with their values as far as they are written there. */
export function assigned(command: Command): readonly { readonly name: string; readonly value: string }[] {
  const { words } = command;
  const [first] = words;
  if (first === undefined) return [];
  if (first.text === 'for' && words[2]?.text === 'in') return [{ name: words[1]?.text ?? '', value: textOf(words.slice(3)) }];
  const rest = /^(?:export|local|declare|readonly|typeset)$/.test(first.text) ? words.slice(1) : words;
  const found: { name: string; value: string }[] = [];
  for (const word of rest) {
    const assignment = /^([A-Za-z_]\w*)\+?=/.exec(word.text);
    if (assignment !== null) found.push({ name: assignment[1] ?? '', value: word.text.slice(assignment[0].length) });
    else if (rest === words) return found.length > 0 && words.length === found.length ? found : [];
  }
  return found;
}

function textOf(words: readonly Word[]): string {
  return words.map((word) => word.text).join(' ');
}
