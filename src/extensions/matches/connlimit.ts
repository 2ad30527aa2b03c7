/** `-m connlimit`: how many connections a host or network has open. */

import { ALL_ONES_4, ALL_ONES_6, formatIp4, formatIp6, maskOf4, maskOf6, parseIp4, parseIp6, prefixLength } from '../../net/address.js';
import { binary, payload, symbol } from '../../nft/build.js';
import type { Expr, NamedSet, Statement } from '../../nft/ir.js';
import { defineMatch, exact, flag, value, type Family, type GivenOf, type Lowering, type ValueResult, type ValueType } from '../define.js';
import { leadingNumber, wholeNumber } from '../values/number.js';

const MOST = 0xffffffff;

/**
 * A prefix length, or a mask of which iptables up to 1.8.9 only takes contiguous ones and others for "all bits".
 * 1.8.11 and newer take any number above 32 for the mask 0.0.0.N. (libxtables/xtoptions.c, xtopt_parse_plenmask; measured)
 */
function prefixOrMask(option: string): ValueType<number> {
  return {
    name: 'prefix length',
    read: (text, { family }): ValueResult<number> => {
      const most = family === 'ip' ? 32 : 128;
      const number = leadingNumber(text, 0, most);
      if (number?.rest === '') return { kind: 'read', value: number.value };
      const address = family === 'ip' ? parseAddress4(text) : parseIp6(text);
      if (address === undefined)
        return {
          kind: 'refused',
          by: 'iptables',
          check: 'invalid-address-or-mask',
          message: `\`${text}\` is no prefix length of 0 to ${String(most)}`,
          says: `connlimit: bad value for option "--${option}", neither a valid network mask nor valid CIDR (0-${String(most)}).`,
        };
      const length = prefixLength(address);
      if (length !== undefined) return { kind: 'read', value: length };
      const asMask = typeof address === 'number' ? formatIp4(address) : formatIp6(address);
      return {
        kind: 'read',
        value: most,
        changed: {
          check: 'prefix-length-clamped',
          message: `\`${text}\` is no prefix length of 0 to ${String(most)}: iptables up to 1.8.9 takes it for ${String(most)}, every host by itself; 1.8.11 and newer for the mask ${asMask}, which throws most of them together`,
          becomes: String(most),
          repair: { text: String(most), title: `write ${String(most)}`, applicability: 'unsafe' },
        },
      };
    },
    print: String,
  };
}

/** A plain number is an address too, `33` is 0.0.0.33. (inet_aton) */
function parseAddress4(text: string): number | undefined {
  const number = leadingNumber(text, 0, ALL_ONES_4);
  if (number?.rest === '') return number.value;
  return text.includes('.') ? parseIp4(text)?.address : undefined;
}

const count = (option: string): ValueType<number> => wholeNumber('number of connections', 0, MOST, { extension: 'connlimit', option });

const options = {
  'connlimit-upto': value(count('connlimit-upto'), { invertible: true }),
  'connlimit-above': value(count('connlimit-above'), { invertible: true }),
  'connlimit-mask': value(prefixOrMask('connlimit-mask')),
  'connlimit-saddr': flag(),
  'connlimit-daddr': flag(),
};

/** What one `-m connlimit` asks. */
export interface ConnectionCount {
  /** Matches above `count` connections, or up to it. */
  readonly above: boolean;
  readonly count: number;
  /** Prefix length that hosts are grouped by: 0 all together, 32 or 128 each by itself. */
  readonly prefix: number;
  readonly side: 'saddr' | 'daddr';
}

/** What the options of a connlimit amount to; `!` turns above and up to round. */
export function connectionCount(given: GivenOf<typeof options>, family: Family): ConnectionCount {
  const above = given['connlimit-above'];
  const upto = given['connlimit-upto'];
  const side = given['connlimit-daddr'] === undefined ? 'saddr' : 'daddr';
  const prefix = given['connlimit-mask']?.value ?? (family === 'ip' ? 32 : 128);
  if (above !== undefined) return { above: !above.negated, count: above.value, prefix, side };
  return { above: upto?.negated ?? false, count: upto?.value ?? 0, prefix, side };
}

/** `ip saddr`, or `ip saddr & 255.255.255.0`: an address cut to a prefix. */
export function addressKey(family: Family, side: 'saddr' | 'daddr', prefix: number): Expr {
  const field = payload(family, side);
  if (prefix === (family === 'ip' ? 32 : 128)) return field;
  return binary(field, '&', symbol(family === 'ip' ? formatIp4(maskOf4(prefix)) : formatIp6(maskOf6(prefix) & ALL_ONES_6)));
}

export default defineMatch({
  name: 'connlimit',
  summary: 'how many connections a host or network has open',
  families: ['ip', 'ip6'],
  options,
  stateful: true,
  constraints: [
    { kind: 'excludes', option: 'connlimit-upto', others: ['connlimit-above'] },
    { kind: 'excludes', option: 'connlimit-saddr', others: ['connlimit-daddr'] },
    {
      kind: 'atLeastOne',
      of: ['connlimit-above', 'connlimit-upto'],
      says: 'You must specify "--connlimit-above" or "--connlimit-upto".',
    },
  ],
  print: (given, family) => {
    const { above, count: limit, prefix, side } = connectionCount(given, family);
    return [above ? '--connlimit-above' : '--connlimit-upto', String(limit), '--connlimit-mask', String(prefix), `--connlimit-${side}`];
  },
  toNft: (given, { family, freeName, firstPacketsOnly }) => {
    const { above, count: limit, prefix, side } = connectionCount(given, family);
    const counting = { kind: 'ctCount', over: above, count: limit } as const;
    // One list for all: no set is needed.
    if (prefix === 0) return countedWith([counting], [], firstPacketsOnly);
    const set = freeName('connlimit');
    // With a timeout, or a longer gc-interval, the kernel refuses `ct count` (EOPNOTSUPP, EINVAL).
    const declared: NamedSet = { kind: 'set', name: set, type: [family === 'ip' ? 'ipv4_addr' : 'ipv6_addr'], flags: ['dynamic'] };
    return countedWith(
      [{ kind: 'setUpdate', operation: 'add', set, key: addressKey(family, side, prefix), statements: [counting] }],
      [declared],
      firstPacketsOnly,
    );
  },
});

/**
 * Both count with the same code. But a connection that is open already is not looked up again: xt_connlimit takes the count as it was after the last new
 * one, a refused connection included, and a set of nft cleans its lists every second. (kernel: net/netfilter/nf_conncount.c, __nf_conncount_add, -EEXIST;
 * measured on 6.18.44. Older kernels clean the list at each packet, in both.)
 */
function countedWith(items: readonly Statement[], sets: readonly NamedSet[], firstPacketsOnly: true | undefined): Lowering {
  if (firstPacketsOnly === true) return exact(items, { sets });
  const differs =
    'a connection that was refused is counted until the next new one in iptables, for a second at most in nft; till then they judge packets of open connections differently (`-p tcp --syn`, or `-p tcp` and `--ctstate NEW`, is exact)';
  return { kind: 'approximate', items, sets, differs };
}
