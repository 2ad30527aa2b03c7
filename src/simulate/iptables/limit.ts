/** xt_limit: one token bucket, in 32 bits. (kernel: net/netfilter/xt_limit.c) */

import { limitCredits, type PacketRate } from '../../extensions/values/rate.js';

/** The bucket of one `-m limit`; numbers are credits of 32 bits. */
export interface LimitState {
  readonly perTick: number;
  readonly most: number;
  readonly cost: number;
  credit: number;
  /** The tick it was last filled. */
  filled: number;
}

/** A full bucket. Undefined: the kernel refuses the rule ("Overflow, try lower"). */
export function createLimit(rate: PacketRate, burst: number, tick: number, hz: number): LimitState | undefined {
  const { perTick, most, cost } = limitCredits(rate, burst, hz);
  if (burst === 0 || most < cost) return undefined;
  return { perTick: Number(perTick), most: Number(most), cost: Number(cost), credit: Number(most), filled: tick };
}

/** Takes a token; whether there was one. (limit_mt) */
export function matchLimit(state: LimitState, tick: number): boolean {
  // What comes in and the sum each are cut to 32 bits: after 2^32 / credits per tick ticks without a packet (37 hours) it begins at 0 again.
  const income = (tick - state.filled) * state.perTick;
  const credit = Math.min(((income % 2 ** 32) + state.credit) % 2 ** 32, state.most);
  const matches = state.cost <= credit;
  state.credit = matches ? credit - state.cost : credit;
  state.filled = tick;
  return matches;
}
