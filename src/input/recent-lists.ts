/** The lists of `-m recent`: which rules put addresses on them and which ask for them. Lists are found by name only, in all tables and both families. */

import recent, { readRecent, type RecentGiven, type RecentUse } from '../extensions/matches/recent.js';
import { givenTo, type Use } from '../iptables/command.js';
import { areDisjoint, conditionsOf } from '../ruleset/conditions.js';
import { nearest } from '../text/distance.js';
import { oncePer } from '../text/once-per.js';
import type { Span } from '../text/source.js';
import { wordsSpan } from '../text/word.js';
import { placedRulesWith, type PlacedRule } from './intended-ruleset.js';
import type { Input } from './input.js';

/** One `-m recent` in a rule. */
export interface PlacedRecent extends PlacedRule {
  readonly use: Use;
  readonly given: RecentGiven;
  readonly recent: RecentUse;
}

/** Everything rules do with one list. */
export interface RecentList {
  readonly name: string;
  readonly sets: readonly PlacedRecent[];
  /** `--rcheck` and `--update`, also negated. */
  readonly checks: readonly PlacedRecent[];
  readonly removes: readonly PlacedRecent[];
  /** The text also names the list's file in /proc/net: it may be filled, emptied or read by hand. */
  readonly byHand: boolean;
}

export interface RecentLists {
  readonly lists: ReadonlyMap<string, RecentList>;
  /** Some rule's list is only known at run time, so that any list may be meant. */
  readonly unknownNames: boolean;
}

/** The lists of an input, by name. Uses whose operation is unclear are left out. */
export const recentLists = oncePer(collect);

function collect(input: Input): RecentLists {
  const byName = new Map<string, { sets: PlacedRecent[]; checks: PlacedRecent[]; removes: PlacedRecent[] }>();
  let unknownNames = false;
  for (const placed of placedRulesWith(input, 'recent'))
    for (const use of placed.rule.spec.matches) {
      const given = givenTo(use, recent);
      const read = given === undefined ? undefined : readRecent(given, placed.context.family);
      if (given === undefined || read === undefined) continue;
      if (use.unsettled.includes('name')) {
        unknownNames = true;
        continue;
      }
      const list = byName.get(read.list) ?? { sets: [], checks: [], removes: [] };
      byName.set(read.list, list);
      const uses = read.operation === 'set' ? list.sets : read.operation === 'remove' ? list.removes : list.checks;
      uses.push({ ...placed, use, given, recent: read });
    }
  const files = new Set(input.sources.flatMap(({ text }) => [...text.matchAll(/\b(?:xt|ipt)_recent\/([^\s"';|&)]+)/g)]).map((match) => match[1]));
  const lists = new Map(
    [...byName].map(([name, uses]) => [name, { name, ...uses, byHand: files.has(name) || [...files].some((file) => file?.startsWith('$')) }]),
  );
  return { lists, unknownNames };
}

/** The words of a `-m recent`. */
export function placeOf({ rule, use }: PlacedRecent): Span {
  return wordsSpan(rule.command.words, use.first, use.last);
}

/** A list that is asked and never filled. */
export interface UnfilledList {
  readonly list: RecentList;
  /** Why it stays empty: no rule fills it, or only rules that ask it first do. */
  readonly because: 'no set' | 'set behind check';
  /** The rule that was probably meant to fill it: it fills another list. */
  readonly meant: PlacedRecent | undefined;
}

/** Lists that rules ask for and that stay empty. */
export function unfilledLists(input: Input): readonly UnfilledList[] {
  const { lists, unknownNames } = recentLists(input);
  if (unknownNames) return [];
  const found: UnfilledList[] = [];
  for (const list of lists.values()) {
    const [check] = list.checks;
    if (check === undefined || list.byHand) continue;
    if (list.sets.length === 0) found.push({ list, because: 'no set', meant: meantFor(check, list, lists) });
    else if (list.sets.every((set) => standsBehindCheck(set))) found.push({ list, because: 'set behind check', meant: undefined });
  }
  return found.map((unfilled) => (isMeantForAnother(unfilled, found) ? { ...unfilled, meant: undefined } : unfilled));
}

/** Whether the list that is filled was rather meant for another unfilled one: it has that one's name, in other capitals, or its mask. */
function isMeantForAnother({ list, meant }: UnfilledList, all: readonly UnfilledList[]): boolean {
  if (meant === undefined) return false;
  const wanted = meant.recent.list;
  const rivals = all.filter((other) => other.list !== list && other.meant?.recent.list === wanted);
  if (isAlike(list.name, wanted)) return false;
  return rivals.some((rival) => isAlike(rival.list.name, wanted) || (hasOtherMask(list, meant) && !hasOtherMask(rival.list, meant)));
}

function isAlike(name: string, other: string): boolean {
  return name.toLowerCase() === other.toLowerCase();
}

/** Whether a list is asked with another mask than the one a `--set` gives it; a list has one mask. */
export function hasOtherMask(list: RecentList, set: PlacedRecent): boolean {
  return list.checks.some((check) => check.context.family === set.context.family && check.recent.mask !== set.recent.mask);
}

/** Whether a `--set` is only reached when the same rule has found the address on the same list already. */
function standsBehindCheck(set: PlacedRecent): boolean {
  for (const use of set.rule.spec.matches) {
    if (use === set.use) return false;
    const given = givenTo(use, recent);
    const read = given === undefined ? undefined : readRecent(given, set.context.family);
    if (read === undefined || use.unsettled.length > 0) continue;
    if (read.list === set.recent.list && !read.negated && (read.operation === 'rcheck' || read.operation === 'update')) return true;
  }
  return false;
}

/** Of the rules that fill other lists, the one whose addresses the check most likely wants. */
function meantFor(check: PlacedRecent, list: RecentList, lists: ReadonlyMap<string, RecentList>): PlacedRecent | undefined {
  const others = [...lists.values()].filter((other) => other !== list).flatMap((other) => other.sets);
  const sameRule = others.find((set) => set.rule === check.rule);
  if (sameRule !== undefined) return sameRule;
  const own = conditionsOf(check.rule.spec, check.context.family);
  const near = others.filter(
    (set) => set.chain === check.chain && !areDisjoint(conditionsOf(set.rule.spec, set.context.family), own) && !isAskedToDecide(set, lists),
  );
  near.sort((a, b) => Math.abs(a.index - check.index) - Math.abs(b.index - check.index));
  const closest = near.find((set) => isAlike(set.recent.list, list.name)) ?? near[0];
  if (closest !== undefined) return closest;
  const names = others.map((set) => set.recent.list);
  const alike = names.find((name) => isAlike(name, list.name)) ?? nearest(list.name, names);
  return others.find((set) => set.recent.list === alike);
}

/** Whether some rule that does something asks for the list a `--set` fills. */
function isAskedToDecide(set: PlacedRecent, lists: ReadonlyMap<string, RecentList>): boolean {
  return lists.get(set.recent.list)?.checks.some((check) => check.rule.spec.action !== undefined) === true;
}
