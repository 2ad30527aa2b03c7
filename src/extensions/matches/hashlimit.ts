/** `-m hashlimit`: a token bucket for each source, destination, port, or mixture of them. */

import { parseIp4, parseIp6, prefixLength } from '../../net/address.js';
import { concatenation, match, meta, payload, setOf, symbol } from '../../nft/build.js';
import type { Expr, Limit, NamedSet, Statement } from '../../nft/ir.js';
import {
  defineMatch,
  exact,
  flag,
  unsupported,
  value,
  type Family,
  type GivenOf,
  type LoweredItem,
  type Lowering,
  type NftContext,
  type Target,
  type ValueResult,
  type ValueType,
} from '../define.js';
import { leadingNumber, wholeNumber } from '../values/number.js';
import {
  bytesPerSecond,
  hashlimitBucket,
  hashlimitCredits,
  hashlimitRate,
  limitPer,
  packetLimit,
  printByteRate,
  printBytes,
  printPacketRate,
  rateRemark,
  type PacketRate,
  type Rate,
} from '../values/rate.js';
import { addressKey } from './connlimit.js';

const MOST = 0xffffffff;
const DEFAULT_BURST = 5;
/** Most packets in a burst. (iptables 1.8.9: extensions/libxt_hashlimit.c, XT_HASHLIMIT_BURST_MAX) */
const MOST_BURST = 1_000_000;
/** Most buckets and entries; the kernel takes it for more. (net/netfilter/xt_hashlimit.c, HASHLIMIT_MAX_SIZE) */
const MOST_SIZE = 1_048_576;
/** After how many milliseconds without a packet a client is forgotten when it is not said: byte rates without and with a burst. */
const BYTE_EXPIRE = 15_000;
const BYTE_EXPIRE_BURST = 60_000;
const GC_INTERVAL = 1000;

const MODES = ['srcip', 'srcport', 'dstip', 'dstport'] as const;
type Mode = (typeof MODES)[number];

const modes: ValueType<readonly Mode[]> = {
  name: 'list of srcip, srcport, dstip, dstport',
  read: (text): ValueResult<readonly Mode[]> => {
    const given = text.split(/[,|]/).filter((part) => part !== '');
    const wrong = given.find((part) => !(MODES as readonly string[]).includes(part));
    if (wrong === undefined) return { kind: 'read', value: MODES.filter((mode) => given.includes(mode)) };
    const guess = ({ src: 'srcip', dst: 'dstip', sport: 'srcport', dport: 'dstport', saddr: 'srcip', daddr: 'dstip' } as const)[wrong.trim()];
    return {
      kind: 'refused',
      by: 'iptables',
      message: `\`${wrong}\` is no mode; they are srcip, srcport, dstip and dstport, between commas`,
      says: `hashlimit: Bad value for "--hashlimit-mode" option: "${text}"`,
      ...(guess === undefined ? {} : { do: `did you mean \`${guess}\`?` }),
    };
  },
  print: (value) => value.join(','),
};

/** A number of packets, or of bytes with `k` or `m`; what stands behind is not looked at. (libxt_hashlimit.c, parse_burst) */
const burst: ValueType<number> = {
  name: 'burst',
  read: (text): ValueResult<number> => {
    const number = leadingNumber(text, 1, Number.MAX_SAFE_INTEGER);
    if (number === undefined || (number.rest === '' && number.value > MOST_BURST))
      return {
        kind: 'refused',
        by: 'iptables',
        check: 'rate-out-of-range',
        message: `\`${text}\` is no burst of 1 to ${String(MOST_BURST)} packets, nor a number of bytes such as \`100kb\``,
        says: `bad value for option "--hashlimit-burst", or out of range (1-${String(MOST_BURST)}).`,
      };
    const factor = number.rest.startsWith('m') ? 1_048_576 : number.rest.startsWith('k') ? 1024 : 1;
    const value = number.value * factor;
    if (/^(?:[km]?b?)$/.test(number.rest)) return { kind: 'read', value };
    return {
      kind: 'read',
      value,
      changed: {
        check: 'rate-unit-ignored',
        message: `\`${number.rest}\` is no unit: iptables takes \`${text}\` for ${String(value)}`,
        becomes: String(value),
      },
    };
  },
  print: String,
};

/** A prefix length or a mask; the kernel refuses what is too long for the family. */
function prefix(option: string): ValueType<number> {
  return {
    name: 'prefix length',
    read: (text, { family }): ValueResult<number> => {
      const most = family === 'ip' ? 32 : 128;
      const number = leadingNumber(text, 0, family === 'ip' ? MOST : most);
      if (number?.rest === '' && number.value <= most) return { kind: 'read', value: number.value };
      const mask = family === 'ip' ? (text.includes('.') ? parseIp4(text)?.address : undefined) : parseIp6(text);
      const length = mask === undefined ? undefined : prefixLength(mask);
      if (length !== undefined) return { kind: 'read', value: length };
      const byKernel = mask !== undefined || number?.rest === '';
      return {
        kind: 'refused',
        by: byKernel ? 'kernel' : 'iptables',
        check: 'invalid-address-or-mask',
        message: `\`${text}\` is no prefix length of 0 to ${String(most)}`,
        ...(byKernel
          ? {}
          : { says: `hashlimit: bad value for option "--${option}", neither a valid network mask nor valid CIDR (0-${String(most)}).` }),
      };
    },
    print: String,
  };
}

/** A file name in /proc/net/ipt_hashlimit; at most 255 bytes. (kernel: net/netfilter/x_tables.c, xt_check_proc_name) */
const tableName: ValueType<string> = {
  name: 'name',
  read: (text): ValueResult<string> => {
    if (text === '')
      return { kind: 'refused', by: 'iptables', message: 'the name is empty', says: 'Argument must have a minimum length of 1 characters' };
    if (text.includes('/') || text === '.' || text === '..')
      return {
        kind: 'refused',
        by: 'kernel',
        message: `\`${text}\` cannot be a name: it is a file in /proc/net/ipt_hashlimit, so it has no \`/\` and is not \`.\` or \`..\``,
      };
    return { kind: 'read', value: text };
  },
  print: (value) => value,
};

/** Whole seconds, decimal; what stands behind is not looked at. */
const interval: ValueType<number> = {
  name: 'seconds',
  read: (text): ValueResult<number> => {
    const found = /^[ \t\n\v\f\r]*\+?(\d+)/.exec(text);
    const seconds = Number(found?.[1] ?? 0);
    if (seconds >= 1 && seconds <= MOST && !/^\s*\+?0[xX]/.test(text)) return { kind: 'read', value: seconds };
    return {
      kind: 'refused',
      by: 'iptables',
      message: `\`${text}\` is no number of seconds of 1 to ${String(MOST)}`,
      says: `hashlimit: Bad value for "--hashlimit-rate-interval" option: "${text}"`,
    };
  },
  print: String,
};

const number = (option: string): ValueType<number> => wholeNumber('number', 0, MOST, { extension: 'hashlimit', option });

const options = {
  'hashlimit-upto': value(hashlimitRate('hashlimit-upto'), { invertible: true, aliases: ['hashlimit'] }),
  'hashlimit-above': value(hashlimitRate('hashlimit-above'), { invertible: true }),
  'hashlimit-burst': value(burst),
  'hashlimit-mode': value(modes),
  'hashlimit-name': value(tableName),
  'hashlimit-htable-size': value(number('hashlimit-htable-size')),
  'hashlimit-htable-max': value(number('hashlimit-htable-max')),
  'hashlimit-htable-gcinterval': value(number('hashlimit-htable-gcinterval')),
  'hashlimit-htable-expire': value(number('hashlimit-htable-expire')),
  'hashlimit-srcmask': value(prefix('hashlimit-srcmask')),
  'hashlimit-dstmask': value(prefix('hashlimit-dstmask')),
  'hashlimit-rate-match': flag(),
  'hashlimit-rate-interval': value(interval),
};

type HashlimitGiven = GivenOf<typeof options>;

/** What the options of a hashlimit amount to. */
export interface Hashlimit {
  readonly name: string;
  /** Matches above the rate, or up to it. */
  readonly above: boolean;
  readonly rate: Rate;
  /** Packets at once, as written, or 5; for byte rates: how many seconds' worth may come at once on top of the first. */
  readonly burst: number;
  readonly modes: readonly Mode[];
  /** Prefix lengths. */
  readonly sourcePrefix: number;
  readonly destinationPrefix: number;
  /** Milliseconds without a packet after which a client is forgotten. */
  readonly expire: number;
  /** Milliseconds between looks for forgotten clients. */
  readonly gcInterval: number;
  readonly size: number;
  readonly max: number;
  /** `--hashlimit-rate-match`: packets counted in intervals of so many seconds. The rate is then a number for each interval. */
  readonly interval: number | undefined;
}

/** What the options of a hashlimit amount to, defaults filled in. Undefined when a necessary one is missing. */
export function readHashlimit(given: HashlimitGiven, family: Family): Hashlimit | undefined {
  const above = given['hashlimit-above'];
  const limit = above ?? given['hashlimit-upto'];
  if (limit === undefined) return undefined;
  const rateMatch = given['hashlimit-rate-match'] !== undefined;
  const written = limit.value;
  const unit = written.kind === 'packets' ? written.unit : 1;
  // With --hashlimit-rate-match the rate is kept for the interval, and iptables-save prints it as so many a second.
  const rate: Rate = written.kind === 'packets' && rateMatch ? { ...written, period: Math.floor(written.period / unit) } : written;
  const most = family === 'ip' ? 32 : 128;
  return {
    name: given['hashlimit-name']?.value ?? '',
    above: (above !== undefined) !== limit.negated,
    rate,
    burst: burstOf(given, rate),
    modes: given['hashlimit-mode']?.value ?? [],
    sourcePrefix: given['hashlimit-srcmask']?.value ?? most,
    destinationPrefix: given['hashlimit-dstmask']?.value ?? most,
    expire: given['hashlimit-htable-expire']?.value ?? defaultExpire(given, written),
    gcInterval: given['hashlimit-htable-gcinterval']?.value ?? GC_INTERVAL,
    size: Math.min(given['hashlimit-htable-size']?.value ?? 0, MOST_SIZE),
    max: Math.min(given['hashlimit-htable-max']?.value ?? 0, MOST_SIZE),
    interval: rateMatch ? (given['hashlimit-rate-interval']?.value ?? unit) : undefined,
  };
}

function burstOf(given: HashlimitGiven, rate: Rate): number {
  const written = given['hashlimit-burst']?.value;
  if (rate.kind === 'packets') return written ?? DEFAULT_BURST;
  const second = bytesPerSecond(rate);
  return written === undefined || second === 0 ? 0 : Math.ceil(written / second);
}

function defaultExpire(given: HashlimitGiven, written: Rate): number {
  if (written.kind === 'packets') return written.unit * 1000;
  return given['hashlimit-burst'] === undefined ? BYTE_EXPIRE : BYTE_EXPIRE_BURST;
}

/** The milliseconds iptables-save takes for granted, from the rate as it prints it. */
function printedExpire({ rate, burst: seconds }: Hashlimit): number {
  if (rate.kind === 'bytes') return seconds === 0 ? BYTE_EXPIRE : BYTE_EXPIRE_BURST;
  const unit = /\/(\w+)$/.exec(printPacketRate(rate))?.[1] ?? 'sec';
  return ({ sec: 1, min: 60, hour: 3600, day: 86_400 }[unit] ?? 1) * 1000;
}

function print(given: HashlimitGiven, family: Family): readonly string[] {
  const limit = readHashlimit(given, family);
  if (limit === undefined) return [];
  const { rate } = limit;
  const words: string[] = [limit.above ? '--hashlimit-above' : '--hashlimit-upto'];
  if (rate.kind === 'bytes') {
    words.push(printByteRate(rate));
    if (limit.burst > 0) words.push('--hashlimit-burst', printBytes(bytesPerSecond(rate) * limit.burst));
  } else words.push(printPacketRate(rate), '--hashlimit-burst', String(limit.burst));
  if (limit.modes.length > 0) words.push('--hashlimit-mode', limit.modes.join(','));
  words.push('--hashlimit-name', limit.name);
  if (limit.size !== 0) words.push('--hashlimit-htable-size', String(limit.size));
  if (limit.max !== 0) words.push('--hashlimit-htable-max', String(limit.max));
  if (limit.gcInterval !== GC_INTERVAL) words.push('--hashlimit-htable-gcinterval', String(limit.gcInterval));
  if (limit.expire !== printedExpire(limit)) words.push('--hashlimit-htable-expire', String(limit.expire));
  const most = family === 'ip' ? 32 : 128;
  if (limit.sourcePrefix !== most) words.push('--hashlimit-srcmask', String(limit.sourcePrefix));
  if (limit.destinationPrefix !== most) words.push('--hashlimit-dstmask', String(limit.destinationPrefix));
  if (limit.interval !== undefined) {
    words.push('--hashlimit-rate-match');
    if (limit.interval !== 1) words.push('--hashlimit-rate-interval', String(limit.interval));
  }
  return words;
}

/** The packets a rate-matching hashlimit lets through in an interval after which it was quiet: rate and burst. */
export function perInterval(rate: PacketRate): number {
  return Math.floor(rate.scale / rate.period);
}

/** The bucket of a hashlimit in packets: the kernel's numbers wrap round, whatever loaded the rule. */
export function bucketOfHashlimit(limit: Hashlimit, target: Target = {}): { readonly refused: boolean; readonly burst: number } {
  if (limit.rate.kind === 'bytes' || limit.interval !== undefined) return { refused: false, burst: limit.burst };
  return hashlimitBucket(limit.rate, limit.burst, target.hz);
}

/** Protocols whose header begins with two ports, or whose first four bytes the kernel takes for ports. (include/linux/netfilter: proto_ports_offset) */
const PORT_PROTOCOLS: readonly (readonly [number, string])[] = [
  [6, 'tcp'],
  [17, 'udp'],
  [33, 'dccp'],
  [50, 'esp'],
  [132, 'sctp'],
  [136, 'udplite'],
];
const AH = 51;

/** Where `NftContext.shared` has the settings of the first rule with a `--hashlimit-name`. */
export function firstHashlimitKey(name: string): string {
  return `hashlimit-first ${name}`;
}

/** The sets of an nft table that hashlimits of one name share. */
interface SharedTable {
  readonly set: string | undefined;
  readonly withoutPorts: string | undefined;
}

function lower(given: HashlimitGiven, context: NftContext): Lowering {
  const own = readHashlimit(given, context.family);
  if (own === undefined) return unsupported('no rate is given');
  const key = `hashlimit ${own.name}`;
  const differs: string[] = [];
  // Rules of one name share one table, and the rate, burst, mode and expiry of the first of them; only above or upto is each one's own.
  const first = context.shared?.get(firstHashlimitKey(own.name)) as Hashlimit | undefined;
  const alike = first === undefined || first.rate.kind === own.rate.kind;
  const before = alike ? (context.shared?.get(key) as SharedTable | undefined) : undefined;
  if (!alike)
    differs.push(
      `it shares the table of --hashlimit-name ${own.name} with rules that count the other way (packets, bytes) in iptables; here it counts by itself`,
    );
  const shared = alike ? (first ?? own) : own;
  const capacity = capacityOf(shared);
  // A set that is full ends the rule: with "below" in it, clients that find no room count as above the rate.
  const limit = capacity === undefined ? shared : { ...shared, above: false };
  if (capacity !== undefined)
    differs.push(
      `with ${String(capacity)} clients in the table iptables drops the packets of others; in nft they count as above the rate, and those forgotten make room up to a second later`,
    );
  const turned = limit.above !== own.above;
  const { statement, remarks } = nftLimit(limit, context.target);
  differs.push(...remarks, ...expiryRemarks(limit));
  const portModes = limit.modes.some((mode) => mode === 'srcport' || mode === 'dstport');
  const protocol = context.protocolNegated === true ? undefined : context.protocol;
  if (portModes && protocol === AH) return unsupported('hashlimit takes half of the SPI of AH for a port, which nft cannot use as a key');
  const hasPorts = !portModes || (protocol !== undefined && PORT_PROTOCOLS.some(([found]) => found === protocol));
  const lacksPorts = portModes && protocol !== undefined && !hasPorts;
  const sets: NamedSet[] = [];
  const names = { set: before?.set, withoutPorts: before?.withoutPorts };
  const needed = (which: 'set' | 'withoutPorts', ports: boolean): readonly Statement[] => {
    const parts = keyParts(limit, context.family, ports);
    if (parts.length === 0 && forgetsInTime(limit) && first === undefined) return [statement];
    const known = names[which];
    const set = known ?? context.freeName(which === 'set' ? own.name : `${own.name}_other`);
    names[which] = set;
    // One bucket for all that starts anew after a pause: every packet has the same key.
    const used = parts.length === 0 ? [{ expr: meta('protocol'), type: 'ether_type' }] : parts;
    if (known === undefined)
      sets.push({
        kind: 'set',
        name: set,
        type: used.map((part) => part.type),
        flags: ['dynamic', 'timeout'],
        timeout: limit.expire,
        ...(capacity === undefined ? {} : { size: capacity }),
      });
    return [{ kind: 'setUpdate', operation: 'update', set, key: concatenation(used.map((part) => part.expr)), statements: [statement] }];
  };
  let alternatives: readonly (readonly Statement[])[];
  if (hasPorts) alternatives = [needed('set', true)];
  else if (lacksPorts) alternatives = [needed('withoutPorts', false)];
  else {
    const protocols = setOf(PORT_PROTOCOLS.map(([, name]) => symbol(name)));
    alternatives = [
      [match(meta('l4proto'), protocols), ...needed('set', true)],
      [match(meta('l4proto'), protocols, true), ...needed('withoutPorts', false)],
    ];
    differs.push('packets of protocols without ports are counted apart; hashlimit takes their ports for 0, and half of the SPI of AH for one');
  }
  if (alike) context.shared?.set(key, names satisfies SharedTable);
  const [only, ...more] = alternatives;
  const items: readonly LoweredItem[] = turned
    ? [{ kind: 'unless', alternatives }]
    : only !== undefined && more.length === 0
      ? only
      : [{ kind: 'anyOf', alternatives }];
  return differs.length === 0 ? exact(items, { sets }) : { kind: 'approximate', items, sets, differs: differs.join('; ') };
}

function keyParts(limit: Hashlimit, family: Family, ports: boolean): readonly { readonly expr: Expr; readonly type: string }[] {
  const address = family === 'ip' ? 'ipv4_addr' : 'ipv6_addr';
  const parts: { readonly expr: Expr; readonly type: string }[] = [];
  for (const mode of limit.modes) {
    if (mode === 'srcip') parts.push({ expr: addressKey(family, 'saddr', limit.sourcePrefix), type: address });
    else if (mode === 'dstip') parts.push({ expr: addressKey(family, 'daddr', limit.destinationPrefix), type: address });
    else if (ports) parts.push({ expr: payload('th', mode === 'srcport' ? 'sport' : 'dport'), type: 'inet_service' });
  }
  return parts;
}

/** Clients a set of nft holds when nothing is said. (kernel: net/netfilter/nft_dynset.c, nft_dynset_init) */
const USUAL_CAPACITY = 65_535;

/**
 * How many clients the table holds; undefined when a set of nft holds as many by itself, or the memory of the machine decides.
 * (kernel: net/netfilter/xt_hashlimit.c, htable_create: at least as many as buckets, 8 for each by default)
 */
function capacityOf({ size, max }: Hashlimit): number | undefined {
  if (size === 0) return max > USUAL_CAPACITY ? max : undefined;
  // A set with a size has its memory from the start: what nobody asked for in so many words is not written out.
  if (max === 0) return 8 * size > USUAL_CAPACITY ? undefined : 8 * size;
  return Math.max(max, size);
}

/** Whether a client that is forgotten would have a full bucket anyway. */
function forgetsInTime(limit: Hashlimit): boolean {
  if (limit.interval !== undefined) return limit.expire >= 2 * limit.interval * 1000;
  if (limit.rate.kind === 'bytes') return limit.burst === 0 && limit.expire >= 1000;
  return limit.expire >= (limit.burst * limit.rate.period * 1000) / limit.rate.scale;
}

function expiryRemarks(limit: Hashlimit): readonly string[] {
  if (forgetsInTime(limit) || (limit.rate.kind === 'bytes' && limit.burst > 0)) return [];
  return [
    `after ${String(limit.expire / 1000)} s without a packet a client starts with a full burst again, in nft at once, in iptables at the next look at the table (every ${String(limit.gcInterval / 1000)} s)`,
  ];
}

/** The rate as nft's limit, and what is different about it. */
function nftLimit(limit: Hashlimit, target: Target): { readonly statement: Limit; readonly remarks: readonly string[] } {
  const { rate, above } = limit;
  if (rate.kind === 'packets') {
    if (limit.interval === undefined) {
      const remark = rateRemark(rate, hashlimitCredits(rate, limit.burst, target.hz), target.hz);
      return { statement: packetLimit(rate, bucketOfHashlimit(limit, target).burst, above), remarks: remark === undefined ? [] : [remark] };
    }
    const count = perInterval(rate);
    return {
      statement: limitPer(count, limit.interval, count + limit.burst, above),
      remarks: [
        `--hashlimit-rate-match counts in intervals of ${String(limit.interval)} s: at most ${String(count + limit.burst)} packets in one, and none after one with more than ${String(count)}; nft lets ${String(count + limit.burst)} through at once and ${String(count)} every ${String(limit.interval)} s from then on, however many come`,
      ],
    };
  }
  const bytes = bytesPerSecond(rate);
  const rounding =
    'hashlimit counts a packet as length/16 rounded down plus one, times 16; nft counts every byte and lets up to 16 bytes a packet more through';
  if (limit.interval !== undefined) {
    const burstBytes = limit.burst === 0 ? bytes : limit.burst * bytes;
    return {
      statement: { kind: 'limit', over: above, rate: Math.max(1, bytes), per: 'second', unit: 'bytes', burst: burstBytes },
      remarks: [
        `--hashlimit-rate-match counts in intervals of ${String(limit.interval)} s, and lets nothing through after one above the rate; nft lets the rate through all the time`,
      ],
    };
  }
  // Less than 16 bytes a second: every packet costs all there is, which is there again a second later.
  if (bytes === 0) return { statement: { kind: 'limit', over: above, rate: 1, per: 'second', unit: 'packets', burst: 1 }, remarks: [] };
  const remarks = [rounding];
  if (bytes < 1500) remarks.push(`of packets longer than ${String(bytes)} bytes hashlimit lets one a second through, nft none`);
  if (limit.burst > 0)
    remarks.push(
      `a burst is there once, until a client is forgotten (${String(limit.expire / 1000)} s without a packet); nft fills it up again at the rate, so that up to ${String(limit.burst * bytes)} bytes more get through after a pause`,
    );
  return { statement: { kind: 'limit', over: above, rate: bytes, per: 'second', unit: 'bytes', burst: limit.burst * bytes }, remarks };
}

export default defineMatch({
  name: 'hashlimit',
  summary: 'a rate for each source, destination, port or mixture of them',
  families: ['ip', 'ip6'],
  options,
  stateful: true,
  constraints: [
    { kind: 'excludes', option: 'hashlimit-upto', others: ['hashlimit-above'] },
    { kind: 'atLeastOne', of: ['hashlimit-upto', 'hashlimit-above'], says: 'You have to specify --hashlimit' },
    { kind: 'atLeastOne', of: ['hashlimit-name'], says: 'hashlimit: option "--hashlimit-name" must be specified' },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => {
        const rate = (given['hashlimit-above'] ?? given['hashlimit-upto'])?.value;
        return rate?.kind === 'packets' && (given['hashlimit-burst']?.value ?? 0) > MOST_BURST;
      },
      at: 'hashlimit-burst',
      check: 'rate-out-of-range',
      message: `a burst has at most ${String(MOST_BURST)} packets`,
      says: `bad value for option "--hashlimit-burst", or out of range (1-${String(MOST_BURST)}).`,
    },
    {
      kind: 'refuses',
      by: 'iptables',
      when: (given) => {
        const rate = (given['hashlimit-above'] ?? given['hashlimit-upto'])?.value;
        const bytes = given['hashlimit-burst']?.value;
        return rate?.kind === 'bytes' && bytes !== undefined && bytes < bytesPerSecond(rate);
      },
      at: 'hashlimit-burst',
      check: 'rate-out-of-range',
      message: 'the burst of a byte rate is in bytes, and not less than one second of the rate',
      says: 'burst cannot be smaller than',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given) => given['hashlimit-htable-expire']?.value === 0 || given['hashlimit-htable-gcinterval']?.value === 0,
      check: 'invalid-value',
      message: '`--hashlimit-htable-expire` and `--hashlimit-htable-gcinterval` cannot be 0',
    },
    {
      kind: 'refuses',
      by: 'kernel',
      when: (given, { family, target }) => {
        const limit = readHashlimit(given, family);
        return limit !== undefined && bucketOfHashlimit(limit, target).refused;
      },
      check: 'rate-out-of-range',
      message: 'burst and rate are too much for the kernel: burst × time between packets may be about 134217 seconds',
      says: 'xt_hashlimit: overflow, try lower',
      do: 'lower the burst or raise the rate',
    },
  ],
  print,
  toNft: lower,
});
