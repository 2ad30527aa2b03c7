/** The filter tables of an input that are whole enough to be judged, and packets to judge them by. */

import { LAST_NAME, type Dimension } from '../analysis/packet-set.js';
import { outcomesIn, packetsWith, type Outcomes } from '../analysis/outcomes.js';
import type { Ranges } from '../analysis/ranges.js';
import type { Family, Hook } from '../extensions/define.js';
import type { Input } from '../input/input.js';
import { intendedRulesets, type IntendedRuleset } from '../input/intended-ruleset.js';
import type { FlowContext } from '../ruleset/flow.js';
import type { Chain } from '../ruleset/model.js';
import { oncePer } from '../text/once-per.js';

/** A filter table all of whose rules were read. */
export interface FilterTable {
  readonly intended: IntendedRuleset;
  readonly family: Family;
  readonly context: FlowContext;
  readonly chainOf: (hook: Hook) => Chain | undefined;
}

/** Problems after which a rule is missing from the ruleset that is there when the commands run. */
const LEFT_OUT: ReadonlySet<string> = new Set(['unsupported-extension', 'unsupported-input', 'expansion-limit']);

/** The filter tables of an input; none where rules could not be read, or where another file is read that is not at hand. */
export const filterTables = oncePer((input: Input): readonly FilterTable[] => (isWhole(input) ? intendedRulesets(input).flatMap(filterTableOf) : []));

function isWhole(input: Input): boolean {
  if (input.shell?.sourced.some(({ read }) => !read) === true) return false;
  if (input.problems.some(({ problem }) => LEFT_OUT.has(problem.check))) return false;
  return input.commands.every((command) => command.kind !== 'malformed' && !command.refused);
}

function filterTableOf(intended: IntendedRuleset): readonly FilterTable[] {
  const table = intended.ruleset.tables.get('filter');
  if (table === undefined) return [];
  const context: FlowContext = { table, family: intended.family, unknownChains: intended.unknownChains.get('filter') ?? new Set() };
  return [{ intended, family: intended.family, context, chainOf: (hook) => table.chains.get(hook) }];
}

/** Values of a packet, by what is looked at. */
export type Demands = readonly (readonly [Dimension, Ranges])[];

const one = (number: number): Ranges => [number, number + 1];

export const IS_TCP: Demands = [
  ['protocol', one(6)],
  ['fragment', [0, 1]],
];
export const IS_NEW: Demands = [['state', one(0)]];
export const IS_ESTABLISHED: Demands = [['state', one(1)]];
export const IS_RELATED: Demands = [['state', one(2)]];
export const IS_UNTRACKED: Demands = [['state', one(4)]];
/** The first packet of a TCP connection: SYN alone. */
export const IS_SYN: Demands = [['tcp flags', one(2)]];
/** A packet within one: ACK alone. */
export const IS_ACK: Demands = [['tcp flags', one(16)]];

/** Not the loopback interface. */
export const FROM_OUTSIDE: Demands = [['in', ['', 'lo', 'lo\0', LAST_NAME]]];
export const TO_OUTSIDE: Demands = [['out', ['', 'lo', 'lo\0', LAST_NAME]]];
export const FROM_LOOPBACK: Demands = [['in', ['lo', 'lo\0']]];
export const TO_LOOPBACK: Demands = [['out', ['lo', 'lo\0']]];

/** An ordinary host of the Internet, which is on no list of addresses that nobody has: a server of IANA. */
export function fromFarAway(family: Family): Demands {
  if (family === 'ip') return [['source', one(0xc000_2b08)]];
  const address = (0x2620_0000_2830_0200n << 64n) | 8n;
  return [['source6', [address, address + 1n]]];
}

/** The loopback address at both ends. */
export function withinLoopback(family: Family): Demands {
  if (family === 'ip')
    return [
      ['source', one(0x7f00_0001)],
      ['destination', one(0x7f00_0001)],
    ];
  return [
    ['source6', [1n, 2n]],
    ['destination6', [1n, 2n]],
  ];
}

/** A port that no service has. */
export const ANY_PORT = 45_678;

export function withPorts(source: number, destination: number): Demands {
  return [
    ['source port', one(source)],
    ['destination port', one(destination)],
  ];
}

export function isIcmp(family: Family, type: number, code?: number): Demands {
  const first = type * 256 + (code ?? 0);
  return [
    ['protocol', one(family === 'ip' ? 1 : 58)],
    ['icmp type', code === undefined ? [first, first + 256] : one(first)],
    ['fragment', [0, 1]],
  ];
}

/** What may become of packets of these values in a chain. */
export function outcomesOf({ context }: FilterTable, chain: Chain, ...demands: readonly Demands[]): Outcomes {
  return outcomesIn(context, chain, packetsWith(demands.flat()));
}
