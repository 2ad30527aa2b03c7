/** What targets do to a packet, as far as later rules can see it. */

import dnat from '../../extensions/targets/dnat.js';
import mark, { changeOfMark } from '../../extensions/targets/mark.js';
import ct from '../../extensions/targets/ct.js';
import redirect from '../../extensions/targets/redirect.js';
import { without } from '../../extensions/values/mark.js';
import type { NatPorts } from '../../extensions/values/nat-range.js';
import { givenTo, type Use } from '../../iptables/command.js';
import type { SimulatedVerdict } from '../packet.js';
import type { PacketInRules } from './plain-matches.js';

/** What a target does. `accepted` ends the way through the table, not through the host; `next`: the next rule sees the packet. */
export type TargetAnswer =
  | { readonly kind: 'ends'; readonly verdict: SimulatedVerdict; readonly packet: PacketInRules }
  | { readonly kind: 'next'; readonly packet: PacketInRules }
  | { readonly kind: 'returns' };

/** Targets that change nothing any match of this simulator looks at. */
const HARMLESS: ReadonlySet<string> = new Set([
  'LOG',
  'NFLOG',
  'ULOG',
  'TRACE',
  'AUDIT',
  'CHECKSUM',
  'CLASSIFY',
  'DSCP',
  'ECN',
  'TOS',
  'TCPMSS',
  'TCPOPTSTRIP',
  'TEE',
  'LED',
  'IDLETIMER',
  'RATEEST',
  'SET',
  'SECMARK',
  'CONNSECMARK',
]);

/** Runs a target of a rule. */
export function runTarget(use: Use, packet: PacketInRules): TargetAnswer {
  const { name } = use.extension;
  const next = (change: Partial<PacketInRules> = {}): TargetAnswer => ({ kind: 'next', packet: { ...packet, ...change } });
  const ends = (verdict: SimulatedVerdict, change: Partial<PacketInRules> = {}): TargetAnswer => ({
    kind: 'ends',
    verdict,
    packet: { ...packet, ...change },
  });
  if (HARMLESS.has(name)) return next();
  switch (name) {
    case 'ACCEPT':
      return ends('accepted');
    case 'DROP':
      return ends('dropped');
    case 'REJECT':
      return ends('refused');
    case 'RETURN':
      return { kind: 'returns' };
    case 'MARK':
      return next({ mark: markedBy(use, packet.mark) });
    // What the connection's mark is, is not known.
    case 'CONNMARK':
      return next('restore-mark' in use.given ? { mark: undefined } : {});
    case 'HMARK':
      return next({ mark: undefined });
    case 'TTL':
    case 'HL':
      return next({ ttl: undefined });
    case 'NOTRACK':
      return next({ state: 'UNTRACKED' });
    case 'CT':
      return next(givenTo(use, ct)?.notrack === undefined ? {} : { state: 'UNTRACKED' });
    case 'SNAT':
    case 'MASQUERADE':
      return ends('accepted', { source: undefined, portsUnknown: true, isTranslated: true });
    case 'DNAT':
      return ends('accepted', { ...destinationBy(use, packet), isTranslated: true });
    case 'REDIRECT':
      return ends('accepted', { destination: undefined, isTranslated: true, ...portBy(givenTo(use, redirect)?.['to-ports']?.value, packet) });
    default:
      return use.extension.kind === 'target' && use.extension.flow === 'continues' ? next({ mark: undefined }) : ends('unknown');
  }
}

function markedBy(use: Use, before: number | undefined): number | undefined {
  const given = givenTo(use, mark);
  if (given === undefined || use.unsettled.length > 0) return undefined;
  const { value, mask } = changeOfMark(given);
  if (before === undefined) return mask === 0xffffffff ? value : undefined;
  return (without(before, mask) ^ value) >>> 0;
}

function destinationBy(use: Use, packet: PacketInRules): Partial<PacketInRules> {
  const to = givenTo(use, dnat)?.['to-destination']?.value;
  if (to === undefined) return { destination: undefined, portsUnknown: true };
  const { addresses, ports } = to;
  const port = portBy(ports, packet);
  if (addresses === undefined) return port;
  if (addresses.from !== addresses.to) return { destination: undefined, ...port };
  return { destination: typeof packet.destination === 'bigint' ? addresses.from : Number(addresses.from), ...port };
}

/** The port a packet is sent on to, if it is only one. */
function portBy(ports: NatPorts | undefined, packet: PacketInRules): Partial<PacketInRules> {
  if (ports === undefined) return {};
  return ports.from === ports.to && ports.base === undefined && packet.destinationPort !== undefined
    ? { destinationPort: ports.from }
    : { portsUnknown: true };
}
