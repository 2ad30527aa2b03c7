/** Sends packets through rulesets on the running kernel (test/packets/sender.py) and compares what became of them. */
import { accessSync, constants } from 'node:fs';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { describeWhen, kernelAvailable, missingProgram, runPython } from './kernel.js';
import type { Availability } from './kernel.js';

/** The way a packet takes: to this machine, through it, from it, or over its loopback interface. */
export type Path = 'in' | 'fwd' | 'out' | 'lo';

/** A packet to send. What is not given has the value in brackets. Addresses decide about IPv4 or IPv6. */
export interface Packet {
  readonly src: string;
  readonly dst: string;
  /** Its way [`in`]. Any unicast destination can be tried on any way, except that the interfaces' own addresses are not forwarded to. */
  readonly path?: Path;
  /** The interface it comes in on [`eth0`]; made if it is not there. Not for `out` and `lo`. */
  readonly iif?: string;
  /** The interface it leaves by [`eth1` for `fwd`, `eth0` for `out`]. */
  readonly oif?: string;

  /** [`tcp`] `icmp` and `icmpv6` mean the one of the packet's family. */
  readonly proto?: 'tcp' | 'udp' | 'icmp' | 'icmpv6' | 'udplite' | 'sctp' | 'dccp' | 'gre' | 'esp' | 'ah' | 'ipcomp' | 'igmp' | 'ipip' | number;
  /** [0] */
  readonly sport?: number;
  /** [0] */
  readonly dport?: number;
  /** TCP flags, `SYN,ACK`, `NONE`, or the byte [`SYN`]. */
  readonly flags?: string | number;
  /** [1000] */
  readonly seq?: number;
  /** [0] */
  readonly ack?: number;
  /** [64240] */
  readonly window?: number;
  /** TCP options in hex: `020405b4` is an MSS of 1460 [none]. */
  readonly options?: string;
  /** ICMP type and code [echo request]. */
  readonly icmp?: readonly [type: number, code: number];
  /** The identifier of an ICMP query [0x2222]. */
  readonly icmpId?: number;
  /** The packet that an ICMP error is about. */
  readonly quote?: Packet;
  /** The index of ESP and AH, the CPI of IPComp [256]. */
  readonly spi?: number;

  /** Type of a DCCP packet, 0 to 15 [request]. */
  readonly dccpType?: number;

  /** Hops left [64]. */
  readonly ttl?: number;
  /** The type of service or traffic class byte [0]. */
  readonly tos?: number;
  /** Identification (IPv4) or flow label (IPv6) [chosen by the runner]; not together with `mark` or `untracked`. */
  readonly id?: number;
  /** [true for what is not a fragment] */
  readonly dontFragment?: boolean;
  /** Offset in bytes, and whether more follow. The job needs `conntrack: false`, which otherwise reassembles fragments. */
  readonly fragment?: { readonly offset: number; readonly more: boolean };
  /** IPv4 options in hex. */
  readonly ipOptions?: string;
  /** IPv6 extension headers: number, and the header in hex without its first byte, which names the following one. */
  readonly extensions?: readonly (readonly [header: number, rest: string])[];
  /** Bytes of the whole packet from the IP header on, filled up with payload. */
  readonly length?: number;
  /** Bytes of payload, or the payload itself, as Latin-1 [0]; for SCTP the chunks [INIT]. */
  readonly payload?: number | string;

  /** Hardware addresses [`02:ff:00:00:00:01`, and the interface's]. `ff:ff:ff:ff:ff:ff` makes it a broadcast. */
  readonly macSource?: string;
  readonly macDestination?: string;
  /** The packet mark it starts with [0]. */
  readonly mark?: number;
  /** Not seen by connection tracking. */
  readonly untracked?: boolean;
  /** Owner of the socket it is sent from, for `out` and `lo` [0]. */
  readonly uid?: number;
  readonly gid?: number;

  /** Seconds after the rulesets were loaded [as soon as the one before is done]. In ascending order. */
  readonly t?: number;
  /** Sent before the rulesets are loaded, to set up connections. See `connection`. */
  readonly before?: boolean;
  /** All connections are forgotten before it is sent. */
  readonly forget?: boolean;
  /** If it gets through, the other end answers (SYN/ACK, echo reply, …) to what came out; see `Fate.reply`. */
  readonly reply?: boolean;
}

/** A ruleset to load: a dump, an nft file, an ipset dump, or commands with their program's name. */
export type Ruleset =
  | {
      readonly kind: 'iptables-save' | 'nft' | 'ipset';
      readonly text: string;
      /** For `iptables-save`: which of the two tools loads it [the job's]. */
      readonly family?: 4 | 6;
      /** What loads it [`iptables-legacy-restore` or `ip6tables-legacy-restore`, `nft`, `ipset`]. */
      readonly binary?: string;
    }
  | { readonly kind: 'commands'; readonly commands: readonly (readonly string[])[] };

/** What judges the packets: one ruleset, or several loaded in order (an ipset dump, then the rules that use it). */
export type Side = Ruleset | readonly Ruleset[];

/** Packets to send through one or more sides, each in a fresh namespace. */
export interface PacketJob {
  readonly sides: readonly Side[];
  readonly packets: readonly Packet[];
  /** The family of `iptables-save` sides that do not name theirs [4]. */
  readonly family?: 4 | 6;
  /** Addresses with prefix lengths per interface. Default: `100.100.N.1/24`, `fd66:77:N::1/64`. */
  readonly addresses?: Readonly<Record<string, readonly string[]>>;
  /** sysctls of the namespace: `{'net.netfilter.nf_conntrack_tcp_loose': '0'}`. */
  readonly settings?: Readonly<Record<string, string>>;
  /** Whether connections are tracked even if no rule asks for it [true]. */
  readonly conntrack?: boolean;
  /** Whether to return each side's rules with counters afterwards [false]. */
  readonly dump?: boolean;
  /** Seconds it may take beyond the last packet's time [60]. */
  readonly timeout?: number;
}

/** A packet that a rule, or the stack on its behalf, sent: a rejection, a SYNPROXY answer, a copy. */
export interface GeneratedPacket {
  readonly src: string;
  readonly dst: string;
  readonly proto: string | number;
  readonly to?: string | null;
  readonly sport?: number;
  readonly dport?: number;
  readonly flags?: string;
  readonly seq?: number;
  readonly ack?: number;
  readonly icmp?: readonly [number, number];
  readonly quote?: Readonly<Record<string, string | number>>;
  readonly tos: number;
  readonly ttl: number;
  readonly mark?: number;
}

/** What became of a packet on one side. */
export interface Fate {
  /** Let through; vanished; not let through, and the sender was told. */
  readonly verdict: 'accepted' | 'dropped' | 'rejected';
  /** Where it went: `local`, or the interface it left by. */
  readonly to?: string;
  /** How the sender was told. */
  readonly rejection?: { readonly kind: 'tcp-reset' } | { readonly kind: 'icmp' | 'icmpv6'; readonly type: number; readonly code: number };
  /** Packet mark, connection mark, priority as it left; absent: 0. */
  readonly mark?: number;
  readonly ctMark?: number;
  readonly priority?: number;
  readonly untracked?: true;
  /** Fields that are not as they were sent (NAT, mangling), with their new value. One hop less of a forwarded packet is as sent. */
  readonly changed?: Readonly<Record<string, unknown>>;
  readonly generated?: readonly GeneratedPacket[];
  /** What rules logged to NFLOG groups; `length` in bytes. */
  readonly nflog?: readonly { readonly group: number; readonly prefix: string; readonly length: number }[];
  /** What LOG rules wrote to the kernel log, in order. */
  readonly log?: readonly { readonly level: number; readonly line: string }[];
  /** What became of the answer, if the packet asked for one and got through. */
  readonly reply?: Fate;
  /** The error number's name if the packet could not be sent (no route, …). */
  readonly error?: string;
}

/** What became of one packet on every side. */
export interface PacketOutcome {
  /** Its position in the job's packets. */
  readonly index: number;
  readonly sides: readonly Fate[];
  /** The kernel's tick moved on between the sides, so that rulesets that count time may rightly differ about it. */
  readonly straddled?: true;
  /** Of a timed packet: when it was sent, in ticks of the kernel and in seconds, both from when the first one could be. The tick is somewhat behind. */
  readonly at?: { readonly tick: number; readonly seconds: number };
}

/** What became of a job. */
export interface Outcome {
  readonly sides: readonly {
    readonly loaded: boolean;
    readonly stderr: string;
    readonly dump?: readonly string[];
  }[];
  /** Packets with `before` are not in it. Empty if a side was not loaded. */
  readonly packets: readonly PacketOutcome[];
  /** The fates of the packets sent before the rulesets were loaded. */
  readonly before: readonly (readonly Fate[])[];
  /** The kernel's tick, seconds: 0.004 at HZ=250. */
  readonly tick: number;
  /** The most a timed packet was sent after its time, seconds. */
  readonly late: number;
}

const sender = fileURLToPath(new URL('../packets/sender.py', import.meta.url));

let packetsAnswer: Availability | undefined;

/** Whether packets can be sent here: what rulesets need, and TAP devices. */
export function packetsAvailable(): Availability {
  packetsAnswer ??= askForPackets();
  return packetsAnswer;
}

function askForPackets(): Availability {
  const kernel = kernelAvailable();
  if (!kernel.available) return kernel;
  const missing = missingProgram(['iptables-legacy-restore', 'ip6tables-legacy-restore']);
  if (missing !== undefined) return { available: false, why: `${missing} is not installed` };
  try {
    accessSync('/dev/net/tun', constants.R_OK | constants.W_OK);
  } catch {
    return { available: false, why: '/dev/net/tun cannot be opened' };
  }
  return { available: true };
}

/** A group of tests that send packets: skipped with the reason where that is not possible. See describeWhen. */
export function describePackets(title: string, declare: () => void): void {
  describeWhen(packetsAvailable(), title, declare);
}

/** Sends a job's packets. Rejects if the job is not one; a ruleset that does not load is part of the outcome. */
export async function sendPackets(job: PacketJob): Promise<Outcome> {
  const [outcome] = await sendPacketJobs([job]);
  return outcome as Outcome;
}

/** Sends several jobs in fewer processes: about 30 ms a job. Jobs with timed packets run one after the other. */
export async function sendPacketJobs(jobs: readonly PacketJob[]): Promise<readonly Outcome[]> {
  const timed = jobs.some((job) => job.packets.some((packet) => packet.t !== undefined));
  const processes = Math.min(timed ? 1 : availableParallelism(), jobs.length);
  const outcomes: Outcome[] = [];
  await Promise.all(
    Array.from({ length: processes }, async (_, first) => {
      const indexes = jobs.map((_job, index) => index).filter((index) => index % processes === first);
      const lines = indexes.map((index) => JSON.stringify(jobs[index]));
      const answers = (await runPython(sender, `${lines.join('\n')}\n`)).trimEnd().split('\n');
      for (const [position, index] of indexes.entries()) {
        const answer = JSON.parse(answers[position] ?? '{"error":"no answer"}') as Outcome | { readonly error: string };
        if ('error' in answer) throw new Error(`packet job ${index}: ${answer.error}`);
        outcomes[index] = answer;
      }
    }),
  );
  return outcomes;
}

/**
 * A connection set up before the rulesets are loaded: the packet and the answer to it, and for TCP the rest of the
 * handshake. The packet after that, in either direction, is ESTABLISHED. `packet` is the first one, with its ports.
 */
export function connection(packet: Packet): readonly Packet[] {
  const first: Packet = { ...packet, before: true };
  const answer: Packet = { ...answerTo(first), before: true };
  if ((packet.proto ?? 'tcp') !== 'tcp') return [first, answer];
  return [
    { ...first, flags: 'SYN', seq: 1000 },
    { ...answer, flags: 'SYN,ACK', seq: 5000, ack: 1001 },
    { ...first, flags: 'ACK', seq: 1001, ack: 5001 },
  ];
}

/** The same packet the other way: ends and interfaces swapped, an echo request made its reply. */
export function answerTo(packet: Packet): Packet {
  const { iif, oif, path = 'in', macSource: _source, macDestination: _destination, ...rest } = packet;
  const back = ({ in: 'out', out: 'in', fwd: 'fwd', lo: 'lo' } as const)[path];
  const comesIn = path === 'in' ? undefined : (oif ?? (path === 'fwd' ? 'eth1' : 'eth0'));
  const isEcho = packet.proto === 'icmp' || packet.proto === 'icmpv6';
  return {
    ...rest,
    path: back,
    src: packet.dst,
    dst: packet.src,
    ...(packet.dport === undefined ? {} : { sport: packet.dport }),
    ...(packet.sport === undefined ? {} : { dport: packet.sport }),
    ...(path === 'out' || path === 'fwd' ? { iif: comesIn as string } : {}),
    ...(path === 'in' || path === 'fwd' ? { oif: iif ?? 'eth0' } : {}),
    ...(isEcho && packet.icmp === undefined ? { icmp: [packet.src.includes(':') ? 129 : 0, 0] as const } : {}),
  };
}

/** What may differ between sides without being a difference. */
export interface Tolerance {
  /** A changed port in one of these ranges is as good as another in it: NAT draws it. */
  readonly ports?: readonly (readonly [low: number, high: number])[];
  /** A changed address matching this is as good as another matching it. */
  readonly addresses?: RegExp;
  /** Do not compare what LOG rules wrote, or only its prefix. */
  readonly log?: 'ignore' | 'prefix';
  /** Packets sent while the tick moved on are not compared. Default true. */
  readonly skipStraddled?: boolean;
}

/** A packet that two sides disagree about. */
export interface PacketDifference {
  readonly index: number;
  readonly packet: Packet;
  /** The side that disagrees with side 0. */
  readonly side: number;
  readonly expected: Fate;
  readonly actual: Fate;
}

/** The packets about which a side disagrees with the first one. Throws if a side was not loaded. */
export function differences(job: PacketJob, outcome: Outcome, tolerance: Tolerance = {}): readonly PacketDifference[] {
  for (const [side, load] of outcome.sides.entries()) {
    if (!load.loaded) throw new Error(`side ${side} was not loaded: ${load.stderr}`);
  }
  const found: PacketDifference[] = [];
  for (const { index, sides, straddled } of outcome.packets) {
    if (straddled && tolerance.skipStraddled !== false) continue;
    const [expected, ...others] = sides as readonly [Fate, ...Fate[]];
    for (const [position, actual] of others.entries()) {
      if (canonical(expected, tolerance) === canonical(actual, tolerance)) continue;
      found.push({ index, packet: job.packets[index] as Packet, side: position + 1, expected, actual });
    }
  }
  return found;
}

function canonical(fate: Fate, tolerance: Tolerance): string {
  return JSON.stringify(fate, (key, value: unknown): unknown => {
    const record = typeof value === 'object' && value !== null && !Array.isArray(value);
    if (key === 'log' && tolerance.log === 'ignore') return undefined;
    if (key === 'line' && tolerance.log === 'prefix') return String(value).replace(/IN=.*/s, '');
    if ((key === 'sport' || key === 'dport') && typeof value === 'number') {
      const range = tolerance.ports?.find(([low, high]) => value >= low && value <= high);
      return range === undefined ? value : range.join('-');
    }
    if ((key === 'src' || key === 'dst') && tolerance.addresses?.test(String(value)) === true) return 'tolerated';
    // The order of keys depends on the order in which things were noticed.
    return record ? Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1))) : value;
  });
}

/**
 * Which of the differences are there as well when their packet is sent alone (after those that set up connections), to
 * fresh namespaces: the others come from what earlier packets left behind.
 */
export async function confirmAlone(
  job: PacketJob,
  found: readonly PacketDifference[],
  tolerance: Tolerance = {},
): Promise<readonly (PacketDifference & { readonly alone: boolean })[]> {
  const setup = job.packets.filter((packet) => packet.before);
  const jobs = found.map(({ packet }) => ({ ...job, packets: [...setup, packet] }));
  const outcomes = await sendPacketJobs(jobs);
  return found.map((difference, index) => {
    const again = differences(jobs[index] as PacketJob, outcomes[index] as Outcome, tolerance);
    return { ...difference, alone: again.some(({ side }) => side === difference.side) };
  });
}

/**
 * The packets (their positions) that get lost without any rule: the kernel itself drops them, because their source is a
 * multicast address, say, and no comparison learns anything from them.
 */
export async function lostWithoutRules(job: PacketJob): Promise<readonly number[]> {
  const packets = job.packets.map(({ t: _time, ...packet }) => packet);
  const outcome = await sendPackets({ ...job, packets, sides: [{ kind: 'nft', text: '' }], dump: false });
  return outcome.packets.filter(({ sides }) => sides[0]?.verdict !== 'accepted').map(({ index }) => index);
}

/** A packet in one line: `in:eth0 tcp 192.0.2.1:1234 > 203.0.113.7:22 flags=SYN`. */
export function describePacket(packet: Packet): string {
  const { path = 'in', src, dst, sport, dport, proto = 'tcp', iif, oif, ...rest } = packet;
  const ways = {
    in: `in:${iif ?? 'eth0'}`,
    fwd: `fwd:${iif ?? 'eth0'}>${oif ?? 'eth1'}`,
    out: `out:${oif ?? 'eth0'}`,
    lo: 'lo',
  };
  const end = (address: string, port: number | undefined): string =>
    port === undefined ? address : address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
  const details = Object.entries(rest).map(([key, value]) => `${key}=${typeof value === 'object' ? JSON.stringify(value) : value}`);
  return [ways[path], proto, end(src, sport), '>', end(dst, dport), ...details].join(' ');
}

/** A fate in one line: `rejected (tcp-reset)`, `accepted > eth1 mark=7`. */
export function describeFate(fate: Fate): string {
  const { verdict, to, rejection, generated, ...rest } = fate;
  const how =
    rejection === undefined ? '' : ` (${rejection.kind === 'tcp-reset' ? 'tcp-reset' : `${rejection.kind} ${rejection.type}/${rejection.code}`})`;
  const sent = generated === undefined ? {} : { generated };
  const details = Object.entries({ ...rest, ...sent }).map(([key, value]) => ` ${key}=${JSON.stringify(value)}`);
  return `${verdict}${how}${to === undefined ? '' : ` > ${to}`}${details.join('')}`;
}

/** Differences as lines for a failing test. */
export function describeDifferences(found: readonly PacketDifference[]): string {
  return found
    .map(
      ({ index, packet, side, expected, actual }) =>
        `#${index} ${describePacket(packet)}\n  side 0: ${describeFate(expected)}\n  side ${side}: ${describeFate(actual)}`,
    )
    .join('\n');
}
