/** Which stretches of an address space networks cover, where they lie inside each other. */

/** A stretch of addresses, both ends included. */
export interface Stretch {
  readonly from: bigint;
  readonly to: bigint;
}

/** Where the same networks cover every address; `covers` in no order. */
export interface Segment<T extends Stretch> extends Stretch {
  readonly covers: readonly T[];
}

/**
 * Cuts networks into stretches that are covered alike, in ascending order; what none covers is left out. Networks either lie inside of each
 * other or apart, as prefixes do.
 */
export function segmentsOf<T extends Stretch>(networks: readonly T[]): readonly Segment<T>[] {
  const sorted = [...networks].sort((left, right) => compare(left.from, right.from) || compare(right.to, left.to));
  const segments: Segment<T>[] = [];
  const open: T[] = [];
  let at = 0n;
  const emitTo = (to: bigint): void => {
    if (open.length > 0 && at <= to) segments.push({ from: at, to, covers: [...open] });
    if (to >= at) at = to + 1n;
  };
  const closeBefore = (from: bigint | undefined): void => {
    for (let last = open.at(-1); last !== undefined && (from === undefined || last.to < from); last = open.at(-1)) {
      emitTo(last.to);
      open.pop();
    }
  };
  for (const network of sorted) {
    closeBefore(network.from);
    if (open.length > 0 && at < network.from) emitTo(network.from - 1n);
    at = network.from > at ? network.from : at;
    open.push(network);
  }
  closeBefore(undefined);
  return segments;
}

export function compare(left: bigint, right: bigint): number {
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The stretches that any of these covers, joined where they touch. */
export function joinStretches(stretches: readonly Stretch[]): readonly Stretch[] {
  const joined: { from: bigint; to: bigint }[] = [];
  for (const { from, to } of [...stretches].sort((left, right) => compare(left.from, right.from))) {
    const last = joined.at(-1);
    if (last !== undefined && from <= last.to + 1n) last.to = to > last.to ? to : last.to;
    else joined.push({ from, to });
  }
  return joined;
}
