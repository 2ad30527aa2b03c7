/** Finds the one rule among very many that covers another, without comparing it with all of them. */

import { covers, type Condition, type Conditions } from '../ruleset/conditions.js';
import type { Rule } from '../ruleset/model.js';

/** How many rules are compared with one: so that dumps with a hundred thousand rules are done in time, some shadows go unnoticed. */
const COMPARED = 200;

/** Rules that end the way of their packets. */
export interface CoverIndex {
  readonly add: (conditions: Conditions, rule: Rule) => void;
  /** The first rule that covers the conditions. */
  readonly find: (conditions: Conditions, accept: (rule: Rule) => boolean) => Rule | undefined;
}

/** Rules by one of their conditions, so that not all have to be compared with all. */
export function createCoverIndex(): CoverIndex {
  const buckets = new Map<string, { readonly conditions: Conditions; readonly rule: Rule }[]>();
  const lengths = new Set<string>();
  return {
    add: (conditions, rule) => {
      const key = keyOf(conditions);
      const [kind, side, mask] = key.split(' ');
      if (kind === 'network') lengths.add(`${side ?? ''} ${mask ?? ''}`);
      const bucket = buckets.get(key);
      if (bucket === undefined) buckets.set(key, [{ conditions, rule }]);
      else bucket.push({ conditions, rule });
    },
    find: (conditions, accept) => {
      let compared = 0;
      for (const key of keysToLookUp(conditions, lengths))
        for (const candidate of buckets.get(key) ?? []) {
          compared += 1;
          if (compared > COMPARED) return undefined;
          if (covers(candidate.conditions, conditions) && accept(candidate.rule)) return candidate.rule;
        }
      return undefined;
    },
  };
}

/** The key of the condition that most rules differ in. */
function keyOf({ all }: Conditions): string {
  const keys = all.map(exactKey);
  for (const kind of ['network', 'ports', 'interface', 'protocol']) {
    const key = keys.find((candidate) => candidate?.startsWith(`${kind} `));
    if (key !== undefined) return key;
  }
  return 'rest';
}

/** The key of a condition that asks for one value. */
function exactKey(condition: Condition): string | undefined {
  switch (condition.kind) {
    case 'network': {
      const [network, ...others] = condition.networks;
      return condition.negated || network === undefined || others.length > 0
        ? undefined
        : `network ${condition.side} ${String(network.mask)} ${String(network.address)}`;
    }
    case 'ports': {
      const [range, ...others] = condition.ranges;
      return condition.negated || range === undefined || others.length > 0 || range.from !== range.to
        ? undefined
        : `ports ${condition.side} ${String(range.from)}`;
    }
    case 'interface':
      return condition.negated || condition.name.wildcard ? undefined : `interface ${condition.side} ${condition.name.name}`;
    case 'protocol':
      return condition.negated ? undefined : `protocol ${String(condition.number)}`;
    default:
      return undefined;
  }
}

function* keysToLookUp({ all }: Conditions, lengths: ReadonlySet<string>): Generator<string> {
  yield 'rest';
  for (const condition of all) {
    if (condition.kind === 'network' && !condition.negated && condition.networks.length === 1) {
      const [network] = condition.networks;
      // Every wider network that some rule asks for.
      for (const known of lengths) {
        const [side, mask = ''] = known.split(' ');
        if (side !== condition.side || network === undefined) continue;
        const address = network.kind === 'ip' ? String((network.address & Number(mask)) >>> 0) : String(network.address & BigInt(mask));
        yield `network ${side} ${mask} ${address}`;
      }
      continue;
    }
    if (condition.kind === 'ports' && !condition.negated) {
      for (const { from, to } of condition.ranges) if (from === to) yield `ports ${condition.side} ${String(from)}`;
      continue;
    }
    const key = exactKey(condition);
    if (key !== undefined) yield key;
  }
}
