/** `-m multiport`: up to 15 ports and ranges of them in one list. */

import { match, payload, setOf } from '../../nft/build.js';
import type { Expr, PayloadProtocol } from '../../nft/ir.js';
import { defineMatch, exact, value, type Constraint, type Given, type GivenOf } from '../define.js';
import { PORT_LIST_OPTIONS, portList } from '../values/port-list.js';
import { portExpr, type PortRange } from '../values/port-range.js';

const options = {
  'source-ports': value(portList, { aliases: ['sports'], invertible: true }),
  'destination-ports': value(portList, { aliases: ['dports'], invertible: true }),
  ports: value(portList, { invertible: true }),
};

type MultiportGiven = GivenOf<typeof options>;

const HEADERS: Readonly<Record<number, PayloadProtocol>> = { 6: 'tcp', 17: 'udp', 33: 'dccp', 132: 'sctp', 136: 'udplite' };
const NEEDS = "multiport needs `-p tcp', `-p udp', `-p udplite', `-p sctp' or `-p dccp'";
const NAMES = ['source-ports', 'destination-ports', 'ports'] as const;

function listOf(given: MultiportGiven): Given<readonly PortRange[]> | undefined {
  return given['source-ports'] ?? given['destination-ports'] ?? given.ports;
}

const constraints: readonly Constraint<typeof options>[] = [
  {
    kind: 'refuses',
    by: 'iptables',
    when: (given, { protocol }) => listOf(given) !== undefined && (protocol === undefined || protocol === 0),
    message: 'ports need a protocol that has them before `-m multiport`: `-p tcp`, `-p udp`, `-p udplite`, `-p sctp` or `-p dccp`',
    check: 'ports-without-protocol',
    says: NEEDS,
    do: 'write `-p tcp` or `-p udp` before it (one rule for each if both are meant)',
  },
  {
    kind: 'refuses',
    by: 'iptables',
    when: (given, { protocol, protocolWord }) => {
      const list = listOf(given);
      return list !== undefined && protocol !== undefined && protocolWord !== undefined && protocolWord > list.word;
    },
    message: '`-p` stands behind the ports of `-m multiport`; it must come before them',
    check: 'option-before-module',
    says: NEEDS,
    do: 'write `-p` first',
  },
  {
    kind: 'refuses',
    by: 'iptables',
    when: (_given, { protocol, protocolNegated }) =>
      protocol !== undefined && protocol !== 0 && (protocolNegated === true || HEADERS[protocol] === undefined),
    message: '`-m multiport` works with TCP, UDP, UDPLITE, SCTP and DCCP, named without `!`',
    check: 'protocol-mismatch',
    says: 'multiport only works with TCP, UDP, UDPLITE, SCTP and DCCP',
  },
  { kind: 'exactlyOne', of: NAMES, says: 'multiport expection an option' },
];

/** The ports in nft, in the order given; put together where they overlap. */
function portSet(list: readonly PortRange[]): Expr {
  const sorted = [...list].sort((left, right) => left.from - right.from || left.to - right.to);
  const merged: PortRange[] = [];
  for (const item of sorted) {
    const last = merged.at(-1);
    if (last === undefined || item.from > last.to) merged.push(item);
    else if (item.to > last.to) merged[merged.length - 1] = { from: last.from, to: item.to };
  }
  return setOf((merged.length === list.length ? list : merged).map(portExpr));
}

export default defineMatch({
  name: 'multiport',
  summary: 'up to 15 ports and ranges of ports in one list',
  families: ['ip', 'ip6'],
  options,
  constraints,
  print: (given) =>
    NAMES.flatMap((name) => {
      const list = given[name];
      return list === undefined ? [] : [...(list.negated ? ['!'] : []), PORT_LIST_OPTIONS[name], portList.print(list.value, 'ip')];
    }),
  toNft: (given, { protocol }) => {
    const list = listOf(given);
    const header = protocol === undefined ? undefined : HEADERS[protocol];
    if (list === undefined || header === undefined) return exact([]);
    const ports = portSet(list.value);
    const source = payload(header, 'sport');
    const destination = payload(header, 'dport');
    if (given.ports === undefined) return exact([match(given['source-ports'] === undefined ? destination : source, ports, list.negated)]);
    // `--ports`: one side or the other is in the list; negated, neither is.
    if (list.negated) return exact([match(destination, ports, true), match(source, ports, true)]);
    return exact([{ kind: 'anyOf', alternatives: [[match(destination, ports)], [match(destination, ports, true), match(source, ports)]] }]);
  },
});
