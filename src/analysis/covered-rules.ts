/** Finds rules whose packets never come to them, because rules above in their chain end the way of all of them, one alone or several together. */

import { conditionsOf } from '../ruleset/conditions.js';
import { endsChain, type FlowContext } from '../ruleset/flow.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { createCoverIndex } from './cover-index.js';
import { coveredBy, holds, narrow, samplePacket, type Box, type Dimension, type Packet } from './packet-set.js';
import type { Value } from './ranges.js';
import { boxOf, FIRST_PIECES } from './rule-set.js';

/** A rule and the rules above it, in their order, that leave it no packet: none of them can be spared. */
export interface CoveredRule {
  readonly rule: Rule;
  readonly index: number;
  readonly by: readonly [Rule, ...Rule[]];
}

/** How much may be spent: pairs of rules that are held against each other. It goes down as it is spent. */
export interface Effort {
  pairs: number;
}

/** Enough for every pair of some five thousand rules. */
export function createEffort(): Effort {
  return { pairs: 13_000_000 };
}

export interface CoverageOptions {
  /** Whether rule `above` may be what keeps packets from `below`. */
  readonly mayCover: (above: Rule, below: Rule) => boolean;
  /** Connection tracking puts packets together that were cut to pieces, before any rule sees them. */
  readonly whole: boolean;
  readonly effort: Effort;
}

/** The rules of a chain that get no packets. Rules beyond the effort, and what is not understood, count as reached. */
export function findCoveredRules(context: FlowContext, chain: Chain, { mayCover, whole, effort }: CoverageOptions): readonly CoveredRule[] {
  const found: CoveredRule[] = [];
  const single = createCoverIndex();
  const ending = createEndingRules();
  const findTogether = (rule: Rule, asked: Box): readonly Rule[] => {
    const box = whole ? (narrow(asked, ...FIRST_PIECES) ?? asked) : asked;
    const candidates = ending.thatMayCover(box, effort);
    const covering = coveringOf(box, candidates);
    if (covering.every((above) => mayCover(above, rule))) return covering;
    return coveringOf(
      box,
      candidates.filter((candidate) => mayCover(candidate.rule, rule)),
    );
  };
  chain.rules.forEach((rule, index) => {
    const conditions = conditionsOf(rule.spec, context.family);
    const above = single.find(conditions, (candidate) => mayCover(candidate, rule));
    const box = above === undefined && effort.pairs > 0 ? boxOf(conditions) : undefined;
    const [first, ...others] = above === undefined ? (box === undefined ? [] : findTogether(rule, box)) : [above];
    if (first !== undefined) found.push({ rule, index, by: [first, ...others] });
    else if (!conditions.uncertain && endsChain(context, rule)) {
      single.add(conditions, rule);
      if (box !== undefined) ending.add(rule, box);
    }
  });
  return found;
}

interface EndingRule {
  readonly rule: Rule;
  /** Rises with the place in the chain. */
  readonly number: number;
  readonly box: Box;
}

function coveringOf(box: Box, candidates: readonly EndingRule[]): readonly Rule[] {
  if (candidates.length === 0) return [];
  const places = coveredBy(
    box,
    candidates.map((candidate) => candidate.box),
  );
  const covering = (places ?? []).flatMap((place) => candidates[place] ?? []);
  return covering.sort((left, right) => left.number - right.number).map(({ rule }) => rule);
}

/** Rules that end the way of their packets, with the bounds of what they ask for: most pairs are told apart by comparing numbers. */
interface EndingRules {
  readonly add: (rule: Rule, box: Box) => void;
  /**
   * Those with packets in common with a box, at most MOST_CANDIDATES and the widest first; none as soon as some packet of the box is in
   * none of them.
   */
  readonly thatMayCover: (box: Box, effort: Effort) => readonly EndingRule[];
}

/** So many rules that have packets in common with one are looked at. */
const MOST_CANDIDATES = 100;

/** So many rules are looked at first that hold a sample: they are likely to be wide. */
const MOST_HOLDING = 8;

/** Where packets are taken from, to see that they are in some rule above before all of them are looked at. */
const SAMPLES: readonly number[] = [0.62, 0.17, 0.93];

/** What rules differ in most comes first. Addresses of IPv6 are rounded, which makes no two that overlap seem apart. */
const COMPARED: readonly (readonly Dimension[])[] = [
  ['source', 'source6'],
  ['destination port'],
  ['destination', 'destination6'],
  ['protocol'],
  ['source port'],
  ['in'],
  ['out'],
];
const WIDTH = COMPARED.length * 2;
const NO_BOUNDS = [-Infinity, Infinity] as const;

function createEndingRules(): EndingRules {
  const rules: EndingRule[] = [];
  // Names of interfaces by number, so that they can be compared like the rest.
  const names = new Map<Value, number>();
  let bounds = new Float64Array(16 * WIDTH);
  const find = (asked: Float64Array, effort: Effort, accept: (rule: EndingRule) => boolean): void => {
    const least = asked[0] ?? -Infinity;
    const greatest = asked[1] ?? Infinity;
    const end = Math.min(rules.length, effort.pairs) * WIDTH;
    let offset = 0;
    for (; offset < end; offset += WIDTH) {
      // Most rules are told apart by the first thing that is compared.
      if ((bounds[offset] ?? 0) > greatest || (bounds[offset + 1] ?? 0) < least || !mayOverlap(bounds, offset, asked)) continue;
      const rule = rules[offset / WIDTH];
      if (rule === undefined || accept(rule)) break;
    }
    effort.pairs -= Math.min(offset, end) / WIDTH;
  };
  return {
    add: (rule, box) => {
      if ((rules.length + 1) * WIDTH > bounds.length) {
        const wider = new Float64Array(bounds.length * 2);
        wider.set(bounds);
        bounds = wider;
      }
      bounds.set(boundsOf(box, names), rules.length * WIDTH);
      rules.push({ rule, number: rules.length, box });
    },
    thatMayCover: (box, effort) => {
      const found = new Set<EndingRule>();
      for (const fraction of SAMPLES) {
        const packet = samplePacket(box, fraction);
        const holding: EndingRule[] = [];
        find(boundsOfPacket(packet, box, names), effort, (rule) => holds(rule.box, packet) && holding.push(rule) >= MOST_HOLDING);
        if (holding.length === 0) return [];
        for (const rule of holding) found.add(rule);
      }
      find(boundsOf(box, names), effort, (rule) => found.add(rule).size >= MOST_CANDIDATES);
      return [...found];
    },
  };
}

function boundsOf(box: Box, names: Map<Value, number>): Float64Array {
  return compareBy((dimensions) => {
    for (const dimension of dimensions) {
      const ranges = box.get(dimension);
      const from = ranges?.[0];
      const to = ranges?.at(-1);
      if (from === undefined || to === undefined) continue;
      if (typeof from !== 'string') return [Number(from), Number(to)];
      if (to !== `${from}\0`) return NO_BOUNDS;
      const number = names.get(from) ?? names.size;
      names.set(from, number);
      return [number, number];
    }
    return NO_BOUNDS;
  });
}

function boundsOfPacket(packet: Packet, box: Box, names: ReadonlyMap<Value, number>): Float64Array {
  return compareBy(([dimension = 'protocol', other]) => {
    // Without an address in the box it is not known which family the rules are of.
    if (other !== undefined && !box.has(dimension) && !box.has(other)) return NO_BOUNDS;
    const value = packet.valueOf(other !== undefined && box.has(other) ? other : dimension);
    const number = typeof value === 'string' ? (names.get(value) ?? -1) : Number(value);
    return [number, number];
  });
}

function compareBy(boundsIn: (dimensions: readonly Dimension[]) => readonly [least: number, greatest: number]): Float64Array {
  const bounds = new Float64Array(WIDTH);
  COMPARED.forEach((dimensions, index) => {
    bounds.set(boundsIn(dimensions), index * 2);
  });
  return bounds;
}

function mayOverlap(bounds: Float64Array, offset: number, asked: Float64Array): boolean {
  for (let place = 2; place < WIDTH; place += 2)
    if ((bounds[offset + place] ?? 0) > (asked[place + 1] ?? 0) || (bounds[offset + place + 1] ?? 0) < (asked[place] ?? 0)) return false;
  return true;
}
