/** What the matches of transport protocols share: ports in saved rules, and ports in nft. */

import { match, payload } from '../../nft/build.js';
import type { PayloadProtocol, Statement } from '../../nft/ir.js';
import type { Given } from '../define.js';
import { portExpr, type PortRange } from './port-range.js';

/** `--sport` and `--dport` of one use. */
export interface Ports {
  readonly 'source-port'?: Given<PortRange>;
  readonly 'destination-port'?: Given<PortRange>;
}

const SIDES = [
  { option: 'source-port', spelling: '--sport', field: 'sport' },
  { option: 'destination-port', spelling: '--dport', field: 'dport' },
] as const;

const isAnyPort = (ports: PortRange): boolean => ports.from === 0 && ports.to === 65535;
const isNoPort = (ports: PortRange): boolean => ports.from > ports.to;

/**
 * The words iptables-save prints: none for a range of all ports. (iptables up to 1.8.9 also leave out a negated one, which makes another
 * rule of it when the dump is loaded again; 1.8.11 prints it.)
 */
export function printPorts(given: Ports): readonly string[] {
  return printSides(given, ({ value, negated }) => !isAnyPort(value) || negated);
}

/** The words where a range of all ports is printed as well. */
export function printPortsAsGiven(given: Ports): readonly string[] {
  return printSides(given, () => true);
}

function printSides(given: Ports, isPrinted: (ports: Given<PortRange>) => boolean): readonly string[] {
  const words: string[] = [];
  for (const { option, spelling } of SIDES) {
    const ports = given[option];
    if (ports === undefined || !isPrinted(ports)) continue;
    const { from, to } = ports.value;
    words.push(...(ports.negated ? ['!'] : []), spelling, from === to ? String(from) : `${String(from)}:${String(to)}`);
  }
  return words;
}

/** Statements that compare the ports, or why no packet can pass them. */
export function lowerPorts(given: Ports, protocol: PayloadProtocol): readonly Statement[] | { readonly never: string } {
  const statements: Statement[] = [];
  for (const { option, spelling, field } of SIDES) {
    const ports = given[option];
    if (ports === undefined) continue;
    const { value, negated } = ports;
    if (isAnyPort(value) && negated) return { never: `\`! ${spelling}\` with all ports leaves none` };
    if (isNoPort(value) && !negated) return { never: `the range of \`${spelling}\` ends before it begins and holds no port` };
    if (isAnyPort(value) || isNoPort(value)) continue;
    statements.push(match(payload(protocol, field), portExpr(value), negated));
  }
  return statements;
}
