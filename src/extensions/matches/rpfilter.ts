/** `-m rpfilter`: whether an answer to the packet would leave by the interface the packet came in on. */

import { match, payload, setOf, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { compareVersions, defineMatch, flag, type GivenOf, type Lowering, type NftContext } from '../define.js';

const options = { loose: flag(), validmark: flag(), 'accept-local': flag(), invert: flag() };

type RpfilterGiven = GivenOf<typeof options>;

/** From this kernel on nft minds the VRF of an interface even where the interface itself is not asked for. (nft_fib_ipv4.c, nft_fib_ipv6.c) */
const KNOWS_VRF = '6.16';

/** What nft cannot ask for as iptables does. */
function differences(given: RpfilterGiven, { family, target }: NftContext): readonly string[] {
  const differs: string[] = [];
  if (given.loose !== undefined && compareVersions(target.kernel ?? '0', KNOWS_VRF) < 0)
    differs.push(`for interfaces of a VRF, kernels before ${KNOWS_VRF} ask the main routing table and not that of the VRF`);
  if (given['accept-local'] !== undefined && family === 'ip')
    differs.push('an address only counts as local when it is one of this host: routes of type local in tables of `ip rule` do not make it one');
  return differs;
}

/** Lists of statements, of which one holds for a packet that passes the test, or one for a packet that fails. */
interface Outcomes {
  readonly passes: readonly (readonly Statement[])[];
  readonly fails: readonly (readonly Statement[])[];
}

function flags(given: RpfilterGiven, interfaceCounts: boolean): readonly string[] {
  return ['saddr', ...(given.validmark === undefined ? [] : ['mark']), ...(interfaceCounts ? ['iif'] : [])];
}

/** What nft calls broadcast addresses and the routing tables do not. (kernel: net/ipv4/fib_frontend.c, __inet_dev_addr_type) */
const NO_NETWORK: Expr = setOf([{ kind: 'prefix', address: '0.0.0.0', length: 8 }, symbol('255.255.255.255')]);

/** The broadcast address of a network never passes; nft finds the route to it. (kernel: net/ipv4/netfilter/ipt_rpfilter.c, nft_fib_ipv4.c) */
function outcomes4(given: RpfilterGiven): Outcomes {
  const strict = given.loose === undefined;
  const route: Expr = { kind: 'fib', flags: flags(given, strict), result: 'oif' };
  const routed = match(route, symbol('exists'));
  const lost = match(route, symbol('missing'));
  const type: Expr = { kind: 'fib', flags: ['saddr'], result: 'type' };
  const source = payload('ip', 'saddr');
  const passes = [
    [routed, match(type, symbol('broadcast'), true)],
    [routed, match(source, NO_NETWORK)],
  ];
  const broadcast = [routed, match(type, symbol('broadcast')), match(source, NO_NETWORK, true)];
  if (given['accept-local'] === undefined) return { passes, fails: [[lost], broadcast] };
  const own: Expr = { kind: 'fib', flags: strict ? ['saddr', 'iif'] : ['saddr'], result: 'type' };
  return {
    passes: [...passes, [lost, match(own, symbol('local'))]],
    fails: [[lost, match(own, symbol('local'), true)], broadcast],
  };
}

/**
 * A packet without a source always passes; nft looks for a route to `::`. Addresses of this host pass on every interface.
 * (kernel: net/ipv6/netfilter/ip6t_rpfilter.c, nft_fib_ipv6.c)
 */
function outcomes6(given: RpfilterGiven): Outcomes {
  const route: Expr = { kind: 'fib', flags: flags(given, given.loose === undefined), result: 'oif' };
  const source = payload('ip6', 'saddr');
  const sent = match(source, symbol('::'), true);
  const lost = match(route, symbol('missing'));
  const passes = [[match(source, symbol('::'))], [sent, match(route, symbol('exists'))]];
  if (given['accept-local'] === undefined) return { passes, fails: [[sent, lost]] };
  const own: Expr = { kind: 'fib', flags: flags(given, false), result: 'type' };
  return { passes: [...passes, [sent, lost, match(own, symbol('local'))]], fails: [[sent, lost, match(own, symbol('local'), true)]] };
}

export default defineMatch({
  name: 'rpfilter',
  summary: 'reverse path test: an answer would leave by the interface the packet came in on',
  families: ['ip', 'ip6'],
  tables: ['raw', 'mangle'],
  hooks: ['PREROUTING'],
  options,
  toNft: (given, context): Lowering => {
    const outcomes = context.family === 'ip' ? outcomes4(given) : outcomes6(given);
    const items = [{ kind: 'anyOf' as const, alternatives: given.invert === undefined ? outcomes.passes : outcomes.fails }];
    const differs = differences(given, context);
    return differs.length === 0 ? { kind: 'exact', items } : { kind: 'approximate', items, differs: differs.join('; ') };
  },
});
