/** The packets a client has to send so that a rule gets to see them, read off the rule and the jumps that lead to it. */

import type { Family } from '../extensions/define.js';
import mark from '../extensions/matches/mark.js';
import { givenTo } from '../iptables/command.js';
import { parseIp4, parseIp6, type Network } from '../net/address.js';
import { conditionsOf, type Condition } from '../ruleset/conditions.js';
import type { Chain, Rule, Ruleset, Table } from '../ruleset/model.js';
import { answerPlainly, type PacketInRules } from './iptables/plain-matches.js';
import { simulateRuleset } from './iptables/ruleset.js';
import type { Address, SimulatedPacket } from './packet.js';

/** What a client sends, but for its address, time and source port. */
export type Knock = Omit<SimulatedPacket, 'time' | 'tick' | 'source' | 'connection' | 'staysOpen'>;

/** A client's packets, and the addresses it and others may have. */
export interface Client {
  readonly knock: Knock;
  /** Addresses the rule takes, as many as were asked for or there are. */
  readonly sources: readonly Address[];
  /** Whether a packet like that comes to the rule in a fresh ruleset. */
  readonly reaches: boolean;
  /** The rule that decides about it before. */
  readonly decidedBy?: Rule;
}

/** Where a rule stands. */
export interface Place {
  readonly table: Table;
  readonly chain: Chain;
  readonly rule: Rule;
}

/** Ways to a chain that are tried. */
const MOST_WAYS = 40;
const TCP = 6;
const UDP = 17;
/** Ports to knock at where rules do not ask for any. */
const PORTS = [80, 22, 443, 25, 53, 12_345, 60_000];
const PROTOCOLS = [TCP, UDP, 1, 58, 47];
const INTERFACES = ['eth0', 'eth1', 'lo'];
/** SYN; ACK; FIN and ACK; RST; none; all six. */
const TCP_FLAGS = [0x02, 0x10, 0x11, 0x04, 0x12, 0x00, 0x3f, 0x29];
const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'] as const;
const LENGTHS = [60, 100, 1000, 1500];

/** Addresses for documentation, of which clients get the first ones. (RFC 5737, RFC 3849) */
const CLIENTS = { ip: parseIp4('198.51.100.1')?.address ?? 0, ip6: parseIp6('2001:db8:1::1') ?? 0n } as const;
const HOST = { ip: parseIp4('192.0.2.1')?.address ?? 0, ip6: parseIp6('2001:db8::1') ?? 0n } as const;

/** What a client sends that a rule is to see. `count`: addresses wanted; `sources`: those it has, if that is already known. */
export function clientOf(ruleset: Ruleset, place: Place, count: number, sources: readonly Address[] = [], length?: number): Client {
  let first: Client | undefined;
  for (const way of waysTo(place)) {
    const found = findKnock(ruleset.family, way, sources[0], length);
    const addresses = sources.length >= count ? sources : findSources(ruleset.family, way, found, count, sources);
    const [source] = addresses;
    if (source === undefined) {
      first ??= { knock: found.knock, sources: addresses, reaches: false };
      continue;
    }
    // Rules above may take the packets a rule without demands would get first: others may come through.
    for (const knock of [found.knock, ...others(ruleset.family, way, { ...found, source })]) {
      const [outcome] = simulateRuleset(ruleset, [{ ...knock, source, time: 0 }]);
      if (outcome?.reached.includes(place.rule) === true) return { knock, sources: addresses, reaches: true };
      first ??= { knock, sources: addresses, reaches: false, ...(outcome?.by === undefined ? {} : { decidedBy: outcome.by }) };
    }
  }
  return first ?? { knock: findKnock(ruleset.family, { rules: [place.rule], hook: 'INPUT' }, sources[0], length).knock, sources, reaches: false };
}

/** Packets of other ports and protocols that meet as much of the rules as a draft does. */
function others(family: Family, { rules }: Way, draft: Draft): readonly Knock[] {
  const conditions = rules.flatMap((rule) => conditionsOf(rule.spec, family).all);
  const most = unmet(rules, conditions, draft);
  const knocks = PROTOCOLS.flatMap((protocol) => {
    const knock = withProtocol(draft.knock, protocol);
    return knock.destinationPort === undefined
      ? [knock]
      : [knock.destinationPort, ...PORTS].map((destinationPort) => ({ ...knock, destinationPort }));
  });
  return knocks.filter((knock) => unmet(rules, conditions, { ...draft, knock }) <= most);
}

/** The rules a packet passes on one way: those that jump, and the one it is for. */
interface Way {
  readonly hook: string;
  readonly rules: readonly Rule[];
}

/** The ways from built-in chains to a rule. */
function waysTo({ table, chain, rule }: Place): readonly Way[] {
  const found: Way[] = [];
  const walk = (at: Chain, rules: readonly Rule[], above: ReadonlySet<string>): void => {
    if (found.length >= MOST_WAYS) return;
    if (at.hook !== undefined) {
      found.push({ hook: at.hook, rules });
      return;
    }
    for (const caller of table.chains.values())
      for (const jump of caller.rules) {
        const { action } = jump.spec;
        if (action?.kind === 'chain' && action.name.text === at.name && !above.has(caller.name))
          walk(caller, [jump, ...rules], new Set([...above, caller.name]));
      }
  };
  walk(chain, [rule], new Set([chain.name]));
  return found;
}

const WAY_OF: Readonly<Record<string, SimulatedPacket['way']>> = {
  PREROUTING: 'in',
  INPUT: 'in',
  FORWARD: 'forward',
  OUTPUT: 'out',
  POSTROUTING: 'forward',
};

/** A packet as it is put together: how many of the rules' demands it does not meet, the fewer the better. */
interface Draft {
  readonly source: Address;
  readonly knock: Knock;
}

/** Tries one thing after the other, and keeps what meets most of what the rules ask. */
function findKnock(family: Family, way: Way, source: Address | undefined, length: number | undefined): Draft {
  const conditions = way.rules.flatMap((rule) => conditionsOf(rule.spec, family).all);
  let draft = firstDraft(family, way, source, length);
  const keepBest = (drafts: readonly Draft[]): void => {
    let fewest = unmet(way.rules, conditions, draft);
    for (const other of drafts) {
      const count = unmet(way.rules, conditions, other);
      if (count >= fewest) continue;
      fewest = count;
      draft = other;
    }
  };
  // What is chosen first may rule out what comes later: a second round sees the whole.
  for (let round = 0; round < 2; round += 1) {
    keepBest(protocolsIn(conditions).map((protocol) => ({ ...draft, knock: withProtocol(draft.knock, protocol) })));
    for (const side of ['destinationPort', 'sourcePort'] as const)
      if (draft.knock[side] !== undefined) keepBest(portsIn(conditions, side).map((port) => ({ ...draft, knock: { ...draft.knock, [side]: port } })));
    if (source === undefined) keepBest(addressesIn(conditions, 'source', draft.source, 1).map((address) => ({ ...draft, source: address })));
    keepBest(
      addressesIn(conditions, 'destination', draft.knock.destination, 1).map((destination) => ({ ...draft, knock: { ...draft.knock, destination } })),
    );
    for (const [side, key] of [
      ['in', 'inInterface'],
      ['out', 'outInterface'],
    ] as const)
      if (draft.knock[key] !== undefined)
        keepBest(interfacesIn(conditions, side).map((name) => ({ ...draft, knock: { ...draft.knock, [key]: name } })));
    keepBest(STATES.map((state) => ({ ...draft, knock: { ...draft.knock, state } })));
    if (draft.knock.tcpFlags !== undefined) keepBest(TCP_FLAGS.map((tcpFlags) => ({ ...draft, knock: { ...draft.knock, tcpFlags } })));
    if (draft.knock.icmp !== undefined) keepBest(typesIn(conditions).map((icmp) => ({ ...draft, knock: { ...draft.knock, icmp } })));
    keepBest(marksIn(way.rules).map((value) => ({ ...draft, knock: { ...draft.knock, mark: value } })));
    if (length === undefined) keepBest(LENGTHS.map((bytes) => ({ ...draft, knock: { ...draft.knock, length: bytes } })));
  }
  return draft;
}

function firstDraft(family: Family, { hook }: Way, source: Address | undefined, length: number | undefined): Draft {
  const way = WAY_OF[hook] ?? 'in';
  const knock: Knock = {
    way,
    destination: HOST[family],
    protocol: 0,
    ...(way === 'out' ? {} : { inInterface: 'eth0' }),
    ...(way === 'in' ? {} : { outInterface: way === 'out' ? 'eth0' : 'eth1' }),
    state: 'NEW',
    length: length ?? 60,
    ttl: 64,
    mark: 0,
  };
  return { source: source ?? CLIENTS[family], knock: withProtocol(knock, TCP) };
}

function withProtocol(knock: Knock, protocol: number): Knock {
  const { sourcePort: _source, destinationPort: _destination, tcpFlags: _flags, icmp: _icmp, ...rest } = knock;
  if (protocol === 1 || protocol === 58) return { ...rest, protocol, icmp: { type: protocol === 1 ? 8 : 128, code: 0 } };
  const ports = { sourcePort: 1024, destinationPort: knock.destinationPort ?? PORTS[0] ?? 80 };
  if (protocol === TCP) return { ...rest, ...ports, protocol, tcpFlags: 0x02 };
  return [UDP, 33, 132, 136].includes(protocol) ? { ...rest, ...ports, protocol } : { ...rest, protocol };
}

/** How many demands of the rules a packet does not meet. Conditions see each option by itself, matches see what conditions do not. */
function unmet(rules: readonly Rule[], conditions: readonly Condition[], { source, knock }: Draft): number {
  const packet: PacketInRules = {
    ...knock,
    time: 0,
    source,
    inInterface: knock.inInterface,
    outInterface: knock.outInterface,
    isTranslated: false,
    portsUnknown: false,
  };
  let count = 0;
  for (const { spec } of rules) for (const use of [spec.base, ...spec.matches]) if (answerPlainly(use, packet) === false) count += 1;
  for (const condition of conditions) if (!meets(condition, packet)) count += 1;
  return count;
}

function meets(condition: Condition, packet: PacketInRules): boolean {
  switch (condition.kind) {
    case 'network': {
      const address = condition.side === 'source' ? packet.source : packet.destination;
      return condition.networks.some((network) => address !== undefined && isInside(address, network)) !== condition.negated;
    }
    case 'protocol':
      return (packet.protocol === condition.number) !== condition.negated;
    case 'ports': {
      const port = condition.side === 'source' ? packet.sourcePort : packet.destinationPort;
      return condition.ranges.some(({ from, to }) => port !== undefined && from <= port && port <= to) !== condition.negated;
    }
    case 'interface': {
      const name = (condition.side === 'in' ? packet.inInterface : packet.outInterface) ?? '';
      return (condition.name.wildcard ? name.startsWith(condition.name.name) : name === condition.name.name) !== condition.negated;
    }
    case 'states':
      return condition.states.has(packet.state);
    default:
      return true;
  }
}

function isInside(address: Address, network: Network): boolean {
  if (network.kind === 'ip') return typeof address === 'number' && ((address ^ network.address) & network.mask) === 0;
  return typeof address === 'bigint' && ((address ^ network.address) & network.mask) === 0n;
}

function protocolsIn(conditions: readonly Condition[]): readonly number[] {
  return [...conditions.flatMap((condition) => (condition.kind === 'protocol' && !condition.negated ? [condition.number] : [])), ...PROTOCOLS];
}

function portsIn(conditions: readonly Condition[], side: 'sourcePort' | 'destinationPort'): readonly number[] {
  const asked = conditions.flatMap((condition) =>
    condition.kind === 'ports' && (condition.side === 'source') === (side === 'sourcePort')
      ? condition.ranges.flatMap(({ from, to }) => [from, to])
      : [],
  );
  return [...asked, ...(side === 'sourcePort' ? [1024, 40_000] : PORTS)];
}

/** `usual`, and `count` addresses behind it and in each of the networks asked for. */
function addressesIn(conditions: readonly Condition[], side: 'source' | 'destination', usual: Address, count: number): readonly Address[] {
  const starts: Address[] = [usual];
  for (const condition of conditions)
    if (condition.kind === 'network' && condition.side === side && !condition.negated)
      for (const network of condition.networks) {
        // The first address of a network is its own.
        const whole = network.kind === 'ip' ? network.mask === 0xffffffff : network.mask === (1n << 128n) - 1n;
        starts.push(whole ? network.address : next(network.address, 1));
      }
  return starts.flatMap((start) => Array.from({ length: count }, (_, index) => next(start, index)));
}

function next(address: Address, step: number): Address {
  return typeof address === 'number' ? (address + step) % 2 ** 32 : (address + BigInt(step)) % (1n << 128n);
}

function interfacesIn(conditions: readonly Condition[], side: 'in' | 'out'): readonly string[] {
  const asked = conditions.flatMap((condition) =>
    condition.kind === 'interface' && condition.side === side && !condition.negated
      ? [condition.name.wildcard ? `${condition.name.name}0` : condition.name.name]
      : [],
  );
  return [...asked, ...INTERFACES];
}

function typesIn(conditions: readonly Condition[]): readonly { readonly type: number; readonly code: number }[] {
  return conditions.flatMap((condition) => {
    if (condition.kind !== 'icmpType') return [];
    const found = /^(\d+)(?:\/(\d+))?/.exec(condition.text);
    return found === null ? [] : [{ type: Number(found[1]), code: Number(found[2] ?? 0) }];
  });
}

function marksIn(rules: readonly Rule[]): readonly number[] {
  return rules.flatMap(({ spec }) => spec.matches.flatMap((use) => givenTo(use, mark)?.mark?.value.value ?? []));
}

/** Addresses that meet as many of the demands as the first one does. */
function findSources(family: Family, { rules }: Way, draft: Draft, count: number, given: readonly Address[]): readonly Address[] {
  const conditions = rules.flatMap((rule) => conditionsOf(rule.spec, family).all);
  const fewest = unmet(rules, conditions, draft);
  const found: Address[] = [...given];
  for (const address of addressesIn(conditions, 'source', given.length === 0 ? draft.source : CLIENTS[family], 2 * count)) {
    if (found.length >= count) break;
    if (!found.includes(address) && unmet(rules, conditions, { ...draft, source: address }) <= fewest) found.push(address);
  }
  return found;
}
