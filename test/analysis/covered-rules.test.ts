// Rules that no packet comes to, held against counting: every kind of packet is sent through lists of rules, one by one.
import { describe, expect, test } from 'vitest';
import { readInput } from '../../src/input/read-input.js';
import { unreachedRules } from '../../src/policy/unreached-rules.js';
import { createSource, positionAt } from '../../src/text/source.js';
import { createRandom } from '../support/random.js';

const random = createRandom(11);

function oneOf<T>(items: readonly T[]): T {
  const item = items[Math.floor(random() * items.length)];
  if (item === undefined) throw new Error('nothing to choose from');
  return item;
}

/** A test as iptables is told, and which values of a packet it holds for; one value of each kind stands for all that no test names. */
interface Demand {
  readonly text: string;
  readonly holds: (packet: Packet) => boolean;
}

interface Packet {
  readonly source: string;
  readonly port: number;
  readonly name: string;
  readonly state: string;
}

const SOURCES = ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3', '192.0.2.1'];
const PORTS = [0, 1, 2, 3, 999];
const NAMES = ['lo', 'eth0', 'eth1', 'wlan0'];
const STATES = ['NEW', 'ESTABLISHED', 'RELATED', 'INVALID', 'UNTRACKED'];
const PACKETS: readonly Packet[] = SOURCES.flatMap((source) =>
  PORTS.flatMap((port) => NAMES.flatMap((name) => STATES.map((one): Packet => ({ source, port, name, state: one })))),
);

function demand(option: string, value: string, holds: (packet: Packet) => boolean): Demand {
  return random() < 0.3 ? { text: `! ${option} ${value}`, holds: (packet) => !holds(packet) } : { text: `${option} ${value}`, holds };
}

function someDemands(): readonly Demand[] {
  const demands: Demand[] = [];
  if (random() < 0.5) {
    const [network, hosts] = oneOf([
      ['10.0.0.0/30', ['10.0.0.0', '10.0.0.1', '10.0.0.2', '10.0.0.3']],
      ['10.0.0.0/31', ['10.0.0.0', '10.0.0.1']],
      ['10.0.0.2/31', ['10.0.0.2', '10.0.0.3']],
      ['10.0.0.1', ['10.0.0.1']],
    ] as const);
    demands.push(demand('-s', network, ({ source }) => (hosts as readonly string[]).includes(source)));
  }
  if (random() < 0.4) {
    const [name, names] = oneOf([
      ['eth+', ['eth0', 'eth1']],
      ['eth0', ['eth0']],
      ['lo', ['lo']],
    ] as const);
    demands.push(demand('-i', name, (packet) => (names as readonly string[]).includes(packet.name)));
  }
  if (random() < 0.5) {
    const [text, from, to] = oneOf([
      ['1', 1, 1],
      ['2', 2, 2],
      ['1:3', 1, 3],
      ['3:65535', 3, 65535],
    ] as const);
    const port = demand('--dport', text, (packet) => packet.port >= from && packet.port <= to);
    demands.push({ text: `-m tcp ${port.text}`, holds: port.holds });
  }
  if (random() < 0.4) {
    const states = STATES.filter(() => random() < 0.5);
    if (states.length > 0 && states.length < STATES.length) {
      const one = demand('--ctstate', states.join(','), (packet) => states.includes(packet.state));
      demands.push({ text: `-m conntrack ${one.text}`, holds: one.holds });
    }
  }
  return demands;
}

describe('rules that no packet comes to', () => {
  test('are those that counting finds', () => {
    let found = 0;
    let together = 0;
    for (let round = 0; round < 400; round += 1) {
      const rules = Array.from({ length: 9 }, () => ({ demands: someDemands(), target: oneOf(['ACCEPT', 'DROP', 'LOG']) }));
      // Connection tracking puts pieces together, whatever the other rules ask; all packets are TCP.
      const lines = ['iptables -A FORWARD -m conntrack --ctstate NEW -j ACCEPT'];
      for (const { demands, target } of rules) lines.push(`iptables -A INPUT -p tcp ${demands.map(({ text }) => text).join(' ')} -j ${target}`);
      const text = lines.join('\n');
      const unreached = unreachedRules(readInput(createSource('rules', text), { kind: 'script', target: {}, defines: new Map() }));
      const lost = new Set(unreached.flatMap((group) => group.rules.map(({ command }) => positionAt(command.at.source, command.at.start).line)));
      together += unreached.filter(({ by }) => by.length > 1).length;
      let left = PACKETS;
      rules.forEach(({ demands, target }, index) => {
        const asked = PACKETS.filter((packet) => demands.every(({ holds }) => holds(packet)));
        const got = left.filter((packet) => asked.includes(packet));
        // A rule that asks for nothing there is, and a copy of a rule above, are other findings.
        const isOther = asked.length === 0 || lines.slice(0, index + 1).includes(lines[index + 1] ?? '');
        if (!isOther) expect({ text, line: index + 2, lost: lost.has(index + 2) }).toEqual({ text, line: index + 2, lost: got.length === 0 });
        if (got.length === 0) found += 1;
        if (target !== 'LOG') left = left.filter((packet) => !asked.includes(packet));
      });
    }
    expect(found).toBeGreaterThan(200);
    expect(together).toBeGreaterThan(50);
  });
});
