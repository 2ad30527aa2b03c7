// What is said about the conditions of two rules holds for packets: rules that cover each other, or exclude each other, are compared with
// thousands of packets that are judged one by one.
import fc from '../support/properties.js';
import { describe, expect, test } from 'vitest';

import { createSource, read } from '../../src/api.js';
import { ruleOf } from '../../src/iptables/command.js';
import { areDisjoint, conditionsOf, covers, together, type Condition, type Conditions } from '../../src/ruleset/conditions.js';

/** What the words below ask about. */
interface Sample {
  readonly source: number;
  readonly destination: number;
  readonly iface: string;
  readonly protocol: number;
  readonly sport: number;
  readonly dport: number;
  readonly state: string;
}

const maybe = (...words: readonly string[]): fc.Arbitrary<string> => fc.constantFrom('', ...words);
const addresses = ['10.0.0.0/8', '10.1.0.0/16', '10.1.2.3', '10.1.2.4/31', '192.0.2.0/24', '0.0.0.0/0', '10.0.0.3/255.0.0.255'];
const negatable = (option: string, values: readonly string[]): fc.Arbitrary<string> =>
  maybe(...values.flatMap((value) => [`${option} ${value}`, `! ${option} ${value}`]));

/** Words of a rule; ports only with a protocol that has them. */
const rule = fc
  .tuple(
    negatable('-s', addresses),
    negatable('-d', addresses),
    negatable('-i', ['eth0', 'eth1', 'eth+', '+']),
    fc.constantFrom('', '-p tcp', '-p udp', '-p icmp', '! -p tcp'),
    negatable('--sport', ['1024:65535', '53', '1000:2000']),
    negatable('--dport', ['22', '20:30', '80', '1:65535']),
    negatable('-m multiport --dports', ['22,80', '20:25,443']),
    negatable('-m conntrack --ctstate', ['NEW', 'NEW,ESTABLISHED', 'ESTABLISHED,RELATED', 'INVALID']),
  )
  .map(([source, destination, iface, protocol, sport, dport, ports, state]) => {
    const hasPorts = protocol === '-p tcp' || protocol === '-p udp';
    return [
      source,
      destination,
      iface,
      protocol,
      ...(hasPorts ? [sport, dport, ports.replace(/^! -m multiport /, '-m multiport ! ')] : []),
      state.replace(/^! -m conntrack /, '-m conntrack ! '),
    ]
      .filter((word) => word !== '')
      .join(' ');
  });

const address = fc.constantFrom(0x0a010203, 0x0a010204, 0x0a010205, 0x0a050003, 0x0a050004, 0xc0000207, 0x08080808);
const sample: fc.Arbitrary<Sample> = fc.record({
  source: address,
  destination: address,
  iface: fc.constantFrom('eth0', 'eth1', 'lo'),
  protocol: fc.constantFrom(6, 17, 1, 47),
  sport: fc.constantFrom(53, 1024, 1500, 40_000),
  dport: fc.constantFrom(22, 24, 30, 80, 443, 8080),
  state: fc.constantFrom('NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'),
});

function conditionsOfWords(words: string): Conditions {
  const { commands } = read(createSource('rule', `iptables -A INPUT ${words} -j ACCEPT\n`), { kind: 'script' });
  const [command] = commands;
  const spec = command === undefined ? undefined : ruleOf(command);
  if (command === undefined || spec === undefined || command.refused) throw new Error(`not read: ${words}`);
  return conditionsOf(spec, 'ip');
}

/** Judges a packet by what a condition says, word by word. */
function holds(condition: Condition, packet: Sample): boolean {
  const turned = (is: boolean): boolean => is !== ('negated' in condition && condition.negated);
  switch (condition.kind) {
    case 'network': {
      const value = condition.side === 'source' ? packet.source : packet.destination;
      return turned(condition.networks.some((network) => network.kind === 'ip' && (value & network.mask) >>> 0 === network.address));
    }
    case 'interface':
      return turned(condition.name.wildcard ? packet.iface.startsWith(condition.name.name) : packet.iface === condition.name.name);
    case 'protocol':
      return turned(packet.protocol === condition.number);
    case 'ports': {
      if (packet.protocol !== 6 && packet.protocol !== 17) return false;
      const value = condition.side === 'source' ? packet.sport : packet.dport;
      return turned(condition.ranges.some(({ from, to }) => from <= value && value <= to));
    }
    case 'states':
      return condition.states.has(packet.state);
    default:
      throw new Error(`a condition the test does not make: ${condition.kind}`);
  }
}

const matches = ({ all }: Conditions, packet: Sample): boolean => all.every((condition) => holds(condition, packet));

describe('conditions', () => {
  test('every rule reads as certain, and a rule covers itself', () => {
    fc.assert(
      fc.property(rule, (words) => {
        const conditions = conditionsOfWords(words);
        expect(conditions.uncertain).toBe(false);
        expect(covers(conditions, conditions)).toBe(true);
      }),
      { numRuns: 200 },
    );
  });

  test('what covers takes every packet of the other; what excludes takes none', () => {
    let covered = 0;
    let disjoint = 0;
    fc.assert(
      fc.property(rule, rule, fc.array(sample, { minLength: 60, maxLength: 60 }), (one, other, packets) => {
        const left = conditionsOfWords(one);
        const right = conditionsOfWords(other);
        // A rule and the same with more asked of it: covers all the time.
        const both = together(left, right);
        expect(covers(left, both)).toBe(true);
        if (covers(left, right)) {
          covered += 1;
          for (const packet of packets)
            if (matches(right, packet)) expect({ one, other, packet, is: matches(left, packet) }).toMatchObject({ is: true });
        }
        if (areDisjoint(left, right)) {
          disjoint += 1;
          for (const packet of packets)
            expect({ one, other, packet, both: matches(left, packet) && matches(right, packet) }).toMatchObject({ both: false });
        }
      }),
      { numRuns: 3000 },
    );
    expect(covered).toBeGreaterThan(4);
    expect(disjoint).toBeGreaterThan(10);
  });

  test('rules that count, and words only the run knows, are uncertain and cover nothing', () => {
    for (const words of ['-m limit --limit 3/s', '-m recent --name x --rcheck', '-m connlimit --connlimit-above 3', '-s "$1"', '-m mark --mark 1'])
      expect({ words, covers: covers(conditionsOfWords(words), conditionsOfWords(`${words} -p tcp`)) }).toEqual({ words, covers: false });
  });
});
