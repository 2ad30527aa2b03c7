/** `-m limit`: one token bucket for all packets that reach the rule. */

import { packetLimit, limitBucket, limitCredits, limitRate, ratePerUnit, rateRemark, type PacketRate } from '../values/rate.js';
import { wholeNumber } from '../values/number.js';
import { defineMatch, exact, value, type GivenOf, type Target } from '../define.js';

const options = {
  limit: value(limitRate),
  'limit-burst': value(wholeNumber('burst', 0, 10_000, { extension: 'limit', option: 'limit-burst' })),
};

/** 3/hour, burst 5: what `-m limit` means without options. (iptables 1.8.9: extensions/libxt_limit.c) */
const DEFAULT_RATE: PacketRate = { kind: 'packets', period: 12_000_000, scale: 10_000, unit: 3600 };
const DEFAULT_BURST = 5;

/** The bucket of one `-m limit`. */
export interface LimitBucket {
  readonly rate: PacketRate;
  /** As written, or 5. */
  readonly written: number;
  /** Packets iptables-legacy lets through at once; `undefined`: it refuses the rule. */
  readonly legacy: number | undefined;
  /** Packets iptables-nft and nft let through at once. */
  readonly nft: number;
}

/** What a `-m limit` amounts to: xt_limit computes with 32 bits, nft with 64. */
export function bucketOfLimit(given: GivenOf<typeof options>, target: Target = {}): LimitBucket {
  const rate = given.limit?.value ?? DEFAULT_RATE;
  const written = given['limit-burst']?.value ?? DEFAULT_BURST;
  const legacy = limitBucket(rate, written, target.hz);
  // The kernel takes a burst of 0 for 5. (net/netfilter/nft_limit.c, NFT_LIMIT_PKT_BURST_DEFAULT)
  return { rate, written, legacy: legacy.refused ? undefined : legacy.burst, nft: written === 0 ? DEFAULT_BURST : written };
}

export default defineMatch({
  name: 'limit',
  summary: 'matches while packets stay under a rate; one bucket for all of them',
  families: ['ip', 'ip6'],
  options,
  stateful: true,
  constraints: [
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given, { target }) => target.backend === 'legacy' && bucketOfLimit(given, target).legacy === undefined,
      message: 'burst and rate are too much for the 32 bits xt_limit computes with: burst × time between packets may be about 134217 seconds',
      check: 'rate-out-of-range',
      says: 'Overflow, try lower',
      do: 'lower the burst, raise the rate, or use -m hashlimit, iptables-nft or nftables',
    },
  ],
  print: (given) => {
    const { rate, nft } = bucketOfLimit(given);
    return ['--limit', limitRate.print(rate, 'ip'), ...(nft === DEFAULT_BURST ? [] : ['--limit-burst', String(nft)])];
  },
  toNft: (given, { target }) => {
    const { rate, written, legacy, nft } = bucketOfLimit(given, target);
    if (target.backend === 'nft') return exact([packetLimit(rate, nft)]);
    const items = [packetLimit(rate, target.backend === 'legacy' ? (legacy ?? nft) : nft)];
    const differs: string[] = [];
    const { count, unit } = ratePerUnit(rate);
    if (target.backend === undefined && legacy !== undefined && legacy !== written)
      differs.push(
        `with its 32 bits iptables-legacy makes ${String(legacy)} of a burst of ${String(written)} at ${String(count)} a ${unit}; nft, like iptables-nft, lets ${String(nft)} through at once`,
      );
    const remark = legacy === undefined ? undefined : rateRemark(rate, limitCredits(rate, written, target.hz), target.hz);
    if (remark !== undefined) differs.push(remark);
    return differs.length === 0 ? exact(items) : { kind: 'approximate', items, differs: differs.join('; ') };
  },
});
