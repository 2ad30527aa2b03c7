/** Finds chains that jump in a circle. The kernel refuses the rule that makes a circle reachable from a built-in chain. */

import type { Hook } from '../extensions/define.js';
import type { Rule } from './model.js';

/** As much of a chain as following jumps needs. */
export interface JumpingChain {
  readonly hook: Hook | undefined;
  readonly rules: readonly Rule[];
}

/**
 * Every jump that a table has seen, also of rules that are gone: what is no circle here is none at all. Once one was met,
 * `circular` stays set and every further jump is looked at in the rules themselves.
 */
export interface Jumps {
  /** The chains that rules of a chain jumped to: of most chains it is one. */
  readonly from: Map<string, string | Set<string>>;
  circular: boolean;
}

/**
 * The circle that a packet could run into if a rule of `from` jumped to `to`, as chain names of which the first is also the last;
 * undefined when there is none, or none that a built-in chain leads to.
 * (kernel: net/ipv4/netfilter/ip_tables.c, mark_source_chains; net/netfilter/nf_tables_api.c, nft_chain_validate)
 */
export function findCircle(jumps: Jumps, chains: ReadonlyMap<string, JumpingChain>, from: string, to: string): readonly string[] | undefined {
  const known = jumps.from.get(from);
  const isKnown = typeof known === 'object' ? known.has(to) : known === to;
  if (isKnown && !jumps.circular) return undefined;
  if (known === undefined) jumps.from.set(from, to);
  else if (typeof known === 'object') known.add(to);
  else if (!isKnown) jumps.from.set(from, new Set([known, to]));
  // Most jumps lead to a chain that leads nowhere, or not yet.
  if (!jumps.circular && to !== from && !jumps.from.has(to)) return undefined;
  const everJumped = (name: string): Iterable<string> => {
    const found = jumps.from.get(name);
    return typeof found === 'string' ? [found] : (found ?? []);
  };
  if (!jumps.circular && circleFrom([to], everJumped) === undefined) return undefined;
  jumps.circular = true;
  const jumpsOf = (name: string): Iterable<string> => {
    const targets = (chains.get(name)?.rules ?? []).flatMap(({ spec }) => (spec.action?.kind === 'chain' ? [spec.action.name.text] : []));
    return name === from ? [...targets, to] : targets;
  };
  const starts: string[] = [];
  for (const [name, chain] of chains) if (chain.hook !== undefined) starts.push(name);
  return circleFrom(starts, jumpsOf);
}

/** Depth first, without recursion: a ruleset may be as deep as it likes. */
function circleFrom(starts: readonly string[], jumpsOf: (name: string) => Iterable<string>): readonly string[] | undefined {
  const finished = new Set<string>();
  for (const start of starts) {
    if (finished.has(start)) continue;
    const path = [start];
    const onPath = new Set(path);
    const iterators = [jumpsOf(start)[Symbol.iterator]()];
    for (;;) {
      const iterator = iterators.at(-1);
      if (iterator === undefined) break;
      const next = iterator.next();
      if (next.done === true) {
        iterators.pop();
        const left = path.pop();
        if (left !== undefined) {
          onPath.delete(left);
          finished.add(left);
        }
        continue;
      }
      const name = next.value;
      if (onPath.has(name)) return [...path.slice(path.indexOf(name)), name];
      if (finished.has(name)) continue;
      path.push(name);
      onPath.add(name);
      iterators.push(jumpsOf(name)[Symbol.iterator]());
    }
  }
  return undefined;
}
