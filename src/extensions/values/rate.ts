/** Rates of `-m limit` and `-m hashlimit`: how iptables reads and stores them, what the kernel makes of them, and what nft calls them. */

import type { Limit, TimeUnit } from '../../nft/ir.js';
import type { Changed, Refused, ValueResult, ValueType } from '../define.js';

/** Packets a time, as stored: the time between two packets, in 1/`scale` seconds, rounded down. */
export interface PacketRate {
  readonly kind: 'packets';
  readonly period: number;
  /** 10 000 for limit (XT_LIMIT_SCALE), 1 000 000 for hashlimit (XT_HASHLIMIT_SCALE_v2). */
  readonly scale: number;
  /** The unit it was written in, seconds: hashlimit forgets a client after as many, unless told otherwise. */
  readonly unit: number;
}

/** Bytes a second, as stored: the cost of 16 bytes as a share of 2^32 (hashlimit only). */
export interface ByteRate {
  readonly kind: 'bytes';
  readonly cost: number;
}

export type Rate = PacketRate | ByteRate;

/** Timer interrupts a second, when nothing is known about the kernel: what most distributions build with. */
export const USUAL_HZ = 250;

const UNITS: readonly { readonly saved: string; readonly unit: TimeUnit; readonly seconds: number }[] = [
  { saved: 'day', unit: 'day', seconds: 86_400 },
  { saved: 'hour', unit: 'hour', seconds: 3600 },
  { saved: 'min', unit: 'minute', seconds: 60 },
  { saved: 'sec', unit: 'second', seconds: 1 },
];

/** A rate in whole packets a unit, as iptables-save prints it and nft takes it. */
export interface RatePerUnit {
  readonly count: number;
  readonly saved: string;
  readonly unit: TimeUnit;
  /** Length of the unit in seconds. */
  readonly seconds: number;
}

/** The rate in the unit that loses least. (iptables 1.8.9: extensions/libxt_limit.c and libxt_hashlimit.c, print_rate) */
export function ratePerUnit({ period, scale }: Pick<PacketRate, 'period' | 'scale'>): RatePerUnit {
  let index = 1;
  for (; index < UNITS.length; index += 1) {
    const length = (UNITS[index]?.seconds ?? 1) * scale;
    if (period > length || Math.floor(length / period) < length % period) break;
  }
  const { saved, unit, seconds } = UNITS[index - 1] ?? { saved: 'sec', unit: 'second' as const, seconds: 1 };
  return { count: Math.floor((seconds * scale) / period), saved, unit, seconds };
}

/** Packets a second, as a fraction. */
export function packetsPerSecond(rate: PacketRate): number {
  return rate.scale / rate.period;
}

/** `3/min`, as iptables-save prints it. */
export function printPacketRate(rate: PacketRate): string {
  const { count, saved } = ratePerUnit(rate);
  return `${String(count)}/${saved}`;
}

/** A packet rate as nft's limit; the burst always written, because the default could be another one day. */
export function packetLimit(rate: PacketRate, burst: number, over = false): Limit {
  const { count, unit } = ratePerUnit(rate);
  return { kind: 'limit', over, rate: count, per: unit, unit: 'packets', burst };
}

/** What a text says before iptables computes with it. */
interface RateText {
  readonly count: bigint;
  /** Seconds. */
  readonly unit: number;
  /** What stands between the number and the `/`, or the end. */
  readonly junk: string;
  readonly unitWritten: boolean;
}

/** `undefined`: iptables sees no rate in it. */
function readRateText(text: string): RateText | undefined {
  const slash = text.indexOf('/');
  let unit = 1;
  if (slash !== -1) {
    const name = text.slice(slash + 1).toLowerCase();
    const found = [
      ['second', 1],
      ['minute', 60],
      ['hour', 3600],
      ['day', 86_400],
    ].find(([word]) => name !== '' && String(word).startsWith(name));
    if (found === undefined) return undefined;
    unit = Number(found[1]);
  }
  const number = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text);
  if (number?.[1] === undefined) return undefined;
  const end = slash === -1 ? text.length : slash;
  return { count: BigInt(number[1]), unit, junk: text.slice(number[0].length, end).trim(), unitWritten: slash !== -1 };
}

const clamp64 = (value: bigint): bigint =>
  value > 0x7fffffffffffffffn ? 0x7fffffffffffffffn : value < -0x8000000000000000n ? -0x8000000000000000n : value;

/** How a kind of rate is read. */
interface RateReading {
  readonly scale: number;
  /** Bits of the number iptables keeps: atoi() 32, atoll() 64. */
  readonly width: 32 | 64;
  /** The words of iptables when it sees no rate. */
  readonly bad: (text: string) => string;
  /** What to say about letters behind the number. */
  readonly junk: (rate: string, junk: string) => string;
}

function readPacketRate(text: string, reading: RateReading): ValueResult<PacketRate> {
  const { scale, width } = reading;
  const refuse = (message: string, says: string, check: string, more: Partial<Refused> = {}): Refused => ({
    kind: 'refused',
    by: 'iptables',
    check,
    message,
    says,
    ...more,
  });
  const read = readRateText(text);
  const count = read === undefined ? 0n : BigInt.asUintN(width, clamp64(read.count));
  if (read === undefined || count === 0n)
    return refuse(
      `\`${text}\` is no rate; it is a number and a unit: \`3/second\`, \`3/minute\`, \`3/hour\`, \`3/day\``,
      reading.bad(text),
      read === undefined ? 'invalid-value' : 'rate-out-of-range',
    );
  const period = Number((BigInt(scale) * BigInt(read.unit)) / count);
  if (period === 0) return refuse(`\`${text}\` is too fast: the most is ${String(scale)} a second`, `Rate too fast "${text}"`, 'rate-out-of-range');
  const value: PacketRate = { kind: 'packets', period, scale, unit: read.unit };
  const becomes = printPacketRate(value);
  const repair = (applicability: 'safe' | 'suggestion'): Changed['repair'] => ({ text: becomes, title: `write ${becomes}`, applicability });
  const changed = (check: string, message: string, applicability: 'safe' | 'suggestion' = 'safe'): ValueResult<PacketRate> => {
    const written = repair(applicability);
    return { kind: 'read', value, changed: { check, message, becomes, ...(written === undefined ? {} : { repair: written }) } };
  };
  if (read.junk !== '') return changed('rate-unit-ignored', reading.junk(becomes, read.junk), 'suggestion');
  if (count !== read.count)
    return changed('rate-out-of-range', `\`${text}\` does not fit into ${String(width)} bits: iptables takes it for ${becomes}`, 'suggestion');
  if (!read.unitWritten) return changed('rate-unit-ignored', `\`${text}\` has no unit: iptables takes it for ${becomes}`);
  const stored = scale / period;
  const wanted = Number(count) / read.unit;
  if (stored > wanted * 1.01)
    return changed(
      'rate-rounded',
      `iptables stores \`${text}\` as ${becomes}: it keeps the time between packets in whole ${scale === 10_000 ? '100 µs' : 'µs'}`,
    );
  return { kind: 'read', value };
}

/** `--limit`. At most 10 000 packets a second. (iptables 1.8.9: extensions/libxt_limit.c, parse_rate) */
export const limitRate: ValueType<PacketRate> = {
  name: 'rate',
  read: (text) =>
    readPacketRate(text, {
      scale: 10_000,
      width: 32,
      bad: (given) => `bad rate "${given}"'`,
      junk: (rate, junk) => `-m limit counts packets: \`${junk}\` is not looked at, and it is ${rate} that is meant`,
    }),
  print: printPacketRate,
};

/** Bytes a second a cost stands for. (iptables 1.8.9: extensions/libxt_hashlimit.c, cost_to_bytes) */
export function bytesPerSecond({ cost }: ByteRate): number {
  return (Math.floor(0xffffffff / cost) - 1) * 16;
}

function costOfBytes(bytes: number): number {
  return Math.floor(0xffffffff / ((Math.floor(bytes / 16) >>> 0) + 1));
}

const SIZES: readonly (readonly [string, number])[] = [
  ['m', 1_048_576],
  ['k', 1024],
];

/** print_bytes masks with 32 bits, so from 4 GB/s on it finds no unit that fits. */
const low32 = (bytes: number): number => bytes % 2 ** 32;

/** `512b/s`, `10kb/s`, as iptables-save prints it. (iptables 1.8.9: extensions/libxt_hashlimit.c, print_bytes) */
export function printByteRate(rate: ByteRate): string {
  const bytes = bytesPerSecond(rate);
  for (const [letter, size] of SIZES)
    if (bytes >= size && costOfBytes(low32(bytes) - (low32(bytes) % size)) === rate.cost) return `${String(Math.floor(bytes / size))}${letter}b/s`;
  return `${String(bytes)}b/s`;
}

/** A number of bytes with the unit iptables-save gives a burst: `150kb`. Rounded down to the unit, as there. */
export function printBytes(bytes: number): string {
  for (const [letter, size] of SIZES) if (bytes >= size) return `${String(Math.floor(bytes / size))}${letter}b`;
  return `${String(bytes)}b`;
}

function readByteRate(text: string): ValueResult<ByteRate> | undefined {
  const at = text.indexOf('b/s');
  if (at <= 0) return undefined;
  const number = /^[ \t\n\v\f\r]*([+-]?\d+)/.exec(text);
  const count = BigInt.asUintN(64, clamp64(BigInt(number?.[1] ?? '0')));
  if (number === null || count === 0n) return undefined;
  const letter = text.charAt(at - 1);
  const bytes = Number(count) * (letter === 'm' ? 1_048_576 : letter === 'k' ? 1024 : 1);
  const value: ByteRate = { kind: 'bytes', cost: costOfBytes(bytes) };
  // 16 bytes must cost at least one credit of the 2^23 * 250 a second brings. (kernel: net/netfilter/xt_hashlimit.c, user2credits_byte)
  if (value.cost <= 2)
    return {
      kind: 'refused',
      by: 'kernel',
      check: 'rate-out-of-range',
      message: `\`${text}\` is too fast: the kernel takes at most about 21 gigabytes a second`,
      says: `xt_hashlimit: overflow, rate too high: ${String(value.cost)}`,
    };
  const becomes = printByteRate(value);
  const stored = bytesPerSecond(value);
  const between = text.slice(number[0].length, at).trim();
  if (!['', 'k', 'm'].includes(between))
    return {
      kind: 'read',
      value,
      changed: {
        check: 'rate-unit-ignored',
        message: `\`${between}b\` is no unit iptables knows (b, kb, mb; kb is 1024 bytes): it takes \`${text}\` for ${String(bytes)} bytes a second`,
        becomes,
      },
    };
  if (stored === 0)
    return {
      kind: 'read',
      value,
      changed: {
        check: 'rate-out-of-range',
        message: `\`${text}\` is less than the 16 bytes a second hashlimit counts in: it becomes one packet a second, and iptables-save prints a 0 that cannot be loaded again`,
        becomes,
      },
    };
  if (Math.abs(stored - bytes) > bytes / 100)
    return {
      kind: 'read',
      value,
      changed: { check: 'rate-rounded', message: `iptables stores \`${text}\` as ${becomes}: it counts in steps of 16 bytes and rounds`, becomes },
    };
  return { kind: 'read', value };
}

/** `--hashlimit-upto` and `--hashlimit-above`: packets a time, at most 1 000 000 a second, or bytes a second. (iptables 1.8.9: extensions/libxt_hashlimit.c, parse_bytes and parse_rate) */
export function hashlimitRate(option: string): ValueType<Rate> {
  return {
    name: 'rate',
    read: (text): ValueResult<Rate> =>
      readByteRate(text) ??
      readPacketRate(text, {
        scale: 1_000_000,
        width: 64,
        bad: (given) => `hashlimit: Bad value for "--${option}" option: "${given}"`,
        junk: (rate, junk) => `\`${junk}\` is not looked at: iptables takes it for ${rate}, packets; bytes are written \`10kb/s\``,
      }),
    print: (rate) => (rate.kind === 'packets' ? printPacketRate(rate) : printByteRate(rate)),
  };
}

/** What the kernel makes of a packet rate and a burst. */
export interface Bucket {
  /** Refused when the rule is loaded: "Overflow, try lower". */
  readonly refused: boolean;
  /** Packets let through at once, in truth. */
  readonly burst: number;
  /** What was written; 0 for limit is refused. */
  readonly written: number;
}

/** The largest power of two not above `most`. */
function powerBelow(most: bigint): bigint {
  let power = 1n;
  while (power * 2n <= most) power *= 2n;
  return power;
}

/** A token bucket in the credits of the kernel. It starts full. */
export interface Credits {
  /** What comes in a tick. */
  readonly perTick: bigint;
  /** The most there can be. */
  readonly most: bigint;
  /** What a packet takes. */
  readonly cost: bigint;
}

/**
 * The bucket of xt_limit: it computes with 32 bits, so that burst × period beyond 2^32 / (HZ × credits per tick) seconds (134 217 at 250
 * and 1000 Hz) wraps round, and loses what is not a whole second when it is beyond 13.4 s.
 * (kernel: net/netfilter/xt_limit.c, user2credits and limit_mt_check)
 */
export function limitCredits(rate: Pick<PacketRate, 'period'>, burst: number, hz: number = USUAL_HZ): Credits {
  const mask = 0xffffffffn;
  const perTick = powerBelow(mask / BigInt(hz * 86_400));
  const perSecond = perTick * BigInt(hz);
  const credits = (user: bigint): bigint => (user > mask / perSecond ? ((user / 10_000n) * perSecond) & mask : (user * perSecond) / 10_000n);
  return { perTick, most: credits((BigInt(rate.period) * BigInt(burst)) & mask), cost: credits(BigInt(rate.period)) };
}

/** The bucket of xt_hashlimit, with 64 bits; the same border of about 134 217 s (at 250 and 1000 Hz). (kernel: net/netfilter/xt_hashlimit.c, user2credits, hashlimit_mt_check_common) */
export function hashlimitCredits(rate: Pick<PacketRate, 'period'>, burst: number, hz: number = USUAL_HZ): Credits {
  const mask = 0xffffffffffffffffn;
  const perTick = powerBelow(mask / BigInt(hz * 86_400));
  const credits = (user: bigint): bigint => (user * ((perTick * BigInt(hz)) / 1_000_000n)) & mask;
  return { perTick, most: credits(BigInt(rate.period) * BigInt(burst)), cost: credits(BigInt(rate.period)) };
}

function bucketOf({ most, cost }: Credits, burst: number): Bucket {
  return { refused: burst === 0 || most < cost, burst: cost === 0n ? 0 : Number(most / cost), written: burst };
}

/** What xt_limit makes of a rate and a burst. */
export function limitBucket(rate: Pick<PacketRate, 'period'>, burst: number, hz: number = USUAL_HZ): Bucket {
  return bucketOf(limitCredits(rate, burst, hz), burst);
}

/** What xt_hashlimit makes of a rate and a burst. */
export function hashlimitBucket(rate: Pick<PacketRate, 'period'>, burst: number, hz: number = USUAL_HZ): Bucket {
  return bucketOf(hashlimitCredits(rate, burst, hz), burst);
}

/** The share of packets from which on iptables and nft are said to let different numbers through. */
const NOTABLE_SHARE = 0.002;

/** Packets a second of a flood that a bucket lets through: what does not fit into a full one is lost. */
function passedOfFlood({ perTick, most, cost }: Credits, hz: number): number {
  const wholly = (Number(perTick) * hz) / Number(cost);
  if (most >= cost + perTick) return wholly;
  return cost < perTick ? Math.min(wholly, Number(most / cost) * hz) : hz / Number((cost + perTick - 1n) / perTick);
}

/**
 * Tokens come once a tick in xt_limit and xt_hashlimit, all the time in nft, and the kernel rounds what a packet takes. From two ticks between packets
 * downwards the ticks decide about single packets of a flood often enough to be said; so does a number of packets that is not the one nft counts. Undefined
 * when it does not matter.
 */
export function rateRemark(rate: PacketRate, credits: Credits, hz: number = USUAL_HZ): string | undefined {
  const { count, unit, seconds } = ratePerUnit(rate);
  const inIptables = passedOfFlood(credits, hz) * seconds;
  const isAsMany = Math.abs(inIptables / count - 1) <= NOTABLE_SHARE;
  const numbers = `of a flood ${String(Number(inIptables.toPrecision(4)))} packets per ${unit} get through in iptables, ${String(count)} in nft`;
  const tick = `${String(1000 / hz)} ms at ${String(hz)} Hz`;
  if (packetsPerSecond(rate) * 2 >= hz)
    return `tokens come once a timer tick in iptables (${tick}) and all the time in nft: ${isAsMany ? 'as many packets get through, but not always the same ones of a flood' : `${numbers}, and not always the same ones`}`;
  return isAsMany ? undefined : `iptables counts in timer ticks (${tick}) and rounds the time between two packets: ${numbers}`;
}

const NFT_UNITS: readonly { readonly unit: TimeUnit; readonly seconds: number }[] = [
  { unit: 'second', seconds: 1 },
  { unit: 'minute', seconds: 60 },
  { unit: 'hour', seconds: 3600 },
  { unit: 'day', seconds: 86_400 },
  { unit: 'week', seconds: 604_800 },
];

/**
 * `count` packets in `seconds` seconds as nft's limit, which knows whole numbers in second, minute, hour, day and week: in the smallest unit that
 * holds it exactly, else the fraction rounded down in weeks (never to 0).
 */
export function limitPer(count: number, seconds: number, burst: number, over = false): Limit {
  const found = NFT_UNITS.find((unit) => Number.isInteger((count * unit.seconds) / seconds));
  const rate = found === undefined ? Math.max(1, Math.floor((count * 604_800) / seconds)) : (count * found.seconds) / seconds;
  return { kind: 'limit', over, rate, per: found?.unit ?? 'week', unit: 'packets', burst };
}
