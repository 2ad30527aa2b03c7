/** Which rule the kernel saw first: what several rules share by name takes its settings from that one. */

import { HOOKS } from '../iptables/builtin.js';
import type { Chain, Rule, Table } from './model.js';

/** Where a rule stands. */
interface Place {
  readonly table: Table;
  readonly chain: Chain;
  /** Position in the chain, from 0. */
  readonly index: number;
  readonly rule: Rule;
}

/** Whether the rule is a line of a dump: iptables-restore loads the table as a whole. */
function isRestored({ command }: Rule): boolean {
  return command.words.kind !== 'words';
}

/**
 * Negative when `left` was loaded before `right`. The rules of a restored table are loaded in the order the kernel keeps them (built-in chains in the order
 * of their hooks, user chains by name), whatever the order of the lines; everything else in the order of the text.
 * (kernel: net/ipv4/netfilter/ip_tables.c, translate_table; measured with the masks of recent lists)
 */
function compareLoading(left: Place, right: Place): number {
  if (left.table !== right.table || !isRestored(left.rule) || !isRestored(right.rule))
    return left.rule.command.at.start - right.rule.command.at.start;
  if (left.chain === right.chain) return left.index - right.index;
  const [first, second] = [left, right].map(({ chain }) => (chain.hook === undefined ? -1 : HOOKS.indexOf(chain.hook))) as [number, number];
  if (first !== -1 || second !== -1) return first === -1 ? 1 : second === -1 ? -1 : first - second;
  return left.chain.name < right.chain.name ? -1 : 1;
}

/** The place loaded first; undefined of none. */
export function firstLoaded<P extends Place>(places: readonly P[]): P | undefined {
  let first: P | undefined;
  for (const place of places) if (first === undefined || compareLoading(place, first) < 0) first = place;
  return first;
}
