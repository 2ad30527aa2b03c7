/** xt_quota: bytes until there are none left. (kernel: net/netfilter/xt_quota.c) */

/** What is left of one `-m quota`, bytes. */
export interface QuotaState {
  left: bigint;
}

/** Takes the bytes of a packet; whether the rule matches. The first packet that finds too few takes what is left. (quota_mt) */
export function matchQuota(state: QuotaState, length: number, negated: boolean): boolean {
  const enough = state.left >= BigInt(length);
  state.left = enough ? state.left - BigInt(length) : 0n;
  return enough !== negated;
}
