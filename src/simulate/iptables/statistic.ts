/** xt_statistic: every n-th packet, or some of them by chance. (kernel: net/netfilter/xt_statistic.c) */

/** What one `-m statistic` asks. */
export type StatisticUse =
  /** Packet number `packet` (from 0), and every `every`-th from there. */
  | { readonly mode: 'nth'; readonly every: number; readonly packet: number; readonly negated: boolean }
  /** `probability` in 2^31sts, as the kernel keeps it. */
  | { readonly mode: 'random'; readonly probability: number; readonly negated: boolean };

/** Packets one `-m statistic --mode nth` has seen. */
export interface StatisticState {
  seen: number;
}

/** Counts a packet; whether the rule matches. `draw` gives a number of 31 random bits. (statistic_mt) */
export function matchStatistic(state: StatisticState, use: StatisticUse, draw: () => number): boolean {
  if (use.mode === 'random') return draw() < use.probability !== use.negated;
  const turn = state.seen % use.every === use.packet;
  state.seen += 1;
  return turn !== use.negated;
}
