/** Clients that try at certain times, and what becomes of their tries: one timeline for each kind of traffic that limits of a ruleset are about. */

import type { Target } from '../extensions/define.js';
import { readHashlimit } from '../extensions/matches/hashlimit.js';
import hashlimit from '../extensions/matches/hashlimit.js';
import { givenTo } from '../iptables/command.js';
import { formatIp4, formatIp6, parseIp4, parseIp6 } from '../net/address.js';
import { protocolName } from '../net/protocols.js';
import { describeLimiter, type LimiterDescription, type RuleReference } from '../policy/describe.js';
import { findLimiters, type Limiter } from '../policy/limiters.js';
import type { Rule, Ruleset } from '../ruleset/model.js';
import { positionAt } from '../text/source.js';
import { clientOf, type Client } from './client.js';
import { copySimulation, sendPacket, startSimulation, type Simulation } from './iptables/ruleset.js';
import type { PatternSource } from './pattern.js';
import type { Address, RulesetOutcome, SimulatedPacket } from './packet.js';

/** What a timeline shows of a try. `matched` and `not matched`: by a rule that only looks on (`-j LOG`). */
export type TryOutcome = 'admitted' | 'dropped' | 'refused' | 'matched' | 'not matched' | 'unknown';

/** One try. */
export interface Try {
  /** Seconds. */
  readonly time: number;
  readonly outcome: TryOutcome;
  /** The rule that decided; a policy did without. */
  readonly by?: RuleReference;
  /** Of an `unknown` one: what cannot be told. */
  readonly why?: string;
}

/** When a client that was stopped at the end gets in again, if it waits. Seconds. */
export type Return =
  { readonly kind: 'after'; readonly silence: number; readonly time: number } | { readonly kind: 'not within'; readonly seconds: number };

/** What becomes of the tries of one client. */
export interface SourceTimeline {
  readonly name: string | undefined;
  readonly address: string;
  /** What it does, as written. */
  readonly pattern: string;
  readonly tries: readonly Try[];
  /** Absent when its last try got in, when nothing is known, and where a silence makes no difference. */
  readonly returns?: Return;
}

/** One kind of traffic, the limits it meets, and the clients that try. */
export interface Timeline {
  readonly limiters: readonly LimiterDescription[];
  /** `tcp/22 to 192.0.2.1 on eth0`: what is tried. */
  readonly packets: string;
  /** The rules only look on: what is shown is whether they match. */
  readonly observes: boolean;
  readonly sources: readonly SourceTimeline[];
  /** What the reader has to know besides. */
  readonly remarks: readonly string[];
}

/** Seconds a stopped client is waited for. */
const PATIENCE = 400 * 86_400;
/** Bytes of packets that are counted in bytes. */
const COUNTED_LENGTH = 1000;

/** An address of a client, in the notation of its family; `undefined` when it is none. */
export function readAddress(text: string, family: Ruleset['family']): Address | undefined {
  if (family === 'ip6') return parseIp6(text);
  return /^\d+\.\d+\.\d+\.\d+$/.test(text) ? parseIp4(text)?.address : undefined;
}

function addressText(address: Address): string {
  return typeof address === 'number' ? formatIp4(address) : formatIp6(address);
}

/** The timelines of a ruleset, in the order of its limits. `addresses`: those of the sources without one of their own, in order. */
export function drawUp(ruleset: Ruleset, sources: readonly PatternSource[], addresses: readonly Address[], target: Target = {}): readonly Timeline[] {
  const groups = new Map<string, { readonly client: Client; readonly limiters: Limiter[] }>();
  const given = givenAddresses(ruleset, sources, addresses);
  for (const limiter of findLimiters(ruleset, target)) {
    const client = clientOf(
      ruleset,
      limiter,
      sources.length,
      given.every((address) => address !== undefined) ? given : [],
      lengthFor(limiter, ruleset),
    );
    const key = JSON.stringify([client.knock, client.sources, onlyLooksOn(limiter), client.reaches], (_, value: unknown) =>
      typeof value === 'bigint' ? String(value) : value,
    );
    const group = groups.get(key);
    if (group === undefined) groups.set(key, { client, limiters: [limiter] });
    else group.limiters.push(limiter);
  }
  return [...groups.values()].map(({ client, limiters }) => timelineOf(ruleset, client, limiters, sources, given, target));
}

/** A source is called by its address, or gets the next one of those given. */
function givenAddresses(ruleset: Ruleset, sources: readonly PatternSource[], addresses: readonly Address[]): readonly (Address | undefined)[] {
  const left = [...addresses];
  return sources.map(({ name }) => (name === undefined ? undefined : readAddress(name, ruleset.family)) ?? left.shift());
}

function lengthFor(limiter: Limiter, ruleset: Ruleset): number | undefined {
  const counted = limiter.rule.spec.matches.some((use) => {
    const given = givenTo(use, hashlimit);
    return given !== undefined && readHashlimit(given, ruleset.family)?.rate.kind === 'bytes';
  });
  return counted ? COUNTED_LENGTH : undefined;
}

/** Whether packets go on whatever the limit says. */
function onlyLooksOn(limiter: Limiter): boolean {
  return limiter.kind === 'recent' ? limiter.effect === 'observes' : limiter.effect === 'passes';
}

function timelineOf(
  ruleset: Ruleset,
  client: Client,
  limiters: readonly Limiter[],
  sources: readonly PatternSource[],
  given: readonly (Address | undefined)[],
  target: Target,
): Timeline {
  const [first] = limiters;
  const observed = first !== undefined && onlyLooksOn(first) ? first.rule : undefined;
  const remarks: string[] = [];
  if (!client.reaches) remarks.push(missText(client, first));
  const addresses = addressesOf(client, given);
  if (new Set(addresses).size < addresses.length) remarks.push('the rule takes fewer addresses than there are sources: some of them share one');
  if (limiters.some(({ kind }) => kind === 'connlimit') && sources.some(({ holds }) => holds === undefined))
    remarks.push('connections stay open to the end; `holding 5s` behind what a client does closes each after 5 s');
  const packets = packetsOf(client, sources, addresses);
  const simulation = startSimulation(ruleset, { target });
  // `-m statistic` counts packets, however long they take to come.
  const waitingHelps = limiters.some(({ kind }) => kind !== 'statistic');
  const tries: Try[][] = sources.map(() => []);
  // What was counted when a client had tried for the last time.
  const lasts: { readonly at: number; readonly simulation: Simulation }[] = [];
  for (const [index, { source, packet }] of packets.entries()) {
    const own = tries[source];
    own?.push(tryOf(sendPacket(simulation, packet), packet.time, observed));
    if (own?.length === sources[source]?.times.length) lasts[source] = { at: index, simulation: copySimulation(simulation) };
  }
  return {
    limiters: limiters.map((limiter) => describeLimiter(limiter)),
    packets: describeKnock(client),
    observes: observed !== undefined,
    remarks,
    sources: sources.map((source, index): SourceTimeline => {
      const own = tries[index] ?? [];
      const last = lasts[index];
      const returns =
        last === undefined || !waitingHelps || !STOPPED.has(own.at(-1)?.outcome ?? 'unknown')
          ? undefined
          : findReturn(last.simulation, packets.slice(last.at), { ...client.knock, source: addresses[index] ?? 0 }, observed);
      return {
        name: source.name,
        address: addressText(addresses[index] ?? 0),
        pattern: source.text,
        tries: own,
        ...(returns === undefined ? {} : { returns }),
      };
    }),
  };
}

/** Why no packet comes to a rule. */
function missText({ decidedBy }: Client, limiter: Limiter | undefined): string {
  const placeOf = (rule: Rule): string => {
    const { source, line } = referenceTo(rule);
    return `${source}:${String(line)}`;
  };
  const found = `no packet was found that comes to ${limiter === undefined ? 'the rule' : placeOf(limiter.rule)}`;
  return decidedBy === undefined
    ? `${found}; what is shown is what becomes of one that meets as much of it as can be`
    : `${found}: ${placeOf(decidedBy)} decides about those it asks for`;
}

const STOPPED: ReadonlySet<TryOutcome> = new Set(['dropped', 'refused', 'not matched']);

/** Those given, and for the others the ones that were found. */
function addressesOf(client: Client, given: readonly (Address | undefined)[]): readonly Address[] {
  const spare = client.sources.filter((address) => !given.includes(address));
  const [usual] = client.sources;
  return given.map((address) => address ?? spare.shift() ?? usual ?? 0);
}

interface SentPacket {
  readonly packet: SimulatedPacket;
  readonly source: number;
}

/** All tries, in the order of their times; each from a port of its own. */
function packetsOf({ knock }: Client, sources: readonly PatternSource[], addresses: readonly Address[]): readonly SentPacket[] {
  const tries = sources.flatMap((source, index) => source.times.map((time) => ({ time, source: index, holds: source.holds })));
  return tries
    .sort((left, right) => left.time - right.time)
    .map(({ time, source, holds }, index) => ({
      source,
      packet: {
        ...knock,
        ...portOf(knock, index),
        time,
        source: addresses[source] ?? 0,
        connection: index,
        ...(holds === undefined ? {} : { staysOpen: holds }),
      },
    }));
}

/** The port of the first try if a rule asked for it, else the next one. */
function portOf({ sourcePort }: Client['knock'], index: number): { readonly sourcePort?: number } {
  if (sourcePort === undefined) return {};
  return { sourcePort: sourcePort === 1024 ? 1024 + (index % 60_000) : sourcePort };
}

/** `observed`: the rule that only looks on, if the timeline is about one. */
function tryOf({ verdict, by, why, matched }: RulesetOutcome, time: number, observed: Rule | undefined): Try {
  const more = { ...(by === undefined ? {} : { by: referenceTo(by) }), ...(why === undefined ? {} : { why }) };
  if (verdict === 'unknown') return { time, outcome: 'unknown', ...more };
  if (observed !== undefined) return { time, outcome: matched.includes(observed) ? 'matched' : 'not matched' };
  return { time, outcome: verdict === 'accepted' ? 'admitted' : verdict, ...more };
}

function referenceTo({ command: { at } }: Rule): RuleReference {
  return { source: at.source.name, line: positionAt(at.source, at.start).line };
}

/**
 * The shortest silence after which a client gets in (a rule that looks on matches), to a tick. `packets`: its last one, and what others send behind it;
 * between two of them a client that once gets in is taken to do so from then on.
 */
function findReturn(
  simulation: Simulation,
  packets: readonly SentPacket[],
  probe: Omit<SimulatedPacket, 'time'>,
  observed: Rule | undefined,
): Return {
  const [own, ...others] = packets;
  const last = own?.packet.time ?? 0;
  const tick = 1 / simulation.hz;
  const getsIn = (ticks: number): boolean => {
    const { verdict, matched } = sendPacket(copySimulation(simulation), { ...probe, time: last + ticks * tick });
    return observed === undefined ? verdict === 'accepted' : matched.includes(observed);
  };
  const found = (tooShort: number, enough: number): Return => {
    let [from, to] = [tooShort, enough];
    while (to - from > 1) {
      const middle = Math.floor((from + to) / 2);
      if (getsIn(middle)) to = middle;
      else from = middle;
    }
    return { kind: 'after', silence: rounded(to * tick), time: rounded(last + to * tick) };
  };
  let waited = 0;
  for (const { packet } of others) {
    const ticks = Math.floor((packet.time - last) / tick);
    if (ticks > waited && getsIn(ticks)) return found(waited, ticks);
    waited = ticks;
    sendPacket(simulation, packet);
  }
  for (let more = 1; waited * tick <= PATIENCE; more *= 2) {
    if (getsIn(waited + more)) return found(waited, waited + more);
    waited += more;
  }
  return { kind: 'not within', seconds: PATIENCE };
}

/** To a microsecond. */
function rounded(seconds: number): number {
  return Math.round(seconds * 1e6) / 1e6;
}

/** `tcp/22 to 192.0.2.1, on eth0`. */
function describeKnock({ knock }: Client): string {
  const { protocol, destinationPort, destination, inInterface, outInterface, state, length, icmp, mark: packetMark } = knock;
  const name = protocolName(protocol) ?? `protocol ${String(protocol)}`;
  const what = destinationPort !== undefined ? `${name}/${String(destinationPort)}` : icmp === undefined ? name : `${name} type ${String(icmp.type)}`;
  const parts = [`${what} to ${addressText(destination)}`];
  if (inInterface !== undefined) parts.push(`in by ${inInterface}`);
  if (outInterface !== undefined) parts.push(`out by ${outInterface}`);
  if (state !== 'NEW') parts.push(`state ${state}`);
  if (packetMark !== 0) parts.push(`mark ${String(packetMark)}`);
  if (length >= COUNTED_LENGTH) parts.push(`${String(length)} bytes each`);
  return parts.join(', ');
}
