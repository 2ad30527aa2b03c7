/** Numbers that look random and are the same for the same seed, so that a simulation can be repeated. */

/** Draws a whole number of 31 bits. */
export type Chance = () => number;

/** A linear congruential generator; its low bits, which are the least random, are left out. (Numerical Recipes, "quick and dirty" generators) */
export function createChance(seed: number): Chance {
  let state = seed >>> 0;
  const next = (): number => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return state >>> 16;
  };
  return () => next() * 2 ** 15 + (next() >>> 1);
}
