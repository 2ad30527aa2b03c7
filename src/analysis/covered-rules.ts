/** Finds rules whose packets never come to them, because rules above in their chain end the way of all of them, one alone or several together. */

import { conditionsOf } from '../ruleset/conditions.js';
import { endsChain, type FlowContext } from '../ruleset/flow.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { createBoxIndex, type Effort } from './box-index.js';
import { createCoverIndex } from './cover-index.js';
import { coveredBy, narrow, samplePacket, type Box } from './packet-set.js';
import { boxOf, FIRST_PIECES } from './rule-set.js';

/** A rule and the rules above it, in their order, that leave it no packet: none of them can be spared. */
export interface CoveredRule {
  readonly rule: Rule;
  readonly index: number;
  readonly by: readonly [Rule, ...Rule[]];
}

/** Enough for lists of some ten thousand rules. */
export function createEffort(): Effort {
  return { boxes: 2_000_000 };
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
    const likely = ending.holdingSamples(box, effort);
    if (likely.length === 0) return [];
    const covering = coveringOf(box, likely);
    if (covering.length > 0 && covering.every((above) => mayCover(above, rule))) return covering;
    const candidates = [...new Set([...likely, ...ending.overlapping(box, effort)])];
    return coveringOf(
      box,
      candidates.filter((candidate) => mayCover(candidate.rule, rule)),
    );
  };
  chain.rules.forEach((rule, index) => {
    const conditions = conditionsOf(rule.spec, context.family);
    const above = single.find(conditions, (candidate) => mayCover(candidate, rule));
    const box = above === undefined && effort.boxes > 0 ? boxOf(conditions) : undefined;
    const [first, ...others] = above === undefined ? (box === undefined ? [] : findTogether(rule, box)) : [above];
    if (first !== undefined) found.push({ rule, index, by: [first, ...others] });
    else if (!conditions.uncertain && endsChain(context, rule)) {
      // What asks for nothing there is takes nothing.
      if (box !== undefined || effort.boxes <= 0) single.add(conditions, rule);
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

/** Rules that end the way of their packets. */
interface EndingRules {
  readonly add: (rule: Rule, box: Box) => void;
  /** Some that hold samples of a box, which are likely to be wide; none when a sample is in no rule. */
  readonly holdingSamples: (box: Box, effort: Effort) => readonly EndingRule[];
  /** Those with packets in common with a box, at most MOST_CANDIDATES. */
  readonly overlapping: (box: Box, effort: Effort) => readonly EndingRule[];
}

/** So many rules that have packets in common with one are looked at. */
const MOST_CANDIDATES = 100;

/** So many rules are looked at to find those. */
const MOST_LOOKED_AT = 5_000;

/** So many rules are looked at first that hold a sample. */
const MOST_HOLDING = 8;

/** Where packets are taken from, to see that they are in some rule above before more is asked. */
const SAMPLES: readonly number[] = [0.62, 0.17, 0.93];

function createEndingRules(): EndingRules {
  const rules: EndingRule[] = [];
  const index = createBoxIndex();
  return {
    add: (rule, box) => {
      index.add(box);
      rules.push({ rule, number: rules.length, box });
    },
    holdingSamples: (box, effort) => {
      const places = new Set<number>();
      for (const fraction of SAMPLES) {
        const holding = index.holding(samplePacket(box, fraction), box, MOST_HOLDING, effort);
        if (holding.length === 0) return [];
        for (const place of holding) places.add(place);
      }
      return [...places].flatMap((place) => rules[place] ?? []);
    },
    overlapping: (box, effort) => {
      const own: Effort = { boxes: Math.min(MOST_LOOKED_AT, effort.boxes) };
      effort.boxes -= own.boxes;
      const places = index.overlapping(box, MOST_CANDIDATES, own);
      effort.boxes += own.boxes;
      return places.flatMap((place) => rules[place] ?? []);
    },
  };
}
