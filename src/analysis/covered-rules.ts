/** Finds rules whose packets never come to them, because rules above in their chain end the way of all of them, one alone or several together. */

import { conditionsOf } from '../ruleset/conditions.js';
import { endsChain, type FlowContext } from '../ruleset/flow.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { createCoverIndex } from './cover-index.js';
import { boundsIn, coveredBy, type Box, type Dimension } from './packet-set.js';
import { boxOf, LATER_PIECES } from './rule-set.js';

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

/** Enough for every pair of some five thousand rules; a tenth of a second. */
export function createEffort(): Effort {
  return { pairs: 16_000_000 };
}

/** So many rules that have packets in common with one are looked at. */
const MOST_CANDIDATES = 300;

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
  const ending = createList();
  chain.rules.forEach((rule, index) => {
    const conditions = conditionsOf(rule.spec, context.family);
    const above = single.find(conditions, (candidate) => mayCover(candidate, rule));
    if (above !== undefined) {
      found.push({ rule, index, by: [above] });
      return;
    }
    const box = boxOf(conditions);
    // No packet is like that: a finding of its own.
    if (box === undefined) return;
    const candidates = ending.overlapping(box, effort).filter((candidate) => mayCover(candidate.rule, rule));
    const places = coveredBy(
      box,
      candidates.map((candidate) => candidate.box),
      whole ? LATER_PIECES : undefined,
    );
    const [first, ...others] = (places ?? []).map((place) => candidates[place]?.rule ?? rule);
    if (first !== undefined) found.push({ rule, index, by: [first, ...others] });
    else if (!conditions.uncertain && endsChain(context, rule)) {
      single.add(conditions, rule);
      ending.add(rule, box);
    }
  });
  return found;
}

interface Ending {
  readonly rule: Rule;
  readonly box: Box;
}

/** Rules with the bounds of what they ask for, so that most pairs are told apart by comparing numbers. */
interface EndingList {
  readonly add: (rule: Rule, box: Box) => void;
  /** Those that may have packets in common with a box, at most MOST_CANDIDATES. */
  readonly overlapping: (box: Box, effort: Effort) => readonly Ending[];
}

/** What rules differ in most comes first. */
const COMPARED: readonly (readonly Dimension[])[] = [['source', 'source6'], ['destination port'], ['destination', 'destination6'], ['protocol'], ['source port']];
const WIDTH = COMPARED.length * 2;

function createList(): EndingList {
  const endings: Ending[] = [];
  let bounds = new Float64Array(64 * WIDTH);
  return {
    add: (rule, box) => {
      if ((endings.length + 1) * WIDTH > bounds.length) {
        const wider = new Float64Array(bounds.length * 2);
        wider.set(bounds);
        bounds = wider;
      }
      bounds.set(boundsOf(box), endings.length * WIDTH);
      endings.push({ rule, box });
    },
    overlapping: (box, effort) => {
      const own = boundsOf(box);
      const found: Ending[] = [];
      const compared = Math.min(endings.length, effort.pairs);
      effort.pairs -= compared;
      for (let index = 0; index < compared && found.length < MOST_CANDIDATES; index += 1) {
        const ending = endings[index];
        if (ending !== undefined && mayOverlap(bounds, index * WIDTH, own)) found.push(ending);
      }
      return found;
    },
  };
}

function boundsOf(box: Box): Float64Array {
  const bounds = new Float64Array(WIDTH);
  COMPARED.forEach((dimensions, index) => {
    let least = -Infinity;
    let greatest = Infinity;
    for (const dimension of dimensions) [least, greatest] = boundsIn(box, dimension) ?? [least, greatest];
    bounds[index * 2] = least;
    bounds[index * 2 + 1] = greatest;
  });
  return bounds;
}

function mayOverlap(bounds: Float64Array, offset: number, own: Float64Array): boolean {
  for (let place = 0; place < WIDTH; place += 2)
    if ((bounds[offset + place] ?? 0) > (own[place + 1] ?? 0) || (bounds[offset + place + 1] ?? 0) < (own[place] ?? 0)) return false;
  return true;
}
