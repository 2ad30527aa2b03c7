/** What may become of packets in a chain, and what decides it. */

import { conditionsOf } from '../ruleset/conditions.js';
import { effectOf, type FlowContext } from '../ruleset/flow.js';
import type { Chain, Rule } from '../ruleset/model.js';
import { createBoxIndex, type BoxIndex } from './box-index.js';
import { boxContains, boxesOverlap, intersectBoxes, narrow, EVERYTHING, type Box, type Dimension } from './packet-set.js';
import type { Ranges } from './ranges.js';
import { boxOf } from './rule-set.js';

/** `back`: to the chain that jumped here; `unknown`: what happens there is not known. */
export type Outcome = 'accepted' | 'dropped' | 'back' | 'unknown';

/** Every outcome that packets may have, and for each the last rule that may bring it about: the one that leaves nothing; none when only the policy does. */
export type Outcomes = ReadonlyMap<Outcome, Rule | undefined>;

/** Rules looked at for one question; beyond, the outcome is not known. */
const MOST_RULES = 6_000;

/** Jumps within jumps that are followed. */
const MOST_DEPTH = 12;

/** What may become of the packets of a box that come to a chain. A rule that is not understood may take some of them or none. */
export function outcomesIn(context: FlowContext, chain: Chain, box: Box): Outcomes {
  const outcomes = new Map<Outcome, Rule | undefined>();
  walk(context, chain, box, outcomes, { rules: MOST_RULES }, 0);
  return outcomes;
}

/** Whether a certain outcome is the only one. */
export function isCertain(outcomes: Outcomes, outcome: Outcome): boolean {
  return outcomes.size === 1 && outcomes.has(outcome);
}

function walk(context: FlowContext, chain: Chain, box: Box, outcomes: Map<Outcome, Rule | undefined>, left: { rules: number }, depth: number): void {
  const note = (outcome: Outcome, rule: Rule | undefined): void => {
    if (rule !== undefined || !outcomes.has(outcome)) outcomes.set(outcome, rule);
  };
  for (const rule of rulesFor(context, chain, box)) {
    left.rules -= 1;
    if (left.rules < 0 || depth > MOST_DEPTH) {
      note('unknown', rule);
      return;
    }
    const conditions = conditionsOf(rule.spec, context.family);
    const own = boxOf(conditions);
    if (own === undefined || !boxesOverlap(own, box)) continue;
    const takesAll = !conditions.uncertain && boxContains(own, box);
    const after = outcomesOfRule(context, rule, intersectBoxes(own, box) ?? box, left, depth);
    for (const [outcome, by] of after) if (outcome !== 'back') note(outcome, by ?? rule);
    const { action } = rule.spec;
    const leaves = action?.kind === 'chain' ? action.goto : effectOf(context, rule) === 'returns';
    if (leaves && after.has('back')) noteEnd(chain, note, rule);
    if (takesAll && (leaves || !after.has('back'))) return;
  }
  noteEnd(chain, note, undefined);
}

/** Chains of fewer rules are looked at rule by rule; and so is the beginning of those that are too long to be followed to their end. */
const LONG = 50;
const TOO_LONG = 20_000;

const indexes = new WeakMap<Chain, { readonly index: BoxIndex; readonly rules: readonly Rule[] }>();

/** The rules of a chain that may match packets of a box, and perhaps others. */
function rulesFor({ family }: FlowContext, chain: Chain, box: Box): readonly Rule[] {
  if (chain.rules.length < LONG || chain.rules.length > TOO_LONG) return chain.rules;
  let indexed = indexes.get(chain);
  if (indexed === undefined) {
    const index = createBoxIndex();
    const rules = chain.rules.filter((rule) => {
      const own = boxOf(conditionsOf(rule.spec, family));
      if (own !== undefined) index.add(own);
      return own !== undefined;
    });
    indexed = { index, rules };
    indexes.set(chain, indexed);
  }
  const { index, rules } = indexed;
  return index.overlapping(box, Infinity, { boxes: Infinity }).flatMap((place) => rules[place] ?? []);
}

/** What becomes of packets that come to the end of a chain, or are sent back from it. */
function noteEnd(chain: Chain, note: (outcome: Outcome, rule: Rule | undefined) => void, rule: Rule | undefined): void {
  if (chain.hook === undefined) note('back', rule);
  else note(chain.policy === 'DROP' ? 'dropped' : 'accepted', undefined);
}

function outcomesOfRule(context: FlowContext, rule: Rule, box: Box, left: { rules: number }, depth: number): Outcomes {
  const { action } = rule.spec;
  if (action?.kind === 'chain') {
    const name = action.name.text;
    const chain = context.table.chains.get(name);
    if (chain === undefined || context.unknownChains?.has(name) === true) return new Map<Outcome, Rule>([['unknown', rule]]);
    const inside = new Map<Outcome, Rule | undefined>();
    walk(context, chain, box, inside, left, depth + 1);
    return inside;
  }
  const effect = effectOf(context, rule);
  if (effect === 'accepts') return new Map<Outcome, Rule>([['accepted', rule]]);
  if (effect === 'drops') return new Map<Outcome, Rule>([['dropped', rule]]);
  return new Map<Outcome, Rule>([['back', rule]]);
}

/** A box of packets of one kind: `packetsWith([['protocol', [6, 7]], ['in', ['lo', 'lo\0']]])`. */
export function packetsWith(demands: readonly (readonly [Dimension, Ranges])[]): Box {
  let box: Box = EVERYTHING;
  for (const [dimension, ranges] of demands) box = narrow(box, dimension, ranges) ?? box;
  return box;
}
