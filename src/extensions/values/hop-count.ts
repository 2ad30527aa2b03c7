/** The hop counter of a packet (TTL, hop limit): comparing it, setting it, and counting it up and down, which nft cannot do by itself. */

import { binary, compare, hex, jump, match, number, payload, range, returnToCaller } from '../../nft/build.js';
import type { Expr, NftChain, NftRule, Statement } from '../../nft/ir.js';
import { compareVersions, exact, type Given, type Lowering, type NftContext } from '../define.js';

/** What a match asks of the counter; one of them is given. */
export interface HopTest {
  readonly equal: Given<number> | undefined;
  readonly below: Given<number> | undefined;
  readonly above: Given<number> | undefined;
}

/** The comparison of `-m ttl` and `-m hl`. */
export function lowerHops(counter: Expr, { equal, below, above }: HopTest): Lowering {
  if (below !== undefined)
    return below.value === 0 ? { kind: 'never', why: 'no packet has fewer than 0 hops left' } : exact([compare(counter, '<', number(below.value))]);
  if (above !== undefined)
    return above.value === 255
      ? { kind: 'never', why: 'no packet has more than 255 hops left' }
      : exact([compare(counter, '>', number(above.value))]);
  return exact(equal === undefined ? [] : [match(counter, number(equal.value), equal.negated)]);
}

/** The smallest nft known to compute with the TTL of IPv4; older ones refuse any but constants there, in IPv6 none does. */
const COMPUTES_IP4 = '1.1.3';

/** A constant. */
export function lowerSet(context: NftContext, hops: number): Lowering {
  return exact([{ kind: 'assign', to: field(context), value: number(hops) }]);
}

function field(context: NftContext): Expr {
  return context.family === 'ip' ? payload('ip', 'ttl') : payload('ip6', 'hoplimit');
}

/** Adds `step` (-255 to 255), which stops at 0 and 255. (kernel: net/netfilter/xt_HL.c, ttl_tg and hl_tg6) */
export function lowerStep(context: NftContext, step: number): Lowering {
  if (Math.abs(step) === 255) return lowerSet(context, step > 0 ? 255 : 0);
  const key = `hops ${String(step)}`;
  const before = context.shared?.get(key) as string | undefined;
  if (before !== undefined) return exact([jump(before)]);
  const name = context.freeName(`${context.family === 'ip' ? 'ttl' : 'hoplimit'}_${step > 0 ? 'plus' : 'minus'}_${String(Math.abs(step))}`);
  context.shared?.set(key, name);
  const computes = context.family === 'ip6' || compareVersions(context.target.nft ?? '0', COMPUTES_IP4) >= 0;
  return exact([jump(name)], { chains: computes ? carryChains(context, name, step) : tableChains(context, name, step) });
}

/** What stops at the end of the range. */
function endRule(hops: Expr, step: number): NftRule {
  const end = step > 0 ? 255 : 0;
  const test = step > 0 ? compare(hops, '>=', number(255 - step)) : compare(hops, '<=', number(-step));
  return { statements: [test, { kind: 'assign', to: hops, value: number(end) }, returnToCaller] };
}

/** Binary addition by hand: for each bit of the step, one rule for each length of the carry. */
function carryChains(context: NftContext, name: string, step: number): readonly NftChain[] {
  const hops = field(context);
  const stages: NftRule[][] = [];
  for (let bit = 0; bit < 8; bit += 1) {
    if ((Math.abs(step) & (1 << bit)) === 0) continue;
    const rules: NftRule[] = [];
    for (let top = bit; top < 8; top += 1) {
      // Bits `bit` to `top` change when those below `top` are all ones (adding) or all zeros (taking away).
      const changed = (1 << (top + 1)) - (1 << bit);
      const carried = (1 << top) - (1 << bit);
      const wanted = step > 0 ? carried : 1 << top;
      const statements: Statement[] = [
        compare(binary(hops, '&', hex(changed)), '==', hex(wanted)),
        { kind: 'assign', to: hops, value: binary(hops, '^', hex(changed)) },
        returnToCaller,
      ];
      rules.push({ statements });
    }
    stages.push(rules);
  }
  const [only] = stages;
  if (stages.length === 1 && only !== undefined) return [{ name, rules: [endRule(hops, step), ...only] }];
  const chains = stages.map((rules, index): NftChain => ({ name: context.freeName(`${name}_${String(index + 1)}`), rules }));
  return [...chains, { name, rules: [endRule(hops, step), ...chains.map((chain) => ({ statements: [jump(chain.name)] }))] }];
}

/** A rule for each value, in chains of 16. */
function tableChains(context: NftContext, name: string, step: number): readonly NftChain[] {
  const hops = field(context);
  const chains: NftChain[] = [];
  const entries: { key: Expr; verdict: { kind: 'jump'; chain: string } }[] = [];
  const first = step > 0 ? 0 : 1 - step;
  const last = step > 0 ? 254 - step : 255;
  for (let start = first; start <= last; start = (start | 15) + 1) {
    const end = Math.min(start | 15, last);
    const rules: NftRule[] = [];
    for (let from = start; from <= end; from += 1)
      rules.push({ statements: [compare(hops, 'implicit', number(from)), { kind: 'assign', to: hops, value: number(from + step) }, returnToCaller] });
    const chain = context.freeName(`${name}_${String(start)}`);
    chains.push({ name: chain, rules });
    entries.push({ key: start === end ? number(start) : range(number(start), number(end)), verdict: { kind: 'jump', chain } });
  }
  const rules: NftRule[] = [endRule(hops, step)];
  if (entries.length > 0) rules.push({ statements: [{ kind: 'verdictMap', key: hops, to: { kind: 'mapping', entries } }] });
  return [...chains, { name, rules }];
}
