/** Lists of names between commas, each of which may be cut short: states, statuses. */

import type { Changed, ValueResult, ValueType } from '../define.js';

/** A list of names as iptables takes it, and its words when it does not. */
export interface NameListSpec<N extends string> {
  /** In messages: "connection state". */
  readonly name: string;
  /** In the order iptables-save prints them; a beginning stands for the first that begins with it, whatever the case of its letters. */
  readonly names: readonly N[];
  /** The check that reports a name that is none. */
  readonly check: string;
  /** What iptables says to an item that is no name; `rest` is the list from that item on. */
  says(rest: string): string;
  /** Names that mean "nothing", printed only where they stand alone. */
  readonly nothing?: N;
}

/** The value type of such a list: the names it holds, in printing order. */
export function nameList<N extends string>(spec: NameListSpec<N>): ValueType<readonly N[]> {
  return {
    name: `list of ${spec.name}s`,
    read: (text) => readList(text, spec),
    print: (names) => names.join(','),
  };
}

function readList<N extends string>(text: string, spec: NameListSpec<N>): ValueResult<readonly N[]> {
  const given = new Set<N>();
  const cut: string[] = [];
  const spelled: string[] = [];
  const items = text.split(',');
  for (const [index, item] of items.entries()) {
    const upper = item.toUpperCase();
    const found = item === '' ? undefined : spec.names.find((name) => name.startsWith(upper));
    if (found === undefined) return refuse(item, items.slice(index).join(','), text, spec);
    if (found !== upper) cut.push(`\`${item}\` for ${found}`);
    spelled.push(found === upper ? item : found);
    given.add(found);
  }
  if (spec.nothing !== undefined && given.size > 1) given.delete(spec.nothing);
  const value = spec.names.filter((name) => given.has(name));
  if (cut.length === 0) return { kind: 'read', value };
  const changed: Changed = {
    check: 'state-abbreviation',
    message: `iptables takes ${cut.join(' and ')}`,
    becomes: value.join(','),
    repair: { text: spelled.join(','), title: `write ${spelled.join(',')}`, applicability: 'safe' },
  };
  return { kind: 'read', value, changed };
}

function refuse<N extends string>(item: string, rest: string, text: string, spec: NameListSpec<N>): ValueResult<never> {
  const says = spec.says(rest);
  const known = spec.names.join(', ');
  const close = /[ \t]/.test(text) ? text.replace(/[ \t]+/g, '') : undefined;
  if (close !== undefined && readList(close, spec).kind === 'read')
    return {
      kind: 'refused',
      by: 'iptables',
      check: 'list-with-space',
      message: 'there is a blank in the list',
      says,
      repair: { text: close, title: `write ${close}`, applicability: 'safe' },
    };
  if (item === '' && text !== '')
    return {
      kind: 'refused',
      by: 'iptables',
      check: 'list-with-space',
      message: `an item of the list \`${text}\` is empty`,
      says,
      do: 'write the list without blanks and without a comma at its ends',
    };
  return {
    kind: 'refused',
    by: 'iptables',
    check: spec.check,
    message: item === '' ? `the ${spec.name} is empty` : `\`${item}\` is no ${spec.name}; there are ${known}`,
    says,
  };
}
