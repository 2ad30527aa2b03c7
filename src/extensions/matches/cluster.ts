/** `-m cluster`: whether the connection is the share of this host among several that all get every packet. */

import { compare, ct, match, meta, payload, setOf, symbol, number } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { defineMatch, value, type Constraint, type GivenOf, type LoweredItem, type NftContext } from '../define.js';
import { wholeNumber } from '../values/number.js';

/** Hosts of a cluster. (kernel: include/uapi/linux/netfilter/xt_cluster.h, XT_CLUSTER_NODES_MAX) */
const MOST_NODES = 32;

const place = (option: string) => ({ extension: 'cluster', option });
const node = (option: string, print?: (value: number) => string) => wholeNumber('number', 1, MOST_NODES, place(option), print);
const hexadecimal = (bits: number): string => `0x${bits.toString(16).padStart(8, '0')}`;

const options = {
  'cluster-total-nodes': value(node('cluster-total-nodes')),
  'cluster-local-node': value(node('cluster-local-node'), { invertible: true }),
  // iptables only takes masks up to 32, although it prints larger ones. (extensions/libxt_cluster.c; 1.8.13 still does)
  'cluster-local-nodemask': value(node('cluster-local-nodemask', hexadecimal), { invertible: true }),
  'cluster-hash-seed': value(wholeNumber('number', 0, 0xffffffff, place('cluster-hash-seed'), hexadecimal)),
};

type ClusterGiven = GivenOf<typeof options>;

/** The hosts whose share is asked for, bit 0 for the first. */
function nodeMask(given: ClusterGiven): number {
  const local = given['cluster-local-node'];
  return local === undefined ? (given['cluster-local-nodemask']?.value ?? 0) : 2 ** (local.value - 1);
}

function isNegated(given: ClusterGiven): boolean {
  return given['cluster-local-node']?.negated ?? given['cluster-local-nodemask']?.negated ?? false;
}

function refusesMoreThanTotal(option: 'cluster-local-node' | 'cluster-local-nodemask', says: string): Constraint<typeof options> {
  return {
    kind: 'refuses',
    by: 'iptables',
    when: (given) => given[option] !== undefined && nodeMask(given) >= 2 ** (given['cluster-total-nodes']?.value ?? MOST_NODES),
    at: option,
    check: 'invalid-value',
    message: `\`--${option}\` names a host that \`--cluster-total-nodes\` does not count`,
    says: `cluster match: ${says}`,
  };
}

/** A packet on its way to the address of a host, sent to a group of Ethernet addresses, becomes one for this host. (kernel: net/netfilter/xt_cluster.c, xt_cluster_mt) */
function adopt({ family }: NftContext): LoweredItem {
  const group: Expr = family === 'ip' ? { kind: 'prefix', address: '224.0.0.0', length: 4 } : { kind: 'prefix', address: 'ff00::', length: 8 };
  const statements: Statement[] = [
    match(meta('pkttype'), symbol('multicast')),
    compare(payload(family, 'daddr'), '!=', group),
    { kind: 'assign', to: meta('pkttype'), value: symbol('host') },
    { kind: 'verdict', verdict: { kind: 'continue' } },
  ];
  return { kind: 'anyOf', alternatives: [statements, []] };
}

/**
 * Of an IPv6 source the kernel only takes the first 32 bits, by mistake, which nft has no key for: it is the source of packets on the way there, and the
 * destination of those on the way back. (kernel: xt_cluster.c, xt_cluster_hash_ipv6 divides the size of the address twice; measured)
 */
const FIRST_BITS_OF_SOURCE: Expr = { kind: 'rawPayload', base: 'nh', offset: 64, length: 32 };
const FIRST_BITS_OF_DESTINATION: Expr = { kind: 'rawPayload', base: 'nh', offset: 192, length: 32 };

export default defineMatch({
  name: 'cluster',
  summary: 'the connection is the share of this host in a cluster',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    { kind: 'excludes', option: 'cluster-local-node', others: ['cluster-local-nodemask'] },
    {
      kind: 'atLeastOne',
      of: ['cluster-local-node', 'cluster-local-nodemask'],
      says: "cluster match: `--cluster-local-node' or`--cluster-local-nodemask' is missing",
    },
    { kind: 'atLeastOne', of: ['cluster-total-nodes'], says: 'cluster: option "--cluster-total-nodes" must be specified' },
    { kind: 'atLeastOne', of: ['cluster-hash-seed'], says: 'cluster: option "--cluster-hash-seed" must be specified' },
    refusesMoreThanTotal('cluster-local-node', "`--cluster-local-node' must be <= `--cluster-total-nodes'"),
    refusesMoreThanTotal('cluster-local-nodemask', "`--cluster-local-nodemask' too big for `--cluster-total-nodes'"),
  ],
  print: (given) => [
    ...(isNegated(given) ? ['!'] : []),
    '--cluster-local-nodemask',
    hexadecimal(nodeMask(given)),
    '--cluster-total-nodes',
    String(given['cluster-total-nodes']?.value),
    '--cluster-hash-seed',
    hexadecimal(given['cluster-hash-seed']?.value ?? 0),
  ],
  toNft: (given, context) => {
    const total = given['cluster-total-nodes']?.value ?? 1;
    const mask = nodeMask(given);
    const shares = Array.from({ length: total }, (_, index) => index).filter((index) => Math.floor(mask / 2 ** index) % 2 === 1);
    const wanted = setOf(shares.map(number));
    const compareHash = (of: Expr): Statement =>
      match({ kind: 'jhash', of, modulus: total, seed: given['cluster-hash-seed']?.value ?? 0 }, wanted, isNegated(given));
    const share: LoweredItem =
      context.family === 'ip'
        ? compareHash(ct('saddr', 'original', 'ip'))
        : {
            kind: 'anyOf',
            alternatives: [
              [match(ct('direction'), symbol('original')), compareHash(FIRST_BITS_OF_SOURCE)],
              [match(ct('direction'), symbol('reply')), compareHash(FIRST_BITS_OF_DESTINATION)],
            ],
          };
    const early = context.hooks.every((hook) => hook === 'PREROUTING');
    const differs = ['connections that a helper expects count by their own source, not by that of the connection they belong to'];
    if (context.family === 'ip6') differs.push('of connections whose source is translated, replies count by the translated one');
    if (!early) differs.push('outside of PREROUTING nft cannot make packets that were sent to a group packets for this host');
    return { kind: 'approximate', items: early ? [adopt(context), share] : [share], differs: differs.join('; ') };
  },
});
