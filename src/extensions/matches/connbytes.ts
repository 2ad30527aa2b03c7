/** `-m connbytes`: what a connection has carried so far: packets, bytes, or bytes per packet. */

import { compare, ct, match, number, range, symbol } from '../../nft/build.js';
import type { Expr, Statement } from '../../nft/ir.js';
import { defineMatch, exact, value, type GivenOf, type ValueResult, type ValueType } from '../define.js';
import { longRange, type LongRange } from '../values/long-range.js';
import { shown } from '../values/number.js';

const MOST = 2n ** 64n - 1n;

function word<W extends string>(option: string, words: readonly W[]): ValueType<W> {
  return {
    name: words.join(', '),
    read: (text): ValueResult<W> => {
      const found = words.find((known) => known === text);
      if (found !== undefined) return { kind: 'read', value: found };
      return {
        kind: 'refused',
        by: 'iptables',
        message: `${shown(text)} is none of ${words.join(', ')}`,
        says: `Unknown --${option} \`${text}'`,
      };
    },
    print: (known) => known,
  };
}

const options = {
  connbytes: value(longRange({ name: 'number', extension: 'connbytes', option: 'connbytes' }), { invertible: true }),
  'connbytes-mode': value(word('connbytes-mode', ['packets', 'bytes', 'avgpkt'] as const)),
  'connbytes-dir': value(word('connbytes-dir', ['original', 'reply', 'both'] as const)),
};

type ConnbytesGiven = GivenOf<typeof options>;

/** What one `-m connbytes` asks: counts inside, or outside, of a range; both ends are part of it. */
interface ConnectionCounts extends LongRange {
  readonly outside: boolean;
  readonly mode: 'packets' | 'bytes' | 'avgpkt';
  readonly direction: 'original' | 'reply' | 'both';
}

/** iptables stores "outside" as a range that ends before it begins, which a range of one number never does: its `!` is lost. (libxt_connbytes.c) */
function readConnbytes(given: ConnbytesGiven): ConnectionCounts | undefined {
  const { connbytes, 'connbytes-mode': mode, 'connbytes-dir': direction } = given;
  if (connbytes === undefined || mode === undefined || direction === undefined) return undefined;
  const { from, to } = connbytes.value;
  return { from, to, outside: connbytes.negated && from !== to, mode: mode.value, direction: direction.value };
}

const sized = (value: bigint): Expr => (value <= BigInt(Number.MAX_SAFE_INTEGER) ? number(Number(value)) : symbol(String(value)));

/** The test of a count; undefined when no count meets it. */
function testOf(counted: Expr, { from, to, outside }: ConnectionCounts): readonly Statement[] | undefined {
  if (from === 0n && to === MOST) return outside ? undefined : [];
  if (outside) {
    if (to === MOST) return [compare(counted, '<', sized(from))];
    if (from === 0n) return [compare(counted, '>', sized(to))];
    return [match(counted, range(sized(from), sized(to)), true)];
  }
  if (to === MOST) return [compare(counted, '>=', sized(from))];
  return [match(counted, from === to ? sized(from) : range(sized(from), sized(to)))];
}

export default defineMatch({
  name: 'connbytes',
  summary: 'packets, bytes or bytes per packet a connection has carried so far',
  families: ['ip', 'ip6'],
  options,
  constraints: [
    { kind: 'atLeastOne', of: ['connbytes'], says: 'connbytes: option "--connbytes" must be specified' },
    { kind: 'atLeastOne', of: ['connbytes-dir'], says: 'connbytes: option "--connbytes-dir" must be specified' },
    { kind: 'atLeastOne', of: ['connbytes-mode'], says: 'connbytes: option "--connbytes-mode" must be specified' },
  ],
  print: (given) => {
    const asked = readConnbytes(given);
    if (asked === undefined) return [];
    const { from, to, outside, mode, direction } = asked;
    const numbers = to > 0n && to < MOST ? `${String(from)}:${String(to)}` : String(from);
    return [...(outside ? ['!'] : []), '--connbytes', numbers, '--connbytes-mode', mode, '--connbytes-dir', direction];
  },
  toNft: (given) => {
    const asked = readConnbytes(given);
    if (asked === undefined) return exact([]);
    const counted = ct(asked.mode, asked.direction === 'both' ? undefined : asked.direction);
    const test = testOf(counted, asked);
    if (test === undefined) return { kind: 'never', why: 'every count is in the range' };
    // Connections from before the kernel counted (net.netfilter.nf_conntrack_acct, which such a rule sets in iptables and in nft) never match in iptables;
    // in nft their counts are 0. (kernel: net/netfilter/xt_connbytes.c, connbytes_mt and connbytes_mt_check; nft_ct.c, nft_ct_get_eval and nft_ct_get_init)
    const mayBeZero = asked.outside ? asked.from > 0n : asked.from === 0n;
    return exact([...(mayBeZero ? [compare(ct('packets'), '>', number(0))] : []), ...test]);
  },
});
