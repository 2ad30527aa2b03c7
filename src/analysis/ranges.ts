/** Sets of values of one kind (addresses, ports, names) as ranges, with what is common to two of them and what is in one only. */

/** A value: an IPv4 address or a small number; an IPv6 address; a name. Values of one dimension are of one type. */
export type Value = number | bigint | string;

/** Ascending, disjoint, half-open ranges: `[from, to, from, to, …]` holds what is at least a `from` and less than the `to` behind it. */
export type Ranges = readonly Value[];

export const NOTHING: Ranges = [];

/** Whether no value is in a set. */
export function isNothing(ranges: Ranges): boolean {
  return ranges.length === 0;
}

/** A set of ranges in any order, which may overlap. */
export function rangesOf(pairs: readonly (readonly [from: Value, to: Value])[]): Ranges {
  const sorted = [...pairs].filter(([from, to]) => from < to).sort(([left], [right]) => (left < right ? -1 : left > right ? 1 : 0));
  const merged: Value[] = [];
  for (const [from, to] of sorted) {
    const end = merged.at(-1);
    if (end === undefined || from > end) merged.push(from, to);
    else if (to > end) merged[merged.length - 1] = to;
  }
  return merged;
}

/** What is in both sets. */
export function intersect(left: Ranges, right: Ranges): Ranges {
  const common: Value[] = [];
  let one = 0;
  let other = 0;
  while (one < left.length && other < right.length) {
    const from = greater(left[one], right[other]);
    const to = less(left[one + 1], right[other + 1]);
    if (from < to) common.push(from, to);
    if (left[one + 1] === to) one += 2;
    if (right[other + 1] === to) other += 2;
  }
  return common;
}

/** Whether two sets have a value in common. */
export function overlap(left: Ranges, right: Ranges): boolean {
  let one = 0;
  let other = 0;
  while (one < left.length && other < right.length) {
    const to = less(left[one + 1], right[other + 1]);
    if (greater(left[one], right[other]) < to) return true;
    if (left[one + 1] === to) one += 2;
    if (right[other + 1] === to) other += 2;
  }
  return false;
}

/** What is in the first set and not in the second. */
export function subtract(from: Ranges, taken: Ranges): Ranges {
  const rest: Value[] = [];
  let other = 0;
  for (let one = 0; one < from.length; one += 2) {
    let start = from[one] ?? 0;
    const end = from[one + 1] ?? 0;
    while (other < taken.length && (taken[other + 1] ?? 0) <= start) other += 2;
    for (let next = other; next < taken.length && (taken[next] ?? 0) < end; next += 2) {
      const hole = taken[next] ?? 0;
      if (start < hole) rest.push(start, hole);
      start = greater(start, taken[next + 1]);
    }
    if (start < end) rest.push(start, end);
  }
  return rest;
}

/** Whether every value of the inner set is in the outer one. */
export function contains(outer: Ranges, inner: Ranges): boolean {
  let other = 0;
  for (let one = 0; one < inner.length; one += 2) {
    const from = inner[one] ?? 0;
    while (other < outer.length && (outer[other + 1] ?? 0) <= from) other += 2;
    if (other >= outer.length || (outer[other] ?? 0) > from || (outer[other + 1] ?? 0) < (inner[one + 1] ?? 0)) return false;
  }
  return true;
}

function greater(left: Value | undefined, right: Value | undefined): Value {
  return (left ?? 0) > (right ?? 0) ? (left ?? 0) : (right ?? 0);
}

function less(left: Value | undefined, right: Value | undefined): Value {
  return (left ?? 0) < (right ?? 0) ? (left ?? 0) : (right ?? 0);
}
