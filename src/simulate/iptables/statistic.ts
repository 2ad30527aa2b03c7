/** xt_statistic: every n-th packet, or some of them by chance. (kernel: net/netfilter/xt_statistic.c) */

import type { Statistic } from '../../extensions/matches/statistic.js';
import { draw, type Chance } from '../chance.js';

/** Packets one `-m statistic --mode nth` has seen. */
export interface StatisticState {
  seen: number;
}

/** Counts a packet; whether the rule matches. (statistic_mt) */
export function matchStatistic(state: StatisticState, asked: Statistic, chance: Chance): boolean {
  if (asked.kind === 'random') return draw(chance) < asked.share !== asked.negated;
  const turn = state.seen % asked.every === asked.packet;
  state.seen += 1;
  return turn !== asked.negated;
}
