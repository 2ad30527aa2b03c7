/** `-m recent`: lists of addresses with the times they were seen. */

import { ALL_ONES_4, ALL_ONES_6, formatIp4, formatIp6, maskOf4, maskOf6, parseIp6, prefixLength } from '../../net/address.js';
import { byteLength, cutToBytes } from '../../text/bytes.js';
import { compareVersions, defineMatch, flag, value, type Family, type GivenOf, type Target, type ValueResult, type ValueType } from '../define.js';
import { leadingNumber, wholeNumber } from '../values/number.js';

const MOST = 0xffffffff;
/** Bytes of a list's name. (kernel: include/uapi/linux/netfilter/xt_recent.h, XT_RECENT_NAME_LEN less the final 0) */
const MOST_NAME = 199;
/** What a rule without --name uses. */
export const DEFAULT_LIST = 'DEFAULT';

const listName: ValueType<string> = {
  name: 'name',
  read: (text): ValueResult<string> => {
    const name = cutToBytes(text, MOST_NAME);
    if (name === '' || name.includes('/') || name === '.' || name === '..')
      return {
        kind: 'refused',
        by: 'kernel',
        message: `\`${text}\` cannot name a list: it is a file in /proc/net/xt_recent, so it is not empty, has no \`/\`, and is not \`.\` or \`..\``,
      };
    if (byteLength(text) <= MOST_NAME) return { kind: 'read', value: name };
    return {
      kind: 'read',
      value: name,
      changed: {
        check: 'truncated-string',
        message: `a list's name has at most ${String(MOST_NAME)} bytes; iptables cuts off the rest, so that names which only differ there are one list`,
        becomes: name,
        repair: { text: name, title: 'write the name as iptables cuts it', applicability: 'safe' },
      },
    };
  },
  print: (name) => name,
};

/** Reads an IPv4 address the way getaddrinfo() does: one to four parts, the last of which fills the rest. (inet_aton) */
function addressOf(text: string): number | undefined {
  const parts = text.split('.');
  if (parts.length > 4) return undefined;
  let address = 0;
  for (const [index, part] of parts.entries()) {
    const last = index === parts.length - 1;
    const number = /^[+\s]/.test(part) ? undefined : leadingNumber(part, 0, last ? 256 ** (5 - parts.length) - 1 : 255);
    if (number?.rest !== '') return undefined;
    address += last ? number.value : number.value * 256 ** (3 - index);
  }
  return address;
}

function unsuitable(text: string, message: string, says: string, length: number | undefined, family: Family): ValueResult<never> {
  const mask = length === undefined ? undefined : family === 'ip' ? formatIp4(maskOf4(length)) : formatIp6(maskOf6(length));
  return {
    kind: 'refused',
    by: 'iptables',
    check: length === undefined ? 'invalid-address-or-mask' : 'recent-mask-is-prefix',
    message,
    says: `getaddrinfo: ${says}`,
    ...(mask === undefined ? {} : { repair: { text: mask, title: `write ${mask}`, applicability: 'safe' } }),
  };
}

/** An address all bits of which count; a prefix length is none. Unsigned 32 or 128 bits. (libxtables/xtoptions.c, xtopt_parse_host) */
const listMask: ValueType<number | bigint> = {
  name: 'mask',
  read: (text, { family }): ValueResult<number | bigint> => {
    const most = family === 'ip' ? 32 : 128;
    const asLength = /^\/?(\d{1,3})$/.exec(text)?.[1];
    const length = asLength !== undefined && Number(asLength) <= most ? Number(asLength) : undefined;
    if (family === 'ip6') {
      const mask = parseIp6(text);
      if (mask !== undefined) return readMask(text, mask, formatIp6(mask));
      return unsuitable(
        text,
        `\`${text}\` is no IPv6 mask; it is written like an address: \`ffff:ffff:ffff:ffff::\``,
        text.startsWith('/') ? 'Name or service not known' : 'Address family for hostname not supported',
        length,
        family,
      );
    }
    if (text.startsWith('/'))
      return unsuitable(
        text,
        `\`${text}\` is no mask; it is written like an address: \`255.255.255.0\``,
        'Name or service not known',
        length,
        family,
      );
    if (parseIp6(text) !== undefined)
      return unsuitable(text, `\`${text}\` is an IPv6 mask`, 'Address family for hostname not supported', undefined, family);
    const mask = addressOf(text);
    if (mask === undefined) return { kind: 'unresolved', what: `host name \`${text}\`` };
    const becomes = formatIp4(mask);
    if (length !== undefined && length > 0 && !text.startsWith('/')) {
      const meant = formatIp4(maskOf4(length));
      return {
        kind: 'read',
        value: mask,
        changed: {
          check: 'recent-mask-is-prefix',
          message: `\`--mask\` takes no prefix length: \`${text}\` is the mask ${becomes}, which throws nearly all addresses together`,
          becomes,
          repair: { text: meant, title: `write ${meant}`, applicability: 'unsafe' },
        },
      };
    }
    return readMask(text, mask, becomes);
  },
  print: (mask) => (typeof mask === 'number' ? formatIp4(mask) : formatIp6(mask)),
};

function readMask(text: string, mask: number | bigint, becomes: string): ValueResult<number | bigint> {
  const length = prefixLength(mask);
  if (length === undefined)
    return {
      kind: 'read',
      value: mask,
      changed: {
        check: 'noncontiguous-or-zero-mask',
        message: `the mask ${becomes} has holes: addresses that belong to different networks share an entry`,
        becomes,
      },
    };
  if (length === 0)
    return {
      kind: 'read',
      value: mask,
      changed: { check: 'noncontiguous-or-zero-mask', message: `with the mask ${becomes} all addresses are one entry of the list`, becomes },
    };
  return { kind: 'read', value: mask };
}

const unsigned = (name: string, least: number, option: string): ValueType<number> => wholeNumber(name, least, MOST, { extension: 'recent', option });

/** iptables up to 1.8.9 prints it as a signed number. */
const seconds: ValueType<number> = {
  ...unsigned('number of seconds', 1, 'seconds'),
  read: (text, context): ValueResult<number> => {
    const result = unsigned('number of seconds', 1, 'seconds').read(text, context);
    if (result.kind !== 'read' || result.value * 1000 < 2 ** 32) return result;
    // The kernel multiplies with its ticks a second, in 32 bits. (net/netfilter/xt_recent.c, recent_mt)
    const shortened = (hz: number): string => `${String(Math.round(((result.value * hz) % 2 ** 32) / hz))} s at ${String(hz)} Hz`;
    return {
      ...result,
      changed: {
        check: 'rate-out-of-range',
        message: `${text} seconds are too many for the 32 bits the kernel counts its ticks in: it makes ${shortened(250)}, ${shortened(1000)} of them`,
        becomes: text,
      },
    };
  },
  print: (given) => String(given | 0),
};

const options = {
  set: flag({ invertible: true }),
  rcheck: flag({ invertible: true }),
  update: flag({ invertible: true }),
  remove: flag({ invertible: true }),
  seconds: value(seconds),
  reap: flag(),
  hitcount: value(unsigned('number of hits', 0, 'hitcount')),
  rttl: flag(),
  name: value(listName),
  mask: value(listMask),
  rsource: flag(),
  rdest: flag(),
};

export type RecentGiven = GivenOf<typeof options>;

/** What one `-m recent` does and asks. */
export interface RecentUse {
  readonly operation: 'set' | 'rcheck' | 'update' | 'remove';
  readonly negated: boolean;
  /** Undefined: stamps never grow too old. */
  readonly seconds: number | undefined;
  /** How many stamps it wants; 1 when not given or 0. */
  readonly hits: number;
  /** Whether --hitcount was given and not 0: it decides how many stamps the list keeps. */
  readonly hitsGiven: boolean;
  readonly reap: boolean;
  readonly ttl: boolean;
  readonly list: string;
  readonly mask: number | bigint;
  readonly side: 'saddr' | 'daddr';
}

/** What the options of a `-m recent` amount to. Undefined without one of the four operations. */
export function readRecent(given: RecentGiven, family: Family): RecentUse | undefined {
  const operation = (['set', 'rcheck', 'update', 'remove'] as const).find((name) => given[name] !== undefined);
  if (operation === undefined) return undefined;
  const hits = given.hitcount?.value ?? 0;
  return {
    operation,
    negated: given[operation]?.negated ?? false,
    seconds: given.seconds?.value,
    hits: Math.max(1, hits),
    hitsGiven: hits > 0,
    reap: given.reap !== undefined,
    ttl: given.rttl !== undefined,
    list: given.name?.value ?? DEFAULT_LIST,
    mask: given.mask?.value ?? (family === 'ip' ? ALL_ONES_4 : ALL_ONES_6),
    // The one that stands last counts.
    side: (given.rdest?.word ?? -1) > (given.rsource?.word ?? -1) ? 'daddr' : 'saddr',
  };
}

/** The most `--hitcount` a kernel takes, and from which version on. */
export interface HitcountLimit {
  readonly most: number;
  /** First kernel release it holds for. */
  readonly since: string | undefined;
  /** The line of dmesg when it is exceeded. */
  readonly says: (hitcount: number) => string;
}

/**
 * The limits of all kernels, the oldest first. `packets`: the module parameter ip_pkt_list_tot, which counted up to 3.18 and was 20 unless set.
 * (kernel: net/netfilter/xt_recent.c, recent_mt_check; abc86d0f9924 in 3.19, f4ebd03496f6 in 6.11)
 */
export function hitcountLimits(packets = 20): readonly HitcountLimit[] {
  const larger =
    (most: number) =>
    (hitcount: number): string =>
      `xt_recent: hitcount (${String(hitcount)}) is larger than allowed maximum (${String(most)})`;
  return [
    {
      most: packets,
      since: undefined,
      says: (hitcount) => `xt_recent: hitcount (${String(hitcount)}) is larger than packets to be remembered (${String(packets)})`,
    },
    { most: 255, since: '3.19', says: larger(255) },
    { most: 65_535, since: '6.11', says: larger(65_535) },
  ];
}

/** The limit of the target's kernel; undefined when its version is not known. */
export function hitcountLimit(target: Target): HitcountLimit | undefined {
  const { kernel } = target;
  if (kernel === undefined) return undefined;
  return hitcountLimits(target.ipPktListTot).findLast((limit) => limit.since === undefined || compareVersions(kernel, limit.since) >= 0);
}

export default defineMatch({
  name: 'recent',
  summary: 'addresses seen lately: puts them on a list, asks for them, takes them off',
  families: ['ip', 'ip6'],
  options,
  stateful: true,
  constraints: [
    {
      kind: 'exactlyOne',
      of: ['set', 'rcheck', 'update', 'remove'],
      check: 'recent-bad-combination',
      says: "recent: you must specify one of `--set', `--rcheck' `--update' or `--remove'",
    },
    { kind: 'needs', option: 'reap', other: 'seconds', check: 'recent-bad-combination' },
    { kind: 'excludes', option: 'rttl', others: ['set', 'remove'], check: 'recent-bad-combination' },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given) => (given.set ?? given.remove) !== undefined && given.seconds !== undefined,
      at: 'seconds',
      check: 'recent-bad-combination',
      message: '`--seconds` goes with `--rcheck` and `--update`, not with `--set` or `--remove`',
      do: 'write it where the list is asked',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given) => (given.set ?? given.remove) !== undefined && (given.hitcount?.value ?? 0) > 0,
      at: 'hitcount',
      check: 'recent-bad-combination',
      message: '`--hitcount` goes with `--rcheck` and `--update`, not with `--set` or `--remove`',
      do: 'write it where the list is asked',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given) => (given.hitcount?.value ?? 0) > 65_535,
      at: 'hitcount',
      check: 'recent-hitcount-limit',
      message: 'no kernel counts more than 65535 hits',
      says: 'xt_recent: hitcount is larger than allowed maximum (65535)',
    },
  ],
  print: (given, family) => {
    const use = readRecent(given, family);
    if (use === undefined) return [];
    const words = [...(use.negated ? ['!'] : []), `--${use.operation}`];
    if (use.seconds !== undefined) words.push('--seconds', seconds.print(use.seconds, family));
    if (use.reap) words.push('--reap');
    if (use.hitsGiven) words.push('--hitcount', String(use.hits));
    if (use.ttl) words.push('--rttl');
    words.push('--name', use.list, '--mask', listMask.print(use.mask, family), use.side === 'saddr' ? '--rsource' : '--rdest');
    return words;
  },
  toNft: () => ({ kind: 'ruleset' }),
});
