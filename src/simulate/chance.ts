/** Numbers that look random and are the same for the same seed, so that a simulation can be repeated. */

/** A source of such numbers. */
export interface Chance {
  state: number;
}

export function createChance(seed: number): Chance {
  return { state: seed >>> 0 };
}

/** A whole number of 31 bits. A linear congruential generator; its low bits, which are the least random, are left out. (Numerical Recipes, "quick and dirty" generators) */
export function draw(chance: Chance): number {
  const next = (): number => {
    chance.state = (Math.imul(chance.state, 1_664_525) + 1_013_904_223) >>> 0;
    return chance.state >>> 16;
  };
  return next() * 2 ** 15 + (next() >>> 1);
}
